"""Where the bus thread leaves messages for the analysing threads: bounded, drops counted by the caller.

Pictures: only the newest of each camera waits, an older one is worth nothing any more.
Sound: the order counts, so a bounded queue that drops its oldest.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable

Dropped = Callable[[str], None]


class NewestInbox:
    """At most one message a key; keys are served in the order in which they began to wait."""

    def __init__(self, dropped: Dropped) -> None:
        """`dropped` is called with the key of each message that a newer one replaced."""
        self._dropped = dropped
        self._ready = threading.Condition()
        self._waiting: OrderedDict[str, bytes] = OrderedDict()

    def put(self, key: str, payload: bytes) -> None:
        """Leave a message; an older one with this key is dropped, but its place in the order kept."""
        with self._ready:
            replaced = key in self._waiting
            self._waiting[key] = payload
            self._ready.notify()
        if replaced:
            self._dropped(key)

    def take(self, seconds: float) -> tuple[str, bytes] | None:
        """The message that waits longest, or None when none comes within `seconds`."""
        with self._ready:
            if not self._waiting:
                self._ready.wait(seconds)
            return self._waiting.popitem(last=False) if self._waiting else None


class OrderedInbox:
    """At most `bound` messages in order of arrival; the oldest goes first, also when there is no room."""

    def __init__(self, bound: int, dropped: Dropped) -> None:
        """`dropped` is called with the key of each message that had to go."""
        self._bound = bound
        self._dropped = dropped
        self._ready = threading.Condition()
        self._waiting: deque[tuple[str, bytes]] = deque()

    def put(self, key: str, payload: bytes) -> None:
        """Leave a message at the end of the queue."""
        lost: str | None = None
        with self._ready:
            if len(self._waiting) >= self._bound:
                lost = self._waiting.popleft()[0]
            self._waiting.append((key, payload))
            self._ready.notify()
        if lost is not None:
            self._dropped(lost)

    def take(self, seconds: float) -> tuple[str, bytes] | None:
        """The oldest message, or None when none comes within `seconds`."""
        with self._ready:
            if not self._waiting:
                self._ready.wait(seconds)
            return self._waiting.popleft() if self._waiting else None
