"""'Right' and 'wrong': lines that `citewell eval` reads as questions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from page_bot import ScriptedBot

from index.errors import QuestionError, SettingsError
from qa.questions import load_questions
from ui.feedback import Feedback, judged


def test_right_answers_become_questions(tmp_path: Path) -> None:
    bot, feedback = ScriptedBot(), Feedback(tmp_path / "f" / "f.jsonl")
    said, none = bot.ask("Who said so?"), bot.ask("What is the capital of Peru?")
    feedback.keep(judged(said, "right", key="a"))
    feedback.keep(judged(none, "right", key="b"))
    one, two = load_questions([feedback.path]).questions
    assert (one.id, one.question, one.type) == ("a", "Who said so?", "multi")
    assert [quote.text for quote in one.gold] == [c.text for c in said.citations]
    assert one.answerable
    assert not two.answerable


def test_a_wrong_answer_waits_for_someone_who_knows(tmp_path: Path) -> None:
    bot, feedback = ScriptedBot(), Feedback(tmp_path / "f.jsonl")
    feedback.keep(judged(bot.ask("What is the capital of Peru?"), "right", key="a"))
    feedback.keep(judged(bot.ask("Who said so?"), "wrong", key="b"))
    assert [question.id for question in load_questions([feedback.path]).questions] == ["a"]
    lines = [json.loads(line) for line in feedback.path.read_text(encoding="utf-8").splitlines()]
    lines[1]["answers"] = ["Macron"]
    feedback.path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    assert [question.id for question in load_questions([feedback.path]).questions] == ["a", "b"]


def test_only_wrong_ones_are_no_questions_yet(tmp_path: Path) -> None:
    feedback = Feedback(tmp_path / "f.jsonl")
    feedback.keep(judged(ScriptedBot().ask("Who said so?"), "wrong", key="b"))
    with pytest.raises(QuestionError, match="no questions in it"):
        load_questions([feedback.path])


def test_the_last_word_counts_and_others_stay(tmp_path: Path) -> None:
    answer, feedback = ScriptedBot().ask("Who said so?"), Feedback(tmp_path / "f.jsonl")
    for key, verdict in (("a", "right"), ("ab", "right"), ("a", "wrong")):
        feedback.keep(judged(answer, verdict, key=key))  # type: ignore[arg-type]
    lines = [json.loads(line) for line in feedback.path.read_text(encoding="utf-8").splitlines()]
    assert [(line["id"], line["verdict"]) for line in lines] == [("ab", "right"), ("a", "wrong")]
    feedback.drop("ab")
    assert len(feedback.path.read_text(encoding="utf-8").splitlines()) == 1


def test_a_follow_up_is_kept_as_it_was_understood() -> None:
    chat = ScriptedBot().chat()
    *_, _first = chat.stream("How many countries are there?")
    *_, answer = chat.stream("Who said so?")
    assert judged(answer, "right", key="a")["question"] == "Who said so in the coalition against ISIS?"  # type: ignore[arg-type]


def test_a_file_in_the_way_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"\xff\xfe")
    answer = ScriptedBot().ask("Who said so?")
    with pytest.raises(SettingsError, match="cannot be read .*; move the file away"):
        Feedback(tmp_path / "f").keep(judged(answer, "right", key="a"))
    with pytest.raises(SettingsError, match="cannot be written"):
        Feedback(tmp_path / "f" / "g").keep(judged(answer, "right", key="a"))
