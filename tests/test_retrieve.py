"""Fusion of the four rankings."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import FakeEmbedder

from index import retrieve
from index.lexical import LexicalIndex
from index.retrieve import AROUND_VECTOR, AROUND_WORDS, OWN_WORDS, Matches, Retriever
from index.vectors import VectorIndex

TEXTS = ["red tram", "blue tram", "red bridge", "old mill", "old mill"]


def retriever(texts: list[str]) -> Retriever:
    vectors = VectorIndex(FakeEmbedder().embed_passages(texts))
    words = LexicalIndex.of(texts)
    return Retriever(
        vectors, vectors, words, words, np.zeros(len(texts), np.int64), np.arange(len(texts), dtype=np.int32)
    )


def search(
    question: str, *, k: int = 9, rows: list[int] | None = None, texts: list[str] = TEXTS
) -> list[tuple[int, float]]:
    vector = FakeEmbedder().embed_questions([question])[0]
    only = None if rows is None else np.array(rows, np.int64)
    return [(row, score) for _, row, score in retriever(texts).match(question, vector, k=k, rows=only).best(k)]


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
    assert search("tram", texts=[]) == []


def test_ties_go_by_article_and_sentence() -> None:
    same = np.ones(4, np.float32)
    matches = Matches(np.array([1, 0, 1, 0]), np.array([2, 3, 1, 4]), same, same, same, same)
    assert [(article, sentence) for article, sentence, _ in matches.best(9)] == [(0, 3), (0, 4), (1, 1), (1, 2)]


def test_a_small_pool_finds_the_same_best(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"word{i} common thing{i % 7}" for i in range(300)]
    whole = search("word123 thing4", k=1, texts=texts)
    monkeypatch.setattr(retrieve, "POOL", 5)
    assert search("word123 thing4", k=1, texts=texts) == whole
    assert whole[0][0] == 123
