"""A reel with a clock burnt into every picture, and the script by which a page reads it back.

Each picture carries its number as sixteen squares along its top edge, white for 1, and below them the same
number inverted: what is read is believed only where both agree.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

WIDTH, HEIGHT, RATE = 640, 360, 25
SECONDS = 60
PICTURES = RATE * SECONDS
BITS = 16
SQUARE = WIDTH // BITS
BLACK, WHITE = 24, 230

READ = """(camera) => {
    const video = document.querySelector(`figure[data-camera="${camera}"] video`);
    const pen = new OffscreenCanvas(BITS, 2).getContext('2d', {willReadFrequently: true});
    window.readClock = [];
    const step = (_now, frame) => {
        pen.drawImage(video, 0, 0, video.videoWidth, video.videoWidth / BITS * 2, 0, 0, BITS, 2);
        const pixels = pen.getImageData(0, 0, BITS, 2).data;
        const bit = (at) => (pixels[at * 4 + 1] > 127 ? 1 : 0);
        let number = 0, agrees = true;
        for (let at = 0; at < BITS; at += 1) {
            number = number * 2 + bit(at);
            agrees &&= bit(at) !== bit(BITS + at);
        }
        if (agrees) window.readClock.push([number, performance.timeOrigin + frame.expectedDisplayTime]);
        video.requestVideoFrameCallback(step);
    };
    video.requestVideoFrameCallback(step);
}""".replace("BITS", str(BITS))
"""Begins to note `[number, milliseconds since 1970 at which the picture is shown]` in `window.readClock`."""


def clock_film(path: Path) -> Path:
    """Write the reel: a minute of H.264 without B pictures, a key frame every second, no sound."""
    noise = np.random.default_rng(3)
    with av.open(str(path), "w", format="mp4") as container:
        options = {
            "preset": "veryfast",
            "profile": "baseline",
            "g": str(RATE),
            "bf": "0",
            "sc_threshold": "0",
        }
        stream: VideoStream = container.add_stream("libx264", rate=RATE, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.bit_rate = 1_000_000
        ground = noise.integers(60, 190, (HEIGHT // 8, WIDTH // 8), np.uint8).repeat(8, 0).repeat(8, 1)
        for number in range(PICTURES):
            pixels = np.roll(ground, 2 * number, axis=1)
            pixels[: 2 * SQUARE] = _squares(number)
            frame = av.VideoFrame.from_ndarray(np.stack([pixels] * 3, axis=-1), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _squares(number: int) -> NDArray[np.uint8]:
    """The two rows of squares, at their full size."""
    bits = [(number >> (BITS - 1 - place)) & 1 for place in range(BITS)]
    rows = np.array([bits, [1 - bit for bit in bits]], np.uint8)
    grey = np.where(rows == 1, WHITE, BLACK).astype(np.uint8)
    return grey.repeat(SQUARE, 0).repeat(SQUARE, 1)
