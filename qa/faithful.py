"""Does a claim keep to its source: whose figure it is, who did it, and how much of it the source does not say (pure).

A small model that is asked about one thing and given another puts the question's words into its answer, or the wrong
name before the right words, or says the question back; asked afterwards, it believes itself. These checks compare
words, and where they doubt, the sentence itself is shown instead, or, where the question came back, another one.
"""

from __future__ import annotations

import re
from itertools import product

from index.load import plain_text
from qa.locks import figures, fold, names

# Novel words a claim may always hold unless they are most of it, and the share it may hold: an answer in the question's
# terms has some.
_FEW_NOVEL = 2
_NOVEL_SHARE = 0.25
_RUN = 4  # words in a row that are surely taken from the source
_SHORT_RUN = 3  # the same within one clause
_SHORT_CLAIM = 8  # words up to which a claim may be no statement
_WORD = re.compile(r"[^\W_]+(?:['’.,-][^\W_]+)*")
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
_SMALL = frozenset(
    "a about according after all also an and any are as at be because been before being but by can could did do does "
    "doing during for from had has have having he her his how i if in into is it its just may might more most must no "
    "nor not of on only or other our out over own same she should since so some still such than that the their them "
    "then there these they this those through to too under until up very was we were what when where which while who "
    "whom whose why will with would yes you say says said saying tell told state stated states".split()
)
# Small words and verbs that tell nobody anything by themselves; 'all', 'not' or 'after' may be an answer.
_EMPTY = (
    _SMALL
    - frozenset(
        "all most more no nor not only other own same yes after before during over since under until up".split()
    )
) | frozenset(
    "seek seeks seeking sought try tries trying tried aim aims aimed want wants wanted begin begins began start starts "
    "started continue continues continued keep keeps kept".split()
)
_ASKING = re.compile(r"\b(?:what|who|whom|whose|where|when|why|how)\b", re.IGNORECASE)
_VERDICT = re.compile(r"^(?:yes|no)[,.;:!–—]+\s+(?=\S)", re.IGNORECASE)
_HAS_CHOICE = re.compile(r"\bor\b|\bbetween\b|\b(?:which|who) of\b", re.IGNORECASE)


