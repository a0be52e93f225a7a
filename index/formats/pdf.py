"""PDF: text in reading order with page numbers, by pdfminer.six."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.formats.columns import reading_order
from index.formats.draft import Draft, Unreadable, missing_extra
from index.metadata import Stated, is_name

if TYPE_CHECKING:
    from pdfminer.layout import LTComponent, LTTextBox
    from pdfminer.pdfdocument import PDFDocument

MAX_PAGES = 1000
_MARGIN = 0.1  # running heads and page numbers stand in the upper and lower tenth of a page
_COLUMN = 0.15  # of a page's width: the least width of a column; numbers before list items are none
_INDENT = 0.5  # of the letters' height: the least by which the first line of a paragraph is set in
_STOP = re.compile(r"[.!?…:][\"'”’»)\]]*$")
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u2010]$")
_SOFT = "\u00ad"
_ITEM = re.compile(r"(?:[-*•–]|\d{1,2}[.)])\s+\S")
# First parts that are hyphenated in compounds ('well-known') and hardly ever begin a word that is broken after them.
_FIRST_PARTS = frozenset(
    "well self ex half so cross vice all high low long short full far left right one two three four five six seven "
    "eight nine ten twenty thirty forty fifty sixty seventy eighty ninety".split()
)
_HYPHENATED = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)+")
# Titles that programs fill in by themselves.
_NO_TITLE = re.compile(
    r"untitled|microsoft word\b|.*\.(?:docx?|indd|qxd|pdf|pptx?|xlsx?|html?|tex|dvi|rtf|odt|ps|eps)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines that stand together on a page, already without outer blanks."""

    paragraphs: tuple[tuple[str, ...], ...]
    in_margin: bool

    @property
    def print(self) -> str:
        """Its words with figures alike, to know a running head on the next page."""
        return re.sub(r"\d+", "0", " ".join(line for lines in self.paragraphs for line in lines)).casefold()


def read_pdf(raw: bytes) -> Draft:
    """Read a PDF: paragraphs joined from their lines, running heads and page numbers left out.

    Args:
        raw: The file.

    Returns:
        The text with blank lines between paragraphs, and where each page begins in it; a title, author and language
        only where the file states them.

    Raises:
        Unreadable: It is encrypted, has no text, or too many pages.
    """
    try:
        from pdfminer.pdfdocument import PDFDocument, PDFPasswordIncorrect  # noqa: PLC0415 - an extra
        from pdfminer.pdfparser import PDFParser  # noqa: PLC0415
        from pdfminer.pdftypes import PDFException  # noqa: PLC0415
        from pdfminer.psparser import PSException  # noqa: PLC0415
    except ImportError as error:
        raise missing_extra("pdf") from error
    try:
        document = PDFDocument(PDFParser(io.BytesIO(raw)))
        pages = [tuple(blocks) for blocks in _pages(document)]
    except PDFPasswordIncorrect as error:
        raise Unreadable("is locked with a password; save a copy without one") from error
    except (PDFException, PSException) as error:
        raise Unreadable(
            f"is a damaged PDF ({str(error)[:80] or type(error).__name__}); save or print it anew"
        ) from error
    text, starts = _join_pages(_without_running_heads(pages))
    if not any(character.isalnum() for character in text):
        raise Unreadable("holds no text, perhaps pictures of pages; run text recognition (OCR) over it first")
    return Draft(text, _stated(document), pages=starts)


def _pages(document: PDFDocument) -> Iterator[Iterator[_Block]]:
    """The blocks of each page in reading order."""
    from pdfminer.converter import PDFPageAggregator  # noqa: PLC0415
    from pdfminer.layout import LAParams  # noqa: PLC0415
    from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager  # noqa: PLC0415
    from pdfminer.pdfpage import PDFPage  # noqa: PLC0415

    resources = PDFResourceManager()
    device = PDFPageAggregator(resources, laparams=LAParams(all_texts=True, boxes_flow=None))
    interpreter = PDFPageInterpreter(resources, device)
    for number, page in enumerate(PDFPage.create_pages(document), 1):
        if number > MAX_PAGES:
            raise Unreadable(f"has more than {MAX_PAGES} pages; split it")
        interpreter.process_page(page)
        layout = device.get_result()
        low, high = layout.y0 + _MARGIN * layout.height, layout.y1 - _MARGIN * layout.height
        boxes = reading_order(list(_boxes(layout)), least_width=_COLUMN * layout.width)
        yield (_block(box, in_margin=box.y1 < low or box.y0 > high) for box in boxes)


