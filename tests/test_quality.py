"""The fixed question set through the real models: a slice with room for noise, all of it under CITEWELL_SOAK."""

from __future__ import annotations

import os

import numpy as np
import pytest

from qa.chatbot import Chatbot
from qa.evaluate import ask_all
from qa.questions import QuestionSet, load_default
from qa.scores import Result, Verdict

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.timeout(3600)]
SOAK = bool(os.environ.get("CITEWELL_SOAK"))
EVERY = 1 if SOAK else 5  # 12 of the 60 questions, of each kind as many as its share


@pytest.fixture(scope="module")
def results(real_bot: Chatbot) -> tuple[Result, ...]:
    shipped = load_default()
    asked = QuestionSet(shipped.questions[::EVERY], shipped.chats if SOAK else shipped.chats[:1])
    return ask_all(real_bot, asked).results


def test_every_citation_is_one_whole_sentence_of_its_article(real_bot: Chatbot, results: tuple[Result, ...]) -> None:
    texts = {article.id: article.text for article in real_bot.articles}
    whole = {(a, s.number): (s.start, s.end) for a in texts for s in real_bot.sentences(a)}
    cited = [c for result in results if result.answer for c in result.answer["citations"]]
    assert cited
    for c in cited:
        assert texts[c["article"]][c["start"] : c["end"]] == c["text"]
        assert whole[c["article"], c["sentence"]] == (c["start"], c["end"])


def verdicts(results: tuple[Result, ...]) -> list[Verdict]:
    return [result.verdict for result in results if result.verdict is not None]


def test_no_question_fails_and_no_figure_is_made_up(results: tuple[Result, ...]) -> None:
    assert [result.error for result in results if result.error] == []
    assert [verdict.loose for verdict in verdicts(results) if any(verdict.loose)] == []


def test_quality_has_not_fallen(results: tuple[Result, ...]) -> None:
    alone = verdicts(tuple(r for r in results if r.question.chat is None))
    answerable = [v for v in alone if v.correct is not None]
    assert np.mean([v.correct for v in answerable]) >= 0.5
    assert np.mean([v.declined for v in answerable]) <= 0.25
    assert np.mean([v.cite_precision for v in alone if v.cite_precision is not None]) >= 0.7
    assert np.mean([v.cite_recall for v in alone if v.cite_recall is not None]) >= 0.55
