"""A follow-up made whole: what the model may change of it, and what it may not."""

from __future__ import annotations

import re
from contextlib import closing

import pytest
from conftest import FakeGenerator
from hypothesis import given
from hypothesis import strategies as st

from qa.grammar import LlamaGrammar
from qa.local import LlamaGenerator
from qa.prompt import rewrite_prompt
from qa.rewrite import between_leaning, filled_in, filling_grammar, own_words, whole_question

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
        ("", "And what does she say about buses?"),
    ],
)
def test_an_earlier_question_does_not_take_the_place_of_a_follow_up(filled: str, expected: str) -> None:
    assert asked("And what does she say about buses?", HISTORY[0][0], filled) == (expected, 2)


def test_a_whole_question_is_left_alone() -> None:
    assert asked("What does Berlin cost?") == ("What does Berlin cost?", 0)
    assert whole_question("What does she say?", (), FakeGenerator()) == "What does she say?"


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("And what does she say about buses?", {"buses"}),
        ("According to that paper, who paid?", {"according", "paid"}),
        ("What post does the last one hold?", {"post", "hold"}),
        ("How many has it now, according to each report?", {"according", "each", "report"}),
        ("In 2019?", {"2019"}),
        ("And when was that?", set()),
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
    assert re.sub(r"\s+", " ", made) == re.sub(r"\s+", " ", whole)


@pytest.mark.model
@pytest.mark.parametrize("question", ["And what does she say about buses?", 'Did he write "a\\b" [sic]?', "Where?"])
def test_a_model_fills_in_what_the_words_lean_on(tiny: LlamaGenerator, question: str) -> None:
    written = tiny.write(rewrite_prompt(HISTORY, question), grammar=filling_grammar(question), max_tokens=80)
    whole = filled_in(between_leaning(question), written)
    assert whole
    assert not re.search(r"\b(?:she|he)\b", whole)


@pytest.mark.model
@given(question=st.text(max_size=60) | st.text(st.characters(categories=("Cs", "Cc", "P", "Zl")), max_size=9))
def test_a_grammar_can_be_made_of_any_follow_up(tiny: LlamaGenerator, question: str) -> None:
    with closing(LlamaGrammar(tiny._loaded(), filling_grammar(question))):  # a malformed one is an error
        pass
