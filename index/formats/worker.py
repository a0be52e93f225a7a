"""Reads files that a library parses in a process of its own, with limits of time and memory.

A parser that hangs, crashes or unpacks without end on a hostile file takes that process with it and nothing else.
Extracted texts are kept in the user's cache under the file's sha256, so that a folder of PDFs opens at once next time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

from index.caches import indexes_folder
from index.formats.draft import Draft, Unreadable
from index.metadata import Stated

SECONDS = 120  # for one file; 100 dense pages of PDF take about 10
MEMORY_BYTES = 3 << 30
VERSION = 1  # another number means other texts of the same files
KEPT_DAYS = 90
_KINDS = ("html", "mhtml", "pdf", "docx", "epub")


class Reader:
    """A process that reads files, started when the first one comes; a context manager, closed at its end."""

    def __init__(self, *, timeout_s: float = SECONDS, memory_bytes: int = MEMORY_BYTES) -> None:
        """Say what one file may take; nothing is started yet."""
        self._timeout_s = timeout_s
        self._memory_bytes = memory_bytes
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def read(self, kind: str, raw: bytes) -> Draft:
        """Extract a file's text, or take it from the cache.

        Args:
            kind: One of "html", "mhtml", "pdf", "docx", "epub".
            raw: The whole file.

        Returns:
            The text and what the file states.

        Raises:
            Unreadable: It holds no article, or takes too much time or memory.
        """
        kept = _cache_file(kind, raw)
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):  # not there, or damaged: read anew
            return _draft(json.loads(kept.read_text(encoding="utf-8")))
        reply = self._ask(kind, raw)
        if "unreadable" in reply:
            raise Unreadable(str(reply["unreadable"]))
        with contextlib.suppress(OSError):  # a cache that cannot be written costs time alone
            _keep(kept, reply)
        return _draft(reply)

    def _ask(self, kind: str, raw: bytes) -> dict[str, object]:
        process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        timer = threading.Timer(self._timeout_s, process.kill)
        began = time.monotonic()
        timer.start()
        try:
            process.stdin.write(struct.pack(">BQ", _KINDS.index(kind), len(raw)) + raw)
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            line = b""
        finally:
            timer.cancel()
        if line.endswith(b"\n"):
            reply: dict[str, object] = json.loads(line)
            return reply
        self._stop()
        if time.monotonic() - began >= self._timeout_s:
            raise Unreadable(f"cannot be read in {self._timeout_s:.0f} seconds; save it in another format")
        raise Unreadable("makes its reader crash; save it in another format")

    def _start(self) -> subprocess.Popen[bytes]:
        # -I: neither the current folder, which may be one of downloads, nor the environment says what is imported
        paths = [str(Path(__file__).resolve().parents[2]), *(path for path in sys.path if path)]
        code = (
            f"import sys; sys.path[:] = {paths!r}; from index.formats.worker import serve; serve({self._memory_bytes})"
        )
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the parent, which closes it
        )
        return self._process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
        process.wait()


def serve(memory_bytes: int) -> None:
    """Be the process: answer each file on stdin with a line of JSON on stdout, until stdin ends.

    Args:
        memory_bytes: Most address space it may take.
    """
    import resource  # noqa: PLC0415 - Unix alone, as is all of citewell

    with contextlib.suppress(ValueError, OSError):  # macOS has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(2, 1)  # what a library prints is no reply
    while header := sys.stdin.buffer.read(struct.calcsize(">BQ")):
        kind, size = struct.unpack(">BQ", header)
        _answer(_KINDS[kind], sys.stdin.buffer.read(size), replies)


def _answer(kind: str, raw: bytes, replies: IO[bytes]) -> None:
    reply: dict[str, object]
    try:
        reply = read_file(kind, raw).to_dict()
    except Unreadable as problem:
        reply = {"unreadable": str(problem)}
    replies.write(json.dumps(reply).encode() + b"\n")
    replies.flush()


def read_file(kind: str, raw: bytes) -> Draft:
    """Extract a file's text in this very process.

    Args:
        kind: As for `Reader.read`.
        raw: The whole file.

    Returns:
        The text and what the file states.

    Raises:
        Unreadable: It holds no article, or its parser fails on it.
    """
    from index.formats import office, pdf, webpage  # noqa: PLC0415 - the parent needs none of them

    readers = {
        "html": webpage.read_webpage,
        "mhtml": webpage.read_web_archive,
        "pdf": pdf.read_pdf,
        "docx": office.read_docx,
        "epub": office.read_epub,
    }
    try:
        return readers[kind](raw)
    except (Unreadable, KeyboardInterrupt):
        raise
    except MemoryError as error:
        raise Unreadable("takes too much memory to read; save it in another format") from error
    except Exception as error:  # the one place where parsers meet files of anyone's making: they raise what they like
        raise Unreadable(f"cannot be read as {kind.upper()} ({type(error).__name__}); save it anew") from error


def _draft(values: dict[str, object]) -> Draft:
    """A draft from `Draft.to_dict`."""
    pages = values["pages"]
    stated = values["stated"]
    if not isinstance(stated, dict) or not isinstance(values["text"], str):
        raise TypeError("not a draft")
    return Draft(values["text"], Stated(**stated), pages=tuple(pages) if isinstance(pages, list) else None)


def _cache_file(kind: str, raw: bytes) -> Path:
    return indexes_folder() / ".extracted" / f"{hashlib.sha256(raw).hexdigest()}.{kind}-{VERSION}.json"


def _keep(path: Path, reply: dict[str, object]) -> None:
    """Write a reply to the cache, and drop what nobody has needed for long."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
    partial.write_text(json.dumps(reply), encoding="utf-8")
    partial.replace(path)
    oldest = time.time() - KEPT_DAYS * 86_400
    for other in path.parent.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another process was faster
            if other.stat().st_mtime < oldest:
                other.unlink()
