"""How a camera is watched: counted, told to the store, and rare key frames found out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from analysis.facts import FactWriter
from analysis.picture.condition.watch import PictureWatch
from analysis.picture.health import Tally
from analysis.picture.watcher import CameraWatch
from hall.clock import SimulatedClock
from hall.config.settings import AnalysisSettings
from hall.errors import DetectorError
from hall.names import CameraId, WindowId, ZoneId
from hall.observing import ObservationKind
from hall.place import Camera, Text, Zone, ZoneRole
from hall.ports import Detection
from store import watching
from store.database import Database
from tests.recordings import new_database

DESK = Zone(id=ZoneId("desk"), role=ZoneRole.STAFF, window=WindowId("w"), polygon=((0, 0), (1, 0), (1, 1)))
CAMERA = Camera(
    id=CameraId("cam-1"), name=Text(zh="一", en="one"), url="rtsp://x", sample_every=2.0, zones=(DESK,)
)


class Nobody:
    """A detector that finds nobody."""

    name = "nobody@1"

    def detect(self, crops: Sequence[np.ndarray]) -> list[list[Detection]]:
        return [[] for _ in crops]


def watched(spacing: float, pictures: int = 6) -> tuple[CameraWatch, SimulatedClock]:
    """A camera of which pictures were examined, so far apart."""
    clock, watch = SimulatedClock(), CameraWatch(CAMERA, AnalysisSettings(), "nobody@1")
    watch.begin([], None, clock.now(), clock.monotonic())
    for _ in range(pictures):
        clock.advance(spacing)
        watch.see(np.zeros((64, 64, 3), np.uint8), clock.now(), clock.monotonic(), Nobody())
    return watch, clock


@pytest.mark.parametrize(("spacing", "is_rare"), [(2.0, False), (2.8, False), (4.0, True), (10.0, True)])
def test_key_frames_rarer_than_the_sampling_period_are_found_out(spacing: float, is_rare: bool) -> None:
    watch, clock = watched(spacing)
    told = Tally().told(watch, clock.now())
    assert told.key_frame_seconds == pytest.approx(spacing)
    assert told.is_rare is is_rare
    assert [(zone.zone, zone.last_seen) for zone in told.zones] == [("desk", clock.now())]


def test_nothing_is_said_of_the_spacing_before_there_are_enough_pictures() -> None:
    watch, clock = watched(10.0, pictures=2)
    told = Tally().told(watch, clock.now())
    assert told.key_frame_seconds is None
    assert not told.is_rare


def test_pictures_that_were_overtaken_do_not_make_key_frames_rare() -> None:
    watch, clock = watched(6.0)
    tally = Tally()
    for number in range(1, 6):
        tally.looked(0.5, 1.0, superseded=2 * number)
    told = tally.told(watch, clock.now())
    assert told.key_frame_seconds == pytest.approx(2.0)
    assert not told.is_rare
    assert told.superseded == 10


class Broken(Nobody):
    """A detector that fails."""

    def detect(self, crops: Sequence[np.ndarray]) -> list[list[Detection]]:
        raise DetectorError("out of order")


def test_pictures_that_told_nothing_of_a_zone_are_counted_for_it() -> None:
    watch, clock = watched(2.0)
    assert [zone.unanswered for zone in watch.zones_seen()] == [0]
    for _ in range(3):
        clock.advance(2.0)
        picture = np.zeros((64, 64, 3), np.uint8)
        picture[..., 0] = 255  # another colour: a uniform picture in other light is no change
        with pytest.raises(DetectorError):
            watch.see(picture, clock.now(), clock.monotonic(), Broken())
    assert [zone.unanswered for zone in watch.zones_seen()] == [3]


def test_the_picture_of_a_camera_without_zones_is_judged() -> None:
    clock = SimulatedClock()
    plain = CAMERA.model_copy(update={"zones": ()})
    watch = CameraWatch(plain, AnalysisSettings(), "nobody@1", PictureWatch(plain.id))
    told = watch.begin([], None, clock.now(), clock.monotonic())
    for _ in range(6):
        clock.advance(2.0)
        told += watch.see(np.zeros((64, 64, 3), np.uint8), clock.now(), clock.monotonic(), Broken())
    clock.advance(600.0)
    told += watch.tick(clock.monotonic())
    assert [(each.kind, each.state) for each in told] == [
        (ObservationKind.PICTURE, "black"),
        (ObservationKind.PICTURE, "unknown"),
    ]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = new_database(tmp_path / "hall.db")
    yield opened
    opened.close()


def test_the_newest_word_stands_in_the_store_and_is_written_every_two_seconds(database: Database) -> None:
    watch, clock = watched(2.0)
    writer, tally = FactWriter(database, clock), Tally()
    written = []
    for _ in range(4):
        tally.decoded(0.005)
        tally.looked(0.02, 0.3)
        writer.fares(tally.told(watch, clock.now()))
        assert writer.write_waiting()
        with database.read() as tx:
            (told,) = watching.told(tx).values()
        written.append(told.examined)
        clock.advance(1)
    assert written == [1, 1, 3, 3]
    assert told.delay == 0.3
    assert told.decode_seconds == pytest.approx(0.005)
    assert told.zones[0].last_seen == clock.now() - timedelta(seconds=4)
