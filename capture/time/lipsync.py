"""Keeps the sound in step with the picture, however the two clocks of one camera run.

A camera may count its pictures and its samples by two crystals: 200 ppm between them is 17 s a day. Two
things tell how far a track's time has left that of the picture. The camera's sender reports give both in the
camera's own wall clock (`Packet.sent_at_us`); without them the arrival of packets does, because both come the
same way: the least delayed ones of a while are compared. A difference is worked off over the next seconds,
too slowly to be heard, and no block of sound is dropped for it. Only a large one, which a second look has
confirmed, is set right at once.

The reference track is never moved: recorded time is its time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from capture.metrics import DROPPED
from hall.media import Packet, Track

WINDOW_SECONDS = 10.0
BELIEVED_SECONDS = 0.5
"""A stream's own times hold at first, unless the arrival of its tracks contradicts them by more than this."""
PLAUSIBLE_SECONDS = 1.0
"""Sender reports that the arrival of packets contradicts by more than this are not believed."""
AT_ONCE_SECONDS = 0.1
"""A correction beyond this is made at once, when the next look says the same."""
ALIKE_SECONDS = 0.03
STEEPEST = 0.005
"""Share of the time that passes by which a track is moved at most: 5 ms in a second."""


class _Mark:
    """What is known of one track: its least delay in this window, and its time in the camera's clock."""

    __slots__ = (
        "count", "last", "latency", "least", "moved_at", "shift", "slope", "suspected", "tick", "told",
        "wanted",
    )  # fmt: skip

    def __init__(self, track: Track) -> None:
        self.tick = track.time_base[0] / track.time_base[1]
        self.least = float("inf")
        self.told: float | None = None
        self.count = 0
        self.latency: float | None = None
        self.shift = self.wanted = self.slope = 0.0
        self.suspected: float | None = None
        self.moved_at: float | None = None
        self.last: int | None = None

    def forget(self) -> None:
        """A new window begins."""
        self.least = float("inf")
        self.told = None
        self.count = 0


class LipSync:
    """Moves the times of the tracks of one connection; lives as long as it, over several runs."""

    def __init__(self, tracks: Sequence[Track], reference: Track) -> None:
        self.reference = reference.index
        self._marks = {track.index: _Mark(track) for track in tracks}
        self._main = self._marks[reference.index]
        self._others = [mark for mark in self._marks.values() if mark is not self._main]
        self._began: float | None = None

    def settle(self, packets: Iterable[Packet]) -> None:
        """Learn from the first packets of a run, before any of them is moved: it holds at once."""
        self._began = None
        for mark in self._marks.values():
            mark.forget()
            mark.last = mark.moved_at = None
        for packet in packets:
            self._observe(packet)
        for mark in self._others:
            found = self._found(mark)
            mark.shift = mark.wanted = mark.wanted if found is None else found
            mark.slope = 0.0
            mark.suspected = None

    def take(self, packet: Packet) -> Packet | None:
        """The packet at its time in the reference's media time; None for sound that would go back in time."""
        if not self._others:
            return packet
        self._observe(packet)
        if packet.track == self.reference:
            return packet
        mark = self._marks[packet.track]
        moved = round(self._moved(mark, packet.dts * mark.tick) / mark.tick)
        dts = packet.dts + moved
        if mark.last is not None and dts <= mark.last:
            DROPPED.labels("backwards").inc()
            return None
        mark.last = dts
        if not moved:
            return packet
        return Packet(
            packet.track, packet.kind, packet.data, packet.pts + moved, dts, packet.duration, packet.is_key,
            packet.arrived, packet.sent_at_us, packet.units,
        )  # fmt: skip

    def _observe(self, packet: Packet) -> None:
        mark, arrived = self._marks[packet.track], packet.arrived
        media = packet.pts * mark.tick
        mark.least = min(mark.least, arrived - media)
        if packet.sent_at_us is not None:
            # The mean of a window: a report that the camera made a little late changes both tracks alike.
            told = packet.sent_at_us / 1_000_000 - media
            mark.count += 1
            mark.told = told if mark.told is None else mark.told + (told - mark.told) / mark.count
        if self._began is None:
            self._began = arrived
        elif arrived - self._began >= WINDOW_SECONDS:
            self._began = arrived
            self._judge()

    def _judge(self) -> None:
        for mark in self._others:
            found = self._found(mark)
            if found is not None:
                self._want(mark, found)
        for mark in self._marks.values():
            mark.forget()

    def _found(self, mark: _Mark) -> float | None:
        """By how many seconds a track is to be moved, as this window tells; None when it does not."""
        main = self._main
        if mark.least == float("inf") or main.least == float("inf"):
            return None
        apart = mark.least - main.least
        if mark.told is not None and main.told is not None:
            by_reports = mark.told - main.told
            if abs(apart - by_reports) <= PLAUSIBLE_SECONDS:
                mark.latency = apart - by_reports
                return by_reports
        if mark.latency is None:
            mark.latency = apart if abs(apart) <= BELIEVED_SECONDS else 0.0
        # Of few packets the least delayed one is late by chance: half of a small difference is believed.
        found = apart - mark.latency
        return found if abs(found - mark.wanted) > AT_ONCE_SECONDS else (found + mark.wanted) / 2

    @staticmethod
    def _want(mark: _Mark, found: float) -> None:
        if abs(found - mark.wanted) > AT_ONCE_SECONDS:
            if mark.suspected is None or abs(found - mark.suspected) > ALIKE_SECONDS:
                mark.suspected = found
                return
            mark.shift = found
        mark.suspected = None
        mark.wanted = found
        slope = (found - mark.shift) / WINDOW_SECONDS
        mark.slope = min(STEEPEST, max(-STEEPEST, slope))

    @staticmethod
    def _moved(mark: _Mark, media: float) -> float:
        """The shift at a media time: on its way to what is wanted."""
        before, mark.moved_at = mark.moved_at, media
        if mark.slope and before is not None and media > before:
            left = mark.wanted - mark.shift
            step = mark.slope * (media - before)
            mark.shift = mark.wanted if abs(step) >= abs(left) else mark.shift + step
        return mark.shift
