"""What a disk, a clock, other processes and other machines may do to an index: it is as before a change or as after."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import filelock
import numpy as np
import pytest
from conftest import LEEDS, ROOT, YORK, FakeEmbedder, articles_of
from kill_writer import SmallEmbedder, State, change
from test_kill import stored

from index import changes
from index.article import Article
from index.database import FILE, Database
from index.errors import CitewellError, IndexDamagedError, IndexWriteError
from index.passage_index import PassageIndex
from index.records import article_hash
from index.repair import DAMAGED, repair
from index.sentences import SPLITTER
from index.tables import TABLES

KENT = "Kent buys a bus.\n\nThe bus of Kent is green."
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
ROUNDS = 100 if os.environ.get("CITEWELL_SOAK") else 6


def ids(index: PassageIndex) -> list[str]:
    return [article.id for article in index.articles]


class Impatient(FakeEmbedder):
    """Breaks off, as Ctrl-C does, before it embeds more than some texts."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def embed_passages(self, texts: Sequence[str]) -> np.ndarray:
        if self.embedded + len(texts) > self.most:
            raise KeyboardInterrupt
        return super().embed_passages(texts)


def many_articles(count: int) -> tuple[Article, ...]:
    return articles_of(
        **{f"a{n:03}": f"Headline {n}.\n\nOne thing of {n}.\n\nTwo things of {n}." for n in range(count)}
    )


@pytest.mark.parametrize("verb", ["build", "update"])
def test_an_interrupted_run_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    monkeypatch.setattr(changes, "STAGE_CHARS", 0)
    articles = many_articles(20)  # six texts each

    def run(embedder: FakeEmbedder) -> None:
        if verb == "build":
            PassageIndex.build(tmp_path, embedder, articles)
        else:
            PassageIndex.create(tmp_path, embedder).update(articles, remove_others=True)

    first = Impatient(75)
    with pytest.raises(KeyboardInterrupt):
        run(first)
    assert ids(PassageIndex.open(tmp_path, FakeEmbedder())) == []  # not between: nothing is shown before all is done
    second = FakeEmbedder()
    run(second)
    assert (first.embedded, second.embedded) == (72, 48)
    index = PassageIndex.open(tmp_path, FakeEmbedder())
    assert list(index.articles) == list(articles)
    assert index.faults() == ()


def test_a_build_serves_the_old_index_until_it_is_done(towns: PassageIndex) -> None:
    with pytest.raises(KeyboardInterrupt):
        PassageIndex.build(towns.folder, Impatient(5), articles_of(kent=KENT, leeds=LEEDS))
    assert ids(PassageIndex.open(towns.folder, FakeEmbedder())) == ["leeds", "york"]
    other = FakeEmbedder(name="other", dim=32)
    assert ids(PassageIndex.build(towns.folder, other, articles_of(kent=KENT))) == ["kent"]
    assert PassageIndex.open(towns.folder, other).faults() == ()


def test_a_build_replaces_what_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"x" * 9000)
    index = PassageIndex.build(tmp_path, FakeEmbedder(), articles_of(kent=KENT))
    assert index.faults() == ()


def test_an_index_moves(tmp_path: Path, towns: PassageIndex) -> None:
    before = towns.search("stops", k=5)
    moved = shutil.copytree(towns.folder, tmp_path / "elsewhere ü" / "x?y#%41")
    assert str(tmp_path).encode() not in (moved / FILE).read_bytes()
    shutil.rmtree(towns.folder)
    index = PassageIndex.open(moved, FakeEmbedder())
    assert index.search("stops", k=5) == before
    with pytest.raises(CitewellError, match="cannot be opened"):
        towns.contents()
    assert index.update(articles_of(kent=KENT), remove_others=False).added == ("kent",)
    assert index.faults() == ()


FORMAT_1 = """
CREATE TABLE manifest (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE articles (
    id TEXT PRIMARY KEY, position INTEGER NOT NULL, sha256 TEXT NOT NULL, text TEXT NOT NULL, title TEXT NOT NULL,
    publisher TEXT, author TEXT, date TEXT, url TEXT
);
CREATE TABLE sentences (
    article TEXT NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    number INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
    left_out TEXT, own BLOB, around BLOB, PRIMARY KEY (article, number)
);
"""


