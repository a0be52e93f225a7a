"""What stands around a conversation, as escaped HTML: the top line, the first words, the notice (pure; no Gradio)."""

from __future__ import annotations

from collections.abc import Sequence

from index.article import Article
from ui.export import FORMATS
from ui.prose import escape, escape_attribute


def render_bar(articles: Sequence[Article], llms: Sequence[str]) -> str:
    """The line across the top: name, articles, models (the default first), and what can be done with the page.

    On a phone the tools in it are a menu of their own.
    """
    options = "".join(f'<option value="{escape_attribute(llm)}">{escape(llm)}</option>' for llm in llms)
    return (
        '<header class="cw-bar"><h1 class="cw-brand">citewell</h1><span class="cw-space"></span>'
        f'<button type="button" class="cw-link" data-act="library">{count_articles(len(articles))}</button>'
        '<button type="button" class="cw-link" data-act="clear" aria-label="New conversation">'
        '<span class="cw-wide-only">New conversation</span><span class="cw-narrow-only">New</span></button>'
        '<span class="cw-tools" id="cw-tools">'
        '<span class="cw-pick"><select class="cw-model" aria-label="The language model that answers">'
        f"{options}</select></span>{_EXPORT}"
        '<button type="button" class="cw-icon cw-theme" data-act="theme" aria-label="Light or dark">◐</button></span>'
        '<button type="button" class="cw-icon cw-narrow-only" data-act="more" aria-label="More" aria-expanded="false"'
        ' aria-controls="cw-tools">⋯</button></header>'
    )


_EXPORT = (
    '<details class="cw-menu cw-export"><summary class="cw-link">Export</summary><ul>'
    + "".join(
        f'<li><button type="button" class="cw-link" data-act="take" data-form="{name}">{form.title}</button></li>'
        for name, form in FORMATS.items()
    )
    + "</ul></details>"
)


def render_notice() -> str:
    """Where the page says how far the loading of the language model is; page.js fills it."""
    return (
        '<p class="cw-notice" hidden><span></span>'
        ' <button type="button" class="cw-button" data-act="load" hidden>Try again</button></p>'
    )


def count_articles(articles: int) -> str:
    """A number of articles in words."""
    return "1 article" if articles == 1 else f"{articles:,} articles"


def render_intro(questions: Sequence[str], *, sent_to: str = "") -> str:
    """What stands in an empty conversation: what this is, who gets to know what is asked, questions to begin with.

    Args:
        questions: The questions to begin with.
        sent_to: Another machine that runs the language model; empty where none does.

    Returns:
        One element.
    """
    privacy = (
        f"Questions and sentences of the articles are sent to <bdi>{escape(sent_to)}</bdi>."
        if sent_to
        else "Nothing you type leaves this machine."
    )
    buttons = "".join(
        f'<li><button type="button" class="cw-starter" data-act="ask" data-question="{escape_attribute(q)}">'
        f"<bdi>{escape(q)}</bdi></button></li>"
        for q in questions
    )
    return (
        '<div class="cw-intro"><h2>Ask these articles</h2><p>Every statement in an answer is marked with the sentence '
        f"that says it. Point at a mark to see the sentence, click it to read it in its article. {privacy}</p>"
        f'<h3 class="cw-label">To begin with</h3><ul class="cw-starters">{buttons}</ul></div>'
    )
