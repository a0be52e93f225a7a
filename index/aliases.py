"""Aliases: names that articles say are one thing's, so that a question is put to each article in the article's names.

One outlet writes of the WHO, another of the World Health Organization, and a reader asks with either. Articles tell in
passing that two names are one: 'the World Health Organization (WHO)', 'Mumbai (formerly Bombay)'.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from index.article import Article

_MOST_WORDS = 8  # of a name
_INSENSITIVE_FROM = 4  # letters; a shorter name is told from a word ('WHO', 'IS') by its capitals alone
_REACH = 100  # letters in front of brackets that are looked at

_SMALL = r"(?:of|the|and|for|in|on|de|la|le|du|des|del|al|el|bin|ibn|von|van)"
_PART = r"[A-Z][\w’'&-]*"
_NAME = rf"{_PART}(?: (?:{_SMALL} ){{0,2}}{_PART}){{0,{_MOST_WORDS - 1}}}"
_NOW = r"(?:also|formerly|previously|now|better|otherwise|commonly|sometimes|once|later|originally|aka|a\.k\.a\.)"
_CALLED = r"(?:known|called|named|referred to|abbreviated)"

_BRACKETS = re.compile(r"\(([^()\n]{2,80})\)")
_ACRONYM = re.compile(r"(?=(?:.*[A-Z]){2})[A-Z][\w&-]{1,9}")
_LONG_NAME = re.compile(rf"(?=.* ){_NAME}")
_NAME_LAST = re.compile(rf"(?<!\w){_NAME}$")
_LONE_NAME_LAST = re.compile(rf"(?:^|[^\w\s’'-] ?|\b[a-z][\w-]* |\b[a-z]+-)(?P<name>{_PART})$")  # also 'anti-Rox'
_FURTHER = re.compile(rf"{_NOW} (?:{_CALLED} (?:as |to )?)?(?:the )?[\"“‘']?(?P<name>{_NAME})[\"”’']?")
_WORDS = re.compile(r"[^\W_]+")
_QUOTES = "\"“”‘’' "


class Aliases:
    """Which names are one thing's, as far as some articles say."""

    def __init__(self, articles: Sequence[Article]) -> None:
        """Read what articles say of names; what one says counts for all."""
        texts = [article.text for article in articles]
        pairs = [pair for text in texts for pair in stated_aliases(text)]
        for name, phrase in dict.fromkeys(pair for text in texts for pair in _glosses(text)):
            acronym = "".join(re.findall(r"\b[A-Z]", phrase))
            if any(_uses(text, acronym) for text in texts):  # else it may say whose or where the thing is
                pairs += [(phrase, name), (phrase, acronym)]
        self._groups = _groups(pairs)

    def put_to(self, question: str, article: Article) -> str:
        """A question in the names an article uses.

        Args:
            question: Any text.
            article: Whose names count.

        Returns:
            The question, with the name that the article uses most in place of each name it does not use; the others
            stay, and so do those that nothing is known of.
        """
        if not self._groups:
            return question
        words = [match.span() for match in _WORDS.finditer(question)]
        put: list[str] = []
        end = at = 0
        while at < len(words):
            for last in range(min(at + _MOST_WORDS, len(words)) - 1, at - 1, -1):
                start, stop = words[at][0], words[last][1]
                if own := self._own_name(question[start:stop], article.text):
                    put += [question[end:start], own]
                    end, at = stop, last
                    break
            at += 1
        return "".join([*put, question[end:]])

    def _own_name(self, name: str, text: str) -> str | None:
        """What a text calls the thing that has a name; None where that is no name of any."""
        group = self._groups.get(name.casefold(), ())
        if not any(_same(name, each) for each in group):
            return None
        if _uses(text, name):
            return name
        own = max(group, key=lambda each: (len(each) >= _INSENSITIVE_FROM and _uses(text, each) > 0, _uses(text, each)))
        return own if _uses(text, own) else name


