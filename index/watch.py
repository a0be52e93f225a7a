"""Notice that a folder has changed, without asking the clock: files are compared, never ordered by time."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

Look = dict[str, tuple[int, ...]]


def watch_folder(folder: Path, *, every_s: float) -> Iterator[None]:
    """Wait for changes, for ever.

    Args:
        folder: Looked through with its subfolders; it may be away for a while, as a disk that is taken out.
        every_s: Seconds between two looks; a change counts once two looks agree, so no file is read half-written.

    Yields:
        Nothing: once at the start, and then whenever something has been added, changed, moved or removed.
    """
    settled: Look | None = None
    last = look_at(folder)
    while True:
        if last != settled:
            settled = last
            yield
        time.sleep(every_s)
        now = look_at(folder)
        while now != last:  # files are still coming in
            last = now
            time.sleep(every_s)
            now = look_at(folder)


def look_at(folder: Path) -> Look:
    """What tells the files below a folder from what they were: identity, size and both times of each.

    Args:
        folder: Hidden files and folders in it are passed over.

    Returns:
        Path -> what must be equal for the file to be the same; empty if the folder is not there.
    """
    look: Look = {}
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(place, name)
            try:
                found = path.stat()
            except OSError:  # gone since, or a link to nowhere: nothing to read
                continue
            if not name.startswith("."):
                look[str(path)] = (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
    return look
