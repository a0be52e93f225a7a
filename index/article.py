"""The values that flow through citewell: Article, Sentence, Passage, Hit. All frozen, ranges checked when made.

Text is kept once, in the Article; everything after it is a range, so text and offsets cannot disagree.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from index.errors import OffsetError


@dataclass(frozen=True, slots=True)
class Article:
    """One source text. Two articles are the same article if they are the same object or have the same id and text.

    `publisher`, `author`, `date`, `url` and `language` are None unless the source itself, or its user, states them.
    """

    id: str
    text: str = field(repr=False)
    title: str
    publisher: str | None = None
    author: str | None = None
    date: str | None = None  # as the source states it, e.g. "October 27, 2023"
    url: str | None = None
    language: str | None = None  # a code such as "en"
    pages: tuple[int, ...] | None = field(default=None, repr=False)  # offsets where pages begin; None: it has none


@dataclass(frozen=True, slots=True)
class Sentence:
    """Half-open range [start, end) of article.text, in str indices (not bytes, not tokens)."""

    article: Article = field(repr=False)
    number: int  # from 0 in its article
    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= len(self.article.text):
            raise OffsetError(
                f"sentence {self.number} of {self.article.id}: [{self.start}, {self.end}) is no range of its "
                f"{len(self.article.text)} characters; please report this"
            )

    @property
    def text(self) -> str:
        """The cited words, exactly as the article has them."""
        return self.article.text[self.start : self.end]

    @property
    def key(self) -> tuple[str, int]:
        """Article id and sentence number: unique in an index."""
        return self.article.id, self.number

    @property
    def page(self) -> int | None:
        """The page it begins on, from 1; None where the article has no pages."""
        return bisect_right(self.article.pages, self.start) if self.article.pages else None


@dataclass(frozen=True, slots=True)
class Passage:
    """Neighbouring sentences of one article: what is embedded and searched. Never empty."""

    sentences: tuple[Sentence, ...]

    def __post_init__(self) -> None:
        if not self.sentences:
            raise OffsetError("a passage has no sentences; please report this")

    @property
    def article(self) -> Article:
        """The one article all sentences come from."""
        return self.sentences[0].article

    @property
    def text(self) -> str:
        """From the first sentence's start to the last one's end, as the article has it."""
        return self.article.text[self.sentences[0].start : self.sentences[-1].end]


@dataclass(frozen=True, slots=True)
class Hit:
    """A sentence that retrieval returned: higher scores are better, rank counts from 1."""

    sentence: Sentence
    score: float
    rank: int
