"""The splitter on the hand-checked sample of tests/data/sentences.txt, and the full stops it must not stop at."""

from __future__ import annotations

import pytest

from benchmarks.splitters import load_samples, ours, spans
from index.load import make_article
from index.sentences import split_article


def test_the_sample_is_split_as_well_as_measured() -> None:
    samples = load_samples()
    right = [len(spans(s.text, s.sentences) & spans(s.text, ours(s.text, s.language))) for s in samples]
    assert sum(len(s.sentences) for s in samples) == 75
    assert sum(right) >= 66


@pytest.mark.parametrize(
    "sentence",
    [
        "They met Gov. Andrew Cuomo and Sen. Ted Cruz.",
        "See Fig. 3 and pp. 12-14 of the report.",
        "Am 3. Oktober 1990 wurde gefeiert.",
        "Die 2. Bundesliga beginnt am 1. August.",
        "Er kam erst 12. Dezember an.",
        "La Dra. Pérez habló con EE. UU. sobre la pág. 12.",
    ],
)
def test_a_full_stop_that_ends_no_sentence(sentence: str) -> None:
    article = make_article("a", f"{sentence} Then all went home.")
    assert [s.text for s in split_article(article).sentences] == [sentence, "Then all went home."]


@pytest.mark.parametrize(
    "sentences",
    [
        ("He arrived on May 3.", "August was hot."),
        ("She scored 12.", "Nobody else did."),
        ("He bought a new cap.", "It was red."),
    ],
)
def test_a_full_stop_that_does(sentences: tuple[str, ...]) -> None:
    assert tuple(s.text for s in split_article(make_article("a", " ".join(sentences))).sentences) == sentences
