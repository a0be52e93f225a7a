"""Database: the SQLite file of an index folder, opened for one moment of reading or one change at a time."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from index.errors import CitewellError, IndexDamagedError, IndexWriteError, OffsetError

FILE = "index.sqlite"
LOCK = "index.lock"
REBUILD = (
    "build it again with: citewell index build --articles DIR --index FOLDER, "
    "or from the texts in it with: citewell index repair --index FOLDER"
)
BUSY_S = 30  # how long to wait for another process that is in the middle of a transaction

UNREADABLE = (sqlite3.Error, OffsetError, ValueError, TypeError)  # what damaged files have been seen to raise


class Database:
    """Nothing stays open between two uses, so nothing has to be closed, and no reader is in a writer's way for long."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def writing(self, report: Callable[[str], None] | None = None) -> Iterator[None]:
        """Let one process change the index at a time: others wait here, so that none embeds what another just did.

        Args:
            report: Takes a line if there is another to wait for.

        Yields:
            Nothing; the lock is the process's, and gone with it however it ends.

        Raises:
            IndexWriteError: The folder cannot be written.
        """
        from filelock import FileLock, Timeout  # noqa: PLC0415 - reading needs no lock

        lock = FileLock(self.folder / LOCK)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                if report is not None:
                    report(f"{self.folder}: waiting for another citewell that is changing this index")
                lock.acquire()
        except OSError as error:
            raise IndexWriteError(f"{self.folder}: the index cannot be written ({error})") from error
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def reading(self, *, whole: bool = False) -> Iterator[sqlite3.Connection]:
        """One moment of the file; whatever does not read as an index is one clear line.

        Args:
            whole: Refuse a file that is shorter than it says, too: SQLite itself takes a cut-off last page as zeros.

        Yields:
            A connection.

        Raises:
            CitewellError: The file is missing, damaged, or being written to for too long.
        """
        try:
            before = self._on_disk() if whole else None
            with closing(self._connect("rw")) as connection:  # there is nothing to commit
                connection.execute("BEGIN")
                if before and self._is_cut_off(connection, before):
                    raise ValueError("the file is cut off")
                yield connection
        except UNREADABLE as error:
            raise self._refusal(error) from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; a full disk or a read-only folder is one clear line."""
        try:
            with closing(self._connect("rwc")) as connection, connection:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
        except sqlite3.OperationalError as error:
            if _is_busy(error):
                raise self._refusal(error) from error
            problem = f"the index cannot be written ({error}); what was stored before stays"
            raise IndexWriteError(f"{self.folder}: {problem}") from error
        except sqlite3.DatabaseError as error:
            raise self._refusal(error) from error

    def clear(self) -> None:
        """Remove the file, if there is one; other files in its folder stay.

        Raises:
            IndexWriteError: It cannot be removed.
        """
        try:
            for path in (self.folder / f"{FILE}-journal", self.folder / FILE):
                path.unlink(missing_ok=True)
        except OSError as error:
            problem = f"the index that was there cannot be removed ({error.strerror})"
            raise IndexWriteError(f"{self.folder}: {problem}") from error

    def _on_disk(self) -> os.stat_result | None:
        try:
            return (self.folder / FILE).stat()
        except FileNotFoundError:
            return None

    def _is_cut_off(self, connection: sqlite3.Connection, before: os.stat_result) -> bool:
        """Whether the open file is shorter than it says; `before` is of the moment before it was opened.

        A file that a repair has put in its place meanwhile tells nothing of it, and is smaller, as a rule.
        """
        pages, page_bytes = (connection.execute(f"PRAGMA {n}").fetchone()[0] for n in ("page_count", "page_size"))
        now = self._on_disk()  # only now that the file is read, nobody can write to it
        return now is not None and os.path.samestat(before, now) and now.st_size < pages * page_bytes

    def _connect(self, mode: str) -> sqlite3.Connection:
        uri = f"{(self.folder / FILE).absolute().as_uri()}?mode={mode}"
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY_S, isolation_level=None)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    def _refusal(self, error: Exception) -> CitewellError:
        """Why an index cannot be read: another process writes it just now, it is half-written, or damaged."""
        if _is_busy(error):
            return CitewellError(f"{self.folder}: another citewell is writing to this index; try again when it is done")
        found = " ".join(str(error).split())[:200]  # SQLite may quote a whole damaged text
        if isinstance(error, sqlite3.OperationalError) and (self.folder / f"{FILE}-journal").exists():
            problem = f"a change of the index was broken off and cannot be undone without writing ({found})"
            return IndexWriteError(
                f"{self.folder}: {problem}; copy the folder to where you may write, and open it there"
            )
        if "unable to open" in found:
            return CitewellError(f"{self.folder}: the index cannot be opened; see if it is there and may be read")
        return IndexDamagedError(self.folder, f"the index is damaged ({found})", REBUILD)


def _is_busy(error: Exception) -> bool:
    return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)
