"""Misspelt questions, with the real dictionary."""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.lexical import LexicalIndex
from index.passage_index import PassageIndex
from index.spelling import respelled

WORDS = LexicalIndex.of(
    ["The coalition has 86 countries.", "They built a plan.", "Mrs Okafor directs the museum.", "His thief was caught."]
)


def frequencies_in(words: LexicalIndex) -> Callable[[Sequence[str]], list[int]]:
    return lambda stems: [words.frequency(stem) for stem in stems]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("who leads the coaltion?", "who leads the coalition?"),
        ("Which Countires are in it?", "Which Countries are in it?"),
        ("What does Okafro direct?", "What does Okafor direct?"),
        ("Who leads the coaltion's musem?", "Who leads the coalition's museum?"),
        ("the coalitions", "the coalitions"),  # known by its stem
        ("Where did the plane land?", "Where did the plane land?"),  # no article has it, but a dictionary
        ("What is thier plan?", "What is thier plan?"),  # 'their' is looked for nowhere, and 'thief' is not meant
        ("Who is Zzyzxq?", "Who is Zzyzxq?"),
        ("Coalitiom? It doesn't.", "Coalition? It doesn't."),
        ("What is H₂SO₄ to x²y²z² and ①②③④⑤?", "What is H₂SO₄ to x²y²z² and ①②③④⑤?"),
        ("mus plna", "mus plna"),  # too short to tell
        ("", ""),
    ],
)
def test_a_slip_is_put_right_and_nothing_else(typed: str, meant: str) -> None:
    assert respelled(typed, frequencies_in(WORDS)) == meant


def test_of_several_words_the_most_frequent_is_meant() -> None:
    words = LexicalIndex.of(["a kitten", "a kitted boat", "the kitten", "this kitted boat", "my kitten"])
    assert respelled("kittex", frequencies_in(words)) == "kitten"


@given(st.text(alphabet=string.ascii_letters + string.punctuation + " éß’0", max_size=40))
def test_words_the_articles_have_stay(text: str) -> None:
    words = LexicalIndex.of([text])
    assert respelled(text, frequencies_in(words)) == text


def test_a_misspelt_question_finds_what_the_right_one_finds(towns: PassageIndex) -> None:
    right, wrong = (towns.search(f"What does the {word} want?", k=9) for word in ("council", "councli"))
    assert right == wrong
    assert "council" in right[0].sentence.text
