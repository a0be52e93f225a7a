"""VectorIndex: FAISS behind a few verbs. Row numbers and scores, no text."""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import faiss

Vectors = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

# Up to here every row is compared: exact, and on one core 6 ms for 100,000 rows of 384. Beyond it rows are sorted into
# cells around trained centres and only the nearest cells are looked through; docs/scale.md has what that loses.
EXACT_ROWS = 200_000
_CELLS_LOOKED_AT = 1 / 16  # of all, which are twice the square root of the rows
_TRAINED_ON = 40  # rows for each cell, drawn evenly; FAISS wants 39


class VectorIndex:
    """Search by cosine over unit rows, exact up to `EXACT_ROWS`."""

    def __init__(self, rows: Vectors) -> None:
        """Index the rows.

        Args:
            rows: Unit vectors, float32, shape (n, dim); n may be 0.

        Raises:
            ValueError: The rows are not a finite matrix.
        """
        if rows.ndim != 2 or not np.isfinite(rows).all():
            raise ValueError(f"rows must be a finite matrix, not shape {rows.shape}")
        self._join([_index_of(np.ascontiguousarray(rows, dtype=np.float32))], None)

    @classmethod
    def load(cls, path: Path) -> VectorIndex:
        """Map a saved index into memory; its pages are read when they are looked at.

        Args:
            path: What `save` wrote, unchanged.

        Returns:
            The index.
        """
        import faiss  # noqa: PLC0415 - only a search needs it

        index = cls.__new__(cls)
        index._join([faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)], None)
        return index

    @classmethod
    def joined(cls, parts: Sequence[VectorIndex], *, gone: npt.NDArray[np.bool_] | None = None) -> VectorIndex:
        """Search several indexes as one.

        Args:
            parts: At least one; their rows are numbered on from one to the next.
            gone: Rows that are not to be found, shape (rows of all parts,).

        Returns:
            The index.
        """
        index = cls.__new__(cls)
        index._join([single for part in parts for single in part._parts], gone)
        return index

    def _join(self, parts: list[faiss.Index], gone: npt.NDArray[np.bool_] | None) -> None:
        self.dim = int(parts[0].d)
        self._parts = parts
        self._starts = np.cumsum([0, *(part.ntotal for part in parts)])
        alive = np.ones(len(self), dtype=bool) if gone is None else ~gone
        # One bit a row. FAISS goes through a flat index six times as fast with a selector as without.
        self._alive = [
            np.packbits(alive[start : start + part.ntotal], bitorder="little")
            for part, start in zip(parts, self._starts, strict=False)
        ]

    def save(self, path: Path) -> None:
        """Write an index of one part; OSError where it cannot be written."""
        import faiss  # noqa: PLC0415

        try:
            faiss.write_index(self._parts[0], str(path))
        except (RuntimeError, TypeError) as error:  # what FAISS says of a full disk, and of a path that is not UTF-8
            raise OSError(f"{path}: {error}") from error

    def __len__(self) -> int:
        return int(self._starts[-1])

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
        rows, scores = self.nearest(query, k=k)
        return [(int(row), float(score)) for row, score in zip(rows, scores, strict=True)]

    def nearest(self, query: Vectors, *, k: int) -> tuple[Rows, Vectors]:
        """As `search`, as arrays: rows, int64, and their cosines."""
        if k < 1:
            raise ValueError(f"k must be at least 1, not {k}")
        self._check(query)
        found = [self._search_part(number, query, k) for number in range(len(self._parts))]
        rows, scores = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
        order = np.lexsort((rows, -scores))[:k]
        return rows[order], scores[order]

    def _search_part(self, number: int, query: Vectors, k: int) -> tuple[Rows, Vectors]:
        import faiss  # noqa: PLC0415

        part = self._parts[number]
        alive = faiss.IDSelectorBitmap(self._alive[number])  # type: ignore[arg-type, call-arg] # the stubs are C++'s
        options: faiss.SearchParameters
        if isinstance(part, faiss.IndexIVF):
            looked_at = max(1, round(part.nlist * _CELLS_LOOKED_AT))
            options = faiss.SearchParametersIVF(nprobe=looked_at, sel=alive)  # type: ignore[call-arg]
        else:
            options = faiss.SearchParameters(sel=alive)  # type: ignore[call-arg]
        scores, rows = part.search(query.reshape(1, -1), min(k, max(part.ntotal, 1)), params=options)
        real = rows[0] >= 0  # FAISS fills up with row -1 where it has too few rows
        return rows[0][real] + self._starts[number], scores[0][real]

    def scores(self, query: Vectors, rows: Rows) -> Vectors:
        """Cosine of one query with the rows named.

        Args:
            query: Unit vector, float32, shape (dim,).
            rows: Row numbers, shape (m,).

        Returns:
            Cosines, float32, shape (m,).
        """
        self._check(query)
        scores = np.empty(len(rows), dtype=np.float32)
        owners = np.searchsorted(self._starts, rows, side="right") - 1
        for number, part in enumerate(self._parts):
            own = owners == number
            if own.any():
                vectors = part.reconstruct_batch(rows[own] - self._starts[number])
                scores[own] = np.einsum("ij,j->i", vectors, query)  # BLAS rounds a row by where it stands: ties break
        return scores

    def _check(self, query: Vectors) -> None:
        if query.shape != (self.dim,) or not np.isfinite(query).all():
            raise ValueError(f"query must be a finite vector of length {self.dim}, not shape {query.shape}")


def _index_of(rows: Vectors) -> faiss.Index:
    """The kind of index that a number of rows asks for, filled."""
    import faiss  # noqa: PLC0415

    if len(rows) <= EXACT_ROWS:
        flat = faiss.IndexFlatIP(rows.shape[1])
        if len(rows):
            flat.add(rows)
        return flat
    cells = 2 * isqrt(len(rows))
    index = faiss.index_factory(rows.shape[1], f"IVF{cells},SQfp16", faiss.METRIC_INNER_PRODUCT)
    assert isinstance(index, faiss.IndexIVF)
    index.cp.niter = 8  # further rounds hardly change the cells
    sample = np.linspace(0, len(rows) - 1, min(cells * _TRAINED_ON, len(rows)), dtype=np.int64)
    index.train(rows[sample])
    index.add(rows)
    index.make_direct_map()
    return index
