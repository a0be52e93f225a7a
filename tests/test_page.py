"""The chat page in a real Chromium, with scripted answers about the real articles."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import anyio
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import Visit, ask, open_browser
from page_bot import LoadingBot, ScriptedBot, SteppedBot
from playwright.sync_api import Browser, Page, expect

from index.article import Article
from index.errors import ModelMissingError, SettingsError
from index.web.fetch import Fetcher
from qa.questions import load_questions
from ui.app import build_app
from ui.conversation import Conversations
from ui.export import FORMATS
from ui.loading import Loading
from ui.serve import check_port, is_local, launch, start
from ui.services import services

pytestmark = pytest.mark.browser

expect.set_options(timeout=20_000)  # others may be at work on this machine; what is wrong stays wrong
HOW_MANY = "How many countries are in the coalition against ISIS?"
HOSTILE = (
    "<img src=x onerror='window.hacked=1'><script>window.hacked=2</script> ![p](https://example.com/p.png)\n\n"
    "[click](javascript:window.hacked=3) and \u202eturned round\u202c, ${window.hacked=4} {{hacked}} `${hacked=5}`.\n"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


def serve(bot: ScriptedBot) -> Iterator[str]:
    blocks = start(build_app(bot), host="127.0.0.1", port=None)
    yield str(blocks.local_url)
    blocks.close(verbose=False)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    yield from serve(ScriptedBot())


@pytest.fixture
def stepped(browser: Browser) -> Iterator[tuple[SteppedBot, Visit]]:
    """A bot that goes on when it is told to, and a look at its page."""
    bot = SteppedBot()
    for url in serve(bot):
        visit = Visit(browser, url)
        yield bot, visit
        bot.step(100)
        visit.close()


@pytest.fixture(scope="module")
def hostile_url() -> Iterator[str]:
    yield from serve(ScriptedBot([Article("h\"1'<b>", HOSTILE, "<b>Title</b>\u202e", publisher="<i>P</i>")]))


@pytest.fixture
def visit(browser: Browser, url: str) -> Iterator[Visit]:
    visit = Visit(browser, url)
    yield visit
    visit.close()


@pytest.fixture
def page(visit: Visit) -> Page:
    return visit.tab()


def without_times(text: str) -> str:
    """Exported text but for the seconds that answers took."""
    return re.sub(r'in \d+\.\d s|"total": [\d.]+', "", text)


def shown_sentence(page: Page) -> str:
    """The words of the highlighted sentence, which must be in view."""
    mark = page.locator("mark.cw-now").first
    expect(mark).to_be_in_viewport()
    return "".join(page.locator("mark.cw-now").all_inner_texts())


# ---- the way through


def test_ask_point_click_read(page: Page) -> None:
    ask(page, HOW_MANY)
    expect(page.locator(".cw-differ")).to_contain_text("Sources differ: how many countries")
    mark = page.locator(".cw-mark", has_text="2").first
    card = page.locator(".cw-card")
    over = "mark.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }))"
    assert mark.evaluate(f"mark => {{ {over}; return !document.querySelector('.cw-card').hidden; }}")  # at once
    mark.hover()
    expect(card).to_be_visible()
    expect(card).to_contain_text("Initially composed of 22 countries")
    expect(card).to_contain_text("What is the coalition against Daesh")
    before = mark.bounding_box()
    mark.click()
    assert shown_sentence(page).startswith("Initially composed of 22 countries")
    assert mark.bounding_box() == before
    expect(page.locator("mark.cw-also")).to_contain_text("Interpol")
    expect(page.locator(".cw-place")).to_have_text("2 of 5")
    expect(mark).to_have_attribute("data-current", "")


def test_next_and_previous_by_button_and_key(page: Page) -> None:
    ask(page, HOW_MANY)
    page.locator(".cw-mark").first.click()
    expect(page.locator(".cw-place")).to_have_text("1 of 5")
    page.get_by_role("button", name="Next citation").click()
    expect(page.locator(".cw-place")).to_have_text("2 of 5")
    assert "22 countries" in shown_sentence(page)
    page.keyboard.press("ArrowRight")
    expect(page.locator(".cw-place")).to_have_text("3 of 5")
    assert "dozens" in shown_sentence(page)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".cw-place")).to_have_text("1 of 5")
    page.get_by_role("button", name="Previous citation").click()
    expect(page.locator(".cw-place")).to_have_text("5 of 5")
    assert "Interpol" in shown_sentence(page)


def test_escape_closes_and_goes_back_to_the_mark(page: Page) -> None:
    ask(page, HOW_MANY)
    mark = page.locator(".cw-mark").first
    mark.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".cw-page mark.cw-now").first).to_be_visible()
    expect(page.locator(".cw-reading h2")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".cw-library")).to_be_visible()
    expect(mark).to_be_focused()


def test_the_card_opens_the_article_too(page: Page) -> None:
    ask(page, HOW_MANY)
    mark = page.locator(".cw-mark").nth(1)
    mark.hover()
    page.locator(".cw-card .cw-where").click()
    assert "22 countries" in shown_sentence(page)
    expect(page.locator(".cw-place")).to_have_text("2 of 5")
    page.keyboard.press("Escape")
    expect(mark).to_be_focused()


def test_every_mark_leads_to_its_sentence(page: Page) -> None:
    ask(page, "every sentence")
    for source in page.locator(".cw-sources > .cw-source").all():
        number = source.get_attribute("data-number")
        page.locator(f'.cw-mark[data-number="{number}"]').first.click()
        expect(page.locator(".cw-place")).to_have_text(f"{number} of 12")
        words = source.locator(".cw-words").inner_text()
        assert " ".join(shown_sentence(page).split()) == " ".join(words.split())


def test_a_refusal_gives_nearest_sentences_that_open(page: Page) -> None:
    ask(page, "What is the capital of Peru?")
    expect(page.locator(".cw-declined")).to_have_text("Not in these articles.")
    nearest = page.locator(".cw-close .cw-source").first
    words = nearest.locator(".cw-words").inner_text()
    nearest.locator(".cw-where").click()
    assert " ".join(shown_sentence(page).split()) == " ".join(words.split())


def test_said_by_quotation_and_follow_up(page: Page) -> None:
    ask(page, HOW_MANY)
    ask(page, "Who said so?")
    turn = page.locator(".cw-turn").last
    expect(turn.locator(".cw-asked")).to_have_text("Asked as: Who said so in the coalition against ISIS?")
    expect(turn.locator(".cw-by")).to_have_text("According to Lucas Leiroz de Almeida:")
    expect(turn.locator(".cw-answer .cw-verbatim")).to_have_count(1)
    expect(turn.locator(".cw-question")).to_be_in_viewport()
    expect(page.locator("#cw-box textarea")).to_have_value("")


def test_an_error_is_a_sentence_and_a_button(page: Page) -> None:
    ask(page, "fail", state="failed")
    expect(page.get_by_role("alert")).to_contain_text("ask a shorter question.")
    page.get_by_role("alert").get_by_role("button", name="Ask again").click()
    expect(page.locator('.cw-turn[data-state="failed"]')).to_have_count(2)


def test_starters_ask_and_a_blank_question_does_not(page: Page) -> None:
    page.fill("#cw-box textarea", "   ")
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)
    expect(page.locator(".cw-turn")).to_have_count(0)
    starter = page.locator(".cw-starter").first
    question = starter.inner_text()
    starter.click()
    expect(page.locator(".cw-question")).to_have_text(question)
    expect(page.locator('.cw-turn[data-state="done"]')).to_have_count(1)


def test_edit_again_clear(page: Page) -> None:
    ask(page, HOW_MANY)
    page.get_by_role("button", name="Edit question").click()
    expect(page.locator("#cw-box textarea")).to_have_value(HOW_MANY)
    page.fill("#cw-box textarea", "")
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator('.cw-turn[data-state="done"]')).to_have_count(2)
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".cw-intro")).to_be_visible()
    expect(page.locator(".cw-turn")).to_have_count(0)


def test_copy_takes_the_sources_along(visit: Visit, page: Page) -> None:
    visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, HOW_MANY)
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "The coalition includes 86 countries. [1]" in copied
    assert re.search(r"\[2\] “Initially composed of 22 countries.*” \(What is the coalition", copied)


def test_the_conversation_is_taken_along_as_a_file(page: Page) -> None:
    expect(page.locator(".cw-export")).to_be_hidden()
    ask(page, HOW_MANY)
    ask(page, "What is the capital of Peru?")
    bot = ScriptedBot()
    answers = [bot.ask(HOW_MANY), bot.ask("What is the capital of Peru?")]
    for form in FORMATS.values():
        page.locator(".cw-export summary").click()
        with page.expect_download() as download:
            page.get_by_role("button", name=form.title, exact=True).click()
        assert re.fullmatch(rf"citewell-\d{{4}}-\d\d-\d\d\{form.suffix}", download.value.suggested_filename)
        saved = download.value.path().read_bytes().decode("utf-8")
        assert without_times(saved) == without_times(form.render(answers))
        expect(page.locator(".cw-export ul")).to_be_hidden()


# ---- in time


def test_quotes_come_first_and_claims_one_by_one(stepped: tuple[SteppedBot, Visit]) -> None:
    bot, visit = stepped
    page = visit.tab()
    claims = page.locator(".cw-answer .cw-claim")
    ask(page, HOW_MANY, state=None)
    expect(page.locator(".cw-question")).to_have_text(HOW_MANY)
    expect(page.locator("#cw-box textarea")).to_have_value("")
    expect(page.locator(".cw-turn")).to_have_attribute("data-running", "")
    expect(page.locator(".cw-close .cw-source")).to_have_count(3)
    expect(claims).to_have_count(0)
    bot.step()
    expect(claims).to_have_count(1)
    expect(page.locator(".cw-close")).to_have_count(0)
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    bot.step()
    expect(claims).to_have_count(2)
    bot.step(3)
    expect(page.locator('.cw-turn[data-state="done"]')).to_have_count(1)
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()


def test_an_update_keeps_card_focus_and_reader(stepped: tuple[SteppedBot, Visit]) -> None:
    bot, visit = stepped
    page = visit.tab()
    ask(page, HOW_MANY, state=None)
    bot.step()
    mark = page.locator(".cw-mark").first
    mark.click()
    expect(page.locator("mark.cw-now").first).to_be_visible()
    mark.focus()
    page.mouse.move(5, 5)
    mark.hover()
    expect(page.locator(".cw-card")).to_be_visible()
    bot.step()
    expect(page.locator(".cw-answer .cw-claim")).to_have_count(2)
    expect(page.locator(".cw-card")).to_be_visible()
    expect(mark).to_be_focused()
    expect(page.locator("mark.cw-now").first).to_be_in_viewport()
    expect(mark).to_have_attribute("data-current", "")


def test_stop_leaves_what_there_is(stepped: tuple[SteppedBot, Visit]) -> None:
    bot, visit = stepped
    page = visit.tab()
    ask(page, HOW_MANY, state=None)
    bot.step()
    expect(page.locator(".cw-answer .cw-claim")).to_have_count(1)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".cw-status")).to_have_text("Stopped.")
    bot.step(2)  # what it had begun, and the next answer's end
    ask(page, "What is the capital of Peru?")
    expect(page.locator(".cw-turn").last).to_contain_text("Not in these articles.")
    expect(page.locator(".cw-answer .cw-claim")).to_have_count(1)


def test_a_reload_loses_nothing_not_even_a_running_answer(stepped: tuple[SteppedBot, Visit]) -> None:
    bot, visit = stepped
    page = visit.tab()
    bot.step(2)
    ask(page, "What is the capital of Peru?")
    ask(page, HOW_MANY, state=None)
    expect(page.locator(".cw-turn").last.locator(".cw-claim")).to_have_count(1)
    page.reload()
    expect(page.locator(".cw-turn")).to_have_count(2)
    expect(page.locator(".cw-turn[data-running]")).to_have_count(1)
    bot.step(4)
    expect(page.locator('.cw-turn[data-state="done"]')).to_have_count(2)
    expect(page.locator(".cw-turn").last.locator(".cw-differ")).to_be_visible()
    visit.errors.clear()  # Gradio logs, sooner or later, that the reload cut its connection


def test_a_reload_keeps_what_is_read_and_what_is_typed(page: Page) -> None:
    ask(page, HOW_MANY)
    page.locator(".cw-mark").nth(1).click()
    expect(page.locator(".cw-place")).to_have_text("2 of 5")
    page.locator("#cw-box textarea").press_sequentially("Who pro")
    page.reload()
    expect(page.locator("#cw-box textarea")).to_have_value("Who pro")
    expect(page.locator(".cw-place")).to_have_text("2 of 5")
    assert "22 countries" in shown_sentence(page)
    ask(page, "What is the capital of Peru?")
    page.reload()
    expect(page.locator(".cw-turn")).to_have_count(2)
    expect(page.locator("#cw-box textarea")).to_have_value("")


def test_a_server_that_is_gone_is_named_and_the_question_kept(browser: Browser) -> None:
    blocks = start(build_app(ScriptedBot()), host="127.0.0.1", port=None)
    visit = Visit(browser, str(blocks.local_url))
    page = visit.tab()
    port = int(visit.url.rstrip("/").rsplit(":", 1)[1])
    blocks.close(verbose=False)
    ask(page, HOW_MANY, state=None)
    expect(page.locator('.cw-notice[role="alert"]')).to_contain_text("citewell does not answer. Start it again")
    again = start(build_app(ScriptedBot()), host="127.0.0.1", port=port)
    expect(page.locator(".cw-intro")).to_be_visible()  # the page has loaded itself anew
    expect(page.locator(".cw-notice")).to_be_hidden()
    expect(page.locator("#cw-box textarea")).to_have_value(HOW_MANY)
    page.wait_for_selector("p.loading", state="detached")
    # What Gradio logs of a server that goes, as it falls out: an error 503 of one about to go, connections refused or
    # cut off, its stream aborted, an error 500 where the old page asks the new server, whose components have other
    # numbers (both are of one process).
    kinds = ("net::ERR_", "Server stopped unexpectedly", "AbortError", "status of 500", "status of 503")
    assert all(any(kind in error for kind in kinds) for error in visit.errors), visit.errors
    visit.errors.clear()
    page.locator("#cw-box textarea").press("Enter")
    expect(page.locator('.cw-turn[data-state="done"]')).to_have_count(1)
    assert not visit.errors, visit.errors  # the page that has loaded anew has none
    visit.close()
    again.close(verbose=False)


def test_two_tabs_are_apart_and_wait_in_line(stepped: tuple[SteppedBot, Visit]) -> None:
    bot, visit = stepped
    one, two = visit.tab(), visit.tab()
    ask(one, HOW_MANY, state=None)
    expect(one.locator(".cw-close .cw-source")).to_have_count(3)
    ask(two, "What is the capital of Peru?", state=None)
    expect(two.locator(".cw-status")).to_have_text("Waiting. One question is answered before this one.")
    expect(two.locator(".cw-close .cw-source")).to_have_count(3)
    bot.step(6)
    expect(two.locator('.cw-turn[data-state="done"]')).to_have_count(1)
    expect(one.locator(".cw-turn")).to_have_count(1)
    expect(two.locator(".cw-question")).to_have_text("What is the capital of Peru?")


def test_from_enter_to_first_quote(page: Page) -> None:
    ask(page, "What is the capital of Peru?")  # the first question of a page pays for opening its connection
    waits: list[float] = []
    for n in range(2, 6):
        begun = time.perf_counter()
        ask(page, HOW_MANY, state=None)
        page.locator(f"#turn-{n} .cw-source").first.wait_for()
        waits.append(time.perf_counter() - begun)
        page.locator(f'#turn-{n}[data-state="done"]').wait_for()
    assert min(waits) < 1, waits  # typing included; other work on the machine may slow even the best of them


# ---- articles


def test_only_the_ticked_articles_are_asked(page: Page) -> None:
    expect(page.locator(".cw-asked-count")).to_have_text("all are asked")
    page.get_by_role("button", name="None").click()
    expect(page.locator(".cw-asked-count")).to_have_text("none ticked, so all are asked")
    page.get_by_role("checkbox", name=re.compile("What is the coalition against Daesh")).check()
    expect(page.locator(".cw-asked-count")).to_have_text("1 of 5 are asked")
    ask(page, "What is the capital of Peru?")
    expect(page.locator(".cw-facts")).to_contain_text("1 article asked")
    where = page.locator(".cw-close .cw-where").all_inner_texts()
    assert set(where) == {"What is the coalition against Daesh, a model mentioned by the Élysée against Hamas?"}
    page.reload()
    expect(page.locator(".cw-asked-count")).to_have_text("1 of 5 are asked")


def test_a_page_for_some_articles_has_those_ticked(browser: Browser) -> None:
    bot = ScriptedBot()
    blocks = start(build_app(bot, only=[bot.articles[4].id]), host="127.0.0.1", port=None)
    visit = Visit(browser, str(blocks.local_url))
    page = visit.tab()
    expect(page.locator(".cw-asked-count")).to_have_text("1 of 5 are asked")
    ask(page, "What is the capital of Peru?")
    expect(page.locator(".cw-facts")).to_contain_text("1 article asked")
    page.get_by_role("button", name="All", exact=True).click()
    page.reload()
    expect(page.locator(".cw-asked-count")).to_have_text("all are asked")
    visit.close()
    blocks.close(verbose=False)


def test_an_article_opens_from_the_list(page: Page) -> None:
    page.locator(".cw-open").nth(3).click()
    expect(page.locator(".cw-reading h2")).to_have_text(re.compile("By Calling for an “Anti-Hamas Coalition”"))
    expect(page.locator(".cw-text")).not_to_contain_text("](", use_inner_text=True)
    page.get_by_role("button", name="All articles").click()
    expect(page.locator(".cw-articles")).to_be_visible()


def test_a_link_opens_the_page_at_its_sentence(visit: Visit, page: Page) -> None:
    ask(page, HOW_MANY)
    link = page.locator(".cw-mark").nth(1).get_attribute("href")
    other = visit.tab(str(link))
    assert "22 countries" in shown_sentence(other)
    other.evaluate("location.hash = '#article=nothing-here'")
    expect(other.locator(".cw-page")).to_contain_text("This article is not among those here.")


def test_a_link_to_a_sentence_is_copied_and_the_original_opens_at_it(browser: Browser) -> None:
    words = "The line cost 40 million pounds."
    for url in serve(ScriptedBot([Article("leeds", words, "A tram for Leeds", url="https://example.org/tram")])):
        visit = Visit(browser, url)
        visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = visit.tab()
        ask(page, "What is the first sentence?")
        page.locator(".cw-mark").click()
        original = page.get_by_role("link", name="Open original")
        expect(original).to_have_attribute("href", f"https://example.org/tram#:~:text={quote(words)}")
        expect(original).to_have_attribute("rel", "noopener noreferrer")
        page.get_by_role("link", name="Link to this sentence").click()
        expect(page.get_by_role("link", name="Copied")).to_be_visible()
        other = visit.tab(page.evaluate("navigator.clipboard.readText()").removeprefix(url))
        assert shown_sentence(other) == words
        visit.close()


def test_articles_are_added_by_their_address(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    page_of_site = b"<html><title>Hull plans a tram</title><p>" + b"The line of Hull has seven stops. " * 20 + b"</p>"

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/tram"
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page_of_site if found else b"")

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{site.server_address[1]}/tram"
        for url in serve(ScriptedBot()):
            visit = Visit(browser, url)
            page = visit.tab()
            box, result = page.get_by_label("Web address of an article"), page.locator(".cw-adding li")
            box.fill("ftp://example.org/x")
            box.press("Enter")
            expect(result).to_have_text("ftp://example.org/xis no web address; it should begin with https://")
            box.fill(address)
            box.press("Enter")
            expect(result).to_contain_text("is at the private address 127.0.0.1")
            expect(page.locator(".cw-article")).to_have_count(5)
            monkeypatch.setattr("index.sources.Fetcher", lambda **_: Fetcher(allow_private=True))
            box.fill(address)
            page.locator(".cw-add").get_by_role("button", name="Add", exact=True).click()
            expect(result).to_have_text(f"{address}Added")
            expect(box).to_have_value("")
            page.locator(".cw-open", has_text="Hull plans a tram").click()
            expect(page.locator(".cw-text")).to_contain_text("seven stops")
            expect(page.get_by_role("link", name="Open original")).to_have_attribute("href", address)
            visit.close()
        site.shutdown()


def test_articles_are_added_asked_and_removed(browser: Browser, tmp_path: Path) -> None:
    good, empty, odd = (tmp_path / name for name in ("x <b>tram.txt", "empty.md", "song.mp3"))
    good.write_text("Leeds opens a tram line.\n\nThe tram line cost 40 million pounds.", encoding="utf-8")
    empty.touch()
    odd.write_bytes(b"la")
    for url in serve(ScriptedBot()):
        visit = Visit(browser, url)
        page = visit.tab()
        page.set_input_files(".cw-files", [good, empty, odd])
        results = page.locator(".cw-adding li")
        expect(results.nth(0)).to_have_text(re.compile("x <b>tram.txt *Added"))
        expect(results.nth(1)).to_have_text(re.compile("empty.md *is empty"))
        expect(results.nth(2)).to_have_text(re.compile("^song.mp3is of no kind that can be read"))
        expect(page.locator('.cw-bar [data-act="library"]')).to_have_text("6 articles")
        page.locator(".cw-open", has_text="Leeds").click()
        expect(page.locator(".cw-text")).to_contain_text("40 million pounds")
        page.keyboard.press("Escape")
        page.reload()
        expect(page.locator(".cw-article")).to_have_count(6)
        page.get_by_role("button", name="None").click()
        page.get_by_role("checkbox", name="Ask Leeds opens a tram line.").check()
        ask(page, "What is the capital of Peru?")
        assert set(page.locator(".cw-close .cw-where").all_inner_texts()) == {"Leeds opens a tram line."}
        page.get_by_role("button", name="Remove Leeds").click()
        page.get_by_role("button", name="Remove Leeds").click()
        expect(page.locator(".cw-article")).to_have_count(5)
        expect(page.get_by_role("button", name=re.compile("^Remove"))).to_have_count(0)
        visit.close()


def test_articles_are_added_by_dropping_them(browser: Browser) -> None:
    for url in serve(ScriptedBot()):
        visit = Visit(browser, url)
        page = visit.tab()
        dropped = page.evaluate_handle(
            "() => { const data = new DataTransfer();"
            "data.items.add(new File(['York plans a tram. It has nine stops.'], 'york.txt')); return data; }"
        )
        page.dispatch_event("body", "dragover", {"dataTransfer": dropped})
        assert page.evaluate("document.body.dataset.dropping") == ""
        page.dispatch_event("body", "drop", {"dataTransfer": dropped})
        expect(page.locator(".cw-adding li")).to_have_text(re.compile("york.txt *Added"))
        expect(page.locator(".cw-article")).to_have_count(6)
        visit.close()


def test_nothing_is_added_where_it_is_not_allowed(browser: Browser) -> None:
    blocks = start(build_app(ScriptedBot(), adding=False), host="127.0.0.1", port=None)
    visit = Visit(browser, str(blocks.local_url))
    page = visit.tab()
    expect(page.get_by_role("button", name="Add files")).to_have_count(0)
    visit.close()
    bot = ScriptedBot()
    shelf = dict((f.__name__, f) for f in services(bot, Conversations(bot), Loading(bot), adding=False))
    assert shelf["add_file"]({"name": "a.txt", "data": ""})["problems"] == ["Articles cannot be added on this page."]
    assert shelf["add_address"]("https://example.org")["problems"] == ["Articles cannot be added on this page."]
    assert shelf["remove_article"]("a")["problems"] == ["Articles cannot be removed on this page."]
    blocks.close(verbose=False)


# ---- what a reader says and chooses


def test_right_and_wrong_are_kept_and_taken_back(page: Page, tmp_path: Path) -> None:
    ask(page, HOW_MANY)
    page.get_by_role("button", name="Right", exact=True).click()
    expect(page.get_by_role("button", name="Right", exact=True)).to_have_attribute("aria-pressed", "true")
    (path,) = (tmp_path / "data" / "feedback").glob("*.jsonl")
    (question,) = load_questions([path]).questions
    assert question.question == HOW_MANY
    assert len(question.gold) == 5
    page.reload()
    expect(page.get_by_role("button", name="Right", exact=True)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Wrong", exact=True).click()
    expect(page.get_by_role("button", name="Wrong", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Right", exact=True)).to_have_attribute("aria-pressed", "false")
    assert '"verdict": "wrong"' in path.read_text(encoding="utf-8")
    page.get_by_role("button", name="Wrong", exact=True).click()
    expect(page.get_by_role("button", name="Wrong", exact=True)).to_have_attribute("aria-pressed", "false")
    assert path.read_text(encoding="utf-8") == ""


def test_the_chosen_model_answers(page: Page) -> None:
    page.get_by_label("The language model that answers").select_option("Scripted-0.5B")
    ask(page, HOW_MANY)
    expect(page.locator(".cw-facts")).to_contain_text("Scripted-0.5B")
    page.reload()
    expect(page.get_by_label("The language model that answers")).to_have_value("Scripted-0.5B")


# ---- phone, dark, access


def test_on_a_phone_the_reader_is_a_sheet(browser: Browser, url: str) -> None:
    visit = Visit(browser, url, phone=True)
    page = visit.tab()
    ask(page, HOW_MANY)
    page.locator(".cw-turn").evaluate("turn => { document.getElementById('cw-thread').scrollTop = 120; }")
    page.locator(".cw-mark").nth(1).tap()
    assert "22 countries" in shown_sentence(page)
    page.go_back()
    expect(page.locator("#cw-side")).to_be_hidden()
    assert page.locator("#cw-thread").evaluate("thread => thread.scrollTop") == 120
    page.locator('[data-act="library"]').first.tap()
    expect(page.locator(".cw-articles")).to_be_visible()
    page.get_by_role("button", name="Close the list").tap()
    expect(page.locator("#cw-side")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    visit.close()


def test_on_a_phone_the_tools_are_a_menu(browser: Browser, url: str) -> None:
    visit = Visit(browser, url, phone=True)
    page = visit.tab()
    more, export = page.get_by_role("button", name="More"), page.locator(".cw-export summary")
    ask(page, HOW_MANY)
    expect(export).to_be_hidden()
    more.tap()
    expect(more).to_have_attribute("aria-expanded", "true")
    export.tap()
    expect(page.get_by_role("button", name="Web page (HTML)")).to_be_in_viewport()
    assert Axe().run(page).response["violations"] == []
    page.keyboard.press("Escape")
    expect(export).to_be_hidden()
    expect(more).to_be_focused()
    more.tap()
    export.tap()
    with page.expect_download():
        page.get_by_role("button", name="JSON", exact=True).tap()
    expect(export).to_be_hidden()
    visit.close()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing(browser: Browser, url: str, dark: bool) -> None:
    axe = Axe()
    visit = Visit(browser, url, dark=dark)
    page = visit.tab()
    found: dict[str, object] = {}

    def look(state: str) -> None:
        page.wait_for_selector("p.loading", state="detached")  # Gradio's own
        for violation in axe.run(page).response["violations"]:
            nodes = [node["html"][:160] for node in violation["nodes"][:3]]
            found[f"{state}: {violation['id']}"] = nodes

    look("empty")
    page.set_input_files(".cw-files", {"name": "song.mp3", "mimeType": "audio/mpeg", "buffer": b"la"})
    expect(page.locator('.cw-adding [data-state="failed"]')).to_be_visible()
    page.get_by_role("button", name="None").click()
    page.get_by_role("checkbox").first.check()
    look("adding, filtered")
    page.get_by_role("button", name="All", exact=True).click()
    ask(page, HOW_MANY)
    page.get_by_role("button", name="Right", exact=True).click()
    expect(page.get_by_role("button", name="Right", exact=True)).to_have_attribute("aria-pressed", "true")
    page.locator(".cw-export summary").click()
    look("export")
    page.keyboard.press("Escape")
    ask(page, "Who said so?")
    ask(page, "What is the capital of Peru?")
    ask(page, "fail", state="failed")
    look("answers")
    page.locator(".cw-mark").nth(1).click()
    expect(page.locator("mark.cw-now").first).to_be_visible()
    look("reader")
    visit.close()
    assert found == {}


def test_dark_follows_the_system_and_can_be_turned(browser: Browser, url: str) -> None:
    visit = Visit(browser, url, dark=True)
    page = visit.tab()
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) == "rgb(23, 24, 26)"
    page.get_by_role("button", name="Light or dark").click()
    assert page.evaluate(ground) == "rgb(252, 251, 249)"
    page.reload()
    page.wait_for_selector(".cw-intro")
    expect(page.locator("body")).not_to_have_class(re.compile(r"\bdark\b"))
    visit.close()


def test_marks_are_large_enough_and_named(page: Page) -> None:
    ask(page, HOW_MANY)
    for mark in page.locator(".cw-mark").all():
        box = mark.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 24
    expect(page.get_by_role("link", name=re.compile("Source 2: What is the coalition"))).to_be_visible()


def test_a_mark_shows_its_card_on_focus(page: Page) -> None:
    ask(page, HOW_MANY)
    page.locator("#cw-box textarea").focus()
    while not page.evaluate("document.activeElement.classList.contains('cw-mark')"):
        page.keyboard.press("Shift+Tab")
    expect(page.locator(".cw-card")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".cw-card")).to_be_hidden()


# ---- safety


def test_a_hostile_article_is_text(browser: Browser, hostile_url: str) -> None:
    visit = Visit(browser, hostile_url)
    page = visit.tab()
    ask(page, f"What is the first sentence? {HOSTILE}")
    page.locator(".cw-mark").first.hover()
    page.locator(".cw-mark").first.click()
    expect(page.locator("mark.cw-now").first).to_be_visible()
    page.locator(".cw-page details summary").first.click() if page.locator(".cw-page details").count() else None
    expect(page.locator(".cw-page")).to_contain_text("<script>window.hacked=2</script>")
    expect(page.locator(".cw-page")).to_contain_text("![p](https://example.com/p.png)")
    expect(page.locator(".cw-page")).to_contain_text("U+202E")
    assert page.evaluate("window.hacked") is None
    assert page.locator(".cw-turns img, .cw-page img, .cw-page script, .cw-turns script").count() == 0
    visit.close()


def test_a_port_in_use_is_one_clear_line(url: str) -> None:
    port = int(url.rstrip("/").rsplit(":", 1)[1])
    with pytest.raises(SettingsError, match=f"port {port} is in use"):
        check_port("127.0.0.1", port)
    with pytest.raises(SettingsError, match="out of range"):
        check_port("127.0.0.1", 99_999)
    with pytest.raises(SettingsError, match="cannot listen on"):
        check_port("192.0.2.1", 7860)


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("localhost", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("192.168.1.5", False),
        ("pc", False),
    ],
)
def test_who_can_reach_the_page(host: str, local: bool) -> None:
    assert is_local(host) is local


def test_launch_warns_of_visitors_and_tells_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    import gradio as gr

    monkeypatch.setattr(gr.Blocks, "block_thread", lambda self: time.sleep(1))  # time for anything in the background
    monkeypatch.setenv("HTTP_PROXY", "http://192.0.2.1:9")
    reached: set[str] = set()
    connect = socket.socket.connect

    def watched(self: socket.socket, address: tuple[str, int]) -> None:
        reached.add(str(address[0]))
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", watched)
    said: list[str] = []
    warned: list[str] = []
    with socket.socket() as probe:
        probe.bind(("0.0.0.0", 0))
        port = probe.getsockname()[1]
    launch(ScriptedBot(), host="0.0.0.0", port=port, ready=said.append, warn=warned.append)
    assert said in ([f"http://0.0.0.0:{port}/"], [f"http://localhost:{port}/"])
    assert len(warned) == 1
    assert "--auth" in warned[0]
    assert reached <= {"127.0.0.1", "0.0.0.0", "localhost", "::1"}


def test_a_password_is_asked_for(browser: Browser) -> None:
    blocks = start(build_app(ScriptedBot()), host="127.0.0.1", port=None, auth=("ann", "secret"))
    page = browser.new_page()
    page.goto(str(blocks.local_url))
    page.get_by_label("username").fill("ann")
    page.get_by_label("password").fill("wrong")
    page.get_by_role("button", name="Login").click()
    expect(page.get_by_text("Incorrect Credentials")).to_be_visible()
    page.get_by_label("username").fill("ann")
    page.get_by_label("password").fill("secret")
    page.get_by_role("button", name="Login").click()
    expect(page.locator(".cw-intro")).to_be_visible()
    page.wait_for_function("window.citewell !== undefined")
    ask(page, HOW_MANY)
    page.locator(".cw-mark").first.click()
    expect(page.locator("mark.cw-now").first).to_be_in_viewport()
    page.close()
    blocks.close(verbose=False)


# ---- programs


def test_programs_get_the_same_json(url: str) -> None:
    from gradio_client import Client

    client = Client(url, verbose=False)
    bot = ScriptedBot()
    endpoints = client.view_api(return_format="dict", print_info=False)
    assert set(endpoints["named_endpoints"]) == {"/ask", "/search"}
    assert endpoints["unnamed_endpoints"] == {}
    answer = client.predict("How many countries are there?", api_name="/ask")
    wanted = bot.ask("How many countries are there?").to_dict()
    assert {**answer, "timings_s": None} == {**wanted, "timings_s": None}
    only = [bot.articles[4].id]
    hits = client.predict("coalition", 2, only, api_name="/search")
    assert [hit["rank"] for hit in hits] == [1, 2]
    assert {hit["article"] for hit in hits} == set(only)
    assert list(hits[0]) == ["rank", "score", "article", "sentence", "start", "end", "text"]
    with pytest.raises(Exception, match="ask a shorter question"):
        client.predict("fail", api_name="/ask")
    client.close()


def test_assistants_get_the_same_json_by_mcp() -> None:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    blocks = start(build_app(ScriptedBot()), host="127.0.0.1", port=None, mcp=True)

    async def talk() -> tuple[set[str], dict[str, object]]:
        async with (
            streamable_http_client(f"{blocks.local_url}gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = {tool.name for tool in (await session.list_tools()).tools}
            result = await session.call_tool("ask", {"question": HOW_MANY})
            return tools, json.loads(result.content[0].text)  # type: ignore[union-attr]

    with ThreadPoolExecutor(1) as other:  # playwright has an event loop in this one
        tools, answer = other.submit(anyio.run, talk).result()
    assert tools == {"ask", "search"}
    assert {**answer, "timings_s": None} == {**ScriptedBot().ask(HOW_MANY).to_dict(), "timings_s": None}
    blocks.close(verbose=False)


# ---- before the model is there


@contextmanager
def page_before_its_model(browser: Browser, bot: LoadingBot) -> Iterator[Page]:
    loading = Loading(bot)
    loading.begin()
    blocks = start(build_app(bot, loading=loading), host="127.0.0.1", port=None)
    visit = Visit(browser, str(blocks.local_url))
    yield visit.tab()
    visit.close()
    blocks.close(verbose=False)


def test_the_page_is_up_before_its_model(browser: Browser) -> None:
    bot = LoadingBot()
    bot.llm_bytes = (420_000_000, 1_117_320_768)
    with page_before_its_model(browser, bot) as page:
        notice = page.locator(".cw-notice span")
        expect(notice).to_have_text("Fetching Scripted-1.5B: 420 MB of 1.1 GB …")
        bot.llm_bytes = (1_117_320_768, 1_117_320_768)
        expect(notice).to_have_text("Loading Scripted-1.5B …")
        ask(page, HOW_MANY, state="loading")
        expect(page.locator(".cw-close .cw-source")).to_have_count(3)
        expect(page.locator(".cw-status")).to_have_text("Waiting until Scripted-1.5B is loaded …")
        page.locator(".cw-close .cw-where").first.click()
        expect(page.locator("mark.cw-now").first).to_be_in_viewport()
        expect(page.get_by_role("button", name="Stop")).to_be_visible()
        assert Axe().run(page).response["violations"] == []
        bot.there.set()
        expect(page.locator('.cw-turn[data-state="done"]')).to_have_count(1)
        expect(notice).to_be_hidden()


def test_a_model_that_cannot_be_loaded_is_one_sentence_in_the_page(browser: Browser) -> None:
    bot = LoadingBot()
    bot.fault = ModelMissingError("no source delivered Scripted-1.5B; put the file there by hand")
    bot.there.set()
    with page_before_its_model(browser, bot) as page:
        alert = page.locator('.cw-notice[role="alert"]')
        expect(alert).to_contain_text("is not loaded: no source delivered Scripted-1.5B; put the file there by hand.")
        ask(page, HOW_MANY, state="failed")
        expect(page.locator(".cw-problem")).to_contain_text("No source delivered Scripted-1.5B; put the file there by")
        assert Axe().run(page).response["violations"] == []
        bot.fault = None
        alert.get_by_role("button", name="Try again").click()
        expect(page.locator(".cw-notice")).to_be_hidden()
        page.locator(".cw-problem").get_by_role("button", name="Ask again").click()
        expect(page.locator('.cw-turn[data-state="done"]')).to_have_count(1)
