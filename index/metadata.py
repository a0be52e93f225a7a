"""What an article states of itself: in its first lines, in front matter, in a sidecar. Never guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields

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
    rf"^(?:(?:[Pp]ublished|[Pp]osted|[Uu]pdated)(?:\s+on)?:?\s+)?(?:(?P<place>[^\W\d_][^,\n]{{1,50}}),\s*)?(?P<date>{DATE.pattern})\.?$"
)
_URL = re.compile(r"^(?:(?:URL|Source|Link)\s*:\s*)?(?P<url>https?://\S+)$", re.IGNORECASE)
# 'X, May 5, 2021' names an outlet or a city. What marks an outlet: a word that names of outlets have, a domain,
# or the article itself, which elsewhere gives X as its owner or origin.
_OUTLET = re.compile(
    r"\b(?:News|Times|Post|Herald|Journal|Press|Tribune|Guardian|Telegraph|Gazette|Chronicle|Observer|Daily|Weekly"
    r"|Review|Magazine|Mail|Mirror|Independent|Courier|Examiner|Standard|Star|Sun|Globe|Bulletin|Monitor|Agency"
    r"|Wire|Radio|TV|Television|Broadcasting|Online|Media|Research|Report|Today|Network)\b|\.[a-z]{2,6}$"
)
_ORIGIN = r"(?:©|\(c\)\s|\bcopyright\b|\boriginal source\b|\boriginally published\b|\bfirst published\b).{0,100}"


@dataclass(frozen=True, slots=True)
class Stated:
    """What an article says of itself; None where it says nothing."""

    author: str | None = None
    publisher: str | None = None
    date: str | None = None  # as it is stated there, e.g. "October 27, 2023"
    url: str | None = None
    title: str | None = None
    language: str | None = None  # a code such as "en" or "pt-BR"

    def over(self, other: Stated) -> Stated:
        """This, with what it leaves open taken from the other."""
        names = [field.name for field in fields(self)]
        return Stated(**{name: getattr(self, name) or getattr(other, name) for name in names})


NOTHING = Stated()

# Names under which the same thing is stated elsewhere, in lower case without blanks, '_', '-' and ':'.
ALIASES = {
    "title": ("title", "headline", "name"),
    "publisher": ("publisher", "source", "outlet", "sitename", "site", "publication", "newspaper"),
    "author": ("author", "authors", "byline", "creator", "writer"),
    "date": (
        *("date", "published", "publishedat", "datepublished", "publicationdate", "publishdate", "publishedtime"),
        *("publishedon", "pubdate", "datetime", "articlepublishedtime"),
    ),
    "url": ("url", "link", "sourceurl", "canonicalurl", "canonical", "permalink"),
    "language": ("language", "lang", "inlanguage"),
}


def stated_fields(values: Mapping[str, object], *, names: Mapping[str, str] | None = None) -> Stated:
    """Metadata from named values, such as a record of a JSON file.

    Args:
        values: Under the names they have there; lists are joined, of an object its `name` is taken.
        names: For some fields of Stated, the one name that is meant; others have their usual names.

    Returns:
        What is stated, each on one line; what is empty or under other names is passed over.
    """
    plain = {_plain_name(name): value for name, value in values.items()}
    wanted = {**ALIASES, **{field: (_plain_name(name),) for field, name in (names or {}).items() if field in ALIASES}}
    found = {
        field: next((text for alias in aliases if (text := _as_text(plain.get(alias)))), None)
        for field, aliases in wanted.items()
    }
    return Stated(**found)


def _plain_name(name: str) -> str:
    return re.sub(r"[\s_:\-]+", "", name).casefold()


def _as_text(value: object) -> str | None:
    """A value as one line of text, None if it holds none."""
    if isinstance(value, list):
        return ", ".join(text for item in value if (text := _scalar(item))) or None
    return _scalar(value)


def _scalar(value: object) -> str | None:
    """A word or number as text, of an object its name; lists inside lists may be endless, in YAML, and are nothing."""
    if isinstance(value, Mapping):
        value = value.get("name")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return " ".join(str(value).split()) or None


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
                for name, value in _stated_parts(match, text).items():
                    found.setdefault(name, value)
    return Stated(**found)


def _stated_parts(match: re.Match[str], text: str) -> dict[str, str]:
    """The named parts of a head line that say what their names promise."""
    parts = {name: value.strip() for name, value in match.groupdict().items() if value}
    place = parts.pop("place", None)
    if place and _is_outlet(place, text):
        parts["publisher"] = place
    if "author" in parts and not is_name(parts["author"]):
        del parts["author"]
    return parts


def _is_outlet(name: str, text: str) -> bool:
    """Whether the name before a date is one of an outlet, not of a city."""
    return bool(_OUTLET.search(name) or re.search(_ORIGIN + re.escape(name), text, re.IGNORECASE))


def is_name(words: str) -> bool:
    """Whether a byline names people: two to six words, nearly all with a capital ('Ana de Souza')."""
    parts = words.split()
    capitals = sum(part[0].isupper() for part in parts)
    return 2 <= len(parts) <= 6 and capitals >= 2 and parts[0][0].isupper()