def stated_aliases(text: str) -> Iterator[tuple[str, str]]:
    """The names that a text says are one thing's.

    Source: for acronyms, Schwartz and Hearst, "A Simple Algorithm for Identifying Abbreviation Definitions in
    Biomedical Text", 2003.

    Args:
        text: Of an article.

    Yields:
        Pairs such as 'World Health Organization' and 'WHO'; of a name and an acronym, the acronym comes second.
    """
    for before, parts in _bracketed(text):
        first = parts[0]
        long = _spelt_out(first, before) if _ACRONYM.fullmatch(first) else None
        if long:
            yield long, first
        last = _NAME_LAST.search(before)
        acronym = last and last[0].split()[-1]
        if acronym and _ACRONYM.fullmatch(acronym) and _spelt_out(acronym, first) == first:
            yield first, acronym
        name = long or (last[0] if last else None)
        for part in parts:
            if name and (further := _FURTHER.fullmatch(part)):
                yield name, further["name"]


def _glosses(text: str) -> Iterator[tuple[str, str]]:
    """Names of one word with the longer one that follows in brackets; it may tell whose or where the thing is."""
    for before, parts in _bracketed(text):
        alone = _LONE_NAME_LAST.search(before)
        if alone and _LONG_NAME.fullmatch(parts[0]):
            yield alone["name"], parts[0]


def _bracketed(text: str) -> Iterator[tuple[str, list[str]]]:
    """What stands before each pair of brackets in its clause, and in them, part by part."""
    for found in _BRACKETS.finditer(text):
        before = re.split(r"[.;:()\[\]\n]\s*", text[max(0, found.start() - _REACH) : found.start()].rstrip(_QUOTES))[-1]
        yield before, [part.strip(_QUOTES) for part in re.split(r"[;,]", found[1])]


def _spelt_out(acronym: str, before: str) -> str | None:
    """The end of a text that an acronym stands for: the shortest that has its letters in order, the first at a word."""
    words = before.split(" ")[-min(len(acronym) + 5, 2 * len(acronym)) :]
    long = " ".join(words)
    at = len(long)
    letters = [letter for letter in acronym.casefold() if letter.isalnum()]
    for left in range(len(letters) - 1, -1, -1):
        at -= 1
        while at >= 0 and (long[at].casefold() != letters[left] or (left == 0 and not _begins_name(long, at))):
            at -= 1
        if at < 0:
            return None
    spelt = long[at:].rstrip(_QUOTES)
    return spelt if len(spelt) > len(acronym) and acronym not in spelt.split() else None


def _begins_name(text: str, at: int) -> bool:
    """Whether a word that a name may begin with starts at a place."""
    return not text[:at][-1:].isalnum() and not re.match(rf"{_SMALL}\b", text[at:])


def _groups(pairs: Sequence[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """All names of a thing by each of them, folded. An acronym of several things is no name of any."""
    longs: dict[str, set[str]] = defaultdict(set)
    for one, other in pairs:
        if _ACRONYM.fullmatch(other):
            longs[other].add(one.casefold())
    doubtful = {acronym for acronym, names in longs.items() if not _akin(names)}
    others: dict[str, set[str]] = defaultdict(set)
    for one, other in pairs:
        if doubtful.isdisjoint((one, other)):
            others[one].add(other)
            others[other].add(one)
    groups: dict[str, tuple[str, ...]] = {}
    for name in sorted(others):
        if name.casefold() in groups:
            continue
        known, new = {name}, [name]
        while new:
            found = others[new.pop()] - known
            known |= found
            new += found
        groups |= {each.casefold(): tuple(sorted(known)) for each in known}
    return groups


def _akin(names: set[str]) -> bool:
    """Whether names are one, shorter and longer: 'World Bank', 'World Bank Group'."""
    shortest = min(names, key=len)
    return all(name.startswith(shortest) for name in names)


def _same(name: str, other: str) -> bool:
    return name == other or (len(name) >= _INSENSITIVE_FROM and name.casefold() == other.casefold())


def _uses(text: str, name: str) -> int:
    """How often a text has a name."""
    flags = re.IGNORECASE if len(name) >= _INSENSITIVE_FROM else 0
    return len(re.findall(rf"(?<!\w){re.escape(name)}(?!\w)", text, flags))
