"""A file played as if it were a camera: in real time, once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from threading import Event
from urllib.parse import unquote, urlsplit

import av
import av.container
import av.error
from av import FFmpegError

from capture.sources.address import resolve
from capture.sources.demuxed import OpenContainer
from hall.clock import Clock
from hall.errors import SourceEnded, SourceMalformed, SourceNotFound
from hall.media import Packet
from hall.place import Camera
from hall.pulse import rest


class FileSource:
    """Opens `file:` addresses and plain paths."""

    def __init__(self, clock: Clock, speed: float = 1.0) -> None:
        """`speed` 2 plays in half the time; the packets keep their own times."""
        self._clock = clock
        self._speed = speed

    def open(self, camera: Camera, stop: Event) -> AbstractContextManager[FileStream]:
        """Open the file. Raises SourceNotFound, or SourceMalformed when it is no media file."""
        url = resolve(camera.url, os.environ)
        path = unquote(urlsplit(url).path) if url.startswith("file:") else url
        try:
            container = av.open(path, "r")
        except (av.error.FileNotFoundError, av.error.PermissionError, av.error.IsADirectoryError) as error:
            raise SourceNotFound(f"the file cannot be opened: {error.strerror}") from None
        except FFmpegError as error:
            raise SourceMalformed(f"the file cannot be read: {error.strerror}") from None
        try:
            return FileStream(container, self._clock, stop, self._speed)
        except BaseException:
            container.close()
            raise


class FileStream(OpenContainer):
    """An opened file."""

    def __init__(
        self, container: av.container.InputContainer, clock: Clock, stop: Event, speed: float
    ) -> None:
        super().__init__(container)
        self._clock = clock
        self._stop = stop
        self._speed = speed

    def __iter__(self) -> Iterator[Packet]:
        """Packets when they are due, until `stop`. Raises SourceEnded at the end of the file."""
        began = self._clock.monotonic()
        first: float | None = None
        try:
            for packet in self._container.demux([demuxed.stream for demuxed in self._streams.values()]):
                demuxed = self._streams[packet.stream_index]
                known = demuxed.packet(packet, 0.0) if packet.size else None
                if known is None:
                    continue
                at = known.dts * demuxed.track.time_base[0] / demuxed.track.time_base[1]
                first = at if first is None else first
                due = began + (at - first) / self._speed
                if rest(self._stop, max(0.0, due - self._clock.monotonic())):
                    return
                yield replace(known, arrived=self._clock.monotonic())
        except FFmpegError as error:
            raise SourceMalformed(f"the file cannot be read any further: {error.strerror}") from None
        raise SourceEnded("the file has been played to its end")
