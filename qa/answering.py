"""A whole question -> Quotes, claims, Answer: the steps in their order, for each thing the question asks."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from index.article import Hit, Sentence
from index.errors import QuestionError
from index.load import plain_text
from index.passage_index import PassageIndex
from qa.alternatives import alternatives
from qa.answer import Answer, Claim, ClaimReady, Conflict, Event, Quotes, Timings
from qa.asking import compares, named, named_sources, parts, topic
from qa.compose import NOT_HERE, Side, answering, compose
from qa.copies import MOST, Copies
from qa.descriptions import described, describes_it
from qa.evidence import Evidence, weigh
from qa.find import find, ranked
from qa.generate import Generator
from qa.locks import CALENDAR
from qa.rewrite import second_question, whole_question
from qa.settings import Settings
from qa.sources import Sources
from qa.speakers import Voices
from qa.verify import Citations

_DEEP = 200  # sentences looked through for the best of each article, or of a neighbourhood
_NEAR = 3  # sentences before and after one that a conversation is about
_HEARD = 24  # ranks within which an article has to come to be heard, though others have better sentences


@dataclass(frozen=True, slots=True)
class _Run:
    """What belongs to one question from its first search to its last claim."""

    articles: Sequence[str] | None  # ids of those to ask
    generator: Generator
    near: Sequence[Sentence]  # what the conversation is about
    copies: Copies = field(default_factory=Copies)
    citations: Citations = field(default_factory=Citations)
    said: set[str] = field(default_factory=set)


class Answerer:
    """Joins retrieval, judging and writing for one question at a time."""

    def __init__(self, index: PassageIndex, settings: Settings) -> None:
        """Join the parts."""
        self._index = index
        self._settings = settings
        self._voices = Voices(lambda article_id: index.split(article_id).kept)

    def steps(
        self,
        question: str,
        articles: Sequence[str] | None,
        generator: Generator,
        *,
        near: Sequence[Sentence] = (),
    ) -> Iterator[Event]:
        """Answer a question that needs no conversation around it.

        Args:
            question: What is asked, maybe several things at once.
            articles: Ids of the articles to ask; None for all.
            generator: The language model.
            near: Sentences that the conversation is about; what stands near them is considered too.

        Yields:
            Quotes, each claim once it is checked, then the answer, which still lacks names and timings.

        Raises:
            QuestionError: An article it had found was removed meanwhile.
        """
        before = self._index.articles
        try:
            yield from self._steps(question, articles, generator, near)
        except LookupError as error:
            if self._index.articles == before:
                raise
            raise QuestionError("an article was removed while the question was answered; ask again") from error

    def _steps(
        self, question: str, articles: Sequence[str] | None, generator: Generator, near: Sequence[Sentence]
    ) -> Iterator[Event]:
        """The steps one after the other, for each thing asked."""
        run = _Run(articles, generator, near)
        comparing = compares(question)
        hits = self._find(question, run, spread=comparing)
        yield Quotes(hits[: self._settings.quotes])
        asked = parts(question)
        if len(asked) == 1:
            yield from self._part(asked[0], hits, run, comparing=comparing)
            return
        answers: list[Answer] = []
        told: list[tuple[str, str]] = []
        of_all = comparing and not any(compares(part) for part in asked)  # 'Do the articles agree?' is no part
        for part in asked:
            whole = whole_question(part, told, generator)
            comparing = of_all or compares(whole)
            for step in self._part(whole, self._find(whole, run, spread=comparing), run, comparing=comparing):
                if isinstance(step, Answer):
                    answers.append(step)
                    told.append((whole, " ".join(claim.text for claim in step.claims) or step.lead))
                else:
                    yield step
        yield joined(question, asked, answers)

    def ranked(self, question: str, generator: Generator, *, k: int) -> tuple[Hit, ...]:
        """Find sentences, the best of them in the order in which an answer to one thing asked would use them.

        Args:
            question: A whole question.
            generator: The language model, which judges.
            k: Most sentences to return.

        Returns:
            At most k hits, best first, each with the score retrieval gave it.
        """
        hits = find(self._index, question, k=k)
        judged = self._weigh(hits[: self._settings.candidates], generator, self._sources(question, Copies()))
        keys = {evidence.sentence.key for evidence in judged}
        ordered = [*(evidence.hit for evidence in judged), *(hit for hit in hits if hit.sentence.key not in keys)]
        return tuple(replace(hit, rank=rank) for rank, hit in enumerate(ordered, 1))

    def _part(self, question: str, hits: Sequence[Hit], run: _Run, *, comparing: bool) -> Iterator[ClaimReady | Answer]:
        """Judge, write and check for one thing asked."""
        sources = self._sources(question, run.copies, comparing=comparing)
        evidence = self._weigh(hits, run.generator, sources)
        sides = self._sides(question, run) if answering(evidence, self._settings) else ()
        yield from compose(
            evidence, sources, run.generator, self._settings, sides=sides, citations=run.citations, said=run.said
        )

    def _sides(self, question: str, run: _Run) -> tuple[Side, ...]:
        """The alternatives that a question offers, each looked up and judged by itself; none where it offers none."""
        asked = alternatives(question)
        second = second_question(asked[1], asked[0], run.generator) if asked else ""
        asked = (asked[0], second) if second else ()
        each = [self._sources(side, run.copies, comparing=True) for side in asked]
        found = [self._find(side, run, spread=True, most=self._settings.candidates) for side in asked]
        return tuple(Side(s, self._weigh(hits, run.generator, s)) for s, hits in zip(each, found, strict=True))

    def _sources(self, question: str, copies: Copies, *, comparing: bool = False) -> Sources:
        """What the sentences for a question are shown with."""
        put_to = self._index.put_to
        return Sources(question, self._index.passage, self._voices, copies, comparing=comparing, put_to=put_to)

    def _weigh(self, hits: Sequence[Hit], generator: Generator, sources: Sources) -> tuple[Evidence, ...]:
        """Judge sentences, with what the articles know of the question's names."""
        unknown = self._index.unknown(named(self._index.respelled(sources.question)))

        def known(asked: str) -> frozenset[str]:
            return named(self._index.respelled(asked), inside=True) - unknown - CALENDAR

        return weigh(hits, sources, generator, names=known, unknown=unknown)

    def _find(self, question: str, run: _Run, *, spread: bool, most: int | None = None) -> tuple[Hit, ...]:
        """The sentences the model is to judge, each wording once.

        Spread over the articles where the question compares them; of the sources that it names, if it names any; else
        the best, with a word from articles that others would crowd out, and with what stands near the sentences that a
        conversation is about.
        """
        k = most or (self._settings.comparing if spread else self._settings.candidates)
        deep = _DEEP if spread or run.near else max(k, _HEARD) * (1 + MOST)
        found = run.copies.fold(find(self._index, question, k=deep, only=run.articles))
        if spread:
            return _spread(self._describing(question, found) or found, k)
        asked = [a for a in self._index.articles if run.articles is None or a.id in run.articles]
        named_ones = named_sources(question, asked)
        if not named_ones:
            return _with_near(found, run.near, k) if run.near else _with_others(found, k)
        sources = [a for a in asked if a.id in named_ones]
        about = topic(question, sources)
        theirs = run.copies.fold(find(self._index, about, k=max(k - k // 4, 1), only=named_ones))
        keys = {hit.sentence.key for hit in theirs}
        return ranked([*theirs, *(hit for hit in found if hit.sentence.key not in keys)][:k])

    def _describing(self, question: str, hits: Sequence[Hit]) -> list[Hit]:
        """The hits that say what the question wants described; none where it wants nothing described."""
        if described(question) is None:
            return []
        asked = {article.id: self._index.put_to(question, article) for article in {h.sentence.article for h in hits}}
        return [h for h in hits if describes_it(plain_text(h.sentence.text), asked[h.sentence.article.id])]


def _spread(hits: Sequence[Hit], k: int) -> tuple[Hit, ...]:
    """The k hits to compare articles by: the best two of each article while there is room, then the best others."""
    of_article: dict[str, list[Hit]] = {}
    for hit in hits:
        of_article.setdefault(hit.sentence.article.id, []).append(hit)
    firsts = sorted((h for theirs in of_article.values() for h in theirs[:2]), key=lambda h: h.rank)[: k - k // 3]
    keys = {hit.sentence.key for hit in firsts}
    return ranked([*firsts, *(hit for hit in hits if hit.sentence.key not in keys)][:k])


def _with_others(hits: Sequence[Hit], k: int) -> tuple[Hit, ...]:
    """The k best hits, up to a quarter of them the best of articles that the others leave out."""
    best = list(hits[: k - k // 4])
    heard = {hit.sentence.article.id for hit in best}
    for hit in hits[len(best) : _HEARD]:
        if len(best) < k and hit.sentence.article.id not in heard:
            best.append(hit)
            heard.add(hit.sentence.article.id)
    keys = {hit.sentence.key for hit in best}
    return ranked([*best, *(hit for hit in hits if hit.sentence.key not in keys)][:k])


def _with_near(hits: Sequence[Hit], near: Sequence[Sentence], k: int) -> tuple[Hit, ...]:
    """The k best hits, up to half of them from around the sentences that a conversation is about."""
    around = {(s.article.id, s.number + step) for s in near for step in range(-_NEAR, _NEAR + 1)}
    close = [hit for hit in hits if hit.sentence.key in around][: k // 2]
    keys = {hit.sentence.key for hit in close}
    return ranked([*close, *(hit for hit in hits if hit.sentence.key not in keys)][:k])


def timed(steps: Iterator[Event], *, since: float) -> Iterator[Event]:
    """Note when each milestone is reached.

    Args:
        steps: The events of an answer.
        since: When the question came, in `time.perf_counter` seconds.

    Yields:
        The events, the answer with its timings.
    """
    timings = Timings()
    for event in steps:
        passed = time.perf_counter() - since
        if isinstance(event, Quotes):
            timings = Timings(retrieve=passed, first_quote=passed if event.hits else None)
            yield event
        elif isinstance(event, ClaimReady):
            if timings.first_claim is None:
                timings = replace(timings, first_claim=passed)
            yield event
        else:
            yield replace(event, timings=replace(timings, total=passed))


def joined(question: str, asked: Sequence[str], answers: Sequence[Answer]) -> Answer:
    """One answer to several things asked at once.

    Args:
        question: The whole question.
        asked: Its parts.
        answers: To each part, with their citations numbered through.

    Returns:
        Their claims in order; declined only where every part is, else saying which part is.
    """
    claims: list[Claim] = []
    conflicts: list[Conflict] = []
    for answer in answers:
        conflicts += [Conflict(tuple(len(claims) + i for i in c.claims), c.about) for c in answer.conflicts]
        claims += answer.claims
    missing = [part for part, answer in zip(asked, answers, strict=True) if answer.declined]
    declined = len(missing) == len(asked)
    lead = NOT_HERE if declined else f"{NOT_HERE.rstrip('.')}: {' '.join(missing)}" if missing else ""
    nearest = {s.key: s for answer in answers for s in answer.nearest}
    return Answer(
        question=question,
        claims=tuple(claims),
        declined=declined,
        lead=lead,
        conflicts=tuple(conflicts),
        nearest=tuple(nearest.values()) if declined else (),
    )
