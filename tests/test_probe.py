"""What is read off the layers of a language model: the states themselves, and the lines fitted to them."""

from __future__ import annotations

import ctypes
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT
from safetensors import safe_open

from qa.chatbot import Chatbot
from qa.local import LlamaGenerator
from qa.models import ModelStore
from qa.probe import FOLDER, find_probes
from qa.prompt import REFUSAL, answer_prompt, check_prompt, fingerprint, judge_prompt, stated
from qa.states import interrupts_held

COST = "What did the tram line cost?"
SENTENCES = ("The tram line cost 40 million pounds.", "It has 12 stops.", "Ana Roe opened it on Monday.")


@pytest.fixture(scope="module")
def watched() -> Iterator[LlamaGenerator]:
    """The smallest real model, with the states of a layer."""
    yield LlamaGenerator(
        lambda: ModelStore.open().locate("tiny", "llm"), name="tiny", context_tokens=1024, threads=1, layer=12
    )


@pytest.mark.model
def test_states_are_those_of_each_ending(watched: LlamaGenerator, tiny: LlamaGenerator) -> None:
    together = watched.try_each(judge_prompt(COST), [*SENTENCES, *SENTENCES] * 6)  # more than one batch of sequences
    states = np.array([branched.state for branched in together])
    assert states.shape == (36, 576)
    assert np.isfinite(states).all()
    alone = np.array([watched.try_each(judge_prompt(COST), [text])[0].state for text in SENTENCES])
    likeness = alone @ states[:3].T / np.linalg.norm(alone, axis=1)[:, None] / np.linalg.norm(states[:3], axis=1)
    assert likeness.argmax(axis=1).tolist() == [0, 1, 2]
    assert likeness.diagonal().min() > 0.999  # other batches round differently
    assert watched.judge(judge_prompt(COST), SENTENCES) == tiny.judge(judge_prompt(COST), SENTENCES)
    assert tiny.try_each(judge_prompt(COST), SENTENCES)[0].state is None


@pytest.mark.model
def test_a_long_text_has_its_last_tokens_state(watched: LlamaGenerator) -> None:
    long = "The tram line has 12 stops and a depot. " * 60  # llama.cpp reads it in pieces
    (one,) = watched.try_each(judge_prompt(COST), [f"{long}It cost 40 million."])
    (other,) = watched.try_each(judge_prompt(COST), [f"{long}It has 12 stops."])
    assert one.state is not None
    assert other.state is not None
    assert not np.allclose(one.state, other.state)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.safetensors")), ids=lambda path: path.stem)
def test_every_probe_fits_the_prompt_of_today(path: Path) -> None:
    with safe_open(path, framework="numpy") as file:
        assert file.metadata()["prompts"] == fingerprint(), "fit it anew: python -m scripts.fit_probe"


@pytest.mark.model
def test_the_default_model_has_a_probe_and_other_files_have_none(tmp_path: Path) -> None:
    model = ModelStore.open().locate(None, "llm")
    probes = find_probes(model)
    assert probes is not None
    assert {name: probe.weights.shape for name, probe in probes.named.items()} == {"answer": (1536,), "check": (1536,)}
    assert find_probes(ModelStore.open().locate("tiny", "llm")) is None
    other = tmp_path / model.name
    other.write_bytes(b"GGUF")
    assert find_probes(other) is None  # of this name, but of another size


@pytest.mark.model
def test_a_model_tells_whether_it_has_a_probe(real_bot: Chatbot, tiny: LlamaGenerator) -> None:
    for prompt, probed in ((answer_prompt("", ""), True), (check_prompt(), True), (judge_prompt(""), False)):
        assert real_bot._generator.has_probe(prompt) is probed
        assert not tiny.has_probe(prompt)


@pytest.mark.model
def test_the_probe_tells_what_is_answered_and_what_is_said(real_bot: Chatbot) -> None:
    lines = (ROOT / "scripts" / "probe" / "sentences.jsonl").read_text(encoding="utf-8").splitlines()[::60]
    model = real_bot._generator
    answered, not_answered, said, not_said = [], [], [], []
    for given in map(json.loads, lines):
        for questions, found in (
            (given["answered"], answered),
            ([no["question"] for no in given["not_answered"]], not_answered),
        ):
            prompts = [answer_prompt(question, given["source"]) for question in questions]
            found += [reading.willing for reading in model.read_each(prompts, refusal=REFUSAL)]
        for claims, found in ((given["said"], said), (given["not_said"], not_said)):
            found += model.judge(check_prompt(), [stated(claim, given["source"]) for claim in claims])
    for yes, no in ((answered, not_answered), (said, not_said)):
        apart = np.greater.outer(yes, no).mean()
        assert apart > 0.9, f"only {apart:.2f} of pairs in order: fit the probe anew"


def test_an_interrupt_in_a_callback_is_not_lost() -> None:
    def interrupted() -> int:
        os.kill(os.getpid(), signal.SIGINT)
        return 7

    callback = ctypes.CFUNCTYPE(ctypes.c_int)(interrupted)
    came_back = []
    with pytest.raises(KeyboardInterrupt):
        with interrupts_held():
            came_back.append(callback())
        came_back.append("after the block")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert came_back == [7]
