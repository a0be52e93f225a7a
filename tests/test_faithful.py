"""Whether a claim keeps to its source. Rejected claims are replaced by the sentence itself, so doubt may reject."""

from __future__ import annotations

import pytest

from qa.faithful import completed, echoes, novel_words, strays, without_verdict

BRIDGE = "Alongside Leeds, which keeps around 2,500 trams in the north and nearly 1,000 in the south, York has 600."
WEDDING = "Ana Roe, whose elder brother Bo Li had married Eve of York, opened the line, which Ana Roe now runs."
STRIKE = "Furthermore, Bo Li has already made it clear that there will be a strike if Ana Roe does not pay soon."


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("York has 600 trams.", BRIDGE),
        ("Leeds keeps around 2,500 trams in the north.", BRIDGE),
        ("Leeds keeps nearly 1,000 trams in the south.", BRIDGE),
        ("Bo Li has already made it clear that there will be a strike if Ana Roe does not pay soon.", STRIKE),
        ("There will be a strike if Ana Roe does not pay.", STRIKE),
        ("The union was unable to settle on a strike.", "The union struggled to agree on a strike."),  # other words
        ("Yes, the line is late.", "The line was late."),
        ("600", BRIDGE),
        ("The mayor finds the line too slow.", "For the mayor, the line is too slow."),
        ("The line took three years.", "For three years, the line was built."),
        ("Ana Roe thinks the line is slow.", "Ana Roe called the line slow."),
        ("The police put the loss at 40 trams.", "The loss is 40 trams, according to police estimates."),
        ("", BRIDGE),
        ("Bo Li married Eve of York.", WEDDING),
        ("Ana Roe opened the line.", WEDDING),
        ("Ana Roe's brother Bo Li had married Eve of York.", WEDDING),
    ],
)
def test_a_claim_that_keeps_to_its_source(claim: str, source: str) -> None:
    assert strays(claim, source, known="") is None


@pytest.mark.parametrize(
    ("claim", "source", "problem"),
    [
        ("York has around 1,000 trams in the south.", BRIDGE, "of york"),
        ("York has around 2,500 trams.", BRIDGE, "of york"),
        (
            "Ana Roe said the line was too slow.",
            "For the city's mayor, the line was too slow.",
            "the view of the city's",
        ),
        (
            "Ana Roe said the line was slow.",
            "Ana Roe (The Herald): For the city's mayor, the line was slow.",
            "the view of",
        ),
        ("The loss is 40 trams.", "According to police estimates, the loss is 40 trams.", "the view of police"),
        ("The loss is 40 trams.", "The loss is 40 trams, according to police.", "the view of police"),
        ("Ana Roe married Eve of York.", WEDDING, "of bo, li"),
        ("Ana Roe has already made it clear that there will be a strike.", STRIKE, "so of Li, not of Roe"),
        (
            "Bo Li fights the city on his own and threatened a strike if the attacks on Leeds do not stop.",
            STRIKE,
            "no word for",
        ),
        ("The network acted as go-between.", "Leeds talked to York through the network.", "no word for"),
        (
            "Ana Roe says the trams could stop.",
            "The strike of the union could stop the trams, in Roe's city.",
            "says so",
        ),
    ],
)
def test_a_claim_that_strays(claim: str, source: str, problem: str) -> None:
    found = strays(claim, source, known="")
    assert found is not None
    assert problem in found


def test_words_may_come_from_who_speaks() -> None:
    claim, source = "The Harbour Herald's Editor Note: trams are late.", "Trams are late."
    assert strays(claim, source, known="") is not None
    assert strays(claim, source, known="The Harbour Herald’s Editor Note") is None


def test_what_an_author_writes_the_author_says() -> None:
    claim, source = "Ana Roe thinks the trams are slow.", "The trams are slow."
    assert strays(claim, source, known="Ana Roe", said_by="Bo Li") is not None
    assert strays(claim, source, known="Ana Roe", said_by="Ana Roe") is None


