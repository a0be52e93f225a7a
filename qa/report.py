"""Results -> report.json: the headline figures, every figure with its interval, and every question with its verdict."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict, cast

from index.errors import QuestionError
from qa.answer import AnswerDict
from qa.answers import Scored
from qa.figures import MEASURES, RETRIEVAL, Table, latencies, tabulate, token_counts
from qa.questions import parse_object, read_text
from qa.ranking import RankedDict
from qa.scores import Result, VerdictDict

FORMAT = 1  # of report.json
HEADLINES = ("correct", "cite_precision", "cite_recall", "declined_right", "declined_wrong", "all_positions")


class ResultDict(TypedDict):
    """A question, its answer and the verdict in report.json."""

    id: str
    chat: str | None
    turn: int
    type: str
    question: str
    answers: list[str]
    gold: list[dict[str, str]]
    required: list[list[int]]
    must_contain: list[list[str]]
    answer: AnswerDict | None
    error: str | None
    verdict: VerdictDict | None
    retrieval: RankedDict | None


class FigureChange(TypedDict):
    """A figure then and now."""

    part: str  # "questions", "chats" or "retrieval"
    group: str
    measure: str
    old: float
    new: float


class QuestionChange(TypedDict):
    """A question whose verdict changed: what was wrong then, and what is now; nothing stands for all well."""

    id: str
    question: str
    old: list[str]
    new: list[str]


class ComparisonDict(TypedDict):
    """What became better or worse since an earlier report; questions in the order of the new one."""

    date: str
    figures: list[FigureChange]
    better: list[QuestionChange]
    worse: list[QuestionChange]
    otherwise: list[QuestionChange]  # as right as before, with other faults
    only_old: list[str]
    only_new: list[str]


class ReportDict(TypedDict):
    """report.json: the headline figures as plain numbers, then all of them with intervals, then every question."""

    format: int
    correct: float | None
    cite_precision: float | None
    cite_recall: float | None
    declined_right: float | None
    declined_wrong: float | None
    all_positions: float | None
    questions: Table
    chats: Table
    retrieval: Table
    latency_s: dict[str, dict[str, float]]
    tokens: dict[str, dict[str, float]]
    about: dict[str, object]
    missing: list[str]
    compared: ComparisonDict | None
    results: list[ResultDict]


def build_report(scored: Scored, about: dict[str, object]) -> ReportDict:
    """Put everything measured into one JSON value.

    Args:
        scored: The results.
        about: Under which conditions, see `qa.about`.

    Returns:
        The report. Its headline figures are of the questions on their own, or of the turns if there are none.
    """
    judged = [result for result in scored.results if result.verdict is not None]
    questions = tabulate([result for result in judged if result.question.chat is None], MEASURES)
    chats = tabulate([result for result in judged if result.question.chat is not None], MEASURES)
    first = (questions or chats).get("all", {})
    headline = {key: first[key]["value"] if key in first else None for key in HEADLINES}
    return ReportDict(
        format=FORMAT,
        correct=headline["correct"],
        cite_precision=headline["cite_precision"],
        cite_recall=headline["cite_recall"],
        declined_right=headline["declined_right"],
        declined_wrong=headline["declined_wrong"],
        all_positions=headline["all_positions"],
        questions=questions,
        chats=chats,
        retrieval=tabulate([result for result in scored.results if result.ranked is not None], RETRIEVAL),
        latency_s=latencies(judged),
        tokens=token_counts(judged),
        about=about,
        missing=list(scored.missing),
        compared=None,
        results=[result_dict(result) for result in scored.results],
    )


def result_dict(result: Result) -> ResultDict:
    """A result as plain JSON values."""
    question = result.question
    return ResultDict(
        id=question.id,
        chat=question.chat,
        turn=question.turn,
        type=question.type,
        question=question.question,
        answers=list(question.answers),
        gold=[{"article": quote.article, "sentence": quote.text} for quote in question.gold],
        required=[list(choices) for choices in question.required],
        must_contain=[list(group) for group in question.must_contain],
        answer=result.answer,
        error=result.error,
        verdict=None if result.verdict is None else result.verdict.to_dict(),
        retrieval=None if result.ranked is None else result.ranked.to_dict(),
    )


def load_report(path: Path) -> ReportDict:
    """Read a report.json that an earlier run wrote.

    Args:
        path: The file.

    Returns:
        The report.

    Raises:
        QuestionError: The file cannot be read, or is no report of this format.
    """
    values = parse_object(str(path), read_text(path))
    if values.get("format") != FORMAT or not isinstance(values.get("results"), list):
        raise QuestionError(f"{path}: no report.json of format {FORMAT}; wanted one that `citewell eval` wrote")
    return cast(ReportDict, values)
