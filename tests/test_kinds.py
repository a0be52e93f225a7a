"""What kind of answer a question wants."""

from __future__ import annotations

import pytest

from qa.kinds import VAGUE, given, kind_missing


@pytest.mark.parametrize(
    ("question", "sentence", "missing"),
    [
        ("How many stops are there?", "The tram has 12 stops.", False),
        ("How many stops are there?", "The tram has dozens of stops.", False),
        ("How many stops are there?", "Twenty-two of them were closed.", False),
        ("How many passengers were there?", "Approximately 1,000 took the tram.", False),
        ("How many stops are there?", "It has several stops in Leeds.", VAGUE),
        ("How many stops are there?", "Every stop of the 1998 line is closed.", VAGUE),
        ("How many stops are there?", "The tram opened in 1998.", True),  # a year is no number of anything
        ("how much did it cost", "The tram was dear.", True),
        ("how much did it cost", "Entry is free.", False),
        ("When did it open?", "The tram opened in May.", False),
        ("When did it open?", "It opened after the war.", False),
        ("When did it open?", "The tram is red.", True),
        ("In what year did it open?", "The tram is red.", True),
        ("Where didn't the tram go?", "The tram went to Leeds.", True),
        ("Which city was never reached?", "The line ended before York.", False),
        ("Who did not vote for it?", "Ana Roe refused.", False),
        ("Who was not let in?", "Only members were let in.", False),
        ("Didn’t the tram stop?", "The tram stopped in Leeds.", False),  # asks as 'did it?' does
        ("Did it stop or not?", "The tram stopped in Leeds.", False),
        ("Who spoke when it opened?", "The mayor spoke.", False),  # asks who
        ("What did it cost?", "The tram is red.", False),  # cannot be told from the words
    ],
)
def test_what_is_missing_of_the_kind_asked_for(question: str, sentence: str, missing: float) -> None:
    assert kind_missing(question, sentence) == missing


@pytest.mark.parametrize(
    ("question", "text", "found"),
    [
        ("How many stops are there?", "In May 2014 it had 12 stops, since 3 June twenty.", {"12", "20"}),
        ("How many stops are there?", "There are dozens of stops.", {"dozens"}),
        ("How many took the tram?", "In 1998 it took 1,350 people to Leeds.", {"1350"}),
        ("What did it cost?", "It cost 40 million pounds, dozens of times its price of 1998.", {"40000000"}),
        ("When did it open?", "It opened on 3 June 2014.", {"3", "june", "2014"}),
        ("When did it open?", "It opened on a Tuesday.", {"tuesday"}),
        ("Who opened it?", "The mayor did on Tuesday, 3rd of June 2014.", set()),
    ],
)
def test_what_is_given(question: str, text: str, found: set[str]) -> None:
    assert given(question, text) == found