@pytest.fixture
def old_index(tmp_path: Path, towns: PassageIndex) -> Path:
    """The two articles in an index of format 1."""
    folder = tmp_path / "old"
    folder.mkdir()
    contents = towns._store.read()
    with closing(sqlite3.connect(folder / FILE)) as connection, connection:
        connection.executescript(FORMAT_1)
        manifest = {"embedder": "fake", "fingerprint": "fake-64", "dim": 64, "format": 1, "splitter": SPLITTER}
        connection.executemany("INSERT INTO manifest VALUES (?, ?)", manifest.items())
        row = 0
        for position, (a, split) in enumerate(zip(contents.articles, contents.splits.values(), strict=True)):
            values = (a.id, position, "?", a.text, a.title, a.publisher, a.author, a.date, a.url)
            connection.execute("INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
            for s in split.sentences:
                reason = split.left_out.get(s.number)
                vectors = (None, None) if reason else (contents.own[row].tobytes(), contents.around[row].tobytes())
                row += not reason
                values = (a.id, s.number, s.start, s.end, reason, *vectors)
                connection.execute("INSERT INTO sentences VALUES (?, ?, ?, ?, ?, ?, ?)", values)
    return folder


def test_an_older_format_is_migrated(old_index: Path, towns: PassageIndex) -> None:
    embedder = FakeEmbedder()
    index = PassageIndex.open(old_index, embedder)
    assert index.articles == towns.articles
    assert index.search("stops", k=5) == towns.search("stops", k=5)
    assert index.faults() == ()
    index.update(towns.articles, remove_others=True)
    assert embedder.embedded == 0


def test_a_migration_that_is_broken_off_has_not_happened(old_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (old_index / FILE).read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr("index.schema.take_prints", Impatient(0).embed_passages)
        with pytest.raises(TypeError):
            PassageIndex.open(old_index, FakeEmbedder())
    assert (old_index / FILE).read_bytes() == before
    assert PassageIndex.open(old_index, FakeEmbedder()).faults() == ()


def test_times_of_files_decide_nothing(tmp_path: Path, clippings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from index.load import load_folder

    index = PassageIndex.create(tmp_path / "i", FakeEmbedder())
    index.update(load_folder(clippings).articles, remove_others=True)
    monkeypatch.setattr(time, "time", lambda: 0.0)
    for seconds in (0, 4_102_444_800):  # 1970, 2100
        for path in clippings.iterdir():
            os.utime(path, (seconds, seconds))
        assert not index.update(load_folder(clippings).articles, remove_others=True)
    was = (clippings / "leeds.txt").stat()
    (clippings / "leeds.txt").write_text(LEEDS.replace("12", "13"))
    os.utime(clippings / "leeds.txt", ns=(was.st_atime_ns, was.st_mtime_ns))  # the same size and time as before
    assert index.update(load_folder(clippings).articles, remove_others=True).changed == ("leeds",)


@contextmanager
def unprivileged(*folders: Path) -> Iterator[None]:
    """As a user who may only read these folders; root, who may write anywhere, becomes nobody for a while."""
    modes = {path: path.stat().st_mode for folder in folders for path in [folder, *folder.rglob("*"), *folder.parents]}
    root = os.geteuid() == 0
    for path, mode in modes.items():
        inside = any(path == folder or folder in path.parents for folder in folders)
        if inside:
            path.chmod(mode & ~0o222 | 0o444 | (0o111 if path.is_dir() else 0))
        elif root and not mode & 0o001:
            path.chmod(mode | 0o011)
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        for path, mode in modes.items():
            if path.stat().st_mode != mode:
                path.chmod(mode)


def test_a_read_only_folder(towns: PassageIndex) -> None:
    assert filelock.FileLock  # imported while it may be
    with unprivileged(towns.folder):
        index = PassageIndex.open(towns.folder, FakeEmbedder())
        assert ids(index) == ["leeds", "york"]
        assert index.search("stops", k=1)[0].sentence.text == "It has 12 stops."
        assert index.faults() == ()
        assert not index.update(articles_of(leeds=LEEDS, york=YORK), remove_others=True)
        with pytest.raises(IndexWriteError, match="cannot be written"):
            index.update(articles_of(kent=KENT), remove_others=False)
    assert towns.faults() == ()


def test_a_broken_off_change_in_a_read_only_folder(tmp_path: Path, towns: PassageIndex) -> None:
    copy = tmp_path / "copy"
    with Database(towns.folder).transaction() as connection:
        connection.execute("PRAGMA cache_size = 1")  # so that pages are written before the end
        connection.execute("UPDATE articles SET text = text || ?", ("x" * 100_000,))
        connection.execute("UPDATE derived SET own = zeroblob(200000)")
        shutil.copytree(towns.folder, copy)
        connection.rollback()
    assert (copy / f"{FILE}-journal").stat().st_size
    with unprivileged(copy), pytest.raises(IndexWriteError, match="copy the folder to where you may write"):
        PassageIndex.open(copy, FakeEmbedder())
    assert PassageIndex.open(copy, FakeEmbedder()).articles == towns.articles


FULL_DISK = """
import resource, sys
from pathlib import Path
from conftest import FakeEmbedder, articles_of
from index.errors import CitewellError
from index.passage_index import PassageIndex
from index.repair import repair
folder, verb, spare = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
index = PassageIndex.open(folder, FakeEmbedder())
most = (folder / "index.sqlite").stat().st_size + spare if verb != "repair" else spare
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
new = articles_of(**{f"kent{n}": "Kent buys a bus. It is green.\\n\\n" * 40 for n in range(30)})
try:
    if verb == "build":
        PassageIndex.build(folder, FakeEmbedder(), new)
    elif verb == "update":
        index.update(new, remove_others=True)
    else:
        repair(folder, FakeEmbedder())
except CitewellError as error:
    print(error)
"""


@pytest.mark.parametrize(("verb", "spare"), [("update", 0), ("update", 9000), ("build", 200_000), ("repair", 20_000)])
def test_a_full_disk(towns: PassageIndex, verb: str, spare: int) -> None:
    command = [sys.executable, "-c", FULL_DISK, str(towns.folder), verb, str(spare)]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    assert done.stdout.count("\n") == 1, done.stderr
    assert "written" in done.stdout
    index = PassageIndex.open(towns.folder, FakeEmbedder())
    assert ids(index) == ["leeds", "york"]
    assert index.faults() == ()
    assert index.update(articles_of(kent=KENT), remove_others=False).added == ("kent",)


SAME_FOLDER = """
import sys, time
from pathlib import Path
from conftest import FakeEmbedder
from index.load import load_folder
from index.place import place_of
class Slow(FakeEmbedder):
    def embed_passages(self, texts):
        time.sleep(0.02)
        return super().embed_passages(texts)
embedder = Slow()
said = []
index = place_of(Path(sys.argv[1]), embedder, report=said.append)
index.update(load_folder(sys.argv[1]).articles, remove_others=True, report=said.append)
assert len(index.articles) == 25 and index.faults() == (), index.faults()
print(embedder.embedded, len(said))
"""


@pytest.mark.slow
@pytest.mark.parametrize("before", ["nothing", "a damaged index"])
def test_two_processes_index_one_folder(tmp_path: Path, before: str) -> None:
    from index.place import cached_place

    texts = tmp_path / "texts"
    texts.mkdir()
    for article in many_articles(25):
        (texts / f"{article.id}.txt").write_text(article.text)
    if before != "nothing":
        cached_place(texts).mkdir(parents=True)
        (cached_place(texts) / FILE).write_bytes(b"x" * 5000)
    environment = {**ENVIRONMENT, "CITEWELL_INDEXES": os.environ["CITEWELL_INDEXES"]}
    command = [sys.executable, "-c", SAME_FOLDER, str(texts)]
    both = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    counts = [tuple(map(int, process.communicate()[0].split())) for process in both]
    assert [process.returncode for process in both] == [0, 0, 0]
    assert sum(embedded for embedded, _ in counts) == 150  # each sentence once, by whoever came first


def start_writer(folder: Path, state: State, number: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, str(ROOT / "tests" / "kill_writer.py"), str(folder)]
    writer = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT, text=True)
    assert writer.stdin is not None
    assert writer.stdout is not None
    writer.stdin.write(json.dumps({"number": number, "state": state}) + "\n")
    writer.stdin.flush()
    writer.stdout.readline()
    return writer


@pytest.mark.slow
@pytest.mark.usefixtures("tables_always")
def test_a_reader_during_writes_sees_whole_changes(tmp_path: Path) -> None:
    seen: list[State] = []
    with start_writer(tmp_path / "i", {}) as writer:
        changes, end = 0, time.monotonic() + 60
        while changes < 20 and time.monotonic() < end:
            seen.append(stored(tmp_path / "i"))
            changes += len(seen) > 1 and seen[-1] != seen[-2]
        writer.kill()
        assert writer.stdout is not None
        finished = sum(line.startswith("done") for line in writer.stdout)
    states: list[State] = [{}]
    for number in range(finished + 1):
        states.append(change(number, states[-1])[1])
    assert changes > 2, "the reader saw no change"
    place = 0
    for state in seen:
        assert state in states[place:], "neither before nor after, or back in time"
        place = states.index(state, place)


def power_losses(chance: random.Random) -> dict[str, Callable[[bytes], bytes]]:
    """What may become of a file: last blocks missing, zeroed, or garbage in the middle."""
    share = chance.random()

    def zeroed(raw: bytes) -> bytes:
        return raw[: int(len(raw) * share)] + bytes(len(raw) - int(len(raw) * share))

    def garbled(raw: bytes) -> bytes:
        at = int(max(len(raw) - 512, 0) * share) // 512 * 512
        return raw[:at] + chance.randbytes(min(512, len(raw) - at)) + raw[at + 512 :]

    return {"as it was": lambda raw: raw, "cut off": lambda raw: raw[: int(len(raw) * share)]} | {
        "zeroed": zeroed,
        "garbled": garbled,
    }


@pytest.mark.slow
@pytest.mark.usefixtures("tables_always")
def test_power_loss(tmp_path: Path) -> None:
    """The disk as it was at some moment, and worse: whole as before or after, or refused, or a fault is told."""
    chance = random.Random(7)
    folder, state, number = tmp_path / "i", dict[str, int](), 0
    outcomes: dict[str, int] = {"whole": 0, "told": 0}
    for turn in range(ROUNDS):
        with start_writer(folder, state, number) as writer:
            time.sleep(chance.uniform(0, 0.3))
            writer.send_signal(signal.SIGSTOP)
            snapshot = shutil.copytree(folder, tmp_path / f"s{turn}")
            writer.kill()
            assert writer.stdout is not None
            begun = number + sum(line.startswith("begin") for line in writer.stdout)
        states = [state]
        for n in range(number, begun + 1):
            states.append(change(n, states[-1])[1])
        files = [path.relative_to(snapshot) for path in sorted(snapshot.rglob("*")) if path.is_file()]
        tables = [name for name in files if TABLES in str(name)]
        names = [name for name in files if name.name.startswith(FILE)] + chance.sample(tables, min(3, len(tables)))
        for name in names:
            for what, lose in power_losses(chance).items():
                worse = shutil.copytree(snapshot, tmp_path / f"w{turn}-{name.name}-{what}")
                (worse / name).write_bytes(lose((worse / name).read_bytes()))
                outcomes[verdict(worse, states, f"{name} {what}")] += 1
                shutil.rmtree(worse)
        state = stored(folder)
        number = begun + 1 if state != states[0] else number
    sys.stdout.write(f"{outcomes}\n")
    assert outcomes["whole"] >= ROUNDS
    assert outcomes["told"] >= ROUNDS


def verdict(folder: Path, states: list[State], what: str) -> str:
    try:
        index = PassageIndex.open(folder, SmallEmbedder())
        if index.faults():
            return "told"
        index.load()
    except CitewellError as error:
        assert "\n" not in str(error)
        return "told"
    assert stored(folder) in states, f"{what}: neither before nor after, and not told"
    return "whole"


def damage(folder: Path, sql: str) -> None:
    with closing(sqlite3.connect(folder / FILE)) as connection, connection:
        connection.execute(sql)


def test_repair_makes_anew_what_the_text_gives(towns: PassageIndex) -> None:
    damage(towns.folder, "UPDATE derived SET own = around WHERE article = 1")
    embedder = FakeEmbedder()
    done = repair(towns.folder, embedder)
    assert (done.kept, done.embedded, done.lost) == (1, ("leeds",), ())
    assert embedder.embedded == 8
    index = PassageIndex.open(towns.folder, FakeEmbedder())
    assert index.faults() == ()
    assert index.articles == towns.articles
    assert index.search("stops", k=5) == towns.search("stops", k=5)
    assert sorted(path.name for path in towns.folder.iterdir() if path.name != "index.lock") == [FILE]


def test_repair_never_shows_a_changed_text(towns: PassageIndex) -> None:
    damage(towns.folder, "UPDATE articles SET text = replace(text, '12 stops', '13 stops') WHERE id = 'leeds'")
    done = repair(towns.folder, FakeEmbedder())
    assert done.lost == ("leeds: its text or metadata has changed in the file",)
    assert ids(PassageIndex.open(towns.folder, FakeEmbedder())) == ["york"]
    assert b"13 stops" in (towns.folder / DAMAGED).read_bytes()


def test_repair_takes_an_index_to_another_embedder(towns: PassageIndex) -> None:
    other, impatient = FakeEmbedder(name="other"), Impatient(9)
    impatient.name = "other"
    with pytest.raises(KeyboardInterrupt):
        repair(towns.folder, impatient)
    assert ids(PassageIndex.open(towns.folder, FakeEmbedder())) == ["leeds", "york"]
    assert repair(towns.folder, other).embedded == ("leeds", "york")
    index = PassageIndex.open(towns.folder, other)
    assert index.articles == towns.articles
    assert index.faults() == ()


@pytest.mark.parametrize("place", [0.2, 0.5, 0.8])
def test_repair_saves_what_a_torn_file_still_holds(tmp_path: Path, place: float) -> None:
    articles = many_articles(200)
    PassageIndex.build(tmp_path, FakeEmbedder(), articles)
    raw = bytearray((tmp_path / FILE).read_bytes())
    start = int(len(raw) * place)
    raw[start : start + 40_000] = bytes(40_000)
    (tmp_path / FILE).write_bytes(raw)
    done = repair(tmp_path, FakeEmbedder())
    index = PassageIndex.open(tmp_path, FakeEmbedder())
    assert index.faults() == ()
    assert done.kept + len(done.embedded) == len(index.articles) >= 50
    assert done.lost or len(index.articles) == 200  # none goes without a word
    assert set(index.articles) <= set(articles)
    assert {article_hash(a) for a in index.articles} <= {article_hash(a) for a in articles}


def test_a_repair_is_in_no_readers_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = PassageIndex.create(tmp_path, FakeEmbedder())
    index.update(many_articles(40), remove_others=True)
    index.remove([f"a{n:03}" for n in range(2, 40)])  # the file stays as large, the repaired one is smaller
    before = (tmp_path / FILE).stat().st_size
    connect = Database._connect

    def late(database: Database, mode: str) -> sqlite3.Connection:
        connection = connect(database, mode)
        monkeypatch.setattr(Database, "_connect", connect)
        repair(tmp_path, FakeEmbedder())
        return connection

    monkeypatch.setattr(Database, "_connect", late)
    opened = PassageIndex.open(tmp_path, FakeEmbedder())
    assert (tmp_path / FILE).stat().st_size < before
    assert ids(opened) == ["a000", "a001"]


def test_repair_says_when_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"x" * 9000)
    with pytest.raises(IndexDamagedError, match="nothing can be saved .*citewell index build"):
        repair(tmp_path, FakeEmbedder())
