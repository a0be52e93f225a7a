"""Place: which collection of which Milvus server is meant, as a user names it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from index.errors import SettingsError
from index.server_url import ServerUrl

COLLECTION = "citewell"  # unless another is named
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}")
_FILE = re.compile(r"(?P<path>.+\.db)(?:#(?P<name>.*))?", re.DOTALL)
_WANTED = "wanted http(s)://HOST:PORT or a FILE.db, with #COLLECTION after it if it is not called citewell"


@dataclass(frozen=True, slots=True)
class Place:
    """A collection of a server, or of a file that Milvus Lite serves from this process.

    Attributes:
        uri: As pymilvus takes it.
        collection: Name of the collection.
        host: Host and port, for messages; None for a file.
        local: Whether what is sent there stays on this machine.
    """

    uri: str
    collection: str
    host: str | None
    local: bool

    def __str__(self) -> str:
        return self.uri if self.collection == COLLECTION else f"{self.uri}#{self.collection}"

    @classmethod
    def parse(cls, text: str) -> Place:
        """Read what a user gave.

        Args:
            text: Such as `http://127.0.0.1:19530`, `https://milvus.example.org#news` or `passages.db`.

        Returns:
            The place.

        Raises:
            SettingsError: It is no such address, or holds a user name or password.
        """
        if "://" in text:
            return cls._of_server(text)
        found = _FILE.fullmatch(text)
        if found is None:
            raise SettingsError(f"{text}: not a Milvus store; {_WANTED}")
        return cls(found["path"], _collection(found["name"], text), None, True)

    @classmethod
    def _of_server(cls, text: str) -> Place:
        url = ServerUrl.parse(
            text,
            called="the store's address",
            refused="a Milvus store",
            secret="write USER:PASSWORD into CITEWELL_MILVUS_TOKEN",
            wanted=_WANTED,
        )
        uri = f"{url.scheme}://{url.host}{url.path}"
        return cls(uri, _collection(url.fragment, text), url.host, url.local)


def find_place(text: str, *, report: Callable[[str], None]) -> Place:
    """The place that is meant; nothing is asked of it yet.

    Args:
        text: As for `Place.parse`.
        report: Told, in one line, if what is searched leaves this machine.

    Returns:
        The place.

    Raises:
        SettingsError: It is no such address.
    """
    place = Place.parse(text)
    if not place.local:
        plain = ", unencrypted" if place.uri.startswith("http:") else ""
        report(f"warning: words of the articles and of questions, and their vectors, are sent to {place.host}{plain}")
    return place


def _collection(name: str | None, text: str) -> str:
    if not name:
        return COLLECTION
    if not _NAME.fullmatch(name):
        raise SettingsError(f"{text}: a collection's name has letters, digits and underscores, no digit first")
    return name
