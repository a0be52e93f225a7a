"""Names that articles say are one thing's, and questions put in the names an article uses."""

from __future__ import annotations

import pytest
from conftest import articles_of, make_article
from hypothesis import given
from hypothesis import strategies as st

from index.aliases import Aliases, bracketed, stated_aliases


def aliases_in(text: str) -> list[tuple[str, str]]:
    return [pair for before, parts in bracketed(text) for pair in stated_aliases(before, parts)]


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("The World Health Organization (WHO) said so.", [("World Health Organization", "WHO")]),
        ("WHO (World Health Organization) said so.", [("World Health Organization", "WHO")]),
        ("The **World Health Organization** (WHO) said so.", [("World Health Organization", "WHO")]),
        ("[World Health Organization](http://who.int) (WHO)", [("World Health Organization", "WHO")]),
        ("Members of the Organization of Tram Drivers (OTD) met.", [("Organization of Tram Drivers", "OTD")]),
        ("the gross domestic product (GDP) fell", [("gross domestic product", "GDP")]),
        ("the “Harbour Line” (HL) opened", [("Harbour Line", "HL")]),
        ("the Harbour Line (HL, formerly CTL) opened", [("Harbour Line", "HL"), ("Harbour Line", "CTL")]),
        ("the Harbour Line (Leeds) (HL) opened", []),
        ("Mumbai (formerly known as Bombay) grew", [("Mumbai", "Bombay")]),
        ("In Mumbai (aka the Maximum City) it rained", [("Mumbai", "Maximum City")]),
    ],
)
def test_what_a_text_says_of_names(text: str, pairs: list[tuple[str, str]]) -> None:
    assert aliases_in(text) == pairs


@pytest.mark.parametrize(
    "text",
    [
        "Ida Holm (Green Party) spoke.",
        "Ida Holm (54) spoke (see HL).",
        "Theresa May (formerly Home Secretary) resigned.",
        "She was born in Smiljan, Yugoslavia (now Croatia).",
        "Hamas (and later Fatah) agreed.",
        "Dubai (United Arab Emirates) grew.",
        "It cost 40 million (USD).",
        "A protest in Paris (AP)",
        "People after the flood (PA)",
        "Delhi and Mumbai (also known as Bombay) grew",  # which of them?
        "St. Petersburg (also known as Leningrad) grew",
        "Łódź Film School (also called Filmówka) opened",
        "It left the Harbour.\nLine (HL)",
        "It left the Harbour. Line (HL)",
    ],
)
def test_what_is_no_other_name(text: str) -> None:
    assert aliases_in(text) == []


LINE = "The Harbour Line (HL) opened in May."
SHORT = "HL was late at the harbour. HL broke down."


def put(question: str, **texts: str) -> str:
    """A question as it is put to the first of some articles."""
    articles = articles_of(**texts)
    return Aliases(articles).put_to(question, articles[0])


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("When did the Harbour Line open?", "When did the HL open?"),
        ("Is Harbour Line's depot new?", "Is HL's depot new?"),
        ("What is anti-Harbour Line sentiment?", "What is anti-HL sentiment?"),
        ("Harbour Line", "HL"),
        ("When did HL open?", "When did HL open?"),
        ("Was the Harbour Line called HL?", "Was the Harbour Line called HL?"),  # a question of names
        ("What is the New Harbour Line?", "What is the New Harbour Line?"),  # another line, it may be
        ("WHERE IS THE HARBOUR LINE", "WHERE IS THE HARBOUR LINE"),
        ("is the harbour line new", "is the harbour line new"),  # whose names count against nothing either
        ("When did it open?", "When did it open?"),
        ("", ""),
    ],
)
def test_a_question_is_put_in_the_names_of_an_article(question: str, expected: str) -> None:
    assert put(question, a=SHORT, b=LINE) == expected


