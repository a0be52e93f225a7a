"""Names that articles say are one thing's, and questions put in the names an article uses."""

from __future__ import annotations

import pytest
from conftest import articles_of, make_article
from hypothesis import given
from hypothesis import strategies as st

from index.aliases import Aliases, stated_aliases


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("The World Health Organization (WHO) said so.", [("World Health Organization", "WHO")]),
        ("WHO (World Health Organization) said so.", [("World Health Organization", "WHO")]),
        ("Members of the Organization of Tram Drivers (OTD) met.", [("Organization of Tram Drivers", "OTD")]),
        ("the gross domestic product (GDP) fell", [("gross domestic product", "GDP")]),
        ("the “Harbour Line” (HL) opened", [("Harbour Line", "HL")]),
        ("the Harbour Line (HL, formerly CTL) opened", [("Harbour Line", "HL"), ("Harbour Line", "CTL")]),
        ("Mumbai (formerly known as Bombay) grew", [("Mumbai", "Bombay")]),
        ("Mumbai (also a harbour, it is said) grew", []),
        ("Ida Holm (Green Party) spoke.", []),
        ("Ida Holm (54) spoke (see HL).", []),
        ("It cost 40 million (USD).", []),
        ("It left the Harbour.\nLine (HL)", []),
        ("It left the Harbour. Line (HL)", []),
    ],
)
def test_what_a_text_says_of_names(text: str, pairs: list[tuple[str, str]]) -> None:
    assert list(stated_aliases(text)) == pairs


LINE = "The Harbour Line (HL) opened in May."
SHORT = "HL was late. HL broke down."


def put(question: str, **texts: str) -> str:
    """A question as it is put to the first of some articles."""
    articles = articles_of(**texts)
    return Aliases(articles).put_to(question, articles[0])


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("When did the Harbour Line open?", "When did the HL open?"),
        ("is the harbour line's depot new?", "is the HL's depot new?"),
        ("What is anti-Harbour Line sentiment?", "What is anti-HL sentiment?"),
        ("When did HL open?", "When did HL open?"),
        ("When did it open?", "When did it open?"),
        ("Harbour Line", "HL"),
        ("", ""),
    ],
)
def test_a_question_is_put_in_the_names_of_an_article(question: str, expected: str) -> None:
    assert put(question, a=SHORT, b=LINE) == expected


def test_names_the_article_uses_and_names_nobody_explains_stay() -> None:
    assert put("Is the Harbour Line late?", a=LINE, b=SHORT) == "Is the Harbour Line late?"
    assert put("Is the Harbour Line late?", a=SHORT, b="The Harbour Line opened.") == "Is the Harbour Line late?"
    assert put("Is the Harbour Line late?", a="It is.", b=LINE) == "Is the Harbour Line late?"


def test_a_short_name_is_told_from_a_word_by_its_capitals() -> None:
    society = "The Island Society (IS) met."
    assert put("What is wrong with IS?", a="The Island Society met.", b=society) == (
        "What is wrong with Island Society?"
    )
    assert put("What does the island society want?", a="There is none.", b=society).endswith("island society want?")


def test_names_are_one_things_over_several_articles() -> None:
    texts = {"a": "Bombay grew.", "b": "Mumbai (formerly Bombay) grew.", "c": "Mumbai (also called Maximum City) grew."}
    assert put("How big is Maximum City?", **texts) == "How big is Bombay?"


def test_an_acronym_of_several_things_is_no_name_of_any() -> None:
    texts = {"a": "The PA said so.", "b": "The Port Authority (PA) pays.", "c": "The Press Association (PA) reported."}
    assert put("What does the Port Authority say?", **texts) == "What does the Port Authority say?"
    del texts["c"]
    assert put("What does the Port Authority say?", **texts) == "What does the PA say?"


def test_a_longer_name_in_brackets_is_one_only_where_its_acronym_is_used() -> None:
    gloss = "The anti-Tubra (Rock Oxide Xenon) league met. Tubra fell."
    assert put("Who fights ROX?", a=gloss, b="ROX fell.") == "Who fights Tubra?"
    assert put("Who fights Tubra?", a="ROX fell.", b=gloss) == "Who fights ROX?"
    assert put("Who fights Tubra?", a="Rock Oxide Xenon fell.", b=gloss) == "Who fights Tubra?"
    party = "Holm (Green Party) spoke."
    assert put("Who is Holm?", a="The Green Party lost.", b=party) == "Who is Holm?"


@given(st.lists(st.text("ABab ()“”,.-\n", max_size=60), max_size=3), st.text("ABab ()“”,.-", max_size=60))
def test_any_text_can_be_read_and_any_question_put(texts: list[str], question: str) -> None:
    articles = [make_article(str(number), text) for number, text in enumerate(texts)]
    aliases = Aliases(articles)
    for article in articles:
        asked = aliases.put_to(question, article)
        assert asked == aliases.put_to(asked, article)
