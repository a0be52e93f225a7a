"""Questions -> results: asks a chatbot everything and judges what comes back.

Nothing here knows how an answer is made; a chatbot is whatever fits `Bot`. What becomes of the results is in
`qa.report`, its pages in `qa.report_text` and `qa.report_html`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Protocol, cast, runtime_checkable

from index.article import Article, Hit, Sentence
from index.errors import CitewellError, QuestionError, SettingsError
from qa.answer import Answer, AnswerDict
from qa.answers import Scored
from qa.questions import Question, QuestionSet
from qa.ranking import DEPTH, Key, comparable, gold_keys, score_rankings
from qa.scores import Result, judge
from qa.settings import Settings

SEARCHED_AT_ONCE = 64  # questions; more would only be padded more


class Chat(Protocol):
    """A conversation that remembers its own turns."""

    def ask(self, question: str) -> Answer:
        """Answer one turn."""
        ...


class Bot(Protocol):
    """What evaluation needs of a chatbot; `qa.Chatbot` is one."""

    @property
    def articles(self) -> Sequence[Article]:
        """The articles it answers from."""
        ...

    @property
    def settings(self) -> Settings:
        """How it answers."""
        ...

    @property
    def embedder_name(self) -> str:
        """What reports call the embedding model."""
        ...

    def ask(self, question: str) -> Answer:
        """Answer one question."""
        ...

    def chat(self) -> Chat:
        """Begin a conversation."""
        ...

    def search(self, words: str, *, k: int) -> Sequence[Hit]:
        """The k best sentences, best first."""
        ...

    def sentences(self, article_id: str) -> Sequence[Sentence]:
        """An article's sentences as they can be cited."""
        ...


@runtime_checkable
class SearchesMany(Protocol):
    """A chatbot that searches many questions at once, whose words are then embedded together, many times faster."""

    def search_many(self, questions: Sequence[str], *, k: int) -> Sequence[Sequence[Hit]]:
        """For each question the k best sentences, best first."""
        ...


@runtime_checkable
class Ranks(Protocol):
    """A chatbot that can put what it finds in the order in which it would use it."""

    def rank(self, question: str, *, k: int) -> Sequence[Hit]:
        """The k best sentences in that order."""
        ...


@runtime_checkable
class CountsTokens(Protocol):
    """A chatbot that counts what its language model reads and writes."""

    @property
    def tokens(self) -> tuple[int, int] | None:
        """Tokens read and written since the start; None where they are not counted."""
        ...


def check_articles(bot: Bot, questions: QuestionSet) -> None:
    """Refuse questions about other articles than the chatbot has.

    Args:
        bot: Who is to answer.
        questions: What is to be asked.

    Raises:
        QuestionError: An article that a question needs is not there.
    """
    held = {article.id for article in bot.articles}
    absent = sorted({quote.article for question in questions.all for quote in question.gold} - held)
    if absent:
        raise QuestionError(
            f"the questions cite {len(absent)} articles that are not here, such as {absent[0]!r}; "
            "name the folder they are about with --articles"
        )


def ask_all(bot: Bot, questions: QuestionSet, *, on_result: Callable[[Result], object] | None = None) -> Scored:
    """Ask everything, one question after the other, conversations with the bot's own answers as history.

    Args:
        bot: Who answers.
        questions: What to ask.
        on_result: Called after each question and turn.

    Returns:
        A result for each, in order; one that raises a CitewellError is a result with that error.
    """
    results: list[Result] = []

    def done(question: Question, ask: Callable[[str], Answer]) -> None:
        before = _tokens(bot)
        result = _ask(question, ask)
        spent = {way: now - then for way, now, then in zip(("in", "out"), _tokens(bot), before, strict=False)}
        if result.answer is not None and spent:
            result = replace(result, answer=cast(AnswerDict, {**result.answer, "tokens": spent}))
        results.append(result)
        if on_result is not None:
            on_result(results[-1])

    for question in questions.questions:
        done(question, bot.ask)
    for turns in questions.chats:
        chat = bot.chat()
        for turn in turns:
            done(turn, chat.ask)
    return Scored(tuple(results))


def _tokens(bot: Bot) -> tuple[int, ...]:
    """Tokens read and written so far; empty where they are not counted."""
    return (bot.tokens or ()) if isinstance(bot, CountsTokens) else ()


def _ask(question: Question, ask: Callable[[str], Answer]) -> Result:
    """One question put and judged."""
    try:
        answer = ask(question.question).to_dict(id=question.id)
    except CitewellError as error:
        return Result(question, None, judge(question, None), error=str(error))
    return Result(question, answer, judge(question, answer))


def rank_all(
    bot: Bot, results: Sequence[Result], *, rerank: bool = False, on_result: Callable[[Result], object] | None = None
) -> Scored:
    """Measure retrieval for the questions that need it; no language model is asked to write.

    Args:
        bot: Whose retrieval is measured.
        results: What is known already. Conversations, and questions that require no sentence, pass unchanged.
        rerank: Have the language model judge what is found, seconds for each question, and measure its order.
        on_result: Called after each search.

    Returns:
        The same results, with `ranked` where there is something to find.

    Raises:
        SettingsError: ir-measures is not installed.
    """
    score_rankings({}, {})  # a missing library is told of before the work, not after it
    sentences = {article.id: comparable(bot.sentences(article.id)) for article in bot.articles}
    asked = [r for r in results if r.question.chat is None and r.question.answerable and r.question.required]
    rankings: dict[str, Sequence[Key]] = {}
    for first in range(0, len(asked), SEARCHED_AT_ONCE):
        batch = asked[first : first + SEARCHED_AT_ONCE]
        for result, hits in zip(
            batch, _search(bot, [result.question.question for result in batch], rerank=rerank), strict=True
        ):
            rankings[result.question.id] = [hit.sentence.key for hit in hits]
            if on_result is not None:
                on_result(result)
    wanted = {result.question.id: gold_keys(result.question, sentences) for result in asked}
    ranked = score_rankings(rankings, wanted)
    return Scored(tuple(replace(result, ranked=ranked.get(result.question.id)) for result in results))


def _search(bot: Bot, questions: Sequence[str], *, rerank: bool) -> Iterable[Sequence[Hit]]:
    """The hits of each question, all at once where the chatbot can."""
    if rerank:
        if not isinstance(bot, Ranks):
            raise SettingsError("this chatbot does not rank what it finds; leave out --rerank")
        return (bot.rank(question, k=DEPTH) for question in questions)
    if isinstance(bot, SearchesMany):
        return bot.search_many(questions, k=DEPTH)
    return (bot.search(question, k=DEPTH) for question in questions)
