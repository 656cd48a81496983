"""The times in a stream, made good: never backwards, never a leap that nobody noticed.

Cameras' first packets have no decoding time; FFmpeg moves a track's times once, when its first RTCP
sender report arrives; a camera that restarts its encoder starts its times anew. Small faults are mended
here, a leap ends the run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from capture.metrics import DROPPED
from hall.errors import SourceError
from hall.media import Packet, Track, TrackKind

JUMP_SECONDS = 2.0
"""A leap of a track's own times beyond this, which the clock did not see, begins a new run.

No setting: less would take a lost second of pictures for a leap, more would hide one that shows.
"""

FARTHEST_SECONDS = 2.0**33
"""From zero, 272 years: what lies beyond it is no time, and no calendar can hold it."""
LONGEST_SECONDS = 60.0
"""No picture lasts longer, and none is shown so long after it was decoded."""


class SourceJumped(SourceError):
    """The times in the stream leapt; a new run begins at the packet that was not taken.

    `ended_because` is the reason with which the old run ends.
    """

    def __init__(self, message: str, ended_because: str = "timestamp_jump") -> None:
        super().__init__(message)
        self.ended_because = ended_because


class Sieve:
    """Keeps out what cannot be a time: everybody behind it may reckon with what comes through."""

    def __init__(self, tracks: Sequence[Track]) -> None:
        ticks = {track.index: track.time_base[1] / track.time_base[0] for track in tracks}
        self._limits = {
            track: (round(FARTHEST_SECONDS * of_second), round(LONGEST_SECONDS * of_second))
            for track, of_second in ticks.items()
        }

    def take(self, packet: Packet) -> Packet | None:
        """The packet, without a duration or a shift that cannot be; None when it has no place in time."""
        farthest, longest = self._limits[packet.track]
        if not (-farthest < packet.dts < farthest and -farthest < packet.pts < farthest):
            DROPPED.labels("absurd").inc()
            return None
        shift = packet.pts - packet.dts
        if 0 <= packet.duration <= longest and -longest <= shift <= longest:
            return packet
        pts = packet.pts if -longest <= shift <= longest else packet.dts
        duration = packet.duration if 0 <= packet.duration <= longest else 0
        return replace(packet, pts=pts, duration=duration)


class Timeline:
    """Mends the times of the packets of one run, track by track."""

    def __init__(self, tracks: Sequence[Track], jump_seconds: float = JUMP_SECONDS) -> None:
        self._ticks = {track.index: track.time_base[0] / track.time_base[1] for track in tracks}
        self._jump_seconds = jump_seconds
        self._last: dict[int, tuple[int, float]] = {}

    def take(self, packet: Packet) -> Packet | None:
        """The packet with decoding times that grow and none after its presentation; None when it is dropped.

        Pictures that go back a little are set just behind the picture before; sound that does is dropped.
        Raises SourceJumped.
        """
        last = self._last.get(packet.track)
        dts = packet.dts
        if last is not None:
            step = (dts - last[0]) * self._ticks[packet.track]
            if step <= 0 or step > self._jump_seconds:
                elapsed = max(0.0, packet.arrived - last[1])
                if step < -self._jump_seconds or step > elapsed + self._jump_seconds:
                    raise SourceJumped(f"the times in the stream leapt by {step:+.3f} s")
                if dts <= last[0]:
                    if packet.kind is TrackKind.AUDIO:
                        DROPPED.labels("backwards").inc()
                        return None
                    dts = last[0] + 1
        self._last[packet.track] = (dts, packet.arrived)
        if dts == packet.dts and packet.pts >= dts:
            return packet
        return Packet(
            packet.track, packet.kind, packet.data, max(packet.pts, dts), dts, packet.duration, packet.is_key,
            packet.arrived, packet.sent_at_us, packet.units,
        )  # fmt: skip
