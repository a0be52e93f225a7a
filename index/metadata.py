"""Author, publisher, date and URL of an article, where its own first lines state them; never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass

HEAD_LINES = 15  # bylines and datelines stand above or just below the title
BODY_CHARS = 200  # a line as long as this is reporting: the head ends there

_MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?|July?|Aug(?:ust|\.)?"
    r"|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
DATE = re.compile(
    rf"(?:{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}|\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH},?\s+\d{{4}}|\d{{4}}-\d\d-\d\d)"
)
_LINK = re.compile(r"\[([^\[\]]+)\]\([^()\s]*\)")
_BYLINE = re.compile(r"^[Bb]y:?\s+(?P<author>[^\W\d_][^\n,|]{2,60})$")
_DATELINE = re.compile(
    rf"^(?:(?:[Pp]ublished|[Pp]osted|[Uu]pdated)(?:\s+on)?:?\s+)?(?:(?P<publisher>[^\W\d_][^,\n]{{1,50}}),\s*)?(?P<date>{DATE.pattern})\.?$"
)
_URL = re.compile(r"^(?:(?:URL|Source|Link)\s*:\s*)?(?P<url>https?://\S+)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Stated:
    """What an article says of itself; None where it says nothing."""

    author: str | None = None
    publisher: str | None = None
    date: str | None = None
    url: str | None = None


def stated_metadata(text: str) -> Stated:
    """Read byline, dateline and URL from the lines above an article's body.

    Args:
        text: The article's whole text.

    Returns:
        What those lines state in so many words.
    """
    found: dict[str, str] = {}
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    for raw in lines[:HEAD_LINES]:
        line = _LINK.sub(r"\1", raw).strip("*_# ")
        if len(line) > BODY_CHARS:
            break
        for pattern in (_BYLINE, _DATELINE, _URL):
            if match := pattern.match(line):
                for name, value in match.groupdict().items():
                    if value and (name != "author" or _is_name(value)):
                        found.setdefault(name, value.strip())
    return Stated(**found)


def _is_name(words: str) -> bool:
    """Whether a byline names people: two to six words, nearly all with a capital ('Ana de Souza')."""
    parts = words.split()
    capitals = sum(part[0].isupper() for part in parts)
    return 2 <= len(parts) <= 6 and capitals >= 2 and parts[0][0].isupper()
