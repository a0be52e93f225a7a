"""Chatbot: the one place that joins the steps, and the only door of command line, page and evaluation."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from index.article import Article, Hit, Sentence
from index.errors import QuestionError, SettingsError
from index.passage_index import PassageIndex
from index.sentences import Split
from qa.answer import Answer, ClaimReady, Event, Quotes, Timings
from qa.answering import Answerer
from qa.chat import Chat, last_answer
from qa.generate import Generator, LlamaGenerator
from qa.library import Report, open_index
from qa.models import ModelStore
from qa.prompt import answer_prompt, check_prompt, judge_prompt, rewrite_prompt
from qa.settings import Settings


class Chatbot:
    """Answers questions from one index, citing a sentence for every statement."""

    def __init__(self, index: PassageIndex, generator: Generator, *, settings: Settings) -> None:
        """Join the parts; most callers want `Chatbot.open`."""
        self._index = index
        self._generator = generator
        self._answerer = Answerer(index, generator, settings)
        self.settings = settings

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        llm: str | Path | None = None,
        embedder: str | Path | None = None,
        settings: Settings | None = None,
        report: Report | None = None,
    ) -> Chatbot:
        """Open a folder of articles, or a saved index.

        A folder's index is kept in the user's cache and brought up to date here; a saved index is opened as it is.
        Models are fetched if they are not there yet, the language model with the first question that needs it.

        Args:
            path: A folder of articles, or an index folder.
            llm: Name in models.txt or path of a GGUF file; None for the default.
            embedder: Name in models.txt or path of a sentence-transformers folder; None for the default.
            settings: None for the defaults.
            report: Takes one line for the user at a time, about fetching and indexing; by default they go nowhere.

        Returns:
            The chatbot.

        Raises:
            CitewellError: The articles, the index or a model cannot be used; the message says what to do.
        """
        settings = settings or Settings()
        say = report or _ignore
        models = ModelStore.open(report=say)
        name = models.identify(llm, "llm")  # before anything long: an unknown name fails at once
        index = open_index(Path(path), embedder=embedder, report=say)
        generator = LlamaGenerator(
            lambda: models.locate(llm, "llm"),
            name=name,
            context_tokens=settings.context_tokens,
            threads=settings.threads,
        )
        return cls(index, generator, settings=settings)

    @property
    def articles(self) -> tuple[Article, ...]:
        """All articles, in order."""
        return self._index.articles

    @property
    def llm_name(self) -> str:
        """What answers call the language model."""
        return self._generator.name

    @property
    def embedder_name(self) -> str:
        """What answers call the embedding model."""
        return self._index.embedder_name

    def sentences(self, article_id: str) -> tuple[Sentence, ...]:
        """The citable sentences of an article, in order."""
        return self.split(article_id).kept

    def split(self, article_id: str) -> Split:
        """All sentences of an article, with those left out and why.

        Args:
            article_id: An id of `articles`.

        Returns:
            The split.

        Raises:
            SettingsError: There is no such article.
        """
        self._check_articles([article_id])
        return self._index.split(article_id)

    def search(self, words: str, *, k: int = 10, articles: Sequence[str] | None = None) -> tuple[Hit, ...]:
        """Find the sentences that best match some words; no language model is needed.

        Args:
            words: A question or any words.
            k: Most sentences to return; at least 1.
            articles: Ids of the articles to search; None for all.

        Returns:
            At most k hits, best first.

        Raises:
            QuestionError: The words are empty or too many.
            SettingsError: There is no such article.
        """
        self._check_articles(articles)
        return self._index.search(self._cleaned(words), k=k, only=articles)

    def search_many(self, questions: Sequence[str], *, k: int = 10) -> list[tuple[Hit, ...]]:
        """Search for many questions at once, over all articles; as `search`, and much faster for thousands.

        Args:
            questions: Questions, none empty.
            k: Most sentences to return for each.

        Returns:
            The hits of each question, in order.
        """
        return self._index.search_many([self._cleaned(question) for question in questions], k=k)

    def rank(self, question: str, *, k: int = 10) -> tuple[Hit, ...]:
        """Find as `search` does, the best put in order by the language model, as for an answer; takes seconds.

        Args:
            question: A question that needs no conversation around it.
            k: Most sentences to return; at least 1.

        Returns:
            At most k hits, best first.

        Raises:
            QuestionError: The question is empty or too long.
        """
        return self._answerer.ranked(self._cleaned(question), k=k)

    def ask(self, question: str, *, articles: Sequence[str] | None = None) -> Answer:
        """Answer one question.

        Args:
            question: In any words, up to `settings.max_question_chars` characters.
            articles: Ids of the articles to ask; None for all.

        Returns:
            The answer; declined where the articles do not hold one.

        Raises:
            QuestionError: The question is empty or too long.
            SettingsError: There is no such article.
        """
        return last_answer(self.stream(question, articles=articles))

    def stream(self, question: str, *, articles: Sequence[str] | None = None) -> Iterator[Event]:
        """Answer one question step by step; closing the iterator stops the model at the next step.

        Args:
            question: As for `ask`.
            articles: As for `ask`.

        Returns:
            Quotes at once, then a ClaimReady for each claim that passed its check, then the finished Answer.
        """
        return self._stream(question, articles, asked_as=lambda cleaned: cleaned)

    def chat(self, history: Sequence[tuple[str, str]] = ()) -> Chat:
        """Start a conversation, in which follow-ups may lean on what was said.

        Args:
            history: Earlier questions and the texts of their answers, oldest first.

        Returns:
            The conversation.
        """
        return Chat(self, history)

    def load(self) -> None:
        """Load the models now rather than at the first question."""
        self._index.search("ready", k=1)
        self._generator.prepare([])

    def warm_up(self) -> None:
        """Let the language model read its instructions now; they take it some seconds, once."""
        for prompt in (judge_prompt(""), answer_prompt("", ""), check_prompt(""), rewrite_prompt((), "")):
            self._generator.prepare([prompt])  # one by one, so that a question need not wait for all

    def _stream(
        self, question: str, articles: Sequence[str] | None, *, asked_as: Callable[[str], str]
    ) -> Iterator[Event]:
        started = time.perf_counter()
        asked = self._cleaned(question)
        self._check_articles(articles)
        whole = asked_as(asked)
        timings = Timings()
        for event in self._answerer.steps(whole, articles):
            passed = time.perf_counter() - started
            if isinstance(event, Quotes):
                timings = Timings(retrieve=passed, first_quote=passed if event.hits else None)
                yield event
            elif isinstance(event, ClaimReady):
                if timings.first_claim is None:
                    timings = replace(timings, first_claim=passed)
                yield event
            else:
                yield replace(
                    event,
                    question=question,
                    asked_as=whole if whole != asked else None,
                    timings=replace(timings, total=passed),
                    llm=self.llm_name,
                    embedder=self.embedder_name,
                )

    def _cleaned(self, question: str) -> str:
        """The question in one line, without control characters."""
        cleaned = " ".join("".join(c if c.isprintable() else " " for c in question).split())
        if not any(c.isalnum() for c in cleaned):
            raise QuestionError("the question is empty; ask something in words")
        limit = self.settings.max_question_chars
        if len(cleaned) > limit:
            raise QuestionError(f"the question has {len(cleaned):,} characters, at most {limit:,} are read; shorten it")
        return cleaned

    def _check_articles(self, articles: Sequence[str] | None) -> None:
        if articles is None:
            return
        known = {article.id for article in self.articles}
        unknown = [i for i in articles if i not in known]
        if unknown:
            raise SettingsError(f"no article {unknown[0]!r}; there are: {', '.join(sorted(known)[:20])}")


def _ignore(line: str) -> None:
    """Where lines for the user go if nobody wants them."""
