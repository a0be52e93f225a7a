"""Saved web pages: the main text and what the page states of itself, by trafilatura."""

from __future__ import annotations

import email
import email.policy
import re
from email.errors import MessageError
from email.message import EmailMessage

from index.formats.decode import decode
from index.formats.draft import Draft, Unreadable, missing_extra
from index.formats.markup import html_text
from index.metadata import Stated

# Browsers note where a page was saved from in its first lines.
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)(?P<url>https?://\S+?)\s*-->")
_WHOLE_PAGE = re.compile(r"<(?:html|body|!doctype)\b", re.IGNORECASE)
_HEAD_CHARS = 2000


def read_webpage(raw: bytes, *, url: str | None = None) -> Draft:
    """Read a saved page: menus, comments and other furniture are left out of the text.

    Args:
        raw: HTML.
        url: Where it was loaded from, if that is known.

    Returns:
        The main text, a paragraph a line with blank lines between, and the page's metadata.

    Raises:
        Unreadable: It is no text, or no main text is found.
    """
    try:
        import trafilatura  # noqa: PLC0415 - an extra
        from trafilatura.settings import Document  # noqa: PLC0415
    except ImportError as error:
        raise missing_extra("html") from error
    markup, _ = decode(raw, markup=True)
    tree = trafilatura.load_html(markup)
    found = None
    if tree is not None:
        found = trafilatura.bare_extraction(
            tree,
            url=url,
            with_metadata=True,
            include_comments=False,
            # the date a page states, never one fished from its text
            date_extraction_params={"extensive_search": False, "original_date": True, "outputformat": "%Y-%m-%d"},
        )
    if not isinstance(found, Document) or not found.text or not found.text.strip():
        if not _WHOLE_PAGE.search(markup):  # a piece of HTML someone cut out: all of it is meant
            return Draft(html_text(markup), Stated(url=url))
        raise Unreadable("no article is found in this page; copy its text into a .txt file")
    saved = _SAVED_FROM.search(markup[:_HEAD_CHARS])
    stated = Stated(
        author=_line(found.author),
        publisher=_line(found.sitename) if found.sitename != found.hostname else None,  # a host's name is no statement
        date=_line(found.date),
        url=_line(url or found.url or (saved["url"] if saved else None)),
        title=_line(found.title),
        language=_line((tree.get("lang") if tree is not None else None) or found.language),
    )
    return Draft("\n\n".join(line.strip() for line in found.text.split("\n") if line.strip()), stated)


def read_web_archive(raw: bytes) -> Draft:
    """Read a page that a browser saved as one file (.mhtml): its first HTML part.

    Args:
        raw: The file.

    Returns:
        As `read_webpage`.

    Raises:
        Unreadable: There is no page in it.
    """
    try:
        message = email.message_from_bytes(raw, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        for part in message.walk():
            if part.get_content_type() == "text/html":
                content = part.get_payload(decode=True)
                place = message.get("Snapshot-Content-Location") or part.get("Content-Location")
                url = str(place) if place and str(place).startswith(("http://", "https://")) else None
                return read_webpage(content if isinstance(content, bytes) else b"", url=url)
    except (MessageError, LookupError, ValueError, TypeError, AttributeError) as error:  # what damaged headers raise
        raise Unreadable(f"is a damaged web archive ({type(error).__name__}); save the page as HTML") from error
    raise Unreadable("holds no web page; save the page as HTML")


def _line(value: str | None) -> str | None:
    return " ".join(value.split()) or None if value else None
