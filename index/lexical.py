"""LexicalIndex: BM25 over stemmed words, by the bm25s library."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float32]


class LexicalIndex:
    """BM25 scores of every row for a question. Words are lower-cased and stemmed, English stop words dropped."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Index the texts.

        Args:
            texts: One per row; may be empty.
        """
        self._fill(self._tokens(texts))

    @classmethod
    def with_windows(
        cls, texts: Sequence[str], windows: Sequence[tuple[int, int]]
    ) -> tuple[LexicalIndex, LexicalIndex]:
        """Index texts, and windows over them; splitting all into words once takes half the time.

        Args:
            texts: One per row; may be empty.
            windows: For each row of the second index the range [first, end) of texts it is made of.

        Returns:
            The index of the texts and that of the windows.
        """
        own, around = cls.__new__(cls), cls.__new__(cls)
        tokens = cls._tokens(texts)
        own._fill(tokens)
        around._fill([list(chain.from_iterable(tokens[first:end])) for first, end in windows])
        return own, around

    def _fill(self, tokens: list[list[str]]) -> None:
        import bm25s  # noqa: PLC0415 - only a search needs it

        self._rows = len(tokens)
        self._bm25 = bm25s.BM25(k1=1.2, b=0.75) if any(tokens) else None
        if self._bm25 is not None:
            self._bm25.index(tokens, show_progress=False)

    def __len__(self) -> int:
        return self._rows

    def knows(self, name: str) -> bool:
        """Whether some row has a word that begins like a name: France and French, Israel and Israeli count as one."""
        if self._bm25 is None:
            return False
        stems = self._tokens([name])[0] or [name.casefold()]  # as the rows' words are stemmed: Hamas is kept as hama
        return all(any(word.startswith(stem[:5]) for word in self._bm25.vocab_dict) for stem in stems)

    def scores(self, question: str) -> Scores:
        """Score every row.

        Args:
            question: Any text; words no row holds count nothing.

        Returns:
            BM25 scores, float32, shape (rows,); zeros where no word is shared.
        """
        words = self._tokens([question])[0]
        if self._bm25 is None or not words:
            return np.zeros(self._rows, dtype=np.float32)
        return np.asarray(self._bm25.get_scores(words), dtype=np.float32)

    @staticmethod
    def _tokens(texts: Sequence[str]) -> list[list[str]]:
        import bm25s  # noqa: PLC0415
        import Stemmer  # noqa: PLC0415

        tokens: list[list[str]] = bm25s.tokenize(
            list(texts), stopwords="en", stemmer=Stemmer.Stemmer("english"), return_ids=False, show_progress=False
        )
        return tokens
