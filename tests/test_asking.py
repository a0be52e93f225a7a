"""What a question itself says."""

from __future__ import annotations

import pytest

from index.article import Article
from qa.asking import asks_who, compares, leans, named_sources, parts, topic, yes_or_no

TEXT = "The tram will be late, and the city knows it."
SIGNED = Article(id="a", text=TEXT, title="Trams", author="Ana de Souza", publisher="Harbour Herald")
UNSIGNED = Article(id="b", text=TEXT, title="Trams again")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Who said that?", True),
        ("And what did Berlin say?", True),
        ("What about Berlin?", True),
        ("In which city?", True),
        ("How long did he stay in Berlin?", True),
        ("How many trams does Berlin own?", False),
        ("What did Ana Souza say about the harbour?", False),
    ],
)
def test_leans(question: str, expected: bool) -> None:
    assert leans(question) is expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What does Souza think of trams?", ("a",)),
        ("What does the Harbour Herald say?", ("a",)),
        ("What happened in the harbour?", ()),  # no name of an outlet, only one of its words
        ("Who is Ana?", ()),  # a first name alone may be anyone's
        ("What does Berlin think?", ()),
    ],
)
def test_named_sources(question: str, expected: tuple[str, ...]) -> None:
    assert named_sources(question, (SIGNED, UNSIGNED)) == expected


def test_naming_every_source_names_none() -> None:
    assert named_sources("What does Souza think?", (SIGNED,)) == ()


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("who claims the tram is late", True),
        ("Whose opinion is it that trams are slow?", True),
        ("Which newspaper counted the trams?", True),
        ("Who first said so?", True),
        ("Who runs the tram?", False),
        ("What did the mayor say?", False),
    ],
)
def test_asks_who(question: str, expected: bool) -> None:
    assert asks_who(question) is expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("When did the tram open, and what did it cost?", ("When did the tram open?", "What did it cost?")),
        (
            "Did Leeds build a tram and roughly how many stops does it have?",
            ("Did Leeds build a tram?", "Roughly how many stops does it have?"),
        ),
        ("Who runs it and does the city pay?", ("Who runs it and does the city pay?",)),  # too short to stand alone
        ("When and where was it built?", ("When and where was it built?",)),
        ("Which city runs a tram and has also sold it?", ("Which city runs a tram and has also sold it?",)),
        ("How many stops are there, and on whose authority?", ("How many stops are there, and on whose authority?",)),
        ("How many stops are there, and do the articles agree on it?", ("How many stops are there?",)),
        ("Do the articles agree?", ("Do the articles agree?",)),
        ("Do the articles agree on who paid for it?", ("Who paid for it?",)),
        ("Do all the sources agree that it is safe?", ("Is it true that it is safe?",)),
        ("do the reports differ on whether it is safe", ("Is it true that it is safe?",)),
        ("Do the papers disagree about the death toll?", ("What is said about the death toll?",)),
        ("Where was it built? I've seen two different cities.", ("Where was it built?",)),
        ("How many stops are there? Reports differ.", ("How many stops are there?",)),
        ("Tell me of the two different trams.", ("Tell me of the two different trams.",)),
        ("What did the trams cost? Give me both figures.", ("What did the trams cost? Give me both figures.",)),
        ("Did he leave the U.S.? Reports differ.", ("Did he leave the U.S.?",)),
        ("When did it begin? I mean the conflicting one.", ("When did it begin? I mean the conflicting one.",)),
        ("What is a tram? How does it differ from a bus?", ("What is a tram? How does it differ from a bus?",)),
    ],
)
def test_parts(question: str, expected: tuple[str, ...]) -> None:
    assert parts(question) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Where was it built? I've seen two different cities.", True),
        ("how many stops are there? sources disagree", True),
        ("How many stops are there? Reports differ, don't they?", False),  # asks a second thing
        ("What is the different stop called?", False),
        ("What did the trams cost? Give me both figures.", False),
        ("Who built it? The papers give two different names!", True),
        ("What is a tram? How does it differ from a bus", False),
        ("What is a tram? Tell me how the lines differ.", False),
        ("Who sang “Is it?” with a different singer", False),
    ],
)
def test_who_has_heard_several_answers_wants_them_compared(question: str, expected: bool) -> None:
    assert compares(question) is expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What does Ana de Souza say about the noise of trams?", "What does say about the noise of trams?"),
        ("What is the Harbour Herald's view of the tram?", "What is the view of the tram?"),
        ("Who is Souza?", "Who is Souza?"),  # nothing would be left
    ],
)
def test_topic(question: str, expected: str) -> None:
    assert topic(question, [SIGNED]) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Is the tram late?", True),
        ("And did the mayor pay?", True),
        ("So, isn't the tram late?", True),
        ("Can you tell me if it is late?", False),
        ("Has anyone said what it cost?", False),
        ("What did it cost?", False),
        ("Island trams?", False),
    ],
)
def test_yes_or_no(question: str, expected: bool) -> None:
    assert yes_or_no(question) is expected
