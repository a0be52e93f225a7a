"""Any bytes under any name give articles or one clear line. CITEWELL_SOAK asks for 100,000 files."""

from __future__ import annotations

import io
import json
import os
import random
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.formats.draft import Unreadable
from index.formats.notes import front_matter
from index.formats.reading import KINDS, Found, read_drafts
from index.formats.worker import Reader
from index.load import Shelf
from index.sentences import split_article
from index.web.feed import is_feed, read_feed

SAMPLES = sorted((Path(__file__).parent / "data" / "formats").iterdir())
FILES = 100_000 if os.environ.get("CITEWELL_SOAK") else 600
TOKENS = (
    *(b"<html>", b"<p>", b"</p>", b"<!--", b"<script>", b"<table><tr><td>", b"&#0;", b"&#xD800;", b"\xff\xfe", b"\0"),
    *(b"%PDF-1.7\n", b"1 0 obj", b"endobj", b"stream\n", b"<</Type/Page", b"/Filter/FlateDecode", b"xref", b"trailer"),
    *(b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"\xef\xbb\xbf", b"---\n", b"{", b"[", b'"text":', b"\\ud800"),
    *(b"99999999999999999999", b"-1", b"\r\n", b"a;b\n", b'"', b"text,title\n", b"\xf0\x9f\x98\x80", b"&amp;" * 50),
)  # fmt: skip


def mutated(rng: random.Random, raw: bytes) -> bytes:
    """A file as accidents and ill will change it: cut, flipped, repeated, with foreign pieces in it."""
    out = bytearray(raw)
    for _ in range(rng.choice((1, 1, 2, 4, 16, 64))):
        at = rng.randrange(len(out) + 1)
        match rng.randrange(6):
            case 0:
                del out[at:]
            case 1:
                del out[at : at + rng.choice((1, 4, 100))]
            case 2:
                out[at : at + 1] = bytes([rng.randrange(256)])
            case 3:
                out[at:at] = rng.choice(TOKENS)
            case 4:
                out[at:at] = out[at : at + rng.choice((8, 200))] * rng.choice((1, 3))
            case _:
                other = rng.randrange(len(out) + 1)
                out[min(at, other) : max(at, other)] = rng.randbytes(rng.choice((0, 4, 40)))
    return bytes(out)


def repacked(rng: random.Random, raw: bytes) -> bytes:
    """A zip container whose members are damaged, not itself."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            new.writestr(entry.filename, mutated(rng, content) if rng.random() < 0.5 else content)
    return out.getvalue()


def a_file(rng: random.Random) -> tuple[str, bytes]:
    """A name and bytes: random ones, pieces of formats, or a sample that was damaged; a tenth under a wrong name."""
    sample = rng.choice(SAMPLES)
    raw = sample.read_bytes()
    suffix = rng.choice(sorted(KINDS)) if rng.random() < 0.1 else sample.suffix
    kind = rng.random()
    if kind < 0.05:
        return f"a{suffix}", rng.randbytes(rng.randrange(2000))
    if kind < 0.15:
        return f"a{suffix}", b"".join(rng.choice(TOKENS) for _ in range(rng.randrange(60)))
    if zipfile.is_zipfile(sample) and rng.random() < 0.6:
        return f"a{suffix}", repacked(rng, raw)
    return f"a{suffix}", mutated(rng, raw)


def check(name: str, raw: bytes, reader: Reader) -> list[Found]:
    """Read a file; what it comes to must be whole: storable text with exact sentences, or a line."""
    found = list(read_drafts(name, raw, sidecar={}, reader=reader))
    assert found
    shelf = Shelf()
    for part in found:
        assert bool(part.drafts) != bool(part.problem)
        shelf.take(name, "a", part)
    for problem in shelf.problems:
        assert len(str(problem).splitlines()) == 1
        assert len(str(problem)) < 1000
    for article in shelf.articles:
        f"{article!r}{article.text}".encode()  # can be shown and stored
        json.dumps(article.title)
        assert article.title.strip()
        assert article.pages is None or (article.pages[0] == 0 and article.pages[-1] <= len(article.text))
    assert len({article.id for article in shelf.articles}) == len(shelf.articles)
    return found


@pytest.mark.slow
def test_any_file_gives_articles_or_a_line(indexes: Path, record_property: Callable[[str, object], None]) -> None:
    seed = int(os.environ.get("CITEWELL_SEED", "0"))
    counts: Counter[str] = Counter()
    with Reader() as reader:
        for number in range(FILES):
            rng = random.Random(f"{seed}-{number}")
            name, raw = a_file(rng)
            try:
                found = check(name, raw, reader)
            except Exception as error:  # to say which file it was
                kept = Path(tempfile.mkdtemp()) / name
                kept.write_bytes(raw)
                raise AssertionError(f"file {number}, kept as {kept}: {error!r}") from error
            counts["articles" if any(part.drafts for part in found) else "a line"] += 1
            for cached in (indexes / ".extracted").glob("*") if number % 500 == 0 else ():
                cached.unlink()
    record_property("files", dict(counts))
    assert min(counts["articles"], counts["a line"]) > FILES / 20  # both happen, often


@settings(max_examples=FILES // 20, deadline=None)
@given(st.text(max_size=300), st.sampled_from(("text", "title", "id", "pages", "x")), st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
))  # fmt: skip
def test_any_record(text: str, field: str, value: object) -> None:
    with Reader() as reader:
        check("a.json", json.dumps([{"text": text, field: value}, {"text": "x", field: value}]).encode(), reader)


@settings(max_examples=FILES // 10, deadline=None)
@given(st.lists(st.sampled_from(("---\n", "a: b\n", "title: x", "\n", "- [", "{", "...", "prose ", "&a *a", "|\n"))))
def test_any_front_matter(pieces: list[str]) -> None:
    text = "".join(pieces) + "\nWords."
    fields, body = front_matter(text)
    assert bool(fields) == (body > 0)
    with Reader() as reader:
        check("a.md", text.encode(), reader)


@settings(max_examples=FILES // 20, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 2**32))
def test_any_feed(raw: bytes, seed: int) -> None:
    start = b'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title><item><title>A</title></item>'
    for content in (start + raw, mutated(random.Random(seed), start + b"</channel></rss>"), raw):
        is_feed(content)
        try:
            entries = read_feed(content)
            assert entries
            assert all(entry.text is None or entry.text.strip() for entry in entries)
        except Unreadable as problem:
            assert "\n" not in str(problem)


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet=st.sampled_from("a.B 1?!\n-—“”:;#*[]()\f\u2028İ"), max_size=200))
def test_any_text_with_front_matter_has_exact_sentences(text: str) -> None:
    from index.load import make_article

    article = make_article("a", f"---\ntitle: x\n---\n{text}")
    for sentence in split_article(article).sentences:
        assert article.text[sentence.start : sentence.end] == sentence.text
        assert sentence.text == sentence.text.strip()
