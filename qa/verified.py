"""Which files of a model are as models.txt says. Hashing a gigabyte takes a second, so what fitted once is noted.

The note (`.verified` beside the files) holds a line per file: sha256, bytes, time of last change, name. A file that
still looks like its line is not hashed again; any other is.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from index.errors import ModelMissingError
from qa.catalogue import Model, ModelFile, Role
from qa.fetch import hash_file

_NOTE = ".verified"


def find_faults(model: Model, home: Path, *, rehash: bool) -> dict[ModelFile, str]:
    """Find the files that may not be loaded.

    Args:
        model: The model.
        home: The folder its files are in.
        rehash: Hash every file, even one that was noted to fit.

    Returns:
        The faulty files, each with what is wrong as a clause; empty if the model can be used.

    Raises:
        OSError: A file cannot be read.
    """
    noted = {} if rehash else _read_note(home)
    faults: dict[ModelFile, str] = {}
    hashed = False
    for file in model.files:
        if fault := size_fault(home, file):
            faults[file] = fault
        elif noted.get(file.name) != (file.sha256, *_look(home / file.name)):
            found, hashed = hash_file(home / file.name), True
            if found != file.sha256:
                faults[file] = f"{file.name} is not the file it should be: its sha256 is {found}, wanted {file.sha256}"
    if hashed:
        note_verified(model, home, [file for file in model.files if file not in faults])
    return faults


def size_fault(home: Path, file: ModelFile) -> str:
    """Say what is wrong with a file as far as its size tells; empty if nothing."""
    path = home / file.name
    if not path.is_file():
        return f"{file.name} is absent"
    found = path.stat().st_size
    if found != file.size_bytes:
        return f"{file.name} is cut off or changed: {found} bytes, wanted {file.size_bytes}"
    return ""


def is_noted(model: Model, home: Path) -> bool:
    """Tell whether every file still looks as it did when its sha256 fitted."""
    noted = _read_note(home)
    return all(
        (home / file.name).is_file() and noted.get(file.name) == (file.sha256, *_look(home / file.name))
        for file in model.files
    )


def note_verified(model: Model, home: Path, files: Iterable[ModelFile]) -> None:
    """Note that files fitted their sha256 just now; without a note (a read-only folder) they are hashed each time."""
    lines = []
    for file in files:
        size, changed = _look(home / file.name)
        lines.append(f"{file.sha256} {size} {changed} {file.name}\n")
    fresh = home / f"{_NOTE}.{os.getpid()}"
    with contextlib.suppress(OSError):
        fresh.write_text(f"# {model.name}: files that fitted their sha256, by size and time\n" + "".join(lines))
        fresh.replace(home / _NOTE)


def check_own(path: Path, role: Role) -> Path:
    """Check that a user's own path can be a model, before a library fails on it less clearly.

    Args:
        path: A GGUF file (llm) or a sentence-transformers folder (embedder).
        role: What the model is for.

    Returns:
        The path.

    Raises:
        ModelMissingError: It is absent or something else.
    """
    if role == "llm":
        try:
            with path.open("rb") as stream:
                magic = stream.read(4)
        except OSError as error:
            raise ModelMissingError(f"{path} cannot be read as a GGUF file: {error.strerror}") from error
        if magic != b"GGUF":
            raise ModelMissingError(f"{path} is no GGUF file: it begins with {magic!r}")
        return path
    if not (path / "modules.json").is_file():
        raise ModelMissingError(f"{path} is no sentence-transformers folder: it holds no modules.json")
    if not any(path.rglob("*.safetensors")):
        raise ModelMissingError(f"{path} holds no .safetensors file; weights in other formats are not loaded")
    return path


def refuse_strangers(model: Model, home: Path) -> None:
    """Refuse a folder that holds more than models.txt lists: a library might load what nobody checked.

    Args:
        model: A model of models.txt.
        home: The folder its files are in.

    Raises:
        ModelMissingError: There are such files; hidden ones do not count.
    """
    listed = {file.name for file in model.files}
    there = {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}
    strangers = sorted(name for name in there - listed if not name.startswith("."))
    if strangers:
        raise ModelMissingError(f"{home} holds {', '.join(strangers)}, which models.txt does not list; remove it")


def _read_note(home: Path) -> dict[str, tuple[str, int, int]]:
    """Read the note; a damaged line counts for nothing."""
    try:
        lines = (home / _NOTE).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    noted = {}
    for fields in (line.split(maxsplit=3) for line in lines):
        match fields:
            case [sha256, size, changed, name] if size.isdecimal() and changed.isdecimal():
                noted[name] = (sha256, int(size), int(changed))
    return noted


def _look(path: Path) -> tuple[int, int]:
    """What changes when a file does: its size and time of last change, in ns."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns
