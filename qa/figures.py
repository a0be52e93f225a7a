"""Verdicts -> figures: each a mean over questions with a bootstrap interval, for all questions and for each type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TypedDict

from qa.metrics import Figure, balanced_figure, mean_figure, percentiles
from qa.questions import TYPES
from qa.scores import SHORT_CLAIM_WORDS, Result, Verdict

STAGES = ("retrieve", "first_quote", "first_claim", "total")
PERCENTS = {"p50": 50, "p90": 90, "p95": 95, "max": 100}


class FigureDict(TypedDict):
    """A figure in JSON: the mean, its 95 % interval, and how many values it is the mean of."""

    value: float | None
    low: float | None
    high: float | None
    n: int


Table = dict[str, dict[str, FigureDict]]
"""Group of questions ("all", a type, "follow-up") -> name of a measure -> figure."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that is measured.

    Attributes:
        label: What a reader of the report sees.
        values: A result's values, of which the figure is the mean; empty where it has none.
        better: 1 if more is better, -1 if less is, 0 if neither.
        count: The figure is the sum, not the mean.
    """

    label: str
    values: Callable[[Result], Sequence[float]]
    better: int = 1
    count: bool = False


def _judged(values: Callable[[Verdict], float | None]) -> Callable[[Result], Sequence[float]]:
    """One value of a verdict, or none."""

    def read(result: Result) -> Sequence[float]:
        value = None if result.verdict is None else values(result.verdict)
        return () if value is None else (float(value),)

    return read


def _declined(*, answerable: bool) -> Callable[[Result], Sequence[float]]:
    """Whether it was declined, for the questions that may be answered or for those that may not."""
    read = _judged(lambda verdict: verdict.declined)
    return lambda result: read(result) if result.question.answerable is answerable else ()


def _claims(values: Callable[[Verdict], Iterable[float]]) -> Callable[[Result], Sequence[float]]:
    """One value per claim."""
    return lambda result: () if result.verdict is None else tuple(map(float, values(result.verdict)))


def _first(value: Callable[[Verdict], float]) -> Callable[[Result], Sequence[float]]:
    """Something about the first claim; only 'single' questions that got claims count."""
    read = _judged(lambda verdict: value(verdict) if verdict.verbatim else None)
    return lambda result: read(result) if result.question.type == "single" else ()


def _ranked(name: str) -> Callable[[Result], Sequence[float]]:
    """One retrieval score."""
    return lambda result: () if result.ranked is None else (float(getattr(result.ranked, name)),)


MEASURES: Mapping[str, Measure] = {
    "correct": Measure("Answerable, answered correctly", _judged(lambda v: v.correct)),
    "cite_precision": Measure("Citations, precision", _judged(lambda v: v.cite_precision)),
    "cite_recall": Measure("Citations, recall", _judged(lambda v: v.cite_recall)),
    "declined_right": Measure("Unanswerable, declined", _declined(answerable=False)),
    "declined_wrong": Measure("Answerable, declined", _declined(answerable=True), -1),
    "all_positions": Measure("Conflict, every position shown and cited", _judged(lambda v: v.all_positions)),
    "attribution": Measure("Attribution, the speaker named", _judged(lambda v: v.attributed)),
    "right": Measure("Answered correctly, or rightly declined", _judged(lambda v: v.right)),
    "article_precision": Measure("Cited articles, precision", _judged(lambda v: v.article_precision)),
    "article_recall": Measure("Cited articles, recall", _judged(lambda v: v.article_recall)),
    "verbatim": Measure("Claims that are an article's sentence", _claims(lambda v: v.verbatim), 0),
    "written": Measure("Claims in the model's words", _claims(lambda v: [not said for said in v.verbatim]), 0),
    "first_written": Measure("Single, first claim in the model's words", _first(lambda v: not v.verbatim[0])),
    "first_short": Measure(
        f"Single, first claim of {SHORT_CLAIM_WORDS} words or fewer",
        _first(lambda v: (v.first_words or 0) <= SHORT_CLAIM_WORDS),
    ),
    "loose_claims": Measure(
        "Claims with figures, dates or quotations not in their sentences",
        _claims(lambda v: [bool(words) for words in v.loose]),
        -1,
        count=True,
    ),
    "failed": Measure("Questions that failed", _judged(lambda v: v.failed), -1, count=True),
}
BALANCED = Measure("Declining, balanced accuracy", lambda _: ())  # two means at once: made by `tabulate` itself
RETRIEVAL: Mapping[str, Measure] = {
    "r_at_1": Measure("R@1", _ranked("r_at_1")),
    "r_at_5": Measure("R@5", _ranked("r_at_5")),
    "r_at_10": Measure("R@10", _ranked("r_at_10")),
    "mrr": Measure("MRR@10", _ranked("rr")),
    "ndcg_at_10": Measure("nDCG@10", _ranked("ndcg")),
}
LABELS: Mapping[str, Measure] = {**MEASURES, "balanced_declining": BALANCED, **RETRIEVAL}
"""Every measure by the key it has in report.json."""


def tabulate(results: Sequence[Result], measures: Mapping[str, Measure]) -> Table:
    """Every figure for all results, for each type of question, and for follow-ups.

    Args:
        results: Of questions on their own, or of conversations.
        measures: MEASURES or RETRIEVAL.

    Returns:
        The groups that have results; in each, every measure. Empty for no results.
    """
    groups = {"all": results}
    groups |= {type_: [result for result in results if result.question.type == type_] for type_ in TYPES}
    groups["follow-up"] = [result for result in results if result.question.turn > 0]
    table: Table = {}
    for name, group in groups.items():
        if group:
            table[name] = {key: _figure(group, measure) for key, measure in measures.items()}
            if "declined_right" in measures:
                right, wrong = (_units(group, measures[key]) for key in ("declined_right", "declined_wrong"))
                table[name]["balanced_declining"] = figure_dict(balanced_figure(right, wrong))
    return table


def _figure(results: Sequence[Result], measure: Measure) -> FigureDict:
    """One measure over one group."""
    units = _units(results, measure)
    if measure.count:
        n = sum(map(len, units))
        return {"value": sum(map(sum, units)) if n else None, "low": None, "high": None, "n": n}
    return figure_dict(mean_figure(units))


def _units(results: Sequence[Result], measure: Measure) -> list[list[float]]:
    """The values by question, or by whole conversation."""
    units: dict[str, list[float]] = {}
    for result in results:
        units.setdefault(result.question.unit, []).extend(measure.values(result))
    return list(units.values())


def figure_dict(figure: Figure) -> FigureDict:
    """A figure for JSON, to four places."""
    rounded = {key: round(value, 4) if isinstance(value, float) else value for key, value in asdict(figure).items()}
    return FigureDict(value=rounded["value"], low=rounded["low"], high=rounded["high"], n=figure.n)


def latencies(results: Sequence[Result]) -> dict[str, dict[str, float]]:
    """Percentiles of each stage's seconds from the call, for the answers that reached it."""
    table = {}
    for stage in STAGES:
        found = [result.answer["timings_s"].get(stage) for result in results if result.answer]
        seconds = [value for value in found if value is not None]
        if seconds:
            values = percentiles(seconds, tuple(PERCENTS.values()))
            table[stage] = {
                **{name: round(value, 3) for name, value in zip(PERCENTS, values, strict=True)},
                "n": len(seconds),
            }
    return table


def token_counts(results: Sequence[Result]) -> dict[str, dict[str, float]]:
    """Percentiles of the tokens read and written per answer, where answers tell (`tokens: {in, out}`)."""
    table: dict[str, dict[str, float]] = {}
    for way in ("in", "out"):
        counts = []
        for result in results:
            told: object = dict(result.answer or {}).get("tokens")
            if isinstance(told, dict) and isinstance(told.get(way), int):
                counts.append(told[way])
        if counts:
            values = percentiles(counts, tuple(PERCENTS.values()))
            table[way] = {**dict(zip(PERCENTS, values, strict=True)), "n": len(counts)}
    return table
