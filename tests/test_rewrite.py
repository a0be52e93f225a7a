"""A follow-up made whole: what the model may change of it, and what it may not."""

from __future__ import annotations

import re
from contextlib import closing

import pytest
from conftest import FakeGenerator
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.grammar import LlamaGrammar
from qa.local import LlamaGenerator
from qa.prompt import rewrite_prompt
from qa.rewrite import between_leaning, filled_in, filling_grammar, own_words, second_question, whole_question

HISTORY = (("What does Ana Roe say of trams?", "Ana Roe says trams are late."),)


def asked(question: str, *replies: str) -> tuple[str, int]:
    """The question as it is asked, by a model that writes some replies; how many of them it wrote."""
    left = list(replies)
    model = FakeGenerator(reply=lambda prompt: left.pop(0))
    return whole_question(question, HISTORY, model), len(replies) - len(left)


def test_a_rewriting_that_keeps_the_words_stands() -> None:
    whole = "What does Ana Roe say about buses?"
    assert asked("And what does she say about buses?", whole, "unused") == (whole, 1)
    assert asked("When?", "When are trams late?", "unused") == ("When are trams late?", 1)


@pytest.mark.parametrize(
    ("filled", "expected"),
    [
        ("What does Ana Roe say about buses?", "What does Ana Roe say about buses?"),
        ("What does Ana Roe say of trams say about buses?", "What does Ana Roe say about buses?"),  # began the old one
        ("Trams are late.", "And what does she say about buses?"),  # a server that does not heed grammars
        ("What does ", "And what does she say about buses?"),  # cut off
        ("", "And what does she say about buses?"),
    ],
)
def test_an_earlier_question_does_not_take_the_place_of_a_follow_up(filled: str, expected: str) -> None:
    assert asked("And what does she say about buses?", HISTORY[0][0], filled) == (expected, 2)


def test_a_rewriting_in_other_words_is_better_than_none() -> None:
    other = "How dear are the buses of Ana Roe?"
    assert asked("And what do they cost?", other, "") == (other, 2)


@pytest.mark.parametrize(
    ("question", "filled", "expected"),
    [
        ("Would it cost jobs?", "Would the tram cost jobs?", "Would the tram cost jobs?"),
        ("Would it cost jobs?", "Would the bus cost jobs?", ""),  # of which nothing was said
        ("Would it cost jobs?", "Trams are late.", ""),
        ("Would buses pay?", "unused", "Would buses pay?"),
    ],
)
def test_the_second_of_two_questions_in_one_is_filled_in(question: str, filled: str, expected: str) -> None:
    model = FakeGenerator(reply=lambda prompt: filled)
    assert second_question(question, "Will the tram pay?", model) == expected
    assert len(model.written) == (filled != "unused")


@pytest.mark.parametrize(
    ("question", "filled", "expected"),
    [
        ("Why is it the cheapest?", ("the report by the union",), "Why is the report by the union the cheapest?"),
        ("Was it a success?", ("the plan to build a tram",), "Was the plan to build a tram a success?"),
        ("How many of them are ill?", ("the people who are poor",), "How many of the people who are poor are ill?"),
        ("Did she say that buses are late?", ("Ana Roe", "buses are late"), "Did Ana Roe say buses are late?"),
    ],
)
def test_what_was_written_twice_is_left_out(question: str, filled: tuple[str, ...], expected: str) -> None:
    words = between_leaning(question)
    reply = words[0] + "".join(gap + piece for gap, piece in zip(filled, words[1:], strict=True))
    assert filled_in(words, f"{reply}?") == expected


def test_a_reply_that_does_not_fit_is_seen_at_once() -> None:
    words = between_leaning("it " * 200 + "is?")
    assert filled_in(words, "x " * 4000) == ""
    assert filled_in(words, "x " * 4000 + "?") == ""


def test_a_long_follow_up_is_asked_as_it_stands() -> None:
    question = "What does she say of " + "trams and " * 100 + "buses?"
    assert asked(question) == (question, 0)


def test_a_whole_question_is_left_alone() -> None:
    assert asked("What does Berlin cost?") == ("What does Berlin cost?", 0)
    assert whole_question("What does she say?", (), FakeGenerator()) == "What does she say?"


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("And what does she say about buses?", {"buses"}),
        ("According to that paper, who paid?", {"according", "paid"}),
        ("What post does the last one hold?", {"post", "hold"}),
        ("How many has it now, according to each report?", {"now", "according", "each", "report"}),
        ("In 2019?", {"2019"}),
        ("And when was that?", set()),
        ("And the EU?", {"eu"}),
        ("Can you tell me what the former president said of it?", {"president"}),
    ],
)
def test_own_words(question: str, words: set[str]) -> None:
    assert own_words(question) == words


@pytest.mark.parametrize(
    ("question", "pieces"),
    [
        ("And did he say it?", ("Did ", " say ", "")),
        ("Over what  period?", ("Over what period",)),
        ("It?", ("", "")),
        ("?", ("",)),
    ],
)
def test_between_leaning(question: str, pieces: tuple[str, ...]) -> None:
    assert between_leaning(question) == pieces


@given(st.text(alphabet='ab "\\\n[]{}()?.*+|^$she it\t', max_size=40))
def test_any_follow_up_can_be_filled_in(question: str) -> None:
    words = between_leaning(question)
    whole = "the tram".join(words) + ("?" if len(words) > 1 else " then?")
    made = filled_in(words, whole)
    assert re.sub(r"\s+", "", made) == re.sub(r"\s+", "", whole)


@pytest.mark.model
@pytest.mark.parametrize("question", ["And what does she say about buses?", 'Did he write "a\\b" [sic]?', "Where?"])
def test_a_model_fills_in_what_the_words_lean_on(tiny: LlamaGenerator, question: str) -> None:
    written = tiny.write(rewrite_prompt(HISTORY, question), grammar=filling_grammar(question), max_tokens=80)
    assert filled_in(between_leaning(question), written)


@pytest.mark.model
@settings(deadline=None)  # whichever comes first loads the model
@given(question=st.text(max_size=60) | st.text(st.characters(categories=("Cs", "Cc", "P", "Zl")), max_size=9))
def test_a_grammar_can_be_made_of_any_follow_up(tiny: LlamaGenerator, question: str) -> None:
    with closing(LlamaGrammar(tiny._loaded(), filling_grammar(question))):  # a malformed one is an error
        pass
