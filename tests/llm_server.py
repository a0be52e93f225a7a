"""Language model servers on loopback for tests: a real one in a process of its own, and one with scripted replies."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from qa.models import ModelStore

KEY = "sesame-open"


@contextmanager
def real_server(log: Path, *, logprobs: bool = True) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """llama-cpp-python's own server with the smallest model: its address, and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    model = ModelStore.open().locate("tiny", "llm")
    options = {"model": model, "n_ctx": 1024, "port": port, "api_key": KEY, "logits_all": logprobs, "verbose": False}
    options |= {"n_threads": 1, "n_threads_batch": 1}  # more would wait for each other where the cores are busy
    command = [sys.executable, "-m", "llama_cpp.server"]
    command += [word for name, value in options.items() for word in (f"--{name}", str(value))]
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        address = f"http://127.0.0.1:{port}/v1"
        try:
            _wait_for(address, process, log)
            yield address, process
        finally:
            process.kill()


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        try:
            httpx.get(f"{address}/models", trust_env=False)
        except httpx.TransportError:
            assert process.poll() is None, log.read_text(encoding="utf-8")[-2000:]
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"the server is not up within two minutes: {log.read_text(encoding='utf-8')[-2000:]}")


Reply = tuple[int, bytes]


@contextmanager
def scripted_server(reply: Callable[[str, dict[str, Any]], Reply], *, delay_s: float = 0.0) -> Iterator[str]:
    """A server that answers by a function of path and body; its address."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            size = int(self.headers.get("Content-Length", 0))
            status, body = reply(self.path, json.loads(self.rfile.read(size) or b"{}"))
            time.sleep(delay_s)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if 300 <= status < 400:
                self.send_header("Location", "http://127.0.0.1:9/v1")
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:
                return  # the caller has gone

        do_GET = do_POST = _answer  # noqa: N815 - as the library wants them

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1"
        finally:
            server.shutdown()
            thread.join()
