"""Cameras that speak RTSP, over TCP or UDP, read with FFmpeg: for what capture.rtsp does not understand.

Every wait has a limit: without one FFmpeg waits for ever on a silent camera. FFmpeg gives up after twice
the time it was told (measured), so it is told half.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from threading import Event

import av
import av.container
import av.error
from av import FFmpegError

from capture.sources.address import resolve
from capture.sources.demuxed import OpenContainer
from capture.sources.diagnosis import diagnose
from hall.clock import Clock
from hall.errors import (
    SourceEnded,
    SourceError,
    SourceMalformed,
    SourceNotFound,
    SourceRefused,
    SourceStalled,
    SourceUnauthorized,
)
from hall.media import Packet
from hall.place import Camera
from hall.pulse import renew

OPEN_SECONDS = 10.0
"""Longest wait for an answer while connecting; looking for the cause of a failure may take 6 s more."""
PROBE_SECONDS = 1.0
"""FFmpeg reads this much of the stream to learn sizes and rates that the camera did not announce."""


class RtspSource:
    """Opens `rtsp://` and `rtsps://` addresses."""

    def __init__(
        self,
        clock: Clock,
        stall_seconds: float,
        open_seconds: float = OPEN_SECONDS,
        probe_seconds: float = PROBE_SECONDS,
    ) -> None:
        """After `stall_seconds` without a packet a connection counts as stalled."""
        self._clock = clock
        self._stall_seconds = stall_seconds
        self._open_seconds = open_seconds
        self._probe_seconds = probe_seconds

    def open(self, camera: Camera, stop: Event) -> AbstractContextManager[RtspStream]:
        """Connect and begin to play. Raises a SourceError that says what is wrong."""
        url = resolve(camera.url, os.environ)
        options = {
            "rtsp_transport": camera.transport,
            "allowed_media_types": "video+audio",
            "analyzeduration": str(int(self._probe_seconds * 1_000_000)),
            "user_agent": "Hallwatch",
        }
        try:
            container = av.open(
                url,
                "r",
                format="rtsp",
                options=options,
                timeout=(self._open_seconds / 2, self._stall_seconds / 2),
            )
        except FFmpegError as error:
            raise _opening_error(error, url) from None
        try:
            return RtspStream(container, self._clock, stop, self._stall_seconds)
        except BaseException:
            container.close()
            raise


class RtspStream(OpenContainer):
    """A connected camera."""

    def __init__(
        self, container: av.container.InputContainer, clock: Clock, stop: Event, stall_seconds: float
    ) -> None:
        super().__init__(container)
        self._clock = clock
        self._stop = stop
        self._stall_seconds = stall_seconds

    def __iter__(self) -> Iterator[Packet]:
        """Packets as they arrive, until `stop`. Raises SourceStalled or SourceEnded."""
        try:
            for packet in self._container.demux([demuxed.stream for demuxed in self._streams.values()]):
                if self._stop.is_set():
                    return
                if packet.size == 0:
                    break
                renew()  # what cannot be used was sent all the same
                known = self._streams[packet.stream_index].packet(packet, self._clock.monotonic())
                if known is not None:
                    yield known
        except FFmpegError as error:
            raise self._reading_error(error) from None
        raise SourceEnded("the camera closed the stream")

    def _reading_error(self, error: FFmpegError) -> SourceError:
        if isinstance(error, av.error.ExitError | av.error.TimeoutError):
            return SourceStalled(f"no packet for {self._stall_seconds:g} s")
        if isinstance(error, av.error.InvalidDataError):
            return SourceMalformed("the stream could not be read any further")
        return SourceEnded(f"the connection was lost: {error.strerror or 'no reason given'}")


def _opening_error(error: FFmpegError, url: str) -> SourceError:
    # The text of an FFmpegError holds the address with its password: only `strerror` is used.
    text = error.strerror or "no reason given"
    if isinstance(error, av.error.HTTPUnauthorizedError | av.error.HTTPForbiddenError):
        return SourceUnauthorized("the camera refuses the user or the password")
    if isinstance(error, av.error.HTTPNotFoundError):
        return SourceNotFound("the camera has no stream under this path")
    if isinstance(error, av.error.ConnectionRefusedError):
        return SourceRefused("nothing listens at the camera's address")
    if isinstance(error, av.error.ProtocolNotFoundError | av.error.OptionNotFoundError):
        return SourceMalformed(f"the address cannot be opened: {text}")
    found = diagnose(url)
    if found is not None:
        return found
    if isinstance(error, av.error.ExitError | av.error.TimeoutError):
        return SourceStalled("the camera answers, but no stream came")
    return SourceMalformed(f"the camera's answer cannot be used: {text}")
