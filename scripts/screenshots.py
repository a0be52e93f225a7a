"""Pictures of the chat page: its states, light and dark, desktop and phone.

`make screenshots` takes those that README.md and docs/ show anew, of real answers about seeds/; with --all every state
is pictured. A question is put to the model once, whatever the number of pictures. What shows no finished answer comes
from the tests' bot, as everything does with --scripted: in a minute or two and without a model, for work on the
page's looks.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browser import Visit, ask, open_browser  # noqa: E402
from page_bot import LoadingBot, ScriptedBot, SteppedBot  # noqa: E402

from qa import Chatbot  # noqa: E402
from qa.answer import Event  # noqa: E402
from ui.app import build_app  # noqa: E402
from ui.bot import Bot  # noqa: E402
from ui.loading import Loading  # noqa: E402
from ui.serve import start  # noqa: E402

HOW_MANY = "How many countries are in the coalition against ISIS?"
WHO_PROPOSED = "Who proposed to use the anti-ISIS coalition against Hamas?"
WHO_SAID = "What did Lucas Leiroz say about comparing Hamas with ISIS?"
NOT_HERE = "What is the capital of Peru?"
PATIENCE_S = 300


def main() -> None:
    """Read the options and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images", help="folder for the pictures")
    parser.add_argument("--scripted", action="store_true", help="scripted answers instead of the real models")
    parser.add_argument("--all", action="store_true", help="every state in every look, not only what the docs show")
    parser.add_argument("--only", nargs="+", choices=STATES, default=list(STATES), help="these states only")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    shown = shown_pictures()
    with tempfile.TemporaryDirectory() as data, ExitStack() as open_things:
        os.environ["CITEWELL_DATA"] = os.environ["CITEWELL_INDEXES"] = data  # what is added stays out of the user's own
        bots = open_bots(scripted=options.scripted)
        urls = {name: open_things.enter_context(serving(bot)) for name, bot in bots.items()}
        browser = open_things.enter_context(open_browser())
        for name, dark, phone in product(options.only, (False, True), (False, True)):
            state, path = STATES[name], options.out / f"{name}{'-phone' * phone}{'-dark' * dark}.png"
            if options.all or path.name in shown:
                bot = bots[state.page]
                if isinstance(bot, SteppedBot):
                    bot.step(state.steps)
                take_picture(browser, urls[state.page], path, dark=dark, phone=phone, take=state.take)
                if isinstance(bot, SteppedBot):
                    bot.finish()
                bot.remove(tuple(bot.added))
                print(path)


def shown_pictures() -> set[str]:
    """Names of the pictures that README.md and docs/ show."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))]
    return {name for text in texts for name in re.findall(r"images/([\w-]+\.png)", text)}


def open_bots(*, scripted: bool) -> dict[str, Bot]:
    """The bots behind the pages that are pictured; all go by the name of the model that answers."""
    answering: Bot = ScriptedBot() if scripted else Remembering(Chatbot.open(ROOT / "seeds", report=print))
    slow, loading = SteppedBot(), LoadingBot()
    for bot in (slow, loading):
        bot.llm_name, bot.llm_names = answering.llm_name, answering.llm_names
    loading.llm_bytes = (420_000_000, 1_117_320_768)
    return {"answers": answering, "slow": slow, "loading": loading}


class Remembering:
    """A bot that asks its models once for each question, and gives the same events whenever it is asked again."""

    def __init__(self, bot: Chatbot) -> None:
        self._bot = bot
        self.told: dict[tuple[object, ...], tuple[tuple[Event, ...], tuple[tuple[str, str], ...]]] = {}

    def __getattr__(self, name: str) -> object:
        return getattr(self._bot, name)

    def chat(self) -> RememberingChat:
        """A conversation whose answers are remembered, too."""
        return RememberingChat(self, self._bot)


class RememberingChat:
    """A conversation with such a bot; what was asked before belongs to the question."""

    def __init__(self, memory: Remembering, bot: Chatbot) -> None:
        self._memory = memory
        self._bot = bot
        self._history: tuple[tuple[str, str], ...] = ()

    def stream(
        self, question: str, *, articles: Sequence[str] | None = None, llm: str | None = None
    ) -> Iterator[Event]:
        """The events of an answer, from memory if it is there."""
        key = (question, *self._history, *(articles or ()), llm)
        if key not in self._memory.told:
            chat = self._bot.chat(self._history)
            self._memory.told[key] = tuple(chat.stream(question, articles=articles, llm=llm)), chat.history
        events, history = self._memory.told[key]
        yield from events
        self._history = history


@contextmanager
def serving(bot: Bot) -> Iterator[str]:
    """The page on a free port; a bot whose model is not there yet begins to load it."""
    loading = Loading(bot)
    if isinstance(bot, LoadingBot):
        loading.begin()
    blocks = start(build_app(bot, loading=loading), host="127.0.0.1", port=None)
    yield str(blocks.local_url)
    blocks.close(verbose=False)


def take_picture(
    browser: Browser, url: str, path: Path, *, dark: bool, phone: bool, take: Callable[[Page], None]
) -> None:
    """Bring a fresh page into a state and save what it looks like."""
    visit = Visit(browser, url, dark=dark, phone=phone)
    page = visit.tab()
    take(page)
    page.wait_for_timeout(300)
    page.screenshot(path=path)
    for tab in visit.context.pages:
        if tab.locator(".cw-turn[data-running]").count():
            tab.get_by_role("button", name="Stop").click()
            tab.locator(".cw-turn[data-running]").wait_for(state="detached")
    visit.close()


def empty(_: Page) -> None:
    """Before the first question."""


def answered(page: Page) -> None:
    """An answer, a card at its first mark."""
    ask(page, WHO_PROPOSED, timeout_s=PATIENCE_S)
    page.locator(".cw-mark").first.hover()


def reading(page: Page) -> None:
    """An answer with the article of its last citation beside it."""
    ask(page, WHO_PROPOSED, timeout_s=PATIENCE_S)
    page.locator(".cw-mark").last.click()
    page.locator("mark.cw-now").first.wait_for()
    page.mouse.move(5, 5)


def said(page: Page) -> None:
    """One author's opinion."""
    ask(page, WHO_SAID, timeout_s=PATIENCE_S)


