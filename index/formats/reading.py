"""Bytes of a file -> drafts of articles: tells its kind, by content before name, and has it read."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from index.formats.decode import decode
from index.formats.draft import Draft, Unreadable, checked
from index.formats.notes import MAX_SIDECAR_BYTES, SIDECARS, parse_fields
from index.formats.packed import DAMAGED, member, opened
from index.formats.tables import read_csv, read_json, read_jsonl
from index.formats.worker import Reader
from index.metadata import stated_fields

KINDS = {
    **dict.fromkeys((".txt", ".text", ".md", ".markdown"), "text"),
    **dict.fromkeys((".html", ".htm", ".xhtml"), "html"),
    **dict.fromkeys((".mhtml", ".mht"), "mhtml"),
    **dict.fromkeys((".jsonl", ".ndjson"), "jsonl"),
    **dict.fromkeys((".csv", ".tsv"), "csv"),
    ".pdf": "pdf",
    ".docx": "docx",
    ".epub": "epub",
    ".json": "json",
    ".zip": "zip",
}
MAX_BYTES = 20 * 1024 * 1024  # a novel is under 2 MB; past this a text is a data dump, not an article
MAX_PACKED_BYTES = 200 * 1024 * 1024  # of kinds that hold pictures, or many articles
_TABLES = {"json": read_json, "jsonl": read_jsonl, "csv": read_csv}
_PACKED = frozenset({"pdf", "docx", "epub", "zip"})
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Found:
    """What one file, or one file of an archive, came to.

    Attributes:
        name: Path inside the archive; empty for the file itself.
        drafts: Its articles.
        problem: Why there are none, else None.
        guessed: Its encoding, where that was guessed.
    """

    name: str = ""
    drafts: tuple[Draft, ...] = ()
    problem: str | None = None
    guessed: str | None = None


def is_article_name(name: str) -> bool:
    """Whether a file may be an article by its name: a suffix of KINDS, and neither hidden, a README nor a sidecar."""
    lower = name.lower()
    skipped = lower.startswith((".", "readme")) or lower.endswith(SIDECARS)
    return not skipped and PurePosixPath(lower).suffix in KINDS


def max_bytes(name: str) -> int:
    """Most bytes a file of this name may have."""
    kind = KINDS.get(PurePosixPath(name.lower()).suffix, "text")
    return MAX_BYTES if kind in {"text", "html", "mhtml"} else MAX_PACKED_BYTES


def read_drafts(name: str, raw: bytes, *, sidecar: Mapping[str, object], reader: Reader) -> Iterator[Found]:
    """Read a file of any kind.

    Args:
        name: Its name.
        raw: Its bytes.
        sidecar: What the user says of it, over what it states itself.
        reader: For kinds that a library parses.

    Yields:
        What it came to; for an archive, what each of its files came to.
    """
    try:
        kind = _kind_of(name, raw)
        if kind == "zip":
            yield from _read_zip(raw, sidecar=sidecar, reader=reader)
        else:
            yield _read_one(kind, raw, sidecar=sidecar, reader=reader)
    except Unreadable as problem:
        yield Found(problem=str(problem))


def read_sidecar(raw: bytes) -> Mapping[str, object]:
    """Read a sidecar file; `Unreadable` if it is none."""
    if len(raw) > MAX_SIDECAR_BYTES:
        raise Unreadable(f"is larger than the {MAX_SIDECAR_BYTES // 1024} kB of a sidecar")
    return parse_fields(decode(raw)[0])


def sidecar_names(name: str) -> Iterator[str]:
    """Where the sidecar of a file may be, in the order it is looked for: `a.pdf.meta.json`, then `a.meta.json`."""
    for stem in dict.fromkeys((name, PurePosixPath(name).stem)):
        yield from (stem + suffix for suffix in SIDECARS)


def _read_one(kind: str, raw: bytes, *, sidecar: Mapping[str, object], reader: Reader) -> Found:
    """Read a file that is no archive."""
    mine = stated_fields(sidecar)
    if kind == "text":
        text, guessed = decode(raw)
        if not text:
            raise Unreadable("is empty")
        return Found(drafts=(checked(Draft(text, mine)),), guessed=guessed)
    if kind not in _TABLES:
        draft = reader.read(kind, raw)
        return Found(drafts=(checked(replace(draft, stated=mine.over(draft.stated))),))
    text, guessed = decode(raw)
    drafts = _TABLES[kind](text, _field_names(sidecar))
    # what is said of the whole file is true of each article that says nothing else
    return Found(drafts=tuple(checked(replace(d, stated=d.stated.over(mine))) for d in drafts), guessed=guessed)


def _field_names(sidecar: Mapping[str, object]) -> Mapping[str, str]:
    """The sidecar's `fields`: what fields of a table are called in it."""
    fields = sidecar.get("fields", {})
    if not isinstance(fields, dict) or not all(isinstance(value, str) for value in fields.values()):
        raise Unreadable("has a sidecar whose 'fields' are no names; write lines such as 'text: Story'")
    return fields


