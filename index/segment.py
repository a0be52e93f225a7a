"""Segment: a run of articles as arrays, from which their sentences are found, searched and made again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.article import Article, Sentence
from index.lexical import Postings, build_postings
from index.load import plain_text
from index.passages import window_passages
from index.reprints import Hashes
from index.sentences import Split
from index.store import Contents
from index.vectors import VectorIndex

Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Ranges:
    """The sentences of a run of articles: offsets into their texts, and which of them are left out.

    Attributes:
        articles: Id and hash of each article.
        firsts: int32, shape (articles + 1,): its sentences are at [firsts[a], firsts[a + 1]).
        starts: int32, one per sentence.
        ends: The same.
        left_out: uint16: 0 for a citable sentence, else the number of the reason, from 1.
        reasons: Why sentences are left out.
    """

    articles: tuple[tuple[str, str], ...]
    firsts: Numbers
    starts: Numbers
    ends: Numbers
    left_out: npt.NDArray[np.uint16]
    reasons: tuple[str, ...]

    def split(self, number: int, article: Article) -> Split:
        """The sentences of one article.

        Args:
            number: Its number here.
            article: The same article, with its text.

        Returns:
            The split; OffsetError where a range lies outside the text.
        """
        first, end = int(self.firsts[number]), int(self.firsts[number + 1])
        columns = zip(self.starts[first:end].tolist(), self.ends[first:end].tolist(), strict=True)
        sentences = tuple(Sentence(article, i, start, stop) for i, (start, stop) in enumerate(columns))
        reasons = enumerate(self.left_out[first:end].tolist())
        return Split(sentences, {i: self.reasons[reason - 1] for i, reason in reasons if reason})

    def rows(self) -> tuple[Numbers, Numbers]:
        """For each row, that is each citable sentence, the number of its article and its own number in it."""
        owners = np.repeat(np.arange(len(self.articles), dtype=np.int32), np.diff(self.firsts))
        numbers = np.arange(len(self.starts), dtype=np.int32) - self.firsts[owners]
        kept = self.left_out == 0
        return owners[kept], numbers[kept]


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of articles with the tables over their citable sentences; no text."""

    ranges: Ranges
    own_vectors: VectorIndex
    around_vectors: VectorIndex
    own_words: Postings
    around_words: Postings
    same: Hashes  # prints of the citable sentences, shape (rows,)


def build_segment(contents: Contents) -> Segment:
    """Make the tables of all articles whose sentences were read.

    Args:
        contents: As `ArticleStore.read` gives them.

    Returns:
        The segment; its rows are the citable sentences in order.
    """
    texts: list[str] = []
    windows: list[tuple[int, int]] = []
    for split in contents.splits.values():
        rows = {s.number: row for row, s in enumerate(split.kept, len(texts))}
        texts += [plain_text(s.text) for s in split.kept]
        windows += [
            (rows[p.sentences[0].number], rows[p.sentences[-1].number] + 1) for p in window_passages(split.kept)
        ]
    own_words, around_words = build_postings(texts, windows)
    return Segment(
        ranges=_ranges_of(contents),
        own_vectors=VectorIndex(contents.own),
        around_vectors=VectorIndex(contents.around),
        own_words=own_words,
        around_words=around_words,
        same=contents.same,
    )


def _ranges_of(contents: Contents) -> Ranges:
    splits = contents.splits.values()
    reasons = tuple(sorted({reason for split in splits for reason in split.left_out.values()}))
    codes = {reason: code for code, reason in enumerate(reasons, 1)}
    sentences = [(s, codes.get(split.left_out.get(s.number, ""), 0)) for split in splits for s in split.sentences]
    return Ranges(
        articles=tuple((article_id, contents.hashes[article_id]) for article_id in contents.splits),
        firsts=np.cumsum([0, *(len(split.sentences) for split in splits)], dtype=np.int32),
        starts=np.array([s.start for s, _ in sentences], dtype=np.int32),
        ends=np.array([s.end for s, _ in sentences], dtype=np.int32),
        left_out=np.array([code for _, code in sentences], dtype=np.uint16),
        reasons=reasons,
    )
