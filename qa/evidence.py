"""Hits -> Evidence: how surely each sentence answers the question, and whether any does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index.article import Hit, Sentence
from index.load import plain_text
from qa.generate import Generator
from qa.prompt import judge_messages

# The model's log-odds that a sentence answers, plus this much of its retrieval score.
RETRIEVAL_WEIGHT = 1.5


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence the model was shown; `score` above the answer threshold means that it states the answer."""

    hit: Hit
    log_odds: float
    score: float

    @property
    def sentence(self) -> Sentence:
        """The sentence itself."""
        return self.hit.sentence


def weigh(question: str, hits: Sequence[Hit], generator: Generator) -> tuple[Evidence, ...]:
    """Let the model judge each sentence against the question.

    Args:
        question: A whole question.
        hits: What retrieval found, best first.
        generator: The language model.

    Returns:
        The same sentences, surest first; ties keep the order of retrieval.
    """
    log_odds = generator.judge(judge_messages(question), [plain_text(hit.sentence.text) for hit in hits])
    weighed = (Evidence(hit, odds, odds + RETRIEVAL_WEIGHT * hit.score) for hit, odds in zip(hits, log_odds, strict=True))
    return tuple(sorted(weighed, key=lambda e: (-e.score, e.hit.rank)))
