"""Clips and sounds of any container and codec, from the first picture or sample to the last readable one.

A damaged packet costs what it holds, and is counted; damage that ends the reading is told, and what came
before it stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np

from analysis.sound.samples import RATE
from hall.errors import MediaError

if TYPE_CHECKING:
    from av.container import InputContainer

    from analysis.sound.samples import Samples

OPEN_SECONDS = 10.0
SHORTEST_SECOND = 0.1
"""What is left of a sound at its end counts as a second from this length on."""
USUAL_SPACING = 0.04
"""Seconds from one picture to the next where nothing in a file tells them."""
LEAP = 3600.0
"""Seconds that pictures may stay away; times that lie further apart are no times."""
HEADERLESS = {
    ".alaw": ("alaw", 8_000),
    ".al": ("alaw", 8_000),
    ".ulaw": ("mulaw", 8_000),
    ".mulaw": ("mulaw", 8_000),
    ".ul": ("mulaw", 8_000),
    ".pcmu": ("mulaw", 8_000),
    ".pcma": ("alaw", 8_000),
    ".g722": ("g722", None),
    ".pcm": ("s16le", RATE),
    ".raw": ("s16le", RATE),
    ".s16le": ("s16le", RATE),
}
"""Files that say nothing of themselves: FFmpeg's format and the samples a second, by suffix."""


@dataclass(slots=True)
class Played:
    """What is known of a file once it was played: its length in seconds, and what could not be read."""

    length: float = 0.0
    damaged: int = 0
    broken_off: str | None = None
    """Why the reading ended before the file did."""


@dataclass(slots=True)
class _Timing:
    """Lays pictures on one line of time that begins with the first and never goes back.

    A time that is missing follows from the usual spacing; one that leaps, back or hours ahead, begins a new
    stretch that joins on to the old one.
    """

    spacing: float
    _offset: float | None = None
    _last: float | None = None

    def of(self, time: float | None) -> float:
        """Seconds since the first picture."""
        last = self._last
        if last is None:
            self._offset, self._last = time, 0.0
            return 0.0
        joined = last + self.spacing
        if time is None:
            self._last = joined
            return joined
        moment = time - self._offset if self._offset is not None else joined
        if self._offset is None or not last - self.spacing / 2 <= moment <= last + LEAP:
            moment, self._offset = joined, time - joined
        moment = max(moment, last)
        if 0 < moment - last < 1:
            self.spacing = moment - last
        self._last = moment
        return moment


def pictures_of(path: Path, played: Played) -> Iterator[tuple[float, av.VideoFrame]]:
    """Every picture that can be decoded, with its seconds since the first one.

    Raises MediaError for a file that holds none.
    """
    shown = 0
    try:
        with av.open(str(path), timeout=OPEN_SECONDS) as container:
            stream = _picture_stream(container)
            if stream is None:
                raise MediaError(f"{path.name} holds no picture")
            timing = _Timing(_spacing(stream))
            for frame in _decoded(container, stream, played):
                if not isinstance(frame, av.VideoFrame):
                    continue
                moment = timing.of(_time(frame))
                played.length = moment + max(timing.spacing, _lasts(frame))
                if frame.is_corrupt:
                    played.damaged += 1
                    continue
                shown += 1
                yield moment, frame
    except (av.FFmpegError, ValueError, MemoryError) as error:
        if not shown:
            raise MediaError(f"{path.name} cannot be read: {_reason(error)}") from error
        played.broken_off = _reason(error)
    if not shown:
        raise MediaError(f"{path.name} holds no picture that can be decoded")


