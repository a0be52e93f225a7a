"""Conversations of the page: in order, apart from each other, stopped and cleared at any moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest
from page_bot import LoadingBot, ScriptedBot

from index.errors import ModelMissingError
from qa.answer import Answer, Event, Quotes
from qa.line import Line
from qa.stopping import check_wanted
from ui.conversation import Conversation, Conversations, Turn
from ui.loading import Loading

KEY, OTHER = "k" * 16, "o" * 16


def last(conversation: Conversation) -> tuple[Turn, ...]:
    """The turns once none is running."""
    *_, turns = conversation.follow()
    return turns


def until(true: Callable[[], bool], *, seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


class GatedBot(ScriptedBot):
    """Gives quotes at once, and an answer when its gate opens."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.running = 0
        self.most = 0

    def stream(
        self,
        question: str,
        *,
        articles: Sequence[str] | None = None,
        asked_as: str | None = None,
        llm: str | None = None,
    ) -> Iterator[Event]:
        yield Quotes(self.search(question, k=2))
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            self.work()
            yield Answer(question, declined=True)
        finally:
            self.running -= 1

    def work(self) -> None:
        """What comes between quotes and answer."""
        self.gate.wait(10)


def test_an_answer_grows_event_by_event() -> None:
    conversation = Conversations(ScriptedBot(delay_s=0.02)).get(KEY)
    conversation.ask("How many countries are there?", articles=["000_c19f73a1fbb07847"])
    seen = [turns[0] for turns in conversation.follow()]
    states = list(dict.fromkeys(turn.state for turn in seen))
    assert states[-1] == "done"
    assert [len(turn.claims) for turn in seen] == sorted(len(turn.claims) for turn in seen)
    assert next(turn for turn in seen if turn.hits).claims == ()
    assert seen[-1].answer is not None
    assert seen[-1].articles == ("000_c19f73a1fbb07847",)


def test_questions_are_answered_in_order_in_one_chat() -> None:
    conversation = Conversations(ScriptedBot()).get(KEY)
    conversation.ask("How many countries are there?")
    conversation.ask("Who said so?")
    turns = last(conversation)
    assert [turn.state for turn in turns] == ["done", "done"]
    assert turns[1].answer is not None
    assert turns[1].answer.asked_as is not None


def test_the_model_answers_one_question_at_a_time_and_the_rest_hear_their_place() -> None:
    bot = GatedBot()
    conversations = Conversations(bot)
    tabs = [conversations.get(str(n) * 16) for n in range(3)]
    for n, tab in enumerate(tabs):
        tab.ask(f"question {n}")
        until(lambda tab=tab, n=n: tab.turns[0].ahead == n and bool(tab.turns[0].hits))  # type: ignore[misc]
    assert bot.running == 1
    bot.gate.set()
    assert all(last(tab)[0].state == "done" for tab in tabs)
    assert bot.most == 1


def test_stop_frees_the_line_and_keeps_what_there_is() -> None:
    bot = ScriptedBot(delay_s=0.05)
    conversations = Conversations(bot)
    first, second = conversations.get(KEY), conversations.get(OTHER)
    first.ask("How many countries are there?")
    until(lambda: bool(first.turns[0].claims))
    first.stop()
    assert last(first)[0].state == "stopped"
    assert first.turns[0].claims
    second.ask("What is the capital of Peru?")
    assert last(second)[0].state == "done"
    assert bot.closed == 1


def test_stop_while_waiting_leaves_the_line() -> None:
    bot = GatedBot()
    conversations = Conversations(bot)
    first, second = conversations.get(KEY), conversations.get(OTHER)
    first.ask("one")
    until(lambda: bot.running == 1)
    second.ask("two")
    until(lambda: second.turns[0].ahead == 1)
    second.stop()
    bot.gate.set()
    assert last(first)[0].state == "done"
    assert last(second)[0].state == "stopped"


