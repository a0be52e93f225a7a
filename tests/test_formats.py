"""Kinds of files: a real sample of each in tests/data/formats, and what goes wrong with files of the kind."""

from __future__ import annotations

import io
import json
import sys
import zipfile
import zlib
from pathlib import Path

import pytest

from index.article import Article
from index.formats import packed
from index.formats.columns import reading_order
from index.formats.draft import Unreadable
from index.formats.markup import html_text
from index.formats.notes import front_matter
from index.formats.pdf import _join_lines
from index.formats.worker import Reader, read_file
from index.load import Loaded, load_files, load_folder, make_article
from index.sentences import split_article

SAMPLES = Path(__file__).parent / "data" / "formats"
COST = "The tram line cost 40 million pounds"


def one(name: str) -> Article:
    (article,) = load_files([SAMPLES / name]).articles
    return article


def loaded(path: Path, content: str | bytes) -> Loaded:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return load_files([path])


def problem(path: Path, content: str | bytes) -> str:
    """The one line about a file that holds no article."""
    found = loaded(path, content)
    assert not found.articles
    (line,) = map(str, found.problems)
    assert line.startswith((f"{path}: ", f"{path}/"))  # a file, or one inside it
    assert "\n" not in line
    return line


def zipped(**files: bytes | str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def stated(article: Article) -> tuple[str | None, ...]:
    return article.title, article.publisher, article.author, article.date, article.url, article.language


def test_a_saved_page_is_its_main_text_and_what_it_states() -> None:
    page = one("tram.html")
    assert page.text.split("\n\n")[1].startswith(f"{COST} & has 12 stops. Mayor Ana Roe")
    for furniture in ("Home", "Subscribe", "not an article", "Privacy"):
        assert furniture not in page.text
    url = "https://herald.example/2023/10/tram-opens"
    title = "Tram line to the harbour opens"
    assert stated(page) == (title, "Harbour Herald", "Ana Lopez", "2023-10-27", url, "en-GB")
    assert page.pages is None


def test_a_page_saved_as_one_file() -> None:
    page = one("tram.mhtml")
    assert page.text.startswith(f"{COST} and has twelve stops.")
    assert page.url == "https://herald.example/2023/10/tram-opens"
    assert page.publisher is None  # the name of a host is no publisher's


@pytest.mark.parametrize("charset", ["utf-8", "windows-1251", "shift_jis"])
def test_a_page_is_read_as_it_declares(tmp_path: Path, charset: str) -> None:
    words = {"windows-1251": "Правительство объявило", "shift_jis": "東京で新しい駅が開業した"}.get(
        charset, "Café öffnet"
    )
    page = f'<html><meta charset="{charset}"><article><p>{words} 40. {"word " * 30}</p></article></html>'
    assert loaded(tmp_path / "a.html", page.encode(charset)).articles[0].text.startswith(f"{words} 40.")


def test_a_pdf_is_read_by_columns_its_lines_joined_and_its_pages_kept() -> None:
    pdf = one("two-columns.pdf")
    text = pdf.text
    assert stated(pdf) == ("Tram line to the harbour opens", None, "Ana Lopez", None, None, None)
    order = [
        "harbour opens",
        "opened the new tram",
        "12 stops and runs",
        "right column",
        "goes on overleaf",
        "must wait",
    ]
    assert sorted(order, key=text.index) == order
    for whole in ("the government paid", "a well-known story", "in October, said Bo Li", "the Anglo-American bank"):
        assert whole in text
    assert "HERALD" not in text  # the running head
    sentences = {s.text: s for s in split_article(pdf).sentences}
    pages = {words: sentences[words].page for words in ("It ends here.", "The people of York must wait.")}
    assert pages == {"It ends here.": 3, "The people of York must wait.": 2}
    (over_the_page,) = (s for s in sentences.values() if "overleaf" in s.text)
    assert over_the_page.text.endswith("the vote was\n\npostponed until the new year.")
    assert over_the_page.page == 1
    assert all(pdf.text[s.start : s.end] == s.text for s in sentences.values())


def test_articles_without_pages_have_no_page_numbers() -> None:
    assert {s.page for s in split_article(one("tram.html")).sentences} == {None}


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        (("the govern-", "ment paid"), "the government paid"),
        (("the \u201cgovern\u00ad", "ment\u201d paid"), "the \u201cgovernment\u201d paid"),
        (("a well-", "known fact"), "a well-known fact"),
        (("a co-", "owner, as other co-owners"), "a co-owner, as other co-owners"),
        (("Anglo-", "American"), "Anglo-American"),
        (("COVID-", "19"), "COVID-19"),
        (("from 1932 -", "or later"), "from 1932 - or later"),
        (("it is", "over"), "it is over"),
    ],
)
def test_hyphens_at_the_end_of_a_line(lines: tuple[str, ...], joined: str) -> None:
    assert _join_lines(lines, frozenset({"co-owner"})) == joined


