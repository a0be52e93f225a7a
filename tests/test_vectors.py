"""VectorIndex against numpy brute force, and what FAISS would get wrong in silence."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.vectors import VectorIndex

Vectors = npt.NDArray[np.float32]


def unit_rows(n: int, dim: int, seed: int = 1) -> Vectors:
    rows = np.random.default_rng(seed).normal(size=(n, dim))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 60), dim=st.integers(1, 24), k=st.integers(1, 80), seed=st.integers(0, 99))
def test_same_as_brute_force(n: int, dim: int, k: int, seed: int) -> None:
    rows, query = unit_rows(n, dim, seed), unit_rows(1, dim, seed + 100)[0]
    found = VectorIndex(rows).search(query, k=k)
    wanted = rows @ query
    assert len(found) == min(k, n)
    assert [score for _, score in found] == pytest.approx(sorted(wanted, reverse=True)[:k], abs=1e-5)
    assert [wanted[row] for row, _ in found] == pytest.approx([score for _, score in found], abs=1e-5)
    assert len({row for row, _ in found}) == len(found)


def test_ties_go_by_row() -> None:
    rows = np.tile(unit_rows(1, 8), (30, 1))
    assert [row for row, _ in VectorIndex(rows).search(rows[0], k=30)] == list(range(30))


def test_too_few_rows_give_no_row_minus_one() -> None:
    assert [row for row, _ in VectorIndex(unit_rows(3, 4)).search(unit_rows(1, 4)[0], k=10)] != []
    assert len(VectorIndex(unit_rows(3, 4)).search(unit_rows(1, 4)[0], k=10)) == 3


def test_an_empty_index_finds_nothing() -> None:
    empty = VectorIndex(np.empty((0, 4), np.float32))
    assert len(empty) == 0
    assert empty.search(unit_rows(1, 4)[0], k=3) == []
    assert empty.scores(unit_rows(1, 4)[0], np.empty(0, np.int64)).shape == (0,)


@pytest.mark.parametrize("query", [np.full(4, np.nan), np.full(4, np.inf), np.ones(3), np.ones((1, 4))])
def test_a_bad_query_is_refused(query: Vectors) -> None:
    index = VectorIndex(unit_rows(3, 4))
    with pytest.raises(ValueError, match="query must be a finite vector of length 4"):
        index.search(query.astype(np.float32), k=1)
    with pytest.raises(ValueError, match="query must be"):
        index.scores(query.astype(np.float32), np.array([0]))


@pytest.mark.parametrize("k", [0, -1])
def test_k_below_one_is_refused(k: int) -> None:
    with pytest.raises(ValueError, match="k must be at least 1"):
        VectorIndex(unit_rows(3, 4)).search(unit_rows(1, 4)[0], k=k)


@pytest.mark.parametrize("rows", [np.ones(4), np.array([[np.nan, 1.0]])])
def test_bad_rows_are_refused(rows: Vectors) -> None:
    with pytest.raises(ValueError, match="finite matrix"):
        VectorIndex(rows.astype(np.float32))


def test_scores_of_named_rows() -> None:
    rows, query = unit_rows(9, 5), unit_rows(1, 5, 7)[0]
    wanted = np.array([7, 0, 7], np.int64)
    assert VectorIndex(rows).scores(query, wanted) == pytest.approx(rows[wanted] @ query, abs=1e-6)


def test_ties_at_the_end_of_k_go_by_row() -> None:
    rows = np.concatenate([np.tile(unit_rows(1, 8), (30, 1)), unit_rows(5, 8, 2)])
    assert [row for row, _ in VectorIndex(rows).search(rows[0], k=10)] == list(range(10))
