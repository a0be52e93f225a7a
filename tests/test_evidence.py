"""How surely sentences answer, from what a scripted model makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from conftest import FakeGenerator, articles_of, sentence

from index.article import Hit, Sentence
from qa.evidence import DESCRIBING, EXPECTED, TYPICAL, UNGIVEN, weigh
from qa.generate import Reading
from qa.prompt import Prompt

ARTICLE = articles_of(a="The line cost 40 million. The council owns the mining company Rox. It rained.")[0]
COST, ROX, RAIN = (sentence(ARTICLE, words) for words in ("40 million", "Rox", "rained"))


class Reader(FakeGenerator):
    """Finds the question likelier by some sentences than by none."""

    def __init__(self, likelier: float, *, probed: bool) -> None:
        super().__init__()
        self.likelier = likelier
        self.probed = probed

    def read_each(self, prompts: Sequence[Prompt], *, refusal: str) -> list[Reading]:
        said = ["".join(prompt.last) for prompt in prompts]
        return [Reading(willing=1.0, expected=self.likelier if "million" in text else 0.0) for text in said]


def hits_of(*sentences: Sentence) -> list[Hit]:
    return [Hit(s, 1.0, rank) for rank, s in enumerate(sentences, 1)]


def shown(sentence: Sentence) -> str:
    return sentence.text


def test_how_likely_the_question_is_ranks_sentences_and_does_not_decide_where_a_probe_does() -> None:
    cost, rain = weigh("What did it cost?", hits_of(COST, RAIN), Reader(20.0, probed=True), shown=shown)
    assert cost.sentence == COST
    assert cost.stated == rain.stated == pytest.approx(1.0 + EXPECTED * TYPICAL)
    assert cost.fitting - rain.fitting == pytest.approx(20.0 * EXPECTED)
    assert cost.score > rain.score


def test_it_decides_with_the_rest_where_there_is_no_probe() -> None:
    cost, rain = weigh("What did it cost?", hits_of(COST, RAIN), Reader(20.0, probed=False), shown=shown)
    assert cost.stated == cost.fitting == pytest.approx(rain.stated + 20.0 * EXPECTED)


def test_what_a_sentence_calls_something_in_passing_counts_where_that_is_asked() -> None:
    reader = Reader(0.0, probed=True)
    asked = weigh("How do the articles describe Rox?", hits_of(RAIN, ROX), reader, shown=shown)
    assert [e.sentence for e in asked] == [ROX, RAIN]
    assert asked[0].stated - asked[1].stated == pytest.approx(DESCRIBING)
    other = weigh("Who owns Rox?", hits_of(RAIN, ROX), reader, shown=shown)
    assert len({e.stated for e in other}) == 1


@pytest.mark.parametrize(
    ("question", "given"),
    [
        ("What cost 40 million?", True),
        ("What cost 45 million?", False),
        ("Did it cost 40 million or 45 million?", True),  # the article speaks of one of them
        ("Which 3 companies are there?", True),  # a small number may be the asker's own
        ("What was built in the 1600s?", True),  # a date in it would be another number
        ("What was built in 1988?", False),
    ],
)
def test_a_figure_the_article_never_gives_counts_against_it(question: str, given: bool) -> None:
    (cost,) = weigh(question, hits_of(COST), Reader(0.0, probed=True), shown=shown)
    assert cost.stated == pytest.approx(1.0 + EXPECTED * TYPICAL - UNGIVEN * (not given))


def test_a_figure_in_the_date_an_article_states_is_given() -> None:
    dated = replace(ARTICLE, date="4 May 1932")
    (cost,) = weigh(
        "What opened in 1932?", hits_of(sentence(dated, "40 million")), Reader(0.0, probed=True), shown=shown
    )
    assert cost.stated == pytest.approx(1.0 + EXPECTED * TYPICAL)
