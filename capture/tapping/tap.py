"""What a camera gives to the bus: sampled key frames, sound, and every packet while somebody watches.

Nothing here may hold up recording: publishing never blocks, what cannot be sent is dropped and counted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from bus.sampling import SOUND_SECONDS, KeyFrameChoice
from bus.subjects import tap_key, tap_live, tap_sound
from bus.tap import TapMessage
from capture.metrics import TAP_DROPPED
from capture.time.anchor import Anchor
from hall.clock import Clock
from hall.media import Packet, Track, TrackKind
from hall.place import Camera

WANT_SECONDS: Final = 6.0
"""A wish to watch holds for this long."""
LARGEST_GROUP: Final = 8 * 1024 * 1024
"""Bytes kept of the last group of pictures."""


class Publisher(Protocol):
    """Where messages go; the bus, or what stands in for it."""

    def publish(self, subject: str, payload: bytes = b"") -> None:
        """Send without blocking."""
        ...


class TapInput(Protocol):
    """Where a stream gives its packets, run by run; called by the stream's thread."""

    def begin(self, tracks: Sequence[Track], anchor: Anchor) -> None:
        """A run begins; its packets follow."""
        ...

    def take(self, packet: Packet) -> None:
        """Pass on a packet of the run. Never waits."""
        ...


@dataclass(frozen=True, slots=True)
class _Line:
    """What the packets of one kind belong to at present."""

    track: Track
    anchor: Anchor

    def media(self, packet: Packet) -> float:
        """Media time of a packet (presentation), in seconds."""
        return packet.pts * self.track.time_base[0] / self.track.time_base[1]


_Kept = tuple[Packet, _Line]
"""A packet of the last group of pictures, and what it belongs to."""


class Tap:
    """The tap of one camera. All but `want` is called by one thread at a time.

    Picture and sound may come from different streams, each with its own anchor.
    """

    def __init__(self, publisher: Publisher, camera: Camera, clock: Clock) -> None:
        self._publisher = publisher
        self._camera = camera
        self._clock = clock
        self._lines: dict[TrackKind, _Line] = {}
        self._wanted_until = float("-inf")
        self._sending = False
        self._group: deque[_Kept] = deque()
        self._group_bytes = 0
        self._choice = KeyFrameChoice(camera.sample_every)
        self._sound: list[Packet] = []
        self._sound_began = 0.0
        """Media time of the first packet in it."""

    def want(self) -> None:
        """Somebody watches. May be called by any thread."""
        self._wanted_until = self._clock.monotonic() + WANT_SECONDS

    def is_wanted(self) -> bool:
        """Whether somebody watches now. May be called by any thread."""
        return self._clock.monotonic() < self._wanted_until

    def begin(self, tracks: Sequence[Track], anchor: Anchor) -> None:
        """A run begins: what was kept of the one before no longer fits."""
        self._lines.clear()
        self._forget_pictures()
        for track in tracks:
            self.change(track, anchor)

    def change(self, track: Track, anchor: Anchor) -> None:
        """From now on the packets of this kind belong to this track, whatever the other kind does."""
        self._lines[track.kind] = _Line(track, anchor)
        if track.kind is TrackKind.AUDIO:
            self._sound = []
        else:
            self._forget_pictures()

    def _forget_pictures(self) -> None:
        self._group.clear()
        self._group_bytes = 0
        self._choice.forget()
        self._sending = False

    def take(self, packet: Packet) -> None:
        """Pass on a packet of the run."""
        line = self._lines.get(packet.kind)
        if line is None:
            return
        wanted = self._clock.monotonic() < self._wanted_until
        if wanted and not self._sending:
            for kept, of in self._group:
                self._send(tap_live(self._camera.id), kept, of, cached=True)
        self._sending = wanted
        is_sound = packet.kind is TrackKind.AUDIO
        self._keep(packet, line, starts=packet.is_key and not is_sound)
        if wanted:
            self._send(tap_live(self._camera.id), packet, line)
        if is_sound:
            self._batch(packet, line)
        elif packet.is_key:
            self._sample(packet, line)

    def _keep(self, packet: Packet, line: _Line, *, starts: bool) -> None:
        """Keep the last group of pictures with its sound; one that is too large is given up."""
        if starts:
            self._group.clear()
            self._group_bytes = 0
        elif not self._group:
            return
        self._group_bytes += len(packet.data)
        if self._group_bytes > LARGEST_GROUP:
            TAP_DROPPED.labels(self._camera.id).inc(len(self._group) + 1)
            self._group.clear()
            self._group_bytes = 0
            return
        self._group.append((packet, line))

    def _sample(self, packet: Packet, line: _Line) -> None:
        if self._choice.takes(line.media(packet)):
            self._send(tap_key(self._camera.id), packet, line)

    def _batch(self, packet: Packet, line: _Line) -> None:
        at = line.media(packet)
        if not self._sound:
            self._sound_began = at
        self._sound.append(packet)
        if at - self._sound_began >= SOUND_SECONDS:
            began = line.anchor.wall_at(self._sound_began)
            self._publish(tap_sound(self._camera.id), self._sound, line.track, began)
            self._sound = []

    def _send(self, subject: str, packet: Packet, line: _Line, *, cached: bool = False) -> None:
        at = line.anchor.wall_at(line.media(packet))
        self._publish(subject, [packet], line.track, at, cached=cached)

    def _publish(
        self, subject: str, packets: Sequence[Packet], track: Track, at: datetime, *, cached: bool = False
    ) -> None:
        message = TapMessage(self._camera.id, track, tuple(packets), at, cached)
        self._publisher.publish(subject, message.encode())
