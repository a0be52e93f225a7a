"""Searching on a Milvus store: the real Milvus Lite, in a folder of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import LEEDS, ROOT, YORK, FakeEmbedder, Run, articles_of

from index.article import Hit
from index.errors import CitewellError, IndexStaleError, SettingsError, StoreError
from index.load import make_article
from index.milvus.collections import Collections
from index.milvus.place import Place, find_place
from index.milvus.push import _words
from index.passage_index import PassageIndex
from qa.library import find_embedder
from qa.questions import DEFAULT_FILES, load_questions

QUESTIONS = ["What did the tram line cost?", "Who opened it?", "stops", "the", "zebra", "tram tram York cost"]
BATH = (
    "Bath closes its tram.\n\nThe tram line of Bath had 12 stops. It has 12 stops. A tram_line is no word of Ana Roe."
)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    from milvus_lite.server_manager import server_manager_instance

    place = Place.parse(str(tmp_path / "passages.db"))
    yield place
    server_manager_instance.release_server(place.uri)


@pytest.fixture
def three(towns: PassageIndex) -> PassageIndex:
    towns.update(articles_of(bath=BATH), remove_others=False)
    return towns


def on(place: Place, index: PassageIndex) -> PassageIndex:
    """The same index, searched on a store."""
    opened = PassageIndex.open(index.folder, FakeEmbedder())
    opened.search_on(place)
    opened.load()
    return opened


def seen(hits: tuple[Hit, ...]) -> list[tuple[tuple[str, int], float]]:
    return [(hit.sentence.key, pytest.approx(hit.score, abs=1e-4)) for hit in hits]


@pytest.mark.parametrize("only", [None, ["york"], ["bath", "leeds", "nowhere"], ["nowhere"], []])
def test_both_stores_find_the_same(three: PassageIndex, place: Place, only: list[str] | None) -> None:
    assert str(three.push(place)) == "3 articles pushed"
    remote = on(place, three)
    for question in QUESTIONS:
        for k in (1, 4, 500):
            found = remote.search(question, k=k, only=only)
            assert seen(found) == seen(three.search(question, k=k, only=only))
            assert all(h.sentence.article.text[h.sentence.start : h.sentence.end] == h.sentence.text for h in found)
    assert remote.search("tram", k=3) and (only is None or remote.search("tram", k=3, only=[]) == ())


def test_both_stores_know_the_same_words(three: PassageIndex, place: Place) -> None:
    three.push(place)
    names = ["Leeds", "York", "Yor", "Paris", "Ana Roe", "Ana Paris", "tram_line", "tramXline", "%", '"', "a", "", "🙂"]
    assert on(place, three).unknown(names) == three.unknown(names)


def test_both_stores_find_the_same_words(towns: PassageIndex, place: Place) -> None:
    towns.update(articles_of(copy="From Leeds.\n\n" + LEEDS.partition("\n\n")[2]), remove_others=False)
    towns.push(place)
    remote = on(place, towns)
    (hit,) = remote.search("What did the tram line cost?", k=1)
    both = [s.key for s in remote.same_words(hit.sentence)]
    assert both == [s.key for s in towns.same_words(hit.sentence)]
    assert [article for article, _ in both] == ["leeds", "copy"]
    (short,) = remote.search("It has 12 stops.", k=1)
    assert remote.same_words(short.sentence) == (short.sentence,)


def test_a_push_sends_only_what_is_missing(three: PassageIndex, place: Place) -> None:
    three.push(place)
    assert not three.push(place)
    three.remove(["york"])
    three.update(articles_of(leeds=LEEDS + " It is red."), remove_others=False)
    told: list[tuple[int, int]] = []
    assert str(three.push(place, progress=lambda done, total: told.append((done, total)))) == (
        "1 articles pushed, 2 articles removed"
    )
    assert told == [(2, 2)]
    remote = on(place, three)
    # keys alone: Milvus Lite counts words by segment, and the new article is one of its own
    for question in ("Is it red?", "What did the tram line cost?"):
        here, there = ([hit.sentence.key for hit in index.search(question, k=50)] for index in (three, remote))
        assert here[:1] == there[:1] and sorted(here) == sorted(there)
    three.update(articles_of(york=YORK), remove_others=False)
    assert str(three.push(place)) == "1 articles pushed"
    assert "york" in {hit.sentence.article.id for hit in on(place, three).search("York council", k=1)}


def test_a_store_that_is_behind_is_refused_with_the_command_that_helps(
    three: PassageIndex, place: Place, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    three.push(place)
    three.remove(["york"])
    three.update(articles_of(hull=BATH), remove_others=False)
    with pytest.raises(IndexStaleError, match="1 of its articles are not there, 1 are there that it") as told:
        on(place, three)
    command = str(told.value).partition("citewell ")[2]
    assert run(*command.split())[:2] == (0, "1 articles pushed, 1 articles removed\n")
    assert on(place, three).search("tram", k=1)


# calls: about the index; then each article coming and whole, first leeds, then york, then bath
@pytest.mark.parametrize(
    ("call", "missing", "then"), [(3, 3, "2 articles pushed"), (5, 2, "1 articles pushed, 1 articles removed")]
)
def test_a_push_that_was_broken_off_goes_on(
    three: PassageIndex, place: Place, monkeypatch: pytest.MonkeyPatch, call: int, missing: int, then: str
) -> None:
    monkeypatch.setattr("index.milvus.push._READ_AT_ONCE", 1)
    put, calls = Collections._put_states, []

    def broken(self: Collections, states: dict[str, str]) -> None:
        calls.append(states)
        if len(calls) == call:  # sentences were sent, but the article is not said to be whole
            raise KeyboardInterrupt
        put(self, states)

    with monkeypatch.context() as patch:
        patch.setattr(Collections, "_put_states", broken)
        with pytest.raises(KeyboardInterrupt):
            three.push(place)
    with pytest.raises(IndexStaleError, match=f"{missing} of its articles are not there"):
        on(place, three)
    three.remove(["york"])  # whose sentences may have been sent
    assert str(three.push(place)) == then
    assert seen(on(place, three).search("tram of York", k=50)) == seen(three.search("tram of York", k=50))


def test_another_embedder_is_refused_and_replaced(three: PassageIndex, place: Place, tmp_path: Path) -> None:
    three.push(place)
    other = PassageIndex.create(tmp_path / "other", FakeEmbedder(name="other", dim=32))
    other.update(three.articles, remove_others=True)
    with pytest.raises(IndexStaleError, match=r"made with fake \(fake-64 .*the index with other .*--replace"):
        other.push(place)
    other.search_on(place)
    with pytest.raises(IndexStaleError, match="made with fake"):
        other.load()
    assert other.push(place, replace=True)
    assert other.search("tram", k=1)
    with pytest.raises(IndexStaleError, match="made with other"):
        on(place, three)


def test_another_index_is_refused_and_has_a_place_beside(three: PassageIndex, place: Place, tmp_path: Path) -> None:
    three.push(place)
    other = PassageIndex.create(tmp_path / "other", FakeEmbedder())
    other.update(articles_of(hull="Hull has a port."), remove_others=True)
    with pytest.raises(StoreError, match="holds other articles, and none of this index"):
        other.push(place)
    with pytest.raises(StoreError, match="of another index"):
        on(place, other)
    beside = Place.parse(f"{place.uri}#hull")
    with pytest.raises(StoreError, match="no index has been pushed there"):
        on(beside, other)
    other.push(beside)
    assert on(beside, other).search("port", k=1)[0].sentence.article.id == "hull"
    assert seen(on(place, three).search("tram", k=50)) == seen(three.search("tram", k=50))


def test_a_collection_of_others_is_left_alone(three: PassageIndex, place: Place) -> None:
    from pymilvus import MilvusClient

    client = MilvusClient(place.uri)
    client.create_collection("citewell", dimension=4)
    client.insert("citewell", [{"id": 1, "vector": [1.0, 0.0, 0.0, 0.0]}])
    for replace in (False, True):
        with pytest.raises(StoreError, match="citewell did not make the collection"):
            three.push(place, replace=replace)
    assert client.query("citewell", filter="id == 1", output_fields=["id"])[0]["id"] == 1
    client.close()


def test_another_version_is_refused_and_replaced(
    three: PassageIndex, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("index.milvus.collections.FORMAT", 99)
        three.push(place)
    for use in (lambda: on(place, three), lambda: three.push(place)):
        with pytest.raises(IndexStaleError, match=r"another version of citewell; .*--replace"):
            use()
    assert three.push(place, replace=True)
    assert on(place, three).search("tram", k=1)


HOSTILE = ['" or article != "', "x'] or true or ['", "{article}", "a\\", "%", "مرحبا", "-0", "cost] OR 1==1 //", " "]


def test_hostile_ids_and_questions(tmp_path: Path, place: Place) -> None:
    index = PassageIndex.create(tmp_path / "hostile", FakeEmbedder())
    index.update(
        [make_article(id_, f"Tram {n}.\n\nThe line costs {n}.") for n, id_ in enumerate(HOSTILE)], remove_others=True
    )
    index.push(place)
    remote = on(place, index)
    for id_ in HOSTILE:
        assert {hit.sentence.article.id for hit in remote.search("tram", k=50, only=[id_])} == {id_}
        assert seen(remote.search(id_, k=50)) == seen(index.search(id_, k=50))
        assert remote.unknown([id_]) == index.unknown([id_])
    index.remove(HOSTILE[:2])
    assert str(index.push(place)) == "2 articles removed"
    assert {hit.sentence.article.id for hit in on(place, index).search("tram", k=50)} == {*HOSTILE[2:]}


def test_changes_of_an_index_in_use_are_pushed(three: PassageIndex, place: Place) -> None:
    three.push(place)
    remote, other = on(place, three), on(place, three)
    remote.update(articles_of(hull="Hull has a port with nine cranes."), remove_others=False)
    assert remote.search("cranes", k=1)[0].sentence.article.id == "hull"
    assert other.search("cranes", k=1)[0].sentence.article.id == "hull"  # which another process may have changed
    remote.remove(["leeds", "york", "bath", "hull"])
    assert remote.search("cranes", k=1) == ()


def test_an_index_that_is_behind_its_store_is_told(three: PassageIndex, place: Place, tmp_path: Path) -> None:
    three.push(place)
    remote = on(place, three)
    other = PassageIndex.create(tmp_path / "other", FakeEmbedder())
    other.update([*three.articles, *articles_of(hull="Hull has a port.")], remove_others=True)
    other.push(place)
    with pytest.raises(IndexStaleError, match="has been changed, and is not of the index as it was opened"):
        remote.search("port", k=1)


def test_many_threads_search_at_once(three: PassageIndex, place: Place) -> None:
    three.push(place)
    remote = on(place, three)
    wanted = [seen(three.search(question, k=9)) for question in QUESTIONS]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            found = pool.map(lambda question: remote.search(question, k=9), QUESTIONS)
            assert [seen(hits) for hits in found] == wanted


@pytest.mark.slow
def test_a_server_by_its_address(three: PassageIndex, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    place = Place.parse(f"http://127.0.0.1:{port}#news")
    command = [sys.executable, "-m", "milvus_lite", "server", "--data-dir", tmp_path / "data", "--port", str(port)]
    with subprocess.Popen(
        [*command, "--host", "127.0.0.1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            for _ in range(60):
                with socket.socket() as there:
                    if there.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.5)
            three.push(place)
            remote = on(place, three)
            assert seen(remote.search("tram", k=9)) == seen(three.search("tram", k=9))
        finally:
            server.terminate()
    with pytest.raises(StoreError, match=f"^http://127.0.0.1:{port}#news: the Milvus server failed"):
        remote.search("tram", k=9)


def test_a_text_longer_than_milvus_takes() -> None:
    text = _words(["wörd"] * 20_000)
    assert 65_520 < len(text.encode()) <= 65_535
    assert set(text.split()) == {"wörd"}
    assert _words([]).strip()


@pytest.mark.parametrize("deaf", [True, False])  # takes connections and says nothing; refuses them
def test_a_file_that_is_served_in_vain_is_served_anew(
    three: PassageIndex, place: Place, monkeypatch: pytest.MonkeyPatch, deaf: bool
) -> None:
    from milvus_lite.server_manager import server_manager_instance

    start, asked = server_manager_instance.start_and_get_uri, []
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        if not deaf:
            server.close()

        def started(path: str, *args: object) -> str | None:
            asked.append(path)
            return f"http://127.0.0.1:{port}" if len(asked) == 1 else start(path)

        monkeypatch.setattr(server_manager_instance, "start_and_get_uri", started)
        monkeypatch.setattr("index.milvus.connect.START_S", 3)
        assert str(three.push(place)) == "3 articles pushed"
    assert len(asked) > 1
    assert seen(on(place, three).search("tram", k=9)) == seen(three.search("tram", k=9))


def test_a_file_that_stays_silent_is_said_to(
    three: PassageIndex, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from milvus_lite.server_manager import server_manager_instance

    with socket.create_server(("127.0.0.1", 0)) as server:
        uri = f"http://127.0.0.1:{server.getsockname()[1]}"
        monkeypatch.setattr(server_manager_instance, "start_and_get_uri", lambda *args: uri)
        monkeypatch.setattr("index.milvus.connect.START_S", 1)
        with pytest.raises(StoreError, match="the file cannot be opened; it may be in use"):
            three.push(place)


def test_the_command_line(run: Run, clippings: Path, place: Place) -> None:
    code, out, err = run("index", "push", "--articles", clippings, "--store", place)
    assert (code, out) == (0, "2 articles pushed\n"), err
    local, remote = (
        run("search", "the tram's cost", "--articles", clippings, "--json", *store)
        for store in ((), ("--store", place))
    )
    assert local[:2] == remote[:2] != (0, "[]\n"), remote[2]
    assert (
        "It cost 40 million pounds. [1]"
        in run("ask", "What did it cost?", "--articles", clippings, "--store", place)[1]
    )
    (clippings / "hull.txt").write_text("Hull has a port.", encoding="utf-8")
    code, out, err = run("search", "port", "--articles", clippings, "--store", place)
    assert (code, out) == (1, "")
    assert "1 of its articles are not there" in err.splitlines()[-1]
    code, out, err = run("index", "push", "--articles", clippings, "--store", place)
    assert (code, out) == (0, "1 articles pushed\n")
    assert "--replace weighs all together" in err


def test_a_server_that_is_not_there(run: Run, clippings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITEWELL_MILVUS_TOKEN", "root:secret")
    for command in (["index", "push"], ["search", "tram"]):
        code, out, err = run(*command, "--articles", clippings, "--store", "http://127.0.0.1:1")
        assert (code, out) == (1, "")
        assert err.splitlines()[-1].startswith("http://127.0.0.1:1: no Milvus server can be reached there")
        assert "secret" not in err and "Traceback" not in err


def test_a_file_whose_folder_is_not_there(three: PassageIndex, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="the folder it should be in is not there"):
        three.push(Place.parse(str(tmp_path / "nowhere" / "x.db")))


def test_a_file_that_is_not_of_milvus_lite(three: PassageIndex, tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("no database")
    with pytest.raises(StoreError, match="the file cannot be opened"):
        three.push(Place.parse(str(tmp_path / "x.db")))


HOLD = "import sys, pymilvus; c = pymilvus.MilvusClient(sys.argv[1]); print('open', flush=True); sys.stdin.read()"


@pytest.mark.slow
def test_a_file_in_use_by_another_process(three: PassageIndex, place: Place) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, place.uri], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout and other.stdout.readline() == "open\n"
        with pytest.raises(StoreError, match="it may be in use by another process"):
            three.push(place)
        other.communicate()
    assert three.push(place)


@pytest.mark.parametrize("missing", ["pymilvus", "milvus_lite"])
def test_what_is_not_installed(
    three: PassageIndex, place: Place, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(SettingsError, match=r"pip install 'citewell\[milvus\]'"):
        three.push(place)


@pytest.mark.parametrize(
    ("text", "uri", "collection", "local"),
    [
        ("http://127.0.0.1:19530", "http://127.0.0.1:19530", "citewell", True),
        ("http://localhost:19530/#news", "http://localhost:19530", "news", True),
        ("https://milvus.example.org/db#a_1", "https://milvus.example.org/db", "a_1", False),
        ("http://[::1]:19530", "http://[::1]:19530", "citewell", True),
        ("some dir/x.db", "some dir/x.db", "citewell", True),
        ("a#b/x.db#news", "a#b/x.db", "news", True),
    ],
)
def test_places(text: str, uri: str, collection: str, local: bool) -> None:
    place = Place.parse(text)
    assert (place.uri, place.collection, place.local) == (uri, collection, local)
    assert Place.parse(str(place)) == place


@pytest.mark.parametrize(
    "text", ["", "x", "x.db#1", "x.db#a-b", "tcp://h:1", "http://", "http://h:x", "http://h?a", "http://me:secret@h"]
)
def test_places_that_are_none(text: str) -> None:
    with pytest.raises(CitewellError) as told:
        Place.parse(text)
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    ("text", "lines"),
    [("x.db", 0), ("http://127.0.0.1:1", 0), ("http://db.example.org", 1), ("https://db.example.org", 1)],
)
def test_who_sends_words_away_is_told(text: str, lines: int) -> None:
    said: list[str] = []
    find_place(text, report=said.append)
    assert len(said) == lines
    assert all("db.example.org" in line for line in said)
    assert ("unencrypted" in "".join(said)) == (text == "http://db.example.org")


@pytest.mark.model
def test_the_shipped_questions_find_the_same(tmp_path: Path, place: Place) -> None:
    embedder = find_embedder(None, report=print)
    from index.load import load_folder

    index = PassageIndex.build(tmp_path / "seeds", embedder, load_folder(ROOT / "seeds").articles)
    index.push(place)
    remote = PassageIndex.open(index.folder, embedder)
    remote.search_on(place)
    asked = [question.question for question in load_questions(list(DEFAULT_FILES)).questions]
    found = [[hit.sentence.key for hit in hits] for hits in remote.search_many(asked, k=10)]
    assert found == [[hit.sentence.key for hit in hits] for hits in index.search_many(asked, k=10)]
