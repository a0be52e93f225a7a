"""Conversations of the chat page, kept by the server: each belongs to one browser tab and outlives a reload.

An answer is written by the conversation's own thread, in one thread from first event to last, whoever looks on.
A model on this machine answers one question at a time, a server a few; `Line` is where questions wait, as they came.
"""

from __future__ import annotations

import threading
import traceback
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, TypeVar

from index.article import Hit
from index.errors import CitewellError
from qa.answer import Answer, Claim, ClaimReady, Event, Quotes
from qa.line import Line
from qa.stopping import while_wanted
from ui.bot import Bot, Chat
from ui.feedback import Verdict
from ui.loading import BUG, Loading

T = TypeVar("T")
State = Literal["waiting", "loading", "reading", "answering", "done", "stopped", "failed"]
_QUOTES = 3  # sentences shown for a follow-up before the model has read it
_KEY_CHARS = 16  # shorter keys could be guessed


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and as much of its answer as there is.

    Attributes:
        number: Counts the conversation's questions from 1, cleared ones too.
        question: What the user typed.
        state: How far it has got; the last three are final.
        hits: The closest sentences, once retrieval is done.
        claims: The checked claims so far.
        answer: The finished answer when `state` is done.
        problem: What went wrong when `state` is failed, for the user.
        ahead: How many questions are answered before this one while `state` is waiting.
        articles: Ids the question was limited to; None is all.
        llm: The language model that was chosen; None is the default.
        verdict: What the reader said of the answer, if anything.
    """

    number: int
    question: str
    state: State = "waiting"
    hits: tuple[Hit, ...] = ()
    claims: tuple[Claim, ...] = ()
    answer: Answer | None = None
    problem: str = ""
    ahead: int = 0
    articles: tuple[str, ...] | None = None
    llm: str | None = None
    verdict: Verdict | None = None

    @property
    def running(self) -> bool:
        """Whether more is to come."""
        return self.state in ("waiting", "loading", "reading", "answering")

    @property
    def outcome(self) -> Answer | None:
        """The finished answer, or the claims there were when it was stopped; None if there is nothing."""
        if self.answer is not None or self.running or not self.claims:
            return self.answer
        return Answer(self.question, self.claims, lead="Stopped before the answer was finished.")


class Conversation:
    """The turns of one browser tab. Its methods may be called from any thread."""

    def __init__(self, bot: Bot, line: Line, loading: Loading) -> None:
        self._bot = bot
        self._line = line
        self._loading = loading
        self._chat: Chat | None = None
        self._changed = threading.Condition()
        self._turns: tuple[Turn, ...] = ()
        self._asked = 0
        self._working = False

    @property
    def turns(self) -> tuple[Turn, ...]:
        """All turns, oldest first."""
        return self._turns

    def ask(self, question: str, *, articles: Sequence[str] | None = None, llm: str | None = None) -> None:
        """Add a question and begin to answer it, or have it wait for the ones before it."""
        with self._changed:
            self._asked += 1
            only = None if articles is None else tuple(articles)
            self._turns += (Turn(number=self._asked, question=question, articles=only, llm=llm),)
            self._changed.notify_all()
            if not self._working:
                self._working = True
                threading.Thread(target=self._work, name="citewell-answer", daemon=True).start()

    def stop(self) -> None:
        """End every running turn where it stands; what is shown of it stays."""
        with self._changed:
            self._turns = tuple(replace(t, state="stopped", ahead=0) if t.running else t for t in self._turns)
            self._changed.notify_all()

    def clear(self) -> None:
        """Forget all turns."""
        self.stop()
        with self._changed:
            self._turns, self._chat = (), None
            self._changed.notify_all()

    def judge(self, number: int, verdict: Verdict | None) -> Answer | None:
        """Note what the reader says of an answer; returns the answer, None if there is none to judge."""
        with self._changed:
            found = next((t for t in self._turns if t.number == number and t.answer), None)
            if found is None:
                return None
            self._turns = tuple(replace(t, verdict=verdict) if t is found else t for t in self._turns)
            self._changed.notify_all()
            return found.answer

    def follow(self) -> Iterator[tuple[Turn, ...]]:
        """The turns now and after every change, until none is running."""
        seen: tuple[Turn, ...] | None = None
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._turns is not seen, timeout=30)  # noqa: B023
                turns = self._turns
            if turns is not seen:
                yield turns
            seen = turns
            if not any(turn.running for turn in turns):
                return

    def _work(self) -> None:
        while True:
            with self._changed:
                turn = next((t for t in self._turns if t.running), None)
                if turn is None:
                    self._working = False
                    return
            problem = None
            try:
                with while_wanted(partial(self._update, turn.number, lambda t: t)):
                    self._answer(turn)
            except CitewellError as error:
                problem = str(error)
            except Exception:
                traceback.print_exc()
                problem = BUG
            if problem is not None:
                self._update(turn.number, partial(replace, state="failed", problem=problem, ahead=0))

    def _answer(self, turn: Turn) -> None:
        """Answer one turn, its closest sentences first, before it waits in line.

        A follow-up has to be understood by the model before its own quotes can come, so the sentences closest to its
        bare words stand in for them.
        """
        first = self._chat is None
        chat = self._chat = self._chat or self._bot.chat()
        articles = self._bot.articles
        stream = self._stream(chat, turn)
        llm = turn.llm or self._bot.llm_name
        loads = partial(self._update, turn.number, lambda t: replace(t, state="loading"))
        ticket = object()
        try:
            quotes = next(stream, None) if first else self._closest(turn)
            if not self._show(turn.number, quotes) or not self._loading.wait(llm, goes_on=loads):
                return
            if not self._line.enter(ticket, waits=lambda n: self._update(turn.number, lambda t: replace(t, ahead=n))):
                return
            if first and self._bot.articles != articles:  # changed meanwhile: what was found may be gone
                stream.close()
                stream = self._stream(chat, turn)
                self._show(turn.number, next(stream, None))
            state: State = "loading" if not self._loading.is_awake(llm) else "answering" if first else "reading"
            if not self._update(turn.number, lambda t: replace(t, ahead=0, state=state)):
                return
            for event in stream:
                if isinstance(event, ClaimReady | Answer):
                    self._loading.note_awake(llm)
                if not self._show(turn.number, event):
                    return
        finally:
            stream.close()  # stops the model
            self._line.leave(ticket)

    def _stream(self, chat: Chat, turn: Turn) -> Generator[Event, None, None]:
        """The events of a turn, which may be closed; nothing has begun yet."""
        yield from chat.stream(turn.question, articles=turn.articles, llm=turn.llm)

    def _closest(self, turn: Turn) -> Quotes:
        return Quotes(self._bot.search(turn.question, k=_QUOTES, articles=turn.articles))

    def _show(self, number: int, event: Event | None) -> bool:
        """Take one event over into a turn; False once nobody wants more."""
        if isinstance(event, Quotes):
            hits = event.hits
            return self._update(number, lambda t: replace(t, hits=hits, state=_further(t.state)))
        if isinstance(event, ClaimReady):
            claim = event.claim
            return self._update(number, lambda t: replace(t, claims=(*t.claims, claim), state="answering"))
        if isinstance(event, Answer):
            answer = event
            return self._update(number, lambda t: replace(t, claims=answer.claims, answer=answer, state="done"))
        return False

    def _update(self, number: int, change: Callable[[Turn], Turn]) -> bool:
        """Replace a running turn by a changed one; False, and nothing done, if it was stopped or cleared."""
        with self._changed:
            old = next((t for t in self._turns if t.number == number and t.running), None)
            if old is None:
                return False
            new = change(old)
            if new != old:
                self._turns = tuple(new if t is old else t for t in self._turns)
                self._changed.notify_all()
            return True


class Conversations:
    """The conversations of all tabs, by a key that each tab makes up and nobody else knows.

    Args:
        bot: Answers the questions.
        limit: Most conversations kept; the one that was used longest ago is forgotten first.
        loading: Knows which models are in memory; by default the bot's own is taken to be.
    """

    def __init__(self, bot: Bot, *, limit: int = 200, loading: Loading | None = None) -> None:
        self._bot = bot
        self._line = Line(bot.at_once)
        self._loading = loading or Loading(bot)
        self._limit = limit
        self._lock = threading.Lock()
        self._by_key: OrderedDict[str, Conversation] = OrderedDict()

    def get(self, key: str) -> Conversation:
        """The conversation of a tab; a new one if the key is new, an unkept one if it is too short to be secret."""
        if len(key) < _KEY_CHARS:
            return Conversation(self._bot, self._line, self._loading)
        with self._lock:
            conversation = self._by_key.pop(key, None) or Conversation(self._bot, self._line, self._loading)
            self._by_key[key] = conversation
            while len(self._by_key) > self._limit:
                self._by_key.popitem(last=False)
            return conversation

    def answer(self, question: str, *, articles: Sequence[str] | None = None) -> Answer:
        """Answer one question on its own, in line with those of the tabs."""
        return self.in_line(lambda: self._bot.ask(question, articles=articles))

    def in_line(self, act: Callable[[], T]) -> T:
        """Do something once the questions before it are answered, and before any after it is."""
        ticket = object()
        self._line.enter(ticket, waits=lambda ahead: True)
        try:
            return act()
        finally:
            self._line.leave(ticket)


def _further(state: State) -> State:
    """What a turn does once its quotes are there: a model that is being loaded still is."""
    return "loading" if state == "loading" else "answering"
