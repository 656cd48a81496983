"""What a camera gives to the bus: sampled key frames, sound, and every packet while somebody watches.

Nothing here may hold up recording: publishing never blocks, what cannot be sent is dropped and counted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final, Protocol

from bus.subjects import tap_key, tap_live, tap_sound
from bus.tap import TapMessage
from capture.anchor import Anchor
from capture.metrics import TAP_DROPPED
from hall.clock import Clock
from hall.media import Packet, Track, TrackKind
from hall.place import Camera

WANT_SECONDS: Final = 6.0
"""A wish to watch holds for this long."""
SOUND_SECONDS: Final = 1.0
LARGEST_GROUP: Final = 8 * 1024 * 1024
"""Bytes kept of the last group of pictures."""
EARLY: Final = 0.1
"""A key frame may come this share of the sampling period early and still be the next sample."""


class Publisher(Protocol):
    """Where messages go; the bus, or what stands in for it."""

    def publish(self, subject: str, payload: bytes = b"") -> None:
        """Send without blocking."""
        ...


class Tap:
    """The tap of one camera. All but `want` is called by the camera's thread."""

    def __init__(self, publisher: Publisher, camera: Camera, clock: Clock) -> None:
        self._publisher = publisher
        self._camera = camera
        self._clock = clock
        self._tracks: dict[int, Track] = {}
        self._anchor: Anchor | None = None
        self._wanted_until = float("-inf")
        self._sending = False
        self._group: deque[Packet] = deque()
        self._group_bytes = 0
        self._sampled_at: float | None = None
        self._sound: list[Packet] = []

    def want(self) -> None:
        """Somebody watches. May be called by any thread."""
        self._wanted_until = self._clock.monotonic() + WANT_SECONDS

    def begin(self, tracks: Sequence[Track], anchor: Anchor) -> None:
        """A run begins: what was kept of the one before no longer fits."""
        self._tracks = {track.index: track for track in tracks}
        self._anchor = anchor
        self._group.clear()
        self._group_bytes = 0
        self._sampled_at = None
        self._sound = []
        self._sending = False

    def take(self, packet: Packet) -> None:
        """Pass on a packet of the run."""
        wanted = self._clock.monotonic() < self._wanted_until
        if wanted and not self._sending:
            for kept in self._group:
                self._send(tap_live(self._camera.id), [kept], cached=True)
        self._sending = wanted
        self._keep(packet)
        if wanted:
            self._send(tap_live(self._camera.id), [packet])
        if packet.kind is TrackKind.AUDIO:
            self._batch(packet)
        elif packet.is_key:
            self._sample(packet)

    def _keep(self, packet: Packet) -> None:
        """Keep the last group of pictures with its sound; one that is too large is given up."""
        starts = packet.kind is TrackKind.VIDEO and packet.is_key
        if starts:
            self._group.clear()
            self._group_bytes = 0
        elif not self._group:
            return
        if self._group_bytes + len(packet.data) > LARGEST_GROUP:
            TAP_DROPPED.labels(self._camera.id).inc(len(self._group) + 1)
            self._group.clear()
            self._group_bytes = 0
            return
        self._group.append(packet)
        self._group_bytes += len(packet.data)

    def _sample(self, packet: Packet) -> None:
        at = self._media(packet)
        every = self._camera.sample_every
        if self._sampled_at is None or at - self._sampled_at >= every * (1 - EARLY):
            self._sampled_at = at
            self._send(tap_key(self._camera.id), [packet])

    def _batch(self, packet: Packet) -> None:
        self._sound.append(packet)
        if self._media(packet) - self._media(self._sound[0]) >= SOUND_SECONDS:
            self._send(tap_sound(self._camera.id), self._sound)
            self._sound = []

    def _media(self, packet: Packet) -> float:
        numerator, denominator = self._tracks[packet.track].time_base
        return packet.pts * numerator / denominator

    def _send(self, subject: str, packets: Sequence[Packet], *, cached: bool = False) -> None:
        if self._anchor is None:
            return
        message = TapMessage(
            camera=self._camera.id,
            track=self._tracks[packets[0].track],
            packets=tuple(packets),
            at=self._anchor.wall_at(self._media(packets[0])),
            cached=cached,
        )
        self._publisher.publish(subject, message.encode())
