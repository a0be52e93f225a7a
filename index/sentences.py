"""Article -> Sentences with offsets, and which of them are page furniture rather than reporting."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.article import Article, Sentence
from index.boilerplate import left_out_reasons
from index.formats.notes import front_matter

SPLITTER = "syntok-3"  # goes into the manifest: another number means other sentences

_BLOCK_MARK = re.compile(r"(?:#{1,6}|>|[-+*•])[ \t]+|\d{1,2}[.)][ \t]+(?=\S)")
_SENTENCE_END = re.compile(r"[.!?…:;][\"'”’»)\]*_]*$")
_LINK = re.compile(r"\[(?P<words>[^\[\]]*)\]\([^()\s]*\)(?P<stop>[.!?]?)")
_MISSING_SPACE = re.compile(r"(?<=[a-z0-9)”\"’])[.!?]”?(?=[A-Z“][a-z])")
# Full stops of scripts the splitter does not know, with closing marks, before something else.
_WIDE_STOP = re.compile(r"[。！？｡؟।]+[”’」』）)»\"]*\s*(?=[^\s。！？｡؟।”’」』）)»\"])")
# Full stops that end no sentence though the splitter may think so: titles before a name, what stands before a number,
# German ordinals ("am 3. Oktober", "die 2. Bundesliga"), and Spain's name for the United States.
_NO_END = (
    (
        re.compile(r"(?<![\w.])(?:Gov|Sen|Rep|Gen|Col|Sgt|Lt|Capt|Cmdr|Adm|Maj|Prof|Dra?|Rev|Msgr)\.$"),
        re.compile(r"[A-ZÀ-Þ]"),
    ),
    (re.compile(r"(?<![\w.])(?:pp?|págs?|[Nn]r|Figs?|Abs|cf|ca)\.$"), re.compile(r"\d")),
    (
        re.compile(r"\b(?:[Dd](?:er|ie|as|em|en|es)|[Aa][mb]|[Ii]m|[Vv]om|[Zz]um|[Bb]is|[Ss]eit) \d{1,2}\.$"),
        re.compile(r"[A-ZÄÖÜ]"),
    ),
    (re.compile(r"(?<![\w.,])\d{1,2}\.$"), re.compile(r"(?:Januar|Februar|März|Mai|Juni|Juli|Oktober|Dezember)\b")),
    (re.compile(r"\bEE\.$"), re.compile(r"UU\.")),
)
_ASIDE = re.compile(r"\([^()]*[^.!?()]\)\.?")
_OPENING = "[*_\\"  # Markdown that belongs to the word after it
_WORD_CHARS = 80  # how far back the word before a full stop is looked for


@dataclass(frozen=True, slots=True)
class Split:
    """An article's sentences in order: all of them, and why some are not citable.

    Attributes:
        sentences: Every sentence, numbered from 0; they are disjoint and cover all but blanks and list marks.
        left_out: Number of a sentence that is page furniture -> the reason, for people.
    """

    sentences: tuple[Sentence, ...]
    left_out: dict[int, str]

    @property
    def kept(self) -> tuple[Sentence, ...]:
        """The sentences that may be retrieved and cited."""
        return tuple(s for s in self.sentences if s.number not in self.left_out)


def split_article(article: Article) -> Split:
    """Split an article into sentences.

    Args:
        article: Any article; blank lines and full lines end a block, wrapped lines are joined.

    Returns:
        Its sentences in order, with the page furniture among them marked.
    """
    ranges: list[tuple[int, int]] = []
    for start, end in _blocks(article.text):
        ranges.extend(_sentence_ranges(article.text, start, end))
    sentences = tuple(Sentence(article, number, start, end) for number, (start, end) in enumerate(ranges))
    return Split(sentences, left_out_reasons(article, sentences))


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Ranges of paragraphs, headlines and list items: what a sentence never crosses."""
    _, body = front_matter(text)
    block: tuple[int, int] | None = None
    width = 0  # of the widest line of the paragraph, to tell wrapped lines from whole ones
    for start, end, blank_before in _lines(text):
        in_front = block is not None and block[0] < body  # lines of front matter stand alone
        whole = (start, end)
        if (
            block is not None
            and not in_front
            and _continues(text, block, whole, blank_before=blank_before, width=width)
        ):
            block = (block[0], end)
            width = max(width, end - start)
            continue
        if block is not None:
            yield block
        block, width = (start, end), end - start
    if block is not None:
        yield block


