"""ArticleStore: articles, sentences and vectors of one index in one SQLite file, the only truth an index has.

Everything else (FAISS rows, BM25 tables) is rebuilt from it when an index is opened. Each article is written in one
transaction, so a process killed at any moment leaves every article either as it was or as it is to be.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.article import Article, Sentence
from index.errors import IndexMissingError, IndexStaleError
from index.sentences import SPLITTER, Split

FORMAT = 1
FILE = "index.sqlite"
REBUILD = "build it again with: citewell index build --articles DIR --index FOLDER"
BUSY_S = 30  # how long to wait for another process that is writing

Vectors = npt.NDArray[np.float32]

_SCHEMA = """
CREATE TABLE manifest (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE articles (
    id TEXT PRIMARY KEY, position INTEGER NOT NULL, sha256 TEXT NOT NULL, text TEXT NOT NULL, title TEXT NOT NULL,
    publisher TEXT, author TEXT, date TEXT, url TEXT
);
CREATE TABLE sentences (
    article TEXT NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    number INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
    left_out TEXT,            -- why the sentence is not citable, else NULL
    own BLOB, around BLOB,    -- float32 vectors of the sentence and of its passage, NULL where left out
    PRIMARY KEY (article, number)
);
"""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index was made with; an index opens only for the same."""

    embedder: str
    fingerprint: str
    dim: int
    format: int = FORMAT
    splitter: str = SPLITTER


@dataclass(frozen=True, slots=True)
class Stored:
    """One article as it is kept: its sentences, and two vectors for each citable one, in order."""

    split: Split
    own: Vectors  # (citable sentences, dim)
    around: Vectors  # (citable sentences, dim)


class ArticleStore:
    """The SQLite file of one index folder."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self._connection = connection

    @classmethod
    def create(cls, folder: Path, manifest: Manifest) -> ArticleStore:
        """Make an empty index in a folder that has none.

        Args:
            folder: Made with its parents if need be.
            manifest: What the index is made with.

        Returns:
            The empty store.

        Raises:
            IndexStaleError: The folder cannot be written.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            connection = _connect(folder / FILE)
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'manifest'").fetchone():
                    for statement in _SCHEMA.split(";\n"):
                        if statement.strip():
                            connection.execute(statement)
                    connection.executemany("INSERT INTO manifest VALUES (?, ?)", _rows(manifest))
        except (OSError, sqlite3.Error) as error:
            raise IndexStaleError(folder, f"an index cannot be written there ({error})") from error
        return cls(folder, connection)

    @classmethod
    def open(cls, folder: Path) -> ArticleStore:
        """Open the index in a folder.

        Args:
            folder: An index folder.

        Returns:
            The store.

        Raises:
            IndexMissingError: There is no index in the folder.
            IndexStaleError: The file there is damaged.
        """
        path = folder / FILE
        if not path.is_file():
            raise IndexMissingError(f"{folder}: no index there; build one with: citewell index build --articles DIR")
        try:
            connection = _connect(path)
            connection.execute("SELECT count(*) FROM manifest").fetchone()
        except sqlite3.Error as error:
            raise IndexStaleError(folder, f"the index is damaged ({error})", REBUILD) from error
        return cls(folder, connection)

    @property
    def manifest(self) -> Manifest:
        """What the index was made with.

        Raises:
            IndexStaleError: The manifest is incomplete or of another format.
        """
        values = dict(self._connection.execute("SELECT name, value FROM manifest").fetchall())
        try:
            return Manifest(
                embedder=values["embedder"],
                fingerprint=values["fingerprint"],
                dim=int(values["dim"]),
                format=int(values["format"]),
                splitter=values["splitter"],
            )
        except (KeyError, ValueError) as error:
            raise IndexStaleError(self.folder, f"the index does not say its {error}", REBUILD) from error

    def hashes(self) -> dict[str, str]:
        """Article id -> hash of what was stored, in article order."""
        return dict(self._connection.execute("SELECT id, sha256 FROM articles ORDER BY position, id").fetchall())

    def put(self, stored: Stored, article: Article, *, position: int) -> None:
        """Add an article, or replace the one with its id, in one transaction.

        Args:
            stored: Its sentences and vectors.
            article: The article.
            position: Its place among the articles.
        """
        vectors = iter(zip(stored.own, stored.around, strict=True))
        rows = []
        for s in stored.split.sentences:
            reason = stored.split.left_out.get(s.number)
            own, around = (None, None) if reason else (v.astype(np.float32).tobytes() for v in next(vectors))
            rows.append((article.id, s.number, s.start, s.end, reason, own, around))
        values = (article.id, position, article_hash(article), article.text, article.title)
        with self._transaction() as connection:
            connection.execute("DELETE FROM articles WHERE id = ?", (article.id,))
            connection.execute(
                "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*values, article.publisher, article.author, article.date, article.url),
            )
            connection.executemany("INSERT INTO sentences VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def remove(self, article_id: str) -> bool:
        """Remove an article with its sentences; says whether it was there."""
        with self._transaction() as connection:
            return connection.execute("DELETE FROM articles WHERE id = ?", (article_id,)).rowcount > 0

    def read(self) -> Iterator[tuple[Article, Stored]]:
        """Every article as it is kept, in order.

        Raises:
            IndexStaleError: The file is damaged, or a range in it is none.
        """
        dim = self.manifest.dim
        try:
            found = self._connection.execute(
                "SELECT id, text, title, publisher, author, date, url FROM articles ORDER BY position, id"
            ).fetchall()
            for id_, text, title, publisher, author, date, url in found:
                article = Article(
                    id=id_, text=text, title=title, publisher=publisher, author=author, date=date, url=url
                )
                yield article, self._stored(article, dim)
        except sqlite3.Error as error:
            raise IndexStaleError(self.folder, f"the index is damaged ({error})", REBUILD) from error

    def faults(self) -> list[str]:
        """What SQLite itself finds wrong with the file, and articles whose text is not what was stored."""
        faults = [row[0] for row in self._connection.execute("PRAGMA integrity_check").fetchall() if row[0] != "ok"]
        hashes = self.hashes()
        faults += [f"{a.id}: its text has changed in the file" for a, _ in self.read() if article_hash(a) != hashes[a.id]]
        return faults

    def close(self) -> None:
        """Release the file."""
        self._connection.close()

    def _stored(self, article: Article, dim: int) -> Stored:
        rows = self._connection.execute(
            "SELECT number, start, end, left_out, own, around FROM sentences WHERE article = ? ORDER BY number",
            (article.id,),
        ).fetchall()
        sentences = tuple(Sentence(article, number, start, end) for number, start, end, *_ in rows)
        left_out = {number: reason for number, _, _, reason, _, _ in rows if reason}
        own = b"".join(row[4] for row in rows if row[4] is not None)
        around = b"".join(row[5] for row in rows if row[5] is not None)
        return Stored(Split(sentences, left_out), _matrix(own, dim), _matrix(around, dim))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; a full disk or a read-only folder is one clear line."""
        try:
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
        except sqlite3.Error as error:
            raise IndexStaleError(self.folder, f"the index cannot be written ({error})", "nothing was changed") from error


def article_hash(article: Article) -> str:
    """sha256 over an article's text and metadata: equal only if nothing has to be stored again."""
    parts = (article.text, article.title, article.publisher, article.author, article.date, article.url)
    return hashlib.sha256("\0".join(part or "" for part in parts).encode("utf-8", "surrogatepass")).hexdigest()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _rows(manifest: Manifest) -> Sequence[tuple[str, str]]:
    names = ("embedder", "fingerprint", "dim", "format", "splitter")
    return [(name, str(getattr(manifest, name))) for name in names]


def _matrix(blob: bytes, dim: int) -> Vectors:
    return np.frombuffer(blob, dtype=np.float32).reshape(-1, dim)
