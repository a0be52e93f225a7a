"""Locks: what a claim may not say unless its sources say it. Figures, quoted words and names, compared in code (pure).

A small model is faithful most of the time; these catch the rest where it matters most, without asking a model.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
)
_TENS = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))
_WORDS = {word: value for value, word in enumerate([*_UNITS.split(), "eighteen", "nineteen"])} | _TENS
_SCALES = {"hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_SHORT = {"k": 10**3, "m": 10**6, "bn": 10**9, "tn": 10**12}  # '$5m'; without a currency, 5m is a length
CURRENCIES = frozenset("$€£¥")
_PARTS = {"half": Decimal("0.5"), "quarter": Decimal("0.25"), None: Decimal(1)}  # of a million; 'a million' is one
_FIGURE = re.compile(
    rf"""
    (?: (?<![\d.,]) (?!0[.,]) (?P<grouped> \d{{1,3}} (?:[.,\u00a0\u202f ]\d{{3}})+ (?!\d) ) (?P<rest> [.,]\d+ )?
      | (?P<plain> \d+ (?:[.,]\d+)? )
      | \b(?P<tens> {"|".join(_TENS)} )[- ](?P<unit> {"|".join(_UNITS.split()[1:10])} )\b
      | \b(?!one\ of\b)(?P<word> {"|".join(_WORDS)} )\b
      | \b(?P<part> half | quarter )\ (?:of\ )?an?\b (?=[ ](?:{"|".join(_SCALES)})\b)
      | \b(?P<a> an? )(?=[ ](?:{"|".join(_SCALES)})\b) )
    (?: [- ]?(?P<scale> {"|".join(_SCALES)} )\b (?: \ (?P<more> {"|".join(_SCALES)} )\b )? | (?P<short> m|k|bn|tn )\b )?
    (?P<percent> \ ?% | \ percent\b (?!\ points?\b) | \ per\ cent\b (?!\ points?\b) )?
    """,
    re.VERBOSE,
)
_QUOTED = re.compile(
    r"[\"“”«]([^\"“”«»]{2,}?)[\"“”»]|(?<!\w)‘([^‘]{2,}?)’(?!\w)|(?<!\w)'([^']{2,}?)'(?!\w)",
)
_NAME = re.compile(r"[^\W\d_](?:[\w’'.-]*\w)?")
_MONTHS = tuple(
    "january february march april may june july august september october november december".split(),
)
CALENDAR = frozenset([*_MONTHS, *"monday tuesday wednesday thursday friday saturday sunday".split()])
_SHORT_MONTHS = {month[:3]: month for month in _MONTHS} | {"sept": "september"}
_NEGATION = re.compile(r"\b(?:no|not|never|none|neither|nor|nobody|nothing|cannot)\b|n't\b")
# What may say no in other words: a negation, or a verb or prefix of refusing, lacking, ending.
_DENIAL = re.compile(
    r"\b(?:no|not|never|none|neither|nor|nobody|nothing|cannot|without|(?<!\ba )(?:few|little)|hardly|barely|only"
    r"|unlike|despite|refus\w+|den(?:y|ie)\w*|reject\w*|declin\w+|fail\w*|lack\w*|absen\w+|avoid\w*|prevent\w*"
    r"|stop\w*|ban(?:s|ned|ning)?|exclud\w+|beyond|against|end(?:ed|s)?|in(?:dependent|capable|effective|complete)\w*"
    # not under, until, unit, united, university, unanimous, unveiled; yet unidentified, unimportant, uninvited
    r"|un(?!der|til|anim|rest|veil|less|fold|leash|earth|cles?\b|i(?!dent|mag|mpo|mpe|mpr|n))\w{4,})\b|n't\b"
)
_DENIED_BEFORE = re.compile(r"(?:\b(?:not?|never|cannot)|n['’]t)\b[^,;]{0,25}$", re.IGNORECASE)
BEFORE_FIGURE = 60  # characters in which stands what is said of a figure
_ONLY = re.compile(r"\bonly\b")
# What forms of a name differ in, behind at least so many letters; a lock, not a dictionary.
_SHARED = 5
_ENDINGS = frozenset(
    "s a e i o y ies n um an ian ns ans ians is on en es ese uese istan ish c ic ics sm ism st ist sts ists al ial ical"
    " ed er ers ar ars ary".split()
) | {""}
# Words that start sentences and answers with a capital, or stand before a name, and name nothing.
OPENERS = frozenset(
    "the a an this that these those it he she they we i you his her its their our in on at by for from with to of as "
    "and or but if when while after before since during no not yes there according some many most all both each one "
    "two three four five six seven eight nine ten more less about around nearly over under between because although "
    "however still also mr mrs ms dr".split()
)


def figures(text: str) -> frozenset[str]:
    """Every number in a text by its value: `1,400`, `1 400`, `thirty-five`, `40 million`; `80%` and `80 percent` alike.

    `half a million` is 500,000, `$5m` and `5bn` what they stand for. Number words count up to ninety-nine and
    before hundred to trillion; `one of` is no number.
    """
    return frozenset(_value(match) for match in _FIGURE.finditer(text.casefold()))


def denied_before(text: str) -> bool:
    """Whether what a text ends with is denied, in the same clause: 'members may not pay'."""
    return bool(_DENIED_BEFORE.search(text))


def placed_figures(text: str) -> tuple[tuple[str, int], ...]:
    """The numbers of a text in order, each with where it begins; none where folding case would move them."""
    folded = text.casefold()
    return tuple((_value(m), m.start()) for m in _FIGURE.finditer(folded)) if len(folded) == len(text) else ()


def quotations(text: str) -> tuple[str, ...]:
    """What stands between quotation marks, normalised."""
    return tuple(normalise("".join(groups)) for groups in _QUOTED.findall(text))


def names(text: str) -> frozenset[str]:
    """Words with a capital, folded, less those a sentence merely starts with; months in full, `Oct.` too."""
    found: set[str] = set()
    for match in _NAME.finditer(text):
        folded = fold(match.group())
        if match.group()[0].isupper() and folded not in OPENERS:
            found.add(_SHORT_MONTHS.get(folded, folded))
    return frozenset(found)


def unlocked(claim: str, *, sources: str, known: str) -> str | None:
    """Why a claim may not stand, or None where figures, quotations and names all check out.

    Args:
        claim: What the model wrote.
        sources: The sentences it is to cite, joined: figures and quoted words must stand there.
        known: Whatever else may lend a name: what stands near, the article's title, author and outlet.

    Returns:
        The first thing that is not there, in words, or None.
    """
    loose = figures(claim) - figures(sources)
    if loose:
        return f"figure {min(loose)} is not in its source"
    if negates(claim) and not denies(_ONLY.sub("", fold(sources))):  # 'is only done by' is no 'is not done by'
        return "it says no where its source does not"
    plain = normalise(sources)
    for quoted in quotations(claim):
        if quoted not in plain:
            return f"“{quoted}” is not in its source"
    name = unlent(claim, f"{sources} {known}") or _other_day(claim, sources)
    return f"“{name}” is not in its source" if name else None


def unlent(text: str, lent: str) -> str | None:
    """The first name in a text, by the alphabet, that another one has not; None where it has them all."""
    theirs, dates, initials = frozenset(re.findall(r"\w+", fold(lent))), names(lent), _initials(lent)
    for name in sorted(names(text)):
        if name in CALENDAR or len(name) == 1:  # a verb is no month: 'he may leave'; hepatitis B is not C
            found = name in dates
        else:
            parts = [part for part in re.findall(r"\w+", name) if len(part) > 1]
            found = all(any(_akin(part, word) for word in theirs) for part in parts) or any(name in i for i in initials)
        if not found:
            return name
    return None


def _other_day(claim: str, sources: str) -> str | None:
    """A month or weekday of a claim whose sources name another one: then none near them is meant."""
    said, theirs = names(claim) & CALENDAR, names(sources) & CALENDAR
    for kind in (CALENDAR & {*_MONTHS}, CALENDAR - {*_MONTHS}):
        if theirs & kind and said & kind - theirs:
            return min(said & kind - theirs)
    return None


def negates(text: str) -> bool:
    """Whether a text says no: 'not', 'never', 'nobody'."""
    return bool(_NEGATION.search(fold(text)))


def denies(text: str) -> bool:
    """Whether a text says no in any way: as `negates`, or by refusing, lacking, ending, excluding."""
    return bool(_DENIAL.search(fold(text)))


def normalise(text: str) -> str:
    """Folded text with Markdown links as their words, quotation marks and emphasis as spaces, single spaces."""
    text = re.sub(r"!?\[([^\[\]]*)\]\([^()\s]*\)", r"\1", fold(text))
    return " ".join(re.sub(r"[\"“”«»*\\]", " ", text).split()).strip(" .,;:!?")


def fold(text: str) -> str:
    """Case, curly apostrophes and accents made alike. For comparing only: lengths change."""
    text = text.replace("’", "'").replace("‘", "'")
    plain = unicodedata.normalize("NFKD", text)
    return "".join(character for character in plain if not unicodedata.combining(character)).casefold()


def _value(match: re.Match[str]) -> str:
    """A figure's value as a key."""
    found = match.groupdict()
    if found["grouped"]:
        value = Decimal(re.sub(r"\D", "", found["grouped"]) + (found["rest"] or "").replace(",", "."))
    elif found["plain"]:
        value = Decimal(found["plain"].replace(",", "."))
    else:
        words = (found["tens"], found["unit"], found["word"])
        value = Decimal(sum(_WORDS[word] for word in words if word)) if any(words) else _PARTS[found["part"]]
    value *= _SCALES.get(found["scale"] or "", 1) * _SCALES.get(found["more"] or "", 1)
    short = found["short"] or ""
    if len(short) > 1 or match.string[max(0, match.start() - 1) : match.start()] in CURRENCIES:
        value *= _SHORT.get(short, 1)
    return f"{value.normalize():f}" + ("%" if found["percent"] else "")


def _initials(text: str) -> tuple[str, ...]:
    """First letters of each run of words with capitals: 'the United States' gives 'us'."""
    runs = re.findall(r"[A-Z]\w+(?:[ -][A-Z]\w+)+", text)
    return tuple("".join(word[0] for word in re.split(r"[ -]", run)).casefold() for run in runs)


def _akin(one: str, other: str) -> bool:
    """Whether two words may be forms of one name: Israel and Israelis, but not Austria and Australia."""
    shared = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one == other or (shared >= _SHARED and {one[shared:], other[shared:]} <= _ENDINGS)
