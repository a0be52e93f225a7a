"""One answer against one question: the verdict, from which every figure is a mean. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TypedDict, cast

from qa import metrics
from qa.answer import AnswerDict
from qa.loose import loose_words
from qa.metrics import Quote
from qa.questions import Question
from qa.ranking import Ranked

SHORT_CLAIM_WORDS = 30  # a first claim of more words is no short answer


class VerdictDict(TypedDict):
    """A Verdict in JSON; its docstring says what each field is."""

    right: bool
    declined: bool
    correct: bool | None
    cite_precision: float | None
    cite_recall: float | None
    article_precision: float | None
    article_recall: float | None
    all_positions: bool | None
    attributed: bool | None
    verbatim: Sequence[bool]
    first_words: int | None
    loose: Sequence[Sequence[str]]
    missing_words: Sequence[int]
    missed: Sequence[int]
    wrong: Sequence[int]
    failed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an answer got right. None: the question does not ask for it, or there was nothing to judge.

    Attributes:
        right: Correct if answerable, declined if not.
        declined: The bot declined.
        correct: Answerable, not declined, and every group of words matched.
        cite_precision: Share of cited sentences that are gold.
        cite_recall: Share of required sets cited.
        article_precision: Share of cited articles that hold gold.
        article_recall: Share of required sets whose article is cited.
        all_positions: 'conflict' alone: every required set cited and every group of words matched.
        attributed: 'attribution' alone: every group of words, the speaker among them, matched.
        verbatim: For each claim, whether it is a sentence of the article itself.
        first_words: Words in the first claim; None without claims.
        loose: For each claim, figures, dates and quotations not in the sentences it cites.
        missing_words: Groups of words of which none was found.
        missed: Required sets of which no sentence was cited.
        wrong: Numbers of the citations that are no gold sentence.
        failed: There was no answer: counts as wrong, as not declined, and as citing nothing.
    """

    right: bool
    declined: bool
    correct: bool | None
    cite_precision: float | None
    cite_recall: float | None
    article_precision: float | None
    article_recall: float | None
    all_positions: bool | None
    attributed: bool | None
    verbatim: tuple[bool, ...] = ()
    first_words: int | None = None
    loose: tuple[tuple[str, ...], ...] = ()
    missing_words: tuple[int, ...] = ()
    missed: tuple[int, ...] = ()
    wrong: tuple[int, ...] = ()
    failed: bool = False

    def to_dict(self) -> VerdictDict:
        """The verdict as plain JSON values."""
        return cast(VerdictDict, asdict(self))


@dataclass(frozen=True, slots=True)
class Result:
    """A question, what came back, and the verdict.

    Attributes:
        question: What was asked.
        answer: The answer in JSON; None if asking failed, or retrieval alone was measured.
        verdict: How it was judged; None if retrieval alone was measured.
        ranked: How retrieval did; None if it was not asked, or nothing is required.
        error: Why asking failed.
    """

    question: Question
    answer: AnswerDict | None = None
    verdict: Verdict | None = None
    ranked: Ranked | None = None
    error: str | None = None


def judge(question: Question, answer: AnswerDict | None) -> Verdict:
    """Score one answer.

    Args:
        question: What was asked, and what is right.
        answer: `Answer.to_dict()`; None if asking failed.

    Returns:
        The verdict.
    """
    declined = answer is not None and answer["declined"]
    cited = _cited(answer)
    missing = metrics.unmatched_groups(spoken_text(answer), question.must_contain)
    missed = metrics.missed_sets(cited, question.gold, question.required)
    said = answer is not None and not declined and not missing
    return Verdict(
        right=said if question.answerable else declined,
        declined=declined,
        correct=said if question.answerable else None,
        cite_precision=metrics.cite_precision(cited, question.gold) if question.answerable else None,
        cite_recall=metrics.cite_recall(cited, question.gold, question.required) if question.answerable else None,
        article_precision=metrics.article_precision(cited, question.gold) if question.answerable else None,
        article_recall=metrics.article_recall(cited, question.gold, question.required) if question.answerable else None,
        all_positions=said and not missed if question.type == "conflict" else None,
        attributed=said if question.type == "attribution" else None,
        verbatim=tuple(claim["verbatim"] for claim in answer["claims"]) if answer else (),
        first_words=_first_words(answer),
        loose=_loose(answer),
        missing_words=missing if question.answerable else (),
        missed=missed if question.answerable else (),
        wrong=_wrong(answer, question.gold),
        failed=answer is None,
    )


def spoken_text(answer: AnswerDict | None) -> str:
    """The answer's text without its citation marks, so that the mark [4] is not taken for a figure."""
    if answer is None:
        return ""
    text = answer["text"]
    for citation in answer["citations"]:
        text = text.replace(f"[{citation['number']}]", "")
    return text


def _cited(answer: AnswerDict | None) -> list[Quote]:
    """The cited sentences."""
    return [Quote(citation["article"], citation["text"]) for citation in answer["citations"]] if answer else []


def _wrong(answer: AnswerDict | None, gold: Sequence[Quote]) -> tuple[int, ...]:
    """Numbers of the citations that match no gold sentence."""
    if answer is None:
        return ()
    return tuple(
        citation["number"]
        for citation in answer["citations"]
        if not any(metrics.same_sentence(Quote(citation["article"], citation["text"]), quote) for quote in gold)
    )


def _first_words(answer: AnswerDict | None) -> int | None:
    """How many words the first claim has."""
    return len(answer["claims"][0]["text"].split()) if answer and answer["claims"] else None


def _loose(answer: AnswerDict | None) -> tuple[tuple[str, ...], ...]:
    """For each claim, what stands in none of its sentences."""
    if answer is None:
        return ()
    texts = {citation["number"]: citation["text"] for citation in answer["citations"]}
    return tuple(loose_words(claim["text"], [texts[n] for n in claim["citations"]]) for claim in answer["claims"])
