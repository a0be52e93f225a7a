"""Does a claim keep to its source, and say anything: how much of it the source does not say, and what is left (pure).

A small model that is asked about one thing and given another puts the question's words into its answer, or says the
question back; asked afterwards, it believes itself. Where these checks doubt, the sentence itself is shown instead, or,
where the question came back, another one. Who does what is for `qa/relations.py`.
"""

from __future__ import annotations

import re

from index.load import plain_text
from qa.locks import figures, fold
from qa.relations import misread
from qa.words import SMALL, WORD, stem, uninflected, words

# Novel words a claim may always hold unless they are most of it, and the share it may hold: an answer in the question's
# terms has some.
_FEW_NOVEL = 2
_NOVEL_SHARE = 0.25
_SHORT_CLAIM = 8  # words up to which a claim may be no statement
# Small words and verbs that tell nobody anything by themselves; 'all', 'not' or 'after' may be an answer.
_EMPTY = (
    SMALL
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
    content = [word for word in words(claim) if word not in SMALL]
    novel = novel_words(claim, source, known=known)
    few = _FEW_NOVEL if 2 * len(novel) <= len(content) else 1
    if len(novel) > few and len(novel) > _NOVEL_SHARE * len(content):
        return f"its source has no word for {', '.join(sorted(set(novel)))}"
    return misread(claim, source, said_by=said_by or "")


def novel_words(claim: str, source: str, *, known: str) -> list[str]:
    """The words of a claim that its source does not have in any form, small ones aside.

    Args:
        claim: What the model wrote.
        source: As for `strays`.
        known: As for `strays`.

    Returns:
        The words, folded, in order.
    """
    theirs = {stem(word) for word in words(plain_text(f"{source} {known}"))}
    return [word for word in words(plain_text(claim)) if word not in SMALL and stem(word) not in theirs]


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
    asked, said = {uninflected(word) for word in words(question)}, words(plain_text(claim))
    return bool(said) and all(word in _EMPTY or uninflected(word) in asked for word in said)


def completed(claim: str, question: str) -> str:
    """A claim as a statement: 'In 1923.' says nothing to check, and its source may give that year for another thing.

    Args:
        claim: What the model wrote.
        question: What it answers.

    Returns:
        The claim, with the question in front where it is short and takes none of the question's words.
    """
    said, asked = words(claim), {uninflected(word) for word in words(question) if word not in SMALL}
    whole = len(said) > _SHORT_CLAIM or not asked or any(uninflected(word) in asked for word in said)
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
    copied, theirs = (" ".join(WORD.findall(fold(plain_text(text)))) for text in (rest, source))
    verdict = WORD.findall(fold(claim))[0]
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
