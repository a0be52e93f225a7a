"""Draft: what the reader of one format makes of a file, before it has an id; Unreadable: why it makes nothing."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from index.metadata import NOTHING, Stated

MAX_PROBLEM_CHARS = 400  # what a file holds may be quoted in it
MAX_CHARS = 20_000_000  # of one article's text; a long novel has under 4 million


@dataclass(frozen=True, slots=True)
class Draft:
    """One article of a file.

    Attributes:
        text: The whole text, exactly as it will be cited.
        stated: What the file says of it outside the text.
        name: Its id, of several articles of one file, or '-' and its number there; None where the file holds one.
        pages: Offsets in the text where pages begin, the first being 0; None where the format has no pages.
    """

    text: str
    stated: Stated = NOTHING
    name: str | None = None
    pages: tuple[int, ...] | None = None

    def to_dict(self) -> dict[str, object]:
        """As JSON holds it."""
        return {**asdict(self), "pages": list(self.pages) if self.pages is not None else None}


class Unreadable(Exception):  # noqa: N818 - not shown: load.py makes an ArticleError of it, which names the file
    """No article can be made of a file.

    Args:
        problem: Why, and what to do, as one clause; line ends and what cannot be shown in it become blanks.
    """

    def __init__(self, problem: str) -> None:
        shown = "".join(character if character.isprintable() else " " for character in problem)
        super().__init__(" ".join(shown.split())[:MAX_PROBLEM_CHARS])


def missing_extra(extra: str) -> Unreadable:
    """The error for a file whose library is not installed."""
    return Unreadable(f"needs a library that is not installed; install it with: pip install 'citewell[{extra}]'")


def checked(draft: Draft) -> Draft:
    """A draft that can be stored and cited.

    Args:
        draft: As read from a file.

    Returns:
        The same, with what no encoding can hold as '?' and zero characters as blanks: lengths stay.

    Raises:
        Unreadable: It has no words, or far too many.
    """
    if len(draft.text) > MAX_CHARS:
        raise Unreadable(f"holds {len(draft.text):,} characters of text, more than the {MAX_CHARS:,} of one article")
    if not any(character.isalnum() for character in draft.text):
        raise Unreadable("holds no text")
    return replace(draft, text=storable(draft.text))


def storable(text: str) -> str:
    """Text of the same length without halves of character pairs and zero characters, which SQLite cannot keep."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", " ")
