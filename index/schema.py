"""The tables of an index file, and how a file of an older format is brought to the one of today."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict

import numpy as np

from index.article import Article, Sentence
from index.records import Manifest, Stored, about, article_hash, derived_row, seal_of, sentence_rows
from index.reprints import take_prints
from index.sentences import Split

FORMAT = 2

_TABLES = (
    "CREATE TABLE manifest (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE articles (
        key INTEGER PRIMARY KEY,
        id TEXT NOT NULL,
        position INTEGER,        -- place in the index; NULL: staged, that is embedded but not part of the index yet
        sha256 TEXT NOT NULL,    -- of text and metadata
        made_with TEXT NOT NULL, -- embedder and splitter of what was worked out from it
        text TEXT NOT NULL,
        about TEXT NOT NULL      -- metadata, as JSON
    )""",
    "CREATE UNIQUE INDEX published ON articles (id) WHERE position IS NOT NULL",
    # what an index holds is asked at every change: from here it is read without the texts
    "CREATE INDEX listed ON articles (position, id, sha256) WHERE position IS NOT NULL",
    "CREATE UNIQUE INDEX staged ON articles (id, sha256, made_with) WHERE position IS NULL",
    """CREATE TABLE sentences (
        article INTEGER NOT NULL REFERENCES articles(key) ON DELETE CASCADE,
        number INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
        left_out TEXT,           -- why the sentence is not citable, else NULL
        PRIMARY KEY (article, number)
    ) WITHOUT ROWID""",
    """CREATE TABLE derived (
        article INTEGER PRIMARY KEY REFERENCES articles(key) ON DELETE CASCADE,
        seal TEXT NOT NULL,      -- sha256 of sentences and what follows
        own BLOB NOT NULL, around BLOB NOT NULL, -- float32 vectors of the citable sentences and of their passages
        same BLOB NOT NULL, sketch BLOB NOT NULL -- uint64 prints of the sentences and of the article
    )""",
)


def list_digest(connection: sqlite3.Connection) -> str:
    """sha256 over ids and hashes of all that is published, in order: what a change as a whole came to."""
    sql = "SELECT id, sha256 FROM articles WHERE position IS NOT NULL ORDER BY position, id"
    return hashlib.sha256(json.dumps(connection.execute(sql).fetchall()).encode()).hexdigest()


def seal_list(connection: sqlite3.Connection) -> None:
    """Write down what the index holds; a check finds by it a change of which a broken disk kept a part."""
    connection.execute("INSERT OR REPLACE INTO manifest VALUES ('articles', ?)", (list_digest(connection),))


def create_tables(connection: sqlite3.Connection, manifest: Manifest) -> None:
    """Make the tables of an empty index."""
    for table in _TABLES:
        connection.execute(table)
    write_manifest(connection, manifest)
    seal_list(connection)


def write_manifest(connection: sqlite3.Connection, manifest: Manifest) -> None:
    """Say what the index is made with, in place of what was said before."""
    connection.execute("DELETE FROM manifest")
    connection.executemany("INSERT INTO manifest VALUES (?, ?)", {**asdict(manifest), "format": FORMAT}.items())


def read_manifest(connection: sqlite3.Connection) -> tuple[int, Manifest]:
    """Read what an index says of itself.

    Args:
        connection: Of an index of any format.

    Returns:
        Its format, and what it is made with; ValueError where it does not say.
    """
    values = dict(connection.execute("SELECT name, value FROM manifest").fetchall())
    try:
        manifest = Manifest(values["embedder"], values["fingerprint"], int(values["dim"]), values["splitter"])
        return int(values["format"]), manifest
    except KeyError as error:
        raise ValueError(f"it does not say its {error}") from error


def insert(
    connection: sqlite3.Connection, article: Article, stored: Stored, made_with: str, *, position: int | None
) -> None:
    """Write an article with what was worked out from it.

    Args:
        connection: In a transaction.
        article: The article.
        stored: Its sentences, vectors and prints.
        made_with: `Manifest.made_with` of splitter and embedder.
        position: Its place in the index; None to stage it.
    """
    rows, derived = sentence_rows(stored), derived_row(stored)
    values = (article.id, position, article_hash(article), made_with, article.text, about(article))
    sql = "INSERT INTO articles (id, position, sha256, made_with, text, about) VALUES (?, ?, ?, ?, ?, ?)"
    key = connection.execute(sql, values).lastrowid
    connection.executemany("INSERT INTO sentences VALUES (?, ?, ?, ?, ?)", ((key, *row) for row in rows))
    connection.execute(
        "INSERT INTO derived VALUES (?, ?, ?, ?, ?, ?)", (key, seal_of(made_with, rows, derived), *derived)
    )


def migrate(connection: sqlite3.Connection) -> None:
    """Bring an index of format 1 to the format of today; nothing is embedded again.

    Args:
        connection: In a transaction, so that a migration that is broken off has not happened.
    """
    found, manifest = read_manifest(connection)
    if found >= FORMAT:
        return  # another process was faster
    for table in ("articles", "sentences"):
        connection.execute(f"ALTER TABLE {table} RENAME TO {table}_1")
    connection.execute("DROP TABLE manifest")
    create_tables(connection, manifest)
    for position, (article, stored) in enumerate(_format_1(connection, manifest.dim)):
        insert(connection, article, stored, manifest.made_with, position=position)
    for table in ("sentences", "articles"):
        connection.execute(f"DROP TABLE {table}_1")
    seal_list(connection)


def _format_1(connection: sqlite3.Connection, dim: int) -> Iterator[tuple[Article, Stored]]:
    """The articles of an index of format 1, which kept metadata in columns and vectors with each sentence."""
    columns = ("id", "text", "title", "publisher", "author", "date", "url")
    for values in connection.execute(f"SELECT {', '.join(columns)} FROM articles_1 ORDER BY position, id").fetchall():
        article = Article(**dict(zip(columns, values, strict=True)))
        sql = "SELECT number, start, end, left_out, own, around FROM sentences_1 WHERE article = ? ORDER BY number"
        rows = connection.execute(sql, (article.id,)).fetchall()
        sentences = tuple(Sentence(article, number, start, end) for number, start, end, *_ in rows)
        split = Split(sentences, {number: reason for number, _, _, reason, *_ in rows if reason})
        own, around = (
            np.frombuffer(b"".join(row[column] or b"" for row in rows), dtype="<f4").reshape(len(split.kept), dim)
            for column in (4, 5)
        )
        yield article, Stored(split, own, around, take_prints(split))
