"""Where one viewer's packets wait for aiortc: a track of the peer connection."""

from __future__ import annotations

import asyncio
from collections import deque
from fractions import Fraction
from typing import TYPE_CHECKING

import av
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

from console.metrics import LIVE_DROPPED

if TYPE_CHECKING:
    from console.live.sound import Coded

MOST_WAITING = 500
LONGEST_STEP = Fraction(10)
"""Seconds; times that jump by more, or step back, come from a new run and are joined on."""
JOIN = Fraction(1, 25)


class Outlet(MediaStreamTrack):
    """Coded packets for one viewer, with times that only grow.

    A viewer that is too slow misses packets, up to a key frame.
    """

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self._queued: deque[Coded] = deque()
        self._came = asyncio.Event()
        self._needs_key = kind == "video"
        self._last: Fraction | None = None
        self._shift = Fraction(0)

    def put(self, data: bytes, pts: int, time_base: Fraction, *, is_key: bool) -> None:
        """Queue one packet; what cannot be shown without an earlier packet that was missed is left out."""
        if self._needs_key and not is_key:
            return
        if len(self._queued) >= MOST_WAITING:
            LIVE_DROPPED.labels(self.kind).inc(len(self._queued))
            self._queued.clear()
            self._needs_key = self.kind == "video"
            if self._needs_key and not is_key:
                return
        self._needs_key = False
        packet = av.Packet(data)
        packet.time_base = time_base
        packet.pts = packet.dts = round(self._continued(pts * time_base) / time_base)
        self._queued.append(packet)
        self._came.set()

    async def recv(self) -> Coded:
        """The next packet. Raises MediaStreamError once the track was stopped."""
        while not self._queued:
            if self.readyState != "live":
                raise MediaStreamError
            self._came.clear()
            await self._came.wait()
        return self._queued.popleft()

    def stop(self) -> None:
        """End the track and whoever waits for it."""
        super().stop()
        self._queued.clear()
        self._came.set()

    def _continued(self, at: Fraction) -> Fraction:
        """Media time as this viewer sees it, in seconds: from 0, without jumps between runs."""
        if self._last is None:
            self._shift = -at
        elif not -JOIN < at + self._shift - self._last < LONGEST_STEP:
            self._shift = self._last + JOIN - at
        self._last = max(self._last or Fraction(0), at + self._shift)
        return self._last
