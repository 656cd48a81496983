"""A short story in real pictures, from key frames to observations: what is stated, all of it, in order.

The people are a photograph's; the counter and the moves are drawn (fixtures.pictures).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

from analysis.detectors import open_detector
from analysis.picture.condition.watch import PictureWatch
from analysis.picture.frames import KeyFrameDecoder
from analysis.picture.watcher import CameraWatch
from fixtures.pictures import Film
from fixtures.scenes import FRAME_RATE, VIEWS, Scene, zones
from hall.config.settings import AnalysisSettings
from hall.names import CameraId
from hall.observing import Observation, ObservationKind
from hall.place import Camera, Text
from tests.unit.analysis.pictures import key_frame

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
VIEW = VIEWS[CameraId("cam-1")]
STORY = (
    ("empty-empty-0", 8),
    ("staff-empty-0", 8),
    ("serving-empty-2", 8),
    ("unattended-empty-2", 10),
    ("empty-empty-0", 10),
)
"""Scenes and their seconds: a clerk comes and sits, serves while two wait, goes, and then all have gone."""


@cache
def told() -> tuple[Observation, ...]:
    """What one camera's pictures of the story give, one a second, each as an encoded key frame."""
    settings = AnalysisSettings()
    camera = Camera(
        id=VIEW.camera,
        name=Text(zh="一", en="One"),
        url="rtsp://127.0.0.1/1",
        sample_every=1.0,
        zones=zones(VIEW),
    )
    watch = CameraWatch(camera, settings, "none@0", PictureWatch(camera.id))
    decoder, detector = KeyFrameDecoder(camera.zones, settings.detail), open_detector(settings)
    changes, second = watch.begin([], None, START, 0.0), 0
    for name, seconds in STORY:
        film = Film(VIEW, Scene.named(name))
        for number in range(seconds):
            track, packet = key_frame(film.frame(number * FRAME_RATE))
            at = START + timedelta(seconds=second)
            changes += watch.see(decoder.decode(track, [packet]), at, float(second), detector)
            changes += watch.tick(float(second))
            second += 1
    return tuple(changes)


def test_a_clerk_who_comes_sits_and_goes_is_told_to_the_second_and_nothing_else() -> None:
    stated = [
        (str(each.zone), each.state, (each.interval.start - START).total_seconds())
        for each in told()
        if each.kind is not ObservationKind.PEOPLE
    ]
    zones_of = ("w01-staff", "w01-customer", "w02-staff", "w02-customer")
    assert stated == [
        *[(zone, "unknown", 0) for zone in zones_of],
        ("None", "clear", 0),
        *[(zone, "leaving", 0) for zone in zones_of],
        *[(zone, "absent", 4) for zone in zones_of],
        ("w01-staff", "on_post", 8),
        ("w01-customer", "on_post", 16),
        ("w01-staff", "leaving", 24),
        ("w01-staff", "absent", 28),
        ("w01-customer", "leaving", 34),
        ("w01-customer", "absent", 38),
    ]


def test_who_waits_is_counted_soon_after_they_come_and_go() -> None:
    counts = [
        (each.measure, (each.interval.start - START).total_seconds())
        for each in told()
        if each.kind is ObservationKind.PEOPLE
    ]
    assert [people for people, _ in counts] == [None, 0, 2, 0]
    assert 16 <= counts[2][1] <= 22
    assert 34 <= counts[3][1] <= 43
