"""From a camera's sound packets to seconds of 16 kHz mono.

One decoder a camera, kept from batch to batch so that seconds join without a seam; a hole in the sound
begins a new second at its far end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

import av
import numpy as np

from hall.errors import MediaError
from hall.media import Packet, Track, TrackKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Samples = NDArray[np.int16]

RATE = 16_000
"""Samples a second, mono, signed 16 bit: what the speech models take."""
HOLE = 0.5
"""Seconds between where sound should go on and where it does, above which something is missing."""
MOST_CHANNELS = 8
G711 = ("pcm_alaw", "pcm_mulaw")


class SoundDecoder:
    """AAC, Opus, G.711 and whatever else FFmpeg knows, to mono at 16 kHz."""

    def __init__(self) -> None:
        self._track: Track | None = None
        self._context: av.AudioCodecContext | None = None
        self._resampler: av.AudioResampler | None = None

    def decode(self, track: Track, packets: Sequence[Packet]) -> Samples:
        """The samples of a batch that follows the one before. Raises MediaError for anything damaged."""
        context = self._decoder(track)
        blocks: list[Samples] = []
        try:
            frames = [
                frame for data in _payloads(track, packets) for frame in context.decode(av.Packet(data))
            ]
            for _, alike in groupby(frames, _kind):
                blocks += self._resampled(_joined(list(alike)))
        except (av.FFmpegError, ValueError) as error:
            self.forget()
            raise MediaError(f"sound of '{track.codec}' cannot be decoded: {error}") from error
        return np.concatenate(blocks) if blocks else np.zeros(0, np.int16)

    def forget(self) -> None:
        """Begin anew with the next batch."""
        self._track = self._context = self._resampler = None

    def _decoder(self, track: Track) -> av.AudioCodecContext:
        if self._context is not None and self._track == track:
            return self._context
        if track.kind is not TrackKind.AUDIO:
            raise MediaError(f"'{track.codec}' is no sound track")
        try:
            context = av.CodecContext.create(track.codec, "r")
            if not isinstance(context, av.AudioCodecContext):
                raise MediaError(f"'{track.codec}' is no codec of sound")
            if track.extradata:
                context.extradata = track.extradata
            if track.sample_rate > 0:
                context.sample_rate = track.sample_rate
            if 0 < track.channels <= MOST_CHANNELS:
                context.layout = av.AudioLayout("mono" if track.channels == 1 else f"{track.channels}c")
            context.open()
        except (av.FFmpegError, ValueError) as error:
            raise MediaError(f"no decoder for sound of '{track.codec}': {error}") from error
        self._track, self._context = track, context
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        return context

    def _resampled(self, frame: av.AudioFrame) -> list[Samples]:
        if self._resampler is None:
            return []
        return [block.to_ndarray().reshape(-1).astype(np.int16) for block in self._resampler.resample(frame)]


def _payloads(track: Track, packets: Sequence[Packet]) -> list[bytes]:
    """What to decode. G.711 needs no borders, and fifty packets a second cost twelve times as much as one."""
    payloads = [packet.data for packet in packets]
    return [b"".join(payloads)] if track.codec in G711 and payloads else payloads


def _kind(frame: av.AudioFrame) -> tuple[str, str, int]:
    return frame.format.name, frame.layout.name, frame.sample_rate


def _joined(frames: list[av.AudioFrame]) -> av.AudioFrame:
    """Frames of one kind as one: resampling has a price a call."""
    if len(frames) == 1:
        return frames[0]
    form, layout, rate = _kind(frames[0])
    samples = np.concatenate([frame.to_ndarray() for frame in frames], axis=1)
    whole = av.AudioFrame.from_ndarray(samples, format=form, layout=layout)
    whole.sample_rate = rate
    return whole


@dataclass(frozen=True, slots=True)
class Second:
    """One second of sound that began at `start` (UTC)."""

    start: datetime
    samples: Samples


@dataclass(slots=True)
class SecondCutter:
    """Cuts batches of any length into whole seconds on the wall's time."""

    _waiting: list[Samples] = field(default_factory=list)
    _length: int = 0
    _start: datetime | None = None

    def has_hole(self, at: datetime) -> bool:
        """True when sound that begins at `at` does not join on to what came before."""
        if self._start is None:
            return False
        expected = self._start + timedelta(seconds=self._length / RATE)
        return abs((at - expected).total_seconds()) > HOLE

    def forget(self) -> None:
        """Drop the unfinished second."""
        self._waiting.clear()
        self._length, self._start = 0, None

    def add(self, at: datetime, samples: Samples) -> list[Second]:
        """Take the samples of a batch that began at `at`; the seconds that are whole now."""
        if self._start is None:
            self._start = at
        self._waiting.append(samples)
        self._length += samples.size
        seconds: list[Second] = []
        if self._length >= RATE:
            joined = np.concatenate(self._waiting)
            whole = self._length // RATE
            for index in range(whole):
                start = self._start + timedelta(seconds=index)
                seconds.append(Second(start, joined[index * RATE : (index + 1) * RATE]))
            rest = joined[whole * RATE :]
            self._waiting, self._length = [rest], rest.size
            # The wall's time of the rest comes from this batch: sound clocks drift against the wall.
            behind = timedelta(seconds=(samples.size - rest.size) / RATE)
            self._start = max(at + behind, seconds[-1].start + timedelta(seconds=0.5))
        return seconds
