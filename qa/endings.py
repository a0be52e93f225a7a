"""Endings: texts tried after one prompt, in groups that fit one call of the model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.errors import PromptTooLongError
from qa.states import States

Logits = npt.NDArray[np.float32]
MOST = 31  # at once


@dataclass(frozen=True, slots=True)
class Ending:
    """Tokens that may follow a prompt.

    Attributes:
        tokens: At least one.
        scored: Indices into tokens, from 1, of those whose likelihood is wanted.
        kept: How many of the first tokens are worth keeping read, fewer than all and than any scored index: they will
            follow the same prompt again.
    """

    tokens: tuple[int, ...]
    scored: range = range(0)
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Branched:
    """What the model makes of an ending: log-likelihood of the scored tokens, and the logits of what follows."""

    log_likelihood: float
    logits: Logits
    state: States | None = None  # of its last token, where a layer is watched


def log_sum_exp(logits: Logits) -> float:
    """log(sum(exp(logits))), without overflow; what turns a logit into a log-probability."""
    top = float(logits.max())
    return top + float(np.log(np.exp(logits - top).sum()))


def groups(endings: Sequence[Ending], room: int) -> Iterable[list[Ending]]:
    """Endings in groups of at most `room` tokens, and MOST."""
    group: list[Ending] = []
    for ending in endings:
        if len(ending.tokens) > room:
            raise PromptTooLongError(f"a sentence of {len(ending.tokens)} tokens does not fit the model's context")
        if sum(len(e.tokens) for e in [*group, ending]) > room or len(group) == MOST:
            yield group
            group = []
        group.append(ending)
    if group:
        yield group
