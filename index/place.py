"""Where the index of a folder of articles is kept: in the user's cache, never among the articles."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from index.caches import indexes_folder
from index.database import FILE, Database
from index.embed import Embedder
from index.errors import IndexMissingError, IndexStaleError
from index.passage_index import PassageIndex


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
        IndexWriteError: The cache cannot be written.
    """
    place = cached_place(articles)
    try:
        return PassageIndex.open(place, embedder)
    except IndexMissingError:
        return PassageIndex.create(place, embedder)
    except IndexStaleError as error:
        report(f"{error.problem}; indexing {articles} again")
    with Database(place).writing(report):
        try:
            return PassageIndex.open(place, embedder)  # another process may have started it anew meanwhile
        except IndexStaleError:
            Database(place).clear()  # its articles are elsewhere, so nothing of the user's is lost
            return PassageIndex.create(place, embedder)
