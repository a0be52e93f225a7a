"""Fetches one http(s) URL at a time: limits of size and time, each redirect checked, private addresses refused.

The address that was checked is the one that is connected to, so a name that resolves to another address a moment later
gains nothing. Environment proxies are not used, as they would resolve names unchecked.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
import zlib
from dataclasses import dataclass
from urllib.parse import quote, urldefrag, urljoin, urlsplit
from urllib.robotparser import RobotFileParser

from index.formats.draft import Unreadable

MAX_BYTES = 50_000_000
MAX_ROBOTS_BYTES = 500_000
MAX_REDIRECTS = 5
TOTAL_S = 60.0  # for one answer, headers and all
CONNECT_S = 15.0  # also the longest silence
PAUSE_S = 1.0  # between two requests to the same host
MAX_PAUSE_S = 30.0  # a robots.txt that asks for longer pauses gets these
ROBOT = "citewell"
USER_AGENT = f"{ROBOT} (reads articles its user names)"
_BLOCK = 65_536
_QUERY = "/%:@!$&'()*+,;=~-._?"  # what stands in a query as it is
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Page:
    """What a URL gave: its bytes, what the server calls them, and the URL after all redirects."""

    url: str
    raw: bytes
    content_type: str  # in lower case without parameters, e.g. "text/html"; empty where the server does not say


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    location: str | None
    content_type: str
    raw: bytes


class Fetcher:
    """Fetches pages, politely: one request at a time, with pauses between those to one host, robots.txt heeded."""

    def __init__(self, *, allow_private: bool = False, pause_s: float = PAUSE_S, total_s: float = TOTAL_S) -> None:
        """Say what is allowed; nothing is fetched yet.

        Args:
            allow_private: Whether addresses of this machine and of private networks may be fetched from.
            pause_s: Least time between two requests to the same host.
            total_s: Most time for one answer.
        """
        self._allow_private = allow_private
        self._pause_s = pause_s
        self._total_s = total_s
        self._lock = threading.Lock()
        self._latest: dict[str, float] = {}  # host -> when it was last asked
        self._robots: dict[str, RobotFileParser] = {}

    def fetch(self, url: str) -> Page:
        """Fetch what a URL leads to.

        Args:
            url: http or https.

        Returns:
            The page.

        Raises:
            Unreadable: It is no URL to fetch from, its server does not answer or asks not to be read by programs, or
                the answer is too large, too slow or an error.
        """
        with self._lock:
            for _ in range(MAX_REDIRECTS + 1):
                url = _checked_url(url)
                self._heed_robots(url)
                answer = self._get(url, max_bytes=MAX_BYTES)
                if answer.status in _REDIRECTS and answer.location:
                    url = urljoin(url, answer.location)
                    continue
                if answer.status != 200:
                    reason = http.client.responses.get(answer.status, "no page")
                    raise Unreadable(f"its server answers {answer.status} ({reason}); check the address in a browser")
                return Page(url, answer.raw, answer.content_type)
        raise Unreadable(f"leads on more than {MAX_REDIRECTS} times; give the last address")

    def _heed_robots(self, url: str) -> None:
        """Refuse what the host's robots.txt asks programs not to read; a host without one allows all."""
        parts = urlsplit(url)
        host = f"{parts.scheme}://{parts.netloc}"
        if host not in self._robots:
            rules = RobotFileParser()
            answer = self._get(f"{host}/robots.txt", max_bytes=MAX_ROBOTS_BYTES)
            if answer.status == 200:
                rules.parse(answer.raw.decode("utf-8", "replace").splitlines())
            else:
                rules.parse([])
            self._robots[host] = rules
        if not self._robots[host].can_fetch(ROBOT, url):
            raise Unreadable("its server asks programs not to read it (robots.txt); save the page in your browser")

    def _get(self, url: str, *, max_bytes: int) -> _Answer:
        """One request, no redirects followed."""
        parts = urlsplit(url)
        host, port = str(parts.hostname), parts.port or _PORTS[parts.scheme]
        self._wait(f"{parts.scheme}://{parts.netloc}")
        deadline = time.monotonic() + self._total_s
        try:
            address = self._address(host, port)
            connection = http.client.HTTPConnection(host, port, timeout=CONNECT_S)
            connection.default_port = _PORTS[parts.scheme]  # which the Host header leaves out
            connection.sock = socket.create_connection((address, port), CONNECT_S)
            # a server that sends a byte now and then never falls silent: past the deadline the line is cut
            timer = threading.Timer(self._total_s, lambda: _cut(connection.sock))
            timer.start()
            try:
                if parts.scheme == "https":
                    connection.sock = ssl.create_default_context().wrap_socket(connection.sock, server_hostname=host)
                target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
                query = f"?{quote(parts.query, safe=_QUERY)}" if parts.query else ""
                headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip, identity", "Connection": "close"}
                connection.request("GET", target + query, headers=headers)
                return _read(connection.getresponse(), max_bytes=max_bytes, deadline=deadline)
            finally:
                timer.cancel()
                connection.close()
        except (OSError, http.client.HTTPException, UnicodeError, zlib.error) as error:
            if time.monotonic() >= deadline:
                raise Unreadable(_too_slow(self._total_s)) from error
            what = str(error) or type(error).__name__
            raise Unreadable(f"cannot be fetched from {host} ({' '.join(what.split())[:120]})") from error

    def _address(self, host: str, port: int) -> str:
        """An address of a host that may be connected to; every address it has must be allowed."""
        found = [entry[4][0] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        for address in found:
            if not self._allow_private and not _is_public(str(address)):
                how = "allow it with --allow-private of citewell index add, if you trust it"
                raise Unreadable(f"is at the private address {address}; {how}")
        return str(found[0])

    def _wait(self, host: str) -> None:
        """Pause until the host may be asked again."""
        rules = self._robots.get(host)
        asked = rules.crawl_delay(ROBOT) if rules else None
        pause_s = min(max(self._pause_s, float(asked or 0)), MAX_PAUSE_S)
        left = self._latest.get(host, -pause_s) + pause_s - time.monotonic()
        if left > 0:
            time.sleep(left)
        self._latest[host] = time.monotonic()


def _checked_url(url: str) -> str:
    """A URL without its fragment, if it is one to fetch."""
    plain = urldefrag(url.strip())[0]
    try:
        parts = urlsplit(plain)
        port = parts.port
    except ValueError as error:
        raise Unreadable(f"is no web address ({error})") from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise Unreadable("is no web address; it begins with http:// or https://")
    if parts.username is not None or port == 0:
        raise Unreadable("is an address with a password or an odd port in it; give it without")
    if any(character.isspace() or not character.isprintable() for character in plain):
        raise Unreadable("is no web address; it holds blanks")
    return plain


def _is_public(address: str) -> bool:
    """Whether an address belongs to the public internet, also where IPv6 wraps an IPv4 address."""
    found = ipaddress.ip_address(address.split("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is not None and not inner.is_global:
            return False
        if found in ipaddress.ip_network("64:ff9b::/96"):  # NAT64: the last four bytes are the IPv4 address
            return ipaddress.IPv4Address(found.packed[-4:]).is_global
        if found.ipv4_mapped is not None:
            return found.ipv4_mapped.is_global
    return found.is_global and not found.is_multicast


def _read(response: http.client.HTTPResponse, *, max_bytes: int, deadline: float) -> _Answer:
    """Read an answer up to a limit, unpacked."""
    encoding = response.getheader("Content-Encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip", "x-gzip", ""}:
        raise Unreadable(f"is sent packed as {encoding[:20]!r}, which was not asked for; save it in your browser")
    unpack = zlib.decompressobj(16 + zlib.MAX_WBITS) if "gzip" in encoding else None
    pieces: list[bytes] = []
    size = 0
    while block := response.read1(_BLOCK):
        piece = unpack.decompress(block, max_bytes + 1 - size) if unpack else block
        pieces.append(piece)
        size += len(piece)
        if size > max_bytes:
            raise Unreadable(f"is larger than the {max_bytes / 1e6:.0f} MB that are fetched; save it to a file")
        if time.monotonic() >= deadline:
            raise TimeoutError
    if response.length or (unpack and size and not unpack.eof):  # fewer bytes than were promised
        raise http.client.IncompleteRead(b"")
    content_type = response.getheader("Content-Type", "").split(";")[0].strip().lower()
    return _Answer(response.status, response.getheader("Location"), content_type, b"".join(pieces))


def _cut(line: socket.socket | None) -> None:
    """End a connection from another thread, so that whoever reads from it stops."""
    with contextlib.suppress(OSError):  # it may have ended by itself
        if line is not None:
            line.shutdown(socket.SHUT_RDWR)


def _too_slow(total_s: float) -> str:
    return f"is not sent within {total_s:.0f} seconds; try again later, or save it in your browser"
