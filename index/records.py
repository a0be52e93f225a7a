"""Values <-> what the index file keeps of them: hashes, seals, JSON and blobs (pure)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from index.article import Article, Sentence
from index.reprints import Hashes, Prints
from index.sentences import SPLITTER, Split

Vectors = npt.NDArray[np.float32]
SentenceRow = tuple[int, int, int, str | None]  # number, start, end, why it is left out
DerivedRow = tuple[bytes, bytes, bytes, bytes]  # own, around, prints of sentences, sketch

_OWN_COLUMNS = ("id", "text")  # every other field of an article is kept as JSON, so a new one needs no new format


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index was made with; an index opens only for the same."""

    embedder: str
    fingerprint: str
    dim: int
    splitter: str = SPLITTER

    @property
    def made_with(self) -> str:
        """Sentences and vectors may be mixed only where this is equal."""
        return f"{self.fingerprint} {self.splitter}"


@dataclass(frozen=True, slots=True)
class Stored:
    """What is worked out from one article's text: its sentences, two vectors for each citable one, and its prints."""

    split: Split
    own: Vectors  # (citable sentences, dim)
    around: Vectors  # (citable sentences, dim)
    prints: Prints


def article_hash(article: Article) -> str:
    """sha256 over an article's text and metadata: equal only if nothing has to be stored again."""
    return hashlib.sha256(f"{about(article)}\0{article.text}".encode("utf-8", "surrogatepass")).hexdigest()


def about(article: Article) -> str:
    """An article's metadata as JSON, without what is not stated."""
    stated = {f.name: getattr(article, f.name) for f in fields(article) if f.name not in _OWN_COLUMNS}
    kept = {name: value for name, value in stated.items() if value is not None}
    return json.dumps(kept, sort_keys=True)


def article_of(article_id: str, text: str, metadata: str) -> Article:
    """An article from its row.

    Args:
        article_id: The id.
        text: The text.
        metadata: What `about` gave.

    Returns:
        The article; ValueError or TypeError if the row is not one.
    """
    stated = json.loads(metadata)
    if not (isinstance(stated, dict) and isinstance(text, str)):
        raise ValueError(f"{article_id} is not a text with its metadata")
    return Article(**{**{name: _frozen(value) for name, value in stated.items()}, "id": article_id, "text": text})


def sentence_rows(stored: Stored) -> list[SentenceRow]:
    """One row for each sentence, in order."""
    left_out = stored.split.left_out
    return [(s.number, s.start, s.end, left_out.get(s.number)) for s in stored.split.sentences]


def derived_row(stored: Stored) -> DerivedRow:
    """Vectors and prints as bytes."""
    own, around = (np.ascontiguousarray(vectors, dtype="<f4").tobytes() for vectors in (stored.own, stored.around))
    same, sketch = (h.astype("<u8").tobytes() for h in (stored.prints.sentences, stored.prints.sketch))
    return own, around, same, sketch


def split_of(article: Article, rows: Sequence[SentenceRow]) -> Split:
    """An article's sentences from their rows; OffsetError where one is no range of the text, ValueError for a gap."""
    if [row[0] for row in rows] != list(range(len(rows))):
        raise ValueError(f"sentences of {article.id} are missing")
    sentences = tuple(Sentence(article, number, start, end) for number, start, end, _ in rows)
    return Split(sentences, {number: reason for number, _, _, reason in rows if reason})


def vectors_of(blob: bytes, *, rows: int, dim: int) -> Vectors:
    """Vectors from their bytes.

    Args:
        blob: What was stored.
        rows: How many there must be.
        dim: Their length.

    Returns:
        float32, shape (rows, dim); ValueError where they are not what was stored.
    """
    vectors = np.frombuffer(blob, dtype="<f4")
    if len(vectors) != rows * dim:
        raise ValueError(f"{rows} sentences, but {len(vectors) / dim:g} vectors")
    if not np.isfinite(vectors).all():
        raise ValueError("a vector is not finite")
    return cast("Vectors", vectors.reshape(rows, dim))


def hashes_of(blob: bytes) -> Hashes:
    """Prints from their bytes."""
    return np.frombuffer(blob, dtype="<u8").astype(np.uint64)


def seal_of(made_with: str, sentences: Iterable[SentenceRow], derived: DerivedRow) -> str:
    """sha256 over everything that was worked out from an article, to tell if a byte of it has changed since."""
    digest = hashlib.sha256(json.dumps([made_with, [list(row) for row in sentences]]).encode())
    for blob in derived:
        digest.update(hashlib.sha256(blob).digest())
    return digest.hexdigest()


def _frozen(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """JSON's lists as the tuples they were."""
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
