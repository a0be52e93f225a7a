"""RSS and Atom feeds, by feedparser: entries with their metadata, and their whole text where the feed carries it."""

from __future__ import annotations

import io
import re
import time
from dataclasses import dataclass

from index.formats.draft import Unreadable, missing_extra
from index.formats.markup import html_text
from index.metadata import Stated

MAX_ENTRIES = 100  # the newest ones, which a feed lists first
_WHOLE_CHARS = 1500  # from here on what a feed carries of an article is taken for all of it
_ROOT = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:(?:<!--(?:(?!-->).)*-->|<\?[^>]*>|<!(?!--)[^>]*>)\s*)*<(?:rss|feed|rdf:RDF)\b",
    re.DOTALL,
)
_HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed.

    Attributes:
        url: Where its article is; None if the feed does not say.
        text: Its article, where the feed carries it whole; else None.
        stated: What the feed states of it.
    """

    url: str | None
    text: str | None
    stated: Stated


def is_feed(raw: bytes) -> bool:
    """Whether a file is a feed, by its first element."""
    return bool(_ROOT.match(raw[:_HEAD_BYTES]))


def read_feed(raw: bytes) -> tuple[Entry, ...]:
    """Read a feed.

    Args:
        raw: RSS or Atom.

    Returns:
        Its entries in its order, at most MAX_ENTRIES.

    Raises:
        Unreadable: It is damaged, or has no entries.
    """
    try:
        import feedparser  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise missing_extra("feed") from error
    try:
        found = feedparser.parse(io.BytesIO(raw))
    except Exception as error:  # a parser of anyone's files: it has been seen to raise what it does not promise
        raise Unreadable(f"is a damaged feed ({type(error).__name__})") from error
    if not found.entries:
        raise Unreadable("is a feed without entries")
    publisher = _line(found.feed.get("title"))
    language = _line(found.feed.get("language"))
    return tuple(_entry(entry, publisher, language) for entry in found.entries[:MAX_ENTRIES])


def _entry(entry: dict[str, object], publisher: str | None, language: str | None) -> Entry:
    content = entry.get("content")
    parts = [part.get("value") for part in content if isinstance(part, dict)] if isinstance(content, list) else []
    texts = [html_text(part) for part in parts if isinstance(part, str)]
    text = max(texts, key=len, default="")
    url = _line(entry.get("link"))
    dated = entry.get("published_parsed") or entry.get("updated_parsed")
    title = entry.get("title")
    stated = Stated(
        title=_line(html_text(title)) if isinstance(title, str) else None,
        author=_line(entry.get("author")),
        publisher=publisher,
        date=time.strftime("%Y-%m-%d", dated) if isinstance(dated, time.struct_time) else _line(entry.get("published")),
        url=url if url and url.startswith(("http://", "https://")) else None,
        language=language,
    )
    return Entry(stated.url, text if len(text) >= _WHOLE_CHARS or (text and not stated.url) else None, stated)


def _line(value: object) -> str | None:
    return " ".join(value.split()) or None if isinstance(value, str) else None