def test_columns_are_read_one_after_the_other() -> None:
    class At:
        def __init__(self, name: str, x0: float, x1: float, y0: float, y1: float) -> None:
            self.name, self.x0, self.x1, self.y0, self.y1 = name, x0, x1, y0, y1

    page = [
        *(At("head", 0, 100, 90, 95), At("a1", 0, 45, 70, 85), At("b1", 55, 100, 70, 85)),
        *(At("a2", 0, 45, 50, 65), At("b2", 55, 100, 50, 65), At("between", 0, 100, 40, 45)),
        *(At("c1", 0, 45, 20, 35), At("d1", 55, 100, 20, 35), At("foot", 40, 60, 0, 5)),
    ]
    names = [box.name for box in reading_order(page[::-1], least_width=15)]
    assert names == ["head", "a1", "a2", "b1", "b2", "between", "c1", "d1", "foot"]
    numbers = [At("1.", 0, 5, 80, 85), At("one", 10, 90, 80, 85), At("2.", 0, 5, 70, 75), At("two", 10, 90, 70, 75)]
    assert [box.name for box in reading_order(numbers, least_width=15)] == ["1.", "one", "2.", "two"]
    assert reading_order([], least_width=1) == []


def test_a_word_document_and_an_e_book() -> None:
    document = one("tram.docx")
    assert stated(document) == ("Tram line opens", None, "Ana Lopez", None, None, "en-GB")
    assert document.text.split("\n\n")[2:] == ["Stops", "City | Stops", "Leeds | 12", "York plans one too."]
    book = one("tram.epub")
    assert stated(book) == ("Trams of the North", "Harbour Press", "Ana Lopez", "2023-10-27", None, "en")
    assert book.text.split("\n\n")[:3] == ["Leeds", f"{COST} & took three years.", "York"]
    assert "Not shown" not in book.text


@pytest.mark.parametrize("name", ["trams.json", "trams.jsonl"])
def test_a_file_of_many_articles(name: str) -> None:
    leeds, york = load_files([SAMPLES / name]).articles
    assert leeds.id == "Leeds 1"
    assert stated(leeds) == (
        *("Leeds opens a tram line", "Harbour Herald", "Ana Lopez, Bo Li", "2023-10-27"),
        *("https://herald.example/1", "en"),
    )
    assert leeds.text == f"{COST}. It has 12 stops."
    assert (york.id, york.author, york.url) == ("york-plans-a-tram", "Cy Fox", None)


def test_records_keep_ids_and_pages_that_make_sense(tmp_path: Path) -> None:
    records = [
        {"id": "Real One (2)", "text": "One. Two.", "pages": [0, 5]},
        {"id": "https://x.org/a b?c=1", "text": "Text.", "pages": [0, 99]},
        {"id": " \n", "text": "Text.", "pages": "0"},
    ]
    articles = loaded(tmp_path / "t.json", json.dumps(records)).articles
    assert [(a.id, a.pages) for a in articles] == [
        ("Real One (2)", (0, 5)),
        ("https-x.org-a-b-c-1", None),
        ("t-3", None),
    ]


def test_a_table_of_articles() -> None:
    leeds, york = load_files([SAMPLES / "trams.csv"]).articles
    assert (leeds.id, leeds.publisher, york.id, york.publisher) == ("leeds", "Harbour Herald", "york", None)
    assert leeds.text == f'{COST}.\n\nIt has "12" stops; all are new.'


def test_fields_of_a_table_may_have_other_names(tmp_path: Path) -> None:
    (tmp_path / "t.meta.yaml").write_text("publisher: The Herald\nfields:\n  text: Tekst\n  title: Kop\n  id: nr\n")
    table = "nr\tKop\tTekst\n7\tEen tram\tDe tram is open.\n8\tTwee\tOok deze.\n"
    articles = loaded(tmp_path / "t.tsv", table).articles
    assert [(a.id, a.title, a.text) for a in articles] == [
        ("7", "Een tram", "De tram is open."),
        ("8", "Twee", "Ook deze."),
    ]
    assert {a.publisher for a in articles} == {"The Herald"}


