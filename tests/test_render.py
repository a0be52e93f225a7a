"""Answers and articles as HTML: everything escaped, marks where they belong, the text of an article untouched."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_bot import ScriptedBot

from index.article import Article, Hit, Sentence
from index.sentences import split_article
from qa.answer import Answer, Citation, Claim, Conflict, Timings
from ui.conversation import Turn
from ui.frame import render_bar, render_intro
from ui.links import original_link
from ui.prose import escape, escape_attribute, find_markup, render_range, split_blocks
from ui.reader import WINDOW_CHARS, render_article, render_side
from ui.render import render_thread, render_turn
from ui.starters import example_questions

HOSTILE = (
    '<script>window.hacked = 1</script> <img src=x onerror="window.hacked = 2"> says so.\n\n'
    "![a picture](https://example.com/a.png) and [a link](javascript:alert(1)) stay words.\n\n"
    "Turned \u202eround\u202c and \u2066kept apart\u2069, with \x00 and \x1b[31m in it. ${hacked = 3} {{hacked}}\n"
)


class Seen(HTMLParser):
    """What a browser would make of some HTML: its text, its elements, and the text inside marks."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.marks: dict[int, str] = {}
        self._open: list[int | None] = []
        self._unclosed: list[str] = []
        self.feed(html)
        self.close()
        assert not self._unclosed, f"left open: {self._unclosed}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("input", "br", "img"):
            self._unclosed.append(tag)
        if tag == "mark":
            self._open.append(int(str(dict(attrs)["data-sentence"])))

    def handle_endtag(self, tag: str) -> None:
        assert self._unclosed.pop() == tag
        if tag == "mark":
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._open and self._open[-1] is not None:
            self.marks[self._open[-1]] = self.marks.get(self._open[-1], "") + data

    def with_class(self, name: str) -> list[dict[str, str | None]]:
        return [attrs for _, attrs in self.tags if name in (attrs.get("class") or "").split()]


def article(text: str, **known: str) -> Article:
    return Article(id="a1", text=text, title=known.pop("title", "A title"), **known)


def claim(text: str, *sources: Sentence, first: int = 1, verbatim: bool = False, said_by: str | None = None) -> Claim:
    citations = tuple(Citation(s, first + i) for i, s in enumerate(sources))
    return Claim(text, citations, verbatim=verbatim, support=0.9, said_by=said_by)


def done(answer: Answer) -> Turn:
    return Turn(number=1, question=answer.question, state="done", claims=answer.claims, answer=answer)


@pytest.fixture(scope="module")
def bot() -> ScriptedBot:
    return ScriptedBot()


# ---- text


def test_markup_characters_are_escaped() -> None:
    assert escape("<b>&\"'</b>") == "&lt;b&gt;&amp;&quot;&#x27;&lt;/b&gt;"


@pytest.mark.parametrize("character", ["\u202e", "\u2066", "\u2069", "\x00", "\x1b", "\x85", "\ufffb"])
def test_control_characters_are_shown_not_obeyed(character: str) -> None:
    shown = Seen(escape(f"a{character}b")).text
    assert character not in shown
    assert f"U+{ord(character):04X}" in shown
    assert character not in escape_attribute(f"a{character}b")


def test_lone_surrogates_can_be_sent() -> None:
    assert escape("a\ud800b").encode() == "a\ufffdb".encode()


def test_attributes_hold_one_line() -> None:
    assert escape_attribute('a "quoted"\n line') == "a &quot;quoted&quot; line"


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("# Heading\n", ["# "]),
        ("see [the report](https://a.example/x) now", ["[", "](https://a.example/x)"]),
        ("![alt](a.png)", []),
        ("*all of it.* and **this**", ["*", "*", "**", "**"]),
        (r"\*\*\*", ["\\", "\\", "\\"]),
        (r"[\*\*Comment\*\*](#)", ["[", "\\", "\\", "\\", "\\", "](#)"]),
        ("5 * 3 * 2 and a*b*c", []),
        ("plain [brackets] (and these)", []),
    ],
)
def test_markup_is_found(text: str, markup: list[str]) -> None:
    assert [text[a:b] for a, b in find_markup(text)] == markup


PIECES = st.lists(
    st.sampled_from(["# ", "[", "](", ")", "*", "**", "\\", "\n", "\n\n", "word ", "Ünïcode. ", "<b>", "&"])
)


