"""Sounds for the tests of analysis, and sounds as packets of each codec a camera may send."""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING, cast

import av
import numpy as np
from av.audio.stream import AudioStream

from fixtures.sound import talk
from hall.media import Packet, Track, TrackKind

if TYPE_CHECKING:
    from analysis.sound.samples import Samples

RATE = 16_000


def tone(seconds: float, hertz: float = 1000.0, amplitude: float = 0.1) -> Samples:
    """A sine wave; its root mean square is `amplitude` / √2."""
    time = np.arange(int(seconds * RATE)) / RATE
    return (amplitude * np.sin(2 * np.pi * hertz * time) * 32767).astype(np.int16)


def noise(seconds: float, level: float = 0.05, seed: int = 0) -> Samples:
    """White noise; `level` is its root mean square."""
    values = np.random.default_rng(seed).normal(0, level, int(seconds * RATE))
    return (np.clip(values, -1, 1) * 32767).astype(np.int16)


@cache
def spoken() -> Samples:
    """Two people talking at a window, 8 s."""
    return (talk(0) * 32767).astype(np.int16)


def encoded(samples: Samples, codec: str) -> tuple[Track, list[Packet]]:
    """The samples in the codec's own packets, as a camera sends them."""
    rate = {"pcm_alaw": 8000, "pcm_mulaw": 8000, "libopus": 48_000}.get(codec, RATE)
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mov" if codec.startswith("pcm") else "mp4") as container:
        stream = cast(AudioStream, container.add_stream(codec, rate=rate, layout="mono"))
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.sample_rate = RATE
        wanted = stream.codec_context.format.name
        size = 0 if codec.startswith("pcm") else (stream.codec_context.frame_size or 1024)
        resampler = av.AudioResampler(format=wanted, layout="mono", rate=rate, frame_size=size or 160)
        for block in (*resampler.resample(frame), *resampler.resample(None)):
            container.mux(stream.encode(block))
        container.mux(stream.encode(None))
    buffer.seek(0)
    with av.open(buffer, "r") as recorded:
        audio = recorded.streams.audio[0]
        context = audio.codec_context
        track = Track(
            1,
            TrackKind.AUDIO,
            "opus" if codec == "libopus" else codec,
            (1, rate),
            bytes(context.extradata or b""),
            sample_rate=context.sample_rate,
            channels=1,
        )
        packets = [
            Packet(
                1,
                TrackKind.AUDIO,
                bytes(packet),
                packet.pts or 0,
                packet.dts or 0,
                packet.duration or 0,
                True,
                0.0,
            )
            for packet in recorded.demux(audio)
            if packet.size
        ]
    return track, packets
