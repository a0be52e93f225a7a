"""An index opened for asking: kept in step with articles, refused where it does not fit."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import LEEDS, YORK, FakeEmbedder, articles_of

from index import changes, database
from index.changes import Progress, Update, embed_articles
from index.database import FILE
from index.errors import CitewellError, IndexMissingError, IndexStaleError, IndexWriteError
from index.passage_index import PassageIndex
from index.records import article_hash
from index.sentences import Split

KENT = "Kent buys a bus.\n\nThe bus of Kent is green."


def hits(index: PassageIndex, question: str) -> list[tuple[str, int, float]]:
    return [(h.sentence.article.id, h.sentence.number, h.score) for h in index.search(question, k=9)]


def test_round_trip_embeds_nothing(towns: PassageIndex) -> None:
    embedder = FakeEmbedder()
    opened = PassageIndex.open(towns.folder, embedder)
    assert opened.articles == towns.articles
    assert [opened.split(a.id) for a in opened.articles] == [towns.split(a.id) for a in towns.articles]
    assert hits(opened, "tram line cost") == hits(towns, "tram line cost")
    assert embedder.embedded == 0
    assert opened.faults() == ()


def test_hits_are_sentences_best_first(towns: PassageIndex) -> None:
    found = towns.search("It has 12 stops?", k=3)
    assert found[0].sentence.text == "It has 12 stops."
    assert [h.rank for h in found] == [1, 2, 3]
    assert [h.score for h in found] == sorted((h.score for h in found), reverse=True)
    assert len(towns.search("tram", k=99)) == 7  # all that may be cited
    assert not any("newsletter" in h.sentence.text for h in towns.search("newsletter", k=99))


def test_many_questions_find_what_each_finds(towns: PassageIndex) -> None:
    questions = ["tram stops", "the cost"]
    assert towns.search_many(questions, k=3) == [towns.search(q, k=3) for q in questions]


def test_only_some_articles(towns: PassageIndex) -> None:
    assert {h.sentence.article.id for h in towns.search("tram", k=9, only=["york"])} == {"york"}
    assert towns.search("tram", k=9, only=[]) == ()


def test_surroundings_of_a_sentence(towns: PassageIndex) -> None:
    (hit,) = towns.search("It has 12 stops", k=1)
    assert towns.passage(hit.sentence).text == LEEDS.split("\n\n")[1]


def test_updates(tmp_path: Path, towns: PassageIndex, embedder: FakeEmbedder) -> None:
    before = embedder.embedded
    assert str(towns.update(articles_of(leeds=LEEDS, york=YORK), remove_others=True)) == "nothing changed"
    assert embedder.embedded == before
    update = towns.update(articles_of(kent=KENT, leeds=LEEDS.replace("12", "14")), remove_others=True)
    assert update == Update(added=("kent",), changed=("leeds",), removed=("york",))
    assert str(update) == "1 added, 1 changed, 1 removed"
    assert "It has 14 stops." in [s.text for s in towns.split("leeds").kept]
    fresh = PassageIndex.create(tmp_path / "fresh", embedder)
    fresh.update(articles_of(kent=KENT, leeds=LEEDS.replace("12", "14")), remove_others=True)
    assert [a.id for a in towns.articles] == [a.id for a in fresh.articles] == ["kent", "leeds"]
    assert hits(towns, "bus stops") == hits(fresh, "bus stops")
    assert towns.faults() == ()


def test_adding_keeps_the_others(towns: PassageIndex) -> None:
    assert towns.update(articles_of(kent=KENT), remove_others=False).removed == ()
    assert [a.id for a in towns.articles] == ["leeds", "york", "kent"]


def test_a_changed_title_alone_is_a_change(towns: PassageIndex) -> None:
    leeds = replace(towns.articles[0], author="Ana Roe")
    assert towns.update([leeds], remove_others=False).changed == ("leeds",)
    assert towns.articles[0].author == "Ana Roe"


def test_removing(towns: PassageIndex) -> None:
    assert towns.remove(["york", "nowhere"]) == ("york",)
    assert [a.id for a in towns.articles] == ["leeds"]
    assert {h.sentence.article.id for h in towns.search("tram", k=9)} == {"leeds"}
    towns.remove(["leeds"])
    assert towns.search("tram", k=9) == ()


def test_publishing_looks_articles_up_and_never_reads_through_all(
    towns: PassageIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = database.Database._connect
    said: list[str] = []

    def traced(self: database.Database, mode: str) -> sqlite3.Connection:
        connection = connect(self, mode)
        connection.set_trace_callback(said.append)
        return connection

    monkeypatch.setattr(database.Database, "_connect", traced)
    towns.update(articles_of(kent=KENT, bath="Bath has a tram."), remove_others=False)
    by_id = {sql for sql in said if re.match(r"(?:SELECT|UPDATE|DELETE)\b.*(?:\bid = |\(id, )", sql, re.DOTALL)}
    monkeypatch.undo()
    with closing(sqlite3.connect(towns.folder / FILE)) as connection:
        plans = {sql: str(connection.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()) for sql in by_id}
    assert any(sql.startswith("UPDATE articles SET position") for sql in plans)
    assert [sql for sql, plan in plans.items() if "SCAN articles" in plan] == []


def test_progress_is_told_after_each_article(towns: PassageIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Progress] = []
    monkeypatch.setattr(changes, "STAGE_CHARS", 0)
    towns.update(articles_of(a=KENT, b=LEEDS), remove_others=True, progress=told.append)
    assert told == [Progress(1, 2, len(KENT), len(LEEDS)), Progress(2, 2, len(KENT) + len(LEEDS), 0)]


def test_no_index(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError, match="citewell index build"):
        PassageIndex.open(tmp_path, FakeEmbedder())


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("", r"it was embedded with fake \(fake-64\), not other \(other-64\)"),
        ("UPDATE manifest SET value = '99' WHERE name = 'format'", "the index has format 99"),
        ("UPDATE manifest SET value = 'old-7' WHERE name = 'splitter'", "split by old-7, this citewell uses"),
        ("DELETE FROM manifest WHERE name = 'dim'", "damaged .*does not say its 'dim'"),
        ("UPDATE manifest SET value = 'many' WHERE name = 'dim'", "damaged .*many"),
        ('UPDATE sentences SET "end" = 99999 WHERE number = 0', "damaged"),
        ("UPDATE derived SET own = x'00'", "damaged"),
        ("UPDATE derived SET around = substr(around, 1, 512)", "sentences, but 2 vectors"),
        ("UPDATE derived SET same = x'00'", "sentences, but not what was worked out from them"),
        ("DELETE FROM derived WHERE article = 1", "leeds has 4 sentences, but not what was worked out"),
        ("UPDATE articles SET about = '7'", "not a text with its metadata"),
        ("UPDATE articles SET text = x'ff'", "damaged"),
        ("DROP TABLE sentences", "damaged"),
    ],
)
def test_a_misfit_is_refused_in_one_line(towns: PassageIndex, sql: str, problem: str) -> None:
    with sqlite3.connect(towns.folder / FILE) as connection:
        connection.execute(sql or "SELECT 1")
    connection.close()
    with pytest.raises(IndexStaleError, match=problem) as caught:
        PassageIndex.open(towns.folder, FakeEmbedder(name="fake" if sql else "other")).load()
    assert "citewell index build" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_vector_that_is_no_number_is_refused(towns: PassageIndex) -> None:
    with sqlite3.connect(towns.folder / FILE) as connection:
        connection.execute("UPDATE derived SET around = ?", (np.full((4, 64), np.nan, "f4").tobytes(),))
    connection.close()
    with pytest.raises(IndexStaleError, match="not finite"):
        PassageIndex.open(towns.folder, FakeEmbedder()).load()


def test_every_truncation_is_refused_in_one_line(towns: PassageIndex) -> None:
    path = towns.folder / FILE
    whole = path.read_bytes()
    for size in sorted(
        {0, 1, 16, 99, 100, 512, 4095, 4096, len(whole) - 1, *range(0, len(whole), len(whole) // 40 + 1)}
    ):
        path.write_bytes(whole[:size])
        with pytest.raises(IndexStaleError, match="damaged") as caught:
            PassageIndex.open(towns.folder, FakeEmbedder())
        assert "\n" not in str(caught.value)


def test_flipped_bytes_are_refused_or_reported(towns: PassageIndex) -> None:
    """Whatever a bad disk does: one clear line, or an index whose check tells, or no harm; never a traceback."""
    path = towns.folder / FILE
    whole = path.read_bytes()
    noticed = 0
    for seed in range(150):
        generator = np.random.default_rng(seed)
        damaged = np.frombuffer(whole, np.uint8).copy()
        damaged[generator.integers(0, len(whole), 20)] = generator.integers(0, 256, 20)
        path.write_bytes(damaged.tobytes())
        try:
            opened = PassageIndex.open(towns.folder, FakeEmbedder())
            noticed += bool(opened.faults())
            for hit in opened.search("tram", k=9):
                assert hit.sentence.text
        except CitewellError as error:
            noticed += 1
            assert "\n" not in str(error)
    assert noticed > 50


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        (
            "UPDATE articles SET text = replace(text, '12 stops', '13 stops') WHERE id = 'leeds'",
            "leeds: its text or metadata has changed in the file",
        ),
        (
            "UPDATE articles SET about = replace(about, 'York', 'Yorc')",
            "york: its text or metadata has changed in the file",
        ),
        (
            "UPDATE sentences SET start = start + 1 WHERE article = 2 AND number = 1",
            "york: its sentences or vectors have changed in the file",
        ),
        (
            "UPDATE derived SET own = around WHERE article = 1",
            "leeds: its sentences or vectors have changed in the file",
        ),
        ("INSERT INTO sentences VALUES (77, 0, 0, 1, NULL)", "sentences: a stray row"),
    ],
)
def test_faults_are_found(towns: PassageIndex, sql: str, fault: str) -> None:
    with sqlite3.connect(towns.folder / FILE) as connection:
        connection.execute(sql)
    connection.close()
    assert towns.faults() == (fault,)


def test_sentences_that_the_text_does_not_give_are_a_fault(towns: PassageIndex, embedder: FakeEmbedder) -> None:
    article = replace(articles_of(york=YORK)[0], author="Ana Roe")
    (whole,) = embed_articles([article], embedder)
    fewer = replace(whole, split=Split(whole.split.sentences[:-1], {}))  # the newsletter line is gone
    towns._store.stage([(article, fewer)], towns._store.manifest.made_with)
    towns._store.publish({"york": article_hash(article)})
    assert towns.faults() == ("york: its sentences are not those of its text",)


def test_another_writer_is_waited_for_and_then_told(towns: PassageIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_S", 0.05)
    writer = sqlite3.connect(towns.folder / FILE, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    with pytest.raises(CitewellError, match="another citewell is writing") as caught:
        PassageIndex.open(towns.folder, FakeEmbedder())
    assert not isinstance(caught.value, IndexStaleError)  # or else the index of a folder would be thrown away
    writer.execute("ROLLBACK")
    reader = PassageIndex.open(towns.folder, FakeEmbedder())
    writer.execute("BEGIN IMMEDIATE")
    with pytest.raises(CitewellError, match="another citewell is writing"):
        reader.update(articles_of(kent=KENT), remove_others=False)
    writer.close()
    assert reader.update(articles_of(kent=KENT), remove_others=False).added == ("kent",)


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(IndexWriteError, match="cannot be written"):
        PassageIndex.create(tmp_path / "file" / "index", FakeEmbedder())


def test_an_article_without_citable_sentences(tmp_path: Path, embedder: FakeEmbedder) -> None:
    index = PassageIndex.create(tmp_path / "i", embedder)
    index.update(articles_of(blank="---"), remove_others=True)
    assert index.search("x", k=3) == ()
    assert PassageIndex.open(tmp_path / "i", embedder).faults() == ()


def test_embedding_takes_plain_text(embedder: FakeEmbedder) -> None:
    (article,) = articles_of(a="See [the **report**](http://x.y/z).")
    (stored,) = embed_articles([article], embedder)
    assert np.array_equal(stored.own[0], embedder.embed_passages(["See the report."])[0])
