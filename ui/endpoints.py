"""The page's endpoints for programs: `/ask` and `/search`, with the JSON of the command line."""

from __future__ import annotations

from index.errors import CitewellError
from qa.answer import AnswerDict
from ui.ask_command import HitDict, hit_dict
from ui.bot import Bot
from ui.conversation import Conversations


def add_endpoints(bot: Bot, conversations: Conversations) -> None:
    """Add `/ask` and `/search` to the Blocks being built.

    Args:
        bot: Searches.
        conversations: Where questions wait in line with those of the page.
    """
    import gradio as gr  # noqa: PLC0415

    def ask(question: str, articles: list[str] | None = None) -> AnswerDict:
        """Answer a question from the articles, each statement with the sentences that say it.

        Args:
            question: In plain words, understandable on its own.
            articles: Ids of the articles to ask; all of them unless given.

        Returns:
            The answer; `declined` where the articles do not hold one.
        """
        try:
            return conversations.answer(question, articles=articles).to_dict()
        except CitewellError as error:
            raise gr.Error(str(error), print_exception=False) from error

    def search(words: str, count: int = 10, articles: list[str] | None = None) -> list[HitDict]:
        """Find the sentences nearest to some words, best first, without asking the language model.

        Args:
            words: What to look for.
            count: Most sentences returned.
            articles: Ids of the articles to search; all of them unless given.

        Returns:
            The sentences, with where each stands in its article.
        """
        try:
            return [hit_dict(hit) for hit in bot.search(words, k=count, articles=articles)]
        except CitewellError as error:
            raise gr.Error(str(error), print_exception=False) from error

    gr.events.api(ask, api_name="ask", concurrency_limit=None)
    gr.events.api(search, api_name="search", concurrency_limit=None)
