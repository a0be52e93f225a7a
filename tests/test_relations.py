"""Who does what, in a claim and in its source. Rejected claims are replaced by the sentence, so doubt may reject."""

from __future__ import annotations

import pytest

from qa.relations import misread, takes_possession

BETRAYAL = (
    "The depot held until May, when Leeds was betrayed to the Unionists by the drivers, and the police beat York."
)
PLANS = (
    "Bo Li stood to lose his trams if York paid, may soon leave, and could provoke a strike; he threatened to resign."
)


@pytest.mark.parametrize(
    ("claim", "source", "problem"),
    [
        ("The drivers betrayed the Unionists.", BETRAYAL, "betray unionists"),
        ("The drivers betrayed Leeds to the Unionists.", BETRAYAL, None),
        ("Leeds was betrayed by the drivers.", BETRAYAL, None),
        ("The police beat York.", BETRAYAL, None),
        ("Leeds attacked York.", "Leeds was attacked by York in May.", "attack york"),
        ("Leeds attacked York.", "Leeds was attacked by York, then Leeds attacked York.", None),
        ("Leeds attacks York.", "Leeds attacked its neighbour, the city of York.", None),
        ("Ana Roe met Bo Li.", "Ana Roe met with Bo Li.", None),  # no less true
        ("Bo Li lost his trams.", PLANS, "stood to lose"),
        ("Bo Li provoked a strike.", PLANS, "could provoke"),
        ("Bo Li has resigned.", PLANS, "threatened to resign"),
        ("Bo Li leaves.", PLANS, "may soon leave"),
        ("Bo Li could provoke a strike.", PLANS, None),
        ("Bo Li threatens to resign.", PLANS, None),
        ("A strike is the risk of it.", PLANS, None),
        ("York paid.", PLANS, None),
        ("Bo Li resigned.", "Bo Li threatened to resign; in May he resigned.", None),
        ("", PLANS, None),
        ("Leeds pays 12 million.", "Leeds, meanwhile, pays York 12 million, and Kent pays 9 million.", None),
        ("Leeds pays 9 million.", "Leeds pays 12 million, meanwhile, York pays 9 million.", "9000000 of leeds"),
        ("Leeds pays 9 million.", "Leeds, meanwhile, pays 12 million, and York pays 9 million.", "9000000 of leeds"),
        ("Parliament passed the law.", "In May parliament passed the law.", None),  # a month
        ("In May Bo Li lost his trams.", PLANS, "stood to lose"),
        ("Bo Li lost his trams to York.", PLANS, "stood to lose"),
        ("The plant leaked.", "The plant could leak.", "could leak"),  # nothing planned
        ("The man stole a tram.", "The man allegedly stole a tram.", "allegedly stole"),
        ("The city did not pay.", "The city failed to pay.", None),
        ("Bo Li served as mayor.", "Bo Li would later serve as mayor.", None),
        ("The army supplied arms.", "The army could supply arms.", "could supply"),
        ("Leeds was beaten by York.", "Leeds beat York.", "beaten by york"),
        ("Leeds beat York.", "Leeds was beaten by York.", "beat york"),
        ("Leeds beat York.", "In May York beat Leeds.", "the other way round"),
        ("Leeds beat York.", "In May York beat Leeds, whereupon Leeds beat York.", None),
        ("Ana Roe was sued by Bo Li.", "Bo Li was sued by Ana Roe.", "the other way round"),
        ("Kent beat Hull and Leeds beat York.", "York beat Leeds and Kent beat Hull.", "the other way round"),
        ("Leeds met York in May.", "York met Leeds in May.", None),  # who met whom is the same
        ("The city's Supreme Court upheld it.", "The city's Supreme Court upheld it.", None),
        ("Leeds sold York the trams.", "Leeds sold the trams to York, and was sold to York.", None),
        ("The game was postponed Monday.", "The game was postponed to Monday.", None),
        ("When Leeds was attacked, York left.", "Leeds was attacked by York, which left.", None),
        ("Bo Li was jailed in May.", "Bo Li's elder brother was jailed in May.", "Li's elder brother was jailed"),
        ("Bo Li was jailed.", "Bo Li's brother was jailed after Bo Li was jailed.", None),
    ],
)
def test_misread(claim: str, source: str, problem: str | None) -> None:
    found = misread(claim, source, said_by="")
    assert (problem in found) if problem and found else (found is problem)


@pytest.mark.parametrize(
    ("claim", "sentence", "strays"),
    [
        ("Ana Roe stopped the trams.", "His successor, Bo Li, stopped the trams.", True),
        ("She stopped the trams.", "“Her deputy stopped the trams.", True),
        ("The **trams** of York are late.", "Their drivers are late.", True),
        ("Ana Roe's successor stopped the trams.", "His successor stopped the trams.", False),
        ("Ana Roe called for a strike.", "Her calling for a strike was in vain.", False),
        ("Bo Li stopped the trams.", "His successor, Bo Li, stopped the trams.", False),
        ("In 1970.", "His successor stopped the trams in 1970.", False),
        ("Ana Roe stopped the trams.", "Histories tell that she stopped the trams.", False),
        ("", "His successor stopped the trams.", False),
        ("Ana Roe's novel is out.", "Her first novel is out.", False),
        ("Ana Roe resigned.", "Her deputy was arrested, and in May she resigned.", False),
        ("Bo Li closed the depot.", "In 1990 his successor closed the depot.", True),
    ],
)
def test_what_somebodys_successor_does_is_not_said_of_them(claim: str, sentence: str, strays: bool) -> None:
    problem = takes_possession(claim, sentence)
    assert bool(problem) is strays
    assert problem is None or sentence.split()[1].strip(",") in problem
