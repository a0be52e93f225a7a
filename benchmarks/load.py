"""Many askers at once through the page's endpoint `/ask`: how long each waits, and whether each gets its own answer.

A model answers one question at a time, so askers together get through as many questions a minute as one alone; what
grows is the wait. It has to grow evenly: first come, first served.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from qa.chatbot import Chatbot

Ask = Callable[[str], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Load:
    """What some askers at once met with.

    Attributes:
        askers: How many there were.
        waits_s: Seconds from each question to its answer.
        searches_s: Seconds each search took meanwhile.
        total_s: Seconds from the first question to the last answer.
        mixed_up: Questions whose answer is not the one they get when asked alone.
    """

    askers: int
    waits_s: tuple[float, ...]
    searches_s: tuple[float, ...]
    total_s: float
    mixed_up: tuple[str, ...]

    @property
    def a_minute(self) -> float:
        """Answers a minute, of all askers together."""
        return 60 * len(self.waits_s) / self.total_s

    def wait(self, percent: int) -> float:
        """Seconds within which so many percent of the questions were answered."""
        if len(self.waits_s) == 1:
            return self.waits_s[0]
        return statistics.quantiles(self.waits_s, n=100, method="inclusive")[percent - 1]


def answers_alone(questions: Sequence[str], ask: Ask) -> dict[str, Any]:
    """What each question gets when nobody else asks.

    Args:
        questions: What is asked.
        ask: Puts a question, and waits for the JSON of its answer.

    Returns:
        Question -> what has to be the same whoever else asks.
    """
    return {question: _lasting(ask(question)) for question in questions}


def put_load(
    alone: Mapping[str, Any], connect: Callable[[], tuple[Ask, Callable[[str], object]]], *, askers: int, each: int
) -> Load:
    """Have several askers put questions at once, each its next one when it has its answer, while one more searches.

    Args:
        alone: What `answers_alone` gave.
        connect: Makes a client of its own for an asker: a call that asks, and one that searches.
        askers: How many ask at once.
        each: How many questions each puts.

    Returns:
        What they met with.
    """
    questions = list(alone)
    clients = [connect() for _ in range(askers)]
    _, search = connect()

    def run(number: int) -> list[tuple[str, float, Any]]:
        ask, _ = clients[number]
        found = []
        for turn in range(each):
            question = questions[(number + turn * askers) % len(questions)]
            begun = time.perf_counter()
            answer = ask(question)
            found.append((question, time.perf_counter() - begun, _lasting(answer)))
        return found

    searches: list[float] = []
    started = time.perf_counter()
    with ThreadPoolExecutor(askers) as pool:
        runs = [pool.submit(run, number) for number in range(askers)]
        while not all(one.done() for one in runs):
            begun = time.perf_counter()
            search(questions[len(searches) % len(questions)])
            searches.append(time.perf_counter() - begun)
            time.sleep(0.25)
        found = [one for done in runs for one in done.result()]
    total = time.perf_counter() - started
    mixed_up = tuple(question for question, _, answer in found if answer != alone[question])
    return Load(askers, tuple(wait for _, wait, _ in found), tuple(searches), total, mixed_up)


def connect_to(url: str) -> tuple[Ask, Callable[[str], object]]:
    """A client of a page: a call that asks, and one that searches.

    Args:
        url: The page's address.

    Returns:
        Both calls.
    """
    from gradio_client import Client  # noqa: PLC0415 - takes seconds

    client = Client(url, verbose=False, analytics_enabled=False)
    return (
        lambda question: client.predict(question, None, api_name="/ask"),
        lambda words: client.predict(words, 3, None, api_name="/search"),
    )


def time_load(bot: Chatbot, questions: Sequence[str]) -> list[Load]:
    """Serve a page on loopback and put 1, 4 and 16 askers before it.

    Args:
        bot: Answers.
        questions: What is asked.

    Returns:
        What each crowd met with.
    """
    from ui.app import build_app  # noqa: PLC0415 - gradio takes seconds
    from ui.serve import start  # noqa: PLC0415

    alone = answers_alone(questions, lambda question: dict(bot.ask(question).to_dict()))
    blocks = start(build_app(bot), host="127.0.0.1", port=None)
    try:
        connect = partial(connect_to, str(blocks.local_url))
        return [put_load(alone, connect, askers=askers, each=each) for askers, each in ((1, 8), (4, 4), (16, 2))]
    finally:
        blocks.close(verbose=False)


def _lasting(answer: Mapping[str, Any]) -> dict[str, Any]:
    """An answer without its timings."""
    return {key: value for key, value in answer.items() if key != "timings_s"}
