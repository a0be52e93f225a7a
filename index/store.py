"""ArticleStore: articles, sentences and vectors of one index in one SQLite file, the only truth an index has.

Texts and metadata are what cannot be made again; sentences, vectors and prints are worked out from them and kept, so
that opening takes no model; tables for searching are made of them and kept beside the file (index/tables.py). An
article is staged when it has been embedded, and staged articles are published together in one transaction. So whoever
opens the file sees the index before a change or after it, and a change that was broken off goes on where it was.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from index.article import Article
from index.database import FILE, REBUILD, Database
from index.errors import CitewellError, IndexMissingError, IndexStaleError, IndexWriteError
from index.records import (
    Manifest,
    SentenceRow,
    Stored,
    Vectors,
    article_hash,
    article_of,
    hashes_of,
    split_of,
    vectors_of,
)
from index.reprints import Hashes
from index.schema import FORMAT, create_tables, insert, migrate, read_manifest, seal_list, write_manifest
from index.sentences import Split, split_article


@dataclass(frozen=True, slots=True)
class Contents:
    """What an index holds, as of one moment.

    Attributes:
        made_with: Embedder and splitter.
        hashes: Article id -> hash of what was stored, in article order.
        articles: In the same order.
        splits: Article id -> its sentences, for those articles whose sentences and vectors were read, in order.
        own: Vectors of the citable sentences of these, shape (n, dim).
        around: Vectors of their passages, the same shape.
        same: Prints of the citable sentences, shape (n,).
    """

    made_with: str
    hashes: dict[str, str]
    articles: tuple[Article, ...]
    splits: dict[str, Split]
    own: Vectors
    around: Vectors
    same: Hashes


class ArticleStore:
    """The articles of one index folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = Database(folder)

    @classmethod
    def create(cls, folder: Path, manifest: Manifest) -> ArticleStore:
        """Make an empty index in a folder that has none; one that is there stays as it is.

        Args:
            folder: Made with its parents if need be.
            manifest: What the index is made with.

        Returns:
            The store.

        Raises:
            IndexWriteError: The folder cannot be written.
        """
        if not (folder / FILE).exists():
            try:
                folder.mkdir(parents=True, exist_ok=True)
                with TemporaryDirectory(dir=folder, prefix=".new-") as new:  # a file under its name is whole at once
                    with Database(Path(new)).transaction() as connection:
                        create_tables(connection, manifest)
                    _link(Path(new) / FILE, folder / FILE)
            except OSError as error:
                raise IndexWriteError(f"{folder}: an index cannot be written there ({error})") from error
        return cls(folder)

    @classmethod
    def open(cls, folder: Path) -> ArticleStore:
        """Find the index in a folder; one of an older format is brought to the one of today.

        Args:
            folder: An index folder.

        Returns:
            The store.

        Raises:
            IndexMissingError: There is no index in the folder.
            IndexStaleError: The file there is damaged, or of a format that cannot be read.
        """
        path = folder / FILE
        if not path.is_file():
            raise IndexMissingError(f"{folder}: no index there; build one with: citewell index build --articles DIR")
        store = cls(folder)
        with store.database.reading(whole=True) as connection:
            found, _ = read_manifest(connection)
        if found > FORMAT:
            raise IndexStaleError(folder, f"the index has format {found}, this citewell reads format {FORMAT}", REBUILD)
        if found < FORMAT:
            with store.database.transaction() as connection:
                migrate(connection)
        return store

    def writing(self, report: Callable[[str], None] | None = None) -> AbstractContextManager[None]:
        """As `Database.writing`: one process changes the index at a time."""
        return self.database.writing(report)

    @property
    def manifest(self) -> Manifest:
        """What the index was made with.

        Raises:
            IndexDamagedError: The manifest is incomplete.
        """
        with self.database.reading() as connection:
            return read_manifest(connection)[1]

    def hashes(self) -> dict[str, str]:
        """Article id -> hash of what was stored, in article order."""
        with self.database.reading() as connection:
            return _hashes(connection)

    def count_sentences(self) -> int:
        """How many sentences can be cited."""
        with self.database.reading() as connection:
            sql = """SELECT count(*) FROM sentences JOIN articles ON article = key
                     WHERE position IS NOT NULL AND left_out IS NULL"""
            return int(connection.execute(sql).fetchone()[0])

    def staged(self, made_with: str) -> set[tuple[str, str]]:
        """Ids and hashes of the articles that are embedded but not published, of one make."""
        with self.database.reading() as connection:
            sql = "SELECT id, sha256 FROM articles WHERE position IS NULL AND made_with = ?"
            return set(connection.execute(sql, (made_with,)).fetchall())

    def stage(self, found: Iterable[tuple[Article, Stored]], made_with: str) -> None:
        """Keep what was worked out from some articles, in one transaction; the index does not show them yet.

        Args:
            found: Articles, each with its sentences, vectors and prints.
            made_with: `Manifest.made_with` of splitter and embedder.
        """
        with self.database.transaction() as connection:
            for article, stored in found:
                sql = "DELETE FROM articles WHERE position IS NULL AND id = ? AND sha256 = ? AND made_with = ?"
                connection.execute(sql, (article.id, article_hash(article), made_with))
                insert(connection, article, stored, made_with, position=None)

    def publish(
        self,
        put: Mapping[str, str],
        *,
        remove: Collection[str] = (),
        order: Sequence[str] | None = None,
        manifest: Manifest | None = None,
    ) -> None:
        """Make one change of the index, all of it or nothing.

        Args:
            put: Id -> hash of staged articles: each replaces the one of its id, or comes last.
            remove: Ids of articles that go.
            order: All ids in their new order; what else is staged is dropped then. None keeps the order.
            manifest: What the index is made with from now on, if it may be another than before.

        Raises:
            CitewellError: Another process has changed the index since the articles were staged.
        """
        with self.database.transaction() as connection:
            if manifest is not None:
                write_manifest(connection, manifest)
            made_with = read_manifest(connection)[1].made_with
            connection.executemany("DELETE FROM articles WHERE id = ? AND position IS NOT NULL", ((i,) for i in remove))
            last = connection.execute(
                "SELECT coalesce(max(position), -1) FROM articles WHERE position IS NOT NULL"
            ).fetchone()[0]
            for number, (article_id, sha256) in enumerate(put.items(), last + 1):
                sql = "SELECT position FROM articles WHERE id = ? AND position IS NOT NULL"
                before = connection.execute(sql, (article_id,)).fetchone()
                connection.execute("DELETE FROM articles WHERE id = ? AND position IS NOT NULL", (article_id,))
                # `position IS NULL` makes SQLite take the index of staged rows, where it would read every article
                sql = "UPDATE articles SET position = ? WHERE position IS NULL AND (id, sha256, made_with) = (?, ?, ?)"
                done = connection.execute(sql, ((before or (number,))[0], article_id, sha256, made_with))
                if done.rowcount != 1:
                    raise CitewellError(f"{self.folder}: another citewell changed this index meanwhile; run it again")
            if order is not None:
                sql = "UPDATE articles SET position = ?1 WHERE id = ?2 AND position IS NOT NULL AND position <> ?1"
                connection.executemany(sql, enumerate(order))
                connection.execute("DELETE FROM articles WHERE position IS NULL")
            seal_list(connection)

    def contents(self) -> tuple[tuple[Article, Split], ...]:
        """Every article with its sentences, in order; without the vectors it takes a fraction of the time."""
        with self.database.reading() as connection:
            return tuple((article, split) for _, article, split in _articles(connection))

    def read(self, *, held: Collection[tuple[str, str]] = (), only: Sequence[str] | None = None) -> Contents:
        """What the index holds, all as of one moment, whatever other processes write.

        Args:
            held: Ids and hashes of articles whose sentences and vectors the caller has.
            only: Ids of the articles to read, some hundreds at most; None for all.

        Returns:
            The contents; sentences and vectors only of the articles that are not held.

        Raises:
            IndexDamagedError: The file is damaged.
        """
        among = "" if only is None else f" AND id IN ({', '.join('?' * len(only))})"
        with self.database.reading() as connection:
            manifest = read_manifest(connection)[1]
            sql = f"""SELECT key, sha256, id, text, about FROM articles
                      WHERE position IS NOT NULL{among} ORDER BY position, id"""
            rows = connection.execute(sql, only or ()).fetchall()
            found = [(key, article_of(*columns)) for key, _, *columns in rows]
            hashes: dict[str, str] = {article_id: sha256 for _, sha256, article_id, *_ in rows}
            missing = [(key, article) for key, article in found if (article.id, hashes[article.id]) not in held]
            splits = {article.id: split_of(article, _sentences(connection, key)) for key, article in missing}
            counts = [len(split.kept) for split in splits.values()]
            own, around = (np.empty((sum(counts), manifest.dim), dtype=np.float32) for _ in range(2))
            same, row = np.empty(sum(counts), dtype=np.uint64), 0
            for (key, article), count in zip(missing, counts, strict=True):
                sql = "SELECT own, around, same FROM derived WHERE article = ?"
                blobs = connection.execute(sql, (key,)).fetchone()
                if blobs is None or len(blobs[2]) != 8 * count:
                    raise ValueError(f"{article.id} has {count} sentences, but not what was worked out from them")
                part = slice(row, row + count)
                own[part], around[part] = (vectors_of(blob, rows=count, dim=manifest.dim) for blob in blobs[:2])
                same[part] = hashes_of(blobs[2])
                row += count
            return Contents(
                manifest.made_with, hashes, tuple(article for _, article in found), splits, own, around, same
            )

    def split(self, article: Article) -> Split:
        """The sentences of an article that was read earlier; split anew if the index has another text of it now."""
        with self.database.reading() as connection:
            sql = "SELECT key FROM articles WHERE position IS NOT NULL AND id = ? AND sha256 = ?"
            found = connection.execute(sql, (article.id, article_hash(article))).fetchone()
            return split_of(article, _sentences(connection, *found)) if found else split_article(article)

    def sketches(self) -> dict[str, Hashes]:
        """Article id -> its sketch, in article order."""
        with self.database.reading() as connection:
            sql = """SELECT id, sketch FROM articles JOIN derived ON article = key
                     WHERE position IS NOT NULL ORDER BY position, id"""
            return {article_id: hashes_of(blob) for article_id, blob in connection.execute(sql)}


