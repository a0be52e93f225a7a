"""A bot for the page's tests and screenshots: real articles, real sentences, answers from a script, no model."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from index.added import added_id
from index.article import Article, Hit, Sentence
from index.errors import ArticleError, GenerationError
from index.load import Loaded, load_folder
from index.sentences import split_article
from qa.adding import read_sources
from qa.answer import Answer, Citation, Claim, ClaimReady, Conflict, Event, Quotes, Timings

SEEDS = Path(__file__).parents[1] / "seeds"


class ScriptedChat:
    """A conversation in which every question after the first is 'asked as' a whole one."""

    def __init__(self, bot: ScriptedBot) -> None:
        self.bot = bot
        self.asked: list[str] = []

    def stream(
        self, question: str, *, articles: Sequence[str] | None = None, llm: str | None = None
    ) -> Iterator[Event]:
        """The bot's stream; a short follow-up is rewritten."""
        follow_up = bool(self.asked) and (len(question.split()) < 6 or " it " in question)
        self.asked.append(question)
        asked_as = f"{question.rstrip('?')} in the coalition against ISIS?" if follow_up else None
        yield from self.bot.stream(question, articles=articles, asked_as=asked_as, llm=llm)


class ScriptedBot:
    """Answers by the first word it knows in the question: differ, who, fail, slow, else nothing is found.

    Args:
        articles: What is asked; the five seeds unless given.
        delay_s: Pause before each claim.
    """

    llm_name = "Scripted-1.5B"
    at_once = 1
    sent_to = ""
    llm_names = ("Scripted-1.5B", "Scripted-0.5B")
    llm_bytes = (0, 0)
    index_folder = Path("scripted")
    embedder_name = "word-overlap"

    def __init__(self, articles: Sequence[Article] | None = None, *, delay_s: float = 0.0) -> None:
        self.articles = tuple(articles or load_folder(SEEDS).articles)
        self.delay_s = delay_s
        self.added: frozenset[str] = frozenset()
        self.closed = 0  # streams that were ended before they were through
        self._sentences = {a.id: split_article(a).kept for a in self.articles}

    def load(self) -> None:
        """There is no model."""

    def warm_up(self) -> None:
        """It reads nothing."""

    def add(self, sources: Sequence[Path | str], *, names: Sequence[str] | None = None) -> Loaded:
        """Read files and web pages into memory, kept nowhere."""
        read = read_sources(sources, names=names)
        problems = tuple(ArticleError(source.name, p.problem) for source in read for p in source.loaded.problems)
        taken = {a.id for a in self.articles}
        new = tuple(replace(a, id=added_id(source.name, taken)) for source in read for a in source.loaded.articles)
        self._sentences |= {a.id: split_article(a).kept for a in new}
        self.articles += new
        self.added |= {a.id for a in new}
        return Loaded(new, problems)

    def remove(self, article_ids: Collection[str]) -> None:
        """Forget added articles."""
        self.articles = tuple(a for a in self.articles if a.id not in article_ids)
        self.added -= set(article_ids)

    def sentences(self, article_id: str) -> tuple[Sentence, ...]:
        """What may be cited."""
        return self._sentences[article_id]

    def chat(self) -> ScriptedChat:
        """A new conversation."""
        return ScriptedChat(self)

    def ask(self, question: str, *, articles: Sequence[str] | None = None) -> Answer:
        """The last event of the stream."""
        last: Event | None = None
        for event in self.stream(question, articles=articles):
            last = event
        assert isinstance(last, Answer)
        return last

    def search(self, words: str, *, k: int = 10, articles: Sequence[str] | None = None) -> tuple[Hit, ...]:
        """Sentences by the number of words they share with the question."""
        wanted = set(words.casefold().split())
        pool = [s for a in self.articles if articles is None or a.id in articles for s in self._sentences[a.id]]
        scored = sorted(pool, key=lambda s: -len(wanted & set(s.text.casefold().split())))[:k]
        return tuple(
            Hit(s, float(len(wanted & set(s.text.casefold().split()))), rank) for rank, s in enumerate(scored, 1)
        )

    def find(self, words: str) -> Sentence:
        """The sentence that holds some words."""
        return next(s for a in self.articles for s in self._sentences[a.id] if words in s.text)

    def stream(
        self,
        question: str,
        *,
        articles: Sequence[str] | None = None,
        asked_as: str | None = None,
        llm: str | None = None,
    ) -> Iterator[Event]:
        """Quotes, claims after a pause each, the answer."""
        begun = time.perf_counter()
        hits = self.search(question, k=3, articles=articles)
        yield Quotes(hits)
        answer = self._script(question.casefold())
        try:
            for claim in answer.claims:
                self.pause()
                yield ClaimReady(claim)
            self.pause()
            total = round(time.perf_counter() - begun, 3) if self.delay_s == 0 else 3.9
            yield Answer(
                question=question,
                claims=answer.claims,
                declined=answer.declined,
                lead=answer.lead,
                conflicts=answer.conflicts,
                nearest=tuple(h.sentence for h in hits) if answer.declined else (),
                asked_as=asked_as,
                timings=Timings(retrieve=0.02, first_quote=0.02, first_claim=1.4, total=total),
                llm=llm or self.llm_name,
                embedder=self.embedder_name,
            )
        except GeneratorExit:
            self.closed += 1
            raise

    def pause(self) -> None:
        """What comes before each claim, and before the end."""
        time.sleep(self.delay_s)

    def _script(self, question: str) -> Answer:
        if "fail" in question:
            raise GenerationError(
                "the model's context holds 4,096 tokens and the prompt has 5,012; ask a shorter question"
            )
        if "how many" in question:
            return self._differ(question)
        if any(word in question for word in ("said", "say", "who")):
            return self._said(question)
        if "every" in question:
            return Answer(question, tuple(self._claim(s.text, s, n=n) for n, s in enumerate(self._all(), 1)))
        if "first sentence" in question:
            first = self._sentences[self.articles[0].id][0]
            return Answer(question, (self._claim(first.text, first, verbatim=True),))
        return Answer(question, declined=True, lead="Not in these articles.")

    def _all(self) -> tuple[Sentence, ...]:
        return tuple(s for a in self.articles for s in self._sentences[a.id])[:12]

    def _claim(
        self, text: str, *sources: Sentence, n: int = 1, verbatim: bool = False, said_by: str | None = None
    ) -> Claim:
        citations = tuple(Citation(s, n + i) for i, s in enumerate(sources))
        return Claim(text, citations, verbatim=verbatim, support=1.0 if verbatim else 0.93, said_by=said_by)

    def _differ(self, question: str) -> Answer:
        dozens = (self.find("dozens of countries (excluding"), self.find("which includes dozens of countries, should"))
        claims = (
            self._claim("The coalition includes 86 countries.", self.find("86 countries")),
            self._claim("It had 22 countries at first, later nearly 80.", self.find("22 countries"), n=2),
            self._claim("It includes dozens of countries.", *dozens, n=3),
            self._claim(
                "International organizations such as Interpol belong to it as well.", self.find("Interpol"), n=5
            ),
        )
        return Answer(question, claims, conflicts=(Conflict((0, 1, 2), "how many countries are in the coalition"),))

    def _said(self, question: str) -> Answer:
        opinion = self.find("there is no rational argument")
        rules = self.find("must be merciless, but not without rules")
        claims = (
            self._claim(rules.text, rules, verbatim=True),
            self._claim(
                "Hamas and ISIS cannot rationally be called similar organizations.",
                opinion,
                n=2,
                said_by="Lucas Leiroz de Almeida",
            ),
            self._claim(
                "Macron said operations must be without mercy but not without rules.",
                self.find("must be without mercy"),
                rules,
                n=3,
            ),
        )
        last = Claim(claims[2].text, (claims[2].citations[0], claims[0].citations[0]), verbatim=False, support=0.9)
        return Answer(question, (*claims[:2], last))


class SteppedBot(ScriptedBot):
    """Goes on to the next claim, or to the end, when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self._steps = threading.Semaphore(0)

    def step(self, times: int = 1) -> None:
        """Let that many claims through; an answer ends with one step more."""
        for _ in range(times):
            self._steps.release()

    def finish(self) -> None:
        """Let everything through that waits now."""
        waiting, self._steps = self._steps, threading.Semaphore(0)
        waiting.release(100)

    def pause(self) -> None:
        """Wait for a step."""
        self._steps.acquire(timeout=60)


class LoadingBot(ScriptedBot):
    """Its model is loaded when `there` is set, unless a `fault` is put in the way first."""

    def __init__(self) -> None:
        super().__init__()
        self.there = threading.Event()
        self.fault: Exception | None = None
        self.tries = 0

    def load(self) -> None:
        self.tries += 1
        self.there.wait(60)
        if self.fault is not None:
            raise self.fault
