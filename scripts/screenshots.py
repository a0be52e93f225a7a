"""Pictures of the chat page for the docs: the main states, light and dark, desktop and phone.

`make screenshots` takes them of real answers about seeds/; with --scripted the answers come from the tests' bot, in
seconds and without a model, for work on the page's looks.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browser import Visit, ask, open_browser  # noqa: E402
from page_bot import ScriptedBot  # noqa: E402

from qa import Chatbot  # noqa: E402
from ui.app import build_app, start  # noqa: E402
from ui.conversation import Bot  # noqa: E402

HOW_MANY = "How many countries are in the coalition against ISIS?"
WHO_SAID = "What did Lucas Leiroz say about comparing Hamas with ISIS?"
NOT_HERE = "What is the capital of Peru?"
PATIENCE_S = 300


def main() -> None:
    """Read the options and take every picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images", help="folder for the pictures")
    parser.add_argument("--scripted", action="store_true", help="scripted answers instead of the real models")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    bot: Bot = ScriptedBot() if options.scripted else Chatbot.open(ROOT / "seeds", report=print)
    with serving(bot) as url, open_browser() as browser:
        for name, dark, phone, take in PICTURES:
            path = options.out / f"{name}.png"
            take_picture(browser, url, path, dark=dark, phone=phone, take=take)
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


def declined(page: Page) -> None:
    """A question the articles do not answer."""
    ask(page, NOT_HERE, timeout_s=PATIENCE_S)


PICTURES: tuple[tuple[str, bool, bool, Callable[[Page], None]], ...] = (
    ("empty", False, False, empty),
    ("answer", False, False, answered),
    ("reader", False, False, reading),
    ("reader-dark", True, False, reading),
    ("said-by", False, False, said),
    ("declined", False, False, declined),
    ("phone", False, True, lambda page: ask(page, HOW_MANY, timeout_s=PATIENCE_S)),
    ("phone-reader-dark", True, True, reading),
)

if __name__ == "__main__":
    main()
