"""Retrieval by itself: where the gold sentences stand among the sentences retrieved. RR and nDCG by ir-measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TypedDict, cast

from index.article import Sentence
from index.errors import SettingsError
from qa.metrics import normalise, same_text, set_recall
from qa.questions import Question

DEPTH = 10  # sentences asked of retrieval for each question
Key = tuple[str, int]  # article id, sentence number


class RankedDict(TypedDict):
    """A Ranked in JSON."""

    r_at_1: float
    r_at_5: float
    r_at_10: float
    rr: float
    ndcg: float
    first: int | None
    findable: bool


@dataclass(frozen=True, slots=True)
class Ranked:
    """How well one question's sentences were found, each 0..1.

    Attributes:
        r_at_1: Share of the required sets with a sentence in the first place.
        r_at_5: The same among the first 5.
        r_at_10: The same among the first 10.
        rr: 1 / the place of the first required sentence, 0 if it is not among DEPTH.
        ndcg: nDCG@10 with every sentence of a required set worth 1.
        first: Place of the first required sentence, from 1; None if it is not among DEPTH.
        findable: Each required set has a sentence in the index, as its own splitting goes.
    """

    r_at_1: float
    r_at_5: float
    r_at_10: float
    rr: float
    ndcg: float
    first: int | None
    findable: bool

    def to_dict(self) -> RankedDict:
        """The scores as plain JSON values."""
        return cast(RankedDict, asdict(self))


def gold_keys(question: Question, sentences: Mapping[str, Sequence[tuple[int, str]]]) -> tuple[frozenset[Key], ...]:
    """The index's own sentences that satisfy each required set.

    Args:
        question: With gold sentences as the question file has them.
        sentences: `comparable` sentences of each article, by its id.

    Returns:
        One set of keys per required set; an empty one cannot be found by any retrieval.
    """
    matching = []
    for quote in question.gold:
        wanted = normalise(quote.text)
        own = sentences.get(quote.article, ())
        matching.append({(quote.article, number) for number, text in own if same_text(text, wanted)})
    return tuple(frozenset(key for n in choices for key in matching[n]) for choices in question.required)


def comparable(sentences: Sequence[Sentence]) -> tuple[tuple[int, str], ...]:
    """Numbers and normalised texts of an article's sentences: normalising once pays for thousands of questions."""
    return tuple((sentence.number, normalise(sentence.text)) for sentence in sentences)


def score_rankings(
    rankings: Mapping[str, Sequence[Key]], wanted: Mapping[str, Sequence[frozenset[Key]]]
) -> dict[str, Ranked]:
    """Score every question's retrieved sentences.

    Args:
        rankings: Question id -> keys as retrieved, best first, each once.
        wanted: Question id -> `gold_keys`; at least one set.

    Returns:
        Question id -> its scores.

    Raises:
        SettingsError: ir-measures is not installed.
    """
    try:
        from ir_measures import RR, nDCG
        from ir_measures import iter_calc as score_each
    except ModuleNotFoundError as error:
        raise SettingsError("measuring retrieval needs ir-measures: pip install 'citewell[eval]'") from error
    relevant = {id_: {_name(key): 1 for keys in wanted[id_] for key in keys} for id_ in rankings}
    retrieved = {
        id_: {_name(key): float(-place) for place, key in enumerate(ranking)} for id_, ranking in rankings.items()
    }
    judged = {id_: names for id_, names in relevant.items() if names}
    scores = {
        (metric.query_id, str(metric.measure)): float(metric.value)
        for metric in score_each([RR @ DEPTH, nDCG @ DEPTH], judged, {id_: retrieved[id_] for id_ in judged})
    }
    return {
        id_: _ranked(
            ranking, wanted[id_], rr=scores.get((id_, f"RR@{DEPTH}"), 0.0), ndcg=scores.get((id_, f"nDCG@{DEPTH}"), 0.0)
        )
        for id_, ranking in rankings.items()
    }


def _ranked(ranking: Sequence[Key], wanted: Sequence[frozenset[Key]], *, rr: float, ndcg: float) -> Ranked:
    """The library's scores with the recall of required sets beside them."""
    recall = {k: set_recall(ranking, wanted, k=k) or 0.0 for k in (1, 5, 10)}
    keys = frozenset[Key]().union(*wanted)
    return Ranked(
        r_at_1=recall[1],
        r_at_5=recall[5],
        r_at_10=recall[10],
        rr=rr,
        ndcg=ndcg,
        first=next((place for place, key in enumerate(ranking[:DEPTH], start=1) if key in keys), None),
        findable=all(wanted),
    )


def _name(key: Key) -> str:
    """A key as ir-measures takes it."""
    return f"{key[1]}@{key[0]}"
