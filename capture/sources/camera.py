"""Cameras that speak RTSP: read by ourselves where that can be, by FFmpeg where it cannot."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from threading import Event

import structlog

from capture.rtsp.address import parse
from capture.rtsp.formats import FormatNotSpoken
from capture.rtsp.source import TcpRtspSource
from capture.rtsp.stream import IsAwaited, never
from capture.sources.address import resolve
from capture.sources.rtsp import RtspSource
from hall.clock import Clock
from hall.errors import SourceMalformed
from hall.place import ANY_CERTIFICATE, Camera
from hall.ports import OpenStream

log = structlog.get_logger(__name__)


class CameraSource:
    """Opens `rtsp://` and `rtsps://` addresses, over TCP with the own reader, over UDP with FFmpeg.

    FFmpeg also takes what the own reader does not understand; that is remembered until the process ends.
    """

    def __init__(self, clock: Clock, stall_seconds: float, is_awaited: IsAwaited = never) -> None:
        """After `stall_seconds` without a packet a connection counts as stalled."""
        self._own = TcpRtspSource(clock, stall_seconds, is_awaited=is_awaited)
        self._ffmpeg = RtspSource(clock, stall_seconds)
        self._is_not_spoken = False

    def open(self, camera: Camera, stop: Event) -> AbstractContextManager[OpenStream]:
        """Connect and begin to play. Raises a SourceError that says what is wrong."""
        if camera.transport != "tcp" or self._is_not_spoken:
            return self._open_with_ffmpeg(camera, stop)
        try:
            return self._own.open(camera, stop)
        except FormatNotSpoken as error:
            log.info("the camera is read with FFmpeg", camera=camera.id, because=str(error))
            self._is_not_spoken = True
        return self._open_with_ffmpeg(camera, stop)

    def _open_with_ffmpeg(self, camera: Camera, stop: Event) -> AbstractContextManager[OpenStream]:
        if camera.certificate != ANY_CERTIFICATE and parse(resolve(camera.url, os.environ)).secure:
            raise SourceMalformed(
                "the certificate of this camera can be checked only over TCP with known formats"
            )
        return self._ffmpeg.open(camera, stop)
