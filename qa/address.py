"""Address: where a language model server is, as a user names it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from index.errors import SettingsError

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
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError as error:
            raise SettingsError(f"the language model's address cannot be read ({error}); {_WANTED}") from error
        if parts.username is not None or parts.password is not None:  # such an address is not repeated in a message
            raise SettingsError(
                "the language model's address holds a user name or password; a key goes into CITEWELL_API_KEY"
            )
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            raise SettingsError(f"{text}: not the address of a language model server; {_WANTED}")
        place = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        place = f"{place}:{port}" if port else place
        base = f"{parts.scheme}://{place}{parts.path.rstrip('/') or '/v1'}"
        return cls(base, place, unquote(parts.fragment) or None, _is_loopback(parts.hostname))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