def streaming(page: Page) -> None:
    """An answer that is being written: its first claims."""
    ask(page, HOW_MANY, state=None)
    page.locator(".cw-turn[data-running] .cw-claim").nth(1).wait_for()


def quoting(page: Page) -> None:
    """Before the first claim: the closest sentences."""
    ask(page, HOW_MANY, state=None)
    page.locator(".cw-turn[data-running] .cw-close .cw-source").first.wait_for()


def loading(page: Page) -> None:
    """While the model is fetched: the closest sentences, and how far it is."""
    ask(page, HOW_MANY, state="loading")
    page.locator(".cw-notice", has_text="Fetching").wait_for()


def stopped(page: Page) -> None:
    """An answer that was stopped midway."""
    streaming(page)
    page.get_by_role("button", name="Stop").click()
    page.locator('.cw-turn[data-state="stopped"]').wait_for()


def failed(page: Page) -> None:
    """A question that cannot be asked."""
    ask(page, "Which of these articles fail to name a figure?", state="failed")


def waiting(page: Page) -> None:
    """A second reader's question, waiting for the first one's."""
    other = page.context.new_page()
    other.goto(page.url)
    other.wait_for_function("window.citewell !== undefined")
    ask(other, HOW_MANY, state=None)
    other.locator(".cw-turn[data-running] .cw-source").first.wait_for()
    ask(page, WHO_SAID, state=None)
    page.get_by_text("answered before this one").wait_for()


def follow_up(page: Page) -> None:
    """A follow-up, with how it was understood."""
    ask(page, HOW_MANY, timeout_s=PATIENCE_S)
    ask(page, "Who proposed to widen it?", timeout_s=PATIENCE_S)


def filtered(page: Page) -> None:
    """Two of the articles asked."""
    none, close = page.get_by_role("button", name="None", exact=True), page.get_by_role("button", name="Close the list")
    if not none.is_visible():  # on a phone the list is a sheet of its own
        page.locator('.cw-bar [data-act="library"]').click()
    none.click()
    for tick in page.locator("input[data-only]").all()[:2]:
        tick.check()
    if close.is_visible():
        close.click()
    ask(page, HOW_MANY, timeout_s=PATIENCE_S)


def adding(page: Page) -> None:
    """Files being added: one read, one refused."""
    story = "Leeds opens a tram line.\n\nThe tram line cost 40 million pounds. Mayor Ana Roe opened it on Monday."
    files = {"leeds.txt": story, "empty.txt": ""}
    page.set_input_files(
        ".cw-files", [{"name": n, "mimeType": "text/plain", "buffer": t.encode()} for n, t in files.items()]
    )
    page.locator('.cw-adding [data-state="failed"]').wait_for(timeout=PATIENCE_S * 1000)


def export(page: Page) -> None:
    """The ways to take a conversation along."""
    ask(page, HOW_MANY, timeout_s=PATIENCE_S)
    more = page.get_by_role("button", name="More")
    if more.is_visible():  # on a phone the tools are behind a button
        more.click()
    page.locator(".cw-export summary").click()


def declined(page: Page) -> None:
    """A question the articles do not answer."""
    ask(page, NOT_HERE, timeout_s=PATIENCE_S)


@dataclass(frozen=True, slots=True)
class State:
    """A state of the page: which of the pages it is pictured of, what brings it about, and after how many claims."""

    page: Literal["answers", "slow", "loading"]
    take: Callable[[Page], None]
    steps: int = 0


STATES = {
    "empty": State("answers", empty),
    "loading": State("loading", loading),
    "quoting": State("slow", quoting),
    "streaming": State("slow", streaming, steps=2),
    "answer": State("answers", answered),
    "reader": State("answers", reading),
    "said-by": State("answers", said),
    "follow-up": State("answers", follow_up),
    "declined": State("answers", declined),
    "filtered": State("answers", filtered),
    "export": State("answers", export),
    "stopped": State("slow", stopped, steps=2),
    "error": State("slow", failed),
    "waiting": State("slow", waiting),
    "adding": State("slow", adding),
}

if __name__ == "__main__":
    main()
