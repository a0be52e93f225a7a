"""Hundreds of questions in one process: whether the last are answered as fast as the first, and in the same memory."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qa.chatbot import Chatbot

_WARM = 50  # questions before memory is compared: caches of fixed size fill first
_SOME = 100  # questions at either end whose times are compared: processor time, which other processes change little


@dataclass(frozen=True, slots=True)
class Many:
    """What many questions came to.

    Attributes:
        questions: How many were answered.
        first_s: Median processor time of the first hundred, the warming ones left out.
        last_s: The same of the last hundred.
        warm_mb: Resident memory once warm.
        end_mb: Resident memory after the last.
        most_mb: The most of all, from when it was warm.
    """

    questions: int
    first_s: float
    last_s: float
    warm_mb: float
    end_mb: float
    most_mb: float


def ask_many(bot: Chatbot, questions: Sequence[str], *, count: int) -> Many:
    """Ask one question after the other, no two the same.

    Args:
        bot: Answers.
        questions: Asked round by round, each time of another year.
        count: How many are asked and counted; some more are asked before.

    Returns:
        What it came to.
    """
    seconds, memory = [], []
    for number in range(_WARM + count):
        started = time.process_time()
        bot.ask(f"{questions[number % len(questions)].rstrip('?')} in {1500 + number}?")
        seconds.append(time.process_time() - started)
        memory.append(resident_mb())
    some = min(_SOME, count // 2) // len(questions) * len(questions) or count // 2  # the same questions at both ends
    first, last = (statistics.median(part) for part in (seconds[_WARM : _WARM + some], seconds[-some:]))
    return Many(count, first, last, memory[_WARM - 1], memory[-1], max(memory[_WARM - 1 :]))


def resident_mb() -> float:
    """Memory of this process in RAM, in MB; Linux only."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6
