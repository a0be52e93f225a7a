"""How an article is named in few words, and the addresses that lead to a sentence (pure)."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from index.article import Article, Sentence
from index.load import plain_text

_WHOLE_WORDS = 40  # browsers find a longer text less surely than its beginning and end
_END_WORDS = 8


def short_name(article: Article) -> str:
    """An article in a few words: its publisher and date where it states them, else its title."""
    stated = [part for part in (article.publisher, article.date) if part]
    return ", ".join(stated) if article.publisher else article.title


def full_name(article: Article) -> str:
    """An article with everything it states of itself, in plain text."""
    stated = (article.title, article.publisher, article.author, article.date)
    return ", ".join(" ".join(part.split()) for part in stated if part)


def page_name(sentence: Sentence) -> str:
    """The page a sentence begins on, in words; empty where its article has none."""
    return f"page {sentence.page}" if sentence.page else ""


def sentence_link(sentence: Sentence) -> str:
    """The part of an address behind # that opens the page at a sentence, ready for an attribute."""
    return f"#article={quote(sentence.article.id, safe='')}&amp;sentence={sentence.number}"


def original_link(article: Article, words: str = "") -> str | None:
    """Address of an article on the web, at the given words.

    Args:
        article: May state an address.
        words: A range of its text; long ones are named by their beginning and end. Empty for the article as a whole.

    Returns:
        The address, with a text fragment for the words; None unless the article states a web address.
    """
    url = article.url or ""
    if not _is_web_address(url):
        return None
    shown = plain_text(words).split()
    if not shown:
        return url
    ends = (shown,) if len(shown) <= _WHOLE_WORDS else (shown[:_END_WORDS], shown[-_END_WORDS:])
    # A dash has a meaning of its own in text fragments. Source: https://wicg.github.io/scroll-to-text-fragment/
    fragment = ",".join(quote(" ".join(part), safe="").replace("-", "%2D") for part in ends)
    return f"{url.split('#')[0]}#:~:text={fragment}"


def _is_web_address(url: str) -> bool:
    try:
        return urlsplit(url).scheme in ("http", "https")
    except ValueError:  # half an IPv6 address, say
        return False