def seconds_of(path: Path, played: Played | None = None) -> Iterator[Samples]:
    """A recording as seconds of mono int16 at 16 kHz. Raises MediaError for one that holds no sound."""
    told = played or Played()
    waiting: Samples = np.zeros(0, np.int16)
    heard = 0
    try:
        for samples in _samples_of(path, told):
            waiting = np.concatenate([waiting, samples])
            heard += samples.size
            told.length = heard / RATE
            while waiting.size >= RATE:
                yield waiting[:RATE]
                waiting = waiting[RATE:]
    except (av.FFmpegError, ValueError, MemoryError) as error:
        if not heard:
            raise MediaError(f"{path.name} cannot be read: {_reason(error)}") from error
        told.broken_off = _reason(error)
    if not heard:
        raise MediaError(f"{path.name} holds no sound that can be decoded")
    if waiting.size >= SHORTEST_SECOND * RATE:
        yield waiting


def _samples_of(path: Path, played: Played) -> Iterator[Samples]:
    form, rate = HEADERLESS.get(path.suffix.lower(), (None, None))
    options = {} if rate is None else {"sample_rate": str(rate)}
    with av.open(str(path), format=form, options=options, timeout=OPEN_SECONDS) as container:
        if not container.streams.audio:
            raise MediaError(f"{path.name} holds no sound")
        resampling = _Resampling()
        for frame in _decoded(container, container.streams.audio[0], played):
            if isinstance(frame, av.AudioFrame):
                yield resampling.of(frame)
        yield resampling.of(None)


@dataclass(slots=True)
class _Resampling:
    """To mono at 16 kHz; begins anew where rate, form or channels change within a file."""

    _kind: tuple[str, str, int] | None = None
    _resampler: av.AudioResampler | None = None
    _rest: list[Samples] = field(default_factory=list)

    def of(self, frame: av.AudioFrame | None) -> Samples:
        """The samples that a frame gives; None for the last ones."""
        blocks: list[Samples] = []
        kind = None if frame is None else (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._resampler is not None and kind != self._kind:
            blocks += [_mono(block) for block in self._resampler.resample(None)]
            self._resampler = None
        if frame is not None:
            if self._resampler is None:
                self._resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
                self._kind = kind
            frame.pts = None  # holes in a file's times are no sound
            blocks += [_mono(block) for block in self._resampler.resample(frame)]
        return np.concatenate(blocks) if blocks else np.zeros(0, np.int16)


def _mono(block: av.AudioFrame) -> Samples:
    return block.to_ndarray().reshape(-1).astype(np.int16)


def _decoded(
    container: InputContainer, stream: av.VideoStream | av.AudioStream, played: Played
) -> Iterator[av.VideoFrame | av.AudioFrame]:
    """The frames of a stream; packets that cannot be decoded are counted and passed over."""
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except (av.FFmpegError, ValueError):
            played.damaged += 1
            continue
        for frame in frames:
            if isinstance(frame, av.VideoFrame | av.AudioFrame):
                yield frame


def _picture_stream(container: InputContainer) -> av.VideoStream | None:
    """The largest stream of pictures; a cover of a sound file is none."""
    streams = [each for each in container.streams.video if not _is_cover(each)]
    return max(streams, key=lambda each: each.width * each.height, default=None)


def _is_cover(stream: av.VideoStream) -> bool:
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _spacing(stream: av.VideoStream) -> float:
    rate: Fraction | None = stream.average_rate or stream.base_rate
    return float(1 / rate) if rate else USUAL_SPACING


def _reason(error: Exception) -> str:
    """Without number and path, which FFmpeg's own text has."""
    return (error.strerror if isinstance(error, av.FFmpegError) else None) or str(error)


def _lasts(frame: av.VideoFrame) -> float:
    """How long a picture says that it lasts, in seconds; 0 where it does not, or for ever."""
    lasts = float(frame.duration * frame.time_base) if frame.time_base is not None else 0.0
    return lasts if 0 < lasts <= LEAP else 0.0


def _time(frame: av.VideoFrame) -> float | None:
    ticks = frame.pts if frame.pts is not None else frame.dts
    return None if ticks is None or frame.time_base is None else float(ticks * frame.time_base)
