"""Misspelt words of a question -> the words of the articles they stand for, so that they are found.

A word is misspelt if no article has it and no dictionary either; what it stands for is one slip of the finger away.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from index.lexical import stems_of, unaccented

if TYPE_CHECKING:
    from spellchecker import SpellChecker

_WORD = re.compile(r"(?<!\w)[^\W\d_]{5,}(?!\w|['’]t\b)")  # shorter words have too many neighbours


def respelled(question: str, frequencies: Callable[[Sequence[str]], Sequence[int]]) -> str:
    """Put the words that articles have in place of those that are misspelt.

    Source: Peter Norvig, "How to Write a Spelling Corrector", 2007: the most frequent of the words one edit away. The
    first letter is taken to be right.

    Args:
        question: Any text.
        frequencies: How many sentences have each of some words, given by their stems.

    Returns:
        The question with other words, and otherwise as it was.
    """

    def corrected(match: re.Match[str]) -> str:
        word = unaccented(match.group().lower())
        if not word.isalpha():  # 'H₂SO₄'
            return match.group()
        if any(frequencies(_stems([word]))) or _dictionary().known([word]):
            return match.group()
        edits = sorted(e for e in _dictionary().edit_distance_1(word) if e[:1] == word[:1] and e.isalpha())
        stems = _stems(edits)
        if not edits or not all(stems):  # a stop word, such as 'their', is looked for nowhere
            return match.group()
        stem_of = dict(zip(edits, stems, strict=True))
        counts = dict(zip(edits, frequencies(stems), strict=True))
        words = _dictionary().known(edits)  # of forms that share a stem, one that there is
        best = max(edits, key=lambda edit: (counts[edit], edit in words, edit == stem_of[edit]))
        if not counts[best]:
            return match.group()
        return best.capitalize() if match.group()[0].isupper() else best

    return _WORD.sub(corrected, question)


def _stems(words: list[str]) -> list[str]:
    """The stem of each word; empty for a stop word."""
    return ["".join(stems) for stems in stems_of(words)]


@cache
def _dictionary() -> SpellChecker:
    """Read the dictionary of English, which takes a quarter of a second, once."""
    from spellchecker import SpellChecker  # noqa: PLC0415 - only a search needs it

    return SpellChecker(distance=1)
