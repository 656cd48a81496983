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
"""A leap of a track's own times beyond this, which the clock did not see, begins a new run."""


class SourceJumped(SourceError):
    """The times in the stream leapt; a new run begins at the packet that was not taken."""


class Timeline:
    """Mends the times of the packets of one run, track by track."""

    def __init__(self, tracks: Sequence[Track], jump_seconds: float = JUMP_SECONDS) -> None:
        self._ticks = {track.index: track.time_base[0] / track.time_base[1] for track in tracks}
        self._jump_seconds = jump_seconds
        self._last: dict[int, Packet] = {}

    def take(self, packet: Packet) -> Packet | None:
        """The packet with decoding times that grow and none after its presentation; None when it is dropped.

        Pictures that go back a little are set just behind the picture before; sound that does is dropped.
        Raises SourceJumped.
        """
        last = self._last.get(packet.track)
        dts = packet.dts
        if last is not None:
            step = (dts - last.dts) * self._ticks[packet.track]
            elapsed = max(0.0, packet.arrived - last.arrived)
            if step < -self._jump_seconds or step > elapsed + self._jump_seconds:
                raise SourceJumped(f"the times in the stream leapt by {step:+.3f} s")
            if dts <= last.dts:
                if packet.kind is TrackKind.AUDIO:
                    DROPPED.labels("backwards").inc()
                    return None
                dts = last.dts + 1
        if dts != packet.dts or packet.pts < dts:
            packet = replace(packet, dts=dts, pts=max(packet.pts, dts))
        self._last[packet.track] = packet
        return packet
