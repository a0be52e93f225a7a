"""A text's words, made alike for comparing (pure)."""

from __future__ import annotations

import re

from qa.locks import fold

WORD = re.compile(r"[^\W_]+(?:['’.,-][^\W_]+)*")
# Words that any claim may hold, whatever its source says.
SMALL = frozenset(
    "a about according after all also an and any are as at be because been before being but by can could did do does "
    "doing during for from had has have having he her his how i if in into is it its just may might more most must no "
    "nor not of on only or other our out over own same she should since so some still such than that the their them "
    "then there these they this those through to too under until up very was we were what when where which while who "
    "whom whose why will with would yes you say says said saying tell told state stated states".split()
)


def words(text: str) -> list[str]:
    """The words of a text, folded, without a possessive's ending."""
    return [re.sub(r"'s?$", "", word) for word in WORD.findall(fold(text))]


def uninflected(word: str) -> str:
    """A word without the commonest endings; unlike a stem, it seldom stands for another word."""
    return re.sub(r"(?:ing|ed|es|(?<!s)s|e)$", "", word) if len(word) > 4 else word


def stem(word: str) -> str:
    """A word cut so that its forms meet; short ones stay whole."""
    return word[:5] if len(word) > 5 else word.rstrip("s") if len(word) > 3 else word
