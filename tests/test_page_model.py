"""The chat page with real models in a real Chromium: from a typed question to the sentence in its article."""

from __future__ import annotations

import pytest
from browser import Visit, ask, open_browser
from page_bot import SEEDS
from playwright.sync_api import expect

from qa import Chatbot
from ui.app import build_app
from ui.serve import start

pytestmark = [pytest.mark.browser, pytest.mark.model]


def test_a_question_comes_back_with_a_sentence_that_can_be_read_in_place() -> None:
    bot = Chatbot.open(SEEDS, llm="tiny")
    blocks = start(build_app(bot), host="127.0.0.1", port=None)
    with open_browser() as browser:
        visit = Visit(browser, str(blocks.local_url))
        page = visit.tab()
        ask(page, "How many countries are in the coalition against ISIS?", timeout_s=300)
        source = page.locator(".cw-source").first
        words = str(source.locator(".cw-words").text_content())
        article = next(a for a in bot.articles if a.id == source.get_attribute("data-article"))
        assert words in article.text
        source.locator(".cw-where").click()
        mark = page.locator("mark.cw-now").first
        expect(mark).to_be_in_viewport()
        assert "".join(page.locator("mark.cw-now").all_text_contents()) == words
        expect(page.locator(".cw-facts")).to_contain_text(bot.llm_name)
        visit.close()
    blocks.close(verbose=False)
