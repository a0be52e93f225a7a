"""The chat page: Gradio Blocks around ui.render. Each handler is: call, render, return."""

from __future__ import annotations

import errno
import json
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, cast

from index.errors import SettingsError
from ui.conversation import Bot, Conversations
from ui.endpoints import add_endpoints
from ui.reader import render_article, render_side
from ui.render import render_bar, render_intro, render_thread
from ui.starters import example_questions

if TYPE_CHECKING:
    import gradio as gr

_ASSETS = Path(__file__).parent / "assets"
_SANS = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Liberation Sans", "sans-serif")
_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "Liberation Mono", "monospace")
_MAX_THREADS = 100  # every page that is being answered holds one
_STARTER_ARTICLES = 50  # example questions are made from this many articles

# Adds to what a handler is given what only the browser knows: its tab, and the articles ticked there.
_GIVEN = "(...given) => window.citewell.given(given)"
_CLEARED = "() => ''"


class Wanted(TypedDict, total=False):
    """What page.js asks the reader for: an article, a sentence to show, and others to mark."""

    article: str
    sentence: int | None
    cited: list[int]


def build_app(bot: Bot) -> gr.Blocks:
    """The page and its endpoints for one Chatbot.

    Args:
        bot: Answers the questions; shared by all pages, which do not see each other's conversations.

    Returns:
        Blocks, to be started by `launch`.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported
    import gradio as gr  # noqa: PLC0415 - takes seconds

    conversations = Conversations(bot)
    intro = render_intro(_starters(bot))
    with gr.Blocks(title="citewell", analytics_enabled=False, fill_width=True) as blocks:
        _html(render_bar(bot.articles, bot.llm_name), "cw-bar")
        with gr.Row(elem_id="cw-columns"):
            with gr.Column(elem_id="cw-talk", min_width=0):
                thread = _html(render_thread((), intro=intro), "cw-thread")
                with gr.Row(elem_id="cw-composer"):
                    box = _question_box()
                    send = gr.Button("Ask", elem_id="cw-send", variant="primary", min_width=0, scale=0)
                    stop = gr.Button("Stop", elem_id="cw-stop", min_width=0, scale=0)
            with gr.Column(elem_id="cw-side", min_width=0):
                _reader(bot)
        clear = gr.Button("New conversation", elem_id="cw-clear", visible="hidden")
        given = [gr.Textbox(visible="hidden", label=label) for label in ("tab", "articles")]
        _connect(conversations, intro, _Parts(blocks, thread, box, send, stop, clear, given))
        add_endpoints(bot, conversations)
    return cast("gr.Blocks", blocks)


@dataclass(frozen=True, slots=True)
class _Parts:
    """The components that events begin or end at; `given` holds the tab's key and the articles ticked in it."""

    blocks: gr.Blocks
    thread: gr.HTML
    box: gr.Textbox
    send: gr.Button
    stop: gr.Button
    clear: gr.Button
    given: list[gr.Textbox]


def _html(value: str, elem_id: str) -> gr.HTML:
    """HTML of ours, without Gradio's styles and clicks."""
    import gradio as gr  # noqa: PLC0415

    return gr.HTML(value, elem_id=elem_id, apply_default_css=False, js_on_load=None)


def _question_box() -> gr.Textbox:
    import gradio as gr  # noqa: PLC0415

    words = "Ask about these articles"
    attributes = gr.InputHTMLAttributes(autocomplete="off", enterkeyhint="send")
    return gr.Textbox(
        label=words,
        placeholder=words,
        show_label=False,
        elem_id="cw-box",
        lines=1,
        max_lines=8,
        autofocus=True,
        container=False,
        html_attributes=attributes,
    )


def _reader(bot: Bot) -> None:
    """The column beside the conversation; page.js asks it for articles."""
    import gradio as gr  # noqa: PLC0415

    articles = {article.id: article for article in bot.articles}

    def read(wanted: Wanted) -> str:
        article = articles.get(str(wanted.get("article")))
        if article is None:
            return '<p class="cw-note">This article is not among those here.</p>'
        cited = {number for number in wanted.get("cited") or () if isinstance(number, int)}
        return render_article(article, bot.sentences(article.id), now=wanted.get("sentence"), cited=cited)

    gr.HTML(
        render_side(bot.articles),
        elem_id="cw-reader",
        apply_default_css=False,
        js_on_load=(_ASSETS / "page.js").read_text(encoding="utf-8"),
        server_functions=[read],
    )


