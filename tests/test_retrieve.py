"""Fusion of the four rankings."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import FakeEmbedder

from index import retrieve
from index.lexical import LexicalIndex
from index.retrieve import AROUND_VECTOR, AROUND_WORDS, OWN_WORDS, Retriever
from index.vectors import VectorIndex

TEXTS = ["red tram", "blue tram", "red bridge", "old mill", "old mill"]


def retriever(texts: list[str]) -> Retriever:
    vectors = VectorIndex(FakeEmbedder().embed_passages(texts))
    return Retriever(vectors, vectors, LexicalIndex.of(texts), LexicalIndex.of(texts), np.arange(len(texts)))


def search(question: str, *, k: int = 9, rows: list[int] | None = None) -> list[tuple[int, float]]:
    return retriever(TEXTS).search(
        question,
        FakeEmbedder().embed_questions([question])[0],
        k=k,
        rows=None if rows is None else np.array(rows, np.int64),
    )


def test_the_best_match_is_first() -> None:
    found = search("red tram")
    assert found[0][0] == 0
    assert found[0][1] == pytest.approx(1 + AROUND_VECTOR + OWN_WORDS + AROUND_WORDS, abs=1e-5)
    assert sorted(row for row, _ in found) == [0, 1, 2, 3, 4]
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)


def test_ties_go_by_row() -> None:
    assert [row for row, _ in search("old mill")][:2] == [3, 4]


@pytest.mark.parametrize(("rows", "found"), [([2, 1], {1, 2}), ([], set()), ([4], {4})])
def test_only_the_rows_named(rows: list[int], found: set[int]) -> None:
    assert {row for row, _ in search("red tram", rows=rows)} == found


def test_at_most_k() -> None:
    assert len(search("red tram", k=2)) == 2


def test_an_empty_index() -> None:
    empty = Retriever(*[VectorIndex(np.empty((0, 64), np.float32))] * 2, *[LexicalIndex([])] * 2, np.arange(0))
    assert empty.search("tram", FakeEmbedder().embed_questions(["tram"])[0], k=3) == []


def test_a_small_pool_finds_the_same_best(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"word{i} common thing{i % 7}" for i in range(300)]
    question = "word123 thing4"
    whole = retriever(texts).search(question, FakeEmbedder().embed_questions([question])[0], k=1)
    monkeypatch.setattr(retrieve, "POOL", 5)
    assert retriever(texts).search(question, FakeEmbedder().embed_questions([question])[0], k=1) == whole
    assert whole[0][0] == 123
