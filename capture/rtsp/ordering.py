"""Decoding times of pictures that are sent in another order than they are shown in (B-frames).

RTP carries only the time at which a picture is shown. Of the pictures seen so far, sorted by that time, the
one that lies as many places back as pictures can be out of order gives the decoding time: it never decreases
and is never after the time of showing. How many places that is the sequence parameter set says; where it
does not, none is taken until a picture goes back, and one more each time that was too few. Nothing waits.
"""

from __future__ import annotations

from heapq import heappush, heappushpop

from capture.rtsp.sequence_parameters import MOST_REORDERED


class DecodingOrder:
    """Tells decoding times, picture by picture."""

    def __init__(self, reordered: int | None, ticks: int, leap: int) -> None:
        """`ticks` is how long a picture usually lasts; going back by more than `leap` is a new start."""
        self._depth = min(reordered or 0, MOST_REORDERED)
        self._ticks = ticks
        self._leap = leap
        self._seen: list[int] = []
        self._last: int | None = None

    def decoding_time(self, shown: int) -> int:
        """The decoding time of the next picture, which is shown at `shown`.

        It is later than `shown` only while it is being learned how far pictures go back.
        """
        last = self._last
        if last is not None and shown < last - self._leap:
            self._seen.clear()
            last = None
        elif last is not None and shown < last:
            self._depth = min(self._depth + 1, MOST_REORDERED)
        if len(self._seen) < self._depth:
            heappush(self._seen, shown)
            at = self._seen[0] - (self._depth - len(self._seen) + 1) * self._ticks
        else:
            at = heappushpop(self._seen, shown) if self._depth else shown
        self._last = at = at if last is None else max(at, last)
        return at
