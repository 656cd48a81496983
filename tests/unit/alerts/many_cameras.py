"""A hall with six cameras, and short ways to write what happens to them."""

from __future__ import annotations

from dataclasses import replace

from alerts.facts import HallOutage, Outage, Sight, Unexamined
from hall.config import Configuration, HallSettings
from hall.media import Gap
from hall.names import CameraId, ZoneId
from hall.observing import Observation, ObservationKind
from hall.place import Camera, Text
from hall.rule import Rule
from tests.unit.alerts.small_hall import TEN, after, configuration, over

SIX = tuple(CameraId(f"k{number}") for number in range(1, 7))
K1, K2, K3, K4, K5, K6 = SIX


def six_cameras(*rules: Rule) -> Configuration:
    """The small hall with six cameras that show nothing but what they show, and these rules."""
    cameras = tuple(
        Camera(id=camera, name=Text(zh=f"{camera}机", en=camera.upper()), url=f"rtsp://127.0.0.1/{camera}")
        for camera in SIX
    )
    return configuration(cameras=cameras, rules=rules)


PLACE = six_cameras().halls[0]


def whole(
    kind: ObservationKind, state: str, start: float, end: float | None = None, camera: CameraId = K1
) -> Observation:
    """An observation of a whole camera."""
    return Observation(kind, camera, None, None, over(start, end), state, source="test@1")


def picture(state: str, start: float, end: float | None = None, camera: CameraId = K1) -> Observation:
    """How the picture of a camera is."""
    return whole(ObservationKind.PICTURE, state, start, end, camera)


def microphone(state: str, start: float, end: float | None = None, camera: CameraId = K1) -> Observation:
    """How the microphone of a camera is."""
    return whole(ObservationKind.MICROPHONE, state, start, end, camera)


def hall_outage(
    *facts: Gap | Observation, watched: float | None = None, hall: HallSettings | None = None
) -> HallOutage:
    """Six cameras with these gaps and observations; pictures were examined up to `watched`."""
    place = hall or PLACE
    outages = [_outage(place, camera, facts, watched) for camera in place.cameras]
    return HallOutage(place, tuple(outages))


def outage_of(hall: HallOutage, camera: CameraId = K1) -> Outage:
    """One camera among the others."""
    own = next(each for each in hall.all_cameras if each.camera.id == camera)
    return replace(own, among=hall)


def _outage(
    hall: HallSettings, camera: Camera, facts: tuple[Gap | Observation, ...], watched: float | None
) -> Outage:
    gaps = tuple(fact for fact in facts if isinstance(fact, Gap) and fact.camera == camera.id)
    own = [fact for fact in facts if isinstance(fact, Observation) and fact.camera == camera.id]
    seen_until = after(watched) if watched is not None else None
    seen, heard = (
        Sight(camera.id, ZoneId(""), tuple(each for each in own if each.kind is kind), seen_until)
        if any(each.kind is kind for each in own)
        else None
        for kind in (ObservationKind.PICTURE, ObservationKind.MICROPHONE)
    )
    return Outage(hall, camera, gaps, seen, heard, Unexamined(seen_until, TEN, TEN))
