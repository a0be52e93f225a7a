"""Serving the chat page: where it listens, who is let in, and that nothing is asked of any other machine."""

from __future__ import annotations

import errno
import json
import os
import socket
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import SettingsError
from ui.app import build_app
from ui.bot import Bot
from ui.loading import Loading

if TYPE_CHECKING:
    import gradio as gr

_ASSETS = Path(__file__).parent / "assets"
_SANS = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Liberation Sans", "sans-serif")
_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "Liberation Mono", "monospace")
_MAX_THREADS = 100  # every page that is being answered holds one


def launch(  # noqa: PLR0913
    bot: Bot,
    *,
    host: str = "127.0.0.1",
    port: int = 7860,
    auth: tuple[str, str] | None = None,
    mcp: bool = False,
    only: Sequence[str] | None = None,
    ready: Callable[[str], None],
    warn: Callable[[str], None] | None = None,
) -> None:
    """Serve the page until interrupted; the language model is loaded meanwhile.

    Args:
        bot: Answers the questions. Its search should be loaded.
        host: Address to listen on; anything but this machine's own gets a warning.
        port: Port to listen on.
        auth: User name and password to ask visitors for.
        mcp: Whether `/ask` and `/search` are offered to other assistants as tools, too.
        only: Ids of the articles that are ticked at first; all unless given.
        ready: Told the page's address once it can be opened.
        warn: Told, in one line, what others may see, and why a model cannot be loaded; `ready` unless given.

    Raises:
        SettingsError: The port is in use or not allowed, or the host is not an address of this machine.
    """
    check_port(host, port)
    if not is_local(host):
        whom = "anyone with the password" if auth else "anyone who can reach this machine; --auth asks for a password"
        shut = "" if auth else "; articles cannot be added on it"
        (warn or ready)(f"warning: listening on {host}, open to {whom}{shut}")
    open_to_all = not is_local(host) and auth is None
    loading = Loading(bot)
    loading.begin(failed=warn or ready)
    app = build_app(bot, adding=not open_to_all, only=only, loading=loading)
    blocks = start(app, host=host, port=port, auth=auth, mcp=mcp)
    try:
        ready(str(blocks.local_url))
        blocks.block_thread()
    finally:
        blocks.close(verbose=False)


def start(
    blocks: gr.Blocks, *, host: str, port: int | None, auth: tuple[str, str] | None = None, mcp: bool = False
) -> gr.Blocks:
    """Begin to serve a page in the background; with no port, on a free one."""
    import gradio as gr  # noqa: PLC0415

    _bypass_proxies()
    blocks.queue(default_concurrency_limit=None)
    blocks.launch(
        server_name=host,
        server_port=_free_port(host) if port is None else port,
        auth=auth,
        share=False,
        quiet=True,
        prevent_thread_lock=True,
        max_threads=_MAX_THREADS,
        footer_links=[],
        ssr_mode=False,
        pwa=False,
        enable_monitoring=False,
        mcp_server=mcp,
        run_history=False,
        theme=gr.themes.Base(font=_SANS, font_mono=_MONO),
        css=(_ASSETS / "page.css").read_text(encoding="utf-8"),
    )
    if mcp:
        _give_json(blocks)
    return blocks


def _give_json(blocks: gr.Blocks) -> None:
    """Have tools give JSON to other assistants, as all other ways do; Gradio writes Python's notation."""
    from mcp.types import ImageContent, TextContent  # noqa: PLC0415 - an extra

    def as_json(data: list[object], root_url: str) -> list[TextContent | ImageContent]:
        return [TextContent(type="text", text=json.dumps(value, ensure_ascii=False)) for value in data]

    assert blocks.mcp_server_obj is not None, "launched with mcp_server=True"
    blocks.mcp_server_obj.postprocess_output_data = as_json  # type: ignore[method-assign]


def _bypass_proxies() -> None:
    """Keep Gradio, which asks itself over HTTP whether it is up, from sending that through a proxy."""
    for name in ("NO_PROXY", "no_proxy"):
        hosts = [host for host in os.environ.get(name, "").split(",") if host]
        os.environ[name] = ",".join(dict.fromkeys([*hosts, "localhost", "127.0.0.1", "0.0.0.0", "::1"]))


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def is_local(host: str) -> bool:
    """Whether only this machine can reach a host it listens on."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check_mcp() -> None:
    """Fail, saying what to do, if what `--mcp` needs is not installed.

    Raises:
        SettingsError: It is not.
    """
    if find_spec("mcp") is None:
        raise SettingsError("--mcp needs the package mcp; install it with: pip install 'citewell[mcp]'")


def check_port(host: str, port: int) -> None:
    """Fail, saying what to do, if a page cannot listen there.

    Args:
        host: Address to listen on.
        port: Port to listen on.

    Raises:
        SettingsError: The port is in use or not allowed, or the host is not an address of this machine.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SettingsError(f"port {port} is in use; stop what uses it, or choose another with --port") from error
        raise SettingsError(
            f"cannot listen on {host}:{port}: {error.strerror or error}; see --host and --port"
        ) from error
    except OverflowError as error:
        raise SettingsError(f"port {port} is out of range; wanted 1 to 65535") from error
