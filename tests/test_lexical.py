"""BM25 over stemmed words."""

from __future__ import annotations

import bm25s
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.lexical import K1, B, LexicalIndex, best_rows, build_postings, mentions

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
    scores = LexicalIndex.of(TEXTS).scores(question)
    assert scores.shape == (5,)
    assert scores.dtype == np.float32
    assert set(np.flatnonzero(scores > 0)) == rows


def test_a_rarer_word_counts_more() -> None:
    scores = LexicalIndex.of(["tram council", "tram bus", "tram bridge"]).scores("tram council")
    assert scores[0] > scores[1] == pytest.approx(scores[2])


@pytest.mark.parametrize("texts", [[], ["", ""], ["the", "of"]])
def test_nothing_to_index(texts: list[str]) -> None:
    index = LexicalIndex.of(texts)
    assert len(index) == len(texts)
    assert not index.scores("tram").any()


def test_a_word_repeated_thousands_of_times() -> None:
    assert np.isfinite(LexicalIndex.of(TEXTS).scores("tram " * 20_000)).all()


def test_windows_score_as_their_texts_would() -> None:
    texts = ["Trams of Leeds run.", "A tram stops here.", "Nothing runs on Monday.", ""]
    windows = [(0, 2), (0, 3), (1, 3), (3, 4)]
    own, around = (LexicalIndex([table]) for table in build_postings(texts, windows))
    joined = LexicalIndex.of([" ".join(texts[first:end]) for first, end in windows])
    for question in ("tram", "running on Monday", "zebra"):
        assert np.array_equal(own.scores(question), LexicalIndex.of(texts).scores(question))
        assert np.array_equal(around.scores(question), joined.scores(question))
    empty, over_nothing = (LexicalIndex([table]) for table in build_postings([], []))
    assert len(empty) == len(over_nothing) == 0


WORDS = [f"word{number}" for number in range(40)]


def made_up(count: int, seed: int) -> list[str]:
    chance = np.random.default_rng(seed)
    shares = 1 / np.arange(1, len(WORDS) + 1)
    return [" ".join(chance.choice(WORDS, chance.integers(0, 15), p=shares / shares.sum())) for _ in range(count)]


@pytest.mark.parametrize("seed", range(5))
def test_scores_are_those_of_the_library(seed: int) -> None:
    texts = made_up(400, seed)
    peer = bm25s.BM25(k1=K1, b=B)
    peer.index(bm25s.tokenize(texts, return_ids=False, show_progress=False), show_progress=False)
    index = LexicalIndex.of(texts)
    for question in made_up(20, seed + 100):
        words = bm25s.tokenize([question], return_ids=False, show_progress=False)[0]
        wanted = peer.get_scores(words) if words else np.zeros(400)
        assert index.scores(question) == pytest.approx(wanted, rel=2e-6)


def test_joined_parts_score_as_one_table() -> None:
    texts = made_up(300, 1)
    joined = LexicalIndex([build_postings(part, [])[0] for part in (texts[:200], texts[200:201], texts[201:])])
    for question in (*made_up(20, 2), "unheard"):
        assert np.array_equal(joined.scores(question), LexicalIndex.of(texts).scores(question))


def test_rows_that_are_gone_leave_no_trace() -> None:
    texts = [*made_up(300, 1), "onlyhere word1"]
    gone = np.random.default_rng(3).random(301) < 0.3
    gone[-1] = True
    index = LexicalIndex([build_postings(part, [])[0] for part in (texts[:150], texts[150:])], gone=gone)
    left = LexicalIndex.of([text for text, away in zip(texts, gone, strict=True) if not away])
    for question in made_up(20, 2):
        assert np.array_equal(index.scores(question)[~gone], left.scores(question))
        assert not index.scores(question)[gone].any()
    assert index.knows("word1")
    assert not index.knows("onlyhere")


@settings(max_examples=60, deadline=None)
@given(rows=st.integers(0, 5000), count=st.integers(1, 300), levels=st.integers(1, 50), seed=st.integers(0, 99))
def test_best_rows_are_those_of_a_full_sort(rows: int, count: int, levels: int, seed: int) -> None:
    scores = np.random.default_rng(seed).integers(0, levels, rows).astype(np.float32)
    order = np.lexsort((np.arange(rows), -scores))[:count]
    assert best_rows(scores, count).tolist() == sorted(row for row in order.tolist() if scores[row] > 0)


def test_a_name_is_known_however_stemming_cuts_it() -> None:
    words = LexicalIndex.of(["Lucas met Hamas leaders in Paris.", "French voters stayed away."])
    assert all(words.knows(name) for name in ("hamas", "lucas", "paris", "french", "frenchman"))
    assert not any(words.knows(name) for name in ("baghdad", "france's king", "lucerne"))


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("organisations", "an organization"),
        ("Who analysed it?", "it was analyzed"),
        ("neighbouring harbours", "the neighboring harbor"),
        ("the theatres of the centre", "a theater in centers"),
        ("defence programmes", "a defense program"),
        ("raised", "raising"),
        ("hours of four tours", "an hour on tour"),
        ("surprising advice", "surprised"),
    ],
)
def test_british_spelling_finds_american(asked: str, written: str) -> None:
    for question, text in ((asked, written), (written, asked)):
        scores = LexicalIndex.of([text, "nothing of the kind"]).scores(question)
        assert scores[0] > scores[1] == 0


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("Elysee palace", "L’Élysée"),
        ("Kraków", "in Krakow"),
        ("Lodz", "Łódź"),
        ("iPhone", "iPhone™"),
        ("Erdoğan", "Erdogan"),
    ],
)
def test_accents_make_no_difference(asked: str, written: str) -> None:
    for question, text in ((asked, written), (written, asked)):
        scores = LexicalIndex.of([text, "nothing of the kind"]).scores(question)
        assert scores[0] > scores[1] == 0


def test_a_text_mentions_names_in_any_form_but_only_if_it_has_them_all() -> None:
    text = "The Élysée and French diplomats spoke to Israeli papers."
    assert mentions(text, ())
    assert mentions(text, ("elysee", "israel's"))
    assert not mentions(text, ("elysee", "italy"))
    assert not mentions("", ("france",))