def test_clear_forgets_and_numbers_go_on() -> None:
    conversation = Conversations(ScriptedBot(delay_s=0.05)).get(KEY)
    conversation.ask("How many countries are there?")
    conversation.clear()
    assert last(conversation) == ()
    conversation.ask("What is the capital of Peru?")
    (turn,) = last(conversation)
    assert (turn.number, turn.state) == (2, "done")
    assert turn.answer is not None
    assert turn.answer.asked_as is None


def test_an_error_is_words_and_the_next_question_is_answered() -> None:
    conversation = Conversations(ScriptedBot()).get(KEY)
    conversation.ask("fail")
    conversation.ask("What is the capital of Peru?")
    turns = last(conversation)
    assert [turn.state for turn in turns] == ["failed", "done"]
    assert "ask a shorter question" in turns[0].problem


def test_a_bug_is_told_apart_and_shown_in_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    class Broken(ScriptedBot):
        def search(self, *_: object, **__: object) -> tuple[()]:
            raise ZeroDivisionError("by our own fault")

    conversation = Conversations(Broken()).get(KEY)
    conversation.ask("anything")
    (turn,) = last(conversation)
    assert turn.state == "failed"
    assert "terminal" in turn.problem
    assert "by our own fault" in capsys.readouterr().err


def test_tabs_do_not_see_each_other() -> None:
    conversations = Conversations(ScriptedBot())
    conversations.get(KEY).ask("What is the capital of Peru?")
    assert conversations.get(OTHER).turns == ()
    assert conversations.get(KEY).turns != ()
    assert conversations.get("short").turns == ()
    assert conversations.get("short") is not conversations.get("short")


def test_the_longest_unused_conversation_is_forgotten() -> None:
    conversations = Conversations(ScriptedBot(), limit=2)
    first = conversations.get(KEY)
    conversations.get(OTHER)
    assert conversations.get(KEY) is first
    conversations.get("n" * 16)
    assert conversations.get(KEY) is first
    assert conversations.get("n" * 16).turns == ()


def test_programs_wait_in_the_same_line() -> None:
    bot = GatedBot()
    conversations = Conversations(bot)
    conversations.get(KEY).ask("one")
    until(lambda: bot.running == 1)
    answers: list[Answer] = []
    asking = threading.Thread(target=lambda: answers.append(conversations.answer("two")))
    asking.start()
    time.sleep(0.05)
    assert bot.running == 1
    bot.gate.set()
    asking.join(5)
    assert answers[0].question == "two"
    assert bot.most == 1


def test_line_serves_in_order() -> None:
    line = Line()
    assert line.enter("a", waits=lambda _: False)
    assert not line.enter("b", waits=lambda _: False)
    places: list[int] = []
    assert not line.enter("c", waits=lambda ahead: bool(places.append(ahead)))
    assert places == [1]
    line.leave("b")
    line.leave("a")
    assert line.enter("c", waits=lambda _: False)


# ---- while the model is loaded


@pytest.fixture
def loading_bot() -> Iterator[LoadingBot]:
    bot = LoadingBot()
    yield bot
    bot.there.set()  # ends its thread


def test_quotes_come_while_the_model_is_loaded_and_the_answer_after(loading_bot: LoadingBot) -> None:
    loading = Loading(loading_bot)
    loading.begin()
    loading.begin()
    conversation = Conversations(loading_bot, loading=loading).get(KEY)
    conversation.ask("How many countries are there?")
    until(lambda: conversation.turns[0].state == "loading" and bool(conversation.turns[0].hits))
    assert loading.progress() == {"words": "Loading Scripted-1.5B …", "failed": False}
    loading_bot.llm_bytes = (420_000_000, 1_117_320_768)
    assert loading.progress()["words"] == "Fetching Scripted-1.5B: 420 MB of 1.1 GB …"
    loading_bot.there.set()
    assert last(conversation)[0].state == "done"
    assert loading.progress() == {"words": "", "failed": False}
    assert loading_bot.tries == 1


