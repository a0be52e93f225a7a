# ruff: noqa: E501 - sentences stand as they are
"""Sentences: their ranges hold for any text, their ends are where a reader sees them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.load import load_folder, make_article
from index.sentences import split_article

PIECES = [
    "Dr. Ana Roe said", "“We won.", "It is over.”", "\n", "\n\n", "  \n", " ", ".", "?!", "…", "...", "3.5", "U.S.", "İ", "ﬁ",
    "e\u0301", "👩‍👩‍👧", "[a link](http://x.y/z).", "[", "](", "*", "**", "\\*", "#", "# ", "- ", "1. ", "> ", "(aside)", "(emphasis added)",
    "这是。", "؟", "\t", "\u00a0", "\u2028", "\x0c", "\x1c", "\u200b", "\r", "The end", "and so on", "x" * 70, "\"", "'", "’s", ",", ":", "@", "/",
]  # fmt: skip


def split(text: str) -> list[str]:
    return [s.text for s in split_article(make_article("a", text)).sentences]


def check_ranges(text: str) -> None:
    sentences = split_article(make_article("a", text)).sentences
    position = 0
    for number, s in enumerate(sentences):
        assert s.number == number
        assert position <= s.start < s.end
        assert s.text == s.text.strip()
        between = text[position : s.start].strip()
        assert not between or between.strip("#>-+*•. )0123456789\t\n") == "", between  # a list mark
        position = s.end
    assert not text[position:].strip()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join) | st.text(max_size=120))
def test_ordered_disjoint_and_covering(text: str) -> None:
    check_ranges(text.replace("\r", "\n"))


@pytest.mark.parametrize("name", [path.stem for path in sorted(Path("seeds").glob("*.txt"))])
def test_the_seeds_are_covered(seeds: Path, name: str) -> None:
    check_ranges(next(a.text for a in load_folder(seeds).articles if a.id == name))


@pytest.mark.parametrize(
    "sentences",
    [
        ["Dr. Smith met Mr. J. K. Rowling at 5 p.m. on Jan. 3.", "They spoke for 3.5 hours."],
        ["The U.S. said no.", "It cost $3.50, i.e. too much, e.g. for Inc. and Co. in St. Louis."],
        ["Barack H. Obama won.", "J.R.R. Tolkien wrote."],
        ["He was born in 1990.", "25 people came.", "3.5 million left."],
        ["No. 5 is alive.", "Fig. 3 shows it.", "See p. 4."],
        ["Hamas’ deadly Oct. 7 attack came first.", "Then came more."],
        ["“Stop.", "Go home.”", "Then he left.", '"Why?" she asked.', "‘Never!’ he said."],
        ["“I love it,” he said.", "“It is great.”", "She agreed."],
        ["Wait... what?", "No!!!", "Really?!"],
        ["See [the report](http://x.y/z.html).", "[Iran](#) has said no.", "**[Oman](#)** agreed."],
        ["*He left.*", "**They** stayed.", "\\*\\*She\\*\\* came.", "Well…"],
        ["The file is at www.example.com/a.b and a.b@c.de now.", "It works."],
        ["“We won” (emphasis added).", "He left.", "(It was late.)", "It rained."],
        ["Das ist ein Satz.", "Und noch einer!", "Wie geht’s?"],
        ["Ça va.", "C’est vrai !", "« Non », dit-il.", "Oui."],
        ["Это первое предложение.", "Это второе."],
        ["هذه جملة.", "وهذه جملة أخرى؟", "نعم."],
        ["यह एक वाक्य है।", "यह दूसरा है।"],
        ["İstanbul is big.", "Cafe\u0301 Z is open.", "I am happy 😀"],
    ],
    ids=lambda sentences: sentences[0][:20],
)
def test_sentence_ends(sentences: list[str]) -> None:
    assert split(" ".join(sentences)) == sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It ended.Then it began.The end.", ["It ended.", "Then it began.", "The end."]),
        ("He said “It works.”Then he left.", ["He said “It works.”", "Then he left."]),
        (
            "这是第一句。这是第二句。他说：“好。”然后走了！",
            ["这是第一句。", "这是第二句。", "他说：“好。”", "然后走了！"],
        ),
        ("Headline without stop\nThe story begins.", ["Headline without stop", "The story begins."]),
        ("# Title\nText.\n\n> Quoted. More.", ["Title", "Text.", "Quoted.", "More."]),
        (
            "- one item\n- two items. And more.\n1. First\n2) Second",
            ["one item", "two items.", "And more.", "First", "Second"],
        ),
        ("against Tel Aviv\n\ndue to the massacres.", ["against Tel Aviv\n\ndue to the massacres."]),
        ("Line one.  \nLine two", ["Line one.", "Line two"]),
        ("*It was published on [Info](#).*", ["*It was published on [Info](#).*"]),
        ("[**Become a Member**](#)", ["[**Become a Member**](#)"]),
        ("Win! 👍", ["Win! 👍"]),
        ("***", ["***"]),
        ("\\*", ["\\*"]),
        ("\n \n", []),
        ("", []),
    ],
)
def test_blocks_and_marks(text: str, sentences: list[str]) -> None:
    assert split(text) == sentences


def test_wrapped_lines_are_joined_and_short_ones_not() -> None:
    wrapped = "This is a line that is wrapped at about sixty characters wide\nand goes on in the next one, as it\ndoes."
    assert split(f"{wrapped} Then it ends.") == [wrapped, "Then it ends."]
    wide = "The council of the town, which met on Monday evening, said that\nMayor Roe would decide by Friday."
    assert split(wide) == [wide]
    assert split("Roses are red,\nViolets are blue") == ["Roses are red,", "Violets are blue"]


@pytest.mark.timeout(60)  # minutes, if each line looked back over all before it
@pytest.mark.parametrize("text", ["word word\n" * 60_000, "It ended.Then it began. " * 4_000, "一句。" * 20_000])
def test_long_articles_take_no_quadratic_time(text: str) -> None:
    sentences = split_article(make_article("a", text)).sentences
    assert sentences[-1].end == len(text.rstrip())


COUNTS = {"000": (33, 0), "001": (16, 0), "002": (15, 0), "003": (75, 28), "004": (31, 2)}


def test_the_seeds_have_these_many_sentences(seeds: Path) -> None:
    found = {a.id[:3]: split_article(a) for a in load_folder(seeds).articles}
    assert {name: (len(s.sentences), len(s.left_out)) for name, s in found.items()} == COUNTS


@pytest.mark.parametrize(
    ("article", "number", "text"),
    [
        ("000", 3, "The international coalition against ISIS includes 86 countries committed to eroding the group’s capabilities globally."),
        ("000", 5, "The statement added ,”It will then be up to the partners and in particular Israel to express their needs.”"),
        ("000", 10, "“Hamas is a terrorist group, whose objective is the destruction of the State of Israel."),
        ("000", 19, "It’s a dark page of our own history,” he noted, adding, “I’ve already met with some families this morning."),
        ("000", 30, "In recent weeks, Macron stressed that he would travel to Israel when a visit would be “beneficial.”"),
        ("001", 0, "Macron Proposes Expanding the Anti-Terror Coalition to Include Action Against Hamas"),
        ("003", 1, "By [Lucas Leiroz de Almeida](#)"),
        ("003", 56, "*This article was originally published on [InfoBrics](#).*"),
        ("004", 6, "A coalition born in 2014"),
        ("004", 8, "Initially composed of 22 countries, the coalition then brought together nearly 80 countries."),
    ],
)  # fmt: skip
def test_sentences_of_the_seeds(seeds: Path, article: str, number: int, text: str) -> None:
    found = next(a for a in load_folder(seeds).articles if a.id.startswith(article))
    split_up = split_article(found)
    assert split_up.sentences[number].text == text
    assert number not in split_up.left_out
