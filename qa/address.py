"""Address: where a language model server is, as a user names it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

from index.server_url import ServerUrl

_WANTED = "wanted http(s)://HOST:PORT/v1, with #MODEL after it if the server has several models"


def is_address(name: str) -> bool:
    """Whether what names a language model is the address of a server."""
    return "://" in name


@dataclass(frozen=True, slots=True)
class Address:
    """An OpenAI-compatible server.

    Attributes:
        base: The address all its calls begin with, without a slash at the end.
        place: Its host and port, for messages.
        model: The model that is meant, None for the only one there is.
        local: Whether the server is on this machine.
    """

    base: str
    place: str
    model: str | None
    local: bool

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read an address.

        Args:
            text: What the user gave, as `http://127.0.0.1:8080/v1` or `http://127.0.0.1:8080/v1#model`.

        Returns:
            The address; `/v1` is put where there is no path.

        Raises:
            SettingsError: It is no such address, or holds a user name or password.
        """
        url = ServerUrl.parse(
            text,
            called="the language model's address",
            refused="the address of a language model server",
            secret="a key goes into CITEWELL_API_KEY",
            wanted=_WANTED,
        )
        base = f"{url.scheme}://{url.host}{url.path or '/v1'}"
        return cls(base, url.host, unquote(url.fragment) or None, url.local)
