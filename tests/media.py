"""Small reels for tests: real pictures and sound, a few seconds long, made in a second.

Every picture differs from every other, so that a packet can be recognised; each second begins with a key
frame and a beep, so that picture and sound can be compared.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream
from numpy.random import Generator

RATE = 15
BEEP_SECONDS = 0.1
SOUNDS = {
    "aac": ("aac", 16_000, "mono"),
    "stereo": ("aac", 48_000, "stereo"),
    "opus": ("libopus", 48_000, "mono"),
    "opus_stereo": ("libopus", 48_000, "stereo"),
    "pcm_alaw": ("pcm_alaw", 8_000, "mono"),
    "pcm_mulaw": ("pcm_mulaw", 8_000, "mono"),
}
"""Encoder, sample rate and layout of what `film` takes as `audio`."""


def film(
    path: Path,
    audio: str = "aac",
    seconds: int = 8,
    *,
    b_frames: int = 0,
    video: str = "h264",
    size: tuple[int, int] = (320, 180),
    key_every: int = RATE,
) -> Path:
    """Write a reel of pictures with sound (a key of SOUNDS), or without either (empty).

    A QuickTime file takes G.711 beside the picture, an MP4 file Opus: the path's suffix decides.
    """
    random = np.random.default_rng(1)
    with av.open(str(path), "w", format=path.suffix[1:]) as container:
        picture = _picture_stream(container, video, size, b_frames, key_every) if video else None
        sound: AudioStream | None = None
        if audio:
            encoder, rate, layout = SOUNDS[audio]
            sound = cast(AudioStream, container.add_stream(encoder, rate=rate, layout=layout))
        if picture is not None:
            _write_pictures(container, picture, seconds, random)
        if sound is not None:
            _write_sound(container, sound, seconds, random)
    return path


def _picture_stream(
    container: OutputContainer, codec: str, size: tuple[int, int], b_frames: int, key_every: int
) -> VideoStream:
    stream = container.add_stream("libx264" if codec == "h264" else "libx265", rate=RATE)
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    groups = f"keyint={key_every}:min-keyint={key_every}:scenecut=0:bframes={b_frames}:rc-lookahead=5"
    if codec == "h264":
        stream.options = {
            "preset": "ultrafast" if not b_frames else "veryfast",
            "profile": "main",
            "x264-params": f"{groups}:threads=1:sliced-threads=0:sync-lookahead=0",
        }
    else:
        # The threads of x265 would take longer to start than these small pictures to encode.
        stream.options = {
            "preset": "ultrafast",
            "x265-params": f"{groups}:open-gop=0:pools=none:frame-threads=1:log-level=error",
        }
        stream.codec_context.codec_tag = "hvc1"
    return stream


def _write_pictures(container: OutputContainer, stream: VideoStream, seconds: int, random: Generator) -> None:
    noise = random.integers(0, 255, (stream.height, stream.width, 3), dtype=np.uint8)
    for number in range(seconds * RATE):
        picture = np.roll(noise // 4 + 60, number * 7, axis=1)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts, frame.time_base = number, Fraction(1, RATE)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def _write_sound(container: OutputContainer, stream: AudioStream, seconds: int, random: Generator) -> None:
    """A beep at the begin of each second, on every channel; the tone of each channel is its own."""
    rate, layout = stream.sample_rate, stream.layout.name
    at = np.arange(seconds * rate) / rate
    channels = [
        np.where(at % 1 < BEEP_SECONDS, np.sin(2 * np.pi * 440 * (number + 1) * at) * 12_000, 0)
        + random.normal(0, 100, len(at))
        for number in range(stream.channels)
    ]
    interleaved = np.stack(channels, axis=1).astype(np.int16).reshape(1, -1)
    whole = av.AudioFrame.from_ndarray(interleaved, format="s16", layout=layout)
    whole.sample_rate, whole.pts, whole.time_base = rate, 0, Fraction(1, rate)
    name = stream.codec_context.name
    form, block = {"aac": ("fltp", 1024), "libopus": ("s16", 960)}.get(name, ("s16", 1024))
    resampler = av.AudioResampler(format=form, layout=layout, rate=rate, frame_size=block)
    for part in (*resampler.resample(whole), *resampler.resample(None)):
        container.mux(stream.encode(part))
    container.mux(stream.encode(None))
