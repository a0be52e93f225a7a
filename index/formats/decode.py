"""Bytes -> str: UTF-8 first, UTF-16 and UTF-32 by their mark, else the declared or most likely encoding."""

from __future__ import annotations

import codecs
import re

from index.formats.draft import Unreadable

_MARKS = (((b"\xff\xfe\0\0", b"\0\0\xfe\xff"), "utf-32"), ((b"\xff\xfe", b"\xfe\xff"), "utf-16"))
_BINARY = "is not a text file (it holds zero bytes)"
_DECLARED = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([\w.:-]{2,40})""", re.IGNORECASE)
_HEAD_BYTES = 4096  # a page declares its encoding in its first kilobyte, or is not understood by browsers either


def decode(raw: bytes, *, markup: bool = False) -> tuple[str, str | None]:
    """Decode a text file.

    Args:
        raw: The whole file.
        markup: Whether a `<meta charset>` in it is believed.

    Returns:
        The text without byte-order mark and with LF line ends, and the encoding where it was guessed.

    Raises:
        Unreadable: It is not text, or in no known encoding.
    """
    text, guessed = _decode(raw, markup=markup)
    if "\0" in text:
        raise Unreadable(_BINARY)
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"), guessed


def _decode(raw: bytes, *, markup: bool) -> tuple[str, str | None]:
    for marks, encoding in _MARKS:
        if raw.startswith(marks):
            try:
                return raw.decode(encoding), None
            except UnicodeDecodeError as error:
                raise Unreadable(f"starts like {encoding.upper()} but is not; save it as UTF-8") from error
    if b"\0" in raw:  # before any guessing, which takes long for large files
        raise Unreadable(_BINARY)
    try:
        return raw.decode("utf-8"), None
    except UnicodeDecodeError:
        pass  # not an error yet: older files are often in a national encoding
    if markup and (declared := _declared(raw)):
        return raw.decode(declared, "replace"), None
    return _guess(raw)


def _declared(raw: bytes) -> str | None:
    """The encoding a web page names, if Python knows it."""
    found = _DECLARED.search(raw[:_HEAD_BYTES])
    if found is None:
        return None
    try:
        name = codecs.lookup(found[1].decode("ascii", "replace")).name
    except LookupError:
        return None
    return "windows-1252" if name in {"ascii", "iso8859-1"} else name  # as https://encoding.spec.whatwg.org has it


def _guess(raw: bytes) -> tuple[str, str]:
    import cchardet  # noqa: PLC0415 - only odd files need it

    guess = cchardet.detect(raw)["encoding"]
    # what is named Latin-1 is Windows-1252 in practice (https://encoding.spec.whatwg.org), and so is most of the
    # rest that no guess fits: a line of English with one curly quote gives the detector nothing to go by
    likely = [] if guess in {None, "ISO-8859-1"} or guess.startswith("IBM") else [guess]
    for encoding in (*likely, "windows-1252"):
        try:
            return raw.decode(encoding), encoding.lower()
        except (UnicodeDecodeError, LookupError):
            continue
    raise Unreadable("is in no known text encoding; save it as UTF-8")