def _read_zip(raw: bytes, *, sidecar: Mapping[str, object], reader: Reader) -> Iterator[Found]:
    """Read each file of an archive that may be an article; an archive inside an archive is passed over, and said."""
    with opened(raw) as archive:
        names = [name for name in archive.namelist() if _is_article_path(name)]
        if not names:
            raise Unreadable("holds no files that may be articles")
        for name in names:
            try:
                inner = member(archive, name, max_bytes=max_bytes(name))
                kind = _kind_of(name, inner)
                if kind == "zip":
                    raise Unreadable("is an archive inside an archive; unpack it")
                found = _read_one(kind, inner, sidecar={**sidecar, **_packed_sidecar(archive, name)}, reader=reader)
                yield replace(found, name=name)
            except Unreadable as problem:
                yield Found(name=name, problem=str(problem))


def _is_article_path(name: str) -> bool:
    path = PurePosixPath(name)
    hidden = any(part.startswith((".", "__MACOSX")) and part != ".." for part in path.parts)
    return not name.endswith("/") and not hidden and is_article_name(path.name)


def _packed_sidecar(archive: zipfile.ZipFile, name: str) -> Mapping[str, object]:
    """What the sidecar of a file says that lies beside it in the archive."""
    folder = name[: len(name) - len(PurePosixPath(name).name)]
    listed = archive.NameToInfo
    for beside in sidecar_names(PurePosixPath(name).name):
        if folder + beside in listed:
            try:
                return read_sidecar(member(archive, folder + beside, max_bytes=MAX_SIDECAR_BYTES))
            except Unreadable as problem:
                raise Unreadable(f"has a sidecar, {beside}, that {problem}") from problem
    return {}


def _kind_of(name: str, raw: bytes) -> str:
    """The kind of a file: what its first bytes say, else its suffix; unknown suffixes are text."""
    by_name = KINDS.get(PurePosixPath(name.lower()).suffix, "text")
    if not raw:
        raise Unreadable("is empty")
    if raw.startswith(b"%PDF-") or (by_name == "pdf" and b"%PDF-" in raw[:1024]):
        return "pdf"
    if raw.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _packed_kind(raw, by_name)
    if raw.startswith(_OLD_OFFICE):
        raise Unreadable("is a file of an older Office; save it as .docx or PDF")
    if by_name in _PACKED:
        if raw[:1024].lstrip().lower().startswith((b"<!doctype html", b"<html")):
            return "html"  # often what a failed download left under this name
        raise Unreadable(f"is named .{by_name} but is none; look at what is in it and rename it")
    return by_name


def _packed_kind(raw: bytes, by_name: str) -> str:
    """What a zip container holds."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            listed = archive.NameToInfo
            if "word/document.xml" in listed:
                return "docx"
            return "epub" if "META-INF/container.xml" in listed else "zip"
    except DAMAGED as error:
        what = f"a damaged {by_name.upper()} file" if by_name in _PACKED else "a damaged archive"
        raise Unreadable(f"is {what} ({str(error)[:80] or type(error).__name__}); save or fetch it anew") from error
