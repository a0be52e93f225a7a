"""States: what a model made of texts it has read, taken out of llama.cpp and put back to save reading them again."""

from __future__ import annotations

import ctypes
from collections import OrderedDict
from types import ModuleType

from index.errors import GenerationError

State = ctypes.Array[ctypes.c_uint8]  # what llama.cpp keeps of a sequence
Read = tuple[int, tuple[int, ...]]  # how many tokens came before a text, and all of them with the text's own


def take_out(c: ModuleType, context: object, sequence: int) -> State:
    """The state of a sequence.

    Args:
        c: llama_cpp.
        context: A llama_context.
        sequence: Its number.

    Returns:
        A copy; the sequence stays as it is.
    """
    size = c.llama_state_seq_get_size(context, sequence)
    state: State = (ctypes.c_uint8 * size)()
    c.llama_state_seq_get_data(context, state, size, sequence)
    return state


def put_back(c: ModuleType, context: object, sequence: int, state: State) -> None:
    """Make a sequence hold what a state was taken of, and nothing else.

    Args:
        c: llama_cpp.
        context: A llama_context.
        sequence: Its number.
        state: From `take_out`, of any sequence.

    Raises:
        GenerationError: There is no room for it.
    """
    if not c.llama_state_seq_set_data(context, state, len(state), sequence):
        raise GenerationError(f"llama.cpp failed to take a state of {len(state)} bytes back")


class KeptStates:
    """States by what was read, as many as fit a share of memory; those longest unused go first."""

    def __init__(self, most_bytes: int) -> None:
        """Keep none yet.

        Args:
            most_bytes: What the states may take together.
        """
        self._most = most_bytes
        self._states: OrderedDict[Read, State] = OrderedDict()  # latest used last
        self._bytes = 0

    def get(self, read: Read) -> State | None:
        """The state of a text, if it is kept; it then counts as just used."""
        state = self._states.get(read)
        if state is not None:
            self._states.move_to_end(read)
        return state

    def put(self, read: Read, state: State) -> None:
        """Keep a state that is not kept yet, and let go of those that no longer fit."""
        self._states[read] = state
        self._bytes += len(state)
        while self._bytes > self._most:
            self._bytes -= len(self._states.popitem(last=False)[1])
