"""How fast a notifier may send: at most so many messages in any minute."""

from __future__ import annotations

from collections import deque

MINUTE = 60.0


class Pace:
    """Remembers when messages went out. `now` is monotonic, in seconds."""

    def __init__(self, most: int | None) -> None:
        """`most` messages in any minute; None: as many as there are."""
        self._most = most
        self._sent: deque[float] = deque(maxlen=most)

    def wait(self, now: float) -> float:
        """Seconds until the next message may go out; 0: now."""
        if self._most is None or len(self._sent) < self._most:
            return 0.0
        return max(0.0, self._sent[0] + MINUTE - now)

    def is_last(self, now: float) -> bool:
        """Whether after the next message one would have to wait."""
        if self._most is None:
            return False
        return sum(at + MINUTE > now for at in self._sent) == self._most - 1

    def sent(self, now: float) -> None:
        """A message goes out, whatever becomes of it."""
        if self._most is not None:
            self._sent.append(now)
