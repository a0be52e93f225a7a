"""Replies of an OpenAI-compatible server -> what citewell reads from them (pure).

A reply that is not as it should be raises KeyError, IndexError, TypeError, ValueError or AttributeError, whichever it
comes to; `RemoteGenerator` turns them into one line for the user.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
_UNLISTED = -10.0  # log-odds of Yes where the reply would begin with neither word


class NoLogprobsError(Exception):
    """A reply holds no log-probabilities."""


@dataclass(frozen=True, slots=True)
class First:
    """What a reply would begin with.

    Attributes:
        tokens: The likeliest first tokens with their log-probabilities; words may occur more than once.
        prompt: The prompt's tokens with their log-probabilities, empty where the server gives none.
    """

    tokens: tuple[tuple[str, float], ...]
    prompt: tuple[tuple[str, float], ...]

    @property
    def yes_over_no(self) -> float:
        """Log-odds of Yes over No; a word that is not listed counts as likely as the last that is."""
        if not any(token.strip().lower() in ("yes", "no") for token, _ in self.tokens):
            return _UNLISTED
        return self._log_chance(lambda token: token.lower() == "yes") - self._log_chance(
            lambda token: token.lower() == "no"
        )

    def willing(self, refusal: str) -> float:
        """Log-odds that the reply does not begin with the first word of a refusal."""
        word = refusal.split()[0]
        chance = self._log_chance(lambda token: token.startswith(word) and refusal.startswith(token))
        chance = min(chance, -1e-9)
        return math.log(-math.expm1(chance)) - chance

    def expected(self, part: str) -> float:
        """Log-likelihood of the tokens that a text takes at its last place in the prompt; 0 where there are none."""
        start = "".join(token for token, _ in self.prompt).rfind(part)
        total, at = 0.0, 0
        for token, chance in self.prompt:
            at += len(token)
            if start >= 0 and start < at and at - len(token) < start + len(part):
                total += chance
        return total

    def _log_chance(self, matches: Callable[[str], bool]) -> float:
        """Log-probability of the tokens that match; if none does, that of the least likely listed, which is more."""
        found = [chance for token, chance in self.tokens if matches(token.strip())]
        if not found:
            return min((chance for _, chance in self.tokens), default=_UNLISTED)
        top = max(found)
        return top + math.log(sum(math.exp(chance - top) for chance in found))


def first_of(reply: Json) -> First:
    """What a reply of one token would begin with.

    Args:
        reply: A chat completion with `logprobs`, maybe with vLLM's `prompt_logprobs`.

    Returns:
        The probabilities.

    Raises:
        NoLogprobsError: There are none.
    """
    logprobs = reply["choices"][0].get("logprobs")
    if not logprobs or logprobs.get("content") is None:
        raise NoLogprobsError
    tokens = tuple((str(t["token"]), _log(t["logprob"])) for t in _top(logprobs["content"]))
    if tokens and max(tokens, key=lambda t: t[1])[0].startswith("<think"):
        raise ValueError("it thinks before it replies, which has to be turned off")
    prompt = (next(iter(place.values())) for place in reply.get("prompt_logprobs") or () if place)
    return First(tokens, tuple((str(t["decoded_token"] or ""), _log(t["logprob"])) for t in prompt))


def piece_of(event: Json) -> str:
    """The text that an event of a streamed chat completion adds."""
    return "".join(str(choice["delta"].get("content") or "") for choice in event["choices"])


def prompt_tokens_of(reply: Json) -> int:
    """How many tokens a chat completion's prompt had."""
    return int(reply["usage"]["prompt_tokens"])


def names_of(reply: Json) -> list[str]:
    """The names in a list of models."""
    return [str(model["id"]) for model in reply["data"]]


def _top(content: Sequence[Json]) -> Sequence[Json]:
    """The likeliest tokens of the first place; none where the model ends its reply at once."""
    if not content:
        return ()
    top: Sequence[Json] | None = content[0].get("top_logprobs")
    if not top:
        raise NoLogprobsError
    return top


def _log(value: object) -> float:
    """A log-probability; servers write those of the impossible as -inf or -9999."""
    if not isinstance(value, int | float):
        raise TypeError(f"a log-probability {value!r}")
    number = float(value)
    if math.isnan(number) or number > 1e-3:
        raise ValueError(f"a log-probability of {number}")
    return max(number, -1e4)
