"""Stopping: how whoever asked tells the model, in the middle of its work, that nobody wants the answer any more.

An iterator cannot be closed from another thread while it runs. So the thread that runs it says, around it, how to find
out whether the answer is still wanted, and the model asks between two tokens and while it waits its turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from index.errors import StoppedError

_wanted: ContextVar[Callable[[], bool] | None] = ContextVar("wanted", default=None)


@contextmanager
def while_wanted(wanted: Callable[[], bool]) -> Iterator[None]:
    """Have the model stop, with StoppedError, once an answer is not wanted any more.

    Args:
        wanted: Asked often, and from this thread only; False stops the model.

    Yields:
        Nothing; it holds for what this thread does in the block.
    """
    before = _wanted.set(wanted)
    try:
        yield
    finally:
        _wanted.reset(before)


def check_wanted() -> None:
    """Go on only while the answer is wanted.

    Raises:
        StoppedError: It is not.
    """
    wanted = _wanted.get()
    if wanted is not None and not wanted():
        raise StoppedError("stopped before the answer was finished")
