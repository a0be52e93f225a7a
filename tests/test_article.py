"""The values: ranges are checked when they are made, text is a view."""

from __future__ import annotations

import dataclasses

import pytest

from index.article import Article, Passage, Sentence
from index.errors import OffsetError

ARTICLE = Article(id="a", text="One. Two. Three.", title="One")


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (3, 3), (4, 2), (0, 17), (16, 17)])
def test_a_range_outside_the_text_is_refused(start: int, end: int) -> None:
    with pytest.raises(OffsetError, match=r"sentence 0 of a: .*16 characters"):
        Sentence(ARTICLE, 0, start, end)


def test_a_sentence_is_a_view_of_its_article() -> None:
    last = Sentence(ARTICLE, 2, 10, 16)
    assert last.text == "Three."
    assert last.key == ("a", 2)
    with pytest.raises(dataclasses.FrozenInstanceError):
        last.start = 0  # type: ignore[misc]


def test_a_passage_runs_from_first_to_last() -> None:
    passage = Passage((Sentence(ARTICLE, 0, 0, 4), Sentence(ARTICLE, 1, 5, 9)))
    assert passage.text == "One. Two."
    assert passage.article is ARTICLE


def test_a_passage_is_never_empty() -> None:
    with pytest.raises(OffsetError):
        Passage(())
