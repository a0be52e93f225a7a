"""Library: an index with what keeps it in step: reading articles, embedding them, checking what is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from index.article import Article
from index.embed import Embedder, SentenceTransformerEmbedder
from index.errors import ArticleError
from index.load import Loaded, load_files, load_folder
from index.passage_index import PassageIndex, Update
from index.place import cached_place, is_index, place_of
from index.sentences import Split
from index.store import ArticleStore
from qa.models import ModelStore

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
            report(f"index of {articles}: {update}; {len(library.index.articles)} articles in all")
        return library

    @classmethod
    def build(
        cls, articles: Path, *, index: Path | None = None, embedder: str | Path | None = None, report: Report
    ) -> Library:
        """Index a folder of articles from nothing, in place of whatever index there was.

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
        place = index or cached_place(articles)
        ArticleStore.clear(place)
        library = cls(PassageIndex.create(place, model), report=report)
        library._take(loaded, remove_others=True)
        return library

    @property
    def folder(self) -> Path:
        """Where the index is."""
        return self.index.folder

    def update(self, articles: Path) -> Update:
        """Bring the index in step with a folder; unchanged articles are passed over."""
        return self._take(load_folder(articles), remove_others=True)

    def add(self, files: Sequence[Path]) -> Update:
        """Add files, or replace the articles of the same ids.

        Args:
            files: Article files.

        Returns:
            What was added and changed; files that could not be read are in `problems`.

        Raises:
            ArticleError: Not one of the files could be read.
        """
        loaded = load_files(files)
        if not loaded.articles and loaded.problems:
            raise loaded.problems[0]
        return self._take(loaded, remove_others=False)

    def remove(self, ids: Sequence[str]) -> tuple[str, ...]:
        """Remove articles; returns the ids that were not there."""
        removed = set(self.index.remove(ids))
        return tuple(i for i in ids if i not in removed)

    def contents(self) -> Iterator[tuple[Article, Split]]:
        """Every article with its sentences, in order."""
        for article in self.index.articles:
            yield article, self.index.split(article.id)

    def check(self) -> tuple[str, ...]:
        """What is wrong with the index, a line each; empty if it is whole."""
        return self.index.faults()

    def _take(self, loaded: Loaded, *, remove_others: bool) -> Update:
        self.problems = loaded.problems
        for problem in loaded.problems:
            self._report(f"left out: {problem}")
        for note in loaded.notes:
            self._report(f"note: {note}")
        self.latest = self.index.update(loaded.articles, remove_others=remove_others, progress=self._progress)
        return self.latest

    def _progress(self, done: int, total: int) -> None:
        if done == total or done % 25 == 0:
            self._report(f"indexed {done} of {total} articles")


def open_index(path: Path, *, embedder: str | Path | None, report: Report) -> PassageIndex:
    """Open a saved index as it is, or the index kept for a folder of articles, brought up to date.

    Args:
        path: An index folder, or a folder of articles.
        embedder: Name in models.txt or path of a sentence-transformers folder; None for the default.
        report: Takes one line for the user at a time.

    Returns:
        The index.

    Raises:
        CitewellError: Neither can be opened.
    """
    if is_index(path):
        return Library.open(path, embedder=embedder, report=report).index
    return Library.of_folder(path, embedder=embedder, report=report).index


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
