"""The chat page: Gradio Blocks around ui.render. Each handler is: call, render, return."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from index.article import Sentence
from ui.bot import Bot
from ui.conversation import Conversations, Turn
from ui.endpoints import add_endpoints
from ui.frame import render_bar, render_intro, render_notice
from ui.loading import Loading
from ui.reader import render_side
from ui.render import render_thread
from ui.services import services
from ui.starters import example_questions

if TYPE_CHECKING:
    import gradio as gr

_ASSETS = Path(__file__).parent / "assets"
_STARTER_ARTICLES = 50  # example questions are made from this many articles

# Adds to what a handler is given what only the browser knows: its tab, and the articles ticked there.
_GIVEN = "(...given) => window.citewell.given(given)"


def build_app(
    bot: Bot, *, adding: bool = True, only: Sequence[str] | None = None, loading: Loading | None = None
) -> gr.Blocks:
    """The page and its endpoints for one Chatbot.

    Args:
        bot: Answers the questions; shared by all pages, which do not see each other's conversations.
        adding: Whether readers may add articles; all of them see what one adds.
        only: Ids of the articles that are ticked at first; all unless given.
        loading: Knows whether the language model is loaded; by default it is taken to be.

    Returns:
        Blocks, to be started by `launch`.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported
    import gradio as gr  # noqa: PLC0415 - takes seconds

    loading = loading or Loading(bot)
    conversations = Conversations(bot, loading=loading)
    intro = partial(_intro, bot)
    with gr.Blocks(title="citewell", analytics_enabled=False, fill_width=True) as blocks:
        _html(render_bar(bot.articles, bot.llm_names), "cw-bar")
        with gr.Row(elem_id="cw-columns"):
            with gr.Column(elem_id="cw-talk", min_width=0):
                thread = _html(render_thread((), intro=intro()), "cw-thread")
                _html(render_notice(), "cw-notice")
                with gr.Row(elem_id="cw-composer"):
                    box = _question_box()
                    send = gr.Button("Ask", elem_id="cw-send", variant="primary", min_width=0, scale=0)
                    stop = gr.Button("Stop", elem_id="cw-stop", min_width=0, scale=0)
            with gr.Column(elem_id="cw-side", min_width=0):
                gr.HTML(
                    render_side(bot.articles, added=bot.added, adding=adding, only=only),
                    elem_id="cw-reader",
                    apply_default_css=False,
                    js_on_load=(_ASSETS / "page.js").read_text(encoding="utf-8"),
                    server_functions=list(services(bot, conversations, loading, adding=adding)),
                )
        clear = gr.Button("New conversation", elem_id="cw-clear", visible="hidden")
        given = [gr.Textbox(visible="hidden", label=label) for label in ("tab", "articles", "model")]
        _connect(conversations, intro, _Parts(blocks, thread, box, send, stop, clear, given))
        add_endpoints(bot, conversations)
    return cast("gr.Blocks", blocks)


@dataclass(frozen=True, slots=True)
class _Parts:
    """The components that events begin or end at; `given`: the tab's key, the articles ticked, the model."""

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


def _connect(conversations: Conversations, intro: Callable[[], str], parts: _Parts) -> None:
    """Bind what a reader does to the conversation of the tab it is done in."""
    import gradio as gr  # noqa: PLC0415

    def shown(turns: Sequence[Turn]) -> str:
        return render_thread(turns, intro="" if turns else intro())

    def follow(tab: str, *_: str) -> Iterator[str]:
        for turns in conversations.get(tab).follow():
            yield shown(turns)

    def put(question: str, tab: str, only: str, llm: str) -> Iterator[str]:
        if question.strip():
            conversations.get(tab).ask(question.strip(), articles=_ticked(only), llm=llm or None)
        yield from follow(tab)

    def stop(tab: str, *_: str) -> str:
        conversations.get(tab).stop()
        return shown(conversations.get(tab).turns)

    def clear(tab: str, *_: str) -> str:
        conversations.get(tab).clear()
        return shown(())

    asked = [parts.box.submit, parts.send.click]
    on = partial(gr.on, js=_GIVEN, show_progress="hidden", api_visibility="private", concurrency_limit=None)
    on(asked, put, [parts.box, *parts.given], parts.thread, trigger_mode="multiple")
    on(parts.blocks.load, follow, parts.given, parts.thread)
    on(parts.stop.click, stop, parts.given, parts.thread, queue=False)
    on(parts.clear.click, clear, parts.given, parts.thread, queue=False)


def _ticked(only: str) -> list[str] | None:
    """The article ids a page sent with a question; None if all are asked."""
    ids = json.loads(only) if only else None
    return [str(i) for i in ids] if isinstance(ids, list) and ids else None


def _intro(bot: Bot) -> str:
    """What an empty conversation shows, with questions made from the first articles there are now."""
    return render_intro(
        _starters(tuple(s for a in bot.articles[:_STARTER_ARTICLES] for s in bot.sentences(a.id))), sent_to=bot.sent_to
    )


@lru_cache(maxsize=4)
def _starters(sentences: tuple[Sentence, ...]) -> tuple[str, ...]:
    return example_questions(sentences)
