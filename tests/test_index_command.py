"""`citewell index …` in process, with a stand-in for the embedder."""

from __future__ import annotations

from pathlib import Path

from conftest import COST, LEEDS, Run


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


def test_adding_files_of_which_one_is_bad(run: Run, clippings: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    code, out, err = run("index", "add", clippings / "leeds.txt", tmp_path / "empty.txt", "--index", tmp_path / "s")
    assert (code, out) == (1, "1 added\n")
    assert "empty.txt: is empty" in err
