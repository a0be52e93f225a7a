"""Every word the model is told, as files: a change of wording is seen in review.

After a change that is meant: CITEWELL_UPDATE=1 python -m pytest tests/test_prompt.py
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT

from index.load import load_folder
from qa.generate import Prompt
from qa.prompt import answer_prompt, check_prompt, judge_prompt, rewrite_prompt, stated

DATA = Path(__file__).parent / "data"
PROMPTS = {
    "judge": judge_prompt("What did the tram line cost?"),
    "answer": answer_prompt("What did the tram line cost?", "The tram line cost 40 million pounds."),
    "check": replace(
        check_prompt(),
        last=(*check_prompt().last, stated("It cost 40 million pounds.", "The tram line cost 40 million pounds.")),
    ),
    "rewrite": rewrite_prompt(
        [("Who opened it?", "Ana Roe opened it."), ("When?", "On Monday.")], "And what did it cost?"
    ),
}


def as_text(prompt: Prompt) -> str:
    turns = [f"--- {m.role}\n{m.content}\n" for m in prompt.fixed]
    return "".join([*turns, "--- user\n", "|".join(prompt.last), "\n"])


@pytest.mark.parametrize("name", PROMPTS)
def test_the_whole_prompt(name: str) -> None:
    path = DATA / f"prompt_{name}.txt"
    if os.environ.get("CITEWELL_UPDATE"):
        path.write_text(as_text(PROMPTS[name]), encoding="utf-8")
    assert as_text(PROMPTS[name]) == path.read_text(encoding="utf-8")


def test_no_example_is_about_the_sample_articles(seeds: Path) -> None:
    told = "".join(m.content for prompt in PROMPTS.values() for m in prompt.fixed).casefold()
    for word in ("macron", "isis", "daesh", "hamas", "israel", "coalition", "france", "gaza", "86"):
        assert word not in told
        assert any(word in article.text.casefold() for article in load_folder(seeds).articles)


def test_no_sentence_a_probe_is_fitted_to_is_about_the_sample_articles(seeds: Path) -> None:
    told = (ROOT / "scripts" / "probe" / "sentences.jsonl").read_text(encoding="utf-8").casefold()
    for name in ("macron", "isis", "daesh", "hamas", "israel", "france", "gaza", "netanyahu", "syria"):
        assert not re.search(rf"\b{name}\b", told)
        assert any(name in article.text.casefold() for article in load_folder(seeds).articles)


def test_what_is_fixed_does_not_depend_on_the_question() -> None:
    assert judge_prompt("a").fixed == judge_prompt("b").fixed
    assert answer_prompt("a", "b").fixed == answer_prompt("c", "d").fixed
    assert answer_prompt("a", "b").last[0] == answer_prompt("c", "d").last[0]
    assert rewrite_prompt([], "a").fixed == rewrite_prompt([("b", "c")], "d").fixed
