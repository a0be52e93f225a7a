"""Tables kept beside an index: they change nothing but the time, and whatever becomes of them harms nothing."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import bm25s
import numpy as np
import pytest
import Stemmer
from conftest import FakeEmbedder, articles_of
from test_index_safety import ENVIRONMENT, power_losses, unprivileged

from index import memory, vectors
from index.article import Article
from index.load import load_folder, plain_text
from index.passage_index import PassageIndex
from index.passages import window_passages
from index.retrieve import AROUND_VECTOR, AROUND_WORDS, OWN_WORDS
from index.sentences import split_article
from index.tables import LOCK, TABLES

pytestmark = pytest.mark.usefixtures("tables_always")
QUESTIONS = ("Who said 7 in version 3?", "the tram of Leeds", "word4 word9 thing", "unheard")
Hits = list[tuple[str, int, float]]


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many articles tables were made of, each time."""
    counts: list[int] = []
    build = memory.build_segment
    monkeypatch.setattr(memory, "build_segment", lambda found: (counts.append(len(found.splits)), build(found))[1])
    return counts


def some_articles(count: int, version: int = 0) -> tuple[Article, ...]:
    texts = {
        f"a{n:03}": f"Headline {n} of word{n % 13}.\n\nOne said {n} in version {version}. The thing is word{n % 7}.\n\n"
        f"Then word{n % 5} came by tram. It went on.\n\nSubscribe to our newsletter"
        for n in range(count)
    }
    return articles_of(**texts)


def hits(index: PassageIndex) -> list[Hits]:
    found = index.search_many(QUESTIONS, k=20)
    return [[(h.sentence.article.id, h.sentence.number, h.score) for h in of_one] for of_one in found]


def same(found: list[Hits], wanted: list[Hits]) -> bool:
    """The same sentences in the same order with the same scores, but for the last digits of a float32."""
    names = [[hit[:2] for hit in of_one] for of_one in found] == [[hit[:2] for hit in of_one] for of_one in wanted]
    scores = [np.array([hit[2] for of_one in hits for hit in of_one]) for hits in (found, wanted)]
    return names and np.allclose(*scores, rtol=0, atol=2e-6)


def without_tables(folder: Path) -> list[Hits]:
    """What is found when all is made anew."""
    bare = folder.parent / f"{folder.name}-bare"
    shutil.copytree(folder, bare, ignore=shutil.ignore_patterns("*tables*"))
    try:
        return hits(PassageIndex.open(bare, FakeEmbedder()))
    finally:
        shutil.rmtree(bare)


def kept(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"{TABLES}*"))


@pytest.fixture
def index(tmp_path: Path) -> PassageIndex:
    index = PassageIndex.build(tmp_path / "index", FakeEmbedder(), some_articles(60))
    index.load()
    return index


def stems(texts: list[str]) -> list[list[str]]:
    stemmer = Stemmer.Stemmer("english")
    return bm25s.tokenize(texts, stopwords="en", stemmer=stemmer, return_ids=False, show_progress=False)


def test_the_ranking_is_that_of_the_plain_libraries(tmp_path: Path, seeds: Path) -> None:
    articles = load_folder(seeds).articles
    PassageIndex.build(tmp_path / "i", FakeEmbedder(), articles).load()
    index = PassageIndex.open(tmp_path / "i", FakeEmbedder())
    splits = [split_article(article) for article in articles]
    sentences = [s for split in splits for s in split.kept]
    passages = [p for split in splits for p in window_passages(split.kept)]
    own = [plain_text(s.text) for s in sentences], [plain_text(s.text) for s in sentences]
    around = (
        [plain_text(p.text) for p in passages],
        [" ".join(plain_text(s.text) for s in p.sentences) for p in passages],
    )
    for question in ("How many countries are in the coalition?", "What did Macron say in Jerusalem?", "dozens killed"):
        (vector,) = FakeEmbedder().embed_questions([question])
        wanted = np.zeros(len(sentences))
        for (texts, words), by_vector, by_words in ((own, 1.0, OWN_WORDS), (around, AROUND_VECTOR, AROUND_WORDS)):
            peer = bm25s.BM25(k1=1.2, b=0.75)
            peer.index(stems(words), show_progress=False)
            scores = peer.get_scores(stems([question])[0])
            wanted += by_vector * (FakeEmbedder().embed_passages(texts) @ vector) + by_words * scores / scores.max()
        found = index.search(question, k=12)
        best = np.argsort(-wanted, kind="stable")[:12]
        assert [h.score for h in found] == pytest.approx(wanted[best], abs=1e-5)
        assert [h.sentence.key for h in found] == [sentences[row].key for row in best]


