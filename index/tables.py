"""Tables of an index on disk: a segment in files beside the SQLite file, mapped into memory at the next opening.

They are a cache. A folder of tables is written under another name and then renamed; it says what was indexed and made
with what, and the size and CRC-32 of every file in it. All of that is compared when it is opened, so that tables that
are stale, cut off, damaged or another index's are not used: they are made again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt

from index.lexical import Postings
from index.segment import Ranges, Segment
from index.vectors import VectorIndex

TABLES = "tables-"  # what names of such folders begin with
LOCK = "tables.lock"
FORMAT = 3  # another number for another layout, other words or another way of searching
_HEAD = "head.json"
_CHUNK = 1 << 20


def save_tables(folder: Path, segment: Segment, made_with: str) -> None:
    """Keep a segment in an index folder in place of what was kept there; where that cannot be written, nothing is kept.

    Args:
        folder: The index folder.
        segment: Of one part each.
        made_with: `Manifest.made_with` of the index.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - only a large index gets here

    try:
        with FileLock(folder / LOCK, blocking=False):
            for left in folder.glob(f".{TABLES}*"):  # of a process that was killed: the lock is ours
                shutil.rmtree(left, ignore_errors=True)
            with TemporaryDirectory(dir=folder, prefix=f".{TABLES}", ignore_cleanup_errors=True) as new:
                name = _write(Path(new), segment, made_with)
                for old in folder.glob(f"{TABLES}*/"):
                    shutil.rmtree(old, ignore_errors=True)
                Path(new).rename(folder / name)
                Path(new).mkdir()  # for TemporaryDirectory to remove
    except (OSError, Timeout):  # a full disk, a read-only folder, another process: the index works without
        return


def load_tables(folder: Path, made_with: str) -> Segment | None:
    """Map the tables of an index folder into memory.

    Args:
        folder: The index folder.
        made_with: `Manifest.made_with` of the index.

    Returns:
        The segment, of the articles it names; None if there is none, or it is not what was written.
    """
    for place in sorted(folder.glob(f"{TABLES}*/")):
        try:
            head = json.loads((place / _HEAD).read_text(encoding="utf-8"))
            if not (head["format"] == FORMAT and head["made_with"] == made_with and _is_whole(place, head["files"])):
                continue
            return _read(place)
        except (OSError, ValueError, KeyError, TypeError, RuntimeError):  # RuntimeError: FAISS, of a file that is gone
            continue
    return None


def _is_whole(place: Path, files: dict[str, list[int]]) -> bool:
    return {path.name for path in place.iterdir()} == {_HEAD, *files} and all(
        [*_sum_of(place / name)] == expected for name, expected in files.items()
    )


def _sum_of(path: Path) -> tuple[int, int]:
    """Size and CRC-32: SHA-256 would take twice as long, and guards against forgers, who could write it too."""
    size = crc = 0
    buffer = memoryview(bytearray(_CHUNK))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            crc = zlib.crc32(buffer[:count], crc)
            size += count
    return size, crc


def _write(place: Path, segment: Segment, made_with: str) -> str:
    """Write all files; returns what the folder is to be called."""
    ranges = segment.ranges
    for name, array in _arrays(segment).items():
        np.save(place / f"{name}.npy", array, allow_pickle=False)
    segment.own_vectors.save(place / "own.faiss")
    segment.around_vectors.save(place / "around.faiss")
    about = {"articles": ranges.articles, "reasons": ranges.reasons}
    (place / "articles.json").write_text(json.dumps(about), encoding="utf-8")
    (place / "words.txt").write_bytes("\n".join(segment.own_words.words).encode("utf-8", "surrogatepass"))
    files = {path.name: _sum_of(path) for path in sorted(place.iterdir())}
    head = json.dumps({"format": FORMAT, "made_with": made_with, "files": files})
    (place / _HEAD).write_text(head, encoding="utf-8")
    return TABLES + hashlib.sha256(head.encode()).hexdigest()[:16]


def _arrays(segment: Segment) -> dict[str, npt.NDArray[np.generic]]:
    ranges = segment.ranges
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "firsts": ranges.firsts,
        "starts": ranges.starts,
        "ends": ranges.ends,
        "left_out": ranges.left_out,
        "same": segment.same,
    }
    for name, postings in (("own", segment.own_words), ("around", segment.around_words)):
        arrays |= {
            f"{name}_firsts": postings.firsts,
            f"{name}_rows": postings.rows,
            f"{name}_counts": postings.counts,
            f"{name}_lengths": postings.lengths,
        }
    return arrays


def _read(place: Path) -> Segment:
    def array(name: str) -> npt.NDArray[np.generic]:
        # mapped, but an array like any other: a memmap's own slicing takes ten times as long
        return np.asarray(np.load(place / f"{name}.npy", mmap_mode="r", allow_pickle=False))

    about = json.loads((place / "articles.json").read_text(encoding="utf-8"))
    text = (place / "words.txt").read_bytes().decode("utf-8", "surrogatepass")
    words = tuple(text.split("\n")) if text else ()
    own, around = (
        Postings(words, **{part: array(f"{name}_{part}") for part in ("firsts", "rows", "counts", "lengths")})  # type: ignore[arg-type]
        for name in ("own", "around")
    )
    articles = tuple((article_id, sha256) for article_id, sha256 in about["articles"])
    columns = {name: array(name) for name in ("firsts", "starts", "ends", "left_out")}
    return Segment(
        Ranges(articles=articles, **columns, reasons=tuple(about["reasons"])),  # type: ignore[arg-type]
        own_vectors=VectorIndex.load(place / "own.faiss"),
        around_vectors=VectorIndex.load(place / "around.faiss"),
        own_words=own,
        around_words=around,
        same=array("same"),  # type: ignore[arg-type]
    )
