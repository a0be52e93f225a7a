"""What sources call something: the question for it, and the sentences that say it."""

from __future__ import annotations

import pytest

from qa.asking import compares
from qa.descriptions import described, describes


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How do the articles describe Rox?", "Rox"),
        ("How do the different outlets each characterise the mine?", "mine"),
        ("And how does the press label Rox differently?", "Rox"),
        ("What do the sources call the mine?", "mine"),
        ("Which terms do the articles use for Rox?", "Rox"),
        ("What words do they use to describe Rox?", "Rox"),
        ("How is Ida Holm portrayed?", "Ida Holm"),
        ("How is the mine referred to in the articles?", "mine"),
        ("How do they refer to Rox?", "Rox"),
        ("How does Ida Holm describe Rox?", None),  # one speaker, who may not be another's
        ("How is Rox described by Ida Holm?", None),
        ("How is the closure framed by the papers?", "closure"),
        ("How do all 5 articles describe Rox?", "Rox"),
        ("How was the budget presented?", None),  # not as what
        ("How was the mine called in 1932?", None),
        ("How do the articles end?", None),
        ("How is Rox?", None),
    ],
)
def test_described(question: str, expected: str | None) -> None:
    assert described(question) == expected
    assert compares(question) >= (expected is not None)


@pytest.mark.parametrize(
    "sentence",
    [
        "Rox is a family firm.",
        "Rox, founded in 1911, was long the largest employer.",
        "She sold her shares in Rox, a family firm.",
        "She sold her shares in Rox (ROX), which digs for lead.",
        "They sued Rox, the last mine of the valley.",
        "The council sued the ailing mining company Rox again.",
        "The minister went on to label Rox “a gang”.",
        "He keeps calling Rox a gang.",
        "Rox has been described otherwise.",
        "Few see Rox as a danger.",
        "State Mining Company Rox paid.",
    ],
)
def test_describes(sentence: str) -> None:
    assert describes(sentence, "Rox")


@pytest.mark.parametrize(
    "sentence",
    [
        "The council sued Rox again.",
        "The fight against Rox goes on.",
        "Rox paid a fine.",
        "Rox is digging again.",
        "It was a deadly Rox mine.",
        "Of the fine paid by Rox, a source at the ministry said after the hearing that nothing was left.",
        "She called on Rox to pay.",
        "For Rox, the most important thing of this whole long year was to pay what it owed.",
        "Council Sues Mining Company Rox",  # a headline
        "The mine is a danger.",
        "Roxanne is a singer.",
    ],
)
def test_describes_not(sentence: str) -> None:
    assert not describes(sentence, "Rox")


def test_a_surname_stands_for_the_whole_name() -> None:
    assert describes("The mayor, the former miner Ida Holm, laughed.", "Holm")
    assert describes("Ida Holm is the mayor.", "Holm")


def test_a_thing_is_described_by_what_stands_before_it() -> None:
    assert describes("They closed the poisoned mine.", "mine")
    assert not describes("They closed a mine.", "mine")


def test_a_word_that_opens_a_sentence_is_no_description() -> None:
    assert not describes("Although Ida Holm paid, it rained.", "Holm")
    assert describes("Mayor Ida Holm paid.", "Holm")