def test_the_next_opening_makes_no_tables(index: PassageIndex, built: list[int]) -> None:
    again = PassageIndex.open(index.folder, FakeEmbedder())
    assert hits(again) == hits(index)
    assert built == []
    assert again.articles == index.articles
    assert [again.split(a.id) for a in again.articles] == [split_article(a) for a in index.articles]
    sentence = again.split("a007").kept[1]
    assert again.passage(sentence) == index.passage(sentence)
    assert len(kept(index.folder)) == 1
    assert not [path for path in index.folder.iterdir() if path.name.startswith(".")]


def test_a_small_index_keeps_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "SAVED_FROM", 2000)
    PassageIndex.build(tmp_path, FakeEmbedder(), some_articles(60)).load()
    assert not kept(tmp_path)


@pytest.mark.parametrize("seed", range(4))
def test_after_any_changes_all_is_found_as_if_made_anew(index: PassageIndex, built: list[int], seed: int) -> None:
    chance = random.Random(seed)
    held = {article.id: article for article in index.articles}
    for number in range(1, 9):
        for article in chance.sample(some_articles(75, number), 3):
            held[article.id] = article
        for article_id in chance.sample(sorted(held), 3):
            del held[article_id]
        wanted = sorted(held.values(), key=lambda a: a.id) if number % 2 else [*held.values()]
        PassageIndex.open(index.folder, FakeEmbedder()).update(wanted, remove_others=True)
        again = PassageIndex.open(index.folder, FakeEmbedder())
        assert same(hits(again), without_tables(index.folder))
        assert again.articles == tuple(wanted)
        assert [again.split(a.id) for a in wanted] == [split_article(a) for a in wanted]
        for article in wanted:
            assert [again.passage(s) for s in again.split(article.id).kept] == list(
                window_passages(split_article(article).kept)
            )
        sentence = again.split(wanted[0].id).kept[1]
        assert sentence in again.same_words(sentence)
    assert len(kept(index.folder)) == 1
    assert max(built[1::2], default=0) < 75, "the tables were never added to"


def test_one_more_article_makes_tables_of_it_alone(index: PassageIndex, built: list[int]) -> None:
    index.update(articles_of(kent="Kent buys a bus.\n\nThe bus of Kent is green."), remove_others=False)
    assert index.search("bus of Kent", k=1)[0].sentence.text == "The bus of Kent is green."
    assert built == [1]


def test_after_many_changes_tables_are_made_again(index: PassageIndex, built: list[int]) -> None:
    before = kept(index.folder)
    index.update(some_articles(120, 1), remove_others=True)
    index.load()
    assert built[-1] == 120
    assert kept(index.folder) != before
    assert len(kept(index.folder)) == 1


