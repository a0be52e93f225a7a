"""The one door, with a scripted model: events, refusals, conversations, odd input."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from conftest import FakeGenerator, knows

from index.errors import CitewellError, GenerationError, QuestionError, SettingsError
from qa.answer import Answer, ClaimReady, Quotes
from qa.chatbot import Chatbot

BotOf = Callable[..., Chatbot]
COST = "What did the tram line cost?"


def test_events_come_in_order(bot_of: BotOf) -> None:
    bot = bot_of(knows("40 million", reply="It cost 40 million pounds."))
    quotes, *claims, answer = bot.stream(COST)
    assert isinstance(quotes, Quotes)
    assert [h.rank for h in quotes.hits] == [1, 2, 3]
    assert all(isinstance(event, ClaimReady) for event in claims)
    assert isinstance(answer, Answer)
    assert tuple(event.claim for event in claims if isinstance(event, ClaimReady)) == answer.claims
    assert answer.question == COST
    assert (answer.llm, answer.embedder) == ("scripted", "fake")
    assert answer.asked_as is None


def test_timings_follow_the_events(bot_of: BotOf) -> None:
    t = bot_of(knows("40 million", reply="It cost 40 million pounds.")).ask(COST).timings
    assert t.retrieve is not None
    assert t.first_quote is not None
    assert t.first_claim is not None
    assert t.total is not None
    assert 0 < t.retrieve <= t.first_quote <= t.first_claim <= t.total
    declined = bot_of(knows("nothing at all")).ask(COST).timings
    assert declined.first_claim is None
    assert declined.total is not None


def test_quotes_come_before_the_model_runs(bot_of: BotOf) -> None:
    generator = knows("40 million")
    stream = bot_of(generator).stream(COST)
    assert isinstance(next(stream), Quotes)
    assert generator.judged == []
    stream.close()
    assert generator.judged == generator.written == []


def test_warming_up_reads_what_the_model_will_be_asked(bot_of: BotOf) -> None:
    for probed in (True, False):
        generator = knows("40 million", reply="It cost 40 million pounds.")
        generator.probed = probed
        bot_of(generator).warm_up()
        yes_or_no = [prompt for prompt in generator.prepared if "Reply Yes or No" in prompt]
        assert len(generator.prepared) == (3 if probed else 4)
        assert bool(yes_or_no) is not probed


def test_closing_the_stream_stops_the_model(bot_of: BotOf) -> None:
    generator = knows("tram", reply="It cost 40 million pounds.")
    stream = bot_of(generator).stream(COST)
    next(stream)
    next(stream)
    asked = len(generator.judged), len(generator.written)
    stream.close()
    assert (len(generator.judged), len(generator.written)) == asked
    with pytest.raises(StopIteration):
        next(stream)


@pytest.mark.parametrize("question", ["", "   \n\t", "\0\x1b", "?!…", "\u200b"])
def test_an_empty_question_is_refused(bot_of: BotOf, question: str) -> None:
    with pytest.raises(QuestionError, match="the question is empty"):
        bot_of().ask(question)
    with pytest.raises(QuestionError, match="the question is empty"):
        bot_of().search(question)


def test_a_question_too_long_is_refused(bot_of: BotOf) -> None:
    with pytest.raises(QuestionError, match="has 100,000 characters, at most 4,000"):
        bot_of().ask("x" * 100_000)
    assert bot_of(max_question_chars=100_000).ask("x" * 100_000).declined


@pytest.mark.parametrize(
    "question",
    [
        "What did\x00 the\x1b[31m tram\x07 line\r\n cost?\u202e",
        "Was kostete die Straßenbahn? 有轨电车花了多少钱？ كم كلف الترام؟",
        "cost\ud800?",
        "<|im_end|> [INST] {{ system }} ```",
        "💶💶💶 cost",
        "a",
    ],
)
def test_odd_questions_are_answered_or_declined(bot_of: BotOf, question: str) -> None:
    generator = knows("40 million", reply="It cost 40 million pounds.")
    answer = bot_of(generator).ask(question)
    assert answer.question == question
    assert answer.claims
    assert all(part.isprintable() for prompt, _ in generator.judged for part in prompt.split("\n"))


def test_articles_are_chosen_by_id(bot_of: BotOf) -> None:
    answer = bot_of(knows("tram", reply="")).ask(COST, articles=["york"])
    assert {c.article.id for c in answer.citations} == {"york"}
    assert bot_of(knows("tram")).ask(COST, articles=[]).declined
    for call in ("ask", "search"):
        with pytest.raises(SettingsError, match="no article 'kent'; there are: leeds, york"):
            getattr(bot_of(), call)(COST, articles=["leeds", "kent"])
    with pytest.raises(SettingsError, match="no article 'kent'"):
        bot_of().sentences("kent")


def test_sentences_are_those_that_may_be_cited(bot_of: BotOf) -> None:
    bot = bot_of()
    assert [s.text for s in bot.sentences("york")][-1] == "The cost is not known."
    assert [s.text for s in bot.split("york").sentences][-1] == "Subscribe to our newsletter"
    assert [a.id for a in bot.articles] == ["leeds", "york"]


def test_a_failing_model_is_an_error_and_the_next_question_works(bot_of: BotOf) -> None:
    fails = [True]

    def odds(prompt: str, ending: str) -> float:
        if fails.pop() if fails else False:
            raise GenerationError("llama.cpp failed")
        return -6.0

    bot = bot_of(FakeGenerator(odds))
    with pytest.raises(CitewellError, match=r"llama\.cpp failed"):
        bot.ask(COST)
    assert bot.ask(COST).declined


def test_a_follow_up_is_asked_as_a_whole_question(bot_of: BotOf) -> None:
    generator = knows("12 stops", reply="How many stops has the tram line of Leeds?")
    chat = bot_of(generator).chat()
    first = chat.ask(COST)
    assert first.declined is False or first.declined is True
    assert first.asked_as is None
    second = chat.ask("And how many stops?")
    assert second.question == "And how many stops?"
    assert second.asked_as == "How many stops has the tram line of Leeds?"
    rewriting = next(prompt for prompt in generator.written if "And how many stops?" in prompt)
    assert COST in rewriting
    assert chat.history[1][0] == second.asked_as
    assert len(chat.history) == 2


def test_only_the_last_turns_are_read(bot_of: BotOf) -> None:
    generator = knows("nothing", reply="A whole question?")
    chat = bot_of(generator, remembered_turns=2).chat([("First?", "One."), ("Second?", "Two."), ("Third?", "Three.")])
    chat.ask("And now?")
    assert "First?" not in generator.written[0]
    assert "Second?" in generator.written[0]
    assert "Three." in generator.written[0]


def test_an_answer_given_up_is_not_remembered(bot_of: BotOf) -> None:
    chat = bot_of(knows("40 million")).chat()
    stream = chat.stream(COST)
    next(stream)
    stream.close()
    assert chat.history == ()
    with pytest.raises(QuestionError):
        chat.ask(" ")
    assert chat.history == ()


def test_an_empty_rewriting_keeps_the_question(bot_of: BotOf) -> None:
    answer = bot_of(knows("nothing", reply=" ")).chat([("First?", "One.")]).ask("And now?")
    assert answer.asked_as is None


def test_two_chats_share_nothing(bot_of: BotOf) -> None:
    bot = bot_of(knows("40 million", reply="It cost 40 million pounds."))
    one, other = bot.chat(), bot.chat()
    one.ask(COST)
    assert len(one.history) == 1
    assert other.history == ()
