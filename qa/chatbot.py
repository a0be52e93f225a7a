"""Chatbot: the one place that joins the steps, and the only door of command line, page and evaluation."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from index.article import Article, Hit, Sentence
from index.embed import Embedder, SentenceTransformerEmbedder
from index.errors import CitewellError, QuestionError, SettingsError
from index.load import load_folder, plain_text
from index.passage_index import PassageIndex, Update
from index.place import is_index, place_of
from index.sentences import Split
from qa.answer import Answer, ClaimReady, Event, Quotes, Timings
from qa.compose import compose
from qa.evidence import weigh
from qa.generate import Generator, LlamaGenerator
from qa.models import ModelStore
from qa.prompt import LINE_GRAMMAR, rewrite_messages
from qa.settings import Settings

Report = Callable[[str], None]


class Chatbot:
    """Answers questions from one index, citing a sentence for every statement."""

    def __init__(self, index: PassageIndex, generator: Generator, *, settings: Settings) -> None:
        """Join the parts; most callers want `Chatbot.open`."""
        self._index = index
        self._generator = generator
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
        Models are fetched if they are not there yet; the language model is loaded with the first question.

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
        models = ModelStore.open(report=report)
        index = open_index(Path(path), _embedder(models, embedder), report=say)
        generator = LlamaGenerator(
            models.locate(llm, "llm"),
            name=models.identify(llm, "llm"),
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
        return _last(self.stream(question, articles=articles))

    def stream(self, question: str, *, articles: Sequence[str] | None = None) -> Iterator[Event]:
        """Answer one question step by step; closing the iterator stops the model at the next step.

        Args:
            question: As for `ask`.
            articles: As for `ask`.

        Yields:
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
        """Load the language model now rather than at the first question."""
        load = getattr(self._generator, "load", None)
        if load is not None:
            load()

    def _stream(
        self, question: str, articles: Sequence[str] | None, *, asked_as: Callable[[str], str]
    ) -> Iterator[Event]:
        started = time.perf_counter()
        asked = self._cleaned(question)
        self._check_articles(articles)
        whole = asked_as(asked)
        hits = self._index.search(whole, k=self.settings.candidates, only=articles)
        retrieved = time.perf_counter() - started
        yield Quotes(hits[: self.settings.quotes])
        timings = Timings(retrieve=retrieved, first_quote=time.perf_counter() - started if hits else None)
        evidence = weigh(whole, hits, self._generator)
        answer = Answer(question=question, llm=self.llm_name, embedder=self.embedder_name)
        for step in compose(whole, evidence, self._index, self._generator, self.settings):
            if isinstance(step, ClaimReady):
                if timings.first_claim is None:
                    timings = replace(timings, first_claim=time.perf_counter() - started)
                yield step
            else:
                answer = replace(step, question=question, llm=self.llm_name, embedder=self.embedder_name)
        yield replace(
            answer,
            asked_as=whole if whole != asked else None,
            timings=replace(timings, total=time.perf_counter() - started),
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


class Chat:
    """A conversation: each question may lean on the ones before. Not to be shared between users."""

    def __init__(self, bot: Chatbot, history: Sequence[tuple[str, str]] = ()) -> None:
        self._bot = bot
        self._history = list(history)

    @property
    def history(self) -> tuple[tuple[str, str], ...]:
        """Questions, as understood, and the texts of their answers, oldest first."""
        return tuple(self._history)

    def ask(self, question: str, *, articles: Sequence[str] | None = None) -> Answer:
        """Answer the next question of the conversation; as `Chatbot.ask`."""
        return _last(self.stream(question, articles=articles))

    def stream(self, question: str, *, articles: Sequence[str] | None = None) -> Iterator[Event]:
        """Answer the next question step by step; as `Chatbot.stream`. An answer given up midway is not remembered."""
        for event in self._bot._stream(question, articles, asked_as=self._whole):
            if isinstance(event, Answer):
                self._history.append((event.asked_as or event.question, _spoken(event)))
            yield event

    def _whole(self, question: str) -> str:
        """A follow-up as a question that needs no conversation around it."""
        if not self._history:
            return question
        recent = self._history[-self._bot.settings.remembered_turns :]
        reply = self._bot._generator.write(rewrite_messages(recent, question), grammar=LINE_GRAMMAR, max_tokens=64)
        return " ".join(reply.split()) or question


def open_index(path: Path, embedder: Embedder, *, report: Report) -> PassageIndex:
    """Open a saved index, or a folder of articles by way of its index in the user's cache.

    Args:
        path: An index folder, or a folder of articles.
        embedder: The embedding model.
        report: Takes one line at a time about what is read and indexed.

    Returns:
        The index, in step with the folder.

    Raises:
        CitewellError: Neither can be opened.
    """
    if is_index(path):
        return PassageIndex.open(path, embedder)
    loaded = load_folder(path)
    for problem in loaded.problems:
        report(f"left out: {problem}")
    for note in loaded.notes:
        report(f"note: {note}")
    index = place_of(path, embedder, report=report)
    update = index.update(loaded.articles, remove_others=True, progress=_every_article(report))
    if update:
        report(f"index of {path}: {_counted(update)}, {len(index.articles)} articles in all")
    return index


def _counted(update: Update) -> str:
    return str(update)


def _every_article(report: Report) -> Callable[[int, int], None]:
    def progress(done: int, total: int) -> None:
        if done == total or done % 25 == 0:
            report(f"indexed {done} of {total} articles")

    return progress


def _embedder(models: ModelStore, name_or_path: str | Path | None) -> Embedder:
    folder = models.locate(name_or_path, "embedder")
    return SentenceTransformerEmbedder(folder, name=models.identify(name_or_path, "embedder"))


def _spoken(answer: Answer) -> str:
    """What was said, for the model to read back: claims without marks."""
    said = " ".join(plain_text(claim.text) for claim in answer.claims)
    return said or answer.lead


def _last(events: Iterator[Event]) -> Answer:
    answer: Answer | None = None
    for event in events:
        if isinstance(event, Answer):
            answer = event
    if answer is None:
        raise CitewellError("the answer was broken off; ask again")
    return answer


def _ignore(line: str) -> None:
    """Where lines for the user go if nobody wants them."""
