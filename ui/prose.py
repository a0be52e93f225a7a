"""Article and answer text to HTML: escaped, nothing interpreted, offsets untouched (pure).

Markup of a source, such as a Markdown link's brackets and target, stays in the HTML and is only marked with a class,
so that a style sheet may hide it: the text content of a rendered range is always the range itself.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

Ranges = tuple[tuple[int, int], ...]

# Characters that reorder, hide or break the text around them. They are shown by code point, never obeyed.
_CONTROLS = (
    *(code for code in range(0x20) if code not in (0x09, 0x0A, 0x0D)),
    *range(0x7F, 0xA0),
    *range(0x202A, 0x202F),  # bidirectional embeddings and overrides
    *range(0x2066, 0x206A),  # bidirectional isolates
    *range(0xFFF9, 0xFFFC),  # interlinear annotation
)
_SURROGATES = range(0xD800, 0xE000)  # can reach us in JSON, cannot be sent on
_MARKED = {ord(c): html.escape(c) for c in "<>&\"'"} | dict.fromkeys(_SURROGATES, "\ufffd")
_IN_TEXT = _MARKED | {code: f'<span class="cw-control">U+{code:04X}</span>' for code in _CONTROLS}
_IN_PLAIN = dict.fromkeys(_SURROGATES, "\ufffd") | {code: f"U+{code:04X}" for code in _CONTROLS}
_IN_ATTRIBUTE = _IN_PLAIN | _MARKED

_MARKUP = (
    re.compile(r"^ {0,3}(#{1,6}[ \t]+)", re.MULTILINE),  # heading
    re.compile(r"(?<![!\\])(\[)[^\[\]\n]+(\]\([^()\s]*\))"),  # link; an image's markup stays in sight
    re.compile(r"(?<![\w*\\])(\*{1,3})(?=[^\s*])[^*\n]+?(?<=[^\s*\\])(\1)(?![\w*])"),  # emphasis
    re.compile(r"(\\)(?=[\\`*_{}\[\]()#+.!>~|-])"),  # escape
)
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+\S")
_LIST_ITEM = re.compile(r"\s*([-*•]|\d{1,3}[.)])\s")
_CLOSED = re.compile(r"[.?!:;…][\"'”’»)\]*]*\s*$")
_BYLINE = re.compile(r"(?i)by\b|.*, (?:19|20)\d\d$|[^.]{0,40}:")
_HEADING_CHARS = 70
_WRAP_CHARS = 100  # files wrapped by hand keep their lines within this


def escape(text: str) -> str:
    """Text for an element: HTML escaped, control characters shown as their code points."""
    return text.translate(_IN_TEXT)


def escape_attribute(text: str) -> str:
    """Text for a quoted attribute: escaped, on one line, without control characters."""
    return " ".join(text.split()).translate(_IN_ATTRIBUTE)


def visible(text: str) -> str:
    """Text for a plain file: control characters shown as their code points, all else as it is."""
    return text.translate(_IN_PLAIN)


@lru_cache(maxsize=64)
def find_markup(text: str) -> Ranges:
    """The ranges of a text that are markup rather than words, in order, none overlapping.

    Args:
        text: A whole article, so that offsets are the article's own.

    Returns:
        Half-open ranges of the text.
    """
    spans = sorted(match.span(group) for rule in _MARKUP for match in rule.finditer(text) for group in _groups(rule))
    kept: list[tuple[int, int]] = []
    for start, end in spans:
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return tuple(kept)


def _groups(rule: re.Pattern[str]) -> range:
    return range(1, rule.groups + 1)


def render_range(text: str, start: int, end: int) -> str:
    """One range of an article as HTML whose text content is that range.

    Args:
        text: The whole article.
        start: First character shown.
        end: One past the last character shown.

    Returns:
        HTML in which markup has a class of its own.
    """
    parts: list[str] = []
    at = start
    for first, last in find_markup(text):
        if last <= at:
            continue
        if first >= end:
            break
        first, last = max(first, at), min(last, end)
        parts += [escape(text[at:first]), f'<span class="cw-markup">{escape(text[first:last])}</span>']
        at = last
    parts.append(escape(text[at:end]))
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or heading: a range of the article, line breaks behind it included."""

    start: int
    end: int
    heading: bool = False


def split_blocks(text: str) -> Iterator[Block]:
    """Cut a text into paragraphs and headings for reading; together they cover all of it.

    A blank line always parts two paragraphs. A single line break does too, unless the file looks wrapped by hand,
    with short lines that mostly break off inside a sentence.
    """
    wrapped = _looks_wrapped(text)
    start, before = 0, ""
    for match in _LINE.finditer(text):
        if text[start : match.start()].strip() and _parts(before, match[0], wrapped=wrapped):
            yield Block(start, match.start(), heading=_is_heading(text, start, match.start()))
            start = match.start()
        before = match[0]
    if start < len(text):
        yield Block(start, len(text), heading=_is_heading(text, start, len(text)))


def _is_heading(text: str, start: int, end: int) -> bool:
    """A line marked as a heading, or a short one among paragraphs that is no sentence."""
    line = text[start:end].strip("\n")
    if _HEADING.match(line):
        return True
    blank_around = text[:start].endswith("\n\n") and text[start:end].endswith("\n\n")
    is_words = line[:1].isalpha() and len(line) <= _HEADING_CHARS and "\n" not in line and "[" not in line
    return blank_around and is_words and not _CLOSED.search(line) and not _BYLINE.match(line)


def _parts(before: str, line: str, *, wrapped: bool) -> bool:
    """Whether a new block begins between two lines; blank lines stay with the block they end."""
    if not line.strip():
        return False
    if not before.strip() or _HEADING.match(before) or _HEADING.match(line):
        return True
    return not wrapped or bool(_LIST_ITEM.match(line))


def _looks_wrapped(text: str) -> bool:
    lines = [line for line in text.split("\n") if line.strip()]
    inner = [a for a, b in zip(text.split("\n"), text.split("\n")[1:], strict=False) if a.strip() and b.strip()]
    if not inner or max(map(len, lines)) > _WRAP_CHARS:
        return False
    return sum(not _CLOSED.search(line) for line in inner) > len(inner) / 2
