# ruff: noqa: E501 - sentences stand as they are
"""What a claim may not say unless its sources do: figures by value, quotations, names and dates."""

from __future__ import annotations

import pytest

from qa.locks import figures, fold, names, normalise, quotations, unlocked


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1,400 people and 2\u202f500 troops", {"1400", "2500"}),
        ("2 500 troops, 35.404 strikes, 1.000.000 euros", {"2500", "35404", "1000000"}),
        ("3,000,000.50 or 3.5 or 1,5", {"3000000.5", "3.5", "1.5"}),
        ("200,000. Then 86.", {"200000", "86"}),
        ("thirty-five, Twenty five and nine", {"35", "25", "9"}),
        ("40 million pounds, two hundred, a thousand, 5.7 thousand", {"40000000", "200", "1000", "5700"}),
        ("80%, 80 % and 80 percent; 7 per cent", {"80%", "7%"}),
        ("10-12 people, from 2014 to 2016", {"10", "12", "2014", "2016"}),
        ("the 1990s, the 19th, $3.50, COVID-19", {"1990", "19", "3.5"}),
        ("dozens of them, one of the many, someone, often", set()),
        ("half a million, a quarter of a million, two hundred thousand", {"500000", "250000", "200000"}),
        ("$5m, €2.5bn, £3k, 4tn; the 100m, a 5 m wall", {"5000000", "2500000000", "3000", "4000000000000", "100", "5"}),
        ("0.125 and 2 percentage points, 3 per cent", {"0.125", "2", "3%"}),
        ("four of them", {"4"}),
        ("In 2014 200 people came", {"2014", "200"}),
        ("", set()),
    ],
)
def test_figures_by_value(text: str, found: set[str]) -> None:
    assert figures(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("He said “the new Nazis,” and \"no\".", ("the new nazis", "no")),
        ("‘Never again’ and 'not now' and « Non merci »", ("never again", "not now", "non merci")),
        ("Hamas’ deadly attack on Israel’s south; don't, the rebels' men", ()),
    ],
)  # fmt: skip
def test_quotations(text: str, found: tuple[str, ...]) -> None:
    assert quotations(text) == found


def test_names_are_words_with_a_capital() -> None:
    found = names("The mayor, Ana d’Arc, met Élodie O'Neil-Smith in Oct. Yes, Mr. Roe may leave in May.")
    assert found == {"ana", "elodie", "o'neil-smith", "october", "roe", "may"}


SOURCE = "Ana Roe, the Israeli envoy, said on Oct. 7 that some 1,400 people, or 40 percent, “must not wait” in the United States."


@pytest.mark.parametrize(
    "claim",
    [
        "Ana Roe said that 1400 people must not wait.",
        "Israel’s envoy said so on October 7.",
        "She said that they “must not wait.”",
        "Roe gave 40% as the share in the US.",
        "No, Mr. Roe did not say it.",
        "The U.S. waits.",
    ],
)
def test_what_the_source_says_passes(claim: str) -> None:
    assert unlocked(claim, sources=SOURCE, known="") is None


@pytest.mark.parametrize(
    ("claim", "problem"),
    [
        ("Ana Roe named 400 people.", "figure 400"),
        ("Ana Roe named 40 people.", "figure 40 "),
        ("It was 1,400 million.", "figure 1400000000"),
        ("It was on October 8.", "figure 8"),
        ("It was on November 7.", "“november”"),
        ("She said “must wait”.", "“must wait”"),
        ("She said ‘they all must not wait’.", "they all must not wait"),
        ("Bo Roe said so.", "“bo”"),
        ("The UK envoy said so.", "“uk”"),
        ("The envoy left on Monday.", "“monday”"),
        ("The envoy left in United B.", "“b”"),
        ("The State of Israfel said so.", "“israfel”"),
    ],
)
def test_what_it_does_not_say_is_named(claim: str, problem: str) -> None:
    reason = unlocked(claim, sources=SOURCE, known="")
    assert reason is not None
    assert problem in reason
    assert reason.endswith("is not in its source")


def test_a_verb_is_no_month() -> None:
    assert unlocked("He left in May.", sources="He may leave and march.", known="") is not None
    assert unlocked("He left in May.", sources="He left in May.", known="") is None


def test_another_day_near_by_lends_nothing_to_a_sentence_with_its_own() -> None:
    assert unlocked("It is on Monday.", sources="It is on Tuesday.", known="On Monday the mayor spoke.") is not None
    assert unlocked("It is on Monday.", sources="It is in May.", known="On Monday the mayor spoke.") is None


@pytest.mark.parametrize(
    ("name", "other", "akin"),
    [
        ("Israelis", "Israel", True),
        ("Canada", "Canadian", True),
        ("Lebanese", "Lebanon", True),
        ("Islamist", "Islamic", True),
        ("Austria", "Australia", False),
        ("Nigeria", "Niger", False),
        ("Iran", "Iraq", False),
        ("Mexican", "Mexico", True),
        ("Belgians", "Belgium", True),
        ("Afghan", "Afghanistan", True),
    ],
)
def test_forms_of_a_name(name: str, other: str, akin: bool) -> None:
    for one, another in ((name, other), (other, name)):
        assert (
            unlocked(f"The trams of {one} are red.", sources=f"The trams of {another} are red.", known="") is None
        ) is akin


def test_a_question_may_lend_names_but_no_figures() -> None:
    assert unlocked("Berg named 1,400.", sources=SOURCE, known="What did Berg say?") is None
    assert unlocked("Roe named 99.", sources=SOURCE, known="Did Roe say 99?") == "figure 99 is not in its source"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Élysée", "elysee"),
        ("İstanbul", "i̇stanbul"),
        ("Straße ﬁne", "strasse fine"),
        ("Hamas’", "HAMAS'"),
    ],
)
def test_folding(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_normalising() -> None:
    assert normalise("  *See*  [the “report”](http://x.y) now.\n") == "see the report now"


@pytest.mark.parametrize(
    ("claim", "source", "stands"),
    [
        ("No, the mayor did not come.", "The mayor spoke for an hour.", False),
        ("No, the mayor gave no reason.", "The mayor gave no reason.", True),
        ("The mayor did not come.", "The mayor refused to come.", True),
        ("No, it isn't Berlin's problem alone.", "The problem goes beyond Berlin.", True),
        ("The mayor came.", "The mayor did not miss it.", True),
        ("Heat is not moved by touch.", "Heat is only moved by touch.", False),
        ("The trams do not run.", "A few trams of the United Banks run under the university.", False),
        ("It is not known.", "It is unclear.", True),
        ("The old tram did not go on.", "The old tram was banned.", True),
    ],
)
def test_a_no_needs_a_no(claim: str, source: str, stands: bool) -> None:
    assert (unlocked(claim, sources=source, known="Berlin mayor") is None) is stands
