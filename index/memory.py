"""Memory: what a search looks at. Texts are read each time; tables over them are mapped from disk where they fit."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

import numpy as np
import numpy.typing as npt

from index.article import Article, Sentence
from index.lexical import LexicalIndex
from index.reprints import Hashes
from index.retrieve import Floats, Matches, Retriever
from index.segment import Numbers, Segment, build_segment
from index.sentences import Split
from index.spelling import respelled
from index.store import ArticleStore, Contents
from index.tables import load_tables, save_tables
from index.texts import Texts
from index.vectors import VectorIndex

SAVED_FROM = 2000  # rows; tables of fewer are made in a moment
# How much of an index may have changed before its tables are made again: until then what is new gets tables of its own
# at each opening (a second for 20,000 sentences), and what is gone is skipped.
_CHANGED_SHARE = 0.02
_CHANGED_LEAST = 50


class Memory:
    """Articles, sentences and the tables over them, all of one moment.

    Args:
        contents: The articles.
        segments: Tables in which each of them is, once, and perhaps others that are no more.
    """

    def __init__(self, contents: Contents, segments: list[Segment]) -> None:
        self.texts = Texts(contents.articles, contents.hashes, self._split)
        self._segments = segments
        places = {pair: place for place, pair in enumerate(pair for s in segments for pair in s.ranges.articles)}
        self._places = {article_id: places[article_id, sha256] for article_id, sha256 in contents.hashes.items()}
        self._count_rows()
        self.retriever = self._join()

    def _count_rows(self) -> None:
        """Which rows belong to which article, and which of them are no more."""
        owners, numbers, before = [], [], 0
        for segment in self._segments:
            own, number = segment.ranges.rows()
            owners.append(own + before)
            numbers.append(number)
            before += len(segment.ranges.articles)
        self._row_numbers: Numbers = np.concatenate(numbers)  # of its sentence
        places = np.concatenate(owners)
        self._firsts = np.searchsorted(places, np.arange(before + 1))  # rows of each place
        article_of = np.full(before, -1, dtype=np.int64)
        article_of[[*self._places.values()]] = [self.texts.numbers[article_id] for article_id in self._places]
        self._row_articles: npt.NDArray[np.int64] = article_of[places]  # -1: no more

    def _join(self) -> Retriever:
        """What ranks the rows of all segments as one."""
        gone = self._row_articles < 0
        own, around = (
            VectorIndex.joined(parts, gone=gone)
            for parts in zip(*((s.own_vectors, s.around_vectors) for s in self._segments), strict=True)
        )
        own_words, around_words = (
            LexicalIndex(parts, gone=gone)
            for parts in zip(*((s.own_words, s.around_words) for s in self._segments), strict=True)
        )
        return Retriever(own, around, own_words, around_words, self._row_articles, self._row_numbers)

    @cached_property
    def _same(self) -> Hashes:
        prints = np.concatenate([segment.same for segment in self._segments])
        return np.where(self._row_articles < 0, np.uint64(0), prints)

    def match(self, question: str, vector: Floats, *, k: int, only: Collection[str] | None) -> Matches:
        """As `PassageStore.match`; where articles are named, all their sentences are matches."""
        rows = None if only is None else self.rows(only)
        return self.retriever.match(question, vector, k=k, rows=rows)

    def respelled(self, question: str) -> str:
        """As `PassageStore.respelled`."""
        frequency = self.retriever.own_words.frequency
        return respelled(question, lambda stems: [frequency(stem) for stem in stems])

    def knows(self, name: str) -> bool:
        """As `PassageStore.knows`."""
        return self.retriever.own_words.knows(name)

    def rows(self, article_ids: Collection[str]) -> npt.NDArray[np.int64]:
        """The rows of some articles; ids that are unknown have none."""
        found = [self._rows_of(article_id) for article_id in self._places.keys() & article_ids]
        return np.concatenate([np.empty(0, np.int64), *found]).astype(np.int64)

    def same_prints(self, sentence: Sentence) -> list[Sentence]:
        """The sentences that may have the same words, in order; none if its words are too few to tell."""
        mark = self._same[self._row(sentence)]
        rows = np.flatnonzero(self._same == mark) if mark else np.empty(0, np.int64)
        found = sorted(zip(self._row_articles[rows].tolist(), self._row_numbers[rows].tolist(), strict=True))
        return [self.texts.sentence(article, number) for article, number in found]

    def _row(self, sentence: Sentence) -> int:
        rows = self._rows_of(sentence.article.id)
        row = rows.start + int(np.searchsorted(self._row_numbers[rows.start : rows.stop], sentence.number))
        if row >= rows.stop or self._row_numbers[row] != sentence.number:
            raise KeyError(sentence.key)
        return row

    def _rows_of(self, article_id: str) -> range:
        place = self._places[article_id]
        return range(int(self._firsts[place]), int(self._firsts[place + 1]))

    def _split(self, article: Article) -> Split:
        place = self._places[article.id]
        for segment in self._segments:
            if place < len(segment.ranges.articles):
                break
            place -= len(segment.ranges.articles)
        return segment.ranges.split(place, article)


def load_memory(store: ArticleStore) -> Memory:
    """Read an index for searching; tables that were kept and still fit spare most of the work.

    Args:
        store: The index.

    Returns:
        What is searched.

    Raises:
        IndexDamagedError: The index file is damaged.
    """
    made_with = store.manifest.made_with
    kept = load_tables(store.folder, made_with)
    if kept is not None:
        contents = store.read(held=frozenset(kept.ranges.articles))
        held = len(contents.articles) - len(contents.splits)
        changed = len(contents.splits) + len(kept.ranges.articles) - held
        few = changed <= max(_CHANGED_LEAST, _CHANGED_SHARE * len(contents.articles))
        if few and held and contents.made_with == made_with:  # another process may have made the index anew meanwhile
            return Memory(contents, [kept, *([build_segment(contents)] if contents.splits else [])])
    contents = store.read()
    segment = build_segment(contents)
    if len(contents.own) >= SAVED_FROM:
        save_tables(store.folder, segment, contents.made_with)
    return Memory(contents, [segment])
