"""Hits -> Evidence: how surely each sentence answers the question, and whether any does.

Two looks at each sentence. The first is cheap and sees all of them: does it answer the question, yes or no? The second
sees the best few, with the instruction to answer or to refuse: how far is the model from refusing, by its probe if it
has one, and how much likelier does the sentence make the question itself? They err differently, so together they are
better than either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.article import Hit, Sentence
from index.load import plain_text
from qa.generate import Generator
from qa.kinds import lacks_answer
from qa.prompt import REFUSAL, answer_prompt, judge_prompt

# How much each part counts beside the first look's log-odds. Chosen on the development questions over seeds/, where the
# optimum is flat (docs/how-it-works.md gives the figures).
WILLING = 1.0  # log-odds against refusing, by the probe or by the reply's first token
EXPECTED = 0.1  # gain in log-likelihood of the question
RETRIEVED = 1.5  # retrieval score: ranks sentences, but says nothing of whether any of them answers
LACKING = 2.0  # taken off where the question asks for a number or a time and the sentence holds none
UNKNOWN_NAME = 1.0  # taken off for each name of the question that stands nowhere in the articles asked


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence the model was shown.

    Attributes:
        hit: The sentence, with its retrieval score.
        stated: How surely it states the answer, a sum of log-odds; what decides whether the question is answered.
    """

    hit: Hit
    stated: float

    @property
    def sentence(self) -> Sentence:
        """The sentence itself."""
        return self.hit.sentence

    @property
    def score(self) -> float:
        """What ranks sentences against each other."""
        return self.stated + RETRIEVED * self.hit.score


def weigh(
    question: str,
    hits: Sequence[Hit],
    generator: Generator,
    *,
    shown: Callable[[Sentence], str],
    closely: int,
    unknown_names: int = 0,
) -> tuple[Evidence, ...]:
    """Let the model judge each sentence against the question.

    Args:
        question: A whole question.
        hits: What retrieval found, best first.
        generator: The language model.
        shown: A sentence as the model is to read it.
        closely: How many of the best get the second look; the others are out.
        unknown_names: How many names of the question stand nowhere in the articles.

    Returns:
        Those sentences, surest first; ties keep the order of retrieval.
    """
    if not hits:
        return ()
    odds = generator.judge(judge_prompt(question), [shown(hit.sentence) for hit in hits])
    less = [LACKING * lacks_answer(question, hit.sentence.text) for hit in hits]
    first = sorted((Evidence(h, yes - off) for h, yes, off in zip(hits, odds, less, strict=True)), key=_surest)[
        :closely
    ]
    # The last readings are of no source at all: how likely the question is by itself, or after a name it holds.
    shows = [shown(e.sentence) for e in first]
    opening = [text[: len(text) - len(plain_text(e.sentence.text))] for text, e in zip(shows, first, strict=True)]
    nothing = {start: f"{start}…" for start in opening}
    read = [*shows, *nothing.values()]
    readings = generator.read_each([answer_prompt(question, text) for text in read], refusal=REFUSAL)
    alone = dict(zip(nothing, (r.expected for r in readings[len(shows) :]), strict=True))
    second = (
        Evidence(
            e.hit,
            e.stated
            + WILLING * reading.willing
            + EXPECTED * (reading.expected - alone[start])
            - UNKNOWN_NAME * unknown_names,
        )
        for e, reading, start in zip(first, readings[: len(shows)], opening, strict=True)
    )
    return tuple(sorted(second, key=_surest))


def _surest(evidence: Evidence) -> tuple[float, int]:
    return -evidence.score, evidence.hit.rank
