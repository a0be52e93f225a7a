"""The command, in process: exit codes, what stands on stdout, batches, indexes."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from conftest import COST, ROOT, FakeGenerator, Run

from index.passage_index import PassageIndex
from qa import Chatbot
from qa.settings import Settings
from ui.export import FORMATS


def timeless(text: str) -> str:
    """Output but for the seconds that answers took."""
    return re.sub(r"in \d+\.\d s|\"(retrieve|first_quote|first_claim|total)\": [\d.]+", "", text)


@pytest.fixture
def bot(towns: PassageIndex, generator: FakeGenerator) -> Chatbot:
    """Answers as the command does."""
    return Chatbot(towns, generator, settings=Settings())


def lines(path: Path, records: Sequence[object]) -> Path:
    path.write_text("".join((r if isinstance(r, str) else json.dumps(r, ensure_ascii=False)) + "\n" for r in records))
    return path


def test_an_answer_is_text_on_stdout(run: Run) -> None:
    code, out, err = run("ask", COST, "--articles", "clippings")
    assert code == 0
    assert out.startswith("It cost 40 million pounds. [1]\n")
    assert "[1] Leeds opens a tram line., sentence 1: The tram line cost 40 million pounds." in out
    assert "index of clippings: 2 added; 2 articles in all" in err


def test_json_stands_alone_on_stdout(run: Run, clippings: Path) -> None:
    (clippings / "empty.txt").touch()
    code, out, err = run("ask", COST, "--articles", "clippings", "--json")
    answer = json.loads(out)
    assert code == 0
    assert answer["citations"][0]["article"] == "leeds"
    assert "left out: " in err
    assert "empty.txt: is empty" in err
    code, out, _ = run("search", "tram stops", "-k", 2, "--articles", "clippings", "--json")
    assert [hit["rank"] for hit in json.loads(out)] == [1, 2]
    assert list(json.loads(out)[0]) == ["rank", "score", "article", "sentence", "start", "end", "text"]


def test_a_declined_answer_is_an_answer(run: Run) -> None:
    code, out, _ = run("ask", "Who won the election?", "--articles", "clippings", "--only", "york")
    assert code == 0
    assert out.startswith("Not in these articles.\n\nClosest sentences:\n")


def test_an_index_is_opened_again_in_silence(run: Run) -> None:
    run("search", "tram", "--articles", "clippings")
    assert run("search", "tram", "--articles", "clippings")[2] == ""


@pytest.mark.parametrize(
    ("argv", "problem"),
    [
        (["ask", COST], "no folder ./seeds here; use --articles DIR or --index DIR"),
        (["ask", COST, "--articles", "nowhere"], "nowhere: no such folder"),
        (["ask", COST, "--index", "nowhere"], "nowhere: no index there; build one with"),
        (["ask", "", "--articles", "clippings"], "the question is empty"),
        (["ask", "x" * 100_000, "--articles", "clippings"], "has 100,000 characters"),
        (["ask", COST, "--articles", "clippings", "--only", "kent"], "no article 'kent'"),
        (["ask", COST, "--articles", "clippings", "--config", "no.toml"], "no.toml: cannot be read"),
        (["ask", COST, "--articles", "clippings", "--llm", "nonesuch"], "nonesuch"),
        (["ask", COST, "--articles", "clippings", "--out", "x"], "--out goes with --questions"),
        (["ask", "--questions", "no.jsonl", "--articles", "clippings"], "no.jsonl: cannot be read"),
        (["search", "tram", "--articles", "clippings", "-k", "0"], "-k is 0; wanted 1 or more"),
        (["index", "show", "kent", "--articles", "clippings"], "no article 'kent'; there are: leeds, york"),
        (["index", "add", "clippings/leeds.txt"], "name the saved index with --index DIR"),
        (["index", "list", "--index", "nowhere"], "no index there"),
        (["ui", "--articles", "clippings", "--auth", "me"], "--auth wants USER:PASSWORD"),
        (
            ["ui", "--articles", "clippings", "--port", "0", "--only", "kent"],
            "no article 'kent'; there are: leeds, york",
        ),
    ],
)
def test_a_users_error_is_one_line_and_exit_1(run: Run, argv: list[str], problem: str) -> None:
    code, out, err = run(*argv)
    assert (code, out) == (1, "")
    assert problem in err.splitlines()[-1]
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["fly"],
        ["ask"],
        ["ask", COST, "--questions", "x.jsonl"],
        ["ask", COST, "--articles", "a", "--index", "b"],
        ["search", "x", "-k", "many"],
        ["index"],
        ["ask", COST, "--colour"],
    ],
)
def test_wrong_usage_is_exit_2(run: Run, argv: list[str]) -> None:
    code, out, err = run(*argv)
    assert (code, out) == (2, "")
    assert "usage: citewell" in err


def test_help_and_version(run: Run) -> None:
    assert run("--help")[:1] == (0,)
    code, out, _ = run("--version")
    assert code == 0
    assert out.startswith("citewell")


def test_ctrl_c_is_exit_130(run: Run, generator: FakeGenerator, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> list[float]:
        raise KeyboardInterrupt

    monkeypatch.setattr(generator, "judge", interrupt)
    code, out, err = run("ask", COST, "--articles", "clippings")
    assert (code, out) == (130, "")
    assert err.endswith("\ninterrupted\n")


def test_a_batch(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "answers.jsonl"
    out.write_text("old\n" * 100)
    asked = lines(
        tmp_path / "q.jsonl",
        [
            {"id": "a", "question": COST, "gold": ["ignored"]},
            "",
            {"id": 7, "question": "Who won?\u2028And when?"},
            {"id": "c", "turns": [{"question": COST, "note": "x"}, {"question": "And then?"}]},
            "{broken",
            '["no object"]',
            {"id": "e", "question": ""},
            {"id": "f"},
            {"id": "g", "question": 5},
            "[" * 100_000,
            "9" * 5000,
            '{"id": "h", "question": "half \\ud800 a pair?"}',
            {"id": "z", "question": COST},
        ],
    )
    code, stdout, err = run("ask", "--questions", asked, "--out", out, "--articles", "clippings")
    found = [json.loads(line) for line in out.read_text().splitlines()]
    assert (code, stdout) == (1, "")
    assert [r.get("id") for r in found] == ["a", "7", "c", None, None, "e", "f", "g", None, None, "h", "z"]
    assert [("error" in r) for r in found] == [False, False, False, *[True] * 7, False, False]
    assert "7 of 12 questions failed" in err
    assert found[0]["citations"][0]["text"] == "The tram line cost 40 million pounds."
    assert found[1]["question"] == "Who won?\u2028And when?"
    assert [turn["id"] for turn in found[2]["turns"]] == ["c", "c"]
    assert list(found[5]) == ["id", "question", "error"]
    assert found[5]["error"].startswith("line 7: the question is empty")
    assert found[3]["error"].startswith("line 5: is not JSON")


def test_a_batch_on_stdout(run: Run, tmp_path: Path) -> None:
    asked = lines(tmp_path / "q.jsonl", [{"id": "a", "question": COST}, {"id": "b", "question": "Who?"}])
    code, out, _ = run("ask", "--questions", asked, "--articles", "clippings", "--json")
    assert code == 0
    assert [json.loads(line)["id"] for line in out.splitlines()] == ["a", "b"]


def test_each_answer_is_there_once_it_is_done(
    run: Run, tmp_path: Path, generator: FakeGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "answers.jsonl"
    asked = lines(tmp_path / "q.jsonl", [{"id": n, "question": COST} for n in range(3)])
    written: list[int] = []
    judge = generator.judge

    def interrupted(*args: object) -> list[float]:
        written.append(len(out.read_text().splitlines()))
        if written[-1] == 2:
            raise KeyboardInterrupt
        return judge(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(generator, "judge", interrupted)
    assert run("ask", "--questions", asked, "--out", out, "--articles", "clippings")[0] == 130
    assert sorted(set(written)) == [0, 1, 2]
    assert [json.loads(line)["id"] for line in out.read_text().splitlines()] == ["0", "1"]


@pytest.mark.parametrize(
    ("out", "problem"),
    [
        ("q.jsonl", "holds the questions"),
        ("/dev/full", os.strerror(errno.ENOSPC)),
        ("no/such/folder", "cannot be written"),
    ],
)
def test_a_batch_that_cannot_be_written(run: Run, tmp_path: Path, out: str, problem: str) -> None:
    asked = lines(tmp_path / "q.jsonl", [{"id": "a", "question": COST}])
    before = asked.read_text()
    code, _, err = run("ask", "--questions", asked, "--out", out, "--articles", "clippings")
    assert code == 1
    assert problem in err.splitlines()[-1]
    assert asked.read_text() == before


@pytest.mark.parametrize("form", ["markdown", "html", "csv"])
def test_an_answer_in_a_format_of_the_page(run: Run, bot: Chatbot, form: str) -> None:
    code, out, _ = run("ask", COST, "--articles", "clippings", "--format", form)
    assert code == 0
    assert timeless(out) == timeless(FORMATS[form].render([bot.ask(COST)]))


def test_text_and_json_are_formats_too(run: Run) -> None:
    ask = ("ask", COST, "--articles", "clippings")
    assert run(*ask, "--format", "text")[1] == run(*ask)[1]
    assert timeless(run(*ask, "--format", "json")[1]) == timeless(run(*ask, "--json")[1])
    assert run(*ask, "--format", "json", "--json")[0] == 2
    assert run(*ask, "--format", "pdf")[0] == 2


@pytest.mark.parametrize("form", ["text", "markdown", "html", "csv"])
def test_a_batch_as_one_file(run: Run, bot: Chatbot, tmp_path: Path, form: str) -> None:
    out = tmp_path / "answers"
    asked = lines(tmp_path / "q.jsonl", [{"question": COST}, {"question": ""}, {"turns": [{"question": COST}]}])
    command = ("ask", "--questions", asked, "--articles", "clippings", "--format", form)
    code, stdout, err = run(*command, "--out", out)
    assert (code, stdout) == (1, "")
    assert "line 2: the question is empty" in err
    assert err.endswith("1 of 3 questions failed\n")
    written = out.read_bytes().decode("utf-8")
    assert written.count("It cost 40 million pounds.") == 2
    if form in FORMATS:
        assert timeless(written) == timeless(FORMATS[form].render([bot.ask(COST)] * 2))
    assert timeless(run(*command)[1]) == timeless(written)
    assert sorted(path.name for path in tmp_path.glob("answers*")) == ["answers"]


def test_one_file_replaces_an_old_one_only_when_it_is_whole(
    run: Run, tmp_path: Path, generator: FakeGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> list[float]:
        raise KeyboardInterrupt

    out = tmp_path / "answers.html"
    out.write_text("old")
    asked = lines(tmp_path / "q.jsonl", [{"question": COST}])
    monkeypatch.setattr(generator, "judge", interrupt)
    argv = ("ask", "--questions", asked, "--articles", "clippings", "--format", "html", "--out", out)
    assert run(*argv)[0] == 130
    assert out.read_text() == "old"
    assert not list(tmp_path.glob("*.part"))


def test_a_question_file_of_nothing(run: Run, tmp_path: Path) -> None:
    code, _, err = run("ask", "--questions", lines(tmp_path / "q.jsonl", ["", " "]), "--articles", "clippings")
    assert code == 1
    assert "holds no questions" in err


def test_a_conversation_in_the_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter([COST, "x" * 5000, "And the stops?", ""])
    monkeypatch.setattr("builtins.input", lambda prompt: next(typed))
    code, out, err = run("chat", "--articles", "clippings")
    assert code == 0
    assert out.count("It cost 40 million pounds. [1]") == 2
    assert "has 5,000 characters" in err
    assert "Asked as: It cost 40 million pounds." in out


def test_the_end_of_input_ends_a_conversation(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def end(prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", end)
    assert run("chat", "--articles", "clippings")[0] == 0


def test_a_port_in_use_is_told_before_anything_is_loaded(run: Run, generator: FakeGenerator) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, _, err = run("ui", "--articles", "clippings", "--port", port)
    assert code == 1
    assert str(port) in err
    assert "index of" not in err


def test_a_reader_that_left_is_no_error() -> None:
    command = [sys.executable, "-m", "ui", "models", "list"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        assert program.stderr.read() == b""
    assert program.returncode == 128 + signal.SIGPIPE


@pytest.mark.slow
def test_ctrl_c_in_the_terminal_leaves_no_traceback() -> None:
    for wait in (0.4, 0.8, 1.6, 3.2):
        command = [sys.executable, "-m", "ui", "chat", "--articles", "seeds"]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe) as program:
            time.sleep(wait)
            program.send_signal(signal.SIGINT)
            _, said = program.communicate(timeout=60)
        # nothing but what a start says as far as it came
        start = rb"(indexed \d+ of 5 articles.*\n)*(index of seeds: .*\n)?(5 articles\. Ask; .*\n)?"
        assert re.fullmatch(start + rb"interrupted\n", said), said
        assert program.returncode in {130, -signal.SIGINT}  # to a shell both are 130
