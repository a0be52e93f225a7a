"""`citewell index …` in process, with a stand-in for the embedder."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from subprocess import PIPE

import pytest
from conftest import COST, LEEDS, ROOT, FakeEmbedder, Run

from index.database import FILE
from index.passage_index import PassageIndex
from index.watch import look_at
from qa.library import _duration


def test_a_saved_index_from_start_to_end(run: Run, clippings: Path, tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    assert run("index", "build", "--articles", clippings, "--index", saved)[:2] == (0, f"{saved}\n")
    assert run("ask", COST, "--index", saved)[1].startswith("It cost 40 million")
    kent = tmp_path / "kent.txt"
    kent.write_text("Kent buys a bus.")
    assert run("index", "add", kent, "--index", saved)[:2] == (0, "1 added\n")
    _, out, _ = run("index", "list", "--index", saved)
    assert [line.split()[0] for line in out.splitlines()[::2]] == ["leeds", "york", "kent"]
    assert "3 sentences, 1 left out" in out
    _, out, _ = run("index", "show", "york", "--index", saved)
    assert "   3 [left out: page furniture] Subscribe to our newsletter" in out
    assert run("index", "remove", "kent", "--index", saved)[0] == 0
    assert "no article 'kent'" in run("index", "remove", "kent", "--index", saved)[2]
    (clippings / "leeds.txt").write_text(LEEDS.replace("12", "14"))
    assert run("index", "update", "--articles", clippings, "--index", saved)[1] == "1 changed\n"
    assert run("index", "check", "--index", saved)[:2] == (0, f"{saved}: whole\n")


def test_the_index_of_a_folder_follows_it(run: Run, clippings: Path, indexes: Path) -> None:
    assert run("index", "update", "--articles", clippings)[1] == "2 added\n"
    assert run("index", "update", "--articles", clippings)[1] == "nothing changed\n"
    assert [path.parent for path in indexes.iterdir()] == [indexes]
    _, out, err = run("index", "build", "--articles", clippings)
    assert Path(out.strip()).parent == indexes
    assert "2 added" in err
    assert sorted(path.name for path in clippings.iterdir()) == ["leeds.txt", "york.txt"]


def test_a_misfit_is_mended_as_its_message_says(run: Run, clippings: Path, tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    run("index", "build", "--articles", clippings, "--index", saved)
    code, _, err = run("ask", COST, "--index", saved, "--embedder", "other")
    assert code == 1
    assert "citewell index build --articles DIR --index FOLDER" in err
    assert run("index", "build", "--articles", clippings, "--index", saved, "--embedder", "other")[0] == 0
    assert run("ask", COST, "--index", saved, "--embedder", "other")[0] == 0


def test_a_build_that_fails_keeps_the_index(run: Run, clippings: Path, tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    run("index", "build", "--articles", clippings, "--index", saved)
    assert run("index", "build", "--articles", tmp_path / "nowhere", "--index", saved)[0] == 1
    assert run("index", "check", "--index", saved)[0] == 0


def test_adding_other_formats_shows_pages_metadata_and_what_is_left_out(run: Run, tmp_path: Path) -> None:
    samples = Path(__file__).parent / "data" / "formats"
    saved = tmp_path / "s"
    assert run("index", "add", samples / "two*.pdf", samples / "tram.md", "--index", saved)[:2] == (0, "2 added\n")
    _, out, _ = run("index", "show", "two-columns", "--index", saved)
    assert out.startswith("title: Tram line to the harbour opens\nauthor: Ana Lopez\n\n[page 1]\n   0 Tram line")
    assert "[page 3]\n" in out
    _, out, _ = run("index", "show", "tram", "--index", saved)
    assert "language: en\n" in out
    assert "   1 [left out: front matter] title: Tram line opens\n" in out


def test_private_addresses_need_leave(run: Run, tmp_path: Path) -> None:
    code, out, err = run("index", "add", "http://127.0.0.1:9/", "--index", tmp_path / "s")
    assert (code, out) == (1, "")
    assert "http://127.0.0.1:9/: is at the private address 127.0.0.1; allow it with --allow-private" in err
    assert (
        "cannot be fetched from 127.0.0.1"
        in run("index", "add", "http://127.0.0.1:9/", "--allow-private", "--index", tmp_path / "s")[2]
    )


def test_adding_files_of_which_one_is_bad(run: Run, clippings: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    code, out, err = run("index", "add", clippings / "leeds.txt", tmp_path / "empty.txt", "--index", tmp_path / "s")
    assert (code, out) == (1, "1 added\n")
    assert "empty.txt: is empty" in err


def test_what_is_exported_can_be_added_again(run: Run, seeds: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    run("index", "build", "--articles", seeds, "--index", first)
    assert run("index", "export", "--index", first, "--out", tmp_path / "all.jsonl")[0] == 0
    _, out, _ = run("index", "export", "--index", first)
    assert (tmp_path / "all.jsonl").read_text(encoding="utf-8") == out
    lines = [json.loads(line) for line in out.splitlines()]
    assert len(lines) == 5
    for line in lines:
        for s in line["sentences"]:
            assert line["text"][s["start"] : s["end"]].strip() == line["text"][s["start"] : s["end"]] != ""
    assert any(s.get("left_out") == "page furniture" for line in lines for s in line["sentences"])
    assert run("index", "add", tmp_path / "all.jsonl", "--index", second)[:2] == (0, "5 added\n")
    assert run("index", "export", "--index", second)[1] == out
    assert run("index", "add", tmp_path / "all.jsonl", "--index", second)[1] == "nothing changed\n"


def test_an_export_that_cannot_be_written(run: Run, clippings: Path, tmp_path: Path) -> None:
    code, _, err = run("index", "export", "--articles", clippings, "--out", tmp_path / "nowhere" / "x.jsonl")
    assert (code, err.splitlines()[-1].endswith("check the place and the disk")) == (1, True)


def test_repair(run: Run, clippings: Path, tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    run("index", "build", "--articles", clippings, "--index", saved)
    assert run("index", "repair", "--index", saved)[:2] == (0, f"{saved}: 2 kept\n")
    with closing(sqlite3.connect(saved / FILE)) as connection, connection:
        connection.execute("UPDATE derived SET own = around WHERE article = 1")
        connection.execute("UPDATE articles SET text = 'York lies.' WHERE id = 'york'")
    assert run("index", "check", "--index", saved)[0] == 1
    code, out, err = run("index", "repair", "--index", saved)
    lost = "lost: york: its text or metadata has changed in the file"
    assert (code, out.splitlines()) == (1, ["made anew: leeds", lost, f"{saved}: 1 made anew, 1 lost"])
    assert "index.sqlite.damaged" in err
    assert run("index", "add", clippings / "york.txt", "--index", saved)[1] == "1 added\n"
    assert run("index", "check", "--index", saved)[:2] == (0, f"{saved}: whole\n")


def test_repair_without_an_index(run: Run, tmp_path: Path) -> None:
    code, _, err = run("index", "repair", "--index", tmp_path / "none")
    assert code == 1
    assert "no index there" in err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("problem", ["damaged vectors", "damaged tables"])
def test_a_folder_whose_index_is_damaged_is_indexed_again(
    run: Run, clippings: Path, indexes: Path, problem: str
) -> None:
    run("index", "update", "--articles", clippings)
    (place,) = indexes.iterdir()
    with closing(sqlite3.connect(place / FILE)) as connection, connection:
        connection.execute("DROP TABLE articles" if problem == "damaged tables" else "UPDATE derived SET own = x'00'")
    code, out, err = run("search", "tram", "--articles", clippings)
    assert code == 0
    assert "Leeds" in out
    assert "indexing" in err


def test_progress_has_counts_and_time_left(run: Run, clippings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.changes.STAGE_CHARS", 0)
    monkeypatch.setattr("qa.library._Teller.EVERY_S", 0.0)
    _, _, err = run("index", "build", "--articles", clippings)
    assert re.search(r"^indexed 1 of 2 articles, \d+ s left$", err, re.MULTILINE)
    assert "indexed 2 of 2 articles\n" in err


@pytest.mark.parametrize(("seconds", "words"), [(0, "0 s"), (59.4, "59 s"), (90, "2 min"), (7500, "2 h 05 min")])
def test_durations(seconds: float, words: str) -> None:
    assert _duration(seconds) == words


@pytest.mark.parametrize("every", ["0", "-1", "inf", "nan", "often"])
def test_watch_wants_seconds(run: Run, every: str) -> None:
    assert run("index", "watch", "--every", every)[0] == 2


def test_looking_at_a_folder(tmp_path: Path) -> None:
    assert look_at(tmp_path / "nowhere") == {}
    (tmp_path / "a.txt").write_text("one")
    (tmp_path / ".hidden").write_text("x")
    before = look_at(tmp_path)
    assert list(before) == [str(tmp_path / "a.txt")]
    was = (tmp_path / "a.txt").stat()
    (tmp_path / "a.txt").write_text("two")
    os.utime(tmp_path / "a.txt", ns=(was.st_atime_ns, was.st_mtime_ns))  # a clock that jumped back
    assert look_at(tmp_path) != before


WATCH = """
import sys
from conftest import FakeEmbedder
import qa.library
qa.library.find_embedder = lambda name, *, report: FakeEmbedder()
from ui.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.slow
def test_watch(clippings: Path, tmp_path: Path, indexes: Path) -> None:
    saved = tmp_path / "saved"
    command = ["index", "watch", "--articles", clippings, "--index", saved, "--every", "0.1"]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    with subprocess.Popen(
        [sys.executable, "-c", WATCH, *map(str, command)], env=environment, stdout=PIPE, stderr=PIPE, text=True
    ) as watcher:
        assert watcher.stdout is not None
        assert watcher.stdout.readline() == "2 added\n"
        (clippings / "kent.txt").write_text("Kent buys a bus.")
        assert watcher.stdout.readline() == "1 added\n"
        (clippings / "kent.txt").write_text("Kent sells a bus.")
        assert watcher.stdout.readline() == "1 changed\n"
        away = clippings.rename(tmp_path / "away")  # a disk that is taken out is no reason to forget its articles
        time.sleep(0.6)
        away.rename(clippings)
        (clippings / "york.txt").unlink()
        assert watcher.stdout.readline() == "1 removed\n"
        watcher.send_signal(signal.SIGINT)
        _, err = watcher.communicate(timeout=20)
    assert watcher.returncode == 130
    assert "no such folder" in err
    assert "Traceback" not in err
    assert err.endswith("interrupted\n")
    index = PassageIndex.open(saved, FakeEmbedder())
    assert [article.id for article in index.articles] == ["kent", "leeds"]
    assert index.faults() == ()
