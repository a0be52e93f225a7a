"""Files -> Articles: the only reader of source text.

Text files are decoded and otherwise left alone; of other kinds (`index/formats/`) the extracted text is the article,
and all offsets are its own.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from index.article import Article
from index.errors import ArticleError
from index.formats.draft import Draft, Unreadable
from index.formats.notes import front_matter
from index.formats.reading import Found, is_article_name, max_bytes, read_drafts, read_sidecar, sidecar_names
from index.formats.worker import Reader
from index.metadata import NOTHING, Stated, stated_fields, stated_metadata

TITLE_CHARS = 110


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a folder held.

    Attributes:
        articles: In the order of their paths; ids are unique.
        problems: The files that could not be read, each with its one clear line; the rest were read all the same.
        notes: What a user may want to know of files that were read, e.g. a guessed encoding.
    """

    articles: tuple[Article, ...]
    problems: tuple[ArticleError, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Shelf:
    """Articles as they come in: gives them ids, and keeps what went wrong."""

    articles: list[Article] = field(default_factory=list)
    problems: list[ArticleError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _taken: set[str] = field(default_factory=set)

    def take(self, source: Path | str, stem: str, found: Found) -> None:
        """Add what a file came to.

        Args:
            source: The file, as people know it.
            stem: The id, where it holds one article.
            found: Its articles, or its problem.
        """
        shown = f"{source}/{found.name}" if found.name else source
        if found.problem is not None:
            self.problems.append(ArticleError(shown, found.problem))
        if found.guessed is not None:
            self.notes.append(f"{shown}: not UTF-8, read as {found.guessed}")
        for draft in found.drafts:
            name = draft.name or stem
            self._add(draft, stem + name if name.startswith("-") and draft.name else name)

    def loaded(self) -> Loaded:
        """What came in so far."""
        return Loaded(tuple(self.articles), tuple(self.problems), tuple(self.notes))

    def _add(self, draft: Draft, wanted: str) -> None:
        article = make_article(wanted, draft.text, stated=draft.stated, pages=draft.pages)
        self.articles.append(replace(article, id=_free_id(wanted, self._taken)))
        self._taken.add(self.articles[-1].id)


def load_folder(folder: Path | str) -> Loaded:
    """Read every article below a folder.

    Args:
        folder: Searched with its subfolders; README files, dotfiles, sidecars and unknown suffixes are passed over.

    Returns:
        The articles, and the problem of every file that is none.

    Raises:
        ArticleError: The folder does not exist or is no folder, or not one article could be read in it.
    """
    folder = Path(folder)
    if not folder.exists():
        raise ArticleError(
            folder, "no such folder; name a folder that holds articles, such as .txt, .html or .pdf files"
        )
    if not folder.is_dir():
        raise ArticleError(folder, "is a file, not a folder; name the folder that holds the articles")
    loaded = load_files(article_files(folder))
    if not loaded.articles:
        reasons = f" ({'; '.join(str(p) for p in loaded.problems[:3])})" if loaded.problems else ""
        raise ArticleError(folder, f"no articles found{reasons}; put .txt, .html or .pdf files there")
    return loaded


def load_files(paths: Iterable[Path]) -> Loaded:
    """Read files; the id of a file's one article is the file's stem, with a suffix where two share one.

    Args:
        paths: Files, in the order in which articles are wanted.

    Returns:
        The articles and, for each file that holds none, its problem.
    """
    shelf = Shelf()
    with Reader() as reader:
        for path in paths:
            load_file(path, shelf, reader)
    return shelf.loaded()


def load_file(path: Path, shelf: Shelf, reader: Reader) -> None:
    """Read one file onto a shelf.

    Args:
        path: The file.
        shelf: Takes its articles, or its problem.
        reader: For kinds that a library parses.
    """
    try:
        raw, sidecar = _read_bytes(path), _sidecar_of(path)
    except ArticleError as error:
        shelf.problems.append(error)
        return
    name, stem, shown = (_as_unicode(part) for part in (path.name, path.stem, str(path)))
    for found in read_drafts(name, raw, sidecar=sidecar, reader=reader):
        shelf.take(shown, _as_unicode(Path(found.name).stem) if found.name else stem, found)


def article_files(folder: Path) -> Iterator[Path]:
    """The files below a folder that may be articles, in a stable order.

    What a browser saves beside `page.html` in `page_files` is parts of that page, and passed over.
    """
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if any(part.startswith(".") for part in inside.parts) or not is_article_name(path.name) or path.is_dir():
            continue
        if any(_is_page_parts(folder / parent) for parent in inside.parents if parent.name.endswith("_files")):
            continue
        yield path


def _is_page_parts(folder: Path) -> bool:
    """Whether a folder holds the parts of the saved page beside it."""
    page = folder.with_name(folder.name.removesuffix("_files"))
    return any(page.with_name(page.name + suffix).exists() for suffix in (".html", ".htm"))


def make_article(
    article_id: str, text: str, *, stated: Stated = NOTHING, pages: tuple[int, ...] | None = None
) -> Article:
    """An article from its id and its text, with the title and whatever else is stated of it.

    Args:
        article_id: Unique in an index.
        text: The whole text; never changed.
        stated: What its file or its user says of it; goes before what the text says.
        pages: Offsets where its pages begin, the first being 0; None if it has none.

    Returns:
        The article; its title is the stated one, else the first line with words in it, shortened, or the id where
        there is none.
    """
    fields, body = front_matter(text)
    of_text = text[body:] if body else text
    known = stated.over(stated_fields(fields)).over(stated_metadata(of_text))
    return Article(
        id=article_id,
        text=text,
        title=_shorten(plain_text(known.title or "")) or _title(of_text) or article_id,
        publisher=known.publisher,
        author=known.author,
        date=known.date,
        url=known.url,
        language=known.language,
        pages=pages,
    )


def _read_bytes(path: Path) -> bytes:
    """A regular file's bytes, if it is not too large for its kind."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # a pipe would be waited for, for ever
            raise ArticleError(path, "is no file with text in it")
        most = max_bytes(path.name)
        if found.st_size > most:
            raise ArticleError(
                path, f"is {found.st_size / 1e6:.0f} MB, more than the {most / 1e6:.0f} MB of one article"
            )
        return path.read_bytes()
    except OSError as error:
        raise ArticleError(path, f"cannot be read ({error.strerror}); check the file and its permissions") from error


def _sidecar_of(path: Path) -> Mapping[str, object]:
    """What the sidecar beside a file says; nothing if there is none."""
    for name in sidecar_names(path.name):
        sidecar = path.with_name(name)
        if sidecar.is_file():
            try:
                return read_sidecar(_read_bytes(sidecar))
            except Unreadable as problem:
                raise ArticleError(sidecar, f"{problem}; {path.name} is left out until it is mended") from problem
    return {}


def _as_unicode(name: str) -> str:
    """A file's name as it can be shown and stored, if it is no Unicode."""
    return os.fsencode(name).decode("utf-8", "replace")


def _free_id(stem: str, taken: set[str]) -> str:
    """The stem, or the stem with the first free number."""
    candidate, number = stem, 1
    while candidate in taken:
        number += 1
        candidate = f"{stem}-{number}"
    return candidate


def _title(text: str) -> str:
    """The first line that has words, without its markup, shortened at a word."""
    for line in text.split("\n"):
        plain = plain_text(line)
        if any(character.isalnum() for character in plain):
            return _shorten(plain)
    return ""


def plain_text(text: str) -> str:
    """Text as a reader sees it: Markdown links as their words, no emphasis or heading marks, single spaces.

    For showing and comparing only; offsets into the result mean nothing in the article.
    """
    text = re.sub(r"!?\[([^\[\]]*)\]\([^()\s]*\)", r"\1", text)
    text = re.sub(r"(?m)^\s*(#{1,6}|>|[-+*])\s+", "", text)
    return " ".join(re.sub(r"\\?\*+|\\(?=[_#\[\]])", "", text).split())


def _shorten(line: str) -> str:
    if len(line) <= TITLE_CHARS:
        return line
    return line[:TITLE_CHARS].rsplit(" ", 1)[0].rstrip(" ,;:-–") + " …"
