"""LlamaGrammar: a GBNF grammar that says which token may come next."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable

import numpy as np

from index.errors import GenerationError
from qa.endings import Logits
from qa.llama import LlamaContext


class LlamaGrammar:
    """A GBNF grammar at work on one reply: says which token it lets through."""

    def __init__(self, context: LlamaContext, grammar: str) -> None:
        """Start the grammar.

        Args:
            context: The model whose tokens are meant.
            grammar: GBNF; its start symbol is `root`.

        Raises:
            GenerationError: The grammar is malformed.
        """
        self._c = context._c
        self._sampler = self._c.llama_sampler_init_grammar(context._vocab, grammar.encode(), b"root")
        if not self._sampler:
            raise GenerationError("the grammar is malformed; please report this")

    def best(self, logits: Logits) -> int | None:
        """The likeliest token the grammar allows, None where it allows none."""
        likely = np.argpartition(-logits, 64)[:64]
        for candidates in (likely, np.arange(len(logits))):  # nearly always one of the likeliest is allowed
            chosen = self._best_of(logits, candidates)
            if chosen is not None:
                return chosen
        return None

    def accept(self, token: int) -> None:
        """Move on past a token that was written."""
        self._c.llama_sampler_accept(self._sampler, token)

    def close(self) -> None:
        """Free the grammar."""
        self._c.llama_sampler_free(self._sampler)

    def _best_of(self, logits: Logits, candidates: Iterable[int]) -> int | None:
        ids = [int(c) for c in candidates]
        data = (self._c.llama_token_data * len(ids))(*[(i, float(logits[i]), 0.0) for i in ids])
        array = self._c.llama_token_data_array(data=data, size=len(ids), selected=-1, sorted=False)
        self._c.llama_sampler_apply(self._sampler, ctypes.byref(array))
        best = max((data[i] for i in range(array.size)), key=lambda d: (d.logit, -d.id))
        return int(best.id) if np.isfinite(best.logit) else None