def _lines(text: str) -> Iterator[tuple[int, int, bool]]:
    """Ranges of the lines that are not blank, without outer blanks, and whether a blank line stands before."""
    position, blank = 0, True
    for line in text.split("\n"):
        stripped = line.strip()
        if stripped:
            start = position + line.index(stripped)
            yield start, start + len(stripped), blank
        blank = not stripped
        position += len(line) + 1


def _continues(text: str, block: tuple[int, int], line: tuple[int, int], *, blank_before: bool, width: int) -> bool:
    """Whether a line goes on with the block before it: wrapped text, or a sentence broken over a gap."""
    last_line = text[max(block[0], text.rfind("\n", 0, block[1]) + 1) : block[1]]
    after = text[line[0] : line[1]]
    if _BLOCK_MARK.match(after) or text.startswith("#", block[0]):
        return False
    open_sentence = not _SENTENCE_END.search(last_line)
    if open_sentence and after[0].islower():
        return True
    if blank_before or text[block[1] : line[0]].startswith("  "):  # two blanks at the end: Markdown's line break
        return False
    first_word = after.split(None, 1)[0]
    # A line was wrapped if the next word would not have fitted; 50 keeps short verse-like lines apart.
    return len(last_line) >= 50 and len(last_line) + 1 + len(first_word) > max(width, len(after))


def _sentence_ranges(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Sentence ranges inside one block."""
    if mark := _BLOCK_MARK.match(text, start, end):
        start = mark.end()
    starts = [start]
    for begin in sorted(_sentence_starts(text, start, end)):
        while begin > start and text[begin - 1] in _OPENING:
            begin -= 1
        if _has_words(text[starts[-1] : begin]):  # marks alone are no sentence: they go with the words after them
            starts.append(begin)
    if len(starts) > 1 and not _has_words(text[starts[-1] : end]):
        starts.pop()
    for begin, stop in zip(starts, [*starts[1:], end], strict=True):
        stripped = text[begin:stop].strip()
        if stripped:
            first = text.index(stripped, begin)
            yield first, first + len(stripped)


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _without_marks(block: str) -> str:
    """The block with Markdown's links and emphasis blanked out, of the same length, so offsets stay true.

    A full stop after a link moves up to the word before it, where the splitter looks for it.
    """

    def blank(link: re.Match[str]) -> str:
        filled = f" {link['words']}{link['stop']}"
        return filled.ljust(len(link[0]))

    return re.sub(r"[*\\]", " ", _LINK.sub(blank, block))


def _sentence_starts(text: str, start: int, end: int) -> Iterator[int]:
    """Where the splitter sees sentences begin, in offsets of the whole text."""
    from syntok import segmenter  # noqa: PLC0415 - compiles its patterns at import

    block = _without_marks(text[start:end].replace("\n", " "))
    for paragraph in segmenter.analyze(block):
        previous_end = 0
        for tokens in paragraph:
            begin = tokens[0].offset
            aside = block[begin : tokens[-1].offset + len(tokens[-1].value)]
            # '(emphasis added)' after a quotation belongs to it: alone it says nothing.
            if not (previous_end and (_ASIDE.fullmatch(aside) or _goes_on(block, begin))):
                yield start + begin
            previous_end = begin + len(aside)
    yield from _unseen_starts(block, start)


def _goes_on(block: str, begin: int) -> bool:
    """Whether the full stop before a place belongs to an abbreviation or an ordinal, so that the sentence goes on."""
    before = block[max(0, begin - _WORD_CHARS) : begin].rstrip()
    return any(stop.search(before) and after.match(block, begin) for stop, after in _NO_END)


def _unseen_starts(block: str, start: int) -> Iterator[int]:
    """Starts that the splitter does not see: after a missing blank, after full stops of other scripts."""
    for gap in _MISSING_SPACE.finditer(block):
        word = block[max(0, gap.start() - _WORD_CHARS) : gap.start()].rsplit(None, 1)[-1]
        if "/" not in word and "@" not in word and len(word) > 2 and "." not in word:
            yield start + gap.end()
    for stop in _WIDE_STOP.finditer(block):
        yield start + stop.end()
