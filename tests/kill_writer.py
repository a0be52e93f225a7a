"""A process that changes an index without end, for tests that kill it; and what the index must hold after each change.

Run as `python kill_writer.py FOLDER`, with `{"number": n, "state": {id: version}}` on stdin. Prints what it does.
"""

from __future__ import annotations

import hashlib
import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index import changes, memory
from index.article import Article
from index.load import make_article
from index.passage_index import PassageIndex
from index.repair import repair

State = dict[str, int]  # article id -> which version of its text
IDS = [f"a{n:02}" for n in range(30)]


class SmallEmbedder:
    """Sixteen numbers from a text's hash: nothing to load, the same everywhere."""

    name = fingerprint = "small"
    dim = 16

    def embed_passages(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        rows = [np.frombuffer(hashlib.sha256(text.encode()).digest(), np.uint16).astype(np.float32) for text in texts]
        matrix = np.stack(rows) if rows else np.empty((0, self.dim), np.float32)
        return matrix / np.linalg.norm(matrix, axis=1, keepdims=True)

    embed_questions = embed_passages


def article(article_id: str, version: int) -> Article:
    body = "\n\n".join(f"Article {article_id} says {n} in version {version}. It goes on." for n in range(12))
    return make_article(article_id, f"Headline of {article_id}\n\n{body}")


def articles(state: State) -> list[Article]:
    return [article(i, version) for i, version in state.items()]


def change(number: int, state: State) -> tuple[str, State]:
    """What change `number` is, and what the index holds after it."""
    chance = random.Random(number)
    some = chance.sample(IDS, 8)
    what = chance.choice(["build", "update", "update", "add", "add", "remove", "repair"]) if state else "build"
    if what == "build":
        return what, dict.fromkeys(sorted(chance.sample(IDS, 20)), number)
    if what == "update":
        kept = {i: v for i, v in state.items() if i not in some[:4]}
        return what, dict(sorted({**kept, **dict.fromkeys(some[4:], number)}.items()))
    if what == "add":
        return what, {**state, **dict.fromkeys(some[:4], number)}
    if what == "remove":
        return what, {i: v for i, v in state.items() if i not in some}
    return what, state


def carry_out(what: str, folder: Path, before: State, after: State) -> None:
    embedder = SmallEmbedder()
    if what == "build":
        PassageIndex.build(folder, embedder, articles(after))
    elif what == "update":
        PassageIndex.open(folder, embedder).update(articles(after), remove_others=True)
    elif what == "add":
        new = {i: v for i, v in after.items() if before.get(i) != v}
        PassageIndex.open(folder, embedder).update(articles(new), remove_others=False)
    elif what == "remove":
        PassageIndex.open(folder, embedder).remove([i for i in before if i not in after])
    else:
        repair(folder, embedder)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asked = json.loads(sys.stdin.readline())
    now, changes.STAGE_CHARS = asked["state"], 0  # a transaction for each article: more moments to be killed in
    memory.SAVED_FROM = 1
    for count in range(asked["number"], asked["number"] + 10_000):
        kind, then = change(count, now)
        say(f"begin {count} {kind}")
        carry_out(kind, Path(sys.argv[1]), now, then)
        say(f"done {count} {kind}")
        PassageIndex.open(Path(sys.argv[1]), SmallEmbedder()).load()  # keeps tables for searching
        now = then
