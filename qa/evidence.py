"""Hits -> Evidence: how surely each sentence answers the question, and whether any does.

The model reads each sentence with the instruction to answer the question from it or to refuse: how far is it from
refusing, by its probe, and how much likelier does the sentence make the question itself? A model without a probe hardly
ever refuses, so it is asked for a yes or a no besides: the two err differently.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from index.article import Article, Hit, Sentence
from index.lexical import mentions
from index.load import plain_text
from qa.generate import Generator
from qa.kinds import kind_missing
from qa.prompt import REFUSAL, answer_prompt, judge_prompt

# How much each part counts beside the log-odds against refusing, and of a yes. Chosen on the development questions over
# seeds/, where the optimum is flat (docs/how-it-works.md gives the figures).
EXPECTED = 0.1  # gain in log-likelihood of the question
RETRIEVED = 1.5  # retrieval score: ranks sentences, but says nothing of whether any of them answers
LACKING = 2.0  # taken off where the question asks for a number or a time and the sentence holds none
UNPROBED = 0.2  # added where no probe tells, so that the same thresholds decide: their scale is the probe's
UNKNOWN_NAME = 1.0  # taken off for each name of the question that stands nowhere in the articles asked
# Taken off where a name of the question stands nowhere in the sentence's article, and another found has them all.
# Of 24 questions of SQuAD with a name that only other articles have, 20 have no answer.
ELSEWHERE = 2.0


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
    if not generator.has_probe(prompts[0]):
        yes = [odds + UNPROBED for odds in generator.judge(judge_prompt(question), texts)]
    readings = generator.read_each(prompts, refusal=REFUSAL)
    alone = dict(zip(nothing, (reading.expected for reading in readings[len(hits) :]), strict=True))
    articles = {hit.sentence.article.id: hit.sentence.article for hit in hits}
    lacking = {article_id: _lacks(article, names) for article_id, article in articles.items()}
    if all(lacking.values()):  # 'How does Leeds differ from York?'
        lacking = dict.fromkeys(lacking, False)
    judged = (
        Evidence(
            hit,
            odds
            + reading.willing
            + EXPECTED * (reading.expected - alone[opening])
            - LACKING * kind_missing(question, hit.sentence.text)
            - UNKNOWN_NAME * len(unknown)
            - ELSEWHERE * lacking[hit.sentence.article.id],
        )
        for hit, odds, reading, opening in zip(hits, yes, readings[: len(hits)], openings, strict=True)
    )
    return tuple(sorted(judged, key=lambda evidence: (-evidence.score, evidence.hit.rank)))


def _lacks(article: Article, names: Collection[str]) -> bool:
    """Whether one of some names stands neither in an article nor in what it states of itself."""
    if not names:
        return False
    stated = (article.title, article.author, article.publisher, article.text)
    return not mentions("\n".join(part for part in stated if part), names)
