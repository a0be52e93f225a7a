"""BM25 over stemmed words."""

from __future__ import annotations

import numpy as np
import pytest

from index.lexical import LexicalIndex

TEXTS = ["The council proposed a tram.", "Trams run daily.", "", "Das Café öffnet im März.", "the of and"]


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("proposing", {0}),
        ("TRAM", {0, 1}),
        ("café", {3}),
        ("zebra", set()),
        ("the of", set()),
        ("", set()),
        ("!?", set()),
    ],
)
def test_rows_that_share_a_word_score(question: str, rows: set[int]) -> None:
    scores = LexicalIndex(TEXTS).scores(question)
    assert scores.shape == (5,)
    assert scores.dtype == np.float32
    assert set(np.flatnonzero(scores > 0)) == rows


def test_a_rarer_word_counts_more() -> None:
    scores = LexicalIndex(["tram council", "tram bus", "tram bridge"]).scores("tram council")
    assert scores[0] > scores[1] == pytest.approx(scores[2])


@pytest.mark.parametrize("texts", [[], ["", ""], ["the", "of"]])
def test_nothing_to_index(texts: list[str]) -> None:
    index = LexicalIndex(texts)
    assert len(index) == len(texts)
    assert not index.scores("tram").any()


def test_a_word_repeated_thousands_of_times() -> None:
    assert np.isfinite(LexicalIndex(TEXTS).scores("tram " * 20_000)).all()


def test_windows_score_as_their_texts_would() -> None:
    texts = ["Trams of Leeds run.", "A tram stops here.", "Nothing runs on Monday.", ""]
    windows = [(0, 2), (0, 3), (1, 3), (3, 4)]
    own, around = LexicalIndex.with_windows(texts, windows)
    joined = LexicalIndex([" ".join(texts[first:end]) for first, end in windows])
    for question in ("tram", "running on Monday", "zebra"):
        assert np.array_equal(own.scores(question), LexicalIndex(texts).scores(question))
        assert np.array_equal(around.scores(question), joined.scores(question))
    empty, over_nothing = LexicalIndex.with_windows([], [])
    assert len(empty) == len(over_nothing) == 0


def test_a_name_is_known_however_stemming_cuts_it() -> None:
    words = LexicalIndex(["Lucas met Hamas leaders in Paris.", "French voters stayed away."])
    assert all(words.knows(name) for name in ("hamas", "lucas", "paris", "french", "frenchman"))
    assert not any(words.knows(name) for name in ("baghdad", "france's king", "lucerne"))
