"""From judged sentences to an answer, with a scripted model: what is said, cited, set side by side, declined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from conftest import FakeEmbedder, FakeGenerator, articles_of, knows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.passage_index import PassageIndex
from qa.answer import Answer
from qa.chatbot import Chatbot
from qa.copies import MOST
from qa.settings import Settings

BotOf = Callable[..., Chatbot]
COST = "What did the tram line cost?"
COST_SENTENCE = "The tram line cost 40 million pounds."


def well_formed(answer: Answer) -> None:
    """What holds for every answer, whatever the model does."""
    seen: list[int] = []
    for claim in answer.claims:
        assert claim.citations
        assert claim.text.strip()
        assert 0 <= claim.support <= 1
        if claim.verbatim:
            assert claim.text in {c.text for c in claim.citations}
        for c in claim.citations:
            assert c.article.text[c.start : c.end] == c.text
            seen.extend([c.number] if c.number not in seen else [])
    assert seen == list(range(1, len(seen) + 1))  # numbered in order of first mention
    assert len({c.source.key for c in answer.citations}) == len(answer.citations)
    assert bool(answer.claims) or answer.declined
    assert answer.text


def test_a_supported_draft_stands(bot_of: BotOf) -> None:
    answer = bot_of(knows("40 million", reply="It cost 40 million pounds.")).ask(COST)
    well_formed(answer)
    assert not answer.declined
    assert not answer.claims[0].verbatim
    assert answer.claims[0].text == "It cost 40 million pounds."
    assert answer.claims[0].citations[0].text == COST_SENTENCE
    assert 0.5 < answer.claims[0].support < 1


@pytest.mark.parametrize(
    ("draft", "stands"),
    [
        ("It cost 40 million pounds.", -3.0),  # the model does not find it in its source
        ("It cost 50 million pounds.", 9.0),  # nor do the locks, however sure the model is
        ("Mayor Bo Li paid 40 million pounds.", 9.0),
        ("It was “far too” dear at 40 million pounds.", 9.0),
        ("", 9.0),
        ("  \n ", 9.0),
    ],
)
def test_an_unsupported_draft_becomes_its_sentence(bot_of: BotOf, draft: str, stands: float) -> None:
    answer = bot_of(knows("40 million", reply=draft, stands=stands)).ask(COST)
    well_formed(answer)
    assert answer.claims[0].verbatim
    assert answer.claims[0].text == COST_SENTENCE
    assert answer.claims[0].support == 1


@pytest.mark.parametrize(("stands", "verbatim"), [(0.5, True), (1.5, False)])
def test_a_draft_with_words_of_its_own_has_to_be_surer(bot_of: BotOf, stands: float, verbatim: bool) -> None:
    said = knows("40 million", reply="The dear tram line swallowed 40 million pounds.", stands=stands)
    assert bot_of(said).ask(COST).claims[0].verbatim is verbatim
    copied = knows("40 million", reply="It cost 40 million pounds.", stands=stands)
    assert not bot_of(copied).ask(COST).claims[0].verbatim


@pytest.mark.parametrize("sentence", ["He retired to Leeds.", "The head of the union retired to Leeds."])
@pytest.mark.parametrize(
    ("before", "verbatim"),
    [
        ("Bo Li led the union.", False),
        ("The union was led from York.\n\nBo Li was its head.\n\nYork paid.", False),  # a sentence to a paragraph
        ("The mayor of York led the union.", True),
        ("Bo Li led the union. " + "The mayor of York was asked by the union to pay more for the trams. " * 9, True),
    ],
)
def test_whom_a_sentence_speaks_of_is_not_for_the_question_to_say(
    tmp_path_factory: pytest.TempPathFactory, before: str, sentence: str, verbatim: bool
) -> None:
    index = PassageIndex.create(tmp_path_factory.mktemp("name"), FakeEmbedder())
    index.update(articles_of(york=f"A strike\n\n{before} {sentence}"), remove_others=True)
    bot = Chatbot(index, knows("retired", reply="Bo Li retired to Leeds."), settings=Settings())
    answer = bot.ask("Where did Bo Li retire to?")
    well_formed(answer)
    assert [c.text for c in answer.citations] == [sentence]
    assert answer.claims[0].verbatim is verbatim


@pytest.mark.parametrize(
    ("question", "verbatim"),
    [
        ("When was the mill of Kent sold?", False),
        ("In what year was the mill of Leeds sold?", True),
        ("Leeds sold it in what year?", False),  # a first word has its capital in any case
    ],
)
def test_a_bare_answer_says_the_names_of_its_question(
    tmp_path_factory: pytest.TempPathFactory, question: str, verbatim: bool
) -> None:
    index = PassageIndex.create(tmp_path_factory.mktemp("bare"), FakeEmbedder())
    index.update(articles_of(kent="The mills\n\nKent had a mill. It was sold in 1696."), remove_others=True)
    answer = Chatbot(index, knows("1696", reply="1696."), settings=Settings()).ask(question)
    well_formed(answer)
    assert [c.text for c in answer.citations] == ["It was sold in 1696."]
    assert answer.claims[0].verbatim is verbatim


def test_a_sentence_that_only_yields_the_question_back_is_no_answer(bot_of: BotOf) -> None:
    generator = knows("40 million", reply="The tram line seeks to cost.")
    answer = bot_of(generator).ask(COST)
    well_formed(answer)
    assert answer.declined
    assert len(generator.written) == 1


def test_after_an_echo_another_sentence_is_tried(bot_of: BotOf) -> None:
    def reply(prompt: str) -> str:
        return "It cost 40 million pounds." if "40 million" in prompt else "It is what the tram line did cost."

    def odds(prompt: str, ending: str) -> float:
        return 9.0 if "12 stops" in ending else 6.0 if "40 million" in ending else -9.0

    answer = bot_of(FakeGenerator(odds, reply)).ask(COST)
    well_formed(answer)
    assert [(claim.text, claim.verbatim) for claim in answer.claims] == [("It cost 40 million pounds.", False)]
    assert [c.text for c in answer.citations] == [COST_SENTENCE]


def test_who_says_it_stands_beside_an_echo(tmp_path_factory: pytest.TempPathFactory) -> None:
    index = PassageIndex.create(tmp_path_factory.mktemp("said"), FakeEmbedder())
    index.update(articles_of(leeds="The trams\n\n“Trams are too slow,” said Ana Roe."), remove_others=True)
    answer = Chatbot(index, knows("too slow", reply="Trams are too slow."), settings=Settings()).ask(
        "Who says trams are too slow?"
    )
    well_formed(answer)
    assert "Ana Roe" in answer.text


def test_nothing_relevant_is_declined_with_the_nearest(bot_of: BotOf) -> None:
    generator = knows("no such words")
    answer = bot_of(generator).ask(COST)
    well_formed(answer)
    assert answer.declined
    assert answer.claims == answer.citations == ()
    assert len(answer.nearest) == Settings().nearest
    assert answer.nearest[0].text == COST_SENTENCE
    assert generator.written == []  # nothing is written for nobody to read


def test_furniture_is_never_shown_to_the_model(bot_of: BotOf) -> None:
    generator = knows("Subscribe")
    assert bot_of(generator).ask("Subscribe to our newsletter").declined
    assert not any("Subscribe to our newsletter" in text for text in generator.shown if "Question" not in text)


def test_further_sources_are_given(bot_of: BotOf) -> None:
    answer = bot_of(knows("stops", reply="It has 12 stops.")).ask("How many stops has a tram line?")
    well_formed(answer)
    assert {c.article.id for c in answer.citations} == {"leeds", "york"}
    assert answer.conflicts
    assert set(answer.conflicts[0].claims) == {0, 1}


def test_a_date_in_passing_is_no_difference(bot_of: BotOf) -> None:
    bot = bot_of(knows("stops", reply=""))
    bot._index.update(
        articles_of(leeds="In 2014 the line had its stops painted.", york="On 3 May the stops were painted again."),
        remove_others=True,
    )
    answer = bot.ask("What colour have the stops?")
    assert len(answer.claims) == 2
    assert answer.conflicts == ()


@pytest.mark.parametrize(
    ("dates", "about"),
    [
        ((None, "2024-05-01"), "figures; not every article states its date"),
        (("2024-05-01", "2024-05-01"), "figures"),
        (("2024-05-01", "2024-05-03"), "figures, of different dates"),
    ],
)
def test_figures_of_different_dates_may_be_news(bot_of: BotOf, dates: Sequence[str | None], about: str) -> None:
    articles = articles_of(leeds="Leeds has 12 stops.", york="York has 14 stops.")
    bot = bot_of(knows("stops", reply=""))
    bot._index.update([replace(a, date=date) for a, date in zip(articles, dates, strict=True)], remove_others=True)
    assert [c.about for c in bot.ask("How many stops has it?").conflicts] == [about]


def test_who_compares_gets_the_articles_side_by_side(bot_of: BotOf) -> None:
    bot = bot_of(knows("stops", reply=""))
    bot._index.update(
        articles_of(leeds="Leeds praised the stops.", york="York called the stops ugly."), remove_others=True
    )
    answer = bot.ask("What do the different articles say about the stops?")
    well_formed(answer)
    assert [(set(c.claims), c.about) for c in answer.conflicts] == [({0, 1}, "how they put it")]
    assert bot.ask("What is said about the stops?").conflicts == ()


@pytest.mark.parametrize(("question", "sources"), [("Has the tram won?", 2), ("How did the tram do?", 1)])
def test_a_yes_or_no_is_asked_of_every_article_however_sure_one_is(bot_of: BotOf, question: str, sources: int) -> None:
    surely = {"has won": 9.0, "is far from": 2.5}  # the second is sure enough by itself, but far behind the first
    generator = FakeGenerator(
        lambda prompt, ending: 3.0,
        willing=lambda prompt: next((odds for words, odds in surely.items() if words in prompt), -9.0),
    )
    bot = bot_of(generator)
    texts = articles_of(leeds="The tram has won.", york="The tram is far from the bus.")
    bot._index.update(texts, remove_others=True)
    answer = bot.ask(question)
    well_formed(answer)
    assert len({c.article.id for c in answer.citations}) == sources


def test_another_articles_yes_or_no_is_never_cited_for_the_first(bot_of: BotOf) -> None:
    generator = FakeGenerator(
        lambda prompt, ending: 9.0,  # it nods everything through
        lambda prompt: "Yes, the tram has won.",
        lambda prompt: 9.0 if "The tram has won" in prompt else 5.0,
    )
    bot = bot_of(generator)
    bot._index.update(articles_of(leeds="The tram has won.", york="The tram has not won."), remove_others=True)
    answer = bot.ask("Has the tram won?")
    well_formed(answer)
    assert [[c.article.id for c in claim.citations] for claim in answer.claims] == [["leeds"], ["york"]]


def test_the_number_of_claims_is_bounded(bot_of: BotOf) -> None:
    answer = bot_of(knows("", reply="")).ask("tram")
    well_formed(answer)
    assert 1 < len(answer.claims) <= Settings().max_claims


def test_the_same_words_in_two_articles_are_one_claim_with_two_citations(embedder: FakeEmbedder, bot_of: BotOf) -> None:
    bot = bot_of(knows("40 million", reply="The line cost 40 million pounds."))
    bot._index.update(articles_of(kent=f"Kent reports.\n\n{COST_SENTENCE}"), remove_others=False)
    answer = bot.ask(COST)
    well_formed(answer)
    assert len(answer.claims) == 1
    assert [c.article.id for c in answer.claims[0].citations] in (["leeds", "kent"], ["kent", "leeds"])
    assert answer.conflicts == ()


def test_wire_copy_is_one_source_however_often_it_is_printed(embedder: FakeEmbedder, bot_of: BotOf) -> None:
    generator = knows("40 million", reply="The line cost 40 million pounds.")
    bot = bot_of(generator)
    printed = {f"paper{n}": f"Paper {n} reports.\n\nTram line cost 40 million pounds." for n in range(9)}
    bot._index.update(articles_of(**printed), remove_others=False)
    answer = bot.ask(COST)
    well_formed(answer)
    assert len(answer.claims) == 1
    assert len({c.article.id for c in answer.citations}) == len(answer.citations) == 1 + MOST
    asked = [ending for prompt, ending in generator.judged if prompt.startswith("Question:")]
    assert sum("ram line cost 40 million" in ending for ending in asked) == 1


def test_an_edited_figure_is_no_copy(embedder: FakeEmbedder, bot_of: BotOf) -> None:
    bot = bot_of(knows("million", reply="The line cost 40 million pounds."))
    bot._index.update(articles_of(kent="Kent reports.\n\nThe tram line cost 45 million pounds."), remove_others=False)
    answer = bot.ask(COST)
    well_formed(answer)
    assert [len(claim.citations) for claim in answer.claims] == [1, 1]
    assert answer.conflicts


def test_an_article_of_one_author_is_attributed(tmp_path_factory: pytest.TempPathFactory) -> None:
    index = PassageIndex.create(tmp_path_factory.mktemp("signed"), FakeEmbedder())
    index.update(
        articles_of(opinion="Trams are wrong\n\nBy Ana Roe\n\nTrams are far too slow for Leeds."), remove_others=True
    )
    bot = Chatbot(index, knows("too slow", reply="Trams are too slow for Leeds."), settings=Settings())
    chat = bot.chat()
    answer = chat.ask("Are trams too slow for Leeds?")
    well_formed(answer)
    assert answer.claims[0].said_by == "Ana Roe"
    assert "Ana Roe" in answer.text
    assert chat.history[0][1] == "According to Ana Roe: Trams are too slow for Leeds."  # whom 'he' may mean next


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    odds=st.lists(st.floats(-12, 12), min_size=30, max_size=30),
    reply=st.sampled_from(
        [
            "",
            "It has 12 stops.",
            "It cost 40 million pounds.",
            "Ana Roe opened it.",
            "It has 99 stops.",
            "x" * 400,
            "The tram line cost.",
            "Not stated.",
        ]
    ),
)
def test_whatever_the_model_does_the_answer_is_well_formed(bot_of: BotOf, odds: list[float], reply: str) -> None:
    drawn = iter(odds * 20)
    generator = FakeGenerator(lambda prompt, ending: next(drawn), lambda prompt: reply, lambda prompt: next(drawn))
    answer = bot_of(generator).ask("How many stops has the tram line, and what did it cost?")
    well_formed(answer)
    assert all(any(c.text in text for text in generator.shown) for c in answer.citations)
