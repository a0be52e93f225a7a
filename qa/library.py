"""Library: an index with what keeps it in step: reading articles, embedding them, checking what is stored."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from index.added import AddedArticles
from index.article import Article
from index.changes import Progress, Update
from index.embed import Embedder, SentenceTransformerEmbedder
from index.errors import ArticleError, IndexDamagedError
from index.load import Loaded, load_folder
from index.milvus.place import Place, find_place
from index.passage_index import PassageIndex
from index.place import cached_place, is_index, place_of
from index.repair import Repair, repair
from index.sentences import Split
from index.sources import load_sources
from qa.adding import with_added
from qa.models import ModelStore

if TYPE_CHECKING:
    from index.milvus.push import Pushed

Report = Callable[[str], None]


class Library:
    """One index on disk, to be read and changed."""

    def __init__(self, index: PassageIndex, *, report: Report) -> None:
        """Take an open index; use `open` or `of_folder`."""
        self.index = index
        self.problems: tuple[ArticleError, ...] = ()  # files the last change could not read
        self.latest = Update()  # what the last change came to
        self._report = report

    @classmethod
    def open(cls, folder: Path, *, embedder: str | Path | None = None, create: bool = False, report: Report) -> Library:
        """Open a saved index.

        Args:
            folder: The index folder.
            embedder: Name in models.txt or path of a sentence-transformers folder; None for the default.
            create: Whether an empty index is made where there is none.
            report: Takes one line for the user at a time.

        Returns:
            The library.

        Raises:
            IndexMissingError: There is no index in the folder.
            IndexStaleError: The index there does not fit the embedder, or is damaged.
        """
        model = find_embedder(embedder, report=report)
        if create and not is_index(folder):
            return cls(PassageIndex.create(folder, model), report=report)
        return cls(PassageIndex.open(folder, model), report=report)

    @classmethod
    def of_folder(cls, articles: Path, *, embedder: str | Path | None = None, report: Report) -> Library:
        """Open the index that is kept for a folder of articles, brought up to date.

        Args:
            articles: The folder.
            embedder: As for `open`.
            report: As for `open`.

        Returns:
            The library.

        Raises:
            CitewellError: The folder holds no articles, or the index cannot be written.
        """
        loaded = load_folder(articles)
        library = cls(place_of(articles, find_embedder(embedder, report=report), report=report), report=report)
        update = library._take(loaded, remove_others=True)
        if update:
            report(f"index of {articles}: {update}; {len(library.index.contents())} articles in all")
        return library

    @classmethod
    def build(
        cls, articles: Path, *, index: Path | None = None, embedder: str | Path | None = None, report: Report
    ) -> Library:
        """Index a folder of articles from nothing, in place of whatever index there was, which stays until all is done.

        Args:
            articles: The folder.
            index: The index folder; None for the one that is kept for the folder.
            embedder: As for `open`.
            report: As for `open`.

        Returns:
            The library.

        Raises:
            CitewellError: The folder holds no articles, or the index cannot be written.
        """
        loaded = load_folder(articles)  # before anything is removed
        model = find_embedder(embedder, report=report)
        progress, place = _Teller(report), index or cached_place(articles)
        loaded = with_added(loaded, place)
        built = PassageIndex.build(place, model, loaded.articles, progress=progress, report=report)
        library = cls(built, report=report)
        library._note(loaded)
        library.latest = Update(added=tuple(article.id for article in loaded.articles))
        return library

    @staticmethod
    def repair(index: Path, *, embedder: str | Path | None = None, report: Report) -> Repair:
        """Make an index whole from the texts in it; also the way to another embedder without the articles' files.

        Args:
            index: The index folder.
            embedder: As for `open`; what the index has from now on.
            report: As for `open`.

        Returns:
            What was kept, made anew and lost.

        Raises:
            CitewellError: There is no index, nothing in it can be read, or it cannot be written.
        """
        return repair(index, find_embedder(embedder, report=report), progress=_Teller(report), report=report)

    @property
    def folder(self) -> Path:
        """Where the index is."""
        return self.index.folder

    def update(self, articles: Path) -> Update:
        """Bring the index in step with a folder; unchanged articles are passed over."""
        return self._take(load_folder(articles), remove_others=True)

    def add(self, sources: Sequence[str], *, allow_private: bool = False) -> Update:
        """Add articles, or replace those of the same ids.

        Args:
            sources: Files, folders, patterns, http(s) addresses of pages and feeds.
            allow_private: Whether addresses of this machine and of private networks may be fetched from.

        Returns:
            What was added and changed; files that could not be read are in `problems`.

        Raises:
            ArticleError: Not one of them could be read.
        """
        loaded = load_sources(sources, allow_private=allow_private)
        if not loaded.articles and loaded.problems:
            raise loaded.problems[0]
        return self._take(loaded, remove_others=False)

    def remove(self, ids: Sequence[str]) -> tuple[str, ...]:
        """Remove articles; returns the ids that were not there."""
        AddedArticles.of(self.folder).drop(ids)
        removed = set(self.index.remove(ids, report=self._report))
        return tuple(i for i in ids if i not in removed)

    def push(self, store: str, *, replace: bool = False, progress: Callable[[int, int], None] | None = None) -> Pushed:
        """Make a Milvus server hold the passages of the index, for searching with `store=`.

        Args:
            store: As for `open_index`.
            replace: Make its collection anew, whatever index it was of.
            progress: Called with the number of articles that are there, and of all.

        Returns:
            What was sent and what was removed.

        Raises:
            CitewellError: The server cannot be reached, or holds another index.
        """
        place = find_place(store, report=self._report)
        return self.index.push(place, replace=replace, progress=progress, report=self._report)

    def contents(self) -> Iterator[tuple[Article, Split]]:
        """Every article with its sentences, in order."""
        yield from self.index.contents()

    def check(self) -> tuple[str, ...]:
        """What is wrong with the index, a line each; empty if it is whole."""
        return self.index.faults()

    def _take(self, loaded: Loaded, *, remove_others: bool) -> Update:
        if remove_others:
            loaded = with_added(loaded, self.folder)
        self._note(loaded)
        self.latest = self.index.update(
            loaded.articles, remove_others=remove_others, progress=_Teller(self._report), report=self._report
        )
        return self.latest

    def _note(self, loaded: Loaded) -> None:
        self.problems = loaded.problems
        for problem in loaded.problems:
            self._report(f"left out: {problem}")
        for note in loaded.notes:
            self._report(f"note: {note}")


class _Teller:
    """Says how far the embedding is, not too often."""

    EVERY_S = 2.0

    def __init__(self, report: Report) -> None:
        self._report = report
        self._started = self._told = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        last = progress.done == progress.total
        if now - self._told < self.EVERY_S and not last:
            return
        self._told = now
        line = f"indexed {progress.done:,} of {progress.total:,} articles"
        if not last:
            left_s = (now - self._started) * progress.chars_left / max(progress.chars_now, 1)
            line += f", {_duration(left_s)} left"
        self._report(line)


def _duration(seconds: float) -> str:
    """A duration as people say it: "40 s", "3 min", "2 h 05 min"."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


