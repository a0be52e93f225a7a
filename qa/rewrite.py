"""A follow-up as a question that needs no conversation around it: the model rewrites it, but its own words stay."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest

from index.lexical import mentions
from qa.asking import LEANING, leans
from qa.generate import Generator
from qa.prompt import LINE_GRAMMAR, rewrite_prompt

_MOST_TOKENS = 64  # of a rewriting, besides those of the question itself
_LINKING = re.compile(r"^\W*(?:(?:and|but|so|or|also|then)\b,?\s*)+", re.IGNORECASE)
# What points into the conversation, with the word it points with, which a rewriting may replace: 'that paper'.
_POINTING = re.compile(
    r"\b(?:this|that|these|those|same|former|latter)\s+\w+|\b\w+\s+ones?\b"
    r"|\b(?:first|second|third|last|next|previous|others?)\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"he|she|it|they|him|her|them|his|hers|its|their|theirs", re.IGNORECASE)
_SMALL = frozenset(
    """about also been could does else even ever from have into just many more much only should some still such than
    them then there they were what when where which whom whose will with would""".split()
)
_SHORTEST = 4  # letters of a word that must stay


def whole_question(question: str, history: Sequence[tuple[str, str]], generator: Generator) -> str:
    """A follow-up as a question that needs no conversation around it.

    A small model sometimes asks an earlier question again in its place. Where words of the follow-up are gone, it may
    only fill in what those that lean on the conversation stand for.

    Args:
        question: A question, maybe leaning on what came before.
        history: Earlier questions and the texts of their answers, oldest first.
        generator: The language model, which rewrites it.

    Returns:
        The question as the model rewrites it, or itself where it stands alone or the model cannot.
    """
    if not history or not leans(question):
        return question
    prompt = rewrite_prompt(history, question)
    reply = " ".join(generator.write(prompt, grammar=LINE_GRAMMAR, max_tokens=_MOST_TOKENS).split())
    if not reply or mentions(reply, own_words(question)):
        return reply or question
    most = _MOST_TOKENS + generator.count(question)
    reply = generator.write(prompt, grammar=filling_grammar(question), max_tokens=most)
    return filled_in(between_leaning(question), " ".join(reply.split())) or question


def own_words(question: str) -> frozenset[str]:
    """The words that a rewriting has to keep: those that neither point into the conversation nor are small.

    Args:
        question: A follow-up.

    Returns:
        The words, lower-cased.
    """
    rest = LEANING.sub(" ", _POINTING.sub(" ", question))
    return frozenset(w for w in re.findall(r"\w+", rest.casefold()) if len(w) >= _SHORTEST and w not in _SMALL)


def between_leaning(question: str) -> tuple[str, ...]:
    """What stands between the words that lean on the conversation: 'And did he say it?' -> 'Did ', ' say ', ''.

    Args:
        question: A follow-up.

    Returns:
        The pieces in order, the first and the last maybe empty; a question without such words in one piece.
    """
    return tuple(LEANING.split(_plain(question)))


def filling_grammar(question: str) -> str:
    """GBNF for a follow-up with a few words in place of those that lean, or added to one that has none of these.

    Args:
        question: A follow-up.

    Returns:
        The grammar. For a pronoun it lets through what begins with 'the' or a capital: not another pronoun.
    """
    first, *pieces = (
        '"{}"'.format(piece.replace("\\", "\\\\").replace('"', '\\"')) if piece else ""
        for piece in between_leaning(question)
    )
    leaning = ["thing" if _PRONOUN.fullmatch(word) else "words" for word in LEANING.findall(_plain(question))]
    filled = [part for gap in zip(leaning, pieces, strict=True) for part in gap] or ['(" " words)?']
    free = r'[^\n\[\]<>?,"“”]'
    return (
        f'root ::= {first} {" ".join(filled)} "?"\n'
        f"words ::= {free}{{1,40}}\n"
        f'thing ::= ("the " | [^a-z\\n\\[\\]<>?,"“” ]) {free}{{1,40}}'
    )


def _plain(question: str) -> str:
    """A follow-up without its 'And', its question mark, and what cannot stand in a grammar."""
    shown = "".join(letter if letter.isprintable() else " " for letter in question)
    plain = _LINKING.sub("", " ".join(shown.split())).rstrip(" ?.!")
    return f"{plain[:1].upper()}{plain[1:]}"


def filled_in(words: Sequence[str], reply: str) -> str:
    """A question of these pieces as it was written, less what was written twice.

    Set on an earlier question, a model writes 'Ana Roe say of trams' for 'she', and then has to go on with ' say of
    buses?': what was filled in ends before the word that has to follow.

    Args:
        words: From `between_leaning`.
        reply: What the model wrote; it may be of no use, as a server need not heed the grammar.

    Returns:
        The question; empty where the reply is not made of the pieces.
    """
    gap = "(.+?)" if len(words) > 1 else "(.*?)"
    found = re.fullmatch(gap.join(map(re.escape, words)) + (r"\?" if len(words) > 1 else rf"{gap}\?"), reply)
    if not found:
        return ""
    made = ""
    for piece, filled, after in zip_longest(words, found.groups(), words[1:], fillvalue=""):
        following = re.match(r"\W*(\w+)", after)
        ends = re.search(rf"\s+{re.escape(following[1])}\b", filled) if following else None
        made += piece + (filled[: ends.start()] if ends else filled)
    return f"{made}?"
