"""A process that indexes is killed at any moment: every article in the index is whole afterwards.

CITEWELL_SOAK asks for the long run.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT, FakeEmbedder

from index.errors import IndexStaleError
from index.load import load_folder
from index.passage_index import PassageIndex

KILLS = 200 if os.environ.get("CITEWELL_SOAK") else 10

# Indexes a folder again and again, each time with other words in every other article.
WRITER = """
import sys
from pathlib import Path
from conftest import FakeEmbedder
from index.load import load_folder
from index.passage_index import PassageIndex
from index.store import FILE
folder, articles = Path(sys.argv[1]), load_folder(sys.argv[2]).articles
print("ready", flush=True)
from dataclasses import replace
for turn in range(10_000):
    index = (PassageIndex.open if (folder / FILE).exists() else PassageIndex.create)(folder, FakeEmbedder())
    changed = [replace(a, text=f"{a.text}\\n\\nTurn {turn}.") if n % 2 else a for n, a in enumerate(articles)]
    index.update(changed[turn % 3 :], remove_others=True)
    index.close()
"""


@pytest.mark.slow
def test_killed_while_indexing(tmp_path: Path) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    for n in range(12):
        (texts / f"a{n}.txt").write_text("\n\n".join(f"Article {n} says {m}. It goes on." for m in range(20)))
    original = {a.id: a.text for a in load_folder(texts).articles}
    folder = tmp_path / "index"
    waits = random.Random(20231027)
    stored = 0
    for _ in range(KILLS):
        command = [sys.executable, "-c", WRITER, str(folder), str(texts)]
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
            time.sleep(waits.uniform(0, 1.0))
            writer.send_signal(signal.SIGKILL)
        assert writer.returncode == -signal.SIGKILL, "the writer ended by itself"
        try:
            index = PassageIndex.open(folder, FakeEmbedder())
        except IndexStaleError as error:
            assert "no such table" in str(error), error  # killed before there was an index: nothing to lose
            assert not stored
            continue
        except FileNotFoundError:
            continue
        assert index.faults() == ()
        for article in index.articles:
            assert article.text.startswith(original[article.id])
            assert index.split(article.id).kept
        stored = max(stored, len(index.articles))
        index.close()
    assert stored >= 10, "the writer was always killed before it stored anything"
