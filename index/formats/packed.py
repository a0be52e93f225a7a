"""Zip containers (.zip, .docx, .epub): opened with limits, so that no small file grows without bound.

Nothing is unpacked to disk, so the names inside lead nowhere.
"""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from index.formats.draft import Unreadable

MAX_UNPACKED_BYTES = 500_000_000
MAX_MEMBERS = 20_000

# What damaged archives have been seen to raise.
DAMAGED = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError,
    NotImplementedError, ValueError, KeyError,
)  # fmt: skip


@contextmanager
def opened(raw: bytes) -> Iterator[zipfile.ZipFile]:
    """Open an archive whose members are together of bearable size.

    Args:
        raw: The archive.

    Yields:
        The archive; a member yields at most the bytes its entry promises, which were counted.

    Raises:
        Unreadable: It is damaged, or too large unpacked.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except DAMAGED as error:
        raise Unreadable(f"is a damaged archive ({error})") from error
    with archive:
        entries = archive.infolist()
        total = sum(entry.file_size for entry in entries)
        if len(entries) > MAX_MEMBERS:
            raise Unreadable(f"holds {len(entries)} files, more than {MAX_MEMBERS}; split it")
        if total > MAX_UNPACKED_BYTES:
            raise Unreadable(f"unpacks to {total / 1e6:.0f} MB, more than {MAX_UNPACKED_BYTES / 1e6:.0f} MB; split it")
        yield archive


def member(archive: zipfile.ZipFile, name: str, *, max_bytes: int) -> bytes:
    """Read one file of an archive.

    Args:
        archive: From `opened`.
        name: As the archive lists it.
        max_bytes: Most bytes it may have.

    Returns:
        Its bytes.

    Raises:
        Unreadable: It is not there, encrypted, too large or damaged.
    """
    try:
        entry = archive.getinfo(name)
        if entry.flag_bits & 1:
            raise Unreadable("is locked with a password; save a copy without one")
        if entry.file_size > max_bytes:
            size, most = f"{entry.file_size / 1e6:.0f} MB", f"{max_bytes / 1e6:.0f} MB"
            raise Unreadable(f"is {size}, more than the {most} of one article")
        return archive.read(entry)
    except DAMAGED as error:
        raise Unreadable(f"is damaged in its archive ({str(error)[:80] or type(error).__name__})") from error
