"""Texts: the articles of an index as of one moment. Their sentences are cut out when they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from index.aliases import Aliases
from index.article import Article, Passage, Sentence
from index.passages import window_passages
from index.sentences import Split


class Texts:
    """What is read and cited; may be shared by threads.

    Args:
        articles: All articles, in order.
        hashes: Article id -> hash of what was stored, in the same order.
        cut: The sentences of one of the articles.
    """

    def __init__(self, articles: tuple[Article, ...], hashes: dict[str, str], cut: Callable[[Article], Split]) -> None:
        self.articles = articles
        self.hashes = hashes
        self._cut = cut
        self._cuts: dict[str, tuple[Split, dict[int, Passage]]] = {}

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Article id -> its number, from 0."""
        return {article.id: number for number, article in enumerate(self.articles)}

    @cached_property
    def aliases(self) -> Aliases:
        """The names that the articles say are one thing's."""
        return Aliases(self.articles)

    def split(self, article_id: str) -> Split:
        """The sentences of an article; KeyError for an unknown id."""
        return self._cut_of(article_id)[0]

    def sentence(self, article: int, number: int) -> Sentence:
        """A sentence by the number of its article and its own number there."""
        return self.split(self.articles[article].id).sentences[number]

    def passage(self, sentence: Sentence) -> Passage:
        """A citable sentence with its neighbours; KeyError for one that is left out."""
        return self._cut_of(sentence.article.id)[1][sentence.number]

    def _cut_of(self, article_id: str) -> tuple[Split, dict[int, Passage]]:
        if article_id not in self._cuts:
            split = self._cut(self.articles[self.numbers[article_id]])
            kept = split.kept
            passages = zip(kept, window_passages(kept), strict=True)
            self._cuts[article_id] = split, {sentence.number: passage for sentence, passage in passages}
        return self._cuts[article_id]
