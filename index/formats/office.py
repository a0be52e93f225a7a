"""Word documents (.docx) by python-docx, and e-books (.epub): an XHTML file per chapter in a zip container."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote

from index.formats.draft import Draft, Unreadable, missing_extra
from index.formats.markup import html_text
from index.formats.packed import member, opened
from index.metadata import Stated, is_name

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_CHAPTER_BYTES = 20_000_000
_CONTAINER = "META-INF/container.xml"


def read_docx(raw: bytes) -> Draft:
    """Read a Word document: its paragraphs and tables in order, without headers, footers and comments.

    Args:
        raw: The file.

    Returns:
        The text with blank lines between paragraphs; title, author and language where it states them.

    Raises:
        Unreadable: It is no Word document.
    """
    try:
        import docx  # noqa: PLC0415 - an extra
        from docx.opc.exceptions import OpcError  # noqa: PLC0415
        from docx.table import Table  # noqa: PLC0415
        from lxml.etree import XMLSyntaxError  # noqa: PLC0415
    except ImportError as error:
        raise missing_extra("office") from error
    with opened(raw):
        pass  # its size is bearable
    try:
        document = docx.Document(io.BytesIO(raw))
        parts: list[str] = []
        for item in document.iter_inner_content():
            parts.extend(_rows(item) if isinstance(item, Table) else [item.text])
        stated = document.core_properties
        author, title, language = stated.author, stated.title, stated.language
    except (OpcError, XMLSyntaxError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise Unreadable(f"is a damaged Word document ({str(error)[:80] or type(error).__name__})") from error
    lines = [line.strip() for part in parts for line in part.split("\n")]
    return Draft(
        "\n\n".join(line for line in lines if line),
        Stated(title=title or None, author=author if is_name(author or "") else None, language=language or None),
    )


def _rows(table: object) -> Iterator[str]:
    """A table's rows, each a line; a cell that spans several columns once."""
    from docx.table import Table  # noqa: PLC0415

    assert isinstance(table, Table)
    for row in table.rows:
        cells: list[str] = []
        previous = None
        for cell in row.cells:
            if cell._tc is not previous and (text := " ".join(cell.text.split())):
                cells.append(text)
            previous = cell._tc
        yield " | ".join(cells)


def read_epub(raw: bytes) -> Draft:
    """Read an e-book: all chapters in reading order as one article.

    Args:
        raw: The file.

    Returns:
        The text with blank lines between paragraphs, and what the book states of itself.

    Raises:
        Unreadable: It is no e-book, or its text is encrypted.
    """
    try:
        from lxml import etree  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise missing_extra("office") from error
    with opened(raw) as archive:
        if "META-INF/encryption.xml" in archive.namelist() and "META-INF/rights.xml" in archive.namelist():
            raise Unreadable("is copy-protected; only e-books without copy protection can be read")
        parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)

        def parse(name: str) -> _Element:
            root = etree.fromstring(member(archive, name, max_bytes=MAX_CHAPTER_BYTES), parser)
            if root is None:
                raise Unreadable(f"is a damaged e-book ({name} is empty)")
            return root

        try:
            place = parse(_CONTAINER).xpath("string(//*[local-name()='rootfile']/@full-path)")
            package = parse(str(place))
            chapters = [
                html_text(member(archive, name, max_bytes=MAX_CHAPTER_BYTES))
                for name in _spine(package, folder=posixpath.dirname(str(place)))
            ]
        except etree.XMLSyntaxError as error:
            raise Unreadable(f"is a damaged e-book ({str(error)[:80]})") from error
    return Draft("\n\n".join(chapter for chapter in chapters if chapter), _book_metadata(package))


def _spine(package: _Element, *, folder: str) -> Iterator[str]:
    """Names of the chapters' files in reading order."""
    names = {item.get("id"): item.get("href") for item in package.xpath("//*[local-name()='manifest']/*")}
    for reference in package.xpath("//*[local-name()='spine']/*"):
        href = names.get(reference.get("idref"))
        if href:
            yield posixpath.normpath(posixpath.join(folder, unquote(href.split("#")[0])))


def _book_metadata(package: _Element) -> Stated:
    """What the e-book's package file states."""

    def stated(name: str) -> str | None:
        found = package.xpath(f"//*[local-name()='metadata']/*[local-name()='{name}']/text()")
        return ", ".join(" ".join(str(value).split()) for value in found) or None

    return Stated(
        title=stated("title"),
        author=stated("creator"),
        publisher=stated("publisher"),
        date=stated("date"),
        language=stated("language"),
    )
