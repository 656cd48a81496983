"""A camera or microphone that is plugged into this machine: V4L2 and ALSA.

`v4l2:/dev/video0?size=1280x720&rate=25&format=mjpeg` and `alsa:hw:0,0?rate=48000&channels=1`. H.264 and
H.265 that the device itself gives pass through. Raw and JPEG pictures are far too large to keep and are
encoded once, as H.264, and samples as AAC: the one exception from never re-encoding a picture.

Where a driver hangs inside the kernel nothing but the end of the process helps: its watchdog sees to that.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Event
from types import MappingProxyType
from typing import cast
from urllib.parse import parse_qsl

import av
import av.container
import av.error
import av.packet
from av import FFmpegError
from av.video.stream import VideoStream

from capture.mp4.header import AUDIO_CODECS, VIDEO_CODECS
from capture.sources.address import resolve
from capture.sources.demuxed import Demuxed, OpenContainer
from capture.sources.encoding import PictureEncoder
from capture.writing.sound import SoundToAac
from hall.clock import Clock
from hall.errors import MediaError, SourceEnded, SourceError, SourceMalformed, SourceNotFound, SourceRefused
from hall.media import Packet, Track, TrackKind
from hall.place import Camera
from hall.pulse import renew

OPEN_SECONDS = 10.0
FORMATS: Mapping[str, str] = MappingProxyType({"v4l2": "v4l2", "alsa": "alsa"})
"""FFmpeg's input format for each scheme."""
OPTIONS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "v4l2": {"size": "video_size", "rate": "framerate", "format": "input_format"},
        "alsa": {"rate": "sample_rate", "channels": "channels"},
    }
)
"""What may stand behind the question mark of an address, and what FFmpeg calls it."""
ALSA_SETTINGS, ALSA_VARIABLE = Path("/usr/share/alsa/alsa.conf"), "ALSA_CONFIG_PATH"
"""FFmpeg's own build of ALSA looks for the system's settings in a place of its own."""


class DeviceSource:
    """Opens `v4l2:` and `alsa:` addresses."""

    def __init__(self, clock: Clock, stall_seconds: float, formats: Mapping[str, str] = FORMATS) -> None:
        """`formats` names FFmpeg's input format for each scheme; another one stands in for a device."""
        self._clock = clock
        self._stall_seconds = stall_seconds
        self._formats = formats

    def open(self, camera: Camera, stop: Event) -> AbstractContextManager[DeviceStream]:
        """Open the device. Raises a SourceError that says what is wrong."""
        scheme, device, options = parse(resolve(camera.url, os.environ))
        if scheme == "alsa" and ALSA_SETTINGS.exists():
            os.environ.setdefault(ALSA_VARIABLE, str(ALSA_SETTINGS))
        try:
            container = av.open(
                device,
                "r",
                format=self._formats[scheme],
                options=options,
                timeout=(OPEN_SECONDS, self._stall_seconds),
            )
        except (FFmpegError, ValueError) as error:
            raise _opening_error(scheme, device, error) from None
        try:
            return DeviceStream(container, self._clock, stop)
        except BaseException:
            container.close()
            raise


class DeviceStream(OpenContainer):
    """An opened device."""

    def __init__(self, container: av.container.InputContainer, clock: Clock, stop: Event) -> None:
        super().__init__(container)
        self._clock = clock
        self._stop = stop
        self._pictures: dict[int, PictureEncoder] = {}
        self._sounds: dict[int, SoundToAac] = {}
        for index, demuxed in self._streams.items():
            if demuxed.track.codec in (*VIDEO_CODECS, *AUDIO_CODECS):
                continue
            if demuxed.track.kind is TrackKind.VIDEO:
                self._pictures[index] = PictureEncoder(demuxed.track)
            else:
                self._sounds[index] = SoundToAac(demuxed.track)

    @property
    def tracks(self) -> Sequence[Track]:
        """Picture and sound, as they leave here: coded."""
        return [self._track(index, demuxed) for index, demuxed in self._streams.items()]

    def _track(self, index: int, demuxed: Demuxed) -> Track:
        if index in self._pictures:
            return self._pictures[index].track
        return self._sounds[index].track if index in self._sounds else demuxed.track

    def __iter__(self) -> Iterator[Packet]:
        """Packets as the device gives them, until `stop`. Raises SourceEnded when it is gone."""
        try:
            for packet in self._container.demux([demuxed.stream for demuxed in self._streams.values()]):
                if self._stop.is_set():
                    return
                if packet.size == 0:
                    break
                renew()
                yield from self._coded(packet)
        except FFmpegError as error:
            raise SourceEnded(f"the device is gone: {error.strerror or 'no reason given'}") from None
        raise SourceEnded("the device gives nothing more")

    def _coded(self, packet: av.packet.Packet[av.stream.Stream]) -> Iterator[Packet]:
        index, arrived = packet.stream_index, self._clock.monotonic()
        if index in self._pictures:
            yield from self._pictures[index].encode(cast("av.packet.Packet[VideoStream]", packet), arrived)
            return
        known = self._streams[index].packet(packet, arrived)
        if known is None:
            return
        if index not in self._sounds:
            yield known
            return
        try:
            yield from self._sounds[index].convert(known)
        except MediaError:
            return


def parse(url: str) -> tuple[str, str, dict[str, str]]:
    """Scheme, device and FFmpeg's options of an address. Raises SourceMalformed for an unknown option."""
    scheme, _, rest = url.partition(":")
    scheme = scheme.lower()
    device, _, query = rest.partition("?")
    known = OPTIONS[scheme]
    options: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in known:
            raise SourceMalformed(f"a device has no option '{name}'; known: {', '.join(known)}")
        options[known[name]] = value
    if not device:
        raise SourceMalformed("the address names no device")
    return scheme, device, options


def _opening_error(scheme: str, device: str, error: FFmpegError | ValueError) -> SourceError:
    if isinstance(error, av.error.FileNotFoundError):
        return SourceNotFound(f"this machine has no device {device}")
    if isinstance(error, av.error.PermissionError):
        return SourceNotFound(f"the device {device} may not be opened: permission denied")
    number = error.errno if isinstance(error, FFmpegError) else None
    if number == errno.EBUSY:
        return SourceRefused(f"the device {device} is in use")
    if number in (errno.ENODEV, errno.ENXIO) or (scheme == "alsa" and number == errno.EIO):
        # ALSA's reason is lost on the way: FFmpeg says the same whatever it was.
        return SourceNotFound(f"this machine has no device {device} that can be opened")
    text = error.strerror if isinstance(error, FFmpegError) else str(error)
    return SourceMalformed(f"the device {device} cannot be used so: {text or 'no reason given'}")