@given(PIECES.map("".join), st.data())
def test_a_rendered_range_has_the_text_of_the_range(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    assert Seen(render_range(text, start, end)).text == text[start:end]


@given(PIECES.map("".join))
def test_blocks_cover_the_text(text: str) -> None:
    assert "".join(text[b.start : b.end] for b in split_blocks(text)) == text


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("", []),
        ("One line.\nAnother line.\n", ["One line.\n", "Another line.\n"]),
        ("# Head\nBody.", ["# Head\n", "Body."]),
        (
            "These lines are wrapped by\nhand and break off inside\na sentence.\n\nNext one.",
            ["These lines are wrapped by\nhand and break off inside\na sentence.\n\n", "Next one."],
        ),
    ],
)
def test_blocks_are_paragraphs(text: str, blocks: list[str]) -> None:
    assert [text[b.start : b.end] for b in split_blocks(text)] == blocks


# ---- answers


def test_every_claim_carries_its_marks(bot: ScriptedBot) -> None:
    a, b = bot.sentences(bot.articles[0].id)[:2]
    answer = Answer("Q?", (claim("It is so.", a, b), claim("And so.", a)))
    seen = Seen(render_turn(done(answer)))
    marks = seen.with_class("cw-mark")
    assert [m["data-number"] for m in marks] == ["1", "2", "1"]
    assert [m["data-sentence"] for m in marks] == [str(a.number), str(b.number), str(a.number)]
    assert all(str(m["aria-label"]).startswith("Source ") for m in marks)
    described = {attrs.get("id") for _, attrs in seen.tags}
    assert {m["aria-describedby"] for m in marks} <= described
    assert a.text in seen.text


def test_sources_that_differ_stand_side_by_side(bot: ScriptedBot) -> None:
    answer = bot.ask("How many countries are there?")
    seen = Seen(render_turn(done(answer)))
    assert seen.text.count("Sources differ:") == 1
    assert "how many countries are in the coalition" in seen.text
    assert len(seen.with_class("cw-position")) == 3
    assert seen.text.index("Interpol belong") > seen.text.index("dozens of countries")


def test_who_says_it_stands_in_front(bot: ScriptedBot) -> None:
    sentence = bot.sentences(bot.articles[3].id)[10]
    seen = Seen(render_turn(done(Answer("Q?", (claim("It will fail.", sentence, said_by="Jo Doe"),)))))
    assert "According to Jo Doe: It will fail." in seen.text
    named = Seen(render_turn(done(Answer("Q?", (claim("Jo Doe says it will fail.", sentence, said_by="Jo Doe"),)))))
    assert "According to" not in named.text


def test_a_quoted_claim_is_told_from_a_written_one(bot: ScriptedBot) -> None:
    sentence = bot.sentences(bot.articles[0].id)[0]
    seen = Seen(render_turn(done(Answer("Q?", (claim(sentence.text, sentence, verbatim=True),)))))
    assert len(seen.with_class("cw-verbatim")) == 1
    assert "Quoted from the article: " in seen.text


def test_a_refusal_says_so_first_and_gives_the_nearest(bot: ScriptedBot) -> None:
    nearest = bot.sentences(bot.articles[0].id)[:2]
    text = Seen(render_turn(done(Answer("Q?", declined=True, lead="Not in these articles.", nearest=nearest)))).text
    assert text.count("Not in these articles.") == 1
    assert text.index("Not in these articles.") < text.index("Closest sentences") < text.index(nearest[0].text)


def test_a_refusal_may_correct_its_question(bot: ScriptedBot) -> None:
    sentence = bot.sentences(bot.articles[4].id)[8]
    answer = Answer("Q?", (claim("Canada is a member.", sentence),), declined=True, lead="The articles say otherwise.")
    text = Seen(render_turn(done(answer))).text
    assert text.index("Not in these articles.") < text.index("The articles say otherwise.") < text.index("Canada is")


def test_quotes_stand_until_the_first_claim(bot: ScriptedBot) -> None:
    hits = bot.search("coalition countries", k=3)
    waiting = Turn(number=1, question="Q?", state="answering", hits=hits)
    assert "Closest sentences" in render_turn(waiting)
    claimed = Turn(number=1, question="Q?", state="answering", hits=hits, claims=(claim("So.", hits[0].sentence),))
    assert "Closest sentences" not in render_turn(claimed)
    assert "data-running" in render_turn(claimed)


