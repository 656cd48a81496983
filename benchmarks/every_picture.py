"""The peer of `bench-analysis`: decode every picture, look at five a second, ask a detector where it moves.

That is how popular network video recorders watch. It gets the same detector and the same zones as Hallwatch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import av
import cv2
import numpy as np

from analysis.picture.zones import crop_of, people_inside
from hall.media import Packet, Track
from hall.names import WindowId
from hall.observing import KINDS, ObservationKind
from hall.place import Camera
from hall.ports import Detector

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hall.ports import Picture

LOOKS_A_SECOND = 5
WIDTH = 1280
"""Pictures are made so wide before the detector sees them."""
SMALL = (320, 180)
"""Movement is looked for in pictures of this size, as such recorders do."""
CHANGED, LEARNING = 25, 0.05
LEAST_AREA = 12


class EveryPicture:
    """One camera. Keeps for each window the state that was found last."""

    def __init__(self, camera: Camera, track: Track) -> None:
        self._zones = [zone for zone in camera.zones if KINDS[zone.role] is not ObservationKind.PEOPLE]
        context = av.CodecContext.create(track.codec, "r")
        assert isinstance(context, av.VideoCodecContext)
        context.thread_type = "NONE"
        context.extradata = track.extradata
        self._context = context
        self._background: NDArray[np.float32] | None = None
        self._due = 0.0
        self.staffed: dict[WindowId, list[tuple[float, bool]]] = {}

    def take(self, packet: Packet, detector: Detector) -> None:
        """Decode a picture; look at it when a fifth of a second has passed."""
        for frame in self._context.decode(av.Packet(packet.data)):
            if packet.arrived < self._due:
                continue
            self._due += 1 / LOOKS_A_SECOND
            height = round(frame.height * min(WIDTH, frame.width) / frame.width)
            picture = frame.reformat(width=min(WIDTH, frame.width), height=height, format="bgr24")
            self._look(cast("Picture", picture.to_ndarray()), packet.arrived, detector)

    def _look(self, picture: Picture, at: float, detector: Detector) -> None:
        grey = cv2.cvtColor(cv2.resize(picture, SMALL), cv2.COLOR_BGR2GRAY).astype(np.float32)
        if self._background is None:
            self._background = grey
            moved = np.ones(grey.shape, np.uint8)
        else:
            moved = (np.abs(grey - self._background) > CHANGED).astype(np.uint8)
            cv2.accumulateWeighted(grey, self._background, LEARNING)
        crops = [(zone, crop_of(zone)) for zone in self._zones]
        busy = [(zone, crop) for zone, crop in crops if np.count_nonzero(crop.cut(moved)) >= LEAST_AREA]
        answers = detector.detect([crop.cut(picture) for _, crop in busy])
        for (zone, crop), found in zip(busy, answers, strict=True):
            if KINDS[zone.role] is ObservationKind.PRESENCE and zone.window is not None:
                there = bool(people_inside(zone, crop, found))
                self.staffed.setdefault(zone.window, []).append((at, there))


def right_seconds(
    stated: Sequence[tuple[float, bool]], truth: Sequence[bool], unsure: Sequence[bool]
) -> tuple[int, int]:
    """Of so many seconds that are sure, how many are right in their middle: right, scored."""
    right = scored = 0
    for second, there in enumerate(truth):
        if unsure[second]:
            continue
        last = [value for at, value in stated if at <= second + 0.5]
        scored += 1
        right += bool(last) and last[-1] == there
    return right, scored
