"""Small reels for tests: real H.264 and sound, a few seconds long, made in a second.

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

RATE = 15
BEEP_SECONDS = 0.1


def film(path: Path, audio: str = "aac", seconds: int = 8, *, b_frames: int = 0) -> Path:
    """Write a QuickTime reel of 320x180 pictures with mono sound (`aac`, `pcm_alaw` or empty for none)."""
    random = np.random.default_rng(1)
    noise = random.integers(0, 255, (180, 320, 3), dtype=np.uint8)
    with av.open(str(path), "w", format="mov") as container:
        video = container.add_stream("libx264", rate=RATE)
        video.width, video.height, video.pix_fmt = 320, 180, "yuv420p"
        video.options = {
            "preset": "ultrafast" if not b_frames else "veryfast",
            "profile": "main",
            "x264-params": f"keyint={RATE}:min-keyint={RATE}:scenecut=0:bframes={b_frames}:threads=1"
            ":sliced-threads=0:rc-lookahead=5:sync-lookahead=0",
        }
        sound: AudioStream | None = None
        if audio:
            rate = 16_000 if audio == "aac" else 8_000
            sound = cast(AudioStream, container.add_stream(audio, rate=rate, layout="mono"))
        for number in range(seconds * RATE):
            picture = np.roll(noise // 4 + 60, number * 7, axis=1)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if sound is not None:
            at = np.arange(seconds * rate) / rate
            beeps = np.where(at % 1 < BEEP_SECONDS, np.sin(2 * np.pi * 440 * at) * 12_000, 0)
            samples = (beeps + random.normal(0, 100, len(at))).astype(np.int16)[None, :]
            whole = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
            whole.sample_rate, whole.pts, whole.time_base = rate, 0, Fraction(1, rate)
            form = "fltp" if audio == "aac" else "s16"
            resampler = av.AudioResampler(format=form, layout="mono", rate=rate, frame_size=1024)
            for block in (*resampler.resample(whole), *resampler.resample(None)):
                container.mux(sound.encode(block))
            container.mux(sound.encode(None))
    return path
