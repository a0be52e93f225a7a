"""Chat: a conversation with a Chatbot, in which a question may lean on the ones before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from index.article import Sentence
from index.errors import CitewellError
from index.load import plain_text
from qa.answer import Answer, Event
from qa.asking import leans

if TYPE_CHECKING:
    from qa.chatbot import Chatbot


class Chat:
    """A conversation: each question may lean on the ones before. Not to be shared between users."""

    def __init__(self, bot: Chatbot, history: Sequence[tuple[str, str]] = ()) -> None:
        self._bot = bot
        self._history = list(history)
        self._cited: tuple[Sentence, ...] = ()  # by the last answer: what a follow-up is about stands near

    @property
    def history(self) -> tuple[tuple[str, str], ...]:
        """Questions, as understood, and the texts of their answers, oldest first."""
        return tuple(self._history)

    def ask(self, question: str, *, articles: Sequence[str] | None = None, llm: str | None = None) -> Answer:
        """Answer the next question of the conversation; as `Chatbot.ask`."""
        return last_answer(self.stream(question, articles=articles, llm=llm))

    def stream(
        self, question: str, *, articles: Sequence[str] | None = None, llm: str | None = None
    ) -> Iterator[Event]:
        """Answer the next question step by step; as `Chatbot.stream`. An answer given up midway is not remembered."""
        near = self._cited if leans(question) else ()
        whole = partial(self._whole, llm=llm)
        for event in self._bot.stream_whole(question, articles, llm=llm, asked_as=whole, near=near):
            if isinstance(event, Answer):
                self._cited = tuple(citation.source for citation in event.citations) or self._cited
                self._history.append((event.asked_as or event.question, _spoken(event)))
            yield event

    def _whole(self, question: str, *, llm: str | None) -> str:
        """A follow-up as a question that needs no conversation around it."""
        return self._bot.rewrite(question, self._history, llm=llm)


def last_answer(events: Iterator[Event]) -> Answer:
    """The answer that a stream ends with; CitewellError if it ends without one."""
    answer: Answer | None = None
    for event in events:
        if isinstance(event, Answer):
            answer = event
    if answer is None:
        raise CitewellError("the answer was broken off; ask again")
    return answer


def _spoken(answer: Answer) -> str:
    """What was said, for the model to read back: claims without marks, with who says them, whom 'he' may mean next."""
    said = [part for claim in answer.claims for part in (claim.attribution, plain_text(claim.text)) if part]
    return " ".join(said) or answer.lead
