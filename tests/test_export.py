"""Answers taken along as text, Markdown, HTML, JSON and a table: complete, exact, and text whatever they hold."""

from __future__ import annotations

import csv
import io
import json
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from page_bot import ScriptedBot

from index.article import Article, Sentence
from qa.answer import Answer, Citation, Claim, Conflict, Timings
from ui.export import FORMATS, to_csv, to_html, to_json, to_markdown, to_text
from ui.prose import visible

HOSTILE = "=1+1 <script>x</script> ![p](https://example.com/p.png) [l](javascript:x) **b** `c` \u202eturned a@b.example"
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@pytest.fixture(scope="module")
def bot() -> ScriptedBot:
    return ScriptedBot()


def hostile() -> Answer:
    article = Article("a", HOSTILE, "<i>T</i> \u202e|", publisher="- P", url='https://news.example/"><b>?x=1')
    source = Citation(Sentence(article, 0, 0, len(HOSTILE)), 1)
    claim = Claim(HOSTILE, (source,), verbatim=True, support=1.0, said_by="*S*")
    return Answer("# Q <b>\n- x", (claim,), lead="1. Lead", conflicts=(Conflict((0, 0), "<u>"),))


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


class Tags(HTMLParser):
    """What a browser makes of some HTML: its elements, and the text inside blockquotes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.quotes: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self._open.append(tag)
        if tag == "blockquote":
            self.quotes.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "blockquote" in self._open:
            self.quotes[-1] += data


def inline(tokens: list[Token]) -> list[Token]:
    return [child for token in tokens for child in token.children or ()]


def test_plain_text_has_marks_and_footnotes(bot: ScriptedBot) -> None:
    text = to_text(bot.ask("How many countries are there?"))
    assert text.startswith(
        "Sources differ: how many countries are in the coalition\nThe coalition includes 86 countries. [1]\n"
    )
    assert (
        "\n[2] “Initially composed of 22 countries, the coalition then brought together nearly 80 countries.” (What is"
        in text
    )
    declined = to_text(bot.ask("What is the capital of Peru?"))
    assert declined.startswith("Not in these articles.\n\nClosest sentences:\n- “")


def test_markdown_cites_every_sentence_in_a_footnote(bot: ScriptedBot) -> None:
    answers = [bot.ask("How many countries are there?"), bot.ask("Who said so?")]
    text = to_markdown(answers)
    for number, answer in enumerate(answers, 1):
        for c in answer.citations:
            assert text.count(f"[^{number}-{c.number}]: ") == 1
            assert (
                f"{c.article.id.replace('_', chr(92) + '_')}, sentence {c.sentence}, characters {c.start} to {c.end}."
                in text
            )
    assert "Global Research, Lucas Leiroz de Almeida, October 27, 2023" in text
    assert to_markdown([]) == ""


def test_every_format_names_the_page_of_a_pdf() -> None:
    article = Article("a", "One is here. Two is there.", "T", pages=(0, 13))
    answer = Answer("q", (Claim("Two.", (Citation(Sentence(article, 1, 13, 26), 1),), verbatim=False, support=0.9),))
    assert to_text(answer).endswith("[1] “Two is there.” (T, page 2)")
    assert "a, page 2, sentence 1, characters 13 to 26." in to_markdown([answer])
    assert "a, page 2, sentence 1, characters 13 to 26." in to_html([answer])
    assert rows(to_csv([answer]))[0]["page"] == "2"
    assert json.loads(to_json([answer]))[0]["citations"][0]["page"] == 2


def test_markdown_of_a_hostile_article_is_text() -> None:
    tokens = MARKDOWN.parse(to_markdown([hostile()]))
    kinds = {token.type for token in [*tokens, *inline(tokens)]}
    assert not kinds & {"html_block", "html_inline", "image", "code_inline", "fence", "table_open", "bullet_list_open"}
    links = [token.attrs["href"] for token in inline(tokens) if token.type == "link_open"]
    assert [str(link).split("/")[2] for link in links] == ["news.example"]
    assert "\u202e" not in to_markdown([hostile()])


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_text_in_markdown_shows_as_itself(text: str) -> None:
    answer = Answer(f"q {text}", declined=True, lead=f"{text} l")
    heading, paragraph = (token for token in MARKDOWN.parse(to_markdown([answer])) if token.type == "inline")
    for token, wanted in ((heading, f"q {text}"), (paragraph, f"{text} l")):
        assert {child.type for child in token.children or ()} <= {"text"} | {"text_special"}
        assert "".join(child.content for child in token.children or ()) == " ".join(visible(wanted).split())


def test_html_stands_alone_and_has_the_sentences(bot: ScriptedBot) -> None:
    answers = [bot.ask("How many countries are there?"), bot.ask("What is the capital of Peru?")]
    page = Tags(to_html(answers))
    assert page.quotes == [c.text for c in answers[0].citations] + [s.text for s in answers[1].nearest]
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in page.tags}
    ids = {attrs["id"] for _, attrs in page.tags if "id" in attrs}
    marks = [attrs["href"] for tag, attrs in page.tags if tag == "a"]
    assert {str(mark).removeprefix("#") for mark in marks} == ids
    assert any("default-src 'none'" in (attrs.get("content") or "") for tag, attrs in page.tags if tag == "meta")


def test_html_of_a_hostile_article_is_text() -> None:
    page = Tags(to_html([hostile()]))
    assert {tag for tag, _ in page.tags} <= set(
        "html head meta title style body main h1 h2 h3 section p strong sup a span bdi ol li blockquote".split()
    )
    links = [attrs["href"] for tag, attrs in page.tags if tag == "a" and not str(attrs["href"]).startswith("#")]
    assert len(links) == 1
    assert str(links[0]).startswith('https://news.example/"><b>?x=1#:~:text=%3D1%2B1')


def test_json_is_the_answers_own(bot: ScriptedBot) -> None:
    answers = [bot.ask("How many countries are there?"), Answer("half \ud83d", declined=True)]
    assert json.loads(to_json(answers)) == [answer.to_dict() for answer in answers]
    to_json(answers).encode("utf-8")


def test_the_table_has_a_row_for_each_claim_and_sentence(bot: ScriptedBot) -> None:
    answers = [bot.ask("Who said so?"), bot.ask("What is the capital of Peru?")]
    table = rows(to_csv(answers))
    pairs = [(claim.text, c) for claim in answers[0].claims for c in claim.citations]
    assert len(table) == len(pairs) + 1
    by_id = {article.id: article for article in bot.articles}
    for row, (claim, c) in zip(table, pairs, strict=False):
        assert (row["claim"], row["sentence"], row["outlet"]) == (claim, c.text, c.article.publisher or "")
        assert by_id[row["article id"]].text[int(row["start"]) : int(row["end"])] == row["sentence"]
    assert table[-1]["claim"] == "Not in these articles."
    assert table[-1]["sentence"] == ""


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r", "\n=", " =", "＝", "－"])
def test_no_cell_is_a_formula(start: str) -> None:
    (row,) = rows(to_csv([Answer(f"{start}cmd|' /C calc'!A0", declined=True, lead="Said =1+1.")]))
    assert row["question"].startswith("'")
    assert row["claim"] == "Said =1+1."


def test_a_hostile_article_is_a_row_of_text() -> None:
    (row,) = rows(to_csv([hostile()]))
    assert row["sentence"] == "'" + HOSTILE.replace("\u202e", "U+202E")
    assert row["outlet"] == "'- P"


def test_time_and_model_go_along(bot: ScriptedBot) -> None:
    answer = Answer("Q?", declined=True, lead="No.", asked_as="Q at all?", llm="m-1", timings=Timings(total=3.94))
    assert "*Answered by m-1 in 3.9 s*" in to_markdown([answer])
    assert "Answered by m-1 in 3.9 s" in to_html([answer])
    assert "Q at all?" in to_markdown([answer])
    assert "Q at all?" in to_html([answer])


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_takes_no_answers(name: str) -> None:
    assert isinstance(FORMATS[name].render([]), str)
