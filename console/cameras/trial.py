"""Trying a camera before it is saved: connect as capture would, look for some seconds, say what is there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice, pairwise
from statistics import median
from threading import Event

from capture.rtsp.address import parse
from capture.rtsp.connection import connect
from capture.rtsp.formats import FormatNotSpoken
from capture.rtsp.session import Redirected, Session
from capture.rtsp.source import TcpRtspSource
from capture.sources.address import resolve
from capture.sources.camera import CameraSource
from capture.sources.stored import Secrets, WithSecrets
from console.cameras.picture import Still, still_of
from hall.clock import Clock, from_microseconds
from hall.errors import MediaError, SourceError, SourceMalformed
from hall.media import Packet, Track, TrackKind
from hall.names import CameraId, UserId
from hall.place import Camera
from hall.ports import OpenStream, StreamSource

STALL_SECONDS = 6.0
LOOK_SECONDS = 6.0
"""How long packets are looked at: key frames further apart than this are told as such."""
LEAST_SECONDS = 2.0
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
    """Opens a camera as capture does, but never goes where it redirects to."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._own = TcpRtspSource(clock, STALL_SECONDS, is_awaited=_always, follows=False)
        self._all = CameraSource(clock, STALL_SECONDS, _always)

    def open(self, camera: Camera, stop: Event) -> AbstractContextManager[OpenStream]:
        """Connect. Raises a SourceError that says what is wrong."""
        if camera.transport == "tcp":
            try:
                return self._own.open(camera, stop)
            except FormatNotSpoken:
                return self._all.open(camera, stop)
        self._ask_first(camera)
        return self._all.open(camera, stop)

    def _ask_first(self, camera: Camera) -> None:
        """FFmpeg, which takes the other transports, would follow: ask what the camera says to a viewer."""
        address = parse(resolve(camera.url, os.environ))
        began = self._clock.monotonic()
        connection = connect(address, camera.certificate, self._clock, began + STALL_SECONDS)
        try:
            Session(connection, address, self._clock, began + 2 * STALL_SECONDS).describe()
        except Redirected:
            raise SourceMalformed("the camera sends its viewers to another address: enter that") from None
        finally:
            connection.close()


def tried(
    camera: Camera, secrets: Secrets, clock: Clock, stop: Event, owner: UserId, known: CameraId | None
) -> Findings:
    """What the camera sends, with a picture. Takes half a minute at most; `stop` ends it sooner.

    Raises a SourceError that says what is wrong.
    """
    source: StreamSource = WithSecrets(StrictSource(clock), secrets)
    with source.open(camera, stop) as stream:
        look = _Look(clock)
        look.follow(stream)
        return look.findings(stream.tracks, owner, known)


class _Look:
    """Some seconds of a stream, packet by packet. Media times are in seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = clock.monotonic()
        self._first_key: tuple[Packet, datetime] | None = None
        self._keys: list[float] = []
        self._times: list[float] = []
        self._bytes = 0
        self._offsets: list[float] = []

    def follow(self, stream: OpenStream) -> None:
        """Take packets until enough is known or time is up. Raises SourceError before the first picture."""
        video = next((track for track in stream.tracks if track.kind is TrackKind.VIDEO), None)
        if video is None:
            raise SourceMalformed("the stream has no picture")
        tick = video.time_base[0] / video.time_base[1]
        try:
            for packet in islice(stream, MOST_PACKETS):
                self._take(packet, video.index, tick)
                if self._is_enough():
                    return
        except SourceError:
            if self._first_key is None:
                raise

    def findings(self, tracks: Sequence[Track], owner: UserId, known: CameraId | None) -> Findings:
        """What was seen. Raises SourceMalformed when there was no picture in it."""
        video = next(track for track in tracks if track.kind is TrackKind.VIDEO)
        sound = next((track for track in tracks if track.kind is TrackKind.AUDIO), None)
        if self._first_key is None:
            raise SourceMalformed(f"no whole picture came within {LOOK_SECONDS:g} s")
        span = max(self._times) - min(self._times)
        keys = [later - earlier for earlier, later in pairwise(self._keys)]
        return Findings(
            codec=video.codec,
            width=video.width,
            height=video.height,
            frame_rate=round((len(self._times) - 1) / span, 1) if span > 0 else None,
            key_frame_seconds=round(max(keys), 2) if keys else None,
            kilobits=round(self._bytes * 8 / 1000 / span, 0) if span > 0.5 else None,
            sound=None if sound is None else Heard(sound.codec, sound.sample_rate, sound.channels),
            clock_offset_seconds=round(median(self._offsets), 1) if self._offsets else None,
            seconds=round(self._clock.monotonic() - self._began, 1),
            still=self._still(video, owner, known),
        )

    def _take(self, packet: Packet, video: int, tick: float) -> None:
        if packet.track != video:
            return
        now = self._clock.now()
        if packet.sent_at_us is not None:
            self._offsets.append((from_microseconds(packet.sent_at_us) - now).total_seconds())
        self._times.append(packet.dts * tick)
        self._bytes += len(packet.data)
        if packet.is_key:
            self._keys.append(packet.dts * tick)
            self._first_key = self._first_key or (packet, now)

    def _is_enough(self) -> bool:
        looked = self._clock.monotonic() - self._began
        return looked >= LOOK_SECONDS or (looked >= LEAST_SECONDS and len(self._keys) >= ENOUGH_KEY_FRAMES)

    def _still(self, video: Track, owner: UserId, known: CameraId | None) -> Still | None:
        assert self._first_key is not None
        packet, at = self._first_key
        try:
            return still_of(video, [packet], at, owner, known)
        except MediaError:
            return None  # what was found is told all the same


def _always() -> bool:
    return True