def _link(new: Path, path: Path) -> None:
    """Give a file its name, unless another process was faster."""
    try:
        path.hardlink_to(new)
    except FileExistsError:
        return
    except OSError:  # a disk without hard links
        new.rename(path)


def _hashes(connection: sqlite3.Connection) -> dict[str, str]:
    sql = "SELECT id, sha256 FROM articles WHERE position IS NOT NULL ORDER BY position, id"
    return dict(connection.execute(sql).fetchall())


def _sentences(connection: sqlite3.Connection, key: int) -> list[SentenceRow]:
    sql = "SELECT number, start, end, left_out FROM sentences WHERE article = ? ORDER BY number"
    return connection.execute(sql, (key,)).fetchall()


def _articles(connection: sqlite3.Connection) -> Iterator[tuple[int, Article, Split]]:
    """Key, article and sentences of all that is published, in order."""
    sentences: dict[int, list[SentenceRow]] = {}
    sql = "SELECT article, number, start, end, left_out FROM sentences ORDER BY article, number"
    for key, number, start, end, left_out in connection.execute(sql):
        sentences.setdefault(key, []).append((number, start, end, left_out))
    sql = "SELECT key, id, text, about FROM articles WHERE position IS NOT NULL ORDER BY position, id"
    for key, *columns in connection.execute(sql):
        article = article_of(*columns)
        yield key, article, split_of(article, sentences.get(key, ()))
