"""Which sentences are page furniture: share buttons, newsletters, copyright, menus, repeated titles.

A saved web page carries them between and below the reporting. They are kept in the text, so offsets stay true, but are
neither retrieved nor cited. Bylines, author notes and 'originally published on' say where an article comes from:
they stay citable even in a footer. No rule knows a site by name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.article import Article, Sentence
from index.formats.notes import front_matter

_SITES = r"(?:facebook|twitter|x|instagram|telegram|linkedin|youtube|whatsapp|tiktok|mastodon|threads|bluesky|reddit)"

# What a reader is asked to do with the page: never reporting, wherever it stands.
_PROMPTS = re.compile(
    rf"""
    \bclick\s+(?:on\s+)?(?:here|the\s+share\b|below\s+to)
  | \b(?:click|press|tap|activat\w+|us(?:e|ing))\b.{{0,60}}\bbutton\s+(?:above|below)\b
  | ^(?:to\s+receive|sign\s+up|subscribe|get\s+(?:the|our|your|this))\b.{{0,80}}\b(?:newsletter|inbox|mailing\s+list)\b
  | \bsubscribe\s+to\s+(?:our|the|this)\b.{{0,40}}\b(?:newsletters?|channel|feed|podcast|list|updates?)\b
  | \bsign\s+up\s+(?:for|to)\s+our\b | \b(?:follow|like|join)\s+us\s+on\s+\W?{_SITES}\b
  | ^(?:please\s+|you\s+can\s+)?(?:follow|like|join)\s+\w+(?:\s\w+)?\s+on\s+\W?{_SITES}\b
  | ^(?:please\s+)?(?:share|e-?mail|forward|print|tweet)\s+this\b | \b(?:repost|re-post)\s+and\s+share\b
  | ^comments?\W*\d*\W*$ | ^(?:leave\s+a\s+(?:comment|reply))\b.{{0,60}}$
  | ^comment\s+on\b.{{0,60}}\b(?:page|posts?|articles?|story|stories|site)\W*$
  | ^become\s+a\s+(?:member|subscriber|patron)\b
  | ^(?:similar|related|recent|popular|recommended)\s+(?:posts?|articles?|stories|reading|news)\W*$
  | ^(?:read\s+more|more\s+on\s+this|you\s+may\s+also\s+like|see\s+also|advertisement|sponsored|share|tags?)\W*$
  | ^(?:we|this\s+(?:web)?site)\s+uses?\s+cookies\b | ^\W*all\s+rights\s+reserved\W*$
  | ^(?:©|\(c\)\s|copyright\s*(?:©|\(c\)|notice|(?:19|20)\d\d|by\b)).{{0,120}}$
  | ^(?:please\s+)?(?:donate|support\s+us)\b.{{0,40}}\b(?:today|now|here)\W*$
    """,
    re.IGNORECASE | re.VERBOSE,
)

# Where the small print begins; from there on what reads like small print is left out.
_FOOTER = re.compile(
    r"^(?:(?:disclaimer|legal\s+notice|terms\s+of\s+(?:use|service)|privacy\s+policy|note\s+to\s+readers)\s*(?::|$)"
    r"|copyright\s*(?:©|\(c\)|notice|(?:19|20)\d\d|by\b)|©|copyright\W*$)",
    re.IGNORECASE,
)
_SMALL_PRINT = re.compile(
    r"\b(?:copyright\w*|permission|fair\s+use|responsib\w+|liab\w+|inquir\w+|enquir\w+|contact|trademark\w*|licen[cs]\w+"
    r"|this\s+(?:web)?site|(?:our|non-?profit|without\s+profit)|warrant\w+|cross-?post)\b",
    re.IGNORECASE,
)
_PROVENANCE = re.compile(
    r"^\W*(?:articles?\s+)?by\b:?\s | \boriginal(?:ly)?\s+(?:source|published|appeared)\b"
    r"| \bis\s+an?\b.{0,80}\b(?:journalist|researcher|reporter|correspondent|columnist|contributor)\b"
    r"| \bis\s+an?\b.{0,80}\b(?:editor|author|professor)\b"
    r"| \bcontributor\s+to\b | \bfirst\s+(?:published|appeared)\b",
    re.IGNORECASE | re.VERBOSE,
)
_LINK = re.compile(r"!?\[[^\[\]]*\]\([^()\s]*\)")


def left_out_reasons(article: Article, sentences: Sequence[Sentence]) -> dict[int, str]:
    """Say which sentences are page furniture, and why.

    Args:
        article: The article they come from.
        sentences: All its sentences, in order.

    Returns:
        Sentence number -> reason, for the sentences that must be neither retrieved nor cited.
    """
    reasons: dict[int, str] = {}
    seen: set[str] = set()
    in_footer = False
    _, body = front_matter(article.text)
    for sentence in sentences:
        if sentence.start < body:
            reasons[sentence.number] = "front matter"
            continue
        words = _words(sentence.text)
        in_footer = in_footer or bool(_FOOTER.match(words))
        reason = _reason(sentence.text, words, in_footer=in_footer, repeated=words.casefold() in seen)
        if reason:
            reasons[sentence.number] = reason
        seen.add(words.casefold())
    if len(reasons) == len(sentences):  # an article of nothing but small print is still someone's text
        return {number: reason for number, reason in reasons.items() if reason in {"no words", "front matter"}}
    return reasons


def _reason(raw: str, words: str, *, in_footer: bool, repeated: bool) -> str | None:
    if not any(character.isalnum() for character in raw):
        return "no words"
    if repeated and len(words.split()) > 3:
        return "repeats an earlier line"
    if _PROMPTS.search(words):
        return "page furniture"
    if _PROVENANCE.search(words):
        return None
    if _is_menu(raw):
        return "links only"
    if in_footer and (_SMALL_PRINT.search(words) or _FOOTER.match(words)):
        return "small print"
    return None


def _is_menu(raw: str) -> bool:
    """Whether a line is links and at most a short label: 'Topics: [Europe](…), [Trade](…)'."""
    if not _LINK.search(raw):
        return False
    rest = _LINK.sub(" ", raw)
    label, colon, _ = rest.partition(":")
    outside = rest if not colon else rest.replace(label + colon, " ", 1)
    return not re.search(r"\w", outside) and len(label.split()) <= 3


def _words(text: str) -> str:
    """Text without Markdown marks, links as their words, single spaces."""
    text = re.sub(r"!?\[([^\[\]]*)\]\([^()\s]*\)", r"\1", text)
    return " ".join(re.sub(r"[*\\#>]+", " ", text).split())
