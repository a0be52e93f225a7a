"""Where the index of a folder of articles is kept: in the user's cache, never among the articles."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from index.embed import Embedder
from index.errors import IndexMissingError, IndexStaleError
from index.passage_index import PassageIndex
from index.store import FILE


def indexes_folder() -> Path:
    """The folder of all cached indexes: CITEWELL_INDEXES, else in the user's cache."""
    chosen = os.environ.get("CITEWELL_INDEXES")
    if chosen:
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_cache_path  # noqa: PLC0415

    return user_cache_path("citewell") / "indexes"


def cached_place(articles: Path | str) -> Path:
    """The index folder of a folder of articles, named after it and keyed by its real path."""
    real = Path(articles).resolve()
    key = hashlib.sha256(str(real).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return indexes_folder() / f"{real.name or 'root'}-{key}"


def is_index(folder: Path) -> bool:
    """Whether a folder holds a saved index."""
    return (folder / FILE).is_file()


def place_of(articles: Path, embedder: Embedder, *, report: Callable[[str], None]) -> PassageIndex:
    """Open the cached index of a folder of articles, or start a new one where there is none that fits.

    Args:
        articles: The folder; only its path is looked at.
        embedder: The embedding model.
        report: Takes a line when an index that does not fit is started anew.

    Returns:
        The index, perhaps empty or behind the folder.

    Raises:
        IndexStaleError: The cache cannot be written.
    """
    place = cached_place(articles)
    try:
        return PassageIndex.open(place, embedder)
    except IndexMissingError:
        return PassageIndex.create(place, embedder)
    except IndexStaleError as error:
        report(f"{error.problem}; indexing {articles} again")
        _clear(place)
        return PassageIndex.create(place, embedder)


def _clear(place: Path) -> None:
    """Remove a cached index: its articles are elsewhere, so nothing of the user's is lost."""
    try:
        shutil.rmtree(place)
    except OSError as error:
        raise IndexStaleError(place, f"an index that no longer fits cannot be removed ({error.strerror})") from error
