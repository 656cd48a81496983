"""Puts picture and sound into one order of time, so that a cut is at the same moment in both.

Sound arrives later than the picture of the same moment, or earlier. Packets are held until every track has
come as far, at most `hold_seconds`; holding one packet of each track also tells how long each lasts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from hall.media import Packet, Track

HOLD_SECONDS = 1.0


class _Lane:
    """What waits of one track, with its time in seconds."""

    __slots__ = ("tick", "usual", "waiting")

    def __init__(self, track: Track) -> None:
        self.tick = track.time_base[0] / track.time_base[1]
        self.usual = 1
        self.waiting: deque[tuple[float, Packet]] = deque()


class Interleaver:
    """Orders the packets of one run by decoding time and tells how long each lasts."""

    def __init__(self, tracks: Sequence[Track], hold_seconds: float = HOLD_SECONDS) -> None:
        self._lanes = {track.index: _Lane(track) for track in tracks}
        self._all = tuple(self._lanes.values())
        self._hold_seconds = hold_seconds
        self._newest = float("-inf")

    def push(self, packet: Packet) -> list[tuple[Packet, int]]:
        """Take a packet; gives those that are now in order, each with how many ticks it lasts."""
        lane = self._lanes[packet.track]
        at = packet.dts * lane.tick
        lane.waiting.append((at, packet))
        self._newest = max(self._newest, at)
        released = []
        while (ready := self._ready()) is not None:
            released.append(_release(ready))
        return released

    def flush(self) -> Iterator[tuple[Packet, int]]:
        """Everything that is still held, in order."""
        while (first := self._first()[0]) is not None:
            yield _release(first)

    def _first(self) -> tuple[_Lane | None, bool]:
        """The track whose next packet is the earliest, and whether something waits of every track."""
        first: _Lane | None = None
        is_complete = True
        for lane in self._all:
            if not lane.waiting:
                is_complete = False
            elif first is None or lane.waiting[0][0] < first.waiting[0][0]:
                first = lane
        return first, is_complete

    def _ready(self) -> _Lane | None:
        first, is_complete = self._first()
        if first is None or (is_complete and len(first.waiting) > 1):
            return first
        return first if self._newest - first.waiting[0][0] > self._hold_seconds else None


def _release(lane: _Lane) -> tuple[Packet, int]:
    _, packet = lane.waiting.popleft()
    if lane.waiting:
        lane.usual = lane.waiting[0][1].dts - packet.dts
        return packet, lane.usual
    return packet, packet.duration or lane.usual
