"""How many, how much, which one: bounds, units and events beside a claim's figures. Doubt may reject."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.load import load_folder
from index.sentences import split_article
from qa.faithful import strays
from qa.measures import mismeasured

BLAZE = "At least 10 people were killed in the blaze and 12 wounded, the third in two weeks; most of the houses burnt."
FEE = "Members may not pay more than 30 euros, nearly half of what it costs the town."


@pytest.mark.parametrize(
    ("claim", "source", "problem"),
    [
        ("At least 10 people were killed.", BLAZE, None),
        ("More than 10 people were killed.", BLAZE, None),  # as good as 'at least'
        ("Up to 10 people were killed.", BLAZE, "Up to 10"),
        ("10 people were killed.", BLAZE, None),  # qa/complete.py puts the bound back
        ("Over 12 were wounded.", BLAZE, "Over 12"),
        ("12 people were killed.", BLAZE, "12 wounded"),
        ("12 people were wounded.", BLAZE, None),
        ("It was the third blaze in two weeks.", BLAZE, None),
        ("It was the second blaze in two weeks.", BLAZE, "second"),
        ("It was the third in two months.", BLAZE, "no month"),
        ("All of the houses burnt.", BLAZE, "all"),
        ("Most houses burnt.", BLAZE, None),
        ("In all, 10 people were killed.", BLAZE, None),
        ("Dozens of people were killed.", BLAZE, "dozens"),
        ("Members pay 30 euros.", FEE, "30"),
        ("Members do not pay more than 30 euros.", FEE, None),
        ("No more than 30 euros may be asked.", "The fee is 30 euros at most: no more than 30 euros.", None),
        ("The fee is $30.", "The fee is 30 euros.", "no dollar"),
        ("The fee is €30.", "The fee is 30 euros.", None),
        ("The fee is 30 pounds.", "The fee is £30.", None),
        ("The town pays half.", FEE, None),
        ("The town pays a quarter.", FEE, "quarter"),
        ("The town doubled it.", "The town paid twice as much.", None),
        ("It was the 3rd.", "It was the third.", None),
        ("It was the third.", "It was the 3rd.", None),
        ("Runners ran 10 kilometres.", "Runners ran the 10km race.", None),
        ("It weighs 70kg.", "It weighs 70kg.", None),
        ("Ana Roe is 54 years old.", "Ana Roe, 54, came.", None),
        ("It fell to 30 degrees.", "It fell to 30°C.", None),
        ("The plant closed in 2023.", "At the end of 2023, the plant closed, 20 years after it opened.", None),
        ("It had 650 workers before.", "It has 400 workers, down from 650.", None),
        ("Half a million came.", "Some 500,000 came.", None),
        ("Hundreds came.", "Several hundred came.", None),
        ("It pays every month.", "It pays monthly.", None),
        ("It was built over 5 years.", "It was built in 5 years.", None),
        ("Over 5 people came.", "5 people came.", "Over 5"),
        ("The dispute over the 2026 budget ended.", "The dispute about the 2026 budget ended.", None),
        ("", BLAZE, None),
    ],
)
def test_what_is_measured_otherwise(claim: str, source: str, problem: str | None) -> None:
    found = mismeasured(claim, source)
    assert (problem in found) if problem and found else (found is problem)


@given(st.lists(st.sampled_from([*BLAZE.split(), *FEE.split(), "£5", "no", "1,000"]), max_size=12))
def test_a_sentence_measures_as_itself(words: list[str]) -> None:
    sentence = " ".join(words)
    assert mismeasured(sentence, sentence) is None


def test_no_sentence_is_stopped_against_itself(seeds: Path) -> None:
    texts = [s.text for article in load_folder(seeds).articles for s in split_article(article).sentences]
    assert len(texts) > 100
    assert [t for t in texts if mismeasured(t, t) or strays(t, t, known="")] == []
