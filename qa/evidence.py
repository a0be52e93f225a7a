"""Hits -> Evidence: how surely each sentence answers the question, and whether any does.

The model reads each sentence with the instruction to answer the question from it or to refuse: how far is it from
refusing, by its probe, and how much likelier does the sentence make the question itself? The second tells which
sentence is asked for; whether that one answers is for the probe alone to say, because a question that is off by a word
is as likely by the sentence as a good one. A model without a probe hardly ever refuses, so it is asked for a yes or a
no besides, and all three decide: they err differently.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from index.article import Article, Hit, Sentence
from index.lexical import mentions
from index.load import plain_text
from qa.descriptions import described, describes
from qa.generate import Generator
from qa.kinds import kind_missing
from qa.locks import figures
from qa.prompt import REFUSAL, answer_prompt, judge_prompt

# How much each part counts beside the log-odds against refusing, and of a yes. Chosen on the development questions over
# seeds/, where the optimum is flat (docs/how-it-works.md gives the figures).
EXPECTED = 0.1  # gain in log-likelihood of the question
TYPICAL = 12.0  # the gain put in its place where the probe decides, so that one threshold fits models with and without
RETRIEVED = 1.5  # retrieval score: ranks sentences, but says nothing of whether any of them answers
LACKING = 2.0  # taken off where the question asks for a number or a time and the sentence holds none
DESCRIBING = 4.0  # added where the question wants something described, and the sentence says in passing what it is
UNPROBED = 0.2  # added where no probe tells, so that the same thresholds decide: their scale is the probe's
UNKNOWN_NAME = 1.0  # taken off for each name of the question that stands nowhere in the articles asked
# Taken off where a name of the question stands nowhere in the sentence's article, and another found has them all.
# Of 24 questions of SQuAD with a name that only other articles have, 20 have no answer.
ELSEWHERE = 2.0
# Taken off where the question has figures of two digits or more, and the sentence's article gives none of them. Of
# 37 questions of SQuAD of which that is so, 36 have no answer.
UNGIVEN = 2.0
# A time as wide as that holds dates the article gives otherwise: 'in the 1600s', 'the 14th century'.
_ROUND = re.compile(r"\b\d+(?:['’]?s|(?:st|nd|rd|th) centur(?:y|ies))\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence the model was shown.

    Attributes:
        hit: The sentence, with its retrieval score.
        stated: How surely it states the answer, a sum of log-odds; what decides whether the question is answered.
        fitting: The same, with how likely it makes the question; what decides which sentences are given.
    """

    hit: Hit
    stated: float
    fitting: float

    @property
    def sentence(self) -> Sentence:
        """The sentence itself."""
        return self.hit.sentence

    @property
    def score(self) -> float:
        """What ranks sentences against each other."""
        return self.fitting + RETRIEVED * self.hit.score


def weigh(
    question: str,
    hits: Sequence[Hit],
    generator: Generator,
    *,
    shown: Callable[[Sentence], str],
    names: Collection[str] = (),
    unknown: Collection[str] = (),
) -> tuple[Evidence, ...]:
    """Let the model judge each sentence against the question.

    Args:
        question: A whole question.
        hits: What retrieval found, best first.
        generator: The language model.
        shown: A sentence as the model is to read it.
        names: Those of the question that stand somewhere in the articles.
        unknown: The names of the question that stand nowhere in the articles.

    Returns:
        The sentences, surest first; ties keep the order of retrieval.
    """
    if not hits:
        return ()
    texts = [shown(hit.sentence) for hit in hits]
    # The last readings are of no source at all: how likely the question is by itself, or after a name it holds.
    openings = [text[: len(text) - len(plain_text(hit.sentence.text))] for text, hit in zip(texts, hits, strict=True)]
    nothing = {opening: f"{opening}…" for opening in openings}
    prompts = [answer_prompt(question, text) for text in (*texts, *nothing.values())]
    yes = [0.0] * len(hits)
    probed = generator.has_probe(prompts[0])
    if not probed:
        yes = [odds + UNPROBED for odds in generator.judge(judge_prompt(question), texts)]
    readings = generator.read_each(prompts, refusal=REFUSAL)
    alone = dict(zip(nothing, (reading.expected for reading in readings[len(hits) :]), strict=True))
    articles = {hit.sentence.article.id: hit.sentence.article for hit in hits}
    lacking = {article_id: _lacks(article, names) for article_id, article in articles.items()}
    asked = frozenset(value for value in figures(_ROUND.sub("", question)) if len(value) > 1)
    ungiven = {
        article_id: bool(asked) and asked.isdisjoint(_given(article)) for article_id, article in articles.items()
    }
    what = described(question)
    if all(lacking.values()):  # 'How does Leeds differ from York?'
        lacking = dict.fromkeys(lacking, False)
    judged = []
    for hit, odds, reading, opening in zip(hits, yes, readings[: len(hits)], openings, strict=True):
        sure = (
            odds
            + reading.willing
            + DESCRIBING * bool(what and describes(plain_text(hit.sentence.text), what))
            - LACKING * kind_missing(question, hit.sentence.text)
            - UNKNOWN_NAME * len(unknown)
            - ELSEWHERE * lacking[hit.sentence.article.id]
            - UNGIVEN * ungiven[hit.sentence.article.id]
        )
        gain = reading.expected - alone[opening]
        judged.append(Evidence(hit, sure + EXPECTED * (TYPICAL if probed else gain), sure + EXPECTED * gain))
    return tuple(sorted(judged, key=lambda evidence: (-evidence.score, evidence.hit.rank)))


def _lacks(article: Article, names: Collection[str]) -> bool:
    """Whether one of some names stands neither in an article nor in what it states of itself."""
    return bool(names) and not mentions(_stated(article), names)


def _given(article: Article) -> frozenset[str]:
    """The figures in an article and in what it states of itself."""
    return figures("\n".join([_stated(article), article.date or ""]))


def _stated(article: Article) -> str:
    return "\n".join(part for part in (article.title, article.author, article.publisher, article.text) if part)
