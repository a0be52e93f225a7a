"""What is found for a question, by the kind of answer it wants."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import FakeEmbedder, articles_of

from index.passage_index import PassageIndex
from qa.find import SET_BACK, find, find_many
from qa.kinds import VAGUE

RED = "The tram to the mill is red."
NEW = "The tram to the mill opened in May."


@pytest.fixture
def mill(tmp_path: Path) -> PassageIndex:
    """Two sentences that match a question about the tram to the mill alike."""
    return PassageIndex.build(tmp_path / "mill", FakeEmbedder(), articles_of(a=RED, b=NEW))


def texts(index: PassageIndex, question: str) -> list[str]:
    return [hit.sentence.text for hit in find(index, question, k=9)]


def test_what_cannot_say_when_stands_behind_what_can(mill: PassageIndex) -> None:
    assert [hit.sentence.text for hit in mill.search("When was the tram to the mill?", k=9)] == [RED, NEW]
    assert texts(mill, "When was the tram to the mill?") == [NEW, RED]
    assert texts(mill, "Was it the tram to the mill?") == [RED, NEW]  # asks for no time


def test_hits_are_best_first_and_at_most_k(mill: PassageIndex) -> None:
    found = find(mill, "When was the tram to the mill?", k=9)
    assert [hit.rank for hit in found] == [1, 2]
    assert found[0].score > found[1].score
    assert find(mill, "When was the tram to the mill?", k=1) == found[:1]
    assert find(mill, "When was it?", k=9, only=["a"])[0].sentence.article.id == "a"
    assert find(mill, "When was it?", k=9, only=[]) == ()


@pytest.mark.parametrize(
    ("question", "sentence", "less"),
    [
        ("How many stops?", "It has 12 stops.", 0),
        ("How many stops?", "It has several stops.", VAGUE * SET_BACK),
        ("How many stops?", "It has stops.", SET_BACK),
        ("Which trams are not red?", "The trams are new.", 0),
    ],
)
def test_only_what_lacks_the_kind_scores_less(tmp_path: Path, question: str, sentence: str, less: float) -> None:
    index = PassageIndex.build(tmp_path, FakeEmbedder(), articles_of(a=sentence))
    (plain,), (found,) = index.search(question, k=1), find(index, question, k=1)
    assert found.sentence == plain.sentence
    assert plain.score - found.score == pytest.approx(less)


def test_many_questions_find_what_each_finds(mill: PassageIndex) -> None:
    questions = ["When did it open?", "How many mills are there?"]
    assert find_many(mill, questions, k=2) == [find(mill, question, k=2) for question in questions]
