"""The alternatives of a question, each as a question by itself: 'Was it built by the city or by the state?' (pure).

Only where the words leave no doubt which of them the second alternative takes the place of.
"""

from __future__ import annotations

import re

from qa.asking import VERBS

_OR = re.compile(r",?\s+or\s+(?:rather\s+|instead\s+)?", re.IGNORECASE)
_PUTS = re.compile(rf"^(?:{VERBS})\s", re.IGNORECASE)  # what asks if something is so
# The same with what it asks of its subject: 'has it closed', but not 'is it not', 'did the state', 'or was misled'.
_PUTS_WHOLE = re.compile(
    rf"^(?i:{VERBS})\s+(?:(?:the|a|an|any|his|her|their|its|our|this|that|these|those)\s+\w+"
    r"|(?:it|he|she|they|we|you|there)|[A-Z]\w*)\s+(?!not$|ever$)\w"
)
# What names no alternative: 'or not', 'or someone else', 'a day or two', 'sooner or later', 'red, green or blue, or …'.
_NO_SIDE = re.compile(
    r"^(?:not|no|nothing|none|otherwise|so|more|less|both|neither|two|three|ever|never)\b|\belse\b|^elsewhere\b|,"
    r"|^(?:fewer|later|earlier|after|before|against|worse|another|other|what|how|who|whom|whose|when|where|why|which)$"
    r"|^(?:something|someone|somebody|anything|anyone)(?: similar| like .*)?$|\baccording to\b",
    re.IGNORECASE,
)
# More than one question, a title, a choice that one thing makes, or the one of whom something is known.
_NO_CHOICE = re.compile(r"[?!“”\"‘]|\.\s|(?<!\w)'|\bbetween\b|^\w+ it\b.*\b(?:that|who|which)\b", re.IGNORECASE)
_YEAR_OR_SO = re.compile(r"\d{2}")
_ARTICLES = frozenset({"a", "an", "the"})
_SOME = frozenset({"something", "someone", "somebody"})  # stand where another alternative has an article
_OWNERS = _ARTICLES | {"his", "her", "its", "their", "our"}
_FEWEST_WORDS = 3  # of the question up to its 'or'


def alternatives(question: str) -> tuple[str, ...]:
    """What a question offers to choose from, as questions that ask for a yes or a no.

    Args:
        question: A whole question.

    Returns:
        Two questions; the second may lean on the first ('would it pay?'). None where the question offers no two
        things, or where it cannot be told from the words which part of it the second takes the place of.
    """
    text = question.strip(" ?.!")
    sides = _OR.split(text)
    if len(sides) != 2 or not _PUTS.match(text) or _NO_CHOICE.search(text) or _NO_SIDE.search(sides[1]):
        return ()
    if _YEAR_OR_SO.search(sides[1]) and not _YEAR_OR_SO.search(sides[0]):  # 'in Paris or in Bonn in 1955?'
        return ()
    words, others = sides[0].split(), sides[1].split()
    if len(words) < _FEWEST_WORDS or not others:
        return ()
    if _PUTS.match(f"{sides[1]} "):
        return (f"{sides[0]}?", f"{sides[1][:1].upper()}{sides[1][1:]}?") if _PUTS_WHOLE.match(sides[1]) else ()
    folded = [word.casefold() for word in words]
    cut = folded.index("either", 2) if "either" in folded[2:] else _place(words, others)
    if cut is None:
        return ()
    if folded[cut] == "either":
        del words[cut]
    if any(word.endswith(",") for word in words[cut - 1 :]):
        return ()
    return (" ".join(words) + "?", " ".join([*words[:cut], *others]) + "?")


def _place(words: list[str], others: list[str]) -> int | None:
    """Where the second begins to differ from the first: at the same word, or an article for an article, or at the end.

    Never right after the verb, where the subject is: 'Did the city or the state pay?'.
    """
    opening, folded = others[0].casefold(), [word.casefold() for word in words]
    same = _ARTICLES if opening in _ARTICLES | _SOME else {opening}
    if found := [at for at, word in enumerate(folded) if at > 1 and word in same]:
        return found[0] if len(found) == 1 else None  # 'the fruit of a vine or a vegetable'
    last = len(words) - 1
    whole = {folded[last - 1], *folded[2:last][-2:]} & _OWNERS  # 'a heart attack or stroke'
    named = all(word[:1].isupper() for word in (*words[last - 1 :], others[0]))  # 'Angela Merkel or Macron'
    return last if len(others) == 1 and not whole and not named else None
