"""Who says what in an article: the voice behind each sentence, read off its quotation marks, tags and headings (pure).

A quoted person's words are that person's, a note of the editor the editor's, what follows 'According to X:' X's. Found
by rules alone, and only where the text itself says so: no voice is better than a wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from index.article import Article, Sentence
from index.load import plain_text
from qa.locks import fold

_SAYS = (
    r"(?:said|says|told|notes?|noted|adds?|added|stress(?:ed|es)|emphasi[sz]e[ds]|warn(?:ed|s)|state[ds]|declare[ds]"
    r"|announce[ds]|explain(?:ed|s)|claim(?:ed|s)|argue[ds]|insist(?:ed|s)|wrote|writes|report(?:ed|s)|assert(?:ed|s)"
    r"|pledge[ds]|clarifie[ds]|described|concluded|replied|responded|confirmed|acknowledged|admitted|denied|tweeted"
    r"|commented|remarked|suggest(?:ed|s)|urge[ds]|reiterate[ds]|complained|recalled|predict(?:ed|s)|joked)"
)
_PART = r"[A-Z][\w’'-]*\w"
_NAME = rf"{_PART}(?: (?:(?:de|del|der|van|von|bin|al|el|la|le|of|the|and) )?{_PART})*"
_TAGS = (
    re.compile(rf"(?P<name>{_NAME})(?:, [^,“”\"]{{3,60}},)? (?:also |then |later |further )?{_SAYS}\b"),
    re.compile(rf"[,”\"’'] ?(?:then )?{_SAYS} (?:the )?(?P<name>{_NAME})"),
    re.compile(rf"\b[Aa]ccording to (?:the )?(?P<name>{_NAME})"),
)
_SUBJECT = re.compile(
    rf"^(?:In [^,]{{3,40}}, |[A-Z]\w+ly, |Meanwhile, |Still, )?(?P<name>{_NAME}) [a-z]+(?:ed|s|has|was|is)\b"
)
_PRONOUN_TAG = re.compile(rf"\b(?:[Hh]e|[Ss]he) (?:also |then |later |further )?{_SAYS}\b|[,”\"] {_SAYS} (?:he|she)\b")
_LEAD_IN = re.compile(rf"^(?:According to (?:the )?(?P<by>{_NAME})|(?P<name>{_NAME}) {_SAYS})[^.!?]*:$")
_NOTE = re.compile(r"\b(?:editor|editors|editorial)\b.{0,3}.{0,12}\b(?:note|notes|comment|remark)s?\b", re.IGNORECASE)
_RULE = re.compile(r"^[ \t]*[\\*_—–=#-]+[ \t]*$", re.MULTILINE)  # a line of marks alone ends what stood before it
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DATE = re.compile(rf"(?: (?:of|in|on))? \b(?:{_MONTHS})\b.*")
_NOT_PEOPLE = frozenset("the a an this that it he she they we i you there but and if in on at as".split())
_PARTICLES = frozenset("the and for von van der del".split())
_QUOTED_SHARE = 0.4  # of a sentence's characters, for its words to be somebody's rather than the article's


def voices(sentences: Sequence[Sentence]) -> dict[int, str]:
    """Who speaks in an article's sentences.

    Args:
        sentences: Of one article, in order.

    Returns:
        Sentence numbers with the name of who is quoted, as the article writes it; others are the article's own words.
    """
    found: dict[int, str] = {}
    note: str | None = None  # heading of an editor's note: its voice until the next heading
    lead: str | None = None  # who was announced with a colon: for the paragraph that follows
    last: str | None = None  # who spoke or acted last: whom 'he said' means
    end = 0
    for paragraph in _paragraphs(sentences):
        if _RULE.search(paragraph[0].article.text[end : paragraph[-1].end]):
            note = lead = None
        end = paragraph[-1].end
        texts = [plain_text(s.text) for s in paragraph]
        if len(paragraph) == 1 and _is_heading(paragraph[0]):
            note = texts[0] if _NOTE.search(texts[0]) else note if not _is_marked_heading(paragraph[0]) else None
            continue
        shares = _quoted_shares(texts)
        tags: list[str | None] = []
        for text, share in zip(texts, shares, strict=True):
            tag = _tag(text)
            if tag is None and _PRONOUN_TAG.search(_unquoted(text)):
                tag = last
            subject = _SUBJECT.match(text) if share < _QUOTED_SHARE else None
            last = tag or (subject and _person(subject["name"])) or last
            tags.append(tag)
        for i, (sentence, share) in enumerate(zip(paragraph, shares, strict=True)):
            if share >= _QUOTED_SHARE or (lead and len(paragraph) == 1):
                voice = tags[i] or _nearest(tags, i) or lead
            else:
                voice = lead or note
            if voice:
                found[sentence.number] = voice
        opening = _LEAD_IN.match(texts[-1])
        lead = _person(opening["by"] or opening["name"]) if opening else None
    return found


class Voices:
    """The voice behind any sentence; each article is read once."""

    def __init__(self, sentences: Callable[[str], Sequence[Sentence]]) -> None:
        """Read articles as they come up.

        Args:
            sentences: Gives all citable sentences of an article by its id, in order.
        """
        self._sentences = sentences
        self._read: dict[str, tuple[Article, dict[int, str]]] = {}

    def of(self, sentence: Sentence) -> str | None:
        """Who speaks in a sentence: a name as the article writes it, None for the article's own words."""
        article = sentence.article
        known = self._read.get(article.id)
        if known is None or known[0] is not article:  # an article of this id may have been replaced
            known = self._read[article.id] = (article, voices(self._sentences(article.id)))
        return known[1].get(sentence.number)


