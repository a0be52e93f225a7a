"""A whole question, taken apart and put together again, with a scripted model."""

from __future__ import annotations

from collections.abc import Callable

from conftest import FakeGenerator, knows
from test_compose import COST_SENTENCE, well_formed

from qa.answer import Answer, ClaimReady, Quotes
from qa.chatbot import Chatbot

BotOf = Callable[..., Chatbot]
BOTH = "What did the tram line cost, and how many stops does it have?"


def cost_and_stops() -> FakeGenerator:
    """A model that knows what the line cost and how many stops it has, and finds each only for its own question."""

    def answers(question: str, source: str) -> bool:
        return ("cost" in question and "40 million" in source) or ("stops" in question and "stops" in source)

    def odds(prompt: str, ending: str) -> float:
        return 3.0 if prompt.startswith("Statement") else 6.0 if answers(prompt, ending) else -6.0

    def willing(prompt: str) -> float:
        source, _, question = prompt.partition("\nQuestion:")
        return 4.0 if answers(question, source) else -4.0

    return FakeGenerator(odds, lambda prompt: "", willing)


def test_each_thing_asked_is_answered_and_the_citations_numbered_through(bot_of: BotOf) -> None:
    answer = bot_of(cost_and_stops()).ask(BOTH)
    well_formed(answer)
    assert answer.claims[0].text == COST_SENTENCE
    assert any("stops" in claim.text for claim in answer.claims[1:])
    assert answer.conflicts  # the two articles count the stops differently, and the indices point past the first part
    assert all("stops" in answer.claims[i].text for i in answer.conflicts[0].claims)


def test_the_part_without_an_answer_is_said_to_have_none(bot_of: BotOf) -> None:
    answer = bot_of(cost_and_stops()).ask("What did the tram line cost, and who was Charlemagne's grandmother?")
    well_formed(answer)
    assert not answer.declined
    assert answer.text.startswith("Not in these articles: Who was Charlemagne's grandmother?\n")


def test_a_question_of_which_no_part_is_answered_is_declined(bot_of: BotOf) -> None:
    answer = bot_of(knows("no such words")).ask(BOTH)
    well_formed(answer)
    assert answer.declined
    assert answer.text == "Not in these articles."
    assert answer.nearest


def test_the_same_claim_is_streamed_and_given_once(bot_of: BotOf) -> None:
    bot = bot_of(knows("40 million", reply="It cost 40 million pounds."))
    events = list(bot.stream("What did the tram line cost, and how much money was the tram line?"))
    claims = [event.claim for event in events if isinstance(event, ClaimReady)]
    assert isinstance(events[0], Quotes)
    assert isinstance(events[-1], Answer)
    assert claims == list(events[-1].claims)
    assert len(claims) == 1


def test_a_second_part_that_leans_on_the_first_is_made_whole(bot_of: BotOf) -> None:
    def reply(prompt: str) -> str:
        return "What does a ticket for the tram cost?" if "Last question:" in prompt else "It cost 40 million pounds."

    model = FakeGenerator(knows("40 million")._odds, reply, knows("40 million")._willing)
    bot_of(model).ask("What did the tram line cost, and what does its ticket cost?")
    assert any(text.endswith("Question: What does a ticket for the tram cost?") for text in model.read)


def test_only_a_model_without_a_probe_is_asked_for_yes_or_no(bot_of: BotOf) -> None:
    for probed in (True, False):
        model = knows("40 million", reply="It cost 40 million pounds.")
        model.probed = probed
        answer = bot_of(model).ask("What did the tram line cost?")
        assert [c.text for c in answer.citations] == [COST_SENTENCE]
        assert any("Does the sentence answer" in prompt for prompt, _ in model.judged) is not probed


def test_a_question_that_compares_gives_every_article_a_hearing(bot_of: BotOf) -> None:
    asked = "Do the articles agree on how many stops a tram has?"
    settings = {"candidates": 1, "comparing": 6}
    narrow, wide = knows("stops"), knows("stops")
    bot_of(narrow, **settings).ask("How many stops has a tram?")
    answer = bot_of(wide, **settings).ask(asked)
    assert {c.article.id for c in answer.citations} == {"leeds", "york"}
    assert len({ending for _, ending in narrow.judged}) == 1
    assert len({ending for prompt, ending in wide.judged if prompt.startswith("Question")}) <= settings["comparing"]


def sides_of(first: str, second: str, *, whole: float = 4.0) -> FakeGenerator:
    """A model for which sentences with a word answer one alternative each, and all that have either the question."""

    def willing(prompt: str) -> float:
        source, _, question = prompt.partition("\nQuestion:")
        if " or " in question:
            return whole if first in source or second in source else -4.0
        return 4.0 if any(word in question and word in source for word in (first, second)) else -4.0

    model = FakeGenerator(lambda prompt, ending: 3.0, lambda prompt: "", willing)
    model.probed = True
    return model


def test_each_alternative_finds_its_sentence_in_the_same_article(bot_of: BotOf) -> None:
    either = "Is the tram known for its stops or for its pounds?"
    answer = bot_of(sides_of("stops", "pounds")).ask(either)
    well_formed(answer)
    cited = {(c.article.id, "stops" in c.text, "pounds" in c.text) for c in answer.citations}
    assert {("leeds", True, False), ("leeds", False, True), ("york", True, False)} <= cited
    assert answer.conflicts


def test_what_no_sentence_answers_as_a_whole_has_no_alternatives(bot_of: BotOf) -> None:
    model = sides_of("stops", "pounds", whole=-4.0)
    answer = bot_of(model).ask("Is the tram known for its stops or for its pounds?")
    assert answer.declined
    assert answer.nearest
    assert all(" or for its pounds?" in text for text in model.read)


def test_what_answers_neither_alternative_is_no_answer(bot_of: BotOf) -> None:
    answer = bot_of(sides_of("stops", "pounds")).ask("Is the tram known for its speed or for its noise?")
    assert answer.declined


def test_an_article_without_a_name_of_the_question_is_behind_one_that_has_it(bot_of: BotOf) -> None:
    def cited(question: str) -> set[str]:
        return {c.article.id for c in bot_of(knows("stops")).ask(question).citations}

    assert cited("How many stops has the tram line?") == {"leeds", "york"}
    assert cited("How many stops has the tram line in Leeds?") == {"leeds"}
    assert cited("How many stops has the tram line in York?") == {"york"}
    assert cited("How many stops more has the tram line in Leeds than in York?") == {"leeds", "york"}


def test_what_stands_near_the_last_answer_is_considered_for_a_follow_up(bot_of: BotOf) -> None:
    model = knows("40 million", reply="It cost 40 million pounds.")
    chat = bot_of(model, candidates=2).chat()
    chat.ask("What did the tram line cost?")
    model.judged.clear()
    chat.ask("And who opened it there on that day, the day they chose?")
    judged = {ending for prompt, ending in model.judged if prompt.startswith("Question")}
    alone = {hit.sentence.text for hit in bot_of(candidates=2).search(chat.history[-1][0], k=2)}
    assert any(text.startswith(("Mayor Ana Roe", "It has 12", "The tram line cost")) for text in judged)
    assert len(judged) <= len(alone)