def strays(claim: str, source: str, *, known: str, said_by: str | None = None) -> str | None:
    """Why a claim does not keep to its source, or None where nothing speaks against it.

    Args:
        claim: What the model wrote.
        source: The sentence it was written from, with its neighbours where it leans on them.
        known: Whatever else it may take words from: the speaker, what the article states of itself.
        said_by: Whom the reader is told it is said by, beside the claim itself.

    Returns:
        What is wrong with it, in words.
    """
    claim, source = plain_text(claim), plain_text(source)
    content = [word for word in _words(claim) if word not in _SMALL]
    novel = novel_words(claim, source, known=known)
    few = _FEW_NOVEL if 2 * len(novel) <= len(content) else 1
    if len(novel) > few and len(novel) > _NOVEL_SHARE * len(content):
        return f"its source has no word for {', '.join(sorted(set(novel)))}"
    return (
        _wrong_owner(claim, source)
        or _wrong_doer(claim, source)
        or _wrong_relation(claim, source)
        or _dropped_view(f"{said_by or ''} {claim}", source)
        or _wrong_speaker(claim, source, said_by or "")
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
    said = {_uninflected(word) for word in _words(plain_text(claim))}
    return None if _uninflected(fold(possessed["what"])) in said else f"its source says so of {possessed[0].casefold()}"


def novel_words(claim: str, source: str, *, known: str) -> list[str]:
    """The words of a claim that its source does not have in any form, small ones aside.

    Args:
        claim: What the model wrote.
        source: As for `strays`.
        known: As for `strays`.

    Returns:
        The words, folded, in order.
    """
    theirs = {_stem(word) for word in _words(plain_text(f"{source} {known}"))}
    return [word for word in _words(plain_text(claim)) if word not in _SMALL and _stem(word) not in theirs]


def echoes(claim: str, question: str) -> bool:
    """Whether a claim only says the question back: 'How do they prevent it?', 'They seek to prevent it'.

    Args:
        claim: What the model wrote.
        question: A whole question.

    Returns:
        False wherever the claim has a word or a figure of its own, if only a no, and where the question asks for a yes
        or a no, offers a choice, or is none.
    """
    if not _ASKING.search(question) or _HAS_CHOICE.search(question) or figures(claim):
        return False
    asked, said = {_uninflected(word) for word in _words(question)}, _words(plain_text(claim))
    return bool(said) and all(word in _EMPTY or _uninflected(word) in asked for word in said)


def completed(claim: str, question: str) -> str:
    """A claim as a statement: 'In 1923.' says nothing to check, and its source may give that year for another thing.

    Args:
        claim: What the model wrote.
        question: What it answers.

    Returns:
        The claim, with the question in front where it is short and takes none of the question's words.
    """
    said, asked = _words(claim), {_uninflected(word) for word in _words(question) if word not in _SMALL}
    whole = len(said) > _SHORT_CLAIM or not asked or any(_uninflected(word) in asked for word in said)
    return claim if whole else f"{question.strip()} {claim}"


def without_verdict(claim: str, source: str) -> str:
    """Take away a 'Yes,' or 'No,' in front of words copied from the source: a verdict which the source may not give.

    Args:
        claim: What the model wrote.
        source: The sentence it was written from, without markup.

    Returns:
        The claim; where the rest of it stands in the source word for word, and not behind the same verdict, that rest.
    """
    rest = _capitalised(_VERDICT.sub("", claim))
    if rest == _capitalised(claim):
        return claim
    copied, theirs = (" ".join(_WORD.findall(fold(plain_text(text)))) for text in (rest, source))
    verdict = _WORD.findall(fold(claim))[0]
    return claim if f" {copied} " not in f" {theirs} " or f" {verdict} {copied} " in f" {theirs} " else rest


def statement(claim: str, question: str) -> str:
    """What a claim states without the yes or no in front of it, for a reader who was asked another question.

    Args:
        claim: What the model wrote.
        question: What it answers.

    Returns:
        The claim without its verdict; empty where the rest says nothing by itself: 'Yes.', 'No, it is not.'.
    """
    rest = _capitalised(_VERDICT.sub("", claim))
    return rest if completed(rest, question) == rest else ""


def _capitalised(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


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
    said, theirs = _WORD.findall(claim), _WORD.findall(source)
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
    said = [fold(word) for word in _WORD.findall(claim)]
    for clause in _CLAUSE.split(source):
        if not re.match(r"\s*whose\b", clause):
            continue
        words = _WORD.findall(clause)
        theirs = [fold(word) for word in words]
        for i, j in product(range(1, len(said) - _SHORT_RUN + 1), range(1, len(theirs) - _SHORT_RUN + 1)):
            doers = names(" ".join(words[:j]))
            same = said[i : i + _SHORT_RUN] == theirs[j : j + _SHORT_RUN]
            if same and doers and not doers & set(said[:i]):
                return f"its source says so of {', '.join(sorted(doers))}"
    return None


def _wrong_speaker(claim: str, source: str, said_by: str) -> str | None:
    """'A says …' of a source in which nobody says or thinks anything, and which is not said by A."""
    saying = _NAME_SAYS.match(claim)
    if not saying or _REPORTS.search(source) or not names(f"x {saying['who']}"):
        return None
    theirs = {_stem(word) for word in _words(said_by)}
    if theirs & {_stem(word) for word in _words(saying["who"])}:
        return None
    return f"its source does not say that {saying['who']} says so"


def _dropped_view(claim: str, source: str) -> str | None:
    """Somebody's view, by the source's own words, without a word of whose it is."""
    said = {_stem(word) for word in _words(claim)}
    for match in _VIEW.finditer(source):
        holder = match["to"] or match["by"] or match["of"]
        if match["to"] and not (names(holder) or _HOLDER.search(holder)):  # 'For three years, …' is nobody's view
            continue
        theirs = {_stem(word) for word in _words(holder) if word not in _SMALL}
        if theirs and not theirs & said:
            return f"its source gives the view of {holder}"
    return None


def _words(text: str) -> list[str]:
    return [re.sub(r"'s?$", "", word) for word in _WORD.findall(fold(text))]


def _uninflected(word: str) -> str:
    """A word without the commonest endings; unlike a stem, it never stands for another word."""
    return re.sub(r"(?:ing|ed|es|s|e)$", "", word) if len(word) > 4 else word


def _stem(word: str) -> str:
    """A word cut so that its forms meet; short ones stay whole."""
    return word[:5] if len(word) > 5 else word.rstrip("s") if len(word) > 3 else word
