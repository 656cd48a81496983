"""A story second by second.

The second `s` stands for the time from `s` to `s + 1`, in which nothing changes; END for that moment alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tests.unit.alerts.true_story import BEGIN, END

T = TypeVar("T")
SECONDS = range(BEGIN, END + 1)


@dataclass(frozen=True, order=True)
class Cause:
    """What a rule is to find: `about` is a ticket, a window, a camera or the hall. Without end: it lasts."""

    rule: str
    about: str
    start: float
    end: float | None


def each_second(track: Sequence[tuple[int, T]]) -> dict[int, T]:
    """What was so in each second."""
    changes, now, seconds = dict(track), track[0][1], {}
    for second in SECONDS:
        now = changes.get(second, now)
        seconds[second] = now
    return seconds


def stretches(holds: Callable[[int], bool]) -> Iterator[tuple[int, int | None]]:
    """The unbroken times in which something held; the last one may last."""
    start: int | None = None
    for second in SECONDS:
        if holds(second) and start is None:
            start = second
        elif not holds(second) and start is not None:
            yield start, second
            start = None
    if start is not None:
        yield start, None
