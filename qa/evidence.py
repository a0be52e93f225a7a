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
from qa.descriptions import describes_it
from qa.generate import Generator
from qa.kinds import kind_missing
from qa.locks import figures
from qa.prompt import REFUSAL, answer_prompt, judge_prompt
from qa.sources import Sources

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
    hits: Sequence[Hit],
    sources: Sources,
    generator: Generator,
    *,
    names: Callable[[str], Collection[str]] = lambda asked: (),
    unknown: Collection[str] = (),
) -> tuple[Evidence, ...]:
    """Let the model judge each sentence against the question.

    Args:
        hits: What retrieval found, best first.
        sources: The question as it is put to each article, and how its sentences are shown.
        generator: The language model.
        names: Gives the names in a question that stand somewhere in the articles.
        unknown: The names of the question that stand nowhere in the articles.

    Returns:
        The sentences, surest first; ties keep the order of retrieval.
    """
    if not hits:
        return ()
    articles = {hit.sentence.article.id: hit.sentence.article for hit in hits}
    lacking = {i: _lacks(article, names(sources.asked(article))) for i, article in articles.items()}
    if all(lacking.values()):  # 'How does Leeds differ from York?'
        lacking = dict.fromkeys(lacking, False)
    given = frozenset(value for value in figures(_ROUND.sub("", sources.question)) if len(value) > 1)
    ungiven = {i: bool(given) and given.isdisjoint(_given(article)) for i, article in articles.items()}
    probed, readings = _read(hits, sources, generator)
    judged = []
    for hit, (willing, gain) in zip(hits, readings, strict=True):
        text, article = hit.sentence.text, hit.sentence.article
        sure = (
            willing
            + DESCRIBING * describes_it(plain_text(text), sources.asked(article))
            - LACKING * kind_missing(sources.question, text)
            - UNKNOWN_NAME * len(unknown)
            - ELSEWHERE * lacking[article.id]
            - UNGIVEN * ungiven[article.id]
        )
        judged.append(Evidence(hit, sure + EXPECTED * (TYPICAL if probed else gain), sure + EXPECTED * gain))
    return tuple(sorted(judged, key=lambda evidence: (-evidence.score, evidence.hit.rank)))


def _read(hits: Sequence[Hit], sources: Sources, generator: Generator) -> tuple[bool, list[tuple[float, float]]]:
    """Let the model read each sentence: whether it has a probe, how far it is from refusing, the question's gain."""
    asked = [sources.asked(hit.sentence.article) for hit in hits]
    texts = [sources.shown(hit.sentence) for hit in hits]
    # The last readings are of no source at all: how likely the question is by itself, or after a name it holds.
    openings = [text[: len(text) - len(plain_text(hit.sentence.text))] for text, hit in zip(texts, hits, strict=True)]
    pairs = list(zip(asked, texts, strict=True))
    bare = [(question, f"{opening}…") for question, opening in zip(asked, openings, strict=True)]
    prompts = {pair: answer_prompt(*pair) for pair in (*pairs, *bare)}
    readings = dict(zip(prompts, generator.read_each([*prompts.values()], refusal=REFUSAL), strict=True))
    probed = generator.has_probe(prompts[pairs[0]])
    yes = dict.fromkeys(pairs, 0.0)
    for question in () if probed else dict.fromkeys(asked):
        its = [text for other, text in pairs if other == question]
        odds = generator.judge(judge_prompt(question), its)
        yes |= {(question, text): each + UNPROBED for text, each in zip(its, odds, strict=True)}
    return probed, [
        (yes[pair] + readings[pair].willing, readings[pair].expected - readings[nothing].expected)
        for pair, nothing in zip(pairs, bare, strict=True)
    ]


def _lacks(article: Article, names: Collection[str]) -> bool:
    """Whether one of some names stands neither in an article nor in what it states of itself."""
    return bool(names) and not mentions(_stated(article), names)


def _given(article: Article) -> frozenset[str]:
    """The figures in an article and in what it states of itself."""
    return figures("\n".join([_stated(article), article.date or ""]))


def _stated(article: Article) -> str:
    return "\n".join(part for part in (article.title, article.author, article.publisher, article.text) if part)
