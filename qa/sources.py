"""Sentences as the model reads them for one question: plain, with who is speaking, with what stands around them."""

from __future__ import annotations

import re
from collections.abc import Callable

from index.article import Article, Passage, Sentence
from index.load import plain_text
from qa.asking import asks_who, named_sources
from qa.copies import Copies
from qa.speakers import Voices, names_voice

_NOBODY = Article(id="", text="", title="")


class Sources:
    """What a question's sentences are shown with."""

    def __init__(
        self,
        question: str,
        passage: Callable[[Sentence], Passage],
        voices: Voices,
        copies: Copies,
        *,
        comparing: bool = False,
        put_to: Callable[[str, Article], str] = lambda question, article: question,
    ) -> None:
        """Prepare for one question.

        Args:
            question: A whole question.
            passage: Gives a sentence its surroundings.
            voices: Knows who speaks.
            copies: Knows which sentences are printed elsewhere in the same words.
            comparing: The question wants several answers side by side.
            put_to: Puts a question in the names an article uses.
        """
        self.question = question
        self._put_to = put_to
        self.passage = passage
        self.copies = copies
        self.comparing = comparing
        self._voices = voices
        self._asked: dict[str, str] = {}
        self.asks_who = asks_who(question)

    def asked(self, article: Article) -> str:
        """The question as it is put to an article: where it has other names for what is asked about, in those."""
        if article.id not in self._asked:
            self._asked[article.id] = self._put_to(self.question, article)
        return self._asked[article.id]

    def shown(self, sentence: Sentence) -> str:
        """A sentence as the model reads it: without markup, with its speaker in front where it does not name them.

        An article's author is named only where the question is after sources: elsewhere it would be in the way.

        Args:
            sentence: Any sentence.

        Returns:
            Text for a prompt; offsets into it mean nothing.
        """
        return _voiced(plain_text(sentence.text), self._voices.of(sentence) or self._author(sentence))

    def around(self, sentence: Sentence) -> str:
        """What a claim about a sentence is checked against: with its neighbours where it begins with a pronoun."""
        if not _leans(sentence):
            return self.shown(sentence)
        return _voiced(plain_text(self.passage(sentence).text), self._author(sentence))

    def lending(self, sentence: Sentence) -> str:
        """Where a claim about a sentence may have names from: the text before and around it, what the article states.

        The question lends none: it may ask about somebody else.
        """
        before = sentence.article.text[max(0, sentence.start - _BEFORE) : sentence.start]
        return f"{before} {self.passage(sentence).text} {self.stated(sentence)}"

    def said_by(self, sentence: Sentence) -> str | None:
        """Whom a claim is to be attributed to: who is quoted, else the article's author, if it states one."""
        return self._voices.of(sentence) or sentence.article.author

    def stated(self, sentence: Sentence) -> str:
        """Who speaks, and what the article states of itself, in one line."""
        article = sentence.article
        said = (self.said_by(sentence), article.title, article.author, article.publisher, article.date)
        return " ".join(part for part in said if part)

    def _author(self, sentence: Sentence) -> str | None:
        """Who signs the article of a sentence that nobody is quoted with, where the question is after sources."""
        asked = self.asks_who or named_sources(self.question, (sentence.article, _NOBODY))
        return _signed(sentence.article) if asked and self._voices.of(sentence) is None else None


def _voiced(text: str, voice: str | None) -> str:
    return text if voice is None or names_voice(text, voice) else f"{voice}: {text}"


def _signed(article: Article) -> str | None:
    """Author and outlet of an article, as far as it states them."""
    if article.author and article.publisher:
        return f"{article.author} ({article.publisher})"
    return article.author or article.publisher


_PRONOUNS = frozenset("he she it they his her its their this these that those".split())
# Characters before a sentence in which what it leaves unnamed should be named. Of 40 answers in SQuAD's articles that
# begin with 'he' or 'she' and lack a name of their question, 31 have it there or in the title, and most others spell it
# otherwise; of other sentences in the same articles that begin so, one in nine has it.
_BEFORE = 600


def _leans(sentence: Sentence) -> bool:
    """Whether a sentence begins with a pronoun, so that it says who only together with the one before."""
    return any(re.sub(r"\W", "", word).casefold() in _PRONOUNS for word in sentence.text.split()[:4])
