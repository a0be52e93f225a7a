"""What the page needs of a Chatbot; the tests' stand-in gives the same."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from index.article import Article, Hit, Sentence
from index.load import Loaded
from qa.answer import Answer, Event


class Chat(Protocol):
    """A conversation with a Chatbot: later questions may lean on earlier ones."""

    def stream(
        self, question: str, *, articles: Sequence[str] | None = None, llm: str | None = None
    ) -> Iterator[Event]:
        """Quotes, each checked claim, the finished Answer."""
        ...


class Bot(Protocol):
    """What the page needs of a Chatbot."""

    @property
    def articles(self) -> tuple[Article, ...]:
        """All articles, in the order they are listed."""
        ...

    @property
    def llm_name(self) -> str:
        """Name of the language model that answers unless another is chosen."""
        ...

    @property
    def at_once(self) -> int:
        """How many answers it pays to work on at once."""
        ...

    @property
    def llm_names(self) -> tuple[str, ...]:
        """Names of all that may be chosen."""
        ...

    @property
    def sent_to(self) -> str:
        """The other machine that questions and sentences are sent to; empty where they are not."""
        ...

    @property
    def llm_bytes(self) -> tuple[int, int]:
        """Bytes of the default language model on disk, and bytes it has in all."""
        ...

    @property
    def added(self) -> frozenset[str]:
        """Ids of the articles that readers added."""
        ...

    @property
    def index_folder(self) -> Path:
        """Where the index is."""
        ...

    def load(self) -> None:
        """Load the default models; CitewellError where that cannot be."""
        ...

    def warm_up(self) -> None:
        """Let the language model read its instructions now."""
        ...

    def add(self, sources: Sequence[Path | str], *, names: Sequence[str] | None = None) -> Loaded:
        """Add articles from files and web addresses; returns those added, and the problems of the rest."""
        ...

    def remove(self, article_ids: Collection[str]) -> None:
        """Take added articles out again."""
        ...

    @property
    def embedder_name(self) -> str:
        """Name of the embedding model."""
        ...

    def sentences(self, article_id: str) -> tuple[Sentence, ...]:
        """The sentences of an article that may be cited, in order."""
        ...

    def ask(self, question: str, *, articles: Sequence[str] | None = None) -> Answer:
        """Answer one question on its own."""
        ...

    def search(self, words: str, *, k: int = 10, articles: Sequence[str] | None = None) -> tuple[Hit, ...]:
        """The sentences nearest to the words, best first."""
        ...

    def chat(self) -> Chat:
        """A new conversation."""
        ...
