"""Example questions made from the articles themselves, without a model (pure)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from index.article import Sentence

_WORD = r"[A-ZÀ-Þ][\w-]*[a-zà-þ][\w-]*"
_NAME = re.compile(rf"(?<=[a-z,“(] )(?:{_WORD} )*{_WORD}\b")
_VERBS = {
    "proposed": "propose",
    "suggested": "suggest",
    "announced": "announce",
    "warned": "warn of",
    "called for": "call for",
    "promised": "promise",
    "demanded": "demand",
    "denied": "deny",
    "recommended": "recommend",
    "found": "find",
    "stressed": "stress",
    "said": "say",
}
_SAYS = re.compile(rf"\b((?:{_WORD} )*{_WORD}) (?:has |have |also |then )*({'|'.join(_VERBS)})\b")
_COUNT = re.compile(r"\b(?:\d[\d,.]*|two|three|four|five|six|seven|eight|nine|ten|dozens of) ([a-z]{4,}s)\b")
_DATES = re.compile(
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August|September"
    r"|October|November|December|The|This|That|These|In|On|At|He|She|They|It|But|And|For|After|Before|While|When|If|As"
)
_UNITS = frozenset(("years", "days", "months", "weeks", "hours", "times", "minutes", "seconds"))


def example_questions(sentences: Iterable[Sentence], *, most: int = 3) -> tuple[str, ...]:
    """Questions that these articles can be expected to say something about.

    Args:
        sentences: The sentences of a few articles.
        most: Most questions wanted.

    Returns:
        Distinct questions, the most promising first; one that always fits if nothing stands out.
    """
    pool = tuple(sentences)
    least = min(2, len({s.article.id for s in pool}))
    names = _ranked(((name, s.article.id) for s in pool for name in _names(s.text)), least=least)
    said = [(_full_name(m[1], names), m[2]) for s in pool for m in _SAYS.finditer(s.text)]
    said = sorted((pair for pair in dict.fromkeys(said) if pair[0] in names), key=lambda pair: _rank(pair[0], names))
    counts = _ranked(((m[1], s.article.id) for s in pool for m in _COUNT.finditer(s.text)), least=least)
    counts = tuple(noun for noun in counts if noun not in _UNITS)
    questions = [*_about_speech(said), *(f"What numbers of {noun} do the articles give?" for noun in counts[:1])]
    taken = " ".join(questions)
    questions += [f"What do the articles say about {name}?" for name in names if name not in taken][:most]
    return tuple(dict.fromkeys(questions))[:most] or ("What are these articles about?",)


def _about_speech(said: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Up to two questions about what someone did in words; for the first, a telling verb goes before 'said'."""
    people = [(n, verb) for n, verb in said if not _DATES.fullmatch(n.split()[0])]
    first = next((pair for pair in people if pair[1] != "said"), None) or next(iter(people), None)
    if first is None:
        return
    second = next((pair for pair in people if pair[0] != first[0]), None)
    for name, verb in (first, *((second,) if second else ())):
        yield f"What did {name} {_VERBS[verb]}?"


def _names(text: str) -> Iterator[str]:
    for match in _NAME.finditer(text):
        words = match[0].split()
        while words and _DATES.fullmatch(words[0]):
            words = words[1:]
        if words:
            yield " ".join(words[-2:])


def _full_name(name: str, names: Sequence[str]) -> str:
    """The commonest longer name that ends in the same word: 'Macron' is 'Emmanuel Macron'."""
    last = name.split()[-1]
    return next((n for n in names if " " in n and n.endswith(f" {last}")), last)


def _rank(name: str, names: Sequence[str]) -> tuple[bool, int]:
    """Full names first, which are people's more often than places', then the commonest."""
    return " " not in name, names.index(name)


def _ranked(found: Iterable[tuple[str, str]], *, least: int) -> tuple[str, ...]:
    """Each thing that at least so many articles hold: in most articles first, then most often, then first seen."""
    articles: dict[str, list[str]] = defaultdict(list)
    for thing, article_id in found:
        articles[thing].append(article_id)
    common = [thing for thing in articles if len(set(articles[thing])) >= least]
    return tuple(sorted(common, key=lambda thing: (-len(set(articles[thing])), -len(articles[thing]))))
