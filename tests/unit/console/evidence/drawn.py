"""Drawn films for the tests of redaction: a head moves over a patterned picture, in step with its finder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

import av
import cv2
import numpy as np

from analysis.heads.finding import FoundHead
from analysis.heads.head import Head
from hall.errors import DetectorError

if TYPE_CHECKING:
    from hall.ports import Picture

RATE = 10
WIDTH, HEIGHT = 192, 108
RADIUS = 9
SOUND_RATE = 16_000
Way = Callable[[float], tuple[int, int]]
"""Where the middle of the head is at a moment of the film."""


def walking(at: float) -> tuple[int, int]:
    """From left to right, two radii in a look."""
    return 30 + round(50 * at), 54


def pattern() -> Picture:
    """A picture that is the same everywhere and everywhere different: what is covered or smeared shows."""
    across, down = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    waves = 60 + 40 * np.sin(across / 9) + 30 * np.cos(down / 7)
    return cast("Picture", np.repeat(waves[:, :, np.newaxis], 3, axis=2).astype(np.uint8))


def drawn(way: Way | None, at: float) -> Picture:
    """The picture of a moment, with the head where it is then."""
    picture = pattern()
    if way is not None:
        x, y = way(at)
        cv2.circle(picture, (x, y), RADIUS, (255, 255, 255), cv2.FILLED)
        cv2.circle(picture, (x, y), RADIUS // 2, (0, 0, 255), cv2.FILLED)
    return picture


def film(path: Path, way: Way | None, seconds: float = 2.0, *, sound: bool = True, b_frames: int = 0) -> Path:
    """Write the film as cameras do, with a tone."""
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {"preset": "ultrafast", "crf": "12", "bf": str(b_frames), "g": "10", "threads": "1"}
        tone = container.add_stream("aac", rate=SOUND_RATE, layout="mono") if sound else None
        for number in range(round(seconds * RATE)):
            frame = av.VideoFrame.from_ndarray(drawn(way, number / RATE), format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if tone is not None:
            wave = 0.3 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * SOUND_RATE)) / SOUND_RATE)
            for block in range(len(wave) // 1024):
                samples = wave[block * 1024 : (block + 1) * 1024].astype(np.float32).reshape(1, -1)
                part = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
                part.sample_rate, part.pts = SOUND_RATE, block * 1024
                part.time_base = Fraction(1, SOUND_RATE)
                container.mux(tone.encode(part))
            container.mux(tone.encode(None))
    return path


@dataclass
class Finder:
    """Finds the drawn head, but not at moments at which it is lost, and fails at others."""

    way: Way
    lost: Callable[[float], bool] = lambda _at: False
    fails: Callable[[float], bool] = lambda _at: False
    is_inside: bool = False
    looked_at: int = 0

    def find(self, _picture: Picture, at: float) -> list[FoundHead]:
        """The head of a moment."""
        self.looked_at += 1
        if self.fails(at):
            raise DetectorError("the model is gone")
        x, y = self.way(at)
        return [] if self.lost(at) else [FoundHead(Head(x, y, RADIUS), self.is_inside)]


def frames(path: Path) -> Iterator[tuple[float, Picture]]:
    """Every picture of a film as a player shows it, with its moment."""
    with av.open(str(path), "r", format="mp4") as container:
        for frame in container.decode(container.streams.video[0]):
            yield frame.time, cast("Picture", frame.to_ndarray(format="bgr24"))


def within(x: int, y: int, radius: int) -> Picture:
    """A mask of a circle."""
    mask: Picture = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.circle(mask, (x, y), radius, 255, cv2.FILLED)
    return mask
