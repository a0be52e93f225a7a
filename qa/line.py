"""A line of people before some counters: whoever came first is served first."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable


class Line:
    """First come, first served, a few at a time.

    Args:
        places: How many are served at once.
    """

    def __init__(self, places: int = 1) -> None:
        self._places = places
        self._changed = threading.Condition()
        self._queue: deque[object] = deque()

    def enter(self, ticket: object, *, waits: Callable[[int], bool]) -> bool:
        """Wait until a ticket is served.

        Args:
            ticket: Stands for one question; leave with the same one.
            waits: Told how many come before whenever that changes, and at least twice a second; False gives up.

        Returns:
            Whether the ticket is served now; if not, it has left the line.
        """
        with self._changed:
            self._queue.append(ticket)
        while True:
            with self._changed:
                ahead = self._ahead(ticket)
            if ahead == 0:
                return True
            if not waits(ahead):
                self.leave(ticket)
                return False
            with self._changed:
                self._changed.wait_for(lambda: self._ahead(ticket) != ahead, timeout=0.5)  # noqa: B023

    def leave(self, ticket: object) -> None:
        """Let the next one in; without effect for a ticket that is not in line."""
        with self._changed:
            if ticket in self._queue:
                self._queue.remove(ticket)
                self._changed.notify_all()

    def _ahead(self, ticket: object) -> int:
        return max(self._queue.index(ticket) - self._places + 1, 0)