def test_a_view_may_be_named_beside_the_claim() -> None:
    claim, source = "The loss is 40 trams.", "According to Ana Roe, the loss is 40 trams."
    assert strays(claim, source, known="") is not None
    assert strays(claim, source, known="", said_by="Ana Roe") is None


@pytest.mark.parametrize(
    ("claim", "question", "echo"),
    [
        ("The union seeks to prevent any strike.", "How does the union prevent any strike?", True),
        ("The trams were late.", "Why were the trams late?", True),
        ("Ana Roe and Bo Li discussed the tram.", "What did Ana Roe and Bo Li discuss about the tram?", True),
        ("It opens.", "When does it open?", True),
        ("The union wants better pay.", "How does the union prevent any strike?", False),
        ("The trams were not late.", "Why were the trams late?", False),  # corrects the question
        ("Most were late.", "How many trams were late?", False),
        ("900 trams", "How many trams were late?", False),
        ("12 stops are open.", "How many of the 12 stops are open?", False),
        ("The governor leads the government.", "Who leads the government?", False),
        ("It is under the station.", "Where is the depot, seen from the station?", False),
        ("The trams were late.", "Were the trams late?", False),
        ("The trams were late.", "According to Ana Roe, were the trams late?", False),
        ("Ana Roe opened the line in Leeds.", "Ana Roe opened the line in Leeds", False),  # a statement to be checked
        ("York has the trams.", "Does York have the trams, or Leeds?", False),
        ("The union paid.", "And who paid, the city or the union?", False),
        ("York has more trams.", "Which of Leeds and York has more trams?", False),
        ("", "Why were the trams late?", False),
    ],
)
def test_an_echo_says_nothing_but_the_question(claim: str, question: str, echo: bool) -> None:
    assert echoes(claim, question) is echo


@pytest.mark.parametrize(
    ("claim", "source", "left"),
    [
        ("Yes, the trams were late.", "The trams were late.", "The trams were late."),
        ("No. The trams were late.", "On Monday the trams were late.", "The trams were late."),
        ("Yes, Leeds pays.", "Yes, Leeds pays.", "Yes, Leeds pays."),  # the source's own verdict
        ("Yes, the city pays for the trams.", "Leeds pays for the trams.", "Yes, the city pays for the trams."),
        ("No trams were late.", "No trams were late.", "No trams were late."),
        ("Yesterday the trams were late.", "The trams were late.", "Yesterday the trams were late."),
        ("Yes", "The trams were late.", "Yes"),
    ],
)
def test_a_verdict_before_copied_words_is_the_models(claim: str, source: str, left: str) -> None:
    assert without_verdict(claim, source) == left


@pytest.mark.parametrize(
    ("claim", "question", "leans"),
    [
        ("In 1923.", "When did the line open?", True),
        ("Ana Roe.", "Who runs it?", True),
        ("The line opened in 1923.", "When did the line open?", False),
        ("It was opened in 1923.", "When did the line open?", False),
        ("Some of them went north, a few south, and others nowhere at all.", "Who runs the line?", False),
        ("In 1923.", "When was it?", False),  # the question has nothing to add
    ],
)
def test_a_claim_that_is_no_statement_is_read_with_its_question(claim: str, question: str, leans: bool) -> None:
    assert completed(claim, question) == (f"{question} {claim}" if leans else claim)


@pytest.mark.parametrize(
    ("claim", "novel"),
    [
        ("The line cost 40 million.", []),
        ("The lines cost 40 million pounds", []),  # another form of the word
        ("According to Ana Roe, it was costly.", ["costly"]),
        ("Ana Roe built the line", ["built"]),
        ("", []),
    ],
)
def test_words_the_source_does_not_have(claim: str, novel: list[str]) -> None:
    assert novel_words(claim, "The [line](#), opened in May, cost 40 million pounds.", known="Ana Roe") == novel
