"""Quiet: llama.cpp's log is kept off the user's terminal; its errors come back as codes."""

from __future__ import annotations

import ctypes
from types import ModuleType

_callback: object | None = None


def silence(llama_cpp: ModuleType) -> None:
    """Have llama.cpp log nothing, for the whole process.

    Args:
        llama_cpp: The module.
    """
    global _callback  # noqa: PLW0603 - the C side keeps the pointer, so Python must keep the object
    if _callback is None:
        _callback = llama_cpp.llama_log_callback(lambda level, text, data: None)
        llama_cpp.llama_log_set(_callback, ctypes.c_void_p(0))
