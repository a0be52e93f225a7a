"""Files -> Articles: the only reader of source text. Decodes, drops byte-order mark and CR; changes nothing else."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from index.article import Article
from index.errors import ArticleError
from index.metadata import stated_metadata

SUFFIXES = frozenset({".txt", ".text", ".md", ".markdown"})
MAX_BYTES = 20 * 1024 * 1024  # a novel is under 2 MB; past this a file is a data dump, not an article
TITLE_CHARS = 110
_BINARY = "is not a text file (it holds zero bytes)"
_MARKS = (((b"\xff\xfe\0\0", b"\0\0\xfe\xff"), "utf-32"), ((b"\xff\xfe", b"\xfe\xff"), "utf-16"))


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


def load_folder(folder: Path | str) -> Loaded:
    """Read every article below a folder.

    Args:
        folder: Searched with its subfolders; README files, dotfiles and unknown suffixes are passed over.

    Returns:
        The articles, and the problem of every file that is none.

    Raises:
        ArticleError: The folder does not exist or is no folder, or not one article could be read in it.
    """
    folder = Path(folder)
    if not folder.exists():
        raise ArticleError(folder, "no such folder; name a folder that holds .txt or .md articles")
    if not folder.is_dir():
        raise ArticleError(folder, "is a file, not a folder; name the folder that holds the articles")
    loaded = load_files(article_files(folder))
    if not loaded.articles:
        reasons = f" ({'; '.join(str(p) for p in loaded.problems[:3])})" if loaded.problems else ""
        raise ArticleError(folder, f"no articles found{reasons}; put .txt or .md files there")
    return loaded


def load_files(paths: Iterable[Path]) -> Loaded:
    """Read each file as one article; ids are the files' stems, with a suffix where two share one.

    Args:
        paths: Files, in the order in which articles are wanted.

    Returns:
        The articles and, for each file that is none, its problem.
    """
    articles: list[Article] = []
    problems: list[ArticleError] = []
    notes: list[str] = []
    taken: set[str] = set()
    for path in paths:
        try:
            text, note = read_text(path)
        except ArticleError as error:
            problems.append(error)
            continue
        if note:
            notes.append(note)
        stem = os.fsencode(path.stem).decode("utf-8", "replace")  # a name that is no Unicode can be shown and stored
        article = replace(make_article(stem, text), id=_free_id(stem, taken))
        taken.add(article.id)
        articles.append(article)
    return Loaded(tuple(articles), tuple(problems), tuple(notes))


def article_files(folder: Path) -> Iterator[Path]:
    """The files below a folder that may be articles, in a stable order."""
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        read_me = path.name.upper().startswith("README")
        if hidden or read_me or path.suffix.lower() not in SUFFIXES or path.is_dir():
            continue
        yield path


def make_article(article_id: str, text: str) -> Article:
    """An article from its id and its text, with the title and whatever else the text itself states.

    Args:
        article_id: Unique in an index.
        text: The whole text; never changed.

    Returns:
        The article; its title is the first line with words in it, shortened, or the id where there is none.
    """
    stated = stated_metadata(text)
    return Article(
        id=article_id,
        text=text,
        title=_title(text) or article_id,
        publisher=stated.publisher,
        author=stated.author,
        date=stated.date,
        url=stated.url,
    )


def read_text(path: Path) -> tuple[str, str | None]:
    """Decode a file: UTF-8 first, UTF-16 and UTF-32 by their mark, else the most likely encoding.

    Args:
        path: A text file of at most MAX_BYTES.

    Returns:
        The text without byte-order mark and with LF line ends, and a note where the encoding was guessed.

    Raises:
        ArticleError: The file cannot be opened, is empty, too large, or not text.
    """
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # a pipe would be waited for, for ever
            raise ArticleError(path, "is no file with text in it")
        if found.st_size > MAX_BYTES:
            size, most = f"{found.st_size / 1e6:.0f} MB", f"{MAX_BYTES / 1e6:.0f} MB"
            raise ArticleError(path, f"is {size}, more than the {most} of one article")
        raw = path.read_bytes()
    except OSError as error:
        raise ArticleError(path, f"cannot be read ({error.strerror}); check the file and its permissions") from error
    text, note = _decode(raw, path)
    if "\0" in text:
        raise ArticleError(path, _BINARY)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not any(character.isalnum() for character in text):
        raise ArticleError(path, "holds no text" if text else "is empty")
    return text, note


def _decode(raw: bytes, path: Path) -> tuple[str, str | None]:
    """Bytes -> text, and a note where the encoding was guessed."""
    for marks, encoding in _MARKS:
        if raw.startswith(marks):
            try:
                return raw.decode(encoding), None
            except UnicodeDecodeError as error:
                raise ArticleError(path, f"starts like {encoding.upper()} but is not; save it as UTF-8") from error
    if b"\0" in raw:  # before any guessing, which takes long for large files
        raise ArticleError(path, _BINARY)
    try:
        return raw.decode("utf-8"), None
    except UnicodeDecodeError:
        pass  # not an error yet: older files are often in a national encoding
    import cchardet  # noqa: PLC0415 - only odd files need it

    guess = cchardet.detect(raw)["encoding"]
    # what is named Latin-1 is Windows-1252 in practice (https://encoding.spec.whatwg.org), and so is most of the
    # rest that no guess fits: a line of English with one curly quote gives the detector nothing to go by
    likely = [] if guess in {None, "ISO-8859-1"} or guess.startswith("IBM") else [guess]
    for encoding in (*likely, "windows-1252"):
        try:
            return raw.decode(encoding), f"{path}: not UTF-8, read as {encoding}"
        except (UnicodeDecodeError, LookupError):
            continue
    raise ArticleError(path, "is in no known text encoding; save it as UTF-8")


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