def test_an_archive_is_its_files() -> None:
    found = load_files([SAMPLES / "clips.zip"])
    assert [(a.id, a.publisher) for a in found.articles] == [("leeds", "Harbour Herald"), ("york", None)]
    assert [str(p) for p in found.problems] == [f"{SAMPLES / 'clips.zip'}/clips/empty.txt: is empty"]


def test_front_matter_is_metadata_and_stays_in_the_text() -> None:
    article = one("tram.md")
    assert stated(article) == (
        *("Tram line opens", "Harbour Herald", "Ana Lopez, Bo Li", "2023-10-27"),
        *("https://herald.example/1", "en"),
    )
    assert article.text == (SAMPLES / "tram.md").read_text()
    split = split_article(article)
    assert [s.text for s in split.kept] == ["A heading", f"{COST}."]
    assert set(split.left_out.values()) == {"front matter"}


@pytest.mark.parametrize(
    "text", ["---\n\nProse.\n\n---\nMore.", "---\nNo end: of it", "- a\n---\nb: c\n---\n", "", "---"]
)
def test_rulers_are_no_front_matter(text: str) -> None:
    assert front_matter(text) == ({}, 0)


@pytest.mark.parametrize("suffix", [".txt.meta.json", ".meta.json", ".meta.yaml", ".meta.yml"])
def test_a_sidecar_goes_before_the_file(tmp_path: Path, suffix: str) -> None:
    fields = {"title": "Mine", "publisher": "The Herald", "date": "5 May 2021"}
    yaml = "".join(f"{name}: {value}\n" for name, value in fields.items())
    (tmp_path / f"a{suffix}").write_text(json.dumps(fields) if suffix.endswith("json") else yaml)
    (tmp_path / "a.txt").write_text("Theirs\n\nBy Ana Roe\n\nText.")
    (article,) = load_folder(tmp_path).articles
    assert stated(article) == ("Mine", "The Herald", "Ana Roe", "5 May 2021", None, None)


def test_a_sidecar_that_would_grow_without_bound_does_not(tmp_path: Path) -> None:
    lists = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9 if n else ['x'] * 9)}]" for n in range(30)]
    (tmp_path / "a.meta.yaml").write_text("\n".join([*lists, "author: *l29", "title: Mine"]))
    (article,) = loaded(tmp_path / "a.txt", "Text.").articles
    assert (article.title, article.author) == ("Mine", None)


