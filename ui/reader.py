"""Articles to escaped HTML: the list of articles, and one article with its cited sentences marked (pure; no Gradio)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from index.article import Article, Sentence
from ui.links import original_link, page_name, sentence_link
from ui.prose import Block, escape, escape_attribute, render_range, split_blocks

WINDOW_CHARS = 200_000  # most of one article sent to the page at once
_FOLD_CHARS = 200  # shorter stretches outside the searched text are shown in place


def render_side(
    articles: Sequence[Article],
    *,
    added: Collection[str] = (),
    adding: bool = False,
    only: Collection[str] | None = None,
) -> str:
    """The column beside the conversation: the list of articles, and room for the one that is read.

    Args:
        articles: All of them.
        added: Ids of those that readers added.
        adding: Whether readers may add and remove.
        only: Ids of those that are ticked; None for all.

    Returns:
        The column; page.js shows one of its two parts.
    """
    rows = render_rows(articles, added=added, adding=adding, only=only)
    return (
        f'<div class="cw-side-inner" data-view="library">{_render_library(rows, adding=adding)}'
        '<div class="cw-reader"><nav class="cw-reader-bar" aria-label="Citations">'
        '<button type="button" class="cw-icon" data-act="library"'
        ' aria-label="All articles">☰</button>'
        '<span class="cw-bar-title" dir="auto" aria-hidden="true"></span>'
        '<button type="button" class="cw-icon" data-act="previous" aria-label="Previous citation">‹</button>'
        '<span class="cw-place" aria-live="polite"></span>'
        '<button type="button" class="cw-icon" data-act="next" aria-label="Next citation">›</button>'
        '<button type="button" class="cw-icon" data-act="close" aria-label="Close the article">✕</button></nav>'
        '<div class="cw-page"></div></div></div>'
    )


def _render_library(rows: str, *, adding: bool) -> str:
    """The articles, each to be opened, and to be asked or left out; and where others are added."""
    add = (
        '<form class="cw-add"><button type="button" class="cw-link" data-act="choose">Add files</button>'
        '<input type="file" class="cw-files" multiple hidden aria-label="Files to add">'
        '<input type="url" class="cw-address" required placeholder="or a web address"'
        ' aria-label="Web address of an article or feed to add" autocomplete="off">'
        '<button type="submit" class="cw-link">Add</button></form>'
    )
    return (
        '<div class="cw-library"><div class="cw-library-head"><h2>Articles</h2><span class="cw-asked-count"></span>'
        '<span class="cw-space"></span><button type="button" class="cw-link" data-act="all">All</button>'
        '<button type="button" class="cw-link" data-act="none">None</button>'
        '<button type="button" class="cw-icon cw-narrow" data-act="close" aria-label="Close the list">✕</button></div>'
        f'<div class="cw-adding-place">{add if adding else ""}<ul class="cw-adding" aria-live="polite"></ul></div>'
        f'<ul class="cw-articles">{rows}</ul></div>'
    )


def render_rows(
    articles: Sequence[Article],
    *,
    added: Collection[str] = (),
    adding: bool = False,
    only: Collection[str] | None = None,
) -> str:
    """The list of articles, as `render_side` has it."""
    return "".join(
        _render_row(a, added=a.id in added, removable=adding and a.id in added, ticked=only is None or a.id in only)
        for a in articles
    )


def _render_row(article: Article, *, added: bool, removable: bool, ticked: bool) -> str:
    key, title = escape_attribute(article.id), escape(article.title)
    words = len(article.text.split())
    stated = [part for part in (article.publisher, article.date) if part]
    details = escape(" · ".join([*stated, f"{words:,} words", *(["added here"] if added else [])]))
    remove = (
        f'<button type="button" class="cw-link" data-act="remove" data-id="{key}"'
        f' aria-label="Remove {escape_attribute(article.title)}">Remove</button>'
    )
    return (
        f'<li class="cw-article"><label class="cw-tick"><input type="checkbox"{" checked" * ticked} data-only="{key}"'
        f' aria-label="Ask {escape_attribute(article.title)}"></label>'
        f'<a class="cw-open" href="#article={key}" data-article="{key}"><span class="cw-open-title" dir="auto">{title}'
        f'</span><span class="cw-details"><bdi>{details}</bdi></span></a>{remove if removable else ""}</li>'
    )


def render_article(
    article: Article, sentences: Sequence[Sentence], *, now: int | None = None, cited: Collection[int] = ()
) -> str:
    """One article for reading.

    Args:
        article: The article.
        sentences: Its sentences that may be cited, in order; what lies between them is shown as left out.
        now: Number of the sentence in question, marked strongly.
        cited: Numbers of the other cited sentences, marked faintly.

    Returns:
        A header and the text, whose text content is the article's own.
    """
    page = _Page(article, tuple(sentences), now, frozenset(cited))
    return f'<article class="cw-reading">{_render_head(page)}{_render_text(page)}</article>'


@dataclass(frozen=True, slots=True)
class _Page:
    """What the functions below need to know of the article in the reader."""

    article: Article
    sentences: tuple[Sentence, ...]
    now: int | None
    cited: frozenset[int]

    @property
    def current(self) -> Sentence | None:
        """The sentence in question."""
        return next((s for s in self.sentences if s.number == self.now), None)

    @property
    def window(self) -> tuple[int, int]:
        """The range shown: all of the article, or as much as the page can take, around the sentence in question."""
        size = len(self.article.text)
        middle = self.current.start if self.current else 0
        first = max(0, min(middle - WINDOW_CHARS // 2, size - WINDOW_CHARS))
        return first, min(size, first + WINDOW_CHARS)

    def within(self, start: int, end: int) -> Iterator[Sentence]:
        """The sentences that overlap a range, in order."""
        at = bisect_right(self.sentences, start, key=lambda s: s.end)
        while at < len(self.sentences) and self.sentences[at].start < end:
            yield self.sentences[at]
            at += 1


def _render_head(page: _Page) -> str:
    article, current = page.article, page.current
    stated = (article.publisher, article.author, article.date, page_name(current) if current else "")
    details = escape(" · ".join(part for part in stated if part))
    links = ""
    if current is not None:
        links = f'<a class="cw-link" data-act="link" href="{sentence_link(current)}">Link to this sentence</a>'
    original = original_link(article, current.text if current else "")
    if original is not None:
        address = escape_attribute(original)
        links += f'<a class="cw-link" href="{address}" target="_blank" rel="noopener noreferrer">Open original</a>'
    return (
        f'<header class="cw-reading-head"><h2 tabindex="-1" dir="auto">{escape(article.title)}</h2>'
        f'<p class="cw-details"><bdi>{details}</bdi></p><p class="cw-reading-links">{links}</p></header>'
    )


def _render_text(page: _Page) -> str:
    text = page.article.text
    first, last = page.window
    parts = [f'<p class="cw-note">{first:,} characters before this are not shown.</p>'] if first else []
    blocks = [
        replace(block, start=max(block.start, first), end=min(block.end, last))
        for block in split_blocks(text)
        if block.end > first and block.start < last
    ]
    for kept, group in groupby(blocks, key=lambda b: any(page.within(b.start, b.end))):
        run = list(group)
        inner = "".join(_render_block(page, block) for block in run)
        size = len(text[run[0].start : run[-1].end].strip())
        if not kept and size > _FOLD_CHARS:
            inner = f'<details class="cw-fold"><summary>Not searched: {size:,} characters</summary>{inner}</details>'
        parts.append(inner)
    if last < len(text):
        parts.append(f'<p class="cw-note">{len(text) - last:,} characters after this are not shown.</p>')
    return f'<div class="cw-text" dir="auto">{"".join(parts)}</div>'


def _render_block(page: _Page, block: Block) -> str:
    """A paragraph or heading: cited sentences marked, what is never cited set apart."""
    text = page.article.text
    parts: list[str] = []
    at = block.start
    for sentence in page.within(block.start, block.end):
        start, end = max(sentence.start, block.start), min(sentence.end, block.end)
        parts += [_render_gap(text, at, start), _render_sentence(page, sentence, start, end)]
        at = end
    parts.append(_render_gap(text, at, block.end))
    kind = ' class="cw-heading"' if block.heading else ""
    return f'<p dir="auto"{kind}>{"".join(parts)}</p>'


def _render_gap(text: str, start: int, end: int) -> str:
    words = text[start:end]
    if not words.strip():
        return escape(words)
    return f'<span class="cw-unsearched">{render_range(text, start, end)}</span>'


def _render_sentence(page: _Page, sentence: Sentence, start: int, end: int) -> str:
    """The part of a sentence that lies in one block."""
    inner = render_range(page.article.text, start, end)
    if sentence.number != page.now and sentence.number not in page.cited:
        return inner
    edges = (" cw-first" if start == sentence.start else "") + (" cw-last" if end == sentence.end else "")
    now = ' id="cw-now" aria-current="true"' if sentence.number == page.now and start == sentence.start else ""
    kind = "cw-now" if sentence.number == page.now else "cw-also"
    return f'<mark class="{kind}{edges}" data-sentence="{sentence.number}"{now}>{inner}</mark>'
