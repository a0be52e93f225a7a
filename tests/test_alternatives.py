"""A question that offers a choice, taken apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.alternatives import alternatives


@pytest.mark.parametrize(
    ("question", "first", "second"),
    [
        ("Is the tram late or early?", "Is the tram late?", "Is the tram early?"),
        ("Was it paid by the city or by the state?", "Was it paid by the city?", "Was it paid by the state?"),
        ("Did she build a tram or the bridge?", "Did she build a tram?", "Did she build the bridge?"),
        ("Is it either safe or closed for good?", "Is it safe?", "Is it closed for good?"),
        ("Was it in Paris or in Bonn?", "Was it in Paris?", "Was it in Bonn?"),
        ("Did it open in 1955 or in 1956?", "Did it open in 1955?", "Did it open in 1956?"),
        ("Is it the same tram or something new?", "Is it the same tram?", "Is it something new?"),
        ("Is the aim to sell it, or rather to close it?", "Is the aim to sell it?", "Is the aim to close it?"),
        ("Will the tram pay, or will it cost jobs?", "Will the tram pay?", "Will it cost jobs?"),
        ("Is the line open, or has it closed?", "Is the line open?", "Has it closed?"),
        ("is it safe or is the line closed", "is it safe?", "Is the line closed?"),
    ],
)
def test_what_is_offered_is_asked_by_itself(question: str, first: str, second: str) -> None:
    assert alternatives(question) == (first, second)


@pytest.mark.parametrize(
    "question",
    [
        "Is the tram late?",
        "Is the tram late or not?",
        "Was it Ida Holm or someone else?",
        "Did the city or the state pay for the tram?",  # where the subject of the second ends, no word tells
        "Did she build the tram or close down an old bridge?",  # nor here where that of the first does
        "Is it red, green or blue?",
        "Is it red or green or blue?",
        "Is the tomato the fruit of a vine or a vegetable?",  # of which 'the' or 'a' it takes the place
        "Did she want to go to Bonn or to stay?",
        "Did he die of a heart attack or stroke?",
        "Was it signed by Ida Holm or Roe?",
        "Was it in Paris or in Bonn in 1955?",  # the year is the first one's too
        "Is it a coin or a share, according to the bank?",
        "Was it the army or the police that opened fire?",
        "Is the difference between a loan or a gift told?",
        "Did the report say that it burst or had burst before?",  # puts no question
        "Is the tram late, or is it not?",
        "Did the city pay or did the state?",
        "Did he call it “good” or “bad”?",
        "Did he watch 'Live or Die'?",
        "Is the tram late? I heard it is fast or slow.",
        "Will it close sooner or later?",
        "Did she vote for the tram or against?",
        "Was it in 2010 or later?",
        "Which is older, the tram or the bridge?",  # a choice of things, not of statements
        "Who may sell or let a tram?",
        "Did it take a day or two?",
        "or",
        "Is or?",
        "Is it or?",
        "",
    ],
)
def test_where_it_cannot_be_told_the_question_stays_one(question: str) -> None:
    assert alternatives(question) == ()


@given(st.lists(st.sampled_from("is did the a tram or , late , or? it by city".split()), max_size=12).map(" ".join))
def test_alternatives_are_two_questions_in_words_of_the_question(question: str) -> None:
    found = alternatives(question)
    assert len(found) in (0, 2)
    for each in found:
        assert each.endswith("?")
        assert set(each.casefold().rstrip("?").split()) <= set(question.casefold().replace("?", "").split())
