"""LexicalIndex: BM25 over stemmed words.

Tables of words are made once and may be kept; what a word counts is worked out when it is asked for, so that a few rows
more or fewer need no new tables. The words and the formula are those of the bm25s library (its method "lucene"), and so
are the scores.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import cast

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float32]
K1, B = 1.2, 0.75
_SPELLINGS = tuple(
    (re.compile(british), american)
    for british, american in (
        (r"(?<=\w{3})is(?=(?:e[sdr]?|ers|ing|ation|ations|ational)$)", "iz"),
        (r"(?<=\w{2})ys(?=(?:e[sdr]?|ers|ing)$)", "yz"),
        (r"(?<=\w{3})our(?=(?:s|ed|ing|ful|hood|less|ite|able)?$)", "or"),
        (r"(?<=\w{2}[bt])re(?=s?$)", "er"),
        (r"(?<=def|off|lic)ence(?=s?$)", "ense"),
        (r"(?<=program)me(?=s?$)", ""),
    )
)
_ACCENTS = re.compile("[\u0300-\u036f]+")
_LETTERS = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ß": "ss", "æ": "ae", "œ": "oe"})
_BLOCK = 256  # scores of which only the best is looked at first


@dataclass(frozen=True, slots=True)
class Postings:
    """Which row has which word how often.

    Attributes:
        words: All words of all rows, stemmed, sorted.
        firsts: int64, shape (words + 1,): those of word i are at [firsts[i], firsts[i + 1]).
        rows: int32, ascending for each word.
        counts: uint16, how often the row has the word.
        lengths: int32, shape (rows,): words of each row.
    """

    words: tuple[str, ...]
    firsts: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int32]
    counts: npt.NDArray[np.uint16]
    lengths: npt.NDArray[np.int32]

    def find(self, word: str) -> slice:
        """Where the postings of a word are; an empty range for a word no row has."""
        number = bisect_left(self.words, word)
        if number == len(self.words) or self.words[number] != word:
            return slice(0, 0)
        return slice(int(self.firsts[number]), int(self.firsts[number + 1]))


@dataclass(frozen=True, slots=True)
class _Tokenized:
    ids: list[list[int]]
    vocab: dict[str, int]


def build_postings(texts: Sequence[str], windows: Sequence[tuple[int, int]]) -> tuple[Postings, Postings]:
    """Make the tables of texts, and of windows over them; the texts are split into words once.

    Args:
        texts: One per row; may be empty.
        windows: For each row of the second table the range [first, end) of texts it is made of.

    Returns:
        The table of the texts and that of the windows; they share their words.
    """
    found = _tokenized(texts)
    numbers: dict[str, int] = found.vocab
    words = tuple(sorted(numbers))
    place = np.empty(max(numbers.values(), default=-1) + 1, dtype=np.int64)
    place[[numbers[word] for word in words]] = np.arange(len(words))
    lengths = np.fromiter(map(len, found.ids), dtype=np.int64, count=len(texts))
    flat = place[np.fromiter(chain.from_iterable(found.ids), dtype=np.int64, count=int(lengths.sum()))]
    firsts = np.concatenate([[0], np.cumsum(lengths)])
    edges = np.asarray(windows, dtype=np.int64).reshape(len(windows), 2)
    starts, wide = firsts[edges[:, 0]], firsts[edges[:, 1]] - firsts[edges[:, 0]]
    inside = np.arange(wide.sum()) - np.repeat(np.cumsum(wide) - wide, wide)
    return _postings(words, flat, lengths), _postings(words, flat[np.repeat(starts, wide) + inside], wide)


def _postings(words: tuple[str, ...], flat: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]) -> Postings:
    """The table of rows whose words stand one after the other."""
    rows = max(len(lengths), 1)
    pairs, counts = np.unique(flat * rows + np.repeat(np.arange(len(lengths)), lengths), return_counts=True)
    firsts = np.searchsorted(pairs, np.arange(len(words) + 1) * rows)
    most = np.iinfo(np.uint16).max
    return Postings(
        words,
        firsts.astype(np.int64),
        (pairs % rows).astype(np.int32),
        np.minimum(counts, most).astype(np.uint16),
        lengths.astype(np.int32),
    )


class LexicalIndex:
    """BM25 scores of every row for a question. Words are lower-cased and stemmed, English stop words dropped."""

    def __init__(self, parts: Sequence[Postings], *, gone: npt.NDArray[np.bool_] | None = None) -> None:
        """Join tables.

        Args:
            parts: Their rows are numbered on from one to the next.
            gone: Rows that are no more, shape (rows,): they score 0, and others as if these had never been.
        """
        self._parts = tuple(parts)
        lengths = [part.lengths for part in parts]
        self._lengths = np.concatenate(lengths) if lengths else np.empty(0, np.int32)
        self._gone = gone if gone is not None and gone.any() else None
        counted = self._lengths if self._gone is None else self._lengths[~self._gone]
        self._counted = len(counted)
        average = float(counted.mean()) if len(counted) and counted.any() else 1.0
        self._norms = (K1 * (1 - B + B * self._lengths / average)).astype(np.float32)

    @classmethod
    def of(cls, texts: Sequence[str]) -> LexicalIndex:
        """Index texts, one per row."""
        return cls(build_postings(texts, [])[:1])

    def __len__(self) -> int:
        return len(self._lengths)

    def knows(self, name: str) -> bool:
        """Whether some row has a word that begins like a name: Israel and Israeli count as one."""
        return all(any(self._begins(part, start) for part in self._parts) for start in beginnings(name))

    def _begins(self, part: Postings, start: str) -> bool:
        number = bisect_left(part.words, start)
        while number < len(part.words) and part.words[number].startswith(start):
            if self._gone is None or self.frequency(part.words[number]):
                return True
            number += 1
        return False

    def scores(self, question: str) -> Scores:
        """Score every row.

        Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, with the idf of
        Lucene.

        Args:
            question: Any text; words no row holds count nothing.

        Returns:
            BM25 scores, float32, shape (rows,); zeros where no word is shared.
        """
        scores = np.zeros(len(self), dtype=np.float32)
        for word, times in Counter(stems_of([question])[0]).items():
            frequency = self.frequency(word)
            idf = np.float32(times * np.log(1 + (self._counted - frequency + 0.5) / (frequency + 0.5)))
            start = 0
            for part in self._parts:
                where = part.find(word)
                rows, counts = part.rows[where], part.counts[where].astype(np.float32)
                end = start + len(part.lengths)
                scores[start:end][rows] += idf * (counts / (self._norms[start:end][rows] + counts))  # rows are distinct
                start = end
        if self._gone is not None:
            scores[self._gone] = 0
        return scores

    def frequency(self, word: str) -> int:
        """How many rows have a word."""
        count, start = 0, 0
        for part in self._parts:
            where = part.find(word)
            count += where.stop - where.start
            if self._gone is not None:
                count -= int(self._gone[start : start + len(part.lengths)][part.rows[where]].sum())
            start += len(part.lengths)
        return count


def stems_of(texts: Sequence[str]) -> list[list[str]]:
    """The words of each text as they are looked for: lower-cased, stemmed, without English stop words, in order."""
    tokens = _tokenized(texts)
    words = {number: word for word, number in tokens.vocab.items()}
    return [[words[number] for number in ids] for ids in tokens.ids]


def beginnings(name: str) -> list[str]:
    """How words begin that stand for a name, one for each of its words; as they are stemmed: Hamas is kept as hama."""
    return [stem[:5] for stem in stems_of([name])[0] or [name.casefold()]]


def mentions(text: str, names: Iterable[str]) -> bool:
    """Whether a text has a word for every one of some names: one that begins like it, or is how it begins.

    Args:
        text: Of any length; it is stemmed once.
        names: Folded or not.

    Returns:
        True where none is missing.
    """
    words = frozenset(stems_of([text])[0])
    starts = {start for name in names for start in beginnings(name)}
    # 'Israeli' is stemmed to 'isra'
    return all(start[:4] in words or any(word.startswith(start) for word in words) for start in starts)


def best_rows(scores: Scores, count: int) -> npt.NDArray[np.int64]:
    """The rows with the highest scores above 0, without sorting them all.

    Args:
        scores: Shape (n,).
        count: Most rows to return; at least 1.

    Returns:
        Row numbers, ascending; of equal scores at the end the lowest rows.
    """
    whole = len(scores) // _BLOCK * _BLOCK
    least = 0.0
    if whole // _BLOCK > count:  # each of the best blocks holds a row as good as its best: no row below them can count
        blocks = scores[:whole].reshape(-1, _BLOCK).max(axis=1)
        least = float(np.partition(blocks, -count)[-count])
    rows = np.flatnonzero((scores >= least) & (scores > 0)) if least <= 0 else np.flatnonzero(scores >= least)
    if len(rows) <= count:
        return rows
    found = scores[rows]
    last = np.partition(found, -count)[-count]
    above = rows[found > last]
    return np.sort(np.concatenate([above, rows[found == last][: count - len(above)]]))


def _tokenized(texts: Sequence[str]) -> _Tokenized:
    """Words of each text as numbers, and the words they stand for."""
    import bm25s  # noqa: PLC0415 - only a search needs it
    import Stemmer  # noqa: PLC0415

    stemmer = Stemmer.Stemmer("english")

    def stemmed(words: list[str]) -> list[str]:
        return cast(list[str], stemmer.stemWords([_american(word) for word in words]))

    found = bm25s.tokenize([unaccented(text) for text in texts], stopwords="en", stemmer=stemmed, show_progress=False)
    return _Tokenized(found.ids, found.vocab)


def unaccented(text: str) -> str:
    """Élysée as Elysee, Łódź as Lodz: whoever asks may have no key for the accents. Other scripts stay as they are."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", text))).translate(_LETTERS)


def _american(word: str) -> str:
    """A word in American spelling, so that 'organisation' finds 'organization'. Every form of a word changes alike."""
    for british, american in _SPELLINGS:
        word = british.sub(american, word)
    return word
