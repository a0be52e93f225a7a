"""How many, how much, which one: what stands with a claim's figures, against its source (pure).

The same figure is another statement with another bound, unit or event beside it, and some quantities have no figure.
The figures themselves are for `qa/locks.py`. Where these checks doubt, the sentence itself is shown instead.
"""

from __future__ import annotations

import re

from index.load import plain_text
from qa.locks import BEFORE_FIGURE, CALENDAR, CURRENCIES, denied_before, figures, placed_figures
from qa.words import SMALL, stem, words

# Leftmost first: 'no more than' is read before 'more than'.
_BOUND = re.compile(
    r"\b(?:(?P<above>(?:no|not) (?:less|fewer) than|more than|over|above|at least|upwards of"
    r"|(?:exceed|surpass|topp?)(?:e?s|ed|ing)?)"
    r"|(?P<below>(?:no|not) (?:more|longer) than|(?:less|fewer) than|under|below|at most|up to|nearly|almost"
    r"|as (?:many|much) as|close to))\s+(?:an? |some )?[$€£¥]?$",
    re.IGNORECASE,
)
_SPAN = re.compile(r"\W*(?:decade|year|month|week|day|hour)s?\b", re.IGNORECASE)  # 'over five years' is no bound
# Units that go by several names, by one of them.
_ALIASES = {
    **{"kilometre": "km", "kilometer": "km", "meter": "metre", "centimetre": "cm", "centimeter": "cm", "feet": "foot"},
    **{"kilogram": "kg", "kilo": "kg", "ton": "tonne", "liter": "litre", "ruble": "rouble", "centurie": "century"},
    **{"$": "dollar", "€": "euro", "£": "pound", "¥": "yen", "°": "degree", "sec": "second", "min": "minute"},
}
_UNIT = "|".join(
    [
        *"second minute hour day night week month year decade century centurie sec min km kilometre kilometer".split(),
        *"metre meter mile foot feet inch cm centimetre centimeter kg kilo kilogram gram tonne ton ounce litre".split(),
        *"liter barrel acre hectare degree knot euro dollar pound franc rouble ruble yen yuan rupee dinar lira".split(),
        *"peso shekel krona cent penny point seat vote".split(),
    ]
)
_BESIDE_FIGURE = re.compile(
    r"\s?(?:hundred|thousand|million|billion|trillion)?[- ]?(?:(?:us|square|cubic) )?"
    rf"(?P<unit>{_UNIT})s?\b(?![- ]olds?\b)"
)
_ANY_UNIT = re.compile(rf"(?<![^\W\d_])(?P<unit>{_UNIT})s?\b|(?P<symbol>[$€£¥°])")
_FIGURE_END = re.compile(r"[\d.,]*\d|[^\W\d_]+(?:[- ](?:one|two|three|four|five|six|seven|eight|nine)\b)?")
# Quantities in words, each with what may stand in the source for it.
_QUANTITIES = tuple(
    (re.compile(rf"\b(?:{said})\b"), re.compile(rf"\b(?:{given})\b"))
    for said, given in (
        (r"(?<!in )(?<!at )(?<!after )(?<!of )all", r"all|every\w*|each|whole|entire|any|total|both"),
        (
            r"every",
            r"every\w*|each|all|any|per|(?:dai|week|month|year|hour)ly|annual\w*|an? (?:hour|day|week|month|year)",
        ),
        (r"(?<!at )most(?! recent)", r"most\w*|majority|mainly|largely|nearly all|almost all|per ?cent|\w{3,}est"),
        (r"only", r"only|just|sole\w*|alone|merely|no more|no other|except|exclusively"),
        (r"always", r"always|ever|every|all|never"),
        (r"hal(?:f|ves)(?! (?:of )?an? (?:[mb]illion|hour))", r"hal(?:f|ves|ved)\w*|50|fifty"),
        (r"quarters?", r"\w*quarters?|25|75|q[1-4]"),
        (r"dozen", r"dozen|12|twelve"),
        (r"dozens", r"dozens"),
        *((f"{size}s", f"{size}s?") for size in ("hundred", "thousand", "million", "billion")),
        (r"twice|doubled?", r"twice|doubl\w+|two times|two-fold"),
        *(
            (word, rf"{word}s?|{number}(?:nd|rd|th)?")
            for number, word in enumerate(
                "second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(), 2
            )
        ),
    )
)
# Beside a figure, these tell no event.
_NO_EVENT = frozenset(
    stem(word)
    for word in "percent per cent least nearly around people hundred thousand million billion trillion down early "
    "earlier late later end beginning start mid compared previous previously ago year month week day time".split()
)
_EVENT = re.compile(r"[;:–—()]|,(?!\d)| (?:and|while|whereas|but|although|then) ")


