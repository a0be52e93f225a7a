"""Aliases: names that articles say are one thing's, so that a question is put to each article in the article's names.

One outlet writes of the WHO, another of the World Health Organization, and a reader asks with either. Articles tell in
brackets that two names are one: 'the World Health Organization (WHO)', 'Mumbai (formerly known as Bombay)'. What else
stands in brackets after a name (an age, a party, a country, an office) must not be taken for another: a question put in
the name of another thing would be answered wrongly.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from index.article import Article
from index.lexical import stems_of
from index.load import plain_text

_MOST_WORDS = 8  # of a name
_TOLD_APART = 4  # letters; a shorter name may be a word ('IS') for a search that knows no capitals
_REACH = 100  # letters in front of brackets that are looked at

_SMALL = frozenset("of the and for in on de la le du des del al el bin ibn von van".split())
_PART = r"[A-Z][\w’'&-]*"
_NAME = rf"{_PART}(?: (?:(?:{'|'.join(sorted(_SMALL))}) ){{0,2}}{_PART}){{0,{_MOST_WORDS - 1}}}"
_WHEN = r"(?:also|formerly|previously|now|better|otherwise|commonly|sometimes|once|later|originally)"
_CALLED = rf"(?:(?:{_WHEN} )?(?:known|called|named|referred to|abbreviated) (?:as |to )?|a\.?k\.?a\.? )"

_BRACKETS = re.compile(r"\((?=[^()\n]*[A-Z])([^()\n]{2,80})\)")
_ACRONYM = re.compile(r"(?=(?:.*[A-Z]){2})[A-Z][\w&-]{1,9}")
_LAST_NAME = re.compile(rf"(?<!\w){_NAME}$")
_OPPOSED = re.compile(rf"\b(?:anti|pro|non)-(?P<name>{_PART})$")
_LONG_NAME = re.compile(rf"(?=.* ){_NAME}")
# What was an acronym before is another name; 'formerly Home Secretary' and 'now Croatia' are not.
_FURTHER = re.compile(rf"(?:{_CALLED}(?:the )?[\"“‘']?(?P<name>{_NAME})[\"”’']?|formerly (?P<was>{_ACRONYM.pattern}))")
_CLAUSE_END = re.compile(r"[()\[\]]|[;:]\s|(?<!\b[A-Z][a-z])\.\s")  # not behind 'St.'
_WORDS = re.compile(r"[^\W_]+")
_QUOTES = "\"“”‘’' "

Pair = tuple[str, str]


class Aliases:
    """Which names are one thing's, as far as some articles say."""

    def __init__(self, articles: Sequence[Article]) -> None:
        """Read what articles say of names; what one says counts for all."""
        pairs: dict[Pair, None] = {}
        explained: dict[Pair, None] = {}
        for article in articles:
            for before, parts in bracketed(article.text):
                pairs |= dict.fromkeys(stated_aliases(before, parts))
                explained |= dict.fromkeys(_explained(before, parts))
        for name, long in explained:
            acronym = "".join(re.findall(r"\b[A-Z]", long))
            if any(acronym in article.text and _counted(acronym, article.text) for article in articles):
                pairs |= {(long, name): None, (long, acronym): None}
        self._groups = _groups(pairs)

    def put_to(self, question: str, article: Article) -> str:
        """A question in the names an article uses.

        Args:
            question: Any text.
            article: Whose names count.

        Returns:
            The question, each name that the article does not use replaced by one of the same thing that it does use, if
            any: its most frequent of four letters and more, else its most frequent. A question that has two names
            of one thing is about them, and stays as it is; so do names that are part of a longer one.
        """
        if not self._groups or question.isupper():
            return question
        found = list(self._names_in(question))
        groups = [self._groups[name] for _, name in found]
        put, end = "", 0
        for (start, name), group in zip(found, groups, strict=True):
            if groups.count(group) == 1:
                put += question[end:start] + _own_name(name, group, article.text)
                end = start + len(name)
        return put + question[end:]

    def _names_in(self, question: str) -> Iterator[tuple[int, str]]:
        """The names in a question that have aliases, each with where it begins; the longest where several do."""
        words = [match.span() for match in _WORDS.finditer(question)]
        at = 0
        while at < len(words):
            for last in range(min(at + _MOST_WORDS, len(words)) - 1, at - 1, -1):
                start, stop = words[at][0], words[last][1]
                if question[start:stop] in self._groups and not _is_part(question, start, stop):
                    yield start, question[start:stop]
                    at = last
                    break
            at += 1


def bracketed(text: str) -> Iterator[tuple[str, list[str]]]:
    """Find the brackets of a text that may hold a name.

    Args:
        text: Of an article.

    Yields:
        What stands before them in their clause, and what stands in them, part by part, without quotation marks.
    """
    for found in _BRACKETS.finditer(text):
        line = text[max(0, found.start() - _REACH) : found.start()].rsplit("\n", 1)[-1]
        before = _CLAUSE_END.split(plain_text(line))[-1].rstrip(_QUOTES)
        yield before, [part.strip(_QUOTES) for part in re.split(r"[;,]", found[1])]


