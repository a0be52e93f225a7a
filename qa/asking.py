"""What a question itself says: what it asks, what it leans on, which sources it names (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.article import Article
from index.errors import QuestionError
from qa.descriptions import described
from qa.locks import fold, names

_ASKS = "what|how|who|whom|whose|when|where|why|which"
VERBS = "do|does|did|is|are|was|were|has|have|had|can|could|will|would"  # those put in front of their subject

LEANING = re.compile(
    r"\b(?:he|she|it|they|him|her|them|his|hers|its|their|theirs|this|that|these|those|there|then|one|ones|same|former|latter)\b",
    re.IGNORECASE,
)
_GOING_ON = re.compile(r"^\W*(?:and|but|so|or|also|then|what about|how about|why not|in that case)\b", re.IGNORECASE)

_ASKS_WHO = re.compile(
    r"\b(?:whose|on what authority|according to (?:whom|which)|(?:which|what) "
    r"(?:papers?|newspapers?|outlets?|publications?|magazines?|sites?|websites?|agenc(?:y|ies)|sources?|articles?|authors?"
    r"|writers?|reports?)"
    r"|who(?:\s+\w+)?\s+(?:say|said|claim|argue|assert|think|thought|believe|state|allege|call|describe|write|wrote|report"
    r"|suggest|warn|insist|predict|maintain|view|see)\w*)\b",
    re.IGNORECASE,
)

# What may begin the second thing a question asks: a question word, or a verb put in front of its subject.
_NEXT = re.compile(
    r",?\s+and\s+(?=(?:(?:on|in|at|by|from|for|to|with|roughly|about|since|until)\s+)?"
    rf"(?:{_ASKS})\b"
    rf"|(?:{VERBS})\s+(?:(?:the|a|an|it|he|she|they|any|there)\b|[A-Z]))"
)
_QUESTION = re.compile(rf"\b(?:{_ASKS})\b|^(?:{VERBS})\b", re.IGNORECASE)
# Asks how the articles stand to each other: nothing a single sentence could answer.
_COMPARES = re.compile(
    r",?\s*(?:and|or)?\s*\b(?:do|are|is|does)\s+(?:all\s+)?(?:the|these|they|those)?\s*(?:different\s+|various\s+)?"
    r"(?:articles?|sources?|outlets?|reports?|papers?|accounts?|they)\s+(?:all\s+)?"
    r"(?:agree|disagree|differ|say the same|consistent|in agreement|at odds)\b[^?]*",
    re.IGNORECASE,
)
# A word behind the question says that there are several answers: 'I have seen two different figures.'
_SEVERAL_HEARD = re.compile(
    r"(?<=\?)\s+(?!.*\?)(?=\b(?:i|we|some|the|these|different|various|articles|sources|outlets|reports|papers|accounts"
    r"|figures|numbers|versions|people)\b)[^.!]*"
    r"\b(?:(?:seen|read|heard|found|got|given|are|say|give)\s(?:\w+\s){0,2}?(?:different|differing|conflicting|contradictory)"
    r"|differ|disagree|vary|conflict|contradict)\b[^.!]*[.!]*\s*$",
    re.IGNORECASE | re.DOTALL,
)
# The same as the whole question: what the articles are to agree on is what is asked of each.
_AGREE_ON = re.compile(
    r"^\W*(?:do|are|is|does)\s+(?:all\s+)?(?:the|these|those)?\s*(?:different\s+|various\s+|two\s+)?"
    r"(?:articles?|sources?|outlets?|reports?|papers?|accounts?)\s+(?:all\s+)?"
    r"(?:agree|disagree|differ|in agreement|at odds)\s+(?:(?:on|about|over|as to|in)\s+|(?=that\s|whether\s|if\s))"
    r"(?P<what>[^?]+)\??\s*$",
    re.IGNORECASE,
)
# Not 'can you tell me …', nor 'has anyone said how many …'.
_YES_OR_NO = re.compile(
    rf"^\W*(?:(?:and|but|so|then)\b,?\s*)*(?:{VERBS}|should|may|might|must)"
    rf"(?:n['’]t)?\b(?!\s+(?:you|i)\b)(?!.*\b(?:{_ASKS})\b)",
    re.IGNORECASE | re.DOTALL,
)
_FEWEST_WORDS = 3  # a part has more: "when and where did it happen?" is one question

_EACH_SOURCE = re.compile(
    r"\b(?:different|various|each|every|respective|all)\s+(?:of\s+)?(?:the\s+)?"
    r"(?:articles?|sources?|outlets?|reports?|papers?|accounts?)\b",
    re.IGNORECASE,
)
_ALTERNATIVES = re.compile(rf"^(?:{VERBS}|who|which)\b.*\bor\b", re.IGNORECASE)


def parts(question: str) -> tuple[str, ...]:
    """The things a question asks: 'When did it open, and what did it cost?' asks two.

    Args:
        question: A whole question.

    Returns:
        The parts in order, each ending in a question mark; the question itself where it asks one thing, less what
        asks to compare the articles, which is met by how answers are laid out.
    """
    if agreed := _AGREE_ON.match(question):
        return (_whole(agreed["what"].strip()),)
    plain = _SEVERAL_HEARD.sub("", _COMPARES.sub("", question)).strip()
    if len(plain.split()) >= _FEWEST_WORDS:
        question = plain if plain.endswith((".", "!")) else f"{plain.rstrip(' ?')}?"
    found = _NEXT.split(question)
    whole = any(len(part.split()) <= _FEWEST_WORDS or not _QUESTION.search(part) for part in found)
    if len(found) == 1 or whole:
        return (question,)
    return tuple(f"{part.strip(' ,?.')[:1].upper()}{part.strip(' ,?.')[1:]}?" for part in found)


def _whole(what: str) -> str:
    """What articles may agree on, as a question: 'who paid', 'whether it is safe', 'the cost'."""
    first, _, rest = what.partition(" ")
    if first.casefold() in ("whether", "if", "that") and rest:
        return f"Is it true that {rest}?"
    if _QUESTION.match(what):
        return f"{what[:1].upper()}{what[1:]}?"
    return f"What is said about {what}?"


def leans(question: str) -> bool:
    """Whether a question may need the conversation before it to be understood.

    Args:
        question: A follow-up.

    Returns:
        False only for one that names what it is about and points at nothing: rewriting it costs time and can do harm.
    """
    return bool(LEANING.search(question) or _GOING_ON.match(question) or not names(question))


def named_sources(question: str, articles: Sequence[Article]) -> tuple[str, ...]:
    """The articles whose author or outlet a question names: 'according to …', 'what does … think'.

    Args:
        question: A whole question.
        articles: Where to look; only what they state of themselves counts.

    Returns:
        Their ids, in order; empty where none is named, or all are.
    """
    asked = set(re.findall(r"\w+", " ".join(names(question))))
    found = tuple(a.id for a in articles if _names_one_of(asked, a))
    return found if len(found) < len(articles) else ()


def compares(question: str) -> bool:
    """Whether a question wants several answers: 'do the articles agree', 'is it this or that', 'how is it called'."""
    patterns = (_COMPARES, _SEVERAL_HEARD, _EACH_SOURCE, _ALTERNATIVES)
    return any(pattern.search(question) for pattern in patterns) or described(question) is not None


def yes_or_no(question: str) -> bool:
    """Whether a question asks if something is so: to one source it is, and another may say the opposite."""
    return bool(_YES_OR_NO.search(question))


def named(question: str, *, inside: bool = False) -> frozenset[str]:
    """The names in a question: words with a capital.

    Args:
        question: A whole question.
        inside: Leave out the word it begins with, whatever it is ('Besides'), and not just one that asks.

    Returns:
        The names, folded.
    """
    if inside:
        return names(question.partition(" ")[2])
    return names(_QUESTION.sub("", question, count=1) if _QUESTION.match(question) else question)


def asks_who(question: str) -> bool:
    """Whether a question is after a speaker or a source: 'who claims …', 'whose view …', 'which paper …'."""
    return bool(_ASKS_WHO.search(question))


def topic(question: str, articles: Sequence[Article]) -> str:
    """A question without the names of its sources, whose bylines it would find before what they wrote.

    Args:
        question: A whole question.
        articles: Those it names.

    Returns:
        The question less those names; as it is where nothing else would be left.
    """
    stated = " ".join(part for a in articles for part in (a.author, a.publisher) if part)
    theirs = set(re.findall(r"\w+", fold(stated)))
    kept = [word for word in question.split() if not theirs.intersection(re.findall(r"\w+", fold(word.split("'s")[0])))]
    return " ".join(kept) if len(kept) >= _FEWEST_WORDS else question


def _names_one_of(asked: set[str], article: Article) -> bool:
    """Whether the words of a question hold the surname of an article's author, or all of its outlet's name."""
    author = [part for part in re.findall(r"\w+", fold(article.author or "")) if len(part) > 3]
    outlet = [part for part in re.findall(r"\w+", fold(article.publisher or "")) if len(part) > 2]
    return any(part in asked for part in author[1:] or author) or bool(outlet and asked.issuperset(outlet))


def clean_question(question: str, *, most: int) -> str:
    """A question in one line, without control characters.

    Args:
        question: What the user typed.
        most: Most characters it may have.

    Returns:
        The cleaned question.

    Raises:
        QuestionError: It is empty or too long.
    """
    cleaned = " ".join("".join(c if c.isprintable() else " " for c in question).split())
    if not any(c.isalnum() for c in cleaned):
        raise QuestionError("the question is empty; ask something in words")
    if len(cleaned) > most:
        raise QuestionError(f"the question has {len(cleaned):,} characters, at most {most:,} are read; shorten it")
    return cleaned