def test_names_the_article_uses_and_names_nobody_explains_stay() -> None:
    assert put("Is the Harbour Line late?", a=LINE, b=SHORT) == "Is the Harbour Line late?"
    assert put("Is the Harbour Line late?", a=SHORT, b="The Harbour Line opened.") == "Is the Harbour Line late?"
    assert put("Is the Harbour Line late?", a="It is.", b=LINE) == "Is the Harbour Line late?"


def test_a_name_is_told_from_a_word_by_its_capitals() -> None:
    society, treaty = "The Island Society (IS) met.", "The Strategic Arms Reduction Treaty (START) ended."
    assert put("What is wrong with IS?", a="The Island Society met.", b=society) == (
        "What is wrong with Island Society?"
    )
    assert put("When do the talks start?", a=treaty) == "When do the talks start?"
    ended = "Did the Strategic Arms Reduction Treaty end?"
    assert put(ended, a="Talks on arms start at nine.", b=treaty) == ended


def test_an_acronym_may_be_another_thing_where_no_word_of_the_name_is() -> None:
    court, cricket = "The International Criminal Court (ICC) met.", "The ICC said that India would host the cup."
    question = "What did the International Criminal Court say?"
    assert put(question, a=cricket, b=court) == question
    assert put(question, a=f"{cricket} A court had stopped it.", b=court) == "What did the ICC say?"


def test_names_are_one_things_over_several_articles() -> None:
    texts = {
        "a": "Bombay grew.",
        "b": "Mumbai (formerly known as Bombay) grew.",
        "c": "Maximum City (also called Bombay) grew.",
        "d": "Mumbai (also called Maximum City) grew.",
    }
    assert put("How big is Maximum City?", **texts) == "How big is Maximum City?"  # three names, for all one can tell
    del texts["c"], texts["d"]
    assert put("How big is Mumbai?", **texts) == "How big is Bombay?"


def test_a_name_of_several_things_is_no_name_of_any() -> None:
    texts = {
        "a": "The PA said so at the port.",
        "b": "The Port Authority (PA) pays.",
        "c": "The Press Association (PA) reported.",
    }
    assert put("What does the Port Authority say?", **texts) == "What does the Port Authority say?"
    texts["c"] = "The Port Authority of Leeds (PA) reported."  # the same, for all one can tell
    assert put("What does the Port Authority say?", **texts) == "What does the PA say?"
    beasts = {"a": "Ida Holm won.", "b": "Bo Li (known as the Beast) lost.", "c": "Ida Holm (known as the Beast) won."}
    assert put("Did Bo Li win?", **beasts) == "Did Bo Li win?"


def test_spellings_of_a_name_are_one() -> None:
    texts = {
        "a": "The WHO warned of health.",
        "b": "The World Health Organization (WHO)",
        "c": "The World Health Organisation (WHO)",
    }
    assert put("Did the World Health Organisation warn?", **texts) == "Did the WHO warn?"


def test_what_somebody_is_for_or_against_is_explained_in_brackets() -> None:
    gloss = "The anti-Tubra (Rock Oxide Xenon) league met. Tubra fell."
    assert put("Who fights ROX?", a=gloss, b="ROX is a rock.") == "Who fights Tubra?"
    assert put("Who fights Tubra?", a="ROX is a rock.", b=gloss) == "Who fights ROX?"
    assert put("Who fights Tubra?", a="Rock Oxide Xenon fell.", b=gloss) == "Who fights Tubra?"  # nobody writes ROX


@given(st.lists(st.text("ABab ()“”,.-\n", max_size=60), max_size=3), st.text("ABab ()“”,.-", max_size=60))
def test_any_text_can_be_read_and_any_question_put(texts: list[str], question: str) -> None:
    articles = [make_article(str(number), text) for number, text in enumerate(texts)]
    aliases = Aliases(articles)
    for article in articles:
        asked = aliases.put_to(question, article)
        assert aliases.put_to(asked, article) == asked