def _boxes(layout: Iterable[LTComponent]) -> Iterator[LTTextBox]:
    """The text boxes of a page, those inside figures too."""
    from pdfminer.layout import LTFigure, LTTextBox  # noqa: PLC0415

    waiting = list(layout)[::-1]
    while waiting:
        item = waiting.pop()
        if isinstance(item, LTTextBox):
            yield item
        elif isinstance(item, LTFigure):
            waiting.extend(list(item)[::-1])


def _block(box: LTTextBox, *, in_margin: bool) -> _Block:
    """A box's lines, parted where one starts a new paragraph."""
    paragraphs: list[list[str]] = []
    previous = None
    for line in box:
        words = " ".join(line.get_text().split())
        if not words:
            continue
        if previous is None or _starts_paragraph(box, previous, line, words=words, before=paragraphs[-1][-1]):
            paragraphs.append([])
        paragraphs[-1].append(words)
        previous = line
    return _Block(tuple(tuple(lines) for lines in paragraphs), in_margin)


def _starts_paragraph(box: LTTextBox, previous: LTComponent, line: LTComponent, *, words: str, before: str) -> bool:
    """Whether a line begins a paragraph: a list item; or a sentence has ended, and it is set in or had room above."""
    if _ITEM.match(words):
        return True
    indented = line.x0 - box.x0 > _INDENT * line.height and previous.x0 - box.x0 <= _INDENT * line.height
    first_word = line.width * (len(words.split(None, 1)[0]) + 1) / len(words)  # about as wide as this, with a blank
    return bool(_STOP.search(before)) and (indented or previous.x1 + first_word < box.x1)


def _without_running_heads(pages: list[tuple[_Block, ...]]) -> list[tuple[_Block, ...]]:
    """Pages without what stands in the margin of at least a third of them, and without bare page numbers there."""
    seen = Counter(found for blocks in pages for found in {b.print for b in blocks if b.in_margin})
    least = max(2, len(pages) / 3)

    def is_running(block: _Block) -> bool:
        return block.in_margin and (seen[block.print] >= least or not re.sub(r"[\W\d]", "", block.print))

    return [tuple(block for block in blocks if not is_running(block)) for blocks in pages]


def _join_pages(pages: list[tuple[_Block, ...]]) -> tuple[str, tuple[int, ...]]:
    """The text of all pages, paragraphs apart by blank lines, and the offset where each page begins."""
    lines = [line for blocks in pages for block in blocks for paragraph in block.paragraphs for line in paragraph]
    words = frozenset(found.casefold() for line in lines for found in _HYPHENATED.findall(line))
    pieces: list[str] = []
    starts: list[int] = []
    length = 0
    for blocks in pages:
        starts.append(length)
        for paragraph in (_join_lines(lines, words) for block in blocks for lines in block.paragraphs):
            pieces.append(paragraph)
            length += len(paragraph) + 2
    return "\n\n".join(pieces), tuple(min(start, max(0, length - 2)) for start in starts)  # empty pages at the end


def _join_lines(lines: Iterable[str], hyphenated: frozenset[str]) -> str:
    """The lines of a paragraph in one; a word broken by a hyphen is whole again.

    The hyphen of a compound stays where the document has the word inside a line, after one of _FIRST_PARTS, and where
    no small letter follows ('Anglo-American').
    """
    joined = ""
    for line in lines:
        if joined.endswith(_SOFT):
            joined = joined[:-1] + line
        elif _HYPHEN.search(joined) and line[0].isalnum():
            first, second = re.split(r"\s", joined)[-1], re.split(r"\s", line, maxsplit=1)[0]
            compound = re.search(r"[^\W\d_]+[-\u2010]$", first)
            tail = re.match(r"[^\W\d_]+", second)
            whole = f"{compound[0]}{tail[0]}".casefold() if compound and tail else ""
            stays = not line[0].islower() or whole in hyphenated or whole[: whole.find("-")] in _FIRST_PARTS
            joined = (joined if stays else joined[:-1]) + line
        else:
            joined = f"{joined} {line}" if joined else line
    return joined.replace(_SOFT, "")


def _stated(document: PDFDocument) -> Stated:
    """Title, author and language, where the file states ones that a person may have written."""
    from pdfminer.pdftypes import resolve1  # noqa: PLC0415
    from pdfminer.utils import decode_text  # noqa: PLC0415

    values: dict[str, str] = {}
    for info in document.info[:1]:
        for name in ("Title", "Author"):
            value = resolve1(info.get(name))
            if isinstance(value, bytes):
                values[name] = " ".join(decode_text(value).replace("\0", " ").split())
    language = resolve1(document.catalog.get("Lang"))
    title, author = values.get("Title", ""), values.get("Author", "")
    return Stated(
        title=title if " " in title and not _NO_TITLE.match(title) else None,
        author=author if is_name(author) else None,
        language=(decode_text(language).strip() or None) if isinstance(language, bytes) else None,
    )
