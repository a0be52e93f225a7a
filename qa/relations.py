"""Who does what, and whether it is so at all: a claim against the words of its source (pure).

A small model takes the right words and sets them together otherwise: another name before them, another figure behind a
name, what would be as what is. These checks compare words, and where they doubt, the sentence itself is shown instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product

from index.load import plain_text
from qa.locks import figures, fold, names
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
_POSSESSED = re.compile(r"\W*(?:his|her|its|their) (?:own )?(?P<what>[^\W\d_]+)", re.IGNORECASE)
_SOMEBODY = re.compile(r"\W*(?:he|she|it|they)\b", re.IGNORECASE)


_REACH = 4  # words between a verb and its object, at most
_ARTICLES = frozenset("a an the his her its their".split())
_TURNING = frozenset("to by from for without".split())  # what tells who does it from whom it is done to
_UNREAL = re.compile(
    r"\b(?:would|could|might|may"
    r"|(?:st(?:ood|ands?)|threaten(?:s|ed)?|plan(?:s|ned)?|want(?:s|ed)|hope[sd]?|s(?:eeks?|ought)|tr(?:y|ies|ied)"
    r"|attempt(?:s|ed)?|intend(?:s|ed)?|offer(?:s|ed)?|promise[sd]?|fail(?:s|ed)?|refuse[sd]?|decline[sd]?|expected"
    r"|likely|about|due|unable) to)"
    r" (?:(?:have|be|been|not|also|even|soon|only|never|[a-z]+ly) )*(?P<verb>[^\W\d_]{3,})",
    re.IGNORECASE,
)
# What a claim says so with. 'To' stands before whatever is only wanted, said or feared.
_HEDGED = re.compile(
    r"\b(?:would|could|might|may|should|can|cannot|must|will|shall|if|unless|to|likely|perhaps|chance|tried|denied"
    r"|(?:possib|potential|plan|threat|hop|want|attempt|inten|try|fail|refus|declin|risk|propos|promis|offer|expect)\w*)\b",
    re.IGNORECASE,
)


def misread(claim: str, source: str, *, said_by: str) -> str | None:
    """Why a claim does not say of the same people and things what its source says, or None where nothing speaks for it.

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
        or _wrong_relation(claim, source)
        or _made_real(claim, source)
        or _dropped_view(f"{said_by} {claim}", source)
        or _wrong_speaker(claim, source, said_by)
    )


def takes_possession(claim: str, sentence: str) -> str | None:
    """Why a claim says of somebody what its sentence says of 'his successor', or None where it does not.

    Args:
        claim: What the model wrote.
        sentence: The sentence it was written from, alone: its neighbours have the name that 'his' stands for.

    Returns:
        What is wrong with it, in words; None too where the claim names nobody that the sentence does not.
    """
    possessed = _POSSESSED.match(plain_text(sentence))
    if not possessed or not (names(claim) - names(sentence) or _SOMEBODY.match(claim)):
        return None
    said = {uninflected(word) for word in words(plain_text(claim))}
    return None if uninflected(fold(possessed["what"])) in said else f"its source says so of {possessed[0].casefold()}"


def _wrong_owner(claim: str, source: str) -> str | None:
    """A figure beside a name that the source has it apart from: 'A has 600 and B 900' does not say that A has 900."""
    given = figures(claim)
    if not given or len(figures(source)) < 2:
        return None
    clauses = _CLAUSE.split(source)
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
        words = WORD.findall(clause)
        theirs = [fold(word) for word in words]
        for i, j in product(range(1, len(said) - _SHORT_RUN + 1), range(1, len(theirs) - _SHORT_RUN + 1)):
            doers = names(" ".join(words[:j]))
            same = said[i : i + _SHORT_RUN] == theirs[j : j + _SHORT_RUN]
            if same and doers and not doers & set(said[:i]):
                return f"its source says so of {', '.join(sorted(doers))}"
    return None


def _wrong_object(claim: str, source: str) -> str | None:
    """A name right behind a word that it only stands behind 'to', 'by' and the like in the source."""
    said, theirs = WORD.findall(claim), WORD.findall(source)
    forms = [uninflected(fold(word)) for word in theirs]
    for verb, name in _objects(said):
        between: list[set[str]] = []
        for i in (i for i, form in enumerate(forms) if form == uninflected(fold(verb))):
            behind = forms[i + 1 : i + 1 + _REACH]
            if uninflected(fold(name)) in behind:
                between.append({fold(word) for word in theirs[i + 1 : i + 1 + behind.index(uninflected(fold(name)))]})
        if between and all(words_ & _TURNING and words_ <= _TURNING | _ARTICLES for words_ in between):
            return f"its source does not say “{verb} {name}”"
    return None


def _objects(said: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each name in a text with the word before it, articles aside, if that is no name."""
    for i in range(1, len(said)):
        before = next((word for word in reversed(said[:i]) if fold(word) not in _ARTICLES), "")
        if said[i][0].isupper() and before and not before[0].isupper() and fold(before) not in SMALL:
            yield before, said[i]


def _made_real(claim: str, source: str) -> str | None:
    """What the source says would, could or threatened to happen, as what happens."""
    if _HEDGED.search(claim):
        return None
    said = [uninflected(word) for word in words(claim)]
    for unreal in _UNREAL.finditer(source):
        rest = words(f"{source[: unreal.start()]} {source[unreal.end() :]}")
        verb = uninflected(fold(unreal["verb"]))
        if any(_akin(word, verb) for word in said) and not any(_akin(uninflected(word), verb) for word in rest):
            return f"its source says only “{unreal[0]}”"
    return None


def _akin(one: str, other: str) -> bool:
    """Whether two uninflected words may be forms of one: 'lose' and 'lost'."""
    shorter = min(len(one), len(other))
    return shorter > 2 and one[: 3 if shorter < 5 else 4] == other[: 3 if shorter < 5 else 4]


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
