"""What an answer looks like to a reader and in JSON."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from conftest import LEEDS, YORK, articles_of, sentence

from qa.answer import Answer, Citation, Claim, Conflict, Timings

ARTICLES = articles_of(leeds=LEEDS, york=YORK)
COST = sentence(ARTICLES[0], "40 million")
STOPS = sentence(ARTICLES[0], "12 stops")
NINE = sentence(ARTICLES[1], "9 stops")


def claim(text: str, *numbers: int, said_by: str | None = None) -> Claim:
    sources = {1: COST, 2: STOPS, 3: NINE}
    return Claim(
        text, tuple(Citation(sources[n], n) for n in numbers), verbatim=False, support=0.91234, said_by=said_by
    )


def test_a_claim_needs_a_citation() -> None:
    with pytest.raises(ValueError, match="needs a citation"):
        Claim("Nothing says so.", (), verbatim=False, support=1.0)


@pytest.mark.parametrize(
    ("said_by", "text", "marked"),
    [
        (None, "It has 12 stops.", "It has 12 stops. [2]"),
        ("Ana Roe", "It has 12 stops.", "According to Ana Roe: It has 12 stops. [2]"),
        ("Ana Roe", "ANA ROE counted 12 stops.", "ANA ROE counted 12 stops. [2]"),
    ],
)
def test_attribution(said_by: str | None, text: str, marked: str) -> None:
    assert claim(text, 2, said_by=said_by).marked_text == marked


def test_the_text_and_its_sources() -> None:
    answer = Answer(
        "How many stops?",
        (claim("Leeds has 12 stops.", 1, 2), claim("York has 9.", 3, 1)),
        conflicts=(Conflict((0, 1), "figures"),),
        asked_as="How many stops has the tram?",
    )
    assert answer.text == "Leeds has 12 stops. [1][2]\nYork has 9. [3][1]"
    assert [c.number for c in answer.citations] == [1, 2, 3]
    assert str(answer).splitlines() == [
        "Asked as: How many stops has the tram?",
        "",
        "Sources differ: figures",
        "Leeds has 12 stops. [1][2]",
        "York has 9. [3][1]",
        "",
        "[1] Leeds opens a tram line., sentence 1: The tram line cost 40 million pounds.",
        "[2] Leeds opens a tram line., sentence 2: It has 12 stops.",
        "[3] York plans a tram., sentence 1: The council of York wants a tram line with 9 stops.",
    ]


def test_a_declined_answer_gives_the_nearest() -> None:
    answer = Answer("Why?", declined=True, lead="Not in these articles.", nearest=(COST,))
    assert answer.text == "Not in these articles."
    assert str(answer).endswith("Closest sentences:\n  - Leeds opens a tram line., sentence 1: " + COST.text)


def test_json_holds_what_was_promised() -> None:
    answer = Answer(
        "Q",
        (claim("Leeds has 12 stops.", 2, 1, said_by="Ana"),),
        conflicts=(Conflict((0,), "figures"),),
        nearest=(NINE,),
        timings=Timings(retrieve=0.12345, total=1.0),
        llm="l",
        embedder="e",
    )
    found = json.loads(json.dumps(answer.to_dict(id="q1")))
    assert list(found) == (
        "id question declined text claims citations conflicts asked_as nearest timings_s model".split()
    )
    assert found["id"] == "q1"
    assert found["claims"] == [
        {"text": "Leeds has 12 stops.", "verbatim": False, "support": 0.9123, "said_by": "Ana", "citations": [2, 1]}
    ]
    cited = found["citations"][1]
    assert list(cited) == "number article title publisher author date url sentence start end page text".split()
    assert (cited["number"], cited["article"], cited["sentence"]) == (2, "leeds", 2)
    assert LEEDS[cited["start"] : cited["end"]] == cited["text"] == STOPS.text
    assert "number" not in found["nearest"][0]
    assert found["conflicts"] == [{"claims": [0], "about": "figures"}]
    assert found["timings_s"] == {"retrieve": 0.123, "first_quote": None, "first_claim": None, "total": 1.0}
    assert found["model"] == {"llm": "l", "embedder": "e"}


def test_a_citation_shows_its_sentence() -> None:
    moved = replace(claim("x", 1).citations[0], number=7)
    assert (moved.article.id, moved.sentence, moved.start, moved.end) == ("leeds", 1, COST.start, COST.end)
    assert moved.article.text[moved.start : moved.end] == moved.text == COST.text
