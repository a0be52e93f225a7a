"""Pictures of the chat page for the docs: the main states, light and dark, desktop and phone.

`make screenshots` takes them of real answers about seeds/; with --scripted the answers come from the tests' bot, in
seconds and without a model, for work on the page's looks.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browser import Visit, ask, open_browser  # noqa: E402
from page_bot import ScriptedBot  # noqa: E402

from qa import Chatbot  # noqa: E402
from ui.app import build_app  # noqa: E402
from ui.bot import Bot  # noqa: E402
from ui.serve import start  # noqa: E402

HOW_MANY = "How many countries are in the coalition against ISIS?"
WHO_SAID = "What did Lucas Leiroz say about comparing Hamas with ISIS?"
NOT_HERE = "What is the capital of Peru?"
PATIENCE_S = 300


def main() -> None:
    """Read the options and take every picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images", help="folder for the pictures")
    parser.add_argument("--scripted", action="store_true", help="scripted answers instead of the real models")
    parser.add_argument("--only", nargs="+", choices=STATES, default=list(STATES), help="these states only")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        os.environ["CITEWELL_DATA"] = os.environ["CITEWELL_INDEXES"] = data  # what is added stays out of the user's own
        bot: Bot = ScriptedBot(delay_s=0.5) if options.scripted else Chatbot.open(ROOT / "seeds", report=print)
        with serving(bot) as url, open_browser() as browser:
            for name, dark, phone in product(options.only, (False, True), (False, True)):
                look = "".join(word for word, on in (("-phone", phone), ("-dark", dark)) if on)
                path = options.out / f"{name}{look}.png"
                take_picture(browser, url, path, dark=dark, phone=phone, take=STATES[name])
                bot.remove(tuple(bot.added))
                print(path)


@contextmanager
def serving(bot: Bot) -> Iterator[str]:
    """The page on a free port."""
    blocks = start(build_app(bot), host="127.0.0.1", port=None)
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
    if page.locator(".cw-turn[data-running]").count():
        page.get_by_role("button", name="Stop").click()
    for other in visit.context.pages[1:]:
        other.get_by_role("button", name="Stop").click()
    visit.close()


def empty(_: Page) -> None:
    """Before the first question."""


def answered(page: Page) -> None:
    """An answer, a card at its first mark."""
    ask(page, HOW_MANY, timeout_s=PATIENCE_S)
    page.locator(".cw-mark").first.hover()


def reading(page: Page) -> None:
    """An answer with the article of its last citation beside it."""
    ask(page, HOW_MANY, timeout_s=PATIENCE_S)
    page.locator(".cw-mark").last.click()
    page.locator("mark.cw-now").first.wait_for()
    page.mouse.move(5, 5)


def said(page: Page) -> None:
    """One author's opinion."""
    ask(page, WHO_SAID, timeout_s=PATIENCE_S)


def streaming(page: Page) -> None:
    """An answer that is being written: the closest sentences, perhaps a first claim."""
    ask(page, HOW_MANY, state=None)
    page.locator(".cw-turn[data-running] .cw-source").first.wait_for(timeout=PATIENCE_S * 1000)


def stopped(page: Page) -> None:
    """An answer that was stopped midway."""
    streaming(page)
    page.get_by_role("button", name="Stop").click()
    page.locator('.cw-turn[data-state="stopped"]').wait_for()


def failed(page: Page) -> None:
    """A question that cannot be asked."""
    ask(page, "How many countries? " * 500, state="failed", timeout_s=PATIENCE_S)


def waiting(page: Page) -> None:
    """A second reader's question, waiting for the first one's."""
    other = page.context.new_page()
    other.goto(page.url)
    other.wait_for_function("window.citewell !== undefined")
    ask(other, HOW_MANY, state=None)
    other.locator(".cw-turn[data-running] .cw-source").first.wait_for(timeout=PATIENCE_S * 1000)
    ask(page, WHO_SAID, state=None)
    page.get_by_text("answered before this one").wait_for()


def follow_up(page: Page) -> None:
    """A follow-up, with how it was understood."""
    ask(page, HOW_MANY, timeout_s=PATIENCE_S)
    ask(page, "Who proposed to use it against Hamas?", timeout_s=PATIENCE_S)


def filtered(page: Page) -> None:
    """Two of the articles asked."""
    page.get_by_role("button", name="None").click()
    for tick in page.locator("input[data-only]").all()[:2]:
        tick.check()
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
    page.locator(".cw-export summary").click()


def declined(page: Page) -> None:
    """A question the articles do not answer."""
    ask(page, NOT_HERE, timeout_s=PATIENCE_S)


STATES: dict[str, Callable[[Page], None]] = {
    "empty": empty,
    "streaming": streaming,
    "answer": answered,
    "reader": reading,
    "said-by": said,
    "follow-up": follow_up,
    "declined": declined,
    "filtered": filtered,
    "export": export,
    "stopped": stopped,
    "error": failed,
    "waiting": waiting,
    "adding": adding,
}

if __name__ == "__main__":
    main()
