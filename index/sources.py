"""What a user names -> Articles: files, folders, patterns, web addresses and feeds, in the order they are named."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from index.errors import ArticleError
from index.formats.draft import Draft, Unreadable, checked
from index.formats.notes import SIDECARS
from index.formats.reading import KINDS, Found, read_drafts
from index.formats.tables import slug
from index.formats.worker import Reader
from index.load import Loaded, Shelf, article_files, load_file
from index.metadata import NOTHING, Stated
from index.web.feed import Entry, is_feed, read_feed
from index.web.fetch import Fetcher, Page

_WEB = re.compile(r"https?://", re.IGNORECASE)
# Kinds by what servers call them; for others the address's own suffix tells, else it is taken for a web page.
_CONTENT_TYPES = {
    "application/pdf": ".pdf",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/json": ".json",
    "application/x-ndjson": ".jsonl",
    "text/csv": ".csv",
    "application/epub+zip": ".epub",
    "application/zip": ".zip",
    "text/html": ".html",
    "application/xhtml+xml": ".html",
}


def load_sources(sources: Sequence[str], *, allow_private: bool = False, fetcher: Fetcher | None = None) -> Loaded:
    """Read whatever is named.

    Args:
        sources: Paths of files or folders, patterns such as `clips/**/*.pdf`, http(s) addresses of pages or feeds.
        allow_private: Whether addresses of this machine and of private networks may be fetched from.
        fetcher: What fetches pages; None for one with the usual limits.

    Returns:
        The articles, and the problem of everything that is none.
    """
    shelf = Shelf()
    web = fetcher or Fetcher(allow_private=allow_private)
    with Reader() as reader:
        for source in sources:
            if _WEB.match(source):
                _load_url(source, shelf, web, reader)
                continue
            for path in _paths(source):
                load_file(path, shelf, reader)
    return shelf.loaded()


def is_web_address(source: str) -> bool:
    """Whether a source is fetched from the web."""
    return bool(_WEB.match(source))


def _paths(source: str) -> Iterator[Path]:
    """The files a path or pattern names; a name that is no pattern's match is given as it is, to be told about."""
    path = Path(source)
    if path.is_dir():
        yield from article_files(path)
        return
    matches = [] if path.exists() else sorted(glob.glob(source, recursive=True))  # noqa: PTH207 - absolute too
    files = [Path(match) for match in matches if not match.endswith(SIDECARS) and not Path(match).is_dir()]
    yield from files or [path]


def _load_url(url: str, shelf: Shelf, web: Fetcher, reader: Reader) -> None:
    """Read a page, or every entry of a feed, onto a shelf."""
    try:
        page = web.fetch(url)
        if not is_feed(page.raw):
            _take_page(url, page, NOTHING, shelf, reader)
            return
        entries = read_feed(page.raw)
    except Unreadable as problem:
        shelf.problems.append(ArticleError(url, str(problem)))
        return
    for entry in entries:
        _load_entry(url, entry, shelf, web, reader)


def _load_entry(feed: str, entry: Entry, shelf: Shelf, web: Fetcher, reader: Reader) -> None:
    """An entry's article: as the feed carries it, else from its page."""
    shown = entry.url or f"{feed} ({entry.stated.title})"
    try:
        if entry.text is not None:
            draft = checked(Draft(entry.text, entry.stated))
            shelf.take(shown, url_id(entry.url or entry.stated.title or feed), Found(drafts=(draft,)))
        elif entry.url is not None:
            _take_page(entry.url, web.fetch(entry.url), entry.stated, shelf, reader)
        else:
            raise Unreadable("has neither a text nor the address of one")
    except Unreadable as problem:
        shelf.problems.append(ArticleError(shown, str(problem)))


def _take_page(url: str, page: Page, stated: Stated, shelf: Shelf, reader: Reader) -> None:
    """Put what a page holds onto a shelf, under its address."""
    for found in read_drafts(_file_name(page), page.raw, sidecar={}, reader=reader):
        # a page may name another address as its own (a canonical one); what is cited is what was read
        drafts = tuple(
            replace(draft, stated=Stated(url=page.url).over(draft.stated).over(stated)) for draft in found.drafts
        )
        stem = PurePosixPath(found.name).stem if found.name else url_id(page.url)
        shelf.take(url, stem, replace(found, drafts=drafts))


def _file_name(page: Page) -> str:
    """A name with the suffix of what a page is."""
    suffix = PurePosixPath(unquote(urlsplit(page.url).path)).suffix.lower()
    by_type = _CONTENT_TYPES.get(page.content_type)
    if by_type == ".txt" and suffix in KINDS:  # servers call many a file plain text
        return f"page{suffix}"
    return f"page{by_type or (suffix if suffix in KINDS else '.html')}"


def url_id(url: str) -> str:
    """A readable id for a web address: the same each time, so that a page added again replaces itself."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    path = unquote(parts.path).strip("/")
    return slug(" ".join(part for part in (host, path, parts.query) if part)) or "page"