@pytest.mark.parametrize("content", ["[1, 2]", "{", "publisher: [", "just words", "x" * 70_000, "a: \0"])
def test_a_sidecar_that_is_none_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.meta.json").write_text(content)
    found = loaded(tmp_path / "a.txt", "Text.")
    assert not found.articles
    (line,) = map(str, found.problems)
    assert line.startswith(f"{tmp_path / 'a.meta.json'}: ")
    assert "a.txt is left out until it is mended" in line


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [
        ("a.pdf", b"just words", "is named .pdf but is none"),
        ("a.docx", b"just words", "is named .docx but is none"),
        ("a.docx", zipped(x="no document"), "holds no files that may be articles"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1", "an older Office; save it as .docx"),
        ("a.zip", b"PK\x03\x04 cut off", "a damaged ZIP file"),
        ("a.zip", zipped(b=zipped(c="x")), "holds no files that may be articles"),
        ("a.zip", zipped(**{"b.zip": zipped(c="x")}), "an archive inside an archive"),
        ("a.epub", zipped(**{"META-INF/container.xml": "<x/>"}), "is damaged in its archive"),
        ("a.pdf", b"%PDF-1.7\n" + b"\xff" * 500, "is a damaged PDF"),
        ("a.html", b"<html><body></body></html>", "no article is found"),
        ("a.html", b"", "is empty"),
        ("a.mhtml", b"Subject: x\n\nText", "holds no web page"),
        ("a.json", b"{", "is no JSON"),
        ("a.json", b"[" * 100_000, "nested too deep"),
        ("a.json", b"[1]", "entry 1 is no object"),
        ("a.json", b'{"title": "x", "abstract": "y"}', "a field 'text' with words in it; there is: title, abstract"),
        ("a.jsonl", b'{"text": "x"}\n{', "line 2: is no JSON"),
        ("a.csv", b"title,size\nx,3\n", "there is: title, size"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_clear_line(tmp_path: Path, name: str, content: bytes, wanted: str) -> None:
    assert wanted in problem(tmp_path / name, content)


def test_locked_and_scanned_pdfs_say_what_to_do() -> None:
    lines = [str(load_files([SAMPLES / name]).problems[0]) for name in ("locked.pdf", "scan.pdf")]
    assert "is locked with a password; save a copy without one" in lines[0]
    assert "run text recognition (OCR) over it first" in lines[1]


@pytest.mark.parametrize("name", ["tram.docx", "tram.html", "two-columns.pdf", "tram.epub"])
def test_a_wrong_suffix_does_no_harm(tmp_path: Path, name: str) -> None:
    suffix = ".pdf" if name != "two-columns.pdf" else ".html"
    assert loaded(tmp_path / f"a{suffix}", (SAMPLES / name).read_bytes()).articles[0].text == one(name).text


@pytest.mark.parametrize(
    ("kind", "library", "extra"),
    [
        *(("html", "trafilatura", "html"), ("pdf", "pdfminer.pdfdocument", "pdf"), ("docx", "docx", "office")),
        ("epub", "lxml", "office"),
    ],
)
def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, kind: str, library: str, extra: str) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(Unreadable, match=rf"pip install 'citewell\[{extra}\]'"):
        read_file(kind, b"")


def test_archives_that_grow_without_bound_are_refused(tmp_path: Path) -> None:
    bomb = zipped(**{f"{n}.txt": b"0" * 30_000_000 for n in range(20)})
    assert len(bomb) < 1_000_000
    assert "unpacks to 600 MB, more than 500 MB" in problem(tmp_path / "a.zip", bomb)
    assert "30 MB, more than the 21 MB" in problem(tmp_path / "b.zip", zipped(**{"a.txt": b"0" * 30_000_000}))
    lying = zipped(**{"word/document.xml": b"0" * 600_000_000, "[Content_Types].xml": "<x/>"})
    assert "unpacks to 600 MB" in problem(tmp_path / "a.docx", lying)


def test_an_archive_of_too_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "MAX_MEMBERS", 2)
    assert "holds 3 files, more than 2" in problem(tmp_path / "a.zip", zipped(a="", b="", c=""))


def test_a_file_that_takes_too_long_or_too_much_takes_nothing_else_with_it(tmp_path: Path) -> None:
    pdf = (SAMPLES / "two-columns.pdf").read_bytes()
    with Reader(timeout_s=0.001) as reader, pytest.raises(Unreadable, match="cannot be read in 0 seconds"):
        reader.read("pdf", pdf)
    with Reader() as reader:
        reader._start().kill()
        with pytest.raises(Unreadable, match="makes its reader crash"):
            reader.read("pdf", pdf)
        assert reader.read("pdf", pdf).pages == one("two-columns.pdf").pages  # by a new process


@pytest.mark.slow
def test_a_pdf_that_unpacks_without_end_runs_out_of_memory_alone(tmp_path: Path) -> None:
    grow = zlib.compressobj()
    bomb = b"".join(grow.compress(b"\0" * 50_000_000) for _ in range(20)) + grow.flush()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<<>>>>",
        b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(bomb), bomb),
    ]
    body = b"%PDF-1.4\n" + b"".join(b"%d 0 obj%s endobj\n" % (n, o) for n, o in enumerate(objects, 1))
    with Reader(memory_bytes=800_000_000) as reader, pytest.raises(Unreadable, match="takes too much memory"):
        reader.read("pdf", body + b"trailer<</Root 1 0 R>>\n%%EOF")


def test_extracted_text_is_kept_by_content(tmp_path: Path, indexes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = one("two-columns.pdf")
    (kept,) = (indexes / ".extracted").iterdir()
    with monkeypatch.context() as patch:
        patch.setattr(Reader, "_start", lambda reader: pytest.fail("it was read again"))
        assert one("two-columns.pdf") == before
    kept.write_text("{cut off")
    assert one("two-columns.pdf") == before


def test_half_characters_and_zeros_can_be_stored(tmp_path: Path) -> None:
    (article,) = loaded(tmp_path / "a.json", '{"text": "A \\ud800 half and a \\u0000 zero."}').articles
    assert article.text == "A ? half and a   zero."


def test_html_is_paragraphs() -> None:
    page = "<p>One &amp; <b>t</b>wo<br>three</p>four<!-- no --><script>no()</script> five<ul><li>a<li>b</ul>"
    assert html_text(page) == "One & two\n\nthree\n\nfour five\n\na\n\nb"
    assert html_text("") == html_text("<!-- -->") == ""
    assert html_text('<?xml version="1.0" encoding="utf-8"?><p>é</p>') == "é"


def test_stated_titles_are_one_short_line() -> None:
    from index.metadata import Stated

    assert make_article("a", "Text.", stated=Stated(title="word " * 60)).title == "word " * 21 + "word …"
