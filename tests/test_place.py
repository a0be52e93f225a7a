"""Where the index of a folder is kept, and when it is started anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import FakeEmbedder, articles_of

from index.database import FILE
from index.place import cached_place, indexes_folder, is_index, place_of


def test_it_is_keyed_by_the_real_path(tmp_path: Path, indexes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a" / "texts").mkdir(parents=True)
    (tmp_path / "b" / "texts").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "a" / "texts")
    place = cached_place(tmp_path / "a" / "texts")
    assert place.parent == indexes
    assert place.name.startswith("texts-")
    assert cached_place(tmp_path / "link") == place
    monkeypatch.chdir(tmp_path / "a")
    assert cached_place("texts") == cached_place("texts/../texts/") == place
    assert cached_place(tmp_path / "b" / "texts") != place
    assert cached_place("/").name.startswith("root-")


def test_the_place_of_indexes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CITEWELL_INDEXES", "~/mine")
    assert indexes_folder() == tmp_path / "mine"
    monkeypatch.delenv("CITEWELL_INDEXES")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert indexes_folder().name == "indexes"
    assert "citewell" in indexes_folder().parts


def test_it_is_opened_again(tmp_path: Path) -> None:
    said: list[str] = []
    first = place_of(tmp_path, FakeEmbedder(), report=said.append)
    first.update(articles_of(a="One thing."), remove_others=True)
    assert [a.id for a in place_of(tmp_path, FakeEmbedder(), report=said.append).articles] == ["a"]
    assert said == []
    assert is_index(cached_place(tmp_path))


@pytest.mark.parametrize("how", ["other embedder", "damaged", "cut off"])
def test_a_misfit_is_started_anew_and_told(tmp_path: Path, how: str) -> None:
    said: list[str] = []
    place_of(tmp_path, FakeEmbedder(), report=said.append).update(articles_of(a="One thing."), remove_others=True)
    path = cached_place(tmp_path) / FILE
    if how == "damaged":
        path.write_bytes(b"x" * 9000)
    elif how == "cut off":
        path.write_bytes(path.read_bytes()[:4096])
    name = "other" if how == "other embedder" else "fake"
    index = place_of(tmp_path, FakeEmbedder(name=name), report=said.append)
    assert index.articles == ()
    assert len(said) == 1
    assert said[0].endswith(f"indexing {tmp_path} again")
    index.update(articles_of(a="One thing."), remove_others=True)
    assert index.faults() == ()
