"""Files -> articles: every kind of file that turns up among clippings."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from index import load
from index.errors import ArticleError
from index.load import load_files, load_folder, make_article, plain_text

CAFE = "Café in Österreich: “Schön”, sagte er. Das Café öffnete im März für viele Gäste."


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"One.\r\nTwo.\rThree.\n", "One.\nTwo.\nThree.\n"),
        (b"\xef\xbb\xbfOne.", "One."),
        (CAFE.encode(), CAFE),
        (CAFE.encode("utf-16"), CAFE),
        (b"\xfe\xff" + CAFE.encode("utf-16-be"), CAFE),
        (CAFE.encode("utf-32"), CAFE),
        (
            "  \n\tＦull ﬁ \u00a0 İ e\u0301 \\*x\\* [a](#)  \n\n".encode(),
            "  \n\tＦull ﬁ \u00a0 İ e\u0301 \\*x\\* [a](#)  \n\n",
        ),
    ],
    ids=["line ends", "mark", "utf-8", "utf-16-le", "utf-16-be", "utf-32", "nothing else changes"],
)
def test_decodes(tmp_path: Path, raw: bytes, text: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(raw)
    loaded = load_files([path])
    assert [a.text for a in loaded.articles] == [text]
    assert not loaded.notes


def test_another_encoding_is_guessed_and_said(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(CAFE.encode("cp1252"))
    loaded = load_files([path])
    assert loaded.articles[0].text == CAFE
    assert loaded.notes == (f"{path}: not UTF-8, read as windows-1252",)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "Il a été vu à côté de la forêt."),
        ("cp1252", "Straße"),
        ("cp1252", "He said it’s over."),
        ("cp1250", "Zażółć gęślą jaźń, powiedział premier w środę."),
        ("cp1251", "Правительство объявило о новых мерах."),
        ("koi8-r", "Правительство объявило о новых мерах."),
        ("shift_jis", "東京で新しい駅が開業した。"),
        ("gb18030", "中国政府宣布新措施。"),
    ],
)
def test_old_encodings_of_many_languages_are_read_right(tmp_path: Path, encoding: str, text: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode(encoding))
    assert load_files([path]).articles[0].text == text


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b" \n\t--- \n", "holds no text"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "zero bytes"),
        (b"\xff\xfea", "save it as UTF-8"),
        ("a\0b".encode("utf-16"), "zero bytes"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, raw: bytes, problem: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(raw)
    loaded = load_files([path])
    assert not loaded.articles
    (line,) = map(str, loaded.problems)
    assert line.startswith(f"{path}: ")
    assert problem in line
    assert "\n" not in line


def test_a_file_too_large_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail("it was read"))
    (problem,) = load_files([path]).problems
    assert "is 50 MB, more than the 21 MB" in str(problem)


def test_unreadable_files_are_left_out_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "d", "locked"):
        (tmp_path / f"{name}.txt").write_text(f"Text of {name}.")
    (tmp_path / "b.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "c.txt").write_bytes(b"")
    (tmp_path / "folder.txt").mkdir()
    os.mkfifo(tmp_path / "pipe.txt")  # reading it would wait for ever
    read = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "locked.txt":  # as for a user without the right to: root may read everything
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    loaded = load_folder(tmp_path)
    assert [a.id for a in loaded.articles] == ["a", "d"]
    assert [p.path.name for p in loaded.problems] == ["b.txt", "c.txt", "locked.txt", "pipe.txt"]
    assert "Permission denied" in str(loaded.problems[2])


def test_what_is_no_article_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "page.htm").write_text("<p>A saved page whose parts are no articles.</p>")
    (tmp_path / "page_files").mkdir()
    (tmp_path / "page_files" / "frame.html").write_text("<p>An advertisement.</p>")
    for name in (
        "README.md",
        "readme.txt",
        "README.de.md",
        ".hidden.txt",
        "a.meta.json",
        "a.txt.meta.yaml",
        "photo.jpg",
        ".git/x.txt",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("Text.")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "Real One.MD").write_text("Text.")
    assert [a.id for a in load_folder(tmp_path).articles] == ["page", "Real One"]


def test_ids_are_stems_and_unique(tmp_path: Path) -> None:
    for name in ("x/note.txt", "y/note.txt", "note.md", "note-2.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"Text of {name}.")
    ids = [a.id for a in load_folder(tmp_path).articles]
    assert sorted(ids) == ["note", "note-2", "note-3", "note-4"]


def test_a_file_name_that_is_no_unicode(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    path.write_text("Text.")
    (article,) = load_folder(tmp_path).articles
    article.id.encode()  # can be stored and shown
    assert article.id.startswith("caf")


@pytest.mark.parametrize("problem", ["no such folder", "is a file", "no articles found", "is empty"])
def test_a_folder_without_articles_says_why(tmp_path: Path, problem: str) -> None:
    folder = tmp_path / "folder"
    if problem == "is a file":
        folder.write_text("x")
    elif problem != "no such folder":
        folder.mkdir()
    if problem == "is empty":
        (folder / "a.txt").touch()
    with pytest.raises(ArticleError, match=problem):
        load_folder(folder)


def test_a_guessed_encoding_is_a_note(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(CAFE.encode("cp1252"))
    loaded = load_files([tmp_path / "a.txt"])
    assert len(loaded.notes) == len(loaded.articles) == 1


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("\n\n# A [linked](http://x.y) *title*\n\nBody.", "A linked title"),
        ("---\n***\nFirst words\n", "First words"),
        ("word " * 60, "word " * 21 + "word …"),
        ("x" * 300, "x" * 110 + " …"),
    ],
)
def test_titles(text: str, title: str) -> None:
    assert make_article("id", text).title == title
    assert len(title) <= load.TITLE_CHARS + 2


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("See [the  report](http://x.y/z).", "See the report."),
        ("**Bold** and *it* \\#5 \\*\\*\\*", "Bold and it #5"),
        ("## Head\n> quoted\n- item", "Head quoted item"),
        ("5 - 3 is 2, C# is > B", "5 - 3 is 2, C# is > B"),
        ("", ""),
    ],
)
def test_plain_text(text: str, plain: str) -> None:
    assert plain_text(text) == plain