def test_time_model_and_how_it_was_asked(bot: ScriptedBot) -> None:
    answer = Answer("And?", declined=True, asked_as="And then what?", timings=Timings(total=3.94), llm="Some model")
    turn = Turn(number=2, question="And?", state="done", answer=answer, articles=("a", "b"))
    text = Seen(render_turn(turn)).text
    assert "3.9 s · Some model · 2 articles asked" in text
    assert "Asked as: And then what?" in text


@pytest.mark.parametrize(
    ("turn", "words"),
    [
        (Turn(1, "Q?"), "Looking for the closest sentences"),
        (Turn(1, "Q?", ahead=1), "One question is answered before"),
        (Turn(1, "Q?", ahead=3), "3 questions are answered before"),
        (Turn(1, "Q?", state="stopped"), "Stopped."),
        (Turn(1, "Q?", state="failed", problem="the file is <gone>"), "The file is <gone>."),
    ],
)
def test_the_page_says_what_is_going_on(turn: Turn, words: str) -> None:
    assert words in Seen(render_turn(turn)).text


def test_a_book_of_a_question_is_shortened() -> None:
    assert len(render_turn(Turn(1, "why " * 50_000))) < 10_000


def test_conversation_intro_and_bar(bot: ScriptedBot) -> None:
    assert "Who <is> it?" in Seen(render_thread((), intro=render_intro(["Who <is> it?"]))).text
    assert "Who" not in render_thread((Turn(1, "Q?"),), intro="Who")
    assert "5 articles" in Seen(render_bar(bot.articles, ["m"])).text
    assert "1 article" in Seen(render_bar(bot.articles[:1], ["m"])).text


def test_the_first_words_say_where_questions_go() -> None:
    assert "Nothing you type leaves this machine." in Seen(render_intro([])).text
    elsewhere = Seen(render_intro([], sent_to="llm.example.org<b>")).text
    assert "Questions and sentences of the articles are sent to llm.example.org<b>." in elsewhere
    assert "leaves this machine" not in elsewhere


# ---- articles


def test_an_article_reads_as_it_is_with_its_sentences_marked(bot: ScriptedBot) -> None:
    for source in bot.articles:
        sentences = bot.sentences(source.id)
        for now in (sentences[0], sentences[len(sentences) // 2], sentences[-1]):
            also = sentences[1]
            seen = Seen(render_article(source, sentences, now=now.number, cited=[also.number]))
            assert seen.marks[now.number] == now.text
            assert seen.marks[also.number] == also.text
            assert set(seen.marks) == {now.number, also.number}
            assert sum(attrs.get("id") == "cw-now" for _, attrs in seen.tags) == 1


def test_the_whole_text_is_there(bot: ScriptedBot) -> None:
    source = bot.articles[0]
    assert Seen(render_article(source, bot.sentences(source.id))).text.endswith(source.text)


def test_a_sentence_across_paragraphs_is_marked_in_both() -> None:
    source = article("It goes on\n\nand on here. Then ends.")
    sentence = Sentence(source, 0, 0, source.text.index(" Then"))
    html = render_article(source, [sentence], now=0)
    assert Seen(html).marks[0] == sentence.text
    assert html.count("<mark") == 2
    assert html.count("cw-first") == html.count("cw-last") == html.count('id="cw-now"') == 1


def test_what_is_not_searched_is_set_apart(bot: ScriptedBot) -> None:
    source = bot.articles[3]
    html = render_article(source, bot.sentences(source.id))
    assert "Not searched: " in html
    assert "cw-unsearched" in html


def test_a_huge_article_is_shown_in_part() -> None:
    source = article("A sentence of some words. " * 40_000)
    sentences = [Sentence(source, 0, 500_006, 500_031)]
    html = render_article(source, sentences, now=0)
    assert len(html) < 2 * WINDOW_CHARS
    assert Seen(html).marks[0] == sentences[0].text
    assert "characters before this are not shown" in html
    assert "characters after this are not shown" in html


def test_an_article_that_is_not_cited_opens_too(bot: ScriptedBot) -> None:
    source = bot.articles[1]
    assert not Seen(render_article(source, bot.sentences(source.id))).marks
    assert not Seen(render_article(source, bot.sentences(source.id), now=9_999)).marks


def test_the_list_names_every_article(bot: ScriptedBot) -> None:
    seen = Seen(render_side(bot.articles))
    for source in bot.articles:
        assert source.title in seen.text
    assert len([1 for tag, _ in seen.tags if tag == "input"]) == 5
    assert "Global Research · October 27, 2023" in seen.text


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "http://[::1", "data:text/html,x", "file:///etc/passwd", "", None, "//x.example"]
)
def test_only_web_addresses_are_linked(url: str | None) -> None:
    assert original_link(Article("a", "Text.", "T", url=url)) is None


