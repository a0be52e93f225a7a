"""A question -> hits: what the index finds, set back where a sentence has no number or time, and one is asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from index.article import Hit
from index.passage_index import PassageIndex
from index.retrieve import READ
from qa.kinds import number_or_time_missing

# Taken off the retrieval score, in its unit, from a sentence without any number where the question asks how many, or
# without any time where it asks when. Of 1,299 questions of SQuAD, 974 have the gold sentence first without this, 978
# with 0.2, 979 with anything from 0.5 to 1.5; in none of the eight articles fewer than without. Where the model judges,
# it comes on top of LACKING in qa/evidence.py. To ask for a no to what is not so finds none more, and the wrong ones.
SET_BACK = 0.5


def find(index: PassageIndex, question: str, *, k: int, only: Collection[str] | None = None) -> tuple[Hit, ...]:
    """Find the sentences that best match a question, and may hold what it asks for.

    Args:
        index: What is searched.
        question: Any text.
        k: Most sentences to return; at least 1.
        only: Article ids to search; None for all.

    Returns:
        At most k hits, best first, ranks from 1; empty for an empty index.
    """
    return find_many(index, [question], k=k, only=only)[0]


def find_many(
    index: PassageIndex, questions: Sequence[str], *, k: int, only: Collection[str] | None = None
) -> list[tuple[Hit, ...]]:
    """As `find`, for many questions, whose words are embedded together."""
    found = index.search_many(questions, k=max(k, READ), only=only)
    return [_fitting(question, hits)[:k] for question, hits in zip(questions, found, strict=True)]


def ranked(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """Hits in the order of their scores, ties in order of the articles, ranked anew."""
    ordered = sorted(hits, key=lambda hit: (-hit.score, hit.sentence.key))
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate(ordered, 1))


def _fitting(question: str, hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Hits, those without a number or a time further down where the question asks for one."""
    return ranked(
        replace(hit, score=hit.score - SET_BACK * number_or_time_missing(question, hit.sentence.text)) for hit in hits
    )
