"""What citewell asks of a language model: it judges (yes or no, with a degree) and it writes one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a prompt: role is system, user or assistant."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model is told.

    Attributes:
        fixed: Instructions and worked examples; read once and kept for every prompt that starts with them.
        last: The user's last message, in parts that are turned into tokens one by one, so that prompts with the same
            parts have the same tokens.
        probe: Which of the model's probes tells its reply to such prompts; None for what it says itself.
    """

    fixed: tuple[Message, ...]
    last: tuple[str, ...]
    probe: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model makes of a prompt before it writes anything.

    Attributes:
        willing: Log-odds that the model can answer: by its probe, else that the reply does not begin with the refusal.
        expected: Log-likelihood of the prompt's last part, given all before it.
    """

    willing: float
    expected: float


class Generator(Protocol):
    """What the rest of qa/ needs of a language model. It may be asked from several threads at once."""

    at_once: int  # how many answers it pays to work on at once
    sent_to: str  # the other machine that gets what it is asked; empty for a model on this one

    @property
    def name(self) -> str:
        """What answers call the model."""

    def has_probe(self, prompt: Prompt) -> bool:
        """Whether a probe tells its reply to such prompts, which what it says itself tells less well."""

    def judge(self, prompt: Prompt, endings: Sequence[str]) -> list[float]:
        """Log-odds of Yes over No as the reply, for each ending put at the end of the prompt."""

    def read_each(self, prompts: Sequence[Prompt], *, refusal: str) -> list[Reading]:
        """How willing the model is to answer each prompt, and how well it expected its last part."""

    def write(self, prompt: Prompt, *, grammar: str, max_tokens: int) -> str:
        """The likeliest reply that fits the grammar (GBNF)."""

    def prepare(self, prompts: Sequence[Prompt]) -> None:
        """Do now what the first of such prompts would have to wait for."""

    def count(self, text: str) -> int:
        """How many tokens a text takes."""
