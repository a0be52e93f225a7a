"""ArticleStore: articles, sentences and vectors of one index in one SQLite file, the only truth an index has.

Everything else (FAISS rows, BM25 tables) is rebuilt from it when an index is opened. Each article is written in one
transaction, so a process killed at any moment leaves every article either as it was or as it is to be.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.article import Article, Sentence
from index.errors import CitewellError, IndexMissingError, IndexStaleError, OffsetError
from index.sentences import SPLITTER, Split

FORMAT = 1
FILE = "index.sqlite"
REBUILD = "build it again with: citewell index build --articles DIR --index FOLDER"
BUSY_S = 30  # how long to wait for another process that is writing

_UNREADABLE = (sqlite3.Error, OffsetError, ValueError, TypeError)  # what damaged files have been seen to raise

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
            store = cls(folder, _connect(folder / FILE))
        except (OSError, sqlite3.Error) as error:
            raise IndexStaleError(folder, f"an index cannot be written there ({error})") from error
        with store._transaction() as connection:
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'manifest'").fetchone():
                for statement in _SCHEMA.split(";\n"):
                    if statement.strip():
                        connection.execute(statement)
                connection.executemany("INSERT INTO manifest VALUES (?, ?)", asdict(manifest).items())
        return store

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
            pages, page_bytes = (connection.execute(f"PRAGMA {n}").fetchone()[0] for n in ("page_count", "page_size"))
            if path.stat().st_size < pages * page_bytes:  # SQLite itself takes a cut-off last page as zeros
                raise ValueError("the file is cut off")
        except _UNREADABLE as error:
            raise _refusal(folder, error) from error
        return cls(folder, connection)

    @staticmethod
    def clear(folder: Path) -> None:
        """Remove the index in a folder, if there is one; other files there stay.

        Args:
            folder: An index folder.

        Raises:
            IndexStaleError: It cannot be removed.
        """
        try:
            for path in (folder / f"{FILE}-journal", folder / FILE):
                path.unlink(missing_ok=True)
        except OSError as error:
            raise IndexStaleError(folder, f"the index that was there cannot be removed ({error.strerror})") from error

    @property
    def manifest(self) -> Manifest:
        """What the index was made with.

        Raises:
            IndexStaleError: The manifest is incomplete or of another format.
        """
        with self._reading() as connection:
            values = dict(connection.execute("SELECT name, value FROM manifest").fetchall())
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
        with self._reading() as connection:
            return dict(connection.execute("SELECT id, sha256 FROM articles ORDER BY position, id").fetchall())

    def put(self, stored: Stored, article: Article) -> None:
        """Add an article as the last one, or replace the one with its id, in one transaction.

        Args:
            stored: Its sentences and vectors.
            article: The article.
        """
        vectors = iter(zip(stored.own, stored.around, strict=True))
        rows = []
        for s in stored.split.sentences:
            reason = stored.split.left_out.get(s.number)
            own, around = (None, None) if reason else (v.astype(np.float32).tobytes() for v in next(vectors))
            rows.append((article.id, s.number, s.start, s.end, reason, own, around))
        with self._transaction() as connection:
            before = connection.execute("SELECT position FROM articles WHERE id = ?", (article.id,)).fetchone()
            last = connection.execute("SELECT coalesce(max(position), -1) + 1 FROM articles").fetchone()
            values = (article.id, (before or last)[0], article_hash(article), article.text, article.title)
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

    def arrange(self, article_ids: Iterable[str]) -> None:
        """Put the articles into this order."""
        with self._transaction() as connection:
            connection.executemany("UPDATE articles SET position = ? WHERE id = ?", enumerate(article_ids))

    def read(self) -> list[tuple[Article, Stored]]:
        """Every article as it is kept, in order; all as of one moment, whatever other processes write.

        Returns:
            Each article with its sentences and vectors.

        Raises:
            IndexStaleError: The file is damaged.
        """
        dim = self.manifest.dim
        columns = "id, text, title, publisher, author, date, url"
        with self._reading() as connection:
            found = connection.execute(f"SELECT {columns} FROM articles ORDER BY position, id").fetchall()
            articles = [Article(**dict(zip(columns.split(", "), row, strict=True))) for row in found]
            return [(article, _stored(connection, article, dim)) for article in articles]

    def faults(self) -> list[str]:
        """What SQLite itself finds wrong with the file, and articles whose text is not what was stored."""
        with self._reading() as connection:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check").fetchall() if row[0] != "ok"]
            found += [f"{row[0]}: a stray row" for row in connection.execute("PRAGMA foreign_key_check").fetchall()]
        hashes = self.hashes()
        changed = [article.id for article, _ in self.read() if article_hash(article) != hashes.get(article.id)]
        return [*found, *(f"{article_id}: its text has changed in the file" for article_id in changed)]

    def close(self) -> None:
        """Release the file."""
        self._connection.close()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """One moment of the file; whatever does not read as an index is one clear line."""
        try:
            with self._connection:
                self._connection.execute("BEGIN")
                yield self._connection
        except _UNREADABLE as error:
            raise _refusal(self.folder, error) from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; a full disk or a read-only folder is one clear line."""
        try:
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
        except sqlite3.Error as error:
            if _is_busy(error):
                raise _refusal(self.folder, error) from error
            problem = f"the index cannot be written ({error})"
            raise IndexStaleError(self.folder, problem, "what was stored before stays") from error


def article_hash(article: Article) -> str:
    """sha256 over an article's text and metadata: equal only if nothing has to be stored again."""
    parts = (article.text, article.title, article.publisher, article.author, article.date, article.url)
    return hashlib.sha256("\0".join(part or "" for part in parts).encode("utf-8", "surrogatepass")).hexdigest()


def _stored(connection: sqlite3.Connection, article: Article, dim: int) -> Stored:
    """An article's sentences and vectors; ValueError or OffsetError where they are not what was put."""
    rows = connection.execute(
        "SELECT number, start, end, left_out, own, around FROM sentences WHERE article = ? ORDER BY number",
        (article.id,),
    ).fetchall()
    sentences = tuple(Sentence(article, number, start, end) for number, start, end, *_ in rows)
    split = Split(sentences, {number: reason for number, _, _, reason, _, _ in rows if reason})
    own, around = (_matrix([row[column] for row in rows], dim) for column in (4, 5))
    if not len(own) == len(around) == len(split.kept):
        raise ValueError(f"{article.id} has {len(split.kept)} sentences, {len(own)} vectors")
    return Stored(split, own, around)


def _refusal(folder: Path, error: Exception) -> CitewellError:
    """Why an index cannot be read: another process writes it just now, or it is damaged."""
    if _is_busy(error):
        return CitewellError(f"{folder}: another citewell is writing to this index; try again when it is done")
    found = " ".join(str(error).split())[:200]  # SQLite may quote a whole damaged text
    return IndexStaleError(folder, f"the index is damaged ({found})", REBUILD)


def _is_busy(error: Exception) -> bool:
    return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _matrix(blobs: list[bytes | None], dim: int) -> Vectors:
    vectors = np.frombuffer(b"".join(blob for blob in blobs if blob), dtype=np.float32).reshape(-1, dim)
    if not np.isfinite(vectors).all():
        raise ValueError("a vector is not finite")
    return vectors
