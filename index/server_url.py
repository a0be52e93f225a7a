"""ServerUrl: the address of a server, as users write it on the command line."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from index.errors import SettingsError


@dataclass(frozen=True, slots=True)
class ServerUrl:
    """The address of a server.

    Attributes:
        scheme: `http` or `https`.
        host: Host and port, for messages and calls.
        path: Without a slash at the end; empty for none.
        fragment: What stands after the #, as written.
        local: Whether the server is on this machine.
    """

    scheme: str
    host: str
    path: str
    fragment: str
    local: bool

    @classmethod
    def parse(cls, text: str, *, called: str, refused: str, secret: str, wanted: str) -> ServerUrl:
        """Read an address.

        Args:
            text: What the user gave.
            called: What messages call the address.
            refused: What messages say it is not.
            secret: Where a key belongs, as a clause, since it does not belong into the address.
            wanted: What would do, as a clause.

        Returns:
            The address.

        Raises:
            SettingsError: It is no such address, or holds a user name or password.
        """
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError as error:
            raise SettingsError(f"{called} cannot be read ({error}); {wanted}") from error
        if parts.username is not None or parts.password is not None:  # such an address is not repeated in a message
            raise SettingsError(f"{called} holds a user name or password; {secret}")
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            raise SettingsError(f"{text}: not {refused}; {wanted}")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        host = f"{host}:{port}" if port else host
        return cls(parts.scheme, host, parts.path.rstrip("/"), parts.fragment, _is_loopback(parts.hostname))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
