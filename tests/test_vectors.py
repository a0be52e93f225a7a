"""VectorIndex against numpy brute force, and what FAISS would get wrong in silence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import vectors
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


@pytest.fixture
def in_cells(monkeypatch: pytest.MonkeyPatch) -> Vectors:
    """Rows in groups, as sentences are, and more than are searched one by one."""
    monkeypatch.setattr(vectors, "EXACT_ROWS", 1000)
    rows = np.repeat(unit_rows(200, 32), 100, axis=0) + 0.1 * unit_rows(20_000, 32, 5)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


@pytest.mark.slow
def test_cells_find_nearly_all(in_cells: Vectors, tmp_path: Path) -> None:
    built = VectorIndex(in_cells)
    built.save(tmp_path / "rows")
    loaded = VectorIndex.load(tmp_path / "rows")
    found = 0
    for query in in_cells[::200]:
        wanted = set(np.argsort(-(in_cells @ query), kind="stable")[:10].tolist())
        rows, scores = loaded.nearest(query, k=10)
        found += len(wanted & set(rows.tolist()))
        assert scores == pytest.approx(in_cells[rows] @ query, abs=2e-3)  # kept in 16 bits
        assert loaded.scores(query, rows) == pytest.approx(in_cells[rows] @ query, abs=2e-3)
        assert rows.tolist() == built.nearest(query, k=10)[0].tolist()
    assert found >= 0.95 * 1000


@pytest.mark.slow
def test_rows_that_are_gone_are_not_found_in_cells(in_cells: Vectors) -> None:
    gone = np.zeros(len(in_cells), dtype=bool)
    gone[::2] = True
    index = VectorIndex.joined([VectorIndex(in_cells)], gone=gone)
    rows, _ = index.nearest(in_cells[0], k=40)
    assert len(rows) == 40
    assert not gone[rows].any()


def test_joined_parts_are_searched_as_one() -> None:
    rows = unit_rows(50, 8)
    gone = np.random.default_rng(4).random(50) < 0.4
    joined = VectorIndex.joined([VectorIndex(rows[:20]), VectorIndex(rows[20:20]), VectorIndex(rows[20:])], gone=gone)
    query = unit_rows(1, 8, 9)[0]
    order = np.argsort(-(rows @ query))
    assert [row for row, _ in joined.search(query, k=50)] == [row for row in order.tolist() if not gone[row]]
    some = np.array([0, 19, 20, 49])
    assert joined.scores(query, some) == pytest.approx(rows[some] @ query, abs=1e-6)


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    rows, query = unit_rows(50, 8), unit_rows(1, 8, 9)[0]
    VectorIndex(rows).save(tmp_path / "rows ü")
    assert VectorIndex.load(tmp_path / "rows ü").search(query, k=9) == VectorIndex(rows).search(query, k=9)
    with pytest.raises(OSError, match="nowhere"):
        VectorIndex(rows).save(tmp_path / "nowhere" / "rows")