def names_voice(text: str, voice: str) -> bool:
    """Whether a text itself names who speaks, if only by one word of the name."""
    said = set(re.findall(r"\w+", fold(text)))
    return any(part in said for part in re.findall(r"\w+", fold(voice)) if len(part) > 2 and part not in _PARTICLES)


def _paragraphs(sentences: Sequence[Sentence]) -> Iterator[list[Sentence]]:
    """Sentences between which no line ends."""
    paragraph: list[Sentence] = []
    for sentence in sentences:
        if paragraph and "\n" in sentence.article.text[paragraph[-1].end : sentence.start]:
            yield paragraph
            paragraph = []
        paragraph.append(sentence)
    if paragraph:
        yield paragraph


def _is_heading(sentence: Sentence) -> bool:
    text = plain_text(sentence.text)
    return len(text) < 80 and text[-1:].isalnum()


def _is_marked_heading(sentence: Sentence) -> bool:
    """A heading by its Markdown: `## Results`, with the marks inside the sentence or in front of it."""
    line = sentence.article.text[: sentence.end].rsplit("\n", 1)[-1]
    return line.lstrip().startswith("#")


def _tag(text: str) -> str | None:
    """Who a sentence says is speaking, outside its quotation marks."""
    plain = _unquoted(text)
    for pattern in _TAGS:
        for match in pattern.finditer(plain):
            if person := _person(match["name"]):
                return person
    return None


def _person(name: str) -> str | None:
    """A name without the words a sentence starts with, None where nothing is left."""
    words = _DATE.sub("", name).split()
    while words and words[0].casefold() in _NOT_PEOPLE:
        words = words[1:]
    return " ".join(words) or None


def _nearest(tags: Sequence[str | None], at: int) -> str | None:
    """The tag of the closest sentence of the paragraph, the later one first: who speaks is mostly said at the end."""
    for distance in range(1, len(tags)):
        for i in (at + distance, at - distance):
            if 0 <= i < len(tags) and (tag := tags[i]):
                return tag
    return None


def _unquoted(text: str) -> str:
    """A sentence with what stands between quotation marks taken out; an unclosed mark quotes to the end."""
    return re.sub(r"“[^”]*(?:”|$)|^[^“”]*”|\"[^\"]*(?:\"|$)", "””", text)


def _quoted_shares(texts: Sequence[str]) -> list[float]:
    """How much of each sentence of a paragraph stands between quotation marks; a quotation may span several."""
    shares: list[float] = []
    inside = False
    for text in texts:
        quoted = 0
        for character in text:
            if character == "“":
                inside = True
            elif character == "”":
                inside = False
            elif character == '"':
                inside = not inside
            else:
                quoted += inside
        shares.append(quoted / max(len(text), 1))
    return shares