def test_who_waits_for_the_model_holds_nobody_up(loading_bot: LoadingBot) -> None:
    loading = Loading(loading_bot)
    loading.begin()
    conversations = Conversations(loading_bot, loading=loading)
    first, second = conversations.get(KEY), conversations.get(OTHER)
    first.ask("How many countries are there?")
    until(lambda: first.turns[0].state == "loading")
    assert conversations.in_line(lambda: "removed") == "removed"
    second.ask("How many countries are there?", llm="Scripted-0.5B")
    assert last(second)[0].state == "done"
    first.stop()
    assert last(first)[0].state == "stopped"


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (ModelMissingError("x.gguf is no model; name another"), "x.gguf is no model; name another"),
        (ZeroDivisionError("by our own fault"), "the terminal it runs in shows the details"),
    ],
)
def test_a_model_that_cannot_be_loaded_is_one_sentence_and_tried_again(
    loading_bot: LoadingBot, fault: Exception, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    loading_bot.fault = fault
    said: list[str] = []
    loading = Loading(loading_bot)
    loading.begin(failed=said.append)
    conversation = Conversations(loading_bot, loading=loading).get(KEY)
    conversation.ask("How many countries are there?")
    until(lambda: conversation.turns[0].state == "loading")
    loading_bot.there.set()
    assert problem in last(conversation)[0].problem
    until(lambda: bool(said))
    assert problem in said[0]
    progress = loading.progress()
    assert progress["failed"]
    assert progress["words"].startswith("The language model is not loaded: ")
    assert problem in progress["words"]
    assert ("by our own fault" in capsys.readouterr().err) == isinstance(fault, ZeroDivisionError)
    loading_bot.fault = None
    conversation.ask("How many countries are there?")
    assert last(conversation)[1].state == "done"
    assert loading_bot.tries == 2


def test_a_question_whose_article_is_removed_meanwhile_is_put_to_the_others() -> None:
    class Removable(GatedBot):
        def work(self) -> None:
            here = self.articles
            super().work()
            assert here == self.articles, "an article was removed while it was being read"

    bot = Removable()
    conversations = Conversations(bot)
    first, second = conversations.get(KEY), conversations.get(OTHER)
    first.ask("one")
    until(lambda: bot.running == 1)
    removing = threading.Thread(target=lambda: conversations.in_line(lambda: bot.remove([bot.articles[0].id])))
    removing.start()
    time.sleep(0.1)  # in line before the second question
    second.ask("coalition countries 86 Interpol")
    until(lambda: second.turns[0].ahead == 2)
    assert len({hit.sentence.article.id for hit in second.turns[0].hits} & {bot.articles[0].id}) == 1
    gone = bot.articles[0].id
    bot.gate.set()
    removing.join(5)
    (turn,) = last(second)
    assert turn.state == "done"
    assert gone not in {hit.sentence.article.id for hit in turn.hits}


def test_a_server_answers_a_few_questions_at_a_time() -> None:
    bot = GatedBot()
    bot.at_once = 2
    conversations = Conversations(bot)
    tabs = [conversations.get(str(n) * 16) for n in range(4)]
    for n, tab in enumerate(tabs):
        tab.ask(f"question {n}")
        until(lambda tab=tab, n=n: tab.turns[0].ahead == max(n - 1, 0) and bool(tab.turns[0].hits))  # type: ignore[misc]
    until(lambda: bot.running == 2)
    bot.gate.set()
    assert all(last(tab)[0].state == "done" for tab in tabs)
    assert bot.most == 2


def test_stop_reaches_the_model_in_the_middle_of_its_work() -> None:
    class WorkingBot(GatedBot):
        def work(self) -> None:
            while True:
                check_wanted()
                time.sleep(0.005)

    bot = WorkingBot()
    conversation = Conversations(bot).get(KEY)
    conversation.ask("one")
    until(lambda: bot.running == 1)
    conversation.stop()
    until(lambda: bot.running == 0)
    assert conversation.turns[0].state == "stopped"
