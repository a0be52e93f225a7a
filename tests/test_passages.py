"""Windows of neighbours: one for each sentence, never across a paragraph's end."""

from __future__ import annotations

import pytest

from index.load import make_article
from index.passages import window_passages
from index.sentences import split_article


def windows(text: str, reach: int = 1) -> list[str]:
    return [p.text for p in window_passages(split_article(make_article("a", text)).kept, reach=reach)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One here.", ["One here."]),
        (
            "One here. Two here. Three here.",
            ["One here. Two here.", "One here. Two here. Three here.", "Two here. Three here."],
        ),
        ("One here. Two here.\n\nThree here.", ["One here. Two here.", "One here. Two here.", "Three here."]),
        ("Headline\nOne here.", ["Headline", "One here."]),
    ],
)
def test_neighbours(text: str, expected: list[str]) -> None:
    assert windows(text) == expected


def test_reach() -> None:
    assert windows("One is. Two is. Three is.", reach=0) == ["One is.", "Two is.", "Three is."]
    assert windows("One is. Two is. Three is.", reach=9) == ["One is. Two is. Three is."] * 3


def test_no_sentences() -> None:
    assert window_passages(()) == ()
