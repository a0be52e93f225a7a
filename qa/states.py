"""LayerStates: what a layer in the middle of a model holds after each token, taken out while llama.cpp computes."""

from __future__ import annotations

import ctypes
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import numpy as np
import numpy.typing as npt

States = npt.NDArray[np.float32]


class LayerStates:
    """Collects the states of one layer. llama.cpp calls it at every step it computes, too short to be measured."""

    def __init__(self, layer: int, *, size: int) -> None:
        """Prepare to collect.

        Args:
            layer: Its number, from 0.
            size: Numbers a token's state has.
        """
        import llama_cpp  # noqa: PLC0415 - loads the native library
        from llama_cpp._ctypes_extensions import load_shared_library  # noqa: PLC0415

        ggml = load_shared_library("ggml-base", Path(llama_cpp.__file__).parent / "lib")
        name_of = ggml.ggml_get_name
        name_of.argtypes, name_of.restype = [ctypes.c_void_p], ctypes.c_char_p
        bytes_of = ggml.ggml_nbytes
        bytes_of.argtypes, bytes_of.restype = [ctypes.c_void_p], ctypes.c_size_t
        copy = ggml.ggml_backend_tensor_get  # wherever the tensor is, on a graphics card too
        copy.argtypes, copy.restype = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t], None
        wanted = f"l_out-{layer}".encode()
        self._parts: list[States] = []

        def take(tensor: int, asking: bool, _: object) -> bool:
            if name_of(tensor) != wanted:
                return not asking  # asked first which steps are of interest; True afterwards goes on
            if not asking:
                count = bytes_of(tensor)
                rows = np.empty((count // (4 * size), size), dtype=np.float32)
                copy(tensor, rows.ctypes.data, 0, count)
                self._parts.append(rows)
            return True

        self.callback = llama_cpp.ggml_backend_sched_eval_callback(take)

    def forget(self) -> None:
        """Begin anew."""
        self._parts.clear()

    def rows(self) -> States:
        """The states of all tokens read since, in order, shape (tokens, size)."""
        return np.concatenate(self._parts)


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Have Ctrl-C wait for the end of the block.

    Python runs what Ctrl-C calls between any two steps of its own; what is raised in a function that C code has called
    is printed and lost.

    Yields:
        Nothing; outside the main thread, which alone is interrupted, it does nothing.
    """
    handler = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(handler):
        yield
        return
    missed: list[tuple[int, FrameType | None]] = []
    signal.signal(signal.SIGINT, lambda number, frame: missed.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
    if missed:
        handler(*missed[-1])
