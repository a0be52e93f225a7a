"""A file of answers, as `citewell ask --questions` writes it, read back to be scored without any model.

Another program's answers can be scored too: of each answer only `id`, `text` and `citations` (`article` and `text`)
are needed; the rest has defaults.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from index.errors import QuestionError
from qa.answer import AnswerDict, CitationDict, ClaimDict
from qa.questions import QuestionSet, Record, parse_object, read_text
from qa.scores import Result, judge


@dataclass(frozen=True, slots=True)
class Scored:
    """Results, and the ids of questions that the file of answers has nothing for (they count in no figure)."""

    results: tuple[Result, ...]
    missing: tuple[str, ...] = ()


def score_answers(questions: QuestionSet, path: Path) -> Scored:
    """Judge the answers in a file.

    Args:
        questions: What was asked.
        path: JSONL: `Answer.to_dict()` with the question's id, `{id, turns: [answers]}` for a conversation, or
            `{id, error}`. Answers to other questions are passed over.

    Returns:
        A result for each question that has an answer, in the order of the questions.

    Raises:
        QuestionError: The file cannot be read, a line is not as wanted, or none of the questions is answered.
    """
    answers = _read_answers(path)
    results = []
    for question in questions.all:
        if question.id in answers:
            answer = answers[question.id]
            error = answer if isinstance(answer, str) else None
            given = None if isinstance(answer, str) else answer
            results.append(Result(question, given, judge(question, given), error=error))
    if not results:
        raise QuestionError(f"{path}: none of the {len(questions.all)} questions is answered in it; compare the ids")
    found = {result.question.id for result in results}
    return Scored(tuple(results), tuple(question.id for question in questions.all if question.id not in found))


def _read_answers(path: Path) -> dict[str, AnswerDict | str]:
    """Question or turn id -> its answer, or the error in place of one; of two lines with one id the later counts."""
    answers: dict[str, AnswerDict | str] = {}
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        record = Record(where, parse_object(where, line))
        id_ = record.text("id")
        if "turns" in record.values:
            answers |= {f"{id_}#{n}": _answer(turn) for n, turn in enumerate(record.objects("turns"), start=1)}
        else:
            answers[id_] = _answer(record)
    return answers


def _answer(record: Record) -> AnswerDict | str:
    """An answer, with defaults for what a scorer can do without; or why there is none."""
    if "error" in record.values:
        return record.text("error", "failed")
    citations: list[CitationDict] = [_citation(item, number) for number, item in _numbered(record, "citations")]
    claims = [_claim(item) for item in record.objects("claims")]
    numbers = {citation["number"] for citation in citations}
    if not all(numbers.issuperset(claim["citations"]) for claim in claims):
        raise record.fail("claims", "citations that are numbers of the answer's own citations")
    timings = record.values.get("timings_s", {})
    model = record.values.get("model", {})
    return cast(
        AnswerDict,
        {
            **record.values,
            "question": record.text("question", ""),
            "declined": record.values.get("declined") is True,
            "text": record.text("text", ""),
            "claims": claims,
            "citations": citations,
            "nearest": record.items("nearest"),
            "timings_s": timings if isinstance(timings, dict) else {},
            "model": model if isinstance(model, dict) else {},
        },
    )


def _numbered(record: Record, key: str) -> list[tuple[int, Record]]:
    """Objects of a list with their places from 1."""
    return list(enumerate(record.objects(key), start=1))


def _citation(record: Record, place: int) -> CitationDict:
    """A citation; its number defaults to its place."""
    number = record.values.get("number", place)
    if not isinstance(number, int):
        raise record.fail("number", "a whole number")
    given = {"number": number, "article": record.text("article"), "text": record.text("text")}
    return cast(CitationDict, {**record.values, **given})


def _claim(record: Record) -> ClaimDict:
    """A claim with its text, its citations' numbers, and whether it is verbatim."""
    citations = [number for number in record.items("citations") if isinstance(number, int)]
    given = {"text": record.text("text"), "verbatim": record.values.get("verbatim") is True, "citations": citations}
    return cast(ClaimDict, {**record.values, **given})
