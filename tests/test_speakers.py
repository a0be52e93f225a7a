"""Whose words a sentence is, and how the model gets to see that."""

from __future__ import annotations

import pytest

from index.article import Article, Passage, Sentence
from index.load import make_article
from index.sentences import split_article
from qa.copies import Copies
from qa.sources import Sources
from qa.speakers import Voices, names_voice, voices

REPORT = """Trams to return

Mayor Bo Li opened the depot on Monday. “We have waited thirty years. It is a great day,” he said. It has 12 stops.

“The noise is unbearable,” said Ana Roe, who lives nearby. "Nobody asked us."

According to the Harbour Herald of May 3, 2021:

“Two contractors left the site. One was never paid.”

The depot holds forty trams.

#### The Paper’s Editor Note

The council has never answered our letters.

---

The tram stops at night.
"""


def spoken(text: str) -> dict[str, str]:
    sentences = split_article(make_article("a", text)).sentences
    return {" ".join(s.text.split()): voice for s in sentences if (voice := voices(sentences).get(s.number))}


def test_every_quotation_has_its_speaker_and_nothing_else_has_one() -> None:
    assert spoken(REPORT) == {
        "“We have waited thirty years.": "Mayor Bo Li",
        "It is a great day,” he said.": "Mayor Bo Li",
        "“The noise is unbearable,” said Ana Roe, who lives nearby.": "Ana Roe",
        '"Nobody asked us."': "Ana Roe",
        "“Two contractors left the site.": "Harbour Herald",
        "One was never paid.”": "Harbour Herald",
        "The council has never answered our letters.": "The Paper’s Editor Note",
    }


@pytest.mark.parametrize(
    "text",
    [
        "The line cost 40 million pounds. It has 12 stops.",
        "The “tram” is late.",
        "“Nobody knows why.”",  # no one is named
        "He said he would come.",
        "According to",
        "“" * 50,
        "said said said ” “ : ” said",
    ],
)
def test_no_voice_is_better_than_a_wrong_one(text: str) -> None:
    assert spoken(text) == {}


def test_a_voice_is_named_by_one_word_of_its_name() -> None:
    assert names_voice("Roe disagrees.", "Ana Roe")
    assert not names_voice("The city disagrees.", "The Herald")
    assert names_voice("The Mayor disagrees.", "Mayor Bo Li")
    assert not names_voice("Nobody disagrees.", "Harbour Herald")


TEXT = "The tram will be late, and the city knows it."
SIGNED = Article(id="a", text=TEXT, title="Trams", author="Ana de Souza", publisher="Harbour Herald")
UNSIGNED = Article(id="b", text=TEXT, title="Trams again")


def sources(question: str, article: Article) -> tuple[Sources, Sentence]:
    (sentence,) = split_article(article).sentences
    return Sources(question, lambda s: Passage((s,)), Voices(lambda _: (sentence,)), Copies()), sentence


@pytest.mark.parametrize(
    ("question", "article", "expected"),
    [
        ("What does Souza think of trams?", SIGNED, f"Ana de Souza (Harbour Herald): {TEXT}"),
        ("Who claims that the tram is late?", SIGNED, f"Ana de Souza (Harbour Herald): {TEXT}"),
        ("What does Souza think of trams?", UNSIGNED, TEXT),
        ("Will the tram be late?", SIGNED, TEXT),
    ],
)
def test_the_author_stands_before_what_a_question_about_sources_is_shown(
    question: str, article: Article, expected: str
) -> None:
    asked, sentence = sources(question, article)
    assert asked.shown(sentence) == expected


def test_the_speaker_stands_before_a_quotation_that_does_not_name_them() -> None:
    article = make_article("a", REPORT)
    sentences = split_article(article).sentences
    shown = Sources("Is it a great day?", lambda s: Passage((s,)), Voices(lambda _: sentences), Copies()).shown
    assert "Mayor Bo Li: It is a great day,” he said." in {shown(s) for s in sentences}
    assert "“The noise is unbearable,” said Ana Roe, who lives nearby." in {shown(s) for s in sentences}


def test_an_article_that_is_replaced_is_read_again() -> None:
    old, new = (make_article("a", f"“It is late,” said {name} Roe.") for name in ("Ana", "Bea"))
    now = {"a": split_article(old).sentences}
    spoken_by = Voices(lambda article_id: now[article_id])
    assert spoken_by.of(now["a"][0]) == "Ana Roe"
    now["a"] = split_article(new).sentences
    assert spoken_by.of(now["a"][0]) == "Bea Roe"
