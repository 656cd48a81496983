"""What does watching a camera cost? Key frames behind gates, against decoding every picture."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import cv2

from analysis.detectors import open_detector
from analysis.picture.condition.watch import PictureWatch
from analysis.picture.frames import KeyFrameDecoder
from analysis.picture.watcher import CameraWatch
from benchmarks import watched_film
from benchmarks.every_picture import EveryPicture, right_seconds
from benchmarks.report import Figure, Report
from benchmarks.watched_film import KEY_SECONDS, MAIN, SECONDS, SUB
from hall.clock import EPOCH
from hall.config.settings import AnalysisSettings
from hall.media import Packet, Track
from hall.names import WindowId
from hall.observing import Observation, ObservationKind, Presence
from hall.ports import Detection, Detector

if TYPE_CHECKING:
    from hall.ports import Picture

SIZES = (1, 8, 32, 64, 128)
PEER_CAMERAS = 1
"""Every camera of the peer decodes by itself: one tells the cost."""


class _Timed:
    """A detector whose processor time is counted."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self.name = detector.name
        self.spent = 0.0

    def detect(self, crops: Sequence[Picture]) -> list[list[Detection]]:
        begun = time.process_time()
        try:
            return self._detector.detect(crops)
        finally:
            self.spent += time.process_time() - begun


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor seconds a camera-hour, in all and for its parts; `right` is the share of seconds."""

    cameras: int
    decode: float
    rest: float
    detector: float
    right: float

    @property
    def whole(self) -> float:
        """All together."""
        return self.decode + self.rest + self.detector


def run() -> Report:
    """Watch the same film with both."""
    cv2.setNumThreads(1)
    detector = _Timed(open_detector(AnalysisSettings()))
    with tempfile.TemporaryDirectory(prefix="hallwatch-analysis-") as name:
        main, sub = Path(name) / "main.mp4", Path(name) / "sub.mp4"
        watched_film.make(main, MAIN)
        watched_film.make(sub, SUB)
        streams = {"main": watched_film.packets(main), "sub-stream": watched_film.packets(sub)}
    ours = [_watched(*streams["main"], size, detector) for size in SIZES]
    ours_sub = _watched(*streams["sub-stream"], 8, detector)
    peer = _every_picture(*streams["main"], PEER_CAMERAS, detector)
    peer_sub = _every_picture(*streams["sub-stream"], PEER_CAMERAS, detector)
    rows = [("ours, main stream", cost) for cost in ours]
    rows += [
        ("ours, sub-stream", ours_sub),
        ("every picture, main stream", peer),
        ("every picture, sub-stream", peer_sub),
    ]
    by_size = {cost.cameras: cost for cost in ours}
    keys: dict[str, Figure] = {
        "cpu_ratio": round(by_size[8].whole / peer.whole, 4),
        "cpu_ratio_substream": round(ours_sub.whole / peer_sub.whole, 4),
        "cameras_per_core": round(3600 / by_size[64].whole, 1),
        "growth_128_over_8": round(by_size[128].whole / by_size[8].whole, 3),
        "presence_right": round(by_size[1].right, 4),
        "presence_right_every_picture": round(peer.right, 4),
    }
    return Report(
        "Cost of watching",
        ("how", "cameras", "CPU s a camera-hour", "decode", "gate and rules", "detector", "% right"),
        tuple(
            (
                how,
                cost.cameras,
                cost.whole,
                cost.decode,
                cost.rest,
                cost.detector,
                100 * cost.right,
            )
            for how, cost in rows
        ),
        keys,
        (
            f"One film of {SECONDS} s, drawn: two windows and a waiting area with people who sway, 1080p25 "
            "of 4 Mbit/s with a key frame every 2 s, sub-stream 360p15. Ours looks at key frames, counts the "
            "waiting area and watches clerks and visitors; the peer decodes every picture, looks five times "
            "a second and asks the same detector where something moves, without the waiting area. "
            "The first picture, in which the size of people is learnt, is not counted. "
            "Right: seconds in which clerks are present or away as drawn, but for those beside a change.",
        ),
    )


def _watched(track: Track, packets: list[Packet], cameras: int, detector: _Timed) -> Cost:
    settings = AnalysisSettings()
    camera = watched_film.camera(0)
    keys = [packet for packet in packets if packet.is_key]
    decoders = [KeyFrameDecoder(camera.zones, settings.detail) for _ in range(cameras)]
    first_pictures = [decoder.decode(track, [keys[0]]) for decoder in decoders]
    # The size of people is learnt in the first picture, once for all: not what watching costs from then on.
    first = CameraWatch(camera, settings, "movenet", PictureWatch(camera.id))
    told = [*first.begin([], None, EPOCH, 0.0), *first.see(first_pictures[0], EPOCH, 0.0, detector)]
    watches = [first, *(deepcopy(first) for _ in range(cameras - 1))]
    decode, detector.spent = 0.0, 0.0
    begun = time.process_time()
    for packet in keys[1:]:
        at = EPOCH + timedelta(seconds=packet.arrived)
        for watch, decoder in zip(watches, decoders, strict=True):
            before = time.process_time()
            picture = decoder.decode(track, [packet])
            decode += time.process_time() - before
            changes = watch.see(picture, at, packet.arrived, detector)
            told += changes if watch is first else []
    whole = time.process_time() - begun
    hour = 3600 / (len(keys) - 1) / KEY_SECONDS / cameras
    rest = whole - decode - detector.spent
    return Cost(cameras, decode * hour, rest * hour, detector.spent * hour, _right(_stated(told)))


def _every_picture(track: Track, packets: list[Packet], cameras: int, detector: _Timed) -> Cost:
    watches = [EveryPicture(watched_film.camera(number), track) for number in range(cameras)]
    detector.spent = 0.0
    first = time.process_time()
    for packet in packets:
        for watch in watches:
            watch.take(packet, detector)
    whole = time.process_time() - first
    decode = _decoding_alone(track, packets)
    hour = 3600 / SECONDS / cameras
    rest = max(0.0, whole - decode * cameras - detector.spent)
    return Cost(
        cameras, decode * cameras * hour, rest * hour, detector.spent * hour, _right(watches[0].staffed)
    )


def _decoding_alone(track: Track, packets: list[Packet]) -> float:
    class Nothing:
        name = "nothing@1"

        def detect(self, crops: Sequence[Picture]) -> list[list[Detection]]:
            return [[] for _ in crops]

    camera = watched_film.camera(0).model_copy(update={"zones": ()})
    watch = EveryPicture(camera, track)
    before = time.process_time()
    for packet in packets:
        watch.take(packet, Nothing())
    return time.process_time() - before


def _stated(told: list[Observation]) -> dict[WindowId, list[tuple[float, bool]]]:
    stated: dict[WindowId, list[tuple[float, bool]]] = {}
    for one in told:
        if one.kind is ObservationKind.PRESENCE and one.window is not None:
            since = (one.interval.start - EPOCH).total_seconds()
            stated.setdefault(one.window, []).append((since, one.state == Presence.ON_POST))
    return stated


def _right(stated: dict[WindowId, list[tuple[float, bool]]]) -> float:
    scenes = watched_film.scenes()
    # A look every two seconds: what changed since the last one is told at the next.
    unsure = [
        any(scenes[near] != scenes[second] for near in range(max(0, second - 2), second))
        for second in range(len(scenes))
    ]
    right = scored = 0
    for window in watched_film.WINDOWS:
        truth = [watched_film.staffed(window, second) for second in range(len(scenes))]
        found = right_seconds(stated.get(window, []), truth, unsure)
        right, scored = right + found[0], scored + found[1]
    return right / scored