def _connect(conversations: Conversations, intro: str, parts: _Parts) -> None:
    """Bind what a reader does to the conversation of the tab it is done in."""
    import gradio as gr  # noqa: PLC0415

    def follow(tab: str, _only: str) -> Iterator[str]:
        for turns in conversations.get(tab).follow():
            yield render_thread(turns, intro=intro)

    def put(question: str, tab: str, only: str) -> Iterator[str]:
        if question.strip():
            conversations.get(tab).ask(question.strip(), articles=_ticked(only))
        yield from follow(tab, only)

    def stop(tab: str, _only: str) -> str:
        conversations.get(tab).stop()
        return render_thread(conversations.get(tab).turns, intro=intro)

    def clear(tab: str, _only: str) -> str:
        conversations.get(tab).clear()
        return render_thread((), intro=intro)

    asked = [parts.box.submit, parts.send.click]
    on = partial(gr.on, js=_GIVEN, show_progress="hidden", api_visibility="private", concurrency_limit=None)
    on(asked, put, [parts.box, *parts.given], parts.thread, trigger_mode="multiple")
    gr.on(asked, None, None, parts.box, js=_CLEARED, show_progress="hidden", api_visibility="private")
    on(parts.blocks.load, follow, parts.given, parts.thread)
    on(parts.stop.click, stop, parts.given, parts.thread, queue=False)
    on(parts.clear.click, clear, parts.given, parts.thread, queue=False)


def _ticked(only: str) -> list[str] | None:
    """The article ids a page sent with a question; None if all are asked."""
    ids = json.loads(only) if only else None
    return [str(i) for i in ids] if isinstance(ids, list) and ids else None


def _starters(bot: Bot) -> tuple[str, ...]:
    return example_questions(s for a in bot.articles[:_STARTER_ARTICLES] for s in bot.sentences(a.id))


def launch(  # noqa: PLR0913
    bot: Bot,
    *,
    host: str = "127.0.0.1",
    port: int = 7860,
    auth: tuple[str, str] | None = None,
    ready: Callable[[str], None],
    warn: Callable[[str], None] | None = None,
) -> None:
    """Serve the page until interrupted.

    Args:
        bot: Answers the questions.
        host: Address to listen on; anything but this machine's own gets a warning.
        port: Port to listen on.
        auth: User name and password to ask visitors for.
        ready: Told the page's address once it can be opened.
        warn: Told, in one line, what others may see; `ready` unless given.

    Raises:
        SettingsError: The port is in use or not allowed, or the host is not an address of this machine.
    """
    check_port(host, port)
    if not is_local(host):
        whom = "anyone with the password" if auth else "anyone who can reach this machine; --auth asks for a password"
        (warn or ready)(f"warning: listening on {host}, open to {whom}")
    blocks = start(build_app(bot), host=host, port=port, auth=auth)
    try:
        ready(str(blocks.local_url))
        blocks.block_thread()
    finally:
        blocks.close(verbose=False)


def start(blocks: gr.Blocks, *, host: str, port: int | None, auth: tuple[str, str] | None = None) -> gr.Blocks:
    """Begin to serve a page in the background; with no port, on a free one."""
    import gradio as gr  # noqa: PLC0415

    _bypass_proxies()
    blocks.queue(default_concurrency_limit=None)
    blocks.launch(
        server_name=host,
        server_port=_free_port(host) if port is None else port,
        auth=auth,
        share=False,
        quiet=True,
        prevent_thread_lock=True,
        max_threads=_MAX_THREADS,
        footer_links=[],
        ssr_mode=False,
        pwa=False,
        enable_monitoring=False,
        run_history=False,
        theme=gr.themes.Base(font=_SANS, font_mono=_MONO),
        css=(_ASSETS / "page.css").read_text(encoding="utf-8"),
    )
    return blocks


def _bypass_proxies() -> None:
    """Keep Gradio, which asks itself over HTTP whether it is up, from sending that through a proxy."""
    for name in ("NO_PROXY", "no_proxy"):
        hosts = [host for host in os.environ.get(name, "").split(",") if host]
        os.environ[name] = ",".join(dict.fromkeys([*hosts, "localhost", "127.0.0.1", "0.0.0.0", "::1"]))


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def is_local(host: str) -> bool:
    """Whether only this machine can reach a host it listens on."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check_port(host: str, port: int) -> None:
    """Fail, saying what to do, if a page cannot listen there.

    Args:
        host: Address to listen on.
        port: Port to listen on.

    Raises:
        SettingsError: The port is in use or not allowed, or the host is not an address of this machine.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SettingsError(f"port {port} is in use; stop what uses it, or choose another with --port") from error
        raise SettingsError(
            f"cannot listen on {host}:{port}: {error.strerror or error}; see --host and --port"
        ) from error
    except OverflowError as error:
        raise SettingsError(f"port {port} is out of range; wanted 1 to 65535") from error
