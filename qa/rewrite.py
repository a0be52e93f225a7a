"""A follow-up as a question that needs no conversation around it: the model rewrites it, but its own words stay."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.lexical import mentions
from qa.asking import LEANING, leans
from qa.generate import Generator, Prompt
from qa.locks import fold
from qa.prompt import LINE_GRAMMAR, rewrite_prompt

_MOST_TOKENS = 64  # of a rewriting; a follow-up as long as that is asked as it stands
_LINKING = re.compile(
    r"^\W*(?:(?:and|but|so|or|also|then)\b(?!-|\s+(?:many|much|few|far|long)\b),?\s*)+", re.IGNORECASE
)
# What points into the conversation, with the word it points with, which a rewriting may replace: 'that paper'.
_POINTING = re.compile(
    r"\b(?:this|that|these|those|same)\s+\w+|\b\w+\s+ones?\b"
    r"|\b(?:former|latter|first|second|third|last|next|previous|others?)\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"he|she|it|they|him|her|them|his|hers|its|their|theirs", re.IGNORECASE)
# Words that a rewriting may change or leave out without asking something else.
_SMALL = frozenset(
    """a about again ain all also am an and any are aren as at be been being but by can could couldn d did didn do
    does doesn doing don done else even ever explain few for from get gets go goes going gone got had hadn has
    hasn have haven having here how i if in instead into is isn just know ll many may me might more most much
    must my no not of on only or perhaps please re s said say says shall should shouldn so some still such t
    tell than that the then there though to too us ve was wasn we well went were weren what when where which who
    whom whose why will with won would wouldn yes you""".split()
)


def whole_question(question: str, history: Sequence[tuple[str, str]], generator: Generator) -> str:
    """A follow-up as a question that needs no conversation around it.

    A small model sometimes asks an earlier question again in its place. Where words of the follow-up are gone, it may
    only fill in what those that lean on the conversation stand for.

    Args:
        question: A question, maybe leaning on what came before.
        history: Earlier questions and the texts of their answers, oldest first.
        generator: The language model, which rewrites it.

    Returns:
        The question as the model rewrites it, or itself where it stands alone or the model only repeats another.
    """
    if not history or not leans(question) or generator.count(question) > _MOST_TOKENS:
        return question
    prompt = rewrite_prompt(history, question)
    reply = _one_line(generator.write(prompt, grammar=LINE_GRAMMAR, max_tokens=_MOST_TOKENS))
    repeats = any(_bare(reply) == _bare(asked) for asked, _ in history)
    if not reply or (not repeats and mentions(reply, own_words(question))):
        return reply or question
    return _filled(question, prompt, generator) or (question if repeats else reply)


def second_question(second: str, first: str, generator: Generator) -> str:
    """The second of two questions that were asked in one, with what its pronouns stand for.

    Args:
        second: 'Would it pay?'.
        first: 'Did the city build the tram?'.
        generator: The language model, which fills in.

    Returns:
        The second question, as it was where it has no pronoun that the first lacks; empty where it has, and something
        was filled in that is not of the first.
    """
    pronouns = {match[0].casefold() for match in re.finditer(rf"\b(?:{_PRONOUN.pattern})\b", second, re.IGNORECASE)}
    theirs = set(re.findall(r"\w+", first.casefold()))
    if pronouns <= theirs:
        return second
    filled = _filled(second, rewrite_prompt([(first, "")], second), generator)
    strange = set(re.findall(r"\w+", filled.casefold())) - theirs - set(re.findall(r"\w+", second.casefold()))
    return "" if strange - {"the", "s"} else filled


def _filled(question: str, prompt: Prompt, generator: Generator) -> str:
    """A question of which the model only fills in what leans on another; empty if that is of no use."""
    reply = generator.write(prompt, grammar=filling_grammar(question), max_tokens=2 * _MOST_TOKENS)
    return filled_in(between_leaning(question), _one_line(reply))


def own_words(question: str) -> frozenset[str]:
    """The words that a rewriting has to keep: those that neither point into the conversation nor are small.

    Args:
        question: A follow-up.

    Returns:
        The words, lower-cased.
    """
    rest = LEANING.sub(" ", _POINTING.sub(" ", question))
    return frozenset(re.findall(r"\w+", rest.casefold())) - _SMALL


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
        The grammar. What stands for a pronoun begins with 'the' or a capital, lest the pronoun be written again.
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
        f"words ::= {free}{{1,80}}\n"
        f'thing ::= ("the " | [^a-z\\n\\[\\]<>?,"“” ]) {free}{{1,60}}'
    )


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
    first, *pieces = words
    if not reply.startswith(first) or not reply.endswith("?"):
        return ""
    if not pieces:
        return reply
    made, at, end = first, len(first), len(reply) - 1
    for number, piece in enumerate(pieces, 1):
        found = end - len(piece) if number == len(pieces) else reply.find(piece, at + 1, end)
        if found <= at or not reply.startswith(piece, found):
            return ""
        made += _without_next(reply[at:found], piece) + piece
        at = found + len(piece)
    return _one_line(f"{made}?")


def _without_next(filled: str, piece: str) -> str:
    """What was filled in, up to the first word of what follows, unless that is a word that often comes twice."""
    following = re.match(r"\W*(\w+)", piece)
    if not following or (following[1].casefold() in _SMALL - {"say", "said", "says"}):
        return filled
    twice = re.search(rf"(?:^|\s+){re.escape(following[1])}\b", filled)
    return filled[: twice.start()] if twice else filled


def _plain(question: str) -> str:
    """A follow-up without its 'And', its question mark, and what cannot stand in a grammar."""
    shown = "".join(letter if letter.isprintable() else " " for letter in question)
    plain = _LINKING.sub("", _one_line(shown)).rstrip(" ?.!")
    return f"{plain[:1].upper()}{plain[1:]}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _bare(question: str) -> str:
    """A question for comparing."""
    return fold(question).strip(" ?.!")
