"""From a question to a cited answer with the models that citewell ships with, over seeds/."""

from __future__ import annotations

import pytest

from qa.answer import Answer, ClaimReady, Quotes
from qa.chatbot import Chatbot

pytestmark = pytest.mark.model
COUNTRIES = "How many countries are in the coalition against ISIS?"
QUESTIONS = (
    COUNTRIES,
    "Who proposed to use the coalition against Hamas?",
    "when was the coalition founded",
    "What did Macron say about the rules of war?",
    "How many airstrikes did the coalition carry out?",
    "How many French nationals were killed in the Hamas attack?",
    "Whom did Macron meet in Jerusalem?",
    "What is Operation Chammal?",
    "Who wrote the article about an anti-Hamas coalition?",
    "How did Netanyahu respond to the proposal?",
    "Combien de pays font partie de la coalition contre Daech ?",
    "Wie viele französische Soldaten sind in der Region?",
    "What is the capital of Australia?",
)
Answers = dict[str, Answer]


@pytest.fixture(scope="module")
def answers(real_bot: Chatbot) -> Answers:
    return {question: real_bot.ask(question) for question in QUESTIONS}


def test_a_figure_is_found_and_cited_exactly(answers: Answers) -> None:
    answer = answers[COUNTRIES]
    assert not answer.declined
    assert "86" in answer.text
    cited = next(c for c in answer.citations if "86 countries" in c.text)
    assert cited.article.id == "000_c19f73a1fbb07847"
    assert cited.text == (
        "The international coalition against ISIS includes 86 countries committed to eroding the group’s capabilities "
        "globally."
    )


def test_what_the_articles_do_not_say_is_declined(answers: Answers) -> None:
    answer = answers["What is the capital of Australia?"]
    assert answer.declined
    assert answer.nearest


def test_most_questions_are_answered(answers: Answers) -> None:
    assert sum(not answer.declined for answer in answers.values()) >= 8


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_citation_is_one_whole_sentence(real_bot: Chatbot, answers: Answers, question: str) -> None:
    answer = answers[question]
    assert answer.citations or answer.declined
    for c in answer.citations:
        assert c.article.text[c.start : c.end] == c.text
        whole = real_bot.sentences(c.article.id)
        assert (c.start, c.end) in {(s.start, s.end) for s in whole}
        assert c.sentence in {s.number for s in whole}
    assert all(claim.citations for claim in answer.claims)
    for claim in answer.claims:
        if claim.verbatim:
            assert claim.text in {c.text for c in claim.citations}


def test_the_same_question_gets_the_same_answer(real_bot: Chatbot, answers: Answers) -> None:
    again = real_bot.ask(COUNTRIES)  # a dozen other questions later
    assert again.text == answers[COUNTRIES].text
    assert again.claims == answers[COUNTRIES].claims


def test_the_stream_ends_in_the_answer(real_bot: Chatbot, answers: Answers) -> None:
    first, *claims, last = real_bot.stream(COUNTRIES)
    assert isinstance(first, Quotes)
    assert first.hits[0].rank == 1
    assert isinstance(last, Answer)
    assert [event.claim for event in claims if isinstance(event, ClaimReady)] == list(last.claims)
    assert last.claims == answers[COUNTRIES].claims


def test_a_follow_up_is_understood(real_bot: Chatbot) -> None:
    chat = real_bot.chat()
    chat.ask("Who proposed to use the coalition against Hamas?")
    answer = chat.ask("Whom did he meet in Jerusalem?")
    assert answer.asked_as is not None
    assert "Macron" in answer.asked_as


def test_a_choice_is_answered_for_both_alternatives(real_bot: Chatbot) -> None:
    answer = real_bot.ask("Did Macron make his proposal in Jerusalem or in Tel Aviv?")
    cited = [c.text for c in answer.citations]
    assert any("Jerusalem" in text for text in cited)
    assert any("Tel Aviv" in text for text in cited)
    assert answer.conflicts
    assert not answer.text.casefold().startswith(("yes", "no"))


def test_search_needs_no_language_model(real_bot: Chatbot) -> None:
    (hit, *_) = real_bot.search("86 countries")
    assert "86 countries" in hit.sentence.text
    assert not any("newsletter" in h.sentence.text.casefold() for h in real_bot.search("newsletter subscribe", k=50))
