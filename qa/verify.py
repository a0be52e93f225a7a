"""Draft claims + Evidence -> Claims: each statement is checked against its sentences before anyone sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index.article import Sentence
from qa.answer import Citation
from qa.faithful import completed, novel_words, strays
from qa.generate import Generator
from qa.locks import unlent, unlocked
from qa.measures import mismeasured
from qa.prompt import check_prompt, stated
from qa.relations import takes_possession
from qa.sources import Sources

# A claim stands if the model finds it in its sentence with at least these log-odds, and a further sentence is cited for
# it only if surer still: a wrong citation costs more than a missing one. A word the sentence does not have is the
# question's or the model's own, and what is wrong hangs on such words: of 140 claims read by hand, two of the 104
# without any were wrong, two of the 21 with one, and nine of the 15 with more. NOVEL stops six of these nine, and two
# good ones.
STANDS = 0.0
NOVEL = 0.9  # more for each word but one that the sentence does not have
ALSO_CITED = 1.0


class Citations:
    """Gives each distinct sentence of an answer its number, in order of first mention."""

    def __init__(self) -> None:
        self._numbered: dict[tuple[str, int], Citation] = {}

    def of(self, sentences: Sequence[Sentence]) -> tuple[Citation, ...]:
        """The citations of some sentences, new ones numbered on."""
        return tuple(self._numbered.setdefault(s.key, Citation(s, len(self._numbered) + 1)) for s in sentences)


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft after its check: which of the sentences say it, and how surely; none if it may not stand."""

    sentences: tuple[Sentence, ...]
    support: float
    problem: str | None = None


def check(
    draft: str, source: Sentence, others: Sequence[Sentence], *, sources: Sources, generator: Generator
) -> Checked:
    """Check what the model wrote from one sentence, and find the other sentences that say it too.

    Args:
        draft: The model's statement.
        source: The sentence it was written from.
        others: Further sentences that answer the question.
        sources: The question, and what its sentences are shown with.
        generator: The model, asked whether each sentence says it.

    Returns:
        The sentences that say it, the source first; empty with the problem where the draft must not be shown.
    """
    problem = _problem(draft, source, sources)
    if problem:
        return Checked((), 0.0, problem)
    texts = [sources.around(source), *(sources.shown(s) for s in others)]
    statement = completed(draft, sources.asked(source.article))
    odds = generator.judge(check_prompt(), [stated(statement, text) for text in texts])
    novel = set(novel_words(draft, texts[0], known=sources.stated(source)))
    if odds[0] < STANDS + NOVEL * max(0, len(novel) - 1):
        return Checked((), _probability(odds[0]), "its source does not say so")
    further = [s for s, o in zip(others, odds[1:], strict=True) if o >= ALSO_CITED]
    also = [s for s in further if not _problem(draft, s, sources)]
    return Checked((source, *also), _probability(odds[0]))


def _problem(draft: str, sentence: Sentence, sources: Sources) -> str | None:
    """Why a draft may not cite a sentence, as far as words can tell."""
    lending = sources.lending(sentence)
    return (
        unlocked(draft, sources=sentence.text, known=lending)
        or _of_another(draft, f"{sentence.text} {lending}", sources.asked(sentence.article))
        or strays(draft, sources.around(sentence), known=sources.stated(sentence), said_by=sources.said_by(sentence))
        or takes_possession(draft, sentence.text)
        or mismeasured(draft, sources.around(sentence))
    )


def _of_another(draft: str, lent: str, question: str) -> str | None:
    """Why a draft that is no statement by itself ('In 1696.') may be of somebody else than the question is.

    It says of whom the question names, so that those names have to be near its sentence too; not the word the question
    begins with, which has a capital whatever it is.
    """
    asked = question.partition(" ")[2]
    name = None if completed(draft, question) == draft else unlent(asked, lent)
    return f"“{name}” of the question is not in its source" if name else None


def _probability(log_odds: float) -> float:
    return float(1.0 / (1.0 + np.exp(-log_odds)))