def test_the_original_opens_at_the_words() -> None:
    source = article("Said, at\nlast - this & that.", url="https://news.example/a?b=1&c=2#top")
    link = original_link(source, source.text)
    assert link == "https://news.example/a?b=1&c=2#:~:text=Said%2C%20at%20last%20%2D%20this%20%26%20that."
    long = article(" ".join(f"word{n}" for n in range(60)), url="https://news.example/a")
    fragment = original_link(long, long.text)
    assert fragment is not None
    first, last = fragment.split("#:~:text=")[1].split(",")
    assert first == "%20".join(f"word{n}" for n in range(8))
    assert last == "%20".join(f"word{n}" for n in range(52, 60))
    assert original_link(source) == source.url
    assert 'href="https://news.example/a?b=1&amp;c=2#' in render_article(source, [Sentence(source, 0, 0, 5)], now=0)


def test_the_page_of_a_pdf_is_named() -> None:
    source = Article("a", "One is here. Two is there.", "T", publisher="P", pages=(0, 13))
    first, second = Sentence(source, 0, 0, 12), Sentence(source, 1, 13, 26)
    turn = Seen(render_turn(done(Answer("q", (claim("Two.", second),))))).text
    assert "P · page 2" in turn
    assert "page 1" not in turn
    assert "P · page 1" in Seen(render_turn(done(Answer("q", declined=True, nearest=(first,))))).text
    assert "P · page 2" in Seen(render_article(source, [first, second], now=1)).text
    assert "page" not in Seen(render_article(source, [first, second])).text


# ---- the hostile article


def test_nothing_of_a_hostile_article_is_more_than_text() -> None:
    source = Article('a"1<', HOSTILE, "<i>T</i> \u202e", publisher="<b>P", author="<u>", date="<s>", url="javascript:x")
    sentences = split_article(source).sentences
    cited = sentences[0]
    answer = Answer(
        HOSTILE,
        (claim(HOSTILE, cited, verbatim=True), claim(HOSTILE, cited, said_by="<em>X</em>")),
        lead=HOSTILE,
        asked_as=HOSTILE,
        conflicts=(Conflict((0, 1), HOSTILE),),
        nearest=sentences,
        llm="<m>",
    )
    hit = Hit(cited, 1.0, 1)
    pages = (
        render_turn(done(answer)),
        render_turn(Turn(1, HOSTILE, hits=(hit,), state="failed", problem=HOSTILE)),
        render_article(source, sentences, now=0, cited=[1]),
        render_side([source]),
        render_bar([source], [HOSTILE]),
        render_intro([HOSTILE]),
    )
    ours = {
        "a", "article", "bdi", "button", "details", "div", "h1", "h2", "h3", "header", "input", "label", "li", "mark",
        "nav", "ol", "option", "p", "section", "select", "span", "strong", "summary", "ul",
    }  # fmt: skip
    for html in pages:
        seen = Seen(html)
        assert {tag for tag, _ in seen.tags} <= ours
        assert not any(name.startswith("on") for _, attrs in seen.tags for name in attrs)
        hrefs = [str(attrs["href"]) for tag, attrs in seen.tags if tag == "a"]
        assert all(href.startswith("#") for href in hrefs)
        assert not any(c in html for c in "\u202e\u2066\u2069\x00\x1b")


# ---- example questions


def test_example_questions_come_from_the_articles(bot: ScriptedBot) -> None:
    questions = example_questions(s for a in bot.articles for s in bot.sentences(a.id))
    assert len(questions) == len(set(questions)) == 3
    assert questions[0] == "What did Emmanuel Macron propose?"


def test_example_questions_never_run_out() -> None:
    assert example_questions([]) == ("What are these articles about?",)
    source = article("nothing here has a name.")
    assert example_questions([Sentence(source, 0, 0, 24)]) == ("What are these articles about?",)
