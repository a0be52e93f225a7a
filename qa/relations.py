"""Who does what: a claim against the words of its source (pure). Whether it is so at all is for `qa/reality.py`.

A small model takes the right words and sets them together otherwise: another name before them, another figure behind a
name. These checks compare words, and where they doubt, the sentence itself is shown instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from index.load import plain_text
from qa.locks import CALENDAR, figures, fold, names
from qa.reality import unreal
from qa.words import SMALL, WORD, stem, uninflected, words

_RUN = 4  # words in a row that are surely taken from the source
_SHORT_RUN = 3  # the same within one clause
_CLAUSE = re.compile(r"[;:–—()]|,(?!\d)| (?:while|whereas|but|although) ")
_RELATIVE = re.compile(r"^\W*(?:which|who|whose|that|where|of (?:which|whom))\b")
# Whose view a sentence says it gives: 'For the French leader, …', '…, according to police'.
_VIEW = re.compile(
    r"(?:^|[:.!?] )(?:For|To) (?P<to>[^,]{3,60}),"
    r"|(?:^|[:.!?] )In the (?:view|eyes|opinion) of (?P<of>[^,]{3,60}),"
    r"|\b[Aa]ccording to (?P<by>[^,.;:()]{3,60})"
)
_HOLDER = re.compile(
    r"\b(?:leader|president|mayor|minister|official|author|writer|critic|expert|analyst|government|spokes\w+|scientist|researcher"
    r"|family|families|resident|victim|opposition|part(?:y|ies)|union|army|police)s?\b",
    re.IGNORECASE,
)
_NAME_SAYS = re.compile(
    r"\W*(?P<who>[^\W\d_][^,.;:]{1,40}?) (?:also )?(?:sa(?:ys|id)|t(?:ells|old)|state[ds]|thinks|thought|believe[ds]"
    r"|argue[ds]|claim(?:s|ed)|insist(?:s|ed)|warn(?:s|ed)|suggest(?:s|ed)|admit(?:s|ted)|den(?:ies|ied)|announce[ds])\b"
)
_REPORTS = re.compile(
    r"\b(?:sa[yi]|tell|told|stat(?:e[ds]?|ing)\b|th(?:ink|ought)|believ|claim|argu|insist|warn|suggest|admit|den(?:y|ie)"
    r"|announc|stress|emphasi|under(?:scor|lin)|urge|call(?:ed|s)\b|ask|note[ds]?\b|add(?:s|ed)\b|declar|expla|wr[io]te"
    r"|report|assert|pledg|clarif|conclud|respon|repl|confirm|acknowledg|tweet|comment|remark|reiterat|complain|recall"
    r"|predict|quot|accus|promis|propos|according|descri|hope|fear|expect|consider|view|opinion)",
    re.IGNORECASE,
)
# 'His successor', 'Meanwhile, her first novel': whose something the sentence begins with, and what.
_POSSESSED = re.compile(
    r"\W*(?:(?:(?:in|by|since|until) (?:\w+ )?\d{4}|meanwhile|however|later|but|and|then),? )?(?:his|her|its|their) "
    r"(?:(?:own|first|second|third|last|main|only|other|former|latest|new|old|two|three) )*(?P<what>[^\W\d_]+)",
    re.IGNORECASE,
)
_SOMEBODY = re.compile(r"\W*(?:he|she|it|they)\b", re.IGNORECASE)
_DOES = re.compile(r"\b(?:he|she|it|they) (?:(?:ha[ds]|have|was|were|is|are|also|then) )*(?P<what>\w+)")
_OWNED = r"\b{}['’]s(?: [\w-]+){{1,3}} {} {}\b"  # a name, and two words that are said of what is its
_REACH = 4  # words between a verb and its object, at most
_MUTUAL = re.compile(r"me?et|marr|divorc|fac|join|border|resembl|equal")  # who does it to whom is the same
_DETERMINERS = frozenset("a an the his her its their".split())
_TURNING = frozenset("to by from for without".split())  # what tells who does it from whom it is done to
# No clause begins behind such a word: 'The city, meanwhile, pays 12 million.' Behind a figure one may.
_ASIDE = re.compile(
    r"^(\D*),\s(?:meanwhile|however|though|moreover|therefore|too|also|in turn|in fact|of course"
    r"|for (?:his|her|its|their) part),",
    re.IGNORECASE,
)
_NO_BREAK = re.compile(r"[\s\"“”‘’']+")
_GIFT = re.compile(r"\s*(?:an?|the|his|her|its|their|\d\S*)\b")  # 'sold Qatar the painting': sold it to Qatar


class _Object(NamedTuple):
    """A name behind a verb: the verb, uninflected, where it begins, a 'by' between, the name, the text behind it."""

    verb: str
    at: int
    way: set[str]
    name: str
    rest: str


def misread(claim: str, source: str, *, said_by: str) -> str | None:
    """Why a claim does not say of the same people and things what its source says, or None where it may.

    Args:
        claim: What the model wrote, without markup.
        source: The sentence it was written from, with its neighbours where it leans on them, without markup.
        said_by: Whom the reader is told it is said by, beside the claim itself; may be empty.

    Returns:
        What is wrong with it, in words.
    """
    return (
        _wrong_owner(claim, source)
        or _wrong_doer(claim, source)
        or _wrong_object(claim, source)
        or _turned_round(claim, source)
        or _wrong_possessor(claim, source)
        or _wrong_relation(claim, source)
        or unreal(claim, source)
        or _dropped_view(f"{said_by} {claim}", source)
        or _wrong_speaker(claim, source, said_by)
    )


def takes_possession(claim: str, sentence: str) -> str | None:
    """Why a claim says of somebody what its sentence says of 'his successor', or None where it does not.

    Args:
        claim: What the model wrote.
        sentence: The sentence it was written from, alone: its neighbours have the name that 'his' stands for.

    Returns:
        What is wrong with it, in words; None too where the claim neither names anybody that the sentence does not, nor
        begins with a pronoun, and where it tells what 'he' does further on.
    """
    claim, sentence = plain_text(claim), plain_text(sentence)
    possessed = _POSSESSED.match(sentence)
    if not possessed or not (names(claim) - names(sentence) or _SOMEBODY.match(claim)):
        return None
    said = {uninflected(word) for word in words(claim)}
    told = (possessed["what"], *(does["what"] for does in _DOES.finditer(sentence)))
    return None if any(uninflected(fold(word)) in said for word in told) else f"its source says so of “{possessed[0]}”"


def _wrong_owner(claim: str, source: str) -> str | None:
    """A figure beside a name that the source has it apart from: 'A has 600 and B 900' does not say that A has 900."""
    given = figures(claim)
    if not given or len(figures(source)) < 2:
        return None
    clauses = _CLAUSE.split(_ASIDE.sub(r"\1", source))
    of_source = names(source)
    mentioned = names(claim) & of_source
    for i, clause in enumerate(clauses):
        if not given & figures(clause):
            continue
        nearby = clause if i == 0 or not _RELATIVE.match(clause) else f"{clauses[i - 1]} {clause}"
        elsewhere = mentioned - names(nearby)
        if elsewhere and names(nearby) - mentioned:
            return f"its source does not say {', '.join(sorted(given))} of {', '.join(sorted(elsewhere))}"
    return None


def _wrong_doer(claim: str, source: str) -> str | None:
    """Words taken over from the source with another name in front of them."""
    said, theirs = WORD.findall(claim), WORD.findall(source)
    folded, plain = [fold(word) for word in said], [fold(word) for word in theirs]
    for i in range(1, len(folded) - _RUN + 1):
        run = folded[i : i + _RUN]
        places = [j for j in range(1, len(plain) - _RUN + 1) if plain[j : j + _RUN] == run]
        before = names(f"x {said[i - 1]}")
        if not places or not before or any(plain[j - 1] == folded[i - 1] for j in places):
            continue
        doers = [theirs[j - 1] for j in places if names(f"x {theirs[j - 1]}")]
        if len(doers) == len(places):
            return f"its source says so of {doers[0]}, not of {said[i - 1]}"
    return None


def _wrong_relation(claim: str, source: str) -> str | None:
    """Words behind a 'whose', said of whom it hangs on: 'Ann, whose son Bob had married Eve' does not wed Ann."""
    said = [fold(word) for word in WORD.findall(claim)]
    for clause in _CLAUSE.split(source):
        if not re.match(r"\s*whose\b", clause):
            continue
        clause_words = WORD.findall(clause)
        theirs = [fold(word) for word in clause_words]
        for i, j in product(range(1, len(said) - _SHORT_RUN + 1), range(1, len(theirs) - _SHORT_RUN + 1)):
            if said[i : i + _SHORT_RUN] != theirs[j : j + _SHORT_RUN]:
                continue
            doers = names(" ".join(clause_words[:j]))
            if doers and not doers & set(said[:i]):
                return f"its source says so of {', '.join(sorted(doers))}"
    return None


def _wrong_object(claim: str, source: str) -> str | None:
    """Who beat York where the source says who was beaten by York: a name behind a word as it never is in the source."""
    theirs = words(source)
    for verb, _, way, name, rest in _objects(claim):
        ways = []
        for i, word in enumerate(theirs):
            behind = theirs[i + 1 : i + 1 + _REACH]
            if name in behind and len(word) > 2 and (word.startswith(verb) or verb.startswith(uninflected(word))):
                between = set(behind[: behind.index(name)])
                ways.append(between & _TURNING if between <= _TURNING | _DETERMINERS else None)
        gift = not way and all(other == {"to"} for other in ways) and _GIFT.match(rest)
        if ways and None not in ways and way not in ways and not gift:
            return f"its source does not say “{' '.join([verb, *way, name])}”"
    return None


def _turned_round(claim: str, source: str) -> str | None:
    """'Leeds beat York' where the source says 'York beat Leeds': before its verb whom the claim has behind it."""
    theirs = words(source)
    for object_ in _objects(claim):
        verb, name = object_.verb, object_.name
        doers = {words(doer)[0] for doer in names(claim[: object_.at])}
        found = None
        for i, word in enumerate(theirs):
            if len(word) > 2 and (word.startswith(verb) or verb.startswith(uninflected(word))):
                before, behind = theirs[max(0, i - _REACH) : i], theirs[i + 1 : i + 1 + _REACH]
                if name in behind:
                    found = None
                    break
                met = next((n for n, other in enumerate(behind) if other in doers), None)
                if name in before and met is not None and set(behind[:met]) & _TURNING == object_.way:
                    found = behind[met]
        if found and not _MUTUAL.match(verb):
            return f"its source says “{verb}” of {name} and {found} the other way round"
    return None


def _objects(claim: str) -> Iterator[_Object]:
    """Each name of a claim behind a word that may be a verb."""
    found = list(WORD.finditer(claim))
    for i, match in enumerate(found):
        if not match[0][0].isupper() or fold(match[0]) in CALENDAR:
            continue
        at, way = i, set[str]()
        while at and _NO_BREAK.fullmatch(claim[found[at - 1].end() : found[at].start()]):
            at -= 1
            word = fold(found[at][0])
            if word == "by":
                way = {"by"}
            elif word not in _DETERMINERS:
                if not found[at][0][0].isupper() and word not in SMALL and len(word) > 2:
                    yield _Object(uninflected(word), found[at].start(), way, words(match[0])[0], claim[match.end() :])
                break


def _wrong_possessor(claim: str, source: str) -> str | None:
    """'Ann was jailed' where the source says that Ann's brother was."""
    said = WORD.findall(claim)
    for name, *does in zip(said, said[1:], said[2:], strict=False):
        owned = re.search(_OWNED.format(*map(re.escape, (name, *does))), source) if name[0].isupper() else None
        if owned and f"{name} {' '.join(does)}" not in source:
            return f"its source says so of “{owned[0]}”"
    return None


def _wrong_speaker(claim: str, source: str, said_by: str) -> str | None:
    """'A says …' of a source in which nobody says or thinks anything, and which is not said by A."""
    saying = _NAME_SAYS.match(claim)
    if not saying or _REPORTS.search(source) or not names(f"x {saying['who']}"):
        return None
    theirs = {stem(word) for word in words(said_by)}
    if theirs & {stem(word) for word in words(saying["who"])}:
        return None
    return f"its source does not say that {saying['who']} says so"


def _dropped_view(claim: str, source: str) -> str | None:
    """Somebody's view, by the source's own words, without a word of whose it is."""
    said = {stem(word) for word in words(claim)}
    for match in _VIEW.finditer(source):
        holder = match["to"] or match["by"] or match["of"]
        if match["to"] and not (names(holder) or _HOLDER.search(holder)):  # 'For three years, …' is nobody's view
            continue
        theirs = {stem(word) for word in words(holder) if word not in SMALL}
        if theirs and not theirs & said:
            return f"its source gives the view of {holder}"
    return None
