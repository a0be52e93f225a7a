"""How surely sentences answer, from what a scripted model makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from conftest import FakeGenerator, articles_of, sentence

from index.aliases import Aliases
from index.article import Hit, Passage, Sentence
from qa.asking import named
from qa.copies import Copies
from qa.evidence import DESCRIBING, ELSEWHERE, EXPECTED, TYPICAL, UNGIVEN, Evidence, weigh
from qa.generate import Reading
from qa.prompt import Prompt
from qa.sources import Sources
from qa.speakers import Voices

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
        self.read.extend(said)
        return [Reading(willing=1.0, expected=self.likelier if "million" in text else 0.0) for text in said]


def hits_of(*sentences: Sentence) -> list[Hit]:
    return [Hit(s, 1.0, rank) for rank, s in enumerate(sentences, 1)]


def judged(question: str, sentences: Sequence[Sentence], reader: Reader) -> tuple[Evidence, ...]:
    aliases = Aliases([s.article for s in sentences])
    voices = Voices(lambda _: tuple(sentences))
    sources = Sources(question, lambda s: Passage((s,)), voices, Copies(), put_to=aliases.put_to)
    return weigh(hits_of(*sentences), sources, reader, names=lambda asked: named(asked, inside=True))


def test_how_likely_the_question_is_ranks_sentences_and_does_not_decide_where_a_probe_does() -> None:
    cost, rain = judged("What did it cost?", [COST, RAIN], Reader(20.0, probed=True))
    assert cost.sentence == COST
    assert cost.stated == rain.stated == pytest.approx(1.0 + EXPECTED * TYPICAL)
    assert cost.fitting - rain.fitting == pytest.approx(20.0 * EXPECTED)
    assert cost.score > rain.score


def test_it_decides_with_the_rest_where_there_is_no_probe() -> None:
    cost, rain = judged("What did it cost?", [COST, RAIN], Reader(20.0, probed=False))
    assert cost.stated == cost.fitting == pytest.approx(rain.stated + 20.0 * EXPECTED)


def test_what_a_sentence_calls_something_in_passing_counts_where_that_is_asked() -> None:
    reader = Reader(0.0, probed=True)
    asked = judged("How do the articles describe Rox?", [RAIN, ROX], reader)
    assert [e.sentence for e in asked] == [ROX, RAIN]
    assert asked[0].stated - asked[1].stated == pytest.approx(DESCRIBING)
    other = judged("Who owns Rox?", [RAIN, ROX], reader)
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
    (cost,) = judged(question, [COST], Reader(0.0, probed=True))
    assert cost.stated == pytest.approx(1.0 + EXPECTED * TYPICAL - UNGIVEN * (not given))


def test_a_figure_in_the_date_an_article_states_is_given() -> None:
    dated = replace(ARTICLE, date="4 May 1932")
    (cost,) = judged("What opened in 1932?", [sentence(dated, "40 million")], Reader(0.0, probed=True))
    assert cost.stated == pytest.approx(1.0 + EXPECTED * TYPICAL)


@pytest.mark.parametrize("probed", [True, False])
def test_the_question_is_put_to_each_article_in_its_own_names(probed: bool) -> None:
    texts = articles_of(a="The Harbour Line (HL) opened.", b="HL is late in the harbour.", c="A tram is late.")
    sentences = [sentence(article, words) for article, words in zip(texts, ("opened", "late", "late"), strict=True)]
    reader = Reader(0.0, probed=probed)
    found = {e.sentence: e.stated for e in judged("Is the Harbour Line late?", sentences, reader)}
    opened, late, tram = sentences
    assert found[opened] == pytest.approx(found[late])
    assert found[tram] == pytest.approx(found[late] - ELSEWHERE)  # which names no such line
    assert {text.rsplit("Question: ")[-1] for text in reader.read if "HL is late" in text} == {"Is the HL late?"}
    assert {text.rsplit("Question: ")[-1] for text in reader.read if "A tram" in text} == {"Is the Harbour Line late?"}
