"""Question -> sentences, best first: vectors and words, sentences and their surroundings, fused into one score.

The best are then read closely (index/late_interaction.py), and ordered by what is found in them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from index.article import Sentence
from index.lexical import LexicalIndex, best_rows
from index.texts import Texts
from index.vectors import VectorIndex

POOL = 200  # sentences each of the four rankings proposes

READ = 30  # sentences that are read closely

# How much each signal counts, measured on SQuAD 2.0 dev articles (1,299 questions, 1,680 sentences): the fusion puts
# the gold sentence first for 0.67 of them, against 0.54 by sentence vectors alone and 0.60 by BM25 alone. The optimum
# is flat.
AROUND_VECTOR = 0.5
OWN_WORDS = 0.4
AROUND_WORDS = 0.3
# The same for the sentences that are read closely, in the same unit (of log-odds): beside this, vectors add nothing.
CLOSE_OWN = 2.35
CLOSE_AROUND = 2.8
CLOSE_WORDS = 0.36

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Close = Callable[[Sequence[tuple[int, int]]], tuple[Floats, Floats]]
"""Sentences, as (article, sentence) -> how much of the question stands in each, and in its passage."""


@dataclass(frozen=True, slots=True)
class Matches:
    """Sentences that may match a question, and how well they do in four ways. All arrays have the shape (n,).

    Attributes:
        articles: Numbers of their articles, in the order of the index.
        sentences: Their own numbers there.
        own_vector: Cosine of the sentence.
        around_vector: Cosine of its passage.
        own_words: BM25 of the sentence, as a share of the best one of all, 0..1: comparable between questions, unlike
            the raw sums.
        around_words: The same of its passage.
    """

    articles: Ints
    sentences: Ints
    own_vector: Floats
    around_vector: Floats
    own_words: Floats
    around_words: Floats

    def best(self, k: int, *, close: Close | None = None) -> list[tuple[int, int, float]]:
        """Fuse the four into one score, and read the best closely.

        Args:
            k: Most sentences to return; at least 1.
            close: Reads sentences closely; None where nothing can.

        Returns:
            At most k of (article, sentence, score), best first, ties in order.
        """
        scores = (
            self.own_vector
            + AROUND_VECTOR * self.around_vector
            + OWN_WORDS * self.own_words
            + AROUND_WORDS * self.around_words
        )
        order = self._ordered(scores)
        first, rest = order[:READ], order[READ:]
        if close and len(first):
            own, around = close([(int(self.articles[i]), int(self.sentences[i])) for i in first])
            behind = scores[rest] - scores[first[-1]]
            scores[first] = CLOSE_OWN * own + CLOSE_AROUND * around + CLOSE_WORDS * self.own_words[first]
            scores[rest] = scores[first].min() + behind  # the others follow, as far behind as they were
            order = self._ordered(scores)
        return [(int(self.articles[i]), int(self.sentences[i]), float(scores[i])) for i in order[:k]]

    def _ordered(self, scores: Floats) -> Ints:
        return np.lexsort((self.sentences, self.articles, -scores))


_NO_INTS, _NO_FLOATS = np.empty(0, np.int64), np.empty(0, np.float32)
NONE = Matches(_NO_INTS, _NO_INTS, _NO_FLOATS, _NO_FLOATS, _NO_FLOATS, _NO_FLOATS)


class PassageStore(Protocol):
    """Where the sentences and passages of an index are searched: in this process, or by a server."""

    @property
    def texts(self) -> Texts:
        """What is cited: never from a server."""
        ...

    def match(self, question: str, vector: Floats, *, k: int, only: Collection[str] | None) -> Matches:
        """Find what may match a question.

        Args:
            question: The words.
            vector: The same as a unit vector, shape (dim,).
            k: How many sentences will be asked of the matches; at least 1.
            only: Ids of the articles to search; None for all.

        Returns:
            What any of four rankings (sentences and passages, by vector and by words) puts among its first POOL and
            first k, scored by all four.
        """
        ...

    def respelled(self, question: str) -> str:
        """A question with the words of the articles in place of misspelt ones."""
        ...

    def knows(self, name: str) -> bool:
        """Whether some sentence has a word that begins like a name."""
        ...

    def same_prints(self, sentence: Sentence) -> list[Sentence]:
        """The sentences that may have the same words, in order; none if its words are too few to tell."""
        ...


@dataclass(frozen=True, slots=True)
class Retriever:
    """Four views of the same rows: each sentence and its passage, as a vector and as words."""

    own_vectors: VectorIndex
    around_vectors: VectorIndex
    own_words: LexicalIndex
    around_words: LexicalIndex
    articles: Ints  # number of each row's article
    sentences: npt.NDArray[np.int32]  # and of its sentence

    def match(self, question: str, vector: Floats, *, k: int, rows: Ints | None = None) -> Matches:
        """As `PassageStore.match`; all of `rows` are matches where they are given."""
        if not len(self.own_vectors) or (rows is not None and not len(rows)):
            return NONE
        own_words, around_words = self.own_words.scores(question), self.around_words.scores(question)
        pool = rows if rows is not None else self._pool(vector, own_words, around_words, k)
        return Matches(
            self.articles[pool],
            self.sentences[pool].astype(np.int64),
            self.own_vectors.scores(vector, pool),
            self.around_vectors.scores(vector, pool),
            shares(own_words[pool], best=own_words.max(initial=0.0)),
            shares(around_words[pool], best=around_words.max(initial=0.0)),
        )

    def _pool(self, vector: Floats, own_words: Floats, around_words: Floats, k: int) -> Ints:
        """The rows any of the four rankings puts near the top."""
        size = max(POOL, k)
        near = [vectors.nearest(vector, k=size)[0] for vectors in (self.own_vectors, self.around_vectors)]
        return np.unique(np.concatenate([*near, *(best_rows(words, size) for words in (own_words, around_words))]))


def shares(scores: Floats, *, best: float) -> Floats:
    """BM25 scores as shares of the best one, which is 0 where no word is shared."""
    return scores / np.float32(best) if best > 0 else scores
