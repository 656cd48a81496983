"""Puts picture and sound into one order of time, so that a cut is at the same moment in both.

Sound arrives later than the picture of the same moment, or earlier. Packets are held until every track has
come as far, at most `hold_seconds`; holding one packet of each track also tells how long each lasts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace

from hall.media import Packet, Track

HOLD_SECONDS = 1.0


class Interleaver:
    """Orders the packets of one run by decoding time and fills in their durations."""

    def __init__(self, tracks: Sequence[Track], hold_seconds: float = HOLD_SECONDS) -> None:
        self._ticks = {track.index: track.time_base[0] / track.time_base[1] for track in tracks}
        self._waiting: dict[int, deque[Packet]] = {track.index: deque() for track in tracks}
        self._usual: dict[int, int] = {}
        self._hold_seconds = hold_seconds
        self._newest = float("-inf")

    def push(self, packet: Packet) -> Iterator[Packet]:
        """Take a packet; gives those that are now in order, each with its duration."""
        self._waiting[packet.track].append(packet)
        self._newest = max(self._newest, self._time(packet))
        while (ready := self._ready()) is not None:
            yield self._release(ready)

    def flush(self) -> Iterator[Packet]:
        """Everything that is still held, in order."""
        while any(self._waiting.values()):
            yield self._release(self._first())

    def _time(self, packet: Packet) -> float:
        return packet.dts * self._ticks[packet.track]

    def _first(self) -> int:
        """The track whose next packet is the earliest."""
        return min(
            (track for track, packets in self._waiting.items() if packets),
            key=lambda track: self._time(self._waiting[track][0]),
        )

    def _ready(self) -> int | None:
        if not any(self._waiting.values()):
            return None
        first = self._first()
        if self._newest - self._time(self._waiting[first][0]) > self._hold_seconds:
            return first
        others_there = all(packets for track, packets in self._waiting.items() if track != first)
        return first if others_there and len(self._waiting[first]) > 1 else None

    def _release(self, track: int) -> Packet:
        packets = self._waiting[track]
        packet = packets.popleft()
        if packets:
            duration = packets[0].dts - packet.dts
            self._usual[track] = duration
        else:
            duration = packet.duration or self._usual.get(track, 1)
        return replace(packet, duration=duration)
