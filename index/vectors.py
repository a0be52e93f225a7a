"""VectorIndex: FAISS behind two verbs. Row numbers and scores, no text."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]


class VectorIndex:
    """Exact search by cosine over unit rows."""

    def __init__(self, rows: Vectors) -> None:
        """Index the rows.

        Args:
            rows: Unit vectors, float32, shape (n, dim); n may be 0.

        Raises:
            ValueError: The rows are not a finite matrix.
        """
        if rows.ndim != 2 or not np.isfinite(rows).all():
            raise ValueError(f"rows must be a finite matrix, not shape {rows.shape}")
        import faiss  # noqa: PLC0415 - only a search needs it

        self.dim = rows.shape[1]
        self._faiss = faiss.IndexFlatIP(self.dim)
        if len(rows):
            self._faiss.add(np.ascontiguousarray(rows, dtype=np.float32))

    def __len__(self) -> int:
        return int(self._faiss.ntotal)

    def search(self, query: Vectors, *, k: int) -> list[tuple[int, float]]:
        """Find the rows nearest to one query.

        Args:
            query: Unit vector, float32, shape (dim,).
            k: Most rows to return; at least 1.

        Returns:
            At most k pairs (row number, cosine in -1..1), best first, ties by row number.

        Raises:
            ValueError: k is below 1, or query is not a finite vector of length dim.
        """
        if k < 1:
            raise ValueError(f"k must be at least 1, not {k}")
        self._check(query)
        scores, rows = self._faiss.search(query.reshape(1, -1), min(k, max(len(self), 1)))
        # FAISS fills up with row -1 where it has too few rows.
        found = [(int(row), float(score)) for row, score in zip(rows[0], scores[0], strict=True) if row >= 0]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def scores(self, query: Vectors, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Cosine of one query with the rows named.

        Args:
            query: Unit vector, float32, shape (dim,).
            rows: Row numbers, shape (m,).

        Returns:
            Cosines, float32, shape (m,).
        """
        self._check(query)
        if not len(rows):
            return np.empty(0, dtype=np.float32)
        vectors: Vectors = self._faiss.reconstruct_batch(rows)
        return np.asarray(vectors @ query, dtype=np.float32)

    def _check(self, query: Vectors) -> None:
        if query.shape != (self.dim,) or not np.isfinite(query).all():
            raise ValueError(f"query must be a finite vector of length {self.dim}, not shape {query.shape}")
