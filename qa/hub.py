"""Model bytes from the model hub, by plain HTTP, going on where a cut connection left off. No token is ever sent."""

from __future__ import annotations

import http.client
import os
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from qa.catalogue import HubSource, ModelFile
from qa.wheels import Progress, SourceError

_HUB = "https://huggingface.co"  # HF_ENDPOINT names another, as it does for the hub's own tools
_BLOCK = 1 << 18
_TIMEOUT_S = 30
_TRIES = 4  # connections in a row that bring nothing before the hub is given up
_WAIT_S = 1.0


def fetch_file(source: HubSource, file: ModelFile, partial: Path, *, progress: Progress) -> None:
    """Grow a file from the hub until it has its size, asking only for the bytes that are not there yet.

    Args:
        source: The repository.
        file: What is wanted.
        partial: Where it grows; its present bytes, from whichever source, are taken as the file's beginning.
        progress: Told how many bytes there are.

    Raises:
        SourceError: The hub cannot be reached, has no such file, or keeps cutting the connection.
        OSError: The disk is full or not writable.
    """
    url = _url(source, file)
    partial.touch()
    idle = 0
    while (have := partial.stat().st_size) < file.size_bytes:
        try:
            _append_rest(url, file, partial, progress=progress)
            problem = "the connection was cut"
        except urllib.error.HTTPError as error:
            if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                break  # the hub's file is shorter than ours should be: the hash will say so
            problem = f"it answered {error.code} {error.reason}"
            if error.code < http.HTTPStatus.INTERNAL_SERVER_ERROR and error.code != http.HTTPStatus.TOO_MANY_REQUESTS:
                raise SourceError(problem) from error
        except (urllib.error.URLError, http.client.HTTPException, ssl.SSLError, ConnectionError, TimeoutError) as error:
            problem = f"no connection: {getattr(error, 'reason', error)}"
        idle = idle + 1 if partial.stat().st_size <= have else 0
        if idle >= _TRIES:
            raise SourceError(problem)
        if partial.stat().st_size < file.size_bytes:
            time.sleep(_WAIT_S * idle)
    (partial.with_name(partial.name + ".pieces")).unlink(missing_ok=True)


def _url(source: HubSource, file: ModelFile) -> str:
    """Address of a file, below HF_ENDPOINT where that is set."""
    hub = os.environ.get("HF_ENDPOINT", "").strip().rstrip("/") or _HUB
    if urllib.parse.urlsplit(hub).scheme not in {"http", "https"}:
        raise SourceError("HF_ENDPOINT is no http or https address")
    return f"{hub}/{source.repository}/resolve/{source.revision}/{urllib.parse.quote(file.name)}"


def _append_rest(url: str, file: ModelFile, partial: Path, *, progress: Progress) -> None:
    """Ask for the missing bytes and append what comes, at most as much as is missing."""
    have = partial.stat().st_size
    request = urllib.request.Request(url, headers={"User-Agent": "citewell", "Accept-Encoding": "identity"})
    if have:
        request.add_header("Range", f"bytes={have}-")
    with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as reply, partial.open("r+b") as out:
        if reply.status != http.HTTPStatus.PARTIAL_CONTENT:
            have = 0  # the server sends the whole file whatever was asked
        out.truncate(out.seek(have))
        while have < file.size_bytes:
            block = reply.read1(min(_BLOCK, file.size_bytes - have))
            if not block:
                return
            out.write(block)
            have += len(block)
            progress(have)
