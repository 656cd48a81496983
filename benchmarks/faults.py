"""Which camera faults are found, how soon, and what is called one wrongly: drawn halls, really encoded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np
from av.video.frame import VideoFrame

from analysis.accuracy.scoring import FaultStated, FaultThere, Hits, fault_hits
from analysis.picture.condition.watch import PictureWatch
from benchmarks.faulty_scenes import FAULTS, NO_FAULTS, Change
from benchmarks.report import Figure, Report
from fixtures.pictures import FRAMES, Film
from fixtures.scenes import FRAME_RATE, VIEWS, Scene, View
from hall.clock import EPOCH
from hall.names import CameraId

if TYPE_CHECKING:
    from hall.ports import Picture

SIZE = (640, 360)
SAMPLE_EVERY = 2
"""Seconds between key frames, as a hall samples by default."""
NORMAL, AFTER = 30, 24
"""Seconds before the change and after it."""
WITHIN = 10.0
CROWD = ("staff-serving-2", "serving-serving-4", "empty-staff-3", "unattended-serving-1")
"""People come and go every six seconds."""


@dataclass(frozen=True, slots=True)
class Camera:
    """How a camera sees: its light, the noise of its sensor (grey levels) and how it encodes."""

    name: str
    gain: float
    noise: float
    encoder: dict[str, str]


CAMERAS = (
    Camera("day", 1.0, 1.5, {"crf": "24"}),
    Camera("night", 0.45, 4.0, {"crf": "27"}),
    Camera("starved", 1.0, 2.0, {"b": "150k", "maxrate": "150k", "bufsize": "150k"}),
)
"""The last one's encoder changes its quality all the time to stay within 150 kbit/s."""
FROZEN: dict[str, bool] = {"frozen": False, "frozen under a running clock": True}


def run() -> Report:
    """Every fault and every happening before every camera, the hall once still and once full of people."""
    hits: dict[str, Hits] = defaultdict(Hits)
    delays: dict[str, list[float]] = defaultdict(list)
    wrong: list[str] = []
    for number, camera in enumerate(CAMERAS):
        view = list(VIEWS.values())[number % len(VIEWS)]
        for is_full in (False, True):
            for name, kind, pictures in _runs(view, camera, is_full):
                stated = _stated(pictures)
                there = None if kind is None else FaultThere(frozenset({kind}), NORMAL, NORMAL)
                found = fault_hits(there, stated, WITHIN)
                hits[kind or "none"] += found
                if kind is not None and found.right:
                    delays[kind].append(min(one.told for one in stated if one.kind == kind) - NORMAL)
                if found.wrong or found.missed:
                    what = ", ".join(one.kind for one in stated) or "nothing"
                    wrong.append(f"{camera.name}, {'full' if is_full else 'still'}, {name}: {what} stated")
    rows = [_row(kind, found, delays[kind]) for kind, found in hits.items()]
    together = sum(hits.values(), start=Hits())
    keys: dict[str, Figure] = {"fault_precision": together.precision, "fault_recall": together.recall}
    head = ("kind", "right", "wrong", "missed", "precision", "recall", "longest delay s")
    return Report("Which camera faults are found", head, tuple(rows), keys, tuple(wrong))


def _row(kind: str, found: Hits, delays: list[float]) -> tuple[Figure, ...]:
    shares = (found.precision, found.recall)
    texts = (None if share is None else f"{share:.3f}" for share in shares)
    return (kind, found.right, found.wrong, found.missed, *texts, max(delays, default=None))


def _runs(
    view: View, camera: Camera, is_full: bool
) -> Iterator[tuple[str, str | None, Iterator[tuple[int, Picture]]]]:
    for name, (kind, change) in FAULTS.items():
        yield name, kind, _encoded(_seen(view, camera, is_full, change), camera)
    for name, goes_on in FROZEN.items():
        yield name, "frozen", _encoded(_frozen(view, camera, is_full, goes_on), camera)
    for name, change in NO_FAULTS.items():
        yield name, None, _encoded(_seen(view, camera, is_full, change), camera)


def _seen(view: View, camera: Camera, is_full: bool, change: Change) -> Iterator[Picture]:
    """A picture every sampling period, with the light of the camera and the noise of its sensor."""
    for second in range(0, NORMAL + AFTER, SAMPLE_EVERY):
        picture = _lit(view, camera, is_full, second)
        yield _noisy(change(picture, second - NORMAL) if second >= NORMAL else picture, camera, second)


def _frozen(view: View, camera: Camera, is_full: bool, clock_goes_on: bool) -> Iterator[Picture]:
    clock = NO_FAULTS["a burnt-in clock"]
    for second in range(0, NORMAL + AFTER, SAMPLE_EVERY):
        at = min(second, NORMAL)
        picture = _noisy(_lit(view, camera, is_full, at), camera, at)
        yield clock(picture, second if clock_goes_on else at)


def _lit(view: View, camera: Camera, is_full: bool, second: int) -> Picture:
    scene = CROWD[second // 6 % len(CROWD)] if is_full else "empty-empty-0"
    picture = _reel(view, scene)[second % len(_reel(view, scene))]
    return np.asarray(np.clip(picture * camera.gain, 0, 255), np.uint8)


@cache
def _reel(view: View, scene: str) -> tuple[Picture, ...]:
    film = Film(view, Scene.named(scene))
    frames = (film.frame(number) for number in range(0, FRAMES, FRAME_RATE))
    return tuple(
        np.asarray(cv2.resize(frame, SIZE, interpolation=cv2.INTER_AREA), np.uint8) for frame in frames
    )


def _noisy(picture: Picture, camera: Camera, second: int) -> Picture:
    grain = np.random.default_rng(second).normal(0, camera.noise, (SIZE[1], SIZE[0], 1))
    return np.asarray(np.clip(picture + grain, 0, 255), np.uint8)


def _encoded(pictures: Iterator[Picture], camera: Camera) -> Iterator[tuple[int, Picture]]:
    """Each picture as a key frame of H.264 with its second: encoded, decoded again.

    Three pictures that differ by nothing follow each, so that the encoder has a rate to keep.
    """
    encoder = av.CodecContext.create("libx264", "w")
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(encoder, av.VideoCodecContext)
    assert isinstance(decoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = *SIZE, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, 2), Fraction(2, 1)
    encoder.options = {"preset": "veryfast", "tune": "zerolatency", "g": "4", **camera.encoder}
    for number, picture in enumerate(pictures):
        for part in range(4):
            frame = VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = number * 4 + part, Fraction(1, 2)
            for packet in encoder.encode(frame):
                decoded = decoder.decode(packet)
                if packet.is_keyframe and decoded:
                    shown = decoded[0].to_ndarray(format="bgr24")
                    yield number * SAMPLE_EVERY, np.asarray(shown, np.uint8)


def _stated(pictures: Iterator[tuple[int, Picture]]) -> list[FaultStated]:
    """Each fault with its time, and when it was told."""
    watch = PictureWatch(CameraId("camera"))
    turns: list[tuple[float, str, float]] = []
    for second, picture in pictures:
        for observation in watch.see(picture, EPOCH + timedelta(seconds=second)):
            since = (observation.interval.start - EPOCH).total_seconds()
            turns.append((since, observation.state, float(second)))
    ends = [*(since for since, _, _ in turns[1:]), float(NORMAL + AFTER)]
    return [
        FaultStated(state, (since, end), told)
        for (since, state, told), end in zip(turns, ends, strict=True)
        if state not in ("clear", "unknown")
    ]
