"""Parsed HTML -> plain paragraphs: block elements apart by a blank line, everything else in a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

_BLOCKS = frozenset(
    "address article aside blockquote body br caption center dd details div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hr html legend li main ol p pre section summary table td th tr ul".split()
)
_UNSEEN = frozenset("head script style template noscript nav svg math iframe object select textarea button".split())


def html_text(markup: str | bytes) -> str:
    """The words of a piece of HTML.

    Args:
        markup: HTML or XHTML, whole or in part; bytes say their encoding themselves.

    Returns:
        Its paragraphs, each on one line, with blank lines between; empty if there are none.
    """
    from lxml import etree, html  # noqa: PLC0415 - an extra

    try:
        root = html.document_fromstring(markup)
    except (etree.ParserError, ValueError):  # nothing but blanks or comments; an encoding declared inside a str
        if isinstance(markup, str) and markup.strip():
            return html_text(markup.encode("utf-8", "replace"))
        return ""
    return element_text(root)


def element_text(root: _Element) -> str:
    """The words below an element, as `html_text` gives them."""
    from lxml import etree  # noqa: PLC0415 - an extra

    paragraphs: list[str] = []
    pieces: list[str] = []
    unseen = 0

    def end_paragraph() -> None:
        if words := " ".join("".join(pieces).split()):
            paragraphs.append(words)
        pieces.clear()

    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        tag = etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""
        if event == "start":
            unseen += tag in _UNSEEN
            if tag in _BLOCKS:
                end_paragraph()
            text = element.text
        else:
            unseen -= event == "end" and tag in _UNSEEN
            if event == "end" and tag in _BLOCKS:
                end_paragraph()
            text = element.tail
        if text and not unseen:
            pieces.append(text)
    end_paragraph()
    return "\n\n".join(paragraphs)
