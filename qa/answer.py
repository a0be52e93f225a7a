"""What an answer is made of: Citation, Claim, Conflict, Answer. Frozen; `Answer.to_dict` is the JSON everyone gets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypedDict

from index.article import Article, Hit, Sentence
from index.load import plain_text
from qa.speakers import names_voice


class SourceDict(TypedDict):
    """A cited or nearest sentence in JSON: where it stands and the words themselves."""

    article: str
    title: str
    publisher: str | None
    author: str | None
    date: str | None
    url: str | None
    sentence: int
    start: int
    end: int
    page: int | None  # from 1; None where the article has no pages
    text: str


class CitationDict(SourceDict):
    """A cited sentence in JSON, with its number in the answer."""

    number: int


class ClaimDict(TypedDict):
    """A claim in JSON; `citations` holds numbers of the answer's citations."""

    text: str
    verbatim: bool
    support: float
    said_by: str | None
    citations: list[int]


class ConflictDict(TypedDict):
    """Claims (by index from 0) that cannot both be the answer, or differ in precision or framing."""

    claims: list[int]
    about: str


class AnswerDict(TypedDict):
    """`Answer.to_dict`, the one JSON shape of command line, batch, page and API."""

    id: str | None
    question: str
    declined: bool
    text: str
    claims: list[ClaimDict]
    citations: list[CitationDict]
    conflicts: list[ConflictDict]
    asked_as: str | None
    nearest: list[SourceDict]
    timings_s: dict[str, float | None]
    model: dict[str, str]


@dataclass(frozen=True, slots=True)
class Citation:
    """One cited sentence: `article.text[start:end] == text` always holds.

    Attributes:
        source: The sentence, a range of its article.
        number: The mark a reader sees, from 1 in order of first mention in its answer.
    """

    source: Sentence
    number: int

    @property
    def article(self) -> Article:
        """The article cited."""
        return self.source.article

    @property
    def sentence(self) -> int:
        """Number of the sentence in its article, from 0."""
        return self.source.number

    @property
    def start(self) -> int:
        """First character of the sentence in article.text."""
        return self.source.start

    @property
    def end(self) -> int:
        """One past the last character of the sentence in article.text."""
        return self.source.end

    @property
    def text(self) -> str:
        """The sentence itself, exactly as the article has it."""
        return self.source.text


