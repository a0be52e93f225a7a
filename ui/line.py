"""A line of people with one counter: whoever came first is served first."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable


class Line:
    """First come, first served, one at a time."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._queue: deque[object] = deque()

    def enter(self, ticket: object, *, waits: Callable[[int], bool]) -> bool:
        """Wait until a ticket is first.

        Args:
            ticket: Stands for one question; leave with the same one.
            waits: Told how many are ahead whenever that changes, and at least twice a second; False gives up.

        Returns:
            Whether the ticket is first now; if not, it has left the line.
        """
        with self._changed:
            self._queue.append(ticket)
        while True:
            with self._changed:
                ahead = self._queue.index(ticket)
            if ahead == 0:
                return True
            if not waits(ahead):
                self.leave(ticket)
                return False
            with self._changed:
                self._changed.wait_for(lambda: self._queue.index(ticket) != ahead, timeout=0.5)  # noqa: B023

    def leave(self, ticket: object) -> None:
        """Let the next one in; without effect for a ticket that is not in line."""
        with self._changed:
            if ticket in self._queue:
                self._queue.remove(ticket)
                self._changed.notify_all()
