"""Trying a camera before it is saved: connect as capture would, look for some seconds, say what is there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from threading import Event

from capture.rtsp.formats import FormatNotSpoken
from capture.rtsp.source import TcpRtspSource
from capture.sources.camera import CameraSource
from capture.sources.stored import Secrets, WithSecrets
from console.cameras.picture import Still, still_of
from hall.clock import Clock
from hall.errors import HallwatchError, MediaError, SourceEnded, SourceError
from hall.media import Packet, Track, TrackKind
from hall.names import CameraId, UserId
from hall.place import Camera
from hall.ports import OpenStream, StreamSource

STALL_SECONDS = 6.0
LOOK_SECONDS = 6.0
"""How long packets are looked at: key frames further apart than this are told as such."""
ENOUGH_KEY_FRAMES = 3
MOST_PACKETS = 5000


@dataclass(frozen=True, slots=True)
class Heard:
    """The sound of a stream."""

    codec: str
    sample_rate: int
    channels: int


@dataclass(frozen=True, slots=True)
class Findings:
    """What a camera sends. `None`: it could not be told in the time of the trial.

    `key_frame_seconds` is the longest distance of two key frames; `clock_offset_seconds` by how much the
    camera's clock is ahead of this machine's.
    """

    codec: str
    width: int
    height: int
    frame_rate: float | None
    key_frame_seconds: float | None
    kilobits: float | None
    sound: Heard | None
    clock_offset_seconds: float | None
    seconds: float
    still: Still | None = field(default=None, repr=False)


class StrictSource:
    """Opens a camera as capture does, but never goes where it redirects to.

    The own reader asks first, whatever the transport: FFmpeg would follow.
    """

    def __init__(self, clock: Clock) -> None:
        def always() -> bool:
            return True

        self._first = TcpRtspSource(clock, STALL_SECONDS, is_awaited=always, follows=False)
        self._all = CameraSource(clock, STALL_SECONDS, always)

    def open(self, camera: Camera, stop: Event) -> OpenStream:
        """Connect. Raises a SourceError that says what is wrong."""
        try:
            stream = self._first.open(camera, stop)
        except FormatNotSpoken:
            return self._all.open(camera, stop)
        if camera.transport == "tcp":
            return stream
        stream.close()
        return self._all.open(camera, stop)


def tried(
    camera: Camera, secrets: Secrets, clock: Clock, stop: Event, owner: UserId, known: CameraId | None
) -> Findings:
    """What the camera sends, with a picture. Takes half a minute at most; `stop` ends it sooner.

    Raises a SourceError that says what is wrong.
    """
    source: StreamSource = WithSecrets(StrictSource(clock), secrets)
    with source.open(camera, stop) as stream:
        return _Look(stream, clock, owner, known).findings()