def mismeasured(claim: str, source: str) -> str | None:
    """Why a claim does not measure as its source does, or None where it may.

    Args:
        claim: What the model wrote.
        source: The sentence it was written from, with its neighbours where it leans on them.

    Returns:
        What is wrong with it, in words.
    """
    claim, source = plain_text(claim), plain_text(source)
    return (
        _other_bound(claim, source)
        or _other_unit(claim, source)
        or _other_quantity(claim.casefold(), source.casefold())
        or _other_event(claim, source)
    )


def _other_bound(claim: str, source: str) -> str | None:
    """'More than 50' where the source has 'up to 50', or 50 itself."""
    theirs = dict[str, set[str]]()
    for value, bound, _ in _bounded(source):
        theirs.setdefault(value, set()).add(bound)
    for value, bound, words_ in _bounded(claim):
        given = theirs.get(value, {bound})
        if not {bound, bound.removeprefix("no ")} & given and (
            bound or all(other.startswith("no ") for other in given)
        ):
            return f"its source does not say “{f'{words_} {value}'.strip()}”"
    return None


def _bounded(text: str) -> list[tuple[str, str, str]]:
    """Each figure's value, 'above', 'below', 'no above' or 'no below' where it is a bound, and the words for that."""
    found = []
    for value, start in placed_figures(text):
        before, figure = text[max(0, start - BEFORE_FIGURE) : start], _FIGURE_END.match(text, start)
        match = _BOUND.search(before)
        if match and not (match[0].lower() == "over " and figure and _SPAN.match(text, figure.end())):
            no = "no " if denied_before(before[: match.start()]) else ""
            found.append((value, f"{no}{match.lastgroup}", match[0].strip()))
        else:
            found.append((value, "", ""))
    return found


def _other_unit(claim: str, source: str) -> str | None:
    """A figure in months where the source says weeks."""
    found = (match["unit"] or match["symbol"] for match in _ANY_UNIT.finditer(source.casefold()))
    theirs, folded = {_ALIASES.get(unit, unit) for unit in found}, claim.casefold()
    for _, start in placed_figures(claim):
        end = _FIGURE_END.match(folded, start)
        beside = _BESIDE_FIGURE.match(folded, end.end()) if end else None
        unit = beside["unit"] if beside else folded[max(0, start - 1) : start]
        if (beside or unit in CURRENCIES) and _ALIASES.get(unit, unit) not in theirs:
            return f"its source has no {_ALIASES.get(unit, unit)}"
    return None


def _other_quantity(claim: str, source: str) -> str | None:
    """'All schools' where the source has most of them, the second place where it has the third."""
    for said, given in _QUANTITIES:
        found = said.search(claim)
        if found and not given.search(source):
            return f"its source does not say “{found[0]}”"
    return None


def _other_event(claim: str, source: str) -> str | None:
    """'12 were killed' where the source has '10 were killed and 12 wounded'."""
    given = figures(claim)
    if len(given) != 1 or len(figures(source)) < 2:
        return None
    events = [event for event in _EVENT.split(source) if figures(event)]
    own = [event for event in events if given <= figures(event)]
    if len(own) != 1:
        return None
    said, theirs = _content(claim), _content(own[0])
    if theirs and not theirs & said and any(_content(event) & said for event in events if event is not own[0]):
        return f"its source has {min(given)} only in “{own[0].strip()}”"
    return None


def _content(text: str) -> set[str]:
    """The stems of words that say what a figure is of."""
    return {stem(word) for word in words(text) if word not in SMALL | CALENDAR and not figures(word)} - _NO_EVENT
