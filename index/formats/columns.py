"""Boxes on a page -> the order in which a person reads them: column by column, headlines over their columns (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

MOST_BOXES = 200  # on a page that is read by columns; a map or a drawing has more, and no columns


class Box(Protocol):
    """A rectangle; y grows upwards, as it does in PDF."""

    @property
    def x0(self) -> float:
        """Left edge."""

    @property
    def x1(self) -> float:
        """Right edge."""

    @property
    def y0(self) -> float:
        """Lower edge."""

    @property
    def y1(self) -> float:
        """Upper edge."""


B = TypeVar("B", bound=Box)


def reading_order(boxes: Sequence[B], *, least_width: float) -> list[B]:
    """Order boxes as they are read.

    Where a vertical strip is free from top to bottom, the left side is read before the right. Where there is none, the
    page is cut across above and below the largest part that has one: headlines and what stands between columns go off,
    each set of columns stays together. This is a recursive X-Y cut that looks for columns first.
    Source: Nagy and Seth, Hierarchical representation of optically scanned documents (1984).

    Args:
        boxes: Of one page.
        least_width: What is narrower is no column.

    Returns:
        The same boxes, in order.
    """
    down = sorted(boxes, key=lambda box: (-box.y1, box.x0))
    if len(down) > MOST_BOXES:
        return down
    ordered: list[B] = []
    waiting = [down]
    while waiting:
        part = waiting.pop()
        parts = _columns(part, least_width) or _bands(part, least_width)
        waiting.extend(reversed(parts))
        if not parts:
            ordered.extend(part)
    return ordered


def _columns(part: list[B], least_width: float) -> list[list[B]]:
    """What is left and what is right of the first free strip, each still from the top down; empty if there is none."""
    across = sorted(part, key=lambda box: box.x0)
    right = max((box.x1 for box in part), default=0.0)
    edge = across[0].x1 if across else 0.0
    for box in across[1:]:
        if box.x0 > edge and edge - across[0].x0 >= least_width and right - box.x0 >= least_width:
            return [[b for b in part if b.x0 < box.x0], [b for b in part if b.x0 >= box.x0]]
        edge = max(edge, box.x1)
    return []


def _bands(part: list[B], least_width: float) -> list[list[B]]:
    """The largest run of boxes that has columns, with what is above and below it; empty if none has."""
    cuts, floor = [0], float("inf")
    for number, box in enumerate(part):
        if number and box.y1 <= floor:
            cuts.append(number)
        floor = min(floor, box.y0)
    cuts.append(len(part))
    runs = [(begin, end) for begin in cuts for end in cuts if 2 <= end - begin < len(part)]
    for begin, end in sorted(runs, key=lambda run: run[0] - run[1]):
        if _columns(part[begin:end], least_width):
            return [band for band in (part[:begin], part[begin:end], part[end:]) if band]
    return []
