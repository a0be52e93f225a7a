"""Several users at once, and many questions in a row, with the smallest real model.

CITEWELL_SOAK asks for the long run; `--log-level=info` shows the figures.
"""

from __future__ import annotations

import logging
import os
import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from conftest import COST, ROOT, FakeEmbedder

from benchmarks.load import answers_alone, connect_to, put_load
from index.errors import StoppedError
from index.load import load_folder
from index.passage_index import PassageIndex
from qa.answer import Answer, ClaimReady, Quotes
from qa.chatbot import Chatbot
from qa.local import LlamaGenerator
from qa.prompt import LINE_GRAMMAR, REFUSAL, answer_prompt, judge_prompt
from qa.settings import Settings
from qa.stopping import while_wanted

pytestmark = pytest.mark.model
SOAK = bool(os.environ.get("CITEWELL_SOAK"))
LOADS = ((1, 8), (4, 8), (16, 4)) if SOAK else ((4, 1),)  # askers, questions of each
MANY = 500 if SOAK else 40
GROWTH_BYTES = 64 * 2**20
QUESTIONS = (
    "How many countries are in the coalition against ISIS?",
    "Who proposed to expand the coalition?",
    "When did Macron visit Israel?",
    "What is CRIF?",
    "How many French citizens were killed?",
    "What did Macron say about Hamas?",
)


@pytest.fixture(scope="module")
def bot(tiny: LlamaGenerator, tmp_path_factory: pytest.TempPathFactory) -> Chatbot:
    """The sample articles and the smallest model, set to find an answer in everything, so that it writes and checks."""
    index = PassageIndex.create(tmp_path_factory.mktemp("seeds"), FakeEmbedder())
    index.update(load_folder(ROOT / "seeds").articles, remove_others=True)
    few = {"candidates": 3, "max_claim_tokens": 24} if not SOAK else {}
    return Chatbot(index, tiny, settings=Settings(answers_from=-50.0, **few))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def url(bot: Chatbot) -> Iterator[str]:
    from ui.app import build_app
    from ui.serve import start

    blocks = start(build_app(bot), host="127.0.0.1", port=None)
    yield str(blocks.local_url)
    blocks.close(verbose=False)


@pytest.mark.parametrize(("askers", "each"), LOADS)
def test_everyone_gets_the_answer_to_their_own_question(bot: Chatbot, url: str, askers: int, each: int) -> None:
    alone = answers_alone(QUESTIONS[: 6 if SOAK else askers], lambda question: dict(bot.ask(question).to_dict()))
    load = put_load(alone, partial(connect_to, url), askers=askers, each=each)
    waits, searches = (f"{load.wait(p):.1f}" for p in (50, 95)), f"{statistics.median(load.searches_s):.2f}"
    logging.info("%d askers: %.1f a minute; wait %s, %s s; search %s s", askers, load.a_minute, *waits, searches)
    assert len(load.waits_s) == askers * each
    assert load.mixed_up == ()
    assert statistics.median(load.searches_s) < statistics.median(load.waits_s)  # none waits for the model


def test_threads_that_ask_at_once_get_what_they_get_alone(bot: Chatbot) -> None:
    alone = [bot.ask(question).claims for question in QUESTIONS[:3]]
    with ThreadPoolExecutor(3) as pool:
        together = [answer.claims for answer in pool.map(bot.ask, QUESTIONS[:3])]
    assert together == alone


def test_a_prompt_that_was_read_is_written_the_same_whatever_comes_between(tiny: LlamaGenerator) -> None:
    prompts = [answer_prompt(COST, text) for text in ("It cost 40 million.", "It has 12 stops.", "Ana Roe spoke.")]
    tiny.read_each(prompts, refusal=REFUSAL)
    at_once = tiny._loaded().read(_tokens(tiny, prompts[1])).copy()
    tiny.read_each(prompts, refusal=REFUSAL)
    tiny.judge(judge_prompt("Who?"), ["somebody else's sentence"])
    tiny._read_again(_tokens(tiny, prompts[1]))
    assert (tiny._loaded().read(_tokens(tiny, prompts[1])) == at_once).all()


def _tokens(tiny: LlamaGenerator, prompt: object) -> tuple[int, ...]:
    fixed, last, tail = tiny._tokens(prompt)  # type: ignore[arg-type]
    return (*fixed, *last, *tail)


def test_those_who_wait_for_the_model_are_served_in_the_order_they_came(tiny: LlamaGenerator) -> None:
    served: list[int] = []
    first = threading.Event()

    def come(number: int) -> None:
        with tiny._alone():
            served.append(number)
            if number == 0:
                first.wait(30)

    threads = [threading.Thread(target=come, args=(number,)) for number in range(12)]
    for number, thread in enumerate(threads):
        thread.start()
        while len(tiny._line._queue) <= number:
            time.sleep(0.001)
    first.set()
    for thread in threads:
        thread.join()
    assert served == list(range(12))


def test_giving_up_frees_the_model_in_the_middle_of_a_line(tiny: LlamaGenerator) -> None:
    prompt = answer_prompt(COST, "It cost 40 million.")
    before = tiny.tokens[1]
    with pytest.raises(StoppedError), while_wanted(lambda: tiny._written < before + 3):
        tiny.write(prompt, grammar='root ::= "a"+', max_tokens=500)
    assert tiny.tokens[1] == before + 3
    assert tiny.write(prompt, grammar=LINE_GRAMMAR, max_tokens=3)


def test_who_waits_for_the_model_may_give_up(tiny: LlamaGenerator) -> None:
    asked = 0

    def wanted() -> bool:
        nonlocal asked
        asked += 1
        return asked < 2

    def come() -> None:
        with pytest.raises(StoppedError), while_wanted(wanted):
            tiny.count("words")
        done.append(True)

    done: list[bool] = []
    thread = threading.Thread(target=come)
    with tiny._alone():
        thread.start()
        thread.join(10)
    assert done == [True]
    assert tiny.count("words") > 0


def test_closing_a_stream_frees_the_model(bot: Chatbot) -> None:
    stream = bot.stream(QUESTIONS[0])
    assert isinstance(next(stream), Quotes)
    assert isinstance(next(stream), ClaimReady)
    other = ThreadPoolExecutor(1).submit(bot.ask, QUESTIONS[1])
    assert isinstance(other.result(120), Answer)  # an answer half taken holds nothing up
    stream.close()  # type: ignore[attr-defined]


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="resident memory is read from /proc")
def test_many_questions_cost_no_memory_and_no_time(bot: Chatbot) -> None:
    warm = MANY // 5
    times: list[float] = []
    resident: list[int] = []
    for number in range(MANY):
        begun = time.process_time()
        bot.ask(f"{QUESTIONS[number % len(QUESTIONS)][:-1]} in {1900 + number}?")
        times.append(time.process_time() - begun)
        resident.append(int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
    grown = max(resident[-warm:]) - max(resident[:warm])
    early, late = statistics.median(times[warm : 2 * warm]), statistics.median(times[-warm:])
    logging.info("%d questions: %+.1f MiB; CPU s a question %.2f, then %.2f", MANY, grown / 2**20, early, late)
    assert grown < GROWTH_BYTES
    assert late < 1.3 * early + 0.1