def stated_aliases(before: str, parts: Sequence[str]) -> Iterator[Pair]:
    """The names that brackets say are one thing's.

    Source: for acronyms, Schwartz and Hearst, "A Simple Algorithm for Identifying Abbreviation Definitions in
    Biomedical Text", 2003.

    Args:
        before: What stands before them, as `bracketed` gives it.
        parts: What stands in them.

    Yields:
        Pairs such as 'World Health Organization' and 'WHO'; of a name and an acronym, the acronym comes second.
    """
    first = parts[0]
    long = _spelt_out(first, before) if _ACRONYM.fullmatch(first) else None
    if long:
        yield long, first
    last = before.split()[-1] if before else ""
    if _ACRONYM.fullmatch(last) and _spelt_out(last, first) == first:
        yield first, last
    name = long or _name_at_end(before)
    for part in parts:
        if name and (further := _FURTHER.fullmatch(part)):
            yield name, further["name"] or further["was"]


def _explained(before: str, parts: Sequence[str]) -> Iterator[Pair]:
    """A one-word name with a longer one in brackets that can only say what it means: 'the anti-Rox (…) league'."""
    opposed = _OPPOSED.search(before)
    if opposed and _LONG_NAME.fullmatch(parts[0]):
        yield opposed["name"], parts[0]


def _name_at_end(text: str) -> str | None:
    """The name a text ends with; None where it may be cut off, or be two."""
    found = _LAST_NAME.search(text)
    if not found or " and " in found[0]:
        return None
    name = re.sub(r"^(?:In|At|On|When|After|Before|Since|As|The|And|But) ", "", found[0])
    before = text[: found.start()].split()
    cut = before and (before[-1][0].isupper() or not before[-1][-1].isalnum())
    return None if cut else name


def _spelt_out(acronym: str, before: str) -> str | None:
    """The end of a text that an acronym stands for: the shortest that has its letters in order, the first at a word.

    All words of it have a capital, or else each a letter of the acronym.
    """
    long = " ".join(before.split(" ")[-min(len(acronym) + 5, 2 * len(acronym)) :])
    at = len(long)
    letters = [letter for letter in acronym.casefold() if letter.isalnum()]
    for left in range(len(letters) - 1, -1, -1):
        at -= 1
        while at >= 0 and (long[at].casefold() != letters[left] or (left == 0 and not _begins_name(long, at))):
            at -= 1
        if at < 0:
            return None
    spelt = long[at:].rstrip(_QUOTES)
    if len(spelt) <= len(acronym) or acronym in spelt.split() or "," in spelt:
        return None
    words = [word for word in re.split(r"[ -]", spelt) if word and word not in _SMALL]
    named = all(word[0].isupper() or not word[0].isalpha() for word in words)
    return spelt if named or [word[0].casefold() for word in words] == letters else None


def _begins_name(text: str, at: int) -> bool:
    """Whether a word that a name may begin with starts at a place."""
    return not text[:at][-1:].isalnum() and re.split(r"\W", text[at:], maxsplit=1)[0] not in _SMALL


def _groups(pairs: Iterable[Pair]) -> dict[str, frozenset[str]]:
    """All names of a thing by each of them. What is said to be the name of several things is none of any."""
    others: dict[str, set[str]] = defaultdict(set)
    for one, other in pairs:
        others[one].add(other)
        others[other].add(one)
    certain = {name for name in others if _akin({each for each in others[name] if not _ACRONYM.fullmatch(each)})}
    groups: dict[str, frozenset[str]] = {}
    for name in certain:
        if name in groups:
            continue
        known, new = {name}, [name]
        while new:
            found = (others[new.pop()] & certain) - known
            known |= found
            new += found
        if len(known) > 1:
            groups |= dict.fromkeys(known, frozenset(known))
    return groups


def _akin(names: Collection[str]) -> bool:
    """Whether names are one, spelt or cut otherwise: 'World Bank', 'World Bank Group'."""
    words = [frozenset(stems) for stems in stems_of([*names])] if len(names) > 1 else []
    return all(min(words, key=len) <= each for each in words)


def _is_part(question: str, start: int, stop: int) -> bool:
    """Whether a name stands beside another word with a capital: 'Malcolm X', 'the US Open'. The first word has one."""
    before, after = re.search(r"(\w+) $", question[:start]), re.match(r" (\w)", question[stop:])
    return bool((before and before.start() and before[1][0].isupper()) or (after and after[1].isupper()))


def _own_name(name: str, group: Collection[str], text: str) -> str:
    """The name of a thing that a text uses, if only the given one.

    It has an acronym, which others may share, only with a word of what that stands for.
    """
    longs = [each for each in group if not _ACRONYM.fullmatch(each)]
    words = {word for long in longs for word in _WORDS.findall(long.casefold())} - _SMALL
    own = longs if longs and words.isdisjoint(_WORDS.findall(text.casefold())) else group
    counts = {each: count for each in sorted(own) if (count := _counted(each, text))}
    if name in counts or not counts:
        return name
    return max(counts, key=lambda each: (len(each) >= _TOLD_APART, counts[each]))


def _counted(name: str, text: str) -> int:
    return len(re.findall(rf"\b{re.escape(name)}(?!\w)", text))
