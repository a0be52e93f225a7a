"""Figures, dates and quoted words of a claim that its cited sentences do not hold. Pure; no model, no index.

This is the measuring side's own check. The answering side has its lock elsewhere and shares no code with it, so that
a gap in the one is seen by the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from qa.metrics import normalise

_UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split()
_UNITS += ["seventeen", "eighteen", "nineteen"]
_TENS = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))
_WORDS = {word: number for number, word in enumerate(_UNITS)} | _TENS
_SCALES = {"hundred": 100, "thousand": 1000, "k": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_MONTHS = "january february march april may june july august september october november december".split()
_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_CALENDAR = {name[:3]: name for name in _MONTHS} | {"sept": "september"} | {name: name for name in _MONTHS + _DAYS}

_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*|[a-z]+")
_CAPITAL_NAME = re.compile(r"\b[A-Z][a-z]{2,}\b")
_QUOTED = re.compile(r"“([^“”]+)”|\"([^\"]+)\"|(?<!\w)‘([^‘]+?)’(?!\w)|(?<!\w)'([^']+?)'(?!\w)")
_ELLIPSIS = re.compile(r"…|\.\.\.|\[[^\]]*\]")


def loose_words(claim: str, cited: Sequence[str]) -> tuple[str, ...]:
    """What a claim says exactly, though no sentence it cites does.

    Numbers are compared by value (`200,000`, `200 thousand`; `thirty`, `30`), except that the word `one` is not looked
    at; months and weekdays by name (`Oct.`, `October`); quoted words as a run of words inside one cited sentence.

    Args:
        claim: The claim's text, without marks.
        cited: The sentences it cites.

    Returns:
        The figures, names of days and quotations not found, in order; empty if all are.
    """
    known = {value for text in cited for values in _numbers(text) for value in values[1]}
    named = {name for text in cited for _, name in _calendar(text)}
    said = [_run(text) for text in cited]
    loose = [words for words, values in _numbers(claim) if words != "one" and known.isdisjoint(values)]
    loose += [word for word, name in _calendar(claim) if name not in named]
    loose += [quote for quote in _quotations(claim) if not any(_run(quote) in run for run in said)]
    return tuple(loose)


def _numbers(text: str) -> Iterator[tuple[str, set[str]]]:
    """Each number as written, with the values it may stand for: `200 thousand` is 200 and 200000."""
    words = _NUMBER.findall(normalise(text))
    for place, word in enumerate(words):
        value = _value(word)
        if value is None:
            continue
        values = {_plain(value)}
        following = words[place + 1] if place + 1 < len(words) else ""
        if following in _SCALES:
            values.add(_plain(value * _SCALES[following]))
        elif word in _TENS and 0 < _WORDS.get(following, 0) < 10:
            values.add(_plain(value + _WORDS[following]))
        yield word, values


def _value(word: str) -> float | None:
    """The number a word or a group of digits stands for; commas between thousands are dropped."""
    if word in _WORDS:
        return float(_WORDS[word])
    if not word[0].isdigit():
        return None
    digits = re.sub(r",(?=\d{3}(?!\d))", "", word)
    try:
        return float(digits.replace(",", "."))
    except ValueError:  # dotted, as a date or a version
        return float(re.sub(r"\D", "", digits))


def _plain(value: float) -> str:
    """A number as a key, so that 30 and 30.0 are one."""
    return f"{value:.10g}"


def _calendar(text: str) -> Iterator[tuple[str, str]]:
    """Months and weekdays, as written and in full; only with a capital, since `may` and `march` are verbs too."""
    for match in _CAPITAL_NAME.finditer(text):
        if name := _CALENDAR.get(match[0].lower()):
            yield match[0], name


def _quotations(text: str) -> Iterator[str]:
    """The words between quotation marks, cut at omissions."""
    for match in _QUOTED.finditer(text):
        quoted = next(group for group in match.groups() if group is not None)
        yield from (part.strip() for part in _ELLIPSIS.split(quoted) if _run(part).strip())


def _run(text: str) -> str:
    """A text as its words alone, blanks around each, so that `in` compares whole words."""
    return f" {' '.join(_WORD.findall(normalise(text)))} "
