"""Which of a camera's two streams feeds the tap: the sub-stream while it comes, else the main stream.

The recording never asks here. The picture changes sides on a key frame only, so that whoever decodes goes
on. Sound is the main stream's; a main stream without any leaves it to the sub-stream.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Final

import structlog

from capture.metrics import TAP_SUBSTREAM
from capture.tapping.tap import Tap
from capture.time.anchor import Anchor
from hall.clock import Clock
from hall.media import Packet, Track, TrackKind
from hall.names import CameraId

FALL_BACK_SECONDS: Final = 4.0
"""So long after the sub-stream's last picture the main stream takes its place."""

log = structlog.get_logger(__name__)


class _Side:
    """One stream's way to the tap. Called by the thread of that stream."""

    def __init__(self, choice: TapChoice) -> None:
        self.tracks: dict[TrackKind, Track] = {}
        self.anchor: Anchor | None = None
        self._choice = choice

    def begin(self, tracks: Sequence[Track], anchor: Anchor) -> None:
        """A run of this stream begins; its packets follow."""
        self._choice.begin(self, tracks, anchor)

    def take(self, packet: Packet) -> None:
        """Pass the packet on, if this stream is the one for its kind now."""
        self._choice.take(self, packet)


class TapChoice:
    """Two streams in front of one tap. `main` and `substream` are where they give their packets."""

    def __init__(self, camera: CameraId, tap: Tap, clock: Clock) -> None:
        self.main = _Side(self)
        self.substream = _Side(self)
        self._camera = camera
        self._tap = tap
        self._clock = clock
        self._busy = Lock()
        self._current: dict[TrackKind, _Side] = {}
        self._shown_at = clock.monotonic()
        """When the sub-stream's last picture was passed on; at first, when waiting for it began."""

    def begin(self, side: _Side, tracks: Sequence[Track], anchor: Anchor) -> None:
        """A run of one side begins: what it gave before no longer fits, and the kind is chosen anew."""
        with self._busy:
            side.tracks = {track.kind: track for track in tracks}
            side.anchor = anchor
            for kind in [kind for kind, current in self._current.items() if current is side]:
                del self._current[kind]

    def take(self, side: _Side, packet: Packet) -> None:
        """Pass on what comes from the side that is chosen for its kind."""
        now = self._clock.monotonic()
        with self._busy:
            current = self._current.get(packet.kind)
            if current is not side:
                if not packet.is_key or not self._may_feed(side, packet.kind, now):
                    return
                self._change(packet.kind, side)
            if side is self.substream and packet.kind is TrackKind.VIDEO:
                self._shown_at = now
            self._tap.take(packet)

    def _may_feed(self, side: _Side, kind: TrackKind, now: float) -> bool:
        if kind is TrackKind.VIDEO:
            return side is self.substream or now - self._shown_at >= FALL_BACK_SECONDS
        main_is_silent = bool(self.main.tracks) and TrackKind.AUDIO not in self.main.tracks
        return (side is self.substream) == main_is_silent

    def _change(self, kind: TrackKind, side: _Side) -> None:
        anchor = side.anchor
        if anchor is None:
            raise ValueError("a packet came before its run began")
        self._current[kind] = side
        self._tap.change(side.tracks[kind], anchor)
        if kind is TrackKind.AUDIO:
            return
        TAP_SUBSTREAM.labels(self._camera).set(1 if side is self.substream else 0)
        if side is self.substream:
            log.info("analysis and live view have the sub-stream", camera=self._camera)
        else:
            log.warning("analysis and live view fall back to the main stream", camera=self._camera)
