"""The way to a Milvus server: pymilvus, which few need and which takes a while to import, and what it raises."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import SettingsError, StoreError
from index.milvus.place import Place

if TYPE_CHECKING:
    from pymilvus import MilvusClient

TOKEN = "CITEWELL_MILVUS_TOKEN"  # noqa: S105 - the name of a variable
CONNECT_S = 10
START_S = 20  # the same to a file that this process serves: nothing is out of reach there, but the machine may be busy
# Times a file is served, each on another port: now and then nothing comes through. Why is not known; a port that a dead
# server had before is one way to it, for gRPC goes on calling that one dead.
_STARTS = 3


def connect(place: Place) -> MilvusClient:
    """Connect to a server, or serve a file from this process.

    Args:
        place: Which.

    Returns:
        pymilvus's client; its calls belong into `told`.

    Raises:
        SettingsError: pymilvus is not installed, or Milvus Lite for a file.
        StoreError: The server cannot be reached or does not let us in, or the file cannot be used.
    """
    try:
        import pymilvus  # noqa: PLC0415

        if place.host is None:
            import milvus_lite  # noqa: F401, PLC0415
    except ModuleNotFoundError as error:
        raise SettingsError(f"{place}: a Milvus store needs more libraries: pip install 'citewell[milvus]'") from error
    if place.host is None and not Path(place.uri).absolute().parent.is_dir():
        raise StoreError(f"{place}: the folder it should be in is not there")
    for name in ("pymilvus", "milvus_lite"):  # they log, with a traceback, what they raise as well
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        if place.host is None:
            return _served(place)
        return pymilvus.MilvusClient(place.uri, token=os.environ.get(TOKEN, ""), timeout=CONNECT_S)
    except pymilvus.MilvusException as error:
        if place.host is None:
            problem = "the file cannot be opened; it may be in use by another process, or not be of Milvus Lite"
            problem += f" ({_reason(error.__cause__)})" if error.__cause__ else ""
        else:
            problem = f"no Milvus server can be reached there ({_reason(error)}); a token goes into {TOKEN}"
        raise StoreError(f"{place}: {problem}") from error


def _served(place: Place) -> MilvusClient:
    """Serve a file from this process, and connect to it."""
    from milvus_lite.server_manager import server_manager_instance  # noqa: PLC0415
    from pymilvus import MilvusClient, MilvusException  # noqa: PLC0415
    from pymilvus.exceptions import ConnectionConfigException  # noqa: PLC0415

    for _ in range(_STARTS - 1):
        try:
            return MilvusClient(place.uri, timeout=START_S)
        except ConnectionConfigException:  # nothing is served at all
            raise
        except MilvusException:
            server_manager_instance.release_server(place.uri)
    return MilvusClient(place.uri, timeout=START_S)


@contextmanager
def told(place: Place) -> Iterator[None]:
    """What a server, or the way to it, has against a call as one line.

    Args:
        place: Which server.

    Yields:
        Nothing.

    Raises:
        StoreError: A call failed.
    """
    from grpc import RpcError  # noqa: PLC0415
    from pymilvus import MilvusException  # noqa: PLC0415

    try:
        yield
    except (MilvusException, RpcError) as error:
        raise StoreError(f"{place}: the Milvus server failed ({_reason(error)})") from error


def _reason(error: BaseException) -> str:
    message = getattr(error, "message", None) or str(error)
    return " ".join(str(message).split())[:200]
