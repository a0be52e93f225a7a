"""What a question itself says: whether it leans on the conversation, which sources it names; what is found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from index.article import Article, Hit, Sentence
from index.errors import QuestionError
from index.load import plain_text
from index.passage_index import PassageIndex
from qa.locks import fold, names

_LEANING = re.compile(
    r"\b(?:he|she|it|they|him|her|them|his|hers|its|their|theirs|this|that|these|those|there|then|one|ones|same|former|latter)\b",
    re.IGNORECASE,
)
_GOING_ON = re.compile(r"^\W*(?:and|but|so|or|also|then|what about|how about|why not|in that case)\b", re.IGNORECASE)


def leans(question: str) -> bool:
    """Whether a question may need the conversation before it to be understood.

    Args:
        question: A follow-up.

    Returns:
        False only for one that names what it is about and points at nothing: rewriting it costs time and can do harm.
    """
    return bool(_LEANING.search(question) or _GOING_ON.match(question) or not names(question))


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


def shown(sentence: Sentence, question: str) -> str:
    """A sentence as the model reads it: plain, and with its author in front where the question names its source.

    Args:
        sentence: Any sentence.
        question: A whole question.

    Returns:
        Text for a prompt; offsets into it mean nothing.
    """
    article = sentence.article
    text = plain_text(sentence.text)
    writer = article.author or article.publisher
    if writer and named_sources(question, (article, _NOBODY)):
        outlet = f" ({article.publisher})" if article.author and article.publisher else ""
        return f"{writer}{outlet} writes: {text}"
    return text


_NOBODY = Article(id="", text="", title="")


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


def find(index: PassageIndex, question: str, *, k: int, articles: Sequence[str] | None = None) -> tuple[Hit, ...]:
    """The sentences the model is to judge: of the sources the question names first, if it names any.

    Args:
        index: Where to search.
        question: A whole question.
        k: Most sentences to return.
        articles: Ids of the articles to search; None for all.

    Returns:
        At most k hits, best first.
    """
    found = index.search(question, k=k, only=articles)
    asked = [a for a in index.articles if articles is None or a.id in articles]
    named = named_sources(question, asked)
    if not named:
        return found
    theirs = index.search(question, k=max(k - k // 4, 1), only=named)
    keys = {hit.sentence.key for hit in theirs}
    merged = [*theirs, *(hit for hit in found if hit.sentence.key not in keys)][:k]
    ranked = sorted(merged, key=lambda hit: (-hit.score, hit.sentence.key))
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate(ranked, 1))