def open_index(path: Path, *, embedder: str | Path | None, store: str | None = None, report: Report) -> PassageIndex:
    """Open a saved index as it is, or the index kept for a folder of articles, brought up to date.

    Args:
        path: An index folder, or a folder of articles.
        embedder: Name in models.txt or path of a sentence-transformers folder; None for the default.
        store: The Milvus server or file that searches its passages, to which it has been pushed; None for this process.
        report: Takes one line for the user at a time.

    Returns:
        The index, read into memory.

    Raises:
        CitewellError: Neither can be opened, or the store does not hold it.
    """
    place = None if store is None else find_place(store, report=report)
    if is_index(path):
        return _loaded(Library.open(path, embedder=embedder, report=report).index, place)
    try:
        return _loaded(Library.of_folder(path, embedder=embedder, report=report).index, place)
    except IndexDamagedError as error:  # its articles are in the folder
        report(f"{error.problem}; indexing {path} again")
        return _loaded(Library.build(path, embedder=embedder, report=report).index, place)


def _loaded(index: PassageIndex, place: Place | None) -> PassageIndex:
    if place is not None:
        index.search_on(place)
    index.load()
    return index


def find_embedder(name_or_path: str | Path | None, *, report: Report) -> Embedder:
    """The embedder that is meant, fetched if need be, not yet loaded.

    Args:
        name_or_path: Name in models.txt or path of a sentence-transformers folder; None for the default.
        report: Takes one line for the user at a time.

    Returns:
        The embedder.

    Raises:
        ModelMissingError: There is no such model, or it cannot be fetched.
    """
    models = ModelStore.open(report=report)
    return SentenceTransformerEmbedder(
        models.locate(name_or_path, "embedder"), name=models.identify(name_or_path, "embedder")
    )
