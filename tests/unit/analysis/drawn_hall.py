"""A drawn counter hall, its light and its people, as an encoder shows them: pictures of 640 × 360."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np
from av import CodecContext, Packet, VideoFrame

from analysis.picture.zones import Crop, crop_of
from fixtures import furniture
from fixtures.people import HEAD_TOP, SIDE, Look, figure
from fixtures.scenes import DESK_TOP, VIEWS, zones
from hall.names import CameraId
from hall.place import ZoneRole
from hall.ports import Detection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hall.ports import Picture

WIDTH, HEIGHT = 640, 360
VIEW = VIEWS[CameraId("cam-3")]
STAFF = next(zone for zone in zones(VIEW) if zone.role is ZoneRole.STAFF)
ZONE = crop_of(STAFF)
WHOLE = Crop(0.0, 0.0, 1.0, 1.0)
DESK = DESK_TOP // 2
"""Row below which the desk hides the clerk."""
FLOOR = HEIGHT
BLUE = Look((84, 52, 30), (30, 32, 38), tie=(60, 40, 160))
WALL_GREY = Look((206, 214, 216), (190, 196, 200), garment="sweater")
"""Clothes and hair of about the wall's brightness and colour."""
CHAIR_GREY = Look((62, 52, 48), (58, 50, 46), garment="sweater")
"""Clothes and hair of the colour of the clerk's chair."""


@dataclass(frozen=True, slots=True)
class Someone:
    """A person: `column` is where the body's middle is, `top` the row of the hair, in pixels.

    `tall` is what a box around the figure measures from the hair to its lower edge; whatever lies below
    the row `hidden_from` is hidden.
    """

    look: Look = BLUE
    column: float = 160.0
    top: float = DESK - 134.0
    tall: float = 206.0
    hidden_from: int = DESK

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom in shares of the picture: head and body, as a detector gives them."""
        half = 0.36 * self.tall
        bottom = min(self.top + self.tall, self.hidden_from)
        return (
            max(0.0, (self.column - half) / WIDTH),
            max(0.0, self.top / HEIGHT),
            min(1.0, (self.column + half) / WIDTH),
            min(1.0, bottom / HEIGHT),
        )

    def lies_in(self, crop: Crop) -> bool:
        """True when their middle can be seen in a crop."""
        left, top, right, bottom = self.box
        across, down = (left + right) / 2, (top + bottom) / 2
        return crop.left <= across <= crop.right and crop.top <= down <= crop.bottom

    def found_in(self, crop: Crop) -> Detection:
        """The person as a detector that gives boxes only finds them in a crop."""
        across, down = crop.right - crop.left, crop.bottom - crop.top
        left, top, right, bottom = self.box
        box = (
            (left - crop.left) / across,
            (top - crop.top) / down,
            (right - crop.left) / across,
            (bottom - crop.top) / down,
        )
        return Detection(
            cast(tuple[float, float, float, float], tuple(float(np.clip(side, 0, 1)) for side in box)), 0.6
        )


@cache
def _empty() -> Picture:
    stage, _ = furniture.empty_hall(VIEW)
    return np.asarray(cv2.resize(stage, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)


def drawn(*people: Someone) -> Picture:
    """The hall with these people in it, as the lens sees it: neither noise nor encoding."""
    picture = _empty().astype(np.float32)
    for person in people:
        _put(picture, person)
    return np.asarray(np.clip(picture, 0, 255), np.uint8)


def _put(picture: NDArray[np.float32], person: Someone) -> None:
    who = figure(person.look)
    scale = person.tall / (SIDE - HEAD_TOP)
    left, top = int(person.column - SIDE * scale), max(0, int(person.top) - 2)
    right, bottom = (
        int(person.column + SIDE * scale),
        min(person.hidden_from, int(person.top + person.tall) + 2),
    )
    left, right = max(0, left), min(WIDTH, right)
    x, y = person.column - who.column * scale - left, person.top - HEAD_TOP * scale - top
    # Drawn large and made smaller by areas, so that a small figure does not flicker as it moves.
    large = 2 * np.array([[scale, 0, x], [0, scale, y]])
    size = right - left, bottom - top
    placed = cv2.warpAffine(_layer(person.look), large, (2 * size[0], 2 * size[1]), flags=cv2.INTER_LINEAR)
    placed = cv2.resize(placed, size, interpolation=cv2.INTER_AREA)
    part = picture[top:bottom, left:right]
    part *= 1 - placed[..., 3:]
    part += placed[..., :3]


@cache
def _layer(look: Look) -> NDArray[np.float32]:
    who = figure(look)
    return np.dstack((who.colour * who.alpha[..., None], who.alpha))


def lit(picture: Picture, factor: float) -> Picture:
    """The same hall in more or less light, as a camera's response shows it."""
    return np.asarray(np.clip(picture.astype(np.float32) * factor, 0, 255), np.uint8)


def under_lamp(picture: Picture, factor: float, column: int = 200, row: int = 40) -> Picture:
    """One lamp of the ceiling shines with a `factor` of its light; most of it falls near `column`, `row`."""
    return np.asarray(np.clip(picture * (1 - (1 - factor) * _near(column, row)), 0, 255), np.uint8)


@cache
def _near(column: int, row: int) -> NDArray[np.float32]:
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    return np.asarray(
        np.exp(-((columns - column) ** 2 + (rows - row) ** 2) / (2 * 110.0**2))[..., None], np.float32
    )


def with_clock(picture: Picture, seconds: int, left: int = 70, top: int = 66) -> Picture:
    """A clock burnt into the picture, within the staff zone unless told otherwise."""
    shown = picture.copy()
    text = f"2026-03-02 09:{seconds // 60 % 60:02}:{seconds % 60:02}"
    for colour, thick in (((0, 0, 0), 3), ((255, 255, 255), 1)):
        cv2.putText(shown, text, (left, top), cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, thick, cv2.LINE_AA)
    return shown


@cache
def _grain() -> NDArray[np.float32]:
    return np.random.default_rng(5).normal(0, 1, (HEIGHT, WIDTH, 1)).astype(np.float32)


def filmed(picture: Picture, moment: int, quality: int = 26, noise: float = 2.0) -> Picture:
    """The picture with a sensor's noise (grey levels), encoded as one key frame and decoded again.

    `quality` is the encoder's constant rate factor: 20 is good, 40 is bad. `moment` chooses the noise.
    """
    grain = np.roll(_grain(), (moment * 37 % HEIGHT, moment * 101 % WIDTH), (0, 1)) * np.float32(noise)
    noisy = np.asarray(np.clip(picture + grain, 0, 255), np.uint8)
    encoder = CodecContext.create("libx264", "w")
    encoder.height, encoder.width = picture.shape[:2]
    encoder.pix_fmt, encoder.time_base = "yuv420p", Fraction(1, 1)
    encoder.options = {"preset": "veryfast", "crf": str(quality), "tune": "zerolatency"}
    decoder = CodecContext.create("h264", "r")
    frame = VideoFrame.from_ndarray(noisy, format="bgr24")
    coded = [*encoder.encode(frame), *encoder.encode(None)]
    shown = [each for packet in coded for each in decoder.decode(Packet(bytes(packet)))] + decoder.decode(
        None
    )
    return np.asarray(shown[0].to_ndarray(format="bgr24"), np.uint8)
