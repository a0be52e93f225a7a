"""Make a whole index of what is left of a damaged one, or of one made with another model, from the texts in it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from index.changes import Progress, Report, manifest_of, stage
from index.check import Found, examine
from index.database import FILE, REBUILD, Database
from index.embed import Embedder
from index.errors import IndexDamagedError, IndexStaleError, IndexWriteError
from index.schema import read_manifest
from index.store import ArticleStore

WORK = ".repair"  # a folder in the index folder, where the new index is made
DAMAGED = f"{FILE}.damaged"  # what the old file is kept as, where something was lost


@dataclass(frozen=True, slots=True)
class Repair:
    """What a repair came to.

    Attributes:
        kept: Articles taken over as they were.
        embedded: Ids of articles whose sentences and vectors were made anew from their texts.
        lost: A line for each article whose text could not be saved, and for what cannot be told.
    """

    kept: int
    embedded: tuple[str, ...]
    lost: tuple[str, ...]

    def __str__(self) -> str:
        parts = (f"{self.kept} kept", f"{len(self.embedded)} made anew", f"{len(self.lost)} lost")
        return ", ".join(part for part in parts if not part.startswith("0 ")) or "nothing to repair"


def repair(
    folder: Path,
    embedder: Embedder,
    *,
    progress: Callable[[Progress], None] | None = None,
    report: Report | None = None,
) -> Repair:
    """Put a whole index in place of the one in a folder; until it is done, that stays as it is.

    Articles that are as they were stored are taken over. Where only sentences or vectors are damaged, or were made with
    another model, they are made anew from the text. A text that has changed in the file is never shown as if it had
    not: it is lost, and the old file is kept beside the new one.

    Args:
        folder: The index folder.
        embedder: The model the index has from now on.
        progress: Called whenever some more articles are embedded and kept.
        report: Takes a line if another process has to be waited for.

    Returns:
        What was kept, made anew and lost.

    Raises:
        IndexMissingError: There is no index in the folder.
        IndexDamagedError: Nothing in the file can be read.
        IndexWriteError: The folder cannot be written.
    """
    _bring_to_todays_format(folder)
    with Database(folder).writing(report):
        found, lost = _salvage(folder)
        manifest = manifest_of(embedder)
        whole = {f.id: f for f in found if f.article and f.stored and f.made_with == manifest.made_with}
        articles = [f.article for f in found if f.article]
        lost += [f"{f.id}: {f.fault}" for f in found if not f.article]
        new = ArticleStore.create(folder / WORK, manifest)
        new.stage([(f.article, f.stored) for f in whole.values() if f.article and f.stored], manifest.made_with)
        hashes = stage(articles, new, embedder, progress)
        new.publish(hashes, remove=list(new.hashes()), order=list(hashes))
        _put_in_place(folder, keep_old=bool(lost))
    embedded = tuple(a.id for a in articles if a.id not in whole)
    return Repair(len(whole), embedded, tuple(lost))


def _bring_to_todays_format(folder: Path) -> None:
    """Migrate an old format; what is damaged, and whatever else is wrong, the salvage sees to."""
    try:
        ArticleStore.open(folder)
    except IndexStaleError:
        return


def _salvage(folder: Path) -> tuple[list[Found], list[str]]:
    """Every article of which something is left, in order, and lines for what cannot be told."""
    try:
        with Database(folder).reading() as connection:
            dim = read_manifest(connection)[1].dim
            known, whole = _keys(connection)
            found: dict[str, tuple[int, Found]] = {}
            lost = [] if whole else ["part of the file cannot be read; articles may be missing that nothing tells of"]
            for key in sorted(known) if whole else range(1, max(known, default=0) + 1):
                try:
                    sql = "SELECT position FROM articles WHERE key = ?"
                    (position,) = connection.execute(sql, (key,)).fetchone() or (None,)
                    if position is not None:
                        one = examine(connection, key, dim)
                        found.setdefault(one.id, (position, one))
                except sqlite3.DatabaseError:
                    lost += [f"article number {key}: it cannot be read"] * (key in known)
    except IndexStaleError as error:
        raise IndexDamagedError(folder, f"nothing can be saved ({error.problem})", REBUILD) from error
    return [one for _, one in sorted(found.values(), key=lambda pair: pair[0])], lost


def _keys(connection: sqlite3.Connection) -> tuple[set[int], bool]:
    """Keys of articles, as far as any table tells of them, and whether that is all of them."""
    keys: set[int] = set()
    whole = _gather(connection, "SELECT key FROM articles NOT INDEXED ORDER BY key", keys)
    if not whole:
        for table in ("SELECT key FROM articles NOT INDEXED", "SELECT article AS key FROM derived"):
            for direction in ("ASC", "DESC"):
                _gather(connection, f"{table} ORDER BY key {direction}", keys)
        _gather(connection, "SELECT DISTINCT article FROM sentences", keys)
    return keys, whole


def _gather(connection: sqlite3.Connection, sql: str, keys: set[int]) -> bool:
    """Add the keys that a query comes to before it meets damage; says whether it met none."""
    try:
        for (key,) in connection.execute(sql):
            keys.add(key)
    except sqlite3.DatabaseError:
        return False
    return True


def _put_in_place(folder: Path, *, keep_old: bool) -> None:
    """Replace the index file by the new one in one step. A journal of the old one must never meet the new one."""
    old, new = folder / FILE, folder / WORK / FILE
    try:
        if keep_old:
            shutil.copy2(old, folder / DAMAGED)
        (folder / f"{FILE}-journal").unlink(missing_ok=True)
        new.replace(old)
        shutil.rmtree(folder / WORK)
    except OSError as error:
        raise IndexWriteError(f"{folder}: the repaired index cannot be put in place ({error})") from error
