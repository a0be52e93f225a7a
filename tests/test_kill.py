"""A process that changes an index is killed at any moment: the index is as before the change or as after it.

CITEWELL_SOAK asks for the long run.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from conftest import ROOT
from kill_writer import SmallEmbedder, State, article, change

from index.database import FILE
from index.errors import IndexMissingError
from index.passage_index import PassageIndex

KILLS = 200 if os.environ.get("CITEWELL_SOAK") else 12


@pytest.mark.slow
@pytest.mark.usefixtures("tables_always")
def test_killed_at_any_moment(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    chance = random.Random(20231027)
    state: State = {}
    number, finished = 0, 0
    struck: Counter[str] = Counter()
    in_transaction = 0
    for kill in range(10 * KILLS):
        if kill >= KILLS and in_transaction:  # a transaction is over in milliseconds: some more tries to strike one
            break
        when = ("begun", "writing", "finished")[kill % 3]
        after_s = 0 if when == "writing" else chance.uniform(0, 0.5)
        said = run_and_kill(folder, number, state, when=when, after_s=after_s)
        for line in said[:-1]:
            if line.startswith("done"):
                number, finished = int(line.split()[1]) + 1, finished + 1
                _, state = change(number - 1, state)
        last, count, what = said[-1].split()
        assert int(count) == number
        finished += last == "done"
        after = change(number, state)[1]
        struck[what if last == "begin" else "between"] += 1
        in_transaction += any(path.exists() for path in folder.rglob(f"{FILE}-journal"))
        found = stored(folder)
        assert found == after if last == "done" else found in (state, after), f"{said[-1]}: neither before nor after"
        number, state = number + 1, found
    kills = sum(struck.values())
    said = f"{kills} kills, {finished} changes finished, {in_transaction} kills in a transaction; struck {dict(struck)}"
    sys.stdout.write(said + "\n")  # pytest -s shows it
    assert finished
    assert in_transaction


def run_and_kill(folder: Path, number: int, state: State, *, when: str, after_s: float) -> list[str]:
    """The lines a writer said, from when it began its first change to when it was killed.

    The time is counted from when that change was begun or, however busy the machine, writing to the file or finished.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(ROOT / "tests" / "kill_writer.py"), str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True) as writer:
        assert writer.stdin is not None
        assert writer.stdout is not None
        writer.stdin.write(json.dumps({"number": number, "state": state}) + "\n")
        writer.stdin.flush()
        first = writer.stdout.readline()
        while when == "finished" and writer.poll() is None and not first.splitlines()[-1].startswith("done"):
            first += writer.stdout.readline()
        journal = folder / f"{FILE}-journal"
        while when == "writing" and not journal.exists() and writer.poll() is None:
            pass
        time.sleep(after_s)
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read()
    assert writer.returncode == -signal.SIGKILL, "the writer ended by itself"
    return (first + rest).splitlines()


def stored(folder: Path) -> State:
    """What an index holds; fails if any of it is not whole."""
    try:
        index = PassageIndex.open(folder, SmallEmbedder())
    except IndexMissingError:
        return {}
    assert index.faults() == ()
    held = {a.id: int(a.text.rsplit("version ", 1)[1].split(".")[0]) for a in index.articles}
    assert list(index.articles) == [article(i, version) for i, version in held.items()]
    for hit in index.search("Article says", k=3):
        assert hit.sentence.text in hit.sentence.article.text
    return held
