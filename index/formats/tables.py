"""JSON, JSONL and CSV files of articles: one record per article, fields under their usual names or ones you give."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping

from index.formats.draft import Draft, Unreadable, storable
from index.metadata import stated_fields

_TEXT = ("text", "body", "content", "fulltext", "articletext", "articlebody", "maintext", "article")
_ID = ("id", "articleid", "slug", "guid", "uuid", "key")
_LISTS = ("articles", "items", "data", "results", "entries", "records", "documents", "docs")
_IS_ID = re.compile(r"[\w(][\w .,()+&'-]{0,119}(?<! )")
ID_CHARS = 80


def read_json(text: str, fields: Mapping[str, str]) -> list[Draft]:
    """Read a JSON file: a list of articles, an object that holds such a list, or one article.

    Args:
        text: The file.
        fields: For "text", "id" and fields of Stated: the names they have in this file, where unusual.

    Returns:
        The articles that hold text, in order.

    Raises:
        Unreadable: It is no JSON, or holds no articles.
    """
    found = _loads(text, "")
    if isinstance(found, dict):
        lists = [value for name, value in found.items() if name.casefold() in _LISTS and isinstance(value, list)]
        found = lists[0] if lists else [found]
    if not isinstance(found, list):
        raise Unreadable("holds no list of articles; wanted are objects with a field 'text'")
    return _drafts(found, fields)


def read_jsonl(text: str, fields: Mapping[str, str]) -> list[Draft]:
    """Read a file of one JSON object a line; arguments and result as `read_json`."""
    lines = enumerate(text.split("\n"), 1)
    return _drafts((_loads(line, f"line {number}: ") for number, line in lines if line.strip()), fields)


def read_csv(text: str, fields: Mapping[str, str]) -> list[Draft]:
    """Read a table with a line of column names; arguments and result as `read_json`."""
    csv.field_size_limit(len(text) + 1)
    header = text.lstrip("\n").split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    try:
        rows = list(csv.DictReader(io.StringIO(text.lstrip("\n"), newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise Unreadable(f"is no table ({error}); save it as CSV with a line of column names") from error
    return _drafts(({name: value for name, value in row.items() if name is not None} for row in rows), fields)


def slug(words: str) -> str:
    """Words as an id: letters and digits in lower case, joined by '-', at most ID_CHARS; empty if there are none."""
    plain = re.sub(r"[^\w.]+", "-", storable(words).casefold()).strip("-._")
    return plain if len(plain) <= ID_CHARS else plain[:ID_CHARS].rsplit("-", 1)[0].strip("-._")


def _loads(text: str, where: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise Unreadable(f"{where}is no JSON ({str(error)[:100]})") from error
    except RecursionError as error:
        raise Unreadable(f"{where}is nested too deep to be articles") from error


def _drafts(records: Iterable[object], fields: Mapping[str, str]) -> list[Draft]:
    """An article for each record that has text.

    A record's name is its id as it stands there, unless that is long or odd; else a slug of its title; else its number.
    """
    drafts: list[Draft] = []
    names: list[str] = []
    for number, record in enumerate(records, 1):
        if not isinstance(record, dict):
            raise Unreadable(f"entry {number} is no object with named fields such as 'text' and 'title'")
        names.extend(str(name) for name in record if str(name) not in names[:20])
        text = _first(record, (fields["text"],) if "text" in fields else _TEXT)
        if text is None:
            continue
        stated = stated_fields(record, names=fields)
        own = _first(record, (fields["id"],) if "id" in fields else _ID) or ""
        name = own if _IS_ID.fullmatch(own) else slug(own or stated.title or "")
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        drafts.append(Draft(text, stated, name=name or f"-{number}", pages=_pages(record.get("pages"), text)))
    if not drafts:
        wanted = fields.get("text", "text")
        there = ", ".join(names[:8]) or "nothing"
        raise Unreadable(f"no article has a field {wanted!r} with words in it; there is: {there}")
    return drafts


def _pages(value: object, text: str) -> tuple[int, ...] | None:
    """Where pages begin, if a record says so in a way that can be true of its text: as an exported index does."""
    if not isinstance(value, list) or not all(type(offset) is int for offset in value):
        return None
    right = value[:1] == [0] and value == sorted(value) and value[-1] <= len(text)
    return tuple(value) if right else None


def _first(record: Mapping[str, object], names: Iterable[str]) -> str | None:
    """The first of some fields that holds words, as it stands there."""
    plain = {re.sub(r"[\s_:\-]+", "", name).casefold(): value for name, value in record.items()}
    return next(_words(plain, names), None)


def _words(plain: Mapping[str, object], names: Iterable[str]) -> Iterator[str]:
    for name in names:
        value = plain.get(re.sub(r"[\s_:\-]+", "", name).casefold())
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str) and any(character.isalnum() for character in value):
            yield value
