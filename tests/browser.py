"""A Chromium for the page's tests and screenshots, and what every visit to the page checks."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


def chromium_path() -> str:
    """The Chromium to use: CITEWELL_CHROMIUM, else the first one on the PATH."""
    named = os.environ.get("CITEWELL_CHROMIUM")
    found = named or next((path for name in NAMES if (path := shutil.which(name))), None)
    if not found:
        raise RuntimeError("no Chromium found; install one, or name it in CITEWELL_CHROMIUM")
    return found


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        yield browser
        browser.close()


class Visit:
    """One reader's look at the page: notes every request and error of all its tabs."""

    def __init__(self, browser: Browser, url: str, *, dark: bool = False, phone: bool = False) -> None:
        self.url = url
        self.hosts: set[str] = set()
        self.errors: list[str] = []
        self.context: BrowserContext = browser.new_context(
            viewport=PHONE if phone else DESKTOP,
            color_scheme="dark" if dark else "light",
            has_touch=phone,
            is_mobile=phone,
            device_scale_factor=2 if phone else 1,
            reduced_motion="reduce",
        )
        self.context.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))
        self.context.on("weberror", lambda error: self.errors.append(str(error.error)))

    def tab(self, suffix: str = "") -> Page:
        """A new tab with the page in it, ready to be asked."""
        page = self.context.new_page()
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.goto(self.url + suffix)
        page.wait_for_selector(".cw-intro, .cw-turn", timeout=30_000)
        page.wait_for_function("window.citewell !== undefined")
        page.wait_for_selector("p.loading", state="detached")  # Gradio's own; until then not all is bound
        return page

    def close(self) -> None:
        """End the visit and fail if anything went wrong, or out, in it."""
        self.context.close()
        assert not self.errors, self.errors
        assert self.hosts == {urlsplit(self.url).netloc}, self.hosts


def ask(page: Page, question: str, *, state: str | None = "done", timeout_s: float = 30) -> None:
    """Type a question and wait for its answer."""
    turns = page.locator(".cw-turn").count()
    page.fill("#cw-box textarea", question)
    page.keyboard.press("Enter")
    if state is not None:
        last = page.locator(".cw-turn").nth(turns)
        last.and_(page.locator(f'[data-state="{state}"]')).wait_for(timeout=timeout_s * 1000)
