"""Articles that readers added beside those of a folder: kept in the user's data, one file each, never in the folder.

An index may be built again from its folder at any time; these it could not be built from. What is kept is the article
as it was read, so that its text, and every citation of it, stays the same whatever happens to its file.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Collection, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from index.article import Article
from index.errors import ArticleError

_ID_CHARS = 60


def user_folder() -> Path:
    """Where citewell keeps what it cannot make again: CITEWELL_DATA, else its folder in the user's data."""
    chosen = os.environ.get("CITEWELL_DATA")
    if chosen:
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_data_path  # noqa: PLC0415

    return user_data_path("citewell", appauthor=False)


def user_place(index: Path, kind: str) -> Path:
    """Where what readers did with one index is kept.

    Args:
        index: The index folder.
        kind: What is kept, e.g. "added".

    Returns:
        A path named after the index and keyed by its real path; it need not exist.
    """
    real = index.resolve()
    key = hashlib.sha256(str(real).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return user_folder() / kind / f"{real.name or 'root'}-{key}"


class AddedArticles:
    """The articles added to one index.

    Args:
        folder: Where they are kept; made when the first one comes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def of(cls, index: Path) -> AddedArticles:
        """Those of an index folder."""
        return cls(user_place(index, "added"))

    @property
    def ids(self) -> tuple[str, ...]:
        """Their ids, in the order they were added."""
        return tuple(article.id for _, article in self._read())

    @property
    def articles(self) -> tuple[Article, ...]:
        """All of them, in the order they were added.

        Raises:
            ArticleError: A file there is not what was kept.
        """
        return tuple(article for _, article in self._read())

    def keep(self, article: Article) -> None:
        """Keep an article for good.

        Args:
            article: With an id that is not taken.

        Raises:
            ArticleError: It cannot be written.
        """
        path = self._folder / f"{time.time_ns():020}-{hashlib.sha256(article.id.encode()).hexdigest()[:8]}.json"
        text = json.dumps(asdict(article), ensure_ascii=True, indent=1)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(".part")
            part.write_text(text, encoding="ascii")
            part.replace(path)
        except OSError as error:
            raise ArticleError(path, f"cannot be written ({error.strerror}); check the disk and permissions") from error

    def drop(self, article_ids: Collection[str]) -> tuple[str, ...]:
        """Forget articles; returns the ids that were there."""
        found = [(path, article.id) for path, article in self._read() if article.id in article_ids]
        for path, _ in found:
            path.unlink(missing_ok=True)
        return tuple(article_id for _, article_id in found)

    def _read(self) -> Iterator[tuple[Path, Article]]:
        for path in sorted(self._folder.glob("*.json")):
            try:
                values: dict[str, Any] = json.loads(path.read_text(encoding="ascii"))
                lists = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
                article = Article(**(values | lists))
            except (
                OSError,
                ValueError,
                TypeError,
                AttributeError,
            ) as error:  # what damaged files have been seen to raise
                problem = f"is no article that was added ({error}); remove the file, and add the article again"
                raise ArticleError(path, problem) from error
            yield path, article


def added_id(name: str, taken: Collection[str]) -> str:
    """The id of an added article, made from what its file is called.

    Args:
        name: A file name, of any characters.
        taken: Ids that are in use.

    Returns:
        An id that says it was added, with a number where it would be taken.
    """
    stem = re.split(r"[\\/]", name)[-1].rsplit(".", 1)[0]
    words = "-".join(re.findall(r"\w+", stem.casefold()))[:_ID_CHARS].strip("-")
    candidate, number = f"added-{words or 'article'}", 1
    while candidate in taken:
        number += 1
        candidate = f"added-{words or 'article'}-{number}"
    return candidate
