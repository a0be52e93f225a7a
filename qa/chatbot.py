"""Chatbot: the one place that joins the steps, and the only door of command line, page and evaluation."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from index.added import AddedArticles
from index.article import Article, Hit, Sentence
from index.errors import SettingsError
from index.load import Loaded
from index.passage_index import PassageIndex
from index.sentences import Split
from qa.adding import add_articles, read_sources, remove_added
from qa.address import is_address
from qa.answer import Answer, Event
from qa.answering import Answerer, timed
from qa.asking import clean_question
from qa.chat import Chat, last_answer
from qa.choice import Choice, models_on_disk
from qa.find import find, find_many
from qa.generate import Generator
from qa.library import Report, open_index
from qa.local import LlamaGenerator
from qa.models import ModelStore
from qa.prompt import answer_prompt, one_of_each
from qa.rewrite import whole_question
from qa.settings import Settings


class Chatbot:
    """Answers questions from one index, citing a sentence for every statement."""

    def __init__(
        self, index: PassageIndex, generator: Generator, *, settings: Settings, choice: Choice | None = None
    ) -> None:
        """Join the parts; most callers want `Chatbot.open`."""
        self._index = index
        self._choice = choice or Choice(generator)
        self._generator = generator
        self._answerer = Answerer(index, settings)
        self._changing = threading.Lock()
        self.settings = settings

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        llm: str | Path | None = None,
        embedder: str | Path | None = None,
        store: str | None = None,
        settings: Settings | None = None,
        report: Report | None = None,
    ) -> Chatbot:
        """Open a folder of articles, or a saved index.

        A folder's index is kept in the user's cache and brought up to date here; a saved index is opened as it is.
        Models are fetched if they are not there yet, the language model with the first question that needs it.

        Args:
            path: A folder of articles, or an index folder.
            llm: Name in models.txt, path of a GGUF file or address of a server; None for the default.
            embedder: Name in models.txt or path of a sentence-transformers folder; None for the default.
            store: A Milvus server or file that searches the passages, to which the index has been pushed.
            settings: None for the defaults.
            report: Takes one line for the user at a time, about fetching and indexing; by default they go nowhere.

        Returns:
            The chatbot.

        Raises:
            CitewellError: The articles, the index or a model cannot be used; the message says what to do.
        """
        settings = settings or Settings()
        say = report or (lambda line: None)
        models = ModelStore.open(report=say)

        def make(name_or_path: str | Path | None) -> Generator:
            if isinstance(name_or_path, str) and is_address(name_or_path):
                from qa.remote import remote_generator  # noqa: PLC0415 - an HTTP library, which few need

                return remote_generator(name_or_path, report=say)
            return LlamaGenerator(
                lambda: models.locate(name_or_path, "llm"),
                name=models.identify(name_or_path, "llm"),
                context_tokens=settings.context_tokens,
                threads=settings.threads,
            )

        generator = make(llm)  # before anything long: an unknown name fails at once
        index = open_index(Path(path), embedder=embedder, store=store, report=say)
        choice = Choice(
            generator, others=lambda: models_on_disk(models), make=make, fetched=lambda: models.fetched(llm, "llm")
        )
        return cls(index, generator, settings=settings, choice=choice)

    @property
    def articles(self) -> tuple[Article, ...]:
        """All articles, in order."""
        return self._index.articles

    @property
    def added(self) -> frozenset[str]:
        """Ids of the articles that were added here, beside those of the folder."""
        return frozenset(AddedArticles.of(self._index.folder).ids)

    @property
    def index_folder(self) -> Path:
        """Where the index is."""
        return self._index.folder

    @property
    def llm_name(self) -> str:
        """What answers call the language model, where no other is named."""
        return self._generator.name

    @property
    def at_once(self) -> int:
        """How many answers it pays to work on at once."""
        return self._generator.at_once

    @property
    def tokens(self) -> tuple[int, int] | None:
        """Tokens the default language model has read and written since the start; None for one on a server."""
        return self._generator.tokens if isinstance(self._generator, LlamaGenerator) else None

    @property
    def sent_to(self) -> str:
        """The other machine that runs the language model, and gets questions and sentences; empty where none does."""
        return self._generator.sent_to

    @property
    def llm_names(self) -> tuple[str, ...]:
        """The language models that may be named: the default, then those of models.txt that are on disk."""
        return self._choice.names

    @property
    def llm_bytes(self) -> tuple[int, int]:
        """Bytes of the default language model on disk, and in all: unequal while it is fetched; both 0 for a path."""
        return self._choice.fetched()

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

    def add(self, sources: Sequence[Path | str], *, names: Sequence[str] | None = None) -> Loaded:
        """Add articles, which the next question is put to as well. They are kept in the user's data, not in the folder.

        Args:
            sources: Article files as Paths, and addresses of web pages or feeds as str, which are fetched now.
            names: What readers call them, for ids and messages; by default a file's name, and the address.

        Returns:
            The articles added, with their ids, and the problem of everything that was not.

        Raises:
            CitewellError: The index, or the user's data folder, cannot be written.
        """
        read = read_sources(sources, names=names)  # which may take long, and changes nothing
        with self._changing:
            return add_articles(self._index, read)

    def remove(self, article_ids: Collection[str]) -> None:
        """Take articles that were added out again.

        Args:
            article_ids: Some of `added`.

        Raises:
            SettingsError: An id is of no article that was added.
        """
        with self._changing:
            remove_added(self._index, article_ids)

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
        return find(self._index, clean_question(words, most=self.settings.max_question_chars), k=k, only=articles)

    def search_many(self, questions: Sequence[str], *, k: int = 10) -> list[tuple[Hit, ...]]:
        """Search for many questions at once, none empty, over all articles; as `search`, and faster for thousands."""
        most = self.settings.max_question_chars
        return find_many(self._index, [clean_question(question, most=most) for question in questions], k=k)

    def rank(self, question: str, *, k: int = 10) -> tuple[Hit, ...]:
        """As `search`, the best put in order by the language model as for an answer; takes seconds."""
        cleaned = clean_question(question, most=self.settings.max_question_chars)
        return self._answerer.ranked(cleaned, self._generator, k=k)

    def ask(self, question: str, *, articles: Sequence[str] | None = None, llm: str | None = None) -> Answer:
        """Answer one question.

        Args:
            question: In any words, up to `settings.max_question_chars` characters.
            articles: Ids of the articles to ask; None for all.
            llm: One of `llm_names`; None for the default.

        Returns:
            The answer; declined where the articles do not hold one.

        Raises:
            QuestionError: The question is empty or too long.
            SettingsError: There is no such article or model.
        """
        return last_answer(self.stream(question, articles=articles, llm=llm))

    def stream(
        self, question: str, *, articles: Sequence[str] | None = None, llm: str | None = None
    ) -> Iterator[Event]:
        """Answer one question, as `ask`, step by step; closing the iterator stops the model at the next step.

        Quotes come at once, then a ClaimReady for each claim that passed its check, then the finished Answer.
        """
        return self.stream_whole(question, articles, llm=llm, asked_as=lambda cleaned: cleaned)

    def chat(self, history: Sequence[tuple[str, str]] = ()) -> Chat:
        """Start a conversation; `history` holds earlier questions and the texts of their answers, oldest first."""
        return Chat(self, history)

    def load(self) -> None:
        """Load the models now rather than at the first question."""
        for hit in self._index.search("raedy", k=1):  # misspelt, so that the dictionary is read too
            self._index.put_to("raedy", hit.sentence.article)  # and what articles say of names
        self._generator.prepare([])

    def warm_up(self) -> None:
        """Let the language model read its instructions now; they take it some seconds, once."""
        for prompt in one_of_each(probed=self._generator.has_probe(answer_prompt("", ""))):
            self._generator.prepare([prompt])  # one by one, so that a question need not wait for all

    def rewrite(self, question: str, history: Sequence[tuple[str, str]], *, llm: str | None = None) -> str:
        """A follow-up as a question that needs no conversation around it, in one line."""
        recent = history[-self.settings.remembered_turns :]
        return whole_question(question, recent, self._choice.pick(llm))

    def stream_whole(
        self,
        question: str,
        articles: Sequence[str] | None,
        *,
        llm: str | None,
        asked_as: Callable[[str], str],
        near: Sequence[Sentence] = (),
    ) -> Iterator[Event]:
        """As `stream`, for a question that `asked_as` makes whole first and that may be answered `near` sentences."""
        generator = self._choice.pick(llm)
        started = time.perf_counter()
        asked = clean_question(question, most=self.settings.max_question_chars)
        self._check_articles(articles)
        whole = asked_as(asked)
        for event in timed(self._answerer.steps(whole, articles, generator, near=near), since=started):
            if isinstance(event, Answer):
                known_as = whole if whole != asked else None
                named = replace(event, llm=generator.name, embedder=self.embedder_name)
                event = replace(named, question=question, asked_as=known_as)  # noqa: PLW2901 - the same event, complete
            yield event

    def _check_articles(self, articles: Sequence[str] | None) -> None:
        if articles and (unknown := {*articles} - (known := {article.id for article in self.articles})):
            raise SettingsError(f"no article {min(unknown)!r}; there are: {', '.join(sorted(known)[:20])}")
