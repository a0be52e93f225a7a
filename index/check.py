"""Is an index whole? Every byte of it against what was stored, and every citation against its text."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass

from index.article import Article
from index.database import UNREADABLE
from index.records import DerivedRow, SentenceRow, Stored, article_of, hashes_of, seal_of, split_of, vectors_of
from index.reprints import Prints
from index.schema import list_digest, read_manifest
from index.sentences import SPLITTER, split_article
from index.store import ArticleStore


@dataclass(frozen=True, slots=True)
class Found:
    """One article as a check finds it.

    Attributes:
        id: Its id, as far as it can be read.
        article: Text and metadata, if they are what was stored.
        stored: What was worked out from them, if that is what was stored and what the text gives.
        made_with: Embedder and splitter of `stored`.
        fault: What is wrong, as a clause; empty if nothing is.
    """

    id: str
    article: Article | None
    stored: Stored | None
    made_with: str
    fault: str = ""


def faults_of(store: ArticleStore) -> tuple[str, ...]:
    """Look for anything that is not as it was stored.

    Args:
        store: The index.

    Returns:
        A line for each fault; empty if the index is whole.

    Raises:
        IndexDamagedError: The file is too damaged to be read through.
    """
    faults: list[str] = []
    with store.database.reading() as connection:
        faults += [row[0] for row in connection.execute("PRAGMA integrity_check").fetchall() if row[0] != "ok"]
        faults += [f"{row[0]}: a stray row" for row in connection.execute("PRAGMA foreign_key_check").fetchall()]
        sealed = connection.execute("SELECT value FROM manifest WHERE name = 'articles'").fetchone()
        if sealed != (list_digest(connection),):
            faults.append("its articles are not those of the last change")
        dim = read_manifest(connection)[1].dim
        for (key,) in connection.execute("SELECT key FROM articles ORDER BY position, id").fetchall():
            found = examine(connection, key, dim)
            faults += [f"{found.id}: {found.fault}"] * bool(found.fault)
    return tuple(faults)


def examine(connection: sqlite3.Connection, key: int, dim: int) -> Found:
    """Compare one article with its hashes and with what its text gives anew.

    Args:
        connection: A moment of the index.
        key: The article's key in the tables.
        dim: Length of the vectors.

    Returns:
        What is left of it; sqlite3.Error where the file itself cannot be read.
    """
    sql = "SELECT id, text, about, sha256, made_with FROM articles WHERE key = ?"
    article_id, text, about, sha256, made_with = connection.execute(sql, (key,)).fetchone()
    try:
        article = article_of(article_id, text, about)
        if hashlib.sha256(f"{about}\0{text}".encode()).hexdigest() != sha256:
            raise ValueError(article_id)
    except (ValueError, TypeError):
        return Found(str(article_id), None, None, str(made_with), "its text or metadata has changed in the file")
    try:
        stored = _stored(connection, key, article, made_with, dim)
    except UNREADABLE:
        return Found(article.id, article, None, made_with, "its sentences or vectors have changed in the file")
    ranges = [(s.start, s.end) for s in stored.split.sentences]
    if made_with.endswith(f" {SPLITTER}") and ranges != [(s.start, s.end) for s in split_article(article).sentences]:
        return Found(article.id, article, None, made_with, "its sentences are not those of its text")
    return Found(article.id, article, stored, made_with)


def _stored(connection: sqlite3.Connection, key: int, article: Article, made_with: str, dim: int) -> Stored:
    """What was worked out from an article; ValueError and others where it is not what was stored."""
    sql = "SELECT number, start, end, left_out FROM sentences WHERE article = ? ORDER BY number"
    rows: list[SentenceRow] = connection.execute(sql, (key,)).fetchall()
    sql = "SELECT own, around, same, sketch FROM derived WHERE article = ?"
    derived: DerivedRow = connection.execute(sql, (key,)).fetchone()
    seal = connection.execute("SELECT seal FROM derived WHERE article = ?", (key,)).fetchone()
    if derived is None or seal != (seal_of(made_with, rows, derived),):
        raise ValueError(f"{article.id}: broken seal")
    split = split_of(article, rows)
    own, around = (vectors_of(blob, rows=len(split.kept), dim=dim) for blob in derived[:2])
    return Stored(split, own, around, Prints(hashes_of(derived[2]), hashes_of(derived[3])))