def damages() -> Iterator[tuple[str, Callable[[bytes], bytes]]]:
    for seed in range(3):
        yield from ((f"{what} {seed}", lose) for what, lose in power_losses(random.Random(seed)).items())
    yield "empty", lambda raw: b""
    yield "longer", lambda raw: raw + b"\0"
    yield "one bit", lambda raw: raw[: len(raw) // 2] + bytes([raw[len(raw) // 2] ^ 4]) + raw[len(raw) // 2 + 1 :]


def test_damaged_tables_are_noticed_and_made_again(index: PassageIndex, built: list[int]) -> None:
    wanted = without_tables(index.folder)
    (whole,) = kept(index.folder)
    copy = shutil.copytree(whole, index.folder.parent / "whole")
    for name in sorted(path.name for path in copy.iterdir()):
        for what, lose in damages():
            before = (copy / name).read_bytes()
            (place,) = kept(index.folder)
            (place / name).write_bytes(lose(before))
            built.clear()
            again = PassageIndex.open(index.folder, FakeEmbedder())
            assert same(hits(again), wanted), f"{name} {what}"
            changed = lose(before) != before and name != "head.json"  # a head that changed may still say the same
            assert not changed or built == [60], f"{name} {what}: not noticed"
            shutil.rmtree(kept(index.folder)[0])
            shutil.copytree(copy, whole)


@pytest.mark.parametrize("what", ["missing", "another", "a folder"])
def test_files_that_do_not_belong(index: PassageIndex, built: list[int], what: str) -> None:
    wanted = without_tables(index.folder)
    (place,) = kept(index.folder)
    built.clear()
    if what == "missing":
        (place / "own.faiss").unlink()
    elif what == "another":
        (place / "other.npy").touch()
    else:
        (place / "words.txt").unlink()
        (place / "words.txt").mkdir()
    assert same(hits(PassageIndex.open(index.folder, FakeEmbedder())), wanted)
    assert built == [60]


def test_tables_of_another_index_are_not_used(tmp_path: Path, index: PassageIndex, built: list[int]) -> None:
    other = PassageIndex.build(tmp_path / "other", FakeEmbedder(), some_articles(60, version=9))
    shutil.copytree(kept(index.folder)[0], other.folder / kept(index.folder)[0].name)
    assert same(hits(other), without_tables(other.folder))
    model = FakeEmbedder(name="another")
    third = PassageIndex.build(tmp_path / "third", model, some_articles(60))
    shutil.copytree(kept(index.folder)[0], third.folder / kept(index.folder)[0].name)
    built.clear()
    third.load()
    assert built == [60]


def test_a_folder_that_cannot_be_written(index: PassageIndex, built: list[int]) -> None:
    wanted = hits(index)
    (place,) = kept(index.folder)
    with unprivileged(index.folder):
        assert hits(PassageIndex.open(index.folder, FakeEmbedder())) == wanted
    assert built == []
    shutil.rmtree(place)
    (index.folder / LOCK).unlink()
    with unprivileged(index.folder):
        assert hits(PassageIndex.open(index.folder, FakeEmbedder())) == wanted
    assert built == [60]
    assert not kept(index.folder)


def test_a_folder_with_a_name_that_is_not_utf_8(index: PassageIndex) -> None:
    odd = shutil.copytree(index.folder, index.folder.parent / os.fsdecode(b"caf\xe9"))
    again = PassageIndex.open(odd, FakeEmbedder())
    assert hits(again) == hits(index)  # FAISS reads no such path
    assert hits(PassageIndex.open(odd, FakeEmbedder())) == hits(index)


def test_an_index_made_anew_with_another_model_meanwhile(index: PassageIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look at the tables and the look at the articles."""
    other = FakeEmbedder(name="another", dim=32)
    load = memory.load_tables

    def slowly(folder: Path, made_with: str) -> memory.Segment | None:
        found = load(folder, made_with)
        PassageIndex.build(folder, other, index.articles)
        return found

    opened = PassageIndex.open(index.folder, FakeEmbedder())
    monkeypatch.setattr(memory, "load_tables", slowly)
    opened.load()
    monkeypatch.undo()
    assert opened._loaded().retriever.own_vectors.dim == 32


LOAD = """
import resource, sys
from conftest import FakeEmbedder
from index import memory
from index.passage_index import PassageIndex
memory.SAVED_FROM = 1
if sys.argv[2] != "0":
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
index = PassageIndex.open(sys.argv[1], FakeEmbedder())
print([(h.sentence.article.id, h.sentence.number) for h in index.search("the tram of Leeds", k=9)])
"""


@pytest.mark.parametrize("spare", [1, 3000, 50_000])
def test_a_full_disk(index: PassageIndex, spare: int) -> None:
    shutil.rmtree(kept(index.folder)[0])
    said = []
    for size in (spare, 0, 0):
        command = [sys.executable, "-c", LOAD, str(index.folder), str(size)]
        said.append(subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=True).stdout)
        assert bool(kept(index.folder)) == (size == 0)
        assert not [path for path in index.folder.iterdir() if path.name.startswith(".")]
    assert len(set(said)) == 1


def test_what_a_killed_process_left_is_removed(index: PassageIndex) -> None:
    shutil.rmtree(kept(index.folder)[0])
    left = index.folder / f".{TABLES}abc"
    left.mkdir()
    (left / "own.faiss").write_bytes(b"half")
    PassageIndex.open(index.folder, FakeEmbedder()).load()
    assert not left.exists()
    assert kept(index.folder)


def test_an_index_in_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Past EXACT_ROWS the vectors are searched cell by cell, from disk and after a change as well."""
    monkeypatch.setattr(vectors, "EXACT_ROWS", 500)
    PassageIndex.build(tmp_path, FakeEmbedder(), some_articles(400)).load()
    index = PassageIndex.open(tmp_path, FakeEmbedder())
    for sentence in (index.split(f"a{n:03}").kept[1] for n in range(0, 400, 40)):
        best = index.search(sentence.text, k=3)[0]
        assert (best.sentence, best.rank) == (sentence, 1)
    index.update(articles_of(kent="Kent buys a bus.\n\nThe bus of Kent is green."), remove_others=False)
    index.remove(["a004"])
    assert index.search("bus of Kent", k=1)[0].sentence.text == "The bus of Kent is green."
    assert "a004" not in {h.sentence.article.id for h in index.search("Headline 4 of word4", k=50)}