@dataclass(frozen=True, slots=True)
class Claim:
    """One checked statement of an answer, never without a citation.

    Attributes:
        text: What the reader reads, without marks.
        citations: The sentences that say it, best first.
        verbatim: The text is a cited sentence itself, not the model's words.
        support: How surely the sentences say it, 0..1; 1 for verbatim claims.
        said_by: The person, paper or author the claim is to be attributed to, None for plain reporting.
    """

    text: str
    citations: tuple[Citation, ...]
    verbatim: bool
    support: float
    said_by: str | None = None

    def __post_init__(self) -> None:
        if not self.citations:
            raise ValueError(f"a claim needs a citation: {self.text!r}")

    @property
    def attribution(self) -> str | None:
        """Words to put before the text: who says it, unless it names them itself, if only by a surname."""
        if self.said_by is None or names_voice(self.text, self.said_by):
            return None
        return f"According to {self.said_by}:"

    @property
    def attributed_text(self) -> str:
        """The attribution and the text, without markup."""
        return " ".join(part for part in (self.attribution, plain_text(self.text)) if part)

    @property
    def marked_text(self) -> str:
        """The attributed text with its citation marks: `… countries. [1][2]`."""
        return f"{self.attributed_text} {''.join(f'[{c.number}]' for c in self.citations)}"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Claims (by index from 0 in the answer) between which the sources differ."""

    claims: tuple[int, ...]
    about: str


@dataclass(frozen=True, slots=True)
class Timings:
    """Wall-clock seconds from the call to each milestone; None where it did not happen."""

    retrieve: float | None = None
    first_quote: float | None = None
    first_claim: float | None = None
    total: float | None = None

    def to_dict(self) -> dict[str, float | None]:
        """The milestones by name, rounded to milliseconds."""
        names = ("retrieve", "first_quote", "first_claim", "total")
        return {name: None if (s := getattr(self, name)) is None else round(s, 3) for name in names}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question came to. A refusal is an answer too, with `declined` set and the nearest sentences given."""

    question: str
    claims: tuple[Claim, ...] = ()
    declined: bool = False
    lead: str = ""  # a sentence of ours before the claims, e.g. why the question is declined
    conflicts: tuple[Conflict, ...] = ()
    nearest: tuple[Sentence, ...] = ()
    asked_as: str | None = None
    timings: Timings = field(default_factory=Timings)
    llm: str = ""
    embedder: str = ""

    @property
    def text(self) -> str:
        """What a reader reads: the lead, then the claims in order with their marks; no list of sources."""
        return "\n".join([*([self.lead] if self.lead else []), *(claim.marked_text for claim in self.claims)])

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Every distinct citation, by number."""
        numbered = {c.number: c for claim in self.claims for c in claim.citations}
        return tuple(numbered[n] for n in sorted(numbered))

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        if self.asked_as:
            yield f"Asked as: {self.asked_as}\n"
        for conflict in self.conflicts:
            yield f"Sources differ: {conflict.about}" if conflict.about else "Sources differ."
        yield self.text
        if self.citations:
            yield ""
        for c in self.citations:
            yield f"[{c.number}] {source_label(c.article)}, {place_label(c.source)}: {plain_text(c.text)}"
        if self.nearest:
            yield "\nClosest sentences:"
        for sentence in self.nearest:
            yield f"  - {source_label(sentence.article)}, {place_label(sentence)}: {plain_text(sentence.text)}"

    def to_dict(self, *, id: str | None = None) -> AnswerDict:  # noqa: A002 - the JSON key's own name
        """The answer as plain JSON values.

        Args:
            id: The question's id in a batch; None elsewhere.

        Returns:
            A dict that `json.dumps` takes as it is.
        """
        return {
            "id": id,
            "question": self.question,
            "declined": self.declined,
            "text": self.text,
            "claims": [
                {
                    "text": claim.text,
                    "verbatim": claim.verbatim,
                    "support": round(claim.support, 4),
                    "said_by": claim.said_by,
                    "citations": [c.number for c in claim.citations],
                }
                for claim in self.claims
            ],
            "citations": [{"number": c.number, **source_dict(c.source)} for c in self.citations],
            "conflicts": [{"claims": list(conflict.claims), "about": conflict.about} for conflict in self.conflicts],
            "asked_as": self.asked_as,
            "nearest": [source_dict(sentence) for sentence in self.nearest],
            "timings_s": self.timings.to_dict(),
            "model": {"llm": self.llm, "embedder": self.embedder},
        }


def source_dict(sentence: Sentence) -> SourceDict:
    """A sentence with what a reader needs to find it again, as plain JSON values."""
    article = sentence.article
    return {
        "article": article.id,
        "title": article.title,
        "publisher": article.publisher,
        "author": article.author,
        "date": article.date,
        "url": article.url,
        "sentence": sentence.number,
        "start": sentence.start,
        "end": sentence.end,
        "page": sentence.page,
        "text": sentence.text,
    }


def place_label(sentence: Sentence) -> str:
    """Where a sentence stands in its article, in plain text."""
    return (f"page {sentence.page}, " if sentence.page else "") + f"sentence {sentence.number}"


def source_label(article: Article) -> str:
    """How an article is named in plain text: its title, then publisher and date where it states them."""
    stated: Iterable[str | None] = (article.title, article.publisher, article.date)
    return ", ".join(part for part in stated if part)


def one_line(text: str) -> str:
    """The text with each run of whitespace made one space: for terminals, never for offsets."""
    return " ".join(text.split())


@dataclass(frozen=True, slots=True)
class Quotes:
    """First event of a stream: the best matching sentences, best first, before any model has run."""

    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class ClaimReady:
    """A claim of the answer, once it is checked; claims arrive in the order and with the marks of the answer."""

    claim: Claim


Event = Quotes | ClaimReady | Answer
"""What `Chatbot.stream` yields: Quotes once, ClaimReady for each claim, and the finished Answer last."""
