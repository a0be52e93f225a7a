"""Locks: what a claim may not say unless its sources say it. Figures, quoted words and names, compared in code (pure).

A small model is faithful most of the time; these catch the rest where it matters most, without asking a model.
"""

from __future__ import annotations

import re
import unicodedata

_NUMBER_WORDS = {
    word: str(value)
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90"}
_FIGURE = re.compile(r"\d+(?:[.,\u00a0\u202f]\d{3})*(?:[.,]\d+)?")
_QUOTED = re.compile(r"[\"“”«]([^\"“”«»]{2,}?)[\"“”»]")
_NAME = re.compile(r"[^\W\d_](?:[\w’'.-]*\w)?")
_MONTHS = frozenset(
    "january february march april may june july august september october november december monday tuesday wednesday "
    "thursday friday saturday sunday".split()
)
# Words that start sentences and answers with a capital and name nothing.
_OPENERS = frozenset(
    "the a an this that these those it he she they we i you his her its their our in on at by for from with to of as and or but if when while "
    "after before since during no not yes there according some many most all both each one two three four five six seven eight "
    "nine ten more less about around nearly over under between because although however still also".split()
)


def figures(text: str) -> frozenset[str]:
    """Every number in a text, digits without separators; number words up to ninety count as digits."""
    found = {_digits(match.group()) for match in _FIGURE.finditer(text)}
    found.update(_NUMBER_WORDS[word] for word in re.findall(r"[a-z]+", text.casefold()) if word in _NUMBER_WORDS)
    return frozenset(found)


def quotations(text: str) -> tuple[str, ...]:
    """What stands between double quotation marks, normalised."""
    return tuple(normalise(match) for match in _QUOTED.findall(text))


def names(text: str) -> frozenset[str]:
    """Words with a capital, folded, less those a sentence merely starts with; months and weekdays included."""
    found: set[str] = set()
    for match in _NAME.finditer(text):
        word = match.group()
        folded = fold(word)
        if folded in _MONTHS and word[0].isupper():
            found.add(folded)
        elif word[0].isupper() and folded not in _OPENERS:
            found.add(folded)
    return frozenset(found)


def unlocked(claim: str, *, sources: str, known: str) -> str | None:
    """Why a claim may not stand, or None where figures, quotations and names all check out.

    Args:
        claim: What the model wrote.
        sources: The sentences it is to cite, joined: figures and quoted words must stand there.
        known: Whatever else may lend a name: the question, the passage around, the article's title, author and outlet.

    Returns:
        The first thing that is not there, in words, or None.
    """
    loose = figures(claim) - figures(sources)
    if loose:
        return f"figure {min(loose)} is not in its source"
    plain = normalise(sources)
    for quoted in quotations(claim):
        if quoted not in plain:
            return f"“{quoted}” is not in its source"
    stems = {_stem(word) for word in re.findall(r"\w+", fold(f"{sources} {known}"))}
    for name in sorted(names(claim)):
        parts = [part for part in re.findall(r"\w+", name) if len(part) > 1]
        if any(_stem(part) not in stems for part in parts):
            return f"“{name}” is not in its source"
    return None


def normalise(text: str) -> str:
    """Folded text with Markdown links as their words, quotation marks and emphasis as spaces, single spaces."""
    text = re.sub(r"!?\[([^\[\]]*)\]\([^()\s]*\)", r"\1", fold(text))
    return " ".join(re.sub(r"[\"“”«»*\\]", " ", text).split()).strip(" .,;:!?")


def fold(text: str) -> str:
    """Case, curly apostrophes and accents made alike. For comparing only: lengths change."""
    text = text.replace("’", "'").replace("‘", "'")
    plain = unicodedata.normalize("NFKD", text)
    return "".join(character for character in plain if not unicodedata.combining(character)).casefold()


def _digits(figure: str) -> str:
    return re.sub(r"[.,\u00a0\u202f](?=\d{3}(?!\d))", "", figure)


def _stem(word: str) -> str:
    """A word cut so that France and French's, Israel and Israeli meet; a lock, not a dictionary."""
    return word[:5] if len(word) > 5 else word
