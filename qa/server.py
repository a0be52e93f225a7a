"""Server: the few HTTP calls of an OpenAI-compatible server that citewell needs, behind plain values.

What a server says is outside data: every reply is bounded in size and time, checked, and never shown in full.
"""

from __future__ import annotations

import json
import os
import time
import weakref
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from index.errors import GenerationError, PromptTooLongError, SettingsError
from qa.address import Address
from qa.stopping import check_wanted

KEY = "CITEWELL_API_KEY"
AT_ONCE = 8  # requests under way; a server that can batch answers them together, others queue them
REPLY_S = 300.0  # most seconds a reply may take in all, waiting in the server included
_CONNECT_S = 10.0
_MOST_BYTES = 16 * 2**20  # of one reply
_SHOWN_CHARS = 200  # of what a server says about an error

Json = dict[str, Any]


class RefusedError(GenerationError):
    """The server understood no such request (HTTP 400 or 422)."""


class BrokenOffError(GenerationError):
    """A reply that was to come in pieces ended before its end was said."""


class Server:
    """One server. Its methods may be called from any thread."""

    def __init__(self, address: Address, *, reply_s: float = REPLY_S) -> None:
        """Prepare to call a server; nothing is sent yet.

        Args:
            address: Where it is.
            reply_s: Most seconds a reply may take.

        Raises:
            SettingsError: The key in the environment cannot be sent.
        """
        self.address = address
        self._reply_s = reply_s
        self._key = os.environ.get(KEY, "").strip()
        if not (self._key.isascii() and self._key.isprintable()):
            raise SettingsError(f"the key in {KEY} holds characters no key has; set it anew")
        self._http = httpx.Client(
            headers={"Authorization": f"Bearer {self._key}"} if self._key else {},
            timeout=httpx.Timeout(reply_s, connect=min(_CONNECT_S, reply_s)),
            limits=httpx.Limits(max_connections=2 * AT_ONCE),
            trust_env=not address.local,  # no proxy for a server on this machine
        )
        weakref.finalize(self, self._http.close)  # its connections are kept open as long as it is

    def get(self, path: str) -> Json:
        """Fetch a JSON object.

        Args:
            path: What comes after the server's address, with its slash.

        Returns:
            The object.

        Raises:
            GenerationError: The server cannot be reached, refuses, or answers something else.
        """
        with self._answered("GET", path, None) as pieces:
            return self._json(b"".join(pieces))

    def post(self, path: str, body: Mapping[str, object]) -> Json:
        """Send a JSON object and fetch one; as `get`."""
        with self._answered("POST", path, body) as pieces:
            return self._json(b"".join(pieces))

    def stream(self, path: str, body: Mapping[str, object]) -> Generator[Json, None, None]:
        """Send a JSON object and take the events of the reply as they come; closing the iterator ends the request.

        Args:
            path: As for `get`.
            body: What to send.

        Yields:
            Each event.

        Raises:
            GenerationError: As for `get`.
            BrokenOffError: The reply ends before the server says that it is whole.
        """
        # Not kept open: a server that fails in the middle closes it a moment later, under the request that follows.
        with self._answered("POST", path, body, {"Connection": "close"}) as pieces:
            for line in _lines(pieces):
                check_wanted()
                if line == b"data: [DONE]":
                    return
                if line.startswith(b"data:"):
                    event = self._json(line[5:])
                    if "error" in event:
                        raise self._failed(200, line[5:])
                    yield event
        raise BrokenOffError(f"{self.address.place}: the language model server broke off its reply; ask again")

    @contextmanager
    def _answered(
        self, method: str, path: str, body: Mapping[str, object] | None, headers: Mapping[str, str] | None = None
    ) -> Iterator[Iterator[bytes]]:
        """A request under way: the bytes of its reply as they come, once its status is good."""
        place = self.address.place
        try:
            with self._http.stream(method, self.address.base + path, json=body, headers=headers) as reply:
                pieces = self._bounded(reply)
                if reply.status_code != httpx.codes.OK:
                    raise self._failed(reply.status_code, b"".join(pieces))
                yield pieces
        except httpx.TimeoutException as error:
            raise GenerationError(
                f"{place}: the language model server gave no answer within {self._reply_s:.0f} seconds"
            ) from error
        except httpx.ConnectError as error:
            raise GenerationError(
                f"{place}: no language model server can be reached there ({self._clean(str(error))}); "
                "start it, or name another with --llm"
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise GenerationError(
                f"{place}: the language model server broke off ({self._clean(str(error)) or type(error).__name__}); "
                "see whether it still runs, and ask again"
            ) from error

    def _bounded(self, reply: httpx.Response) -> Iterator[bytes]:
        end = time.monotonic() + self._reply_s
        size = 0
        for piece in reply.iter_bytes():
            size += len(piece)
            if size > _MOST_BYTES:
                raise GenerationError(f"{self.address.place}: the server's reply does not end; {_NOT_ONE}")
            if time.monotonic() > end:
                raise httpx.ReadTimeout("too slow", request=reply.request)
            yield piece

    def _json(self, raw: bytes) -> Json:
        try:
            value = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise GenerationError(f"{self.address.place}: the server's reply is no JSON; {_NOT_ONE}") from error
        if not isinstance(value, dict):
            raise GenerationError(f"{self.address.place}: the server's reply is no JSON object; {_NOT_ONE}")
        return value

    def _failed(self, status: int, raw: bytes) -> GenerationError | PromptTooLongError:
        """The error that a reply stands for."""
        place, said = self.address.place, self._clean(_message(raw))
        low = said.lower()
        if status in (401, 403):
            what = f"refuses the key in {KEY}" if self._key else f"wants a key; set {KEY}"
            return GenerationError(f"{place}: the language model server {what}")
        if "context" in low and any(word in low for word in ("length", "size", "window")):
            return PromptTooLongError(f"{place}: {said}")
        if "logprobs" in low and ("support" in low or "logits_all" in low):
            return GenerationError(no_logprobs(place))
        if status == httpx.codes.NOT_FOUND:
            return GenerationError(f"{place}: not found (404: {said}); {_NOT_ONE}")
        if status in (400, 422):
            return RefusedError(f"{place}: the language model server refuses the request ({status}: {said})")
        return GenerationError(f"{place}: the language model server failed ({status}: {said})")

    def _clean(self, text: str) -> str:
        """What a server says, as part of one line, never with the key in it."""
        hidden = text.replace(self._key, "…") if self._key else text
        line = " ".join("".join(c if c.isprintable() else " " for c in hidden).split())
        return line if len(line) <= _SHOWN_CHARS else f"{line[:_SHOWN_CHARS]}…"


_NOT_ONE = "wanted the address of an OpenAI-compatible server, which mostly ends in /v1"


def no_logprobs(place: str) -> str:
    """What to tell a user whose server gives no probabilities."""
    return (
        f"{place}: the server gives no token probabilities (top_logprobs), by which citewell judges sentences; "
        "turn them on there (llama_cpp.server: --logits_all true), or use another server"
    )


def _lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        yield from (line.rstrip(b"\r") for line in lines)


def _message(raw: bytes) -> str:
    """The sentence in an error's body, the body itself where there is none."""
    text = raw.decode("utf-8", "replace")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    for key in ("error", "message", "detail"):
        if isinstance(value, dict) and key in value:
            value = value[key]
    return value if isinstance(value, str) else json.dumps(value)
