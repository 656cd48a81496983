"""Pictures and zones as no hall should have them: each ends in a right answer, a clear error, or unknown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

from analysis.detectors import open_detector
from analysis.picture.condition.watch import PictureWatch
from analysis.picture.frames import KeyFrameDecoder
from analysis.picture.watcher import CameraWatch
from hall.config.settings import AnalysisSettings
from hall.errors import DetectorError, MediaError
from hall.names import CameraId, WindowId, ZoneId
from hall.place import Camera, Point, Text, Zone, ZoneRole
from hall.ports import Detector
from tests.unit.analysis.pictures import empty_counter, key_frame, packet_of, with_person

if TYPE_CHECKING:
    from hall.ports import Picture

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SETTINGS = AnalysisSettings()
SEAT = ((0.2, 0.1), (0.8, 0.1), (0.8, 1.0), (0.2, 1.0))


@cache
def movenet() -> Detector:
    return open_detector(SETTINGS)


def camera(*polygons: tuple[Point, ...]) -> Camera:
    return Camera(
        id=CameraId("cam"),
        name=Text(zh="一", en="One"),
        url="rtsp://127.0.0.1/1",
        sample_every=1.0,
        zones=tuple(
            Zone(id=ZoneId(f"z{number}"), role=ZoneRole.STAFF, window=WindowId(f"w{number}"), polygon=polygon)
            for number, polygon in enumerate(polygons)
        ),
    )


def states(watch: CameraWatch, *pictures: Picture) -> list[tuple[str, str]]:
    """Zones and their states, for one picture a second as it is."""
    told = []
    for second, picture in enumerate(pictures):
        told += watch.see(picture, START + timedelta(seconds=second), float(second), movenet())
    return [(str(each.zone), each.state) for each in told if each.zone is not None]


def decoded_states(pictures: list[Picture]) -> list[tuple[str, str]]:
    """The same for pictures that came as key frames of one camera with one seat."""
    seat = camera(SEAT)
    decoder = KeyFrameDecoder(seat.zones, SETTINGS.detail)
    decoded = [decoder.decode(track, [packet]) for track, packet in map(key_frame, pictures)]
    return states(CameraWatch(seat, SETTINGS, "none@0"), *decoded)


@pytest.mark.parametrize(("height", "width"), [(2160, 3840), (1920, 1080), (3840, 2160), (288, 352)], ids=str)
def test_somebody_is_seen_in_a_key_frame_of_any_size_and_shape(height: int, width: int) -> None:
    assert decoded_states([with_person(height, width)]) == [("z0", "on_post")]


def test_a_zone_is_a_share_of_the_picture_so_that_another_resolution_changes_nothing() -> None:
    sizes = [(360, 640), (720, 1280), (1080, 1920), (180, 320), (360, 640)]
    assert decoded_states([with_person(*size) for size in sizes]) == [("z0", "on_post")]
    gone = [empty_counter(*size) for size in sizes]
    assert decoded_states([with_person(360, 640), *gone]) == [
        ("z0", "on_post"),
        ("z0", "leaving"),
        ("z0", "absent"),
    ]


def test_a_zone_at_the_edge_of_the_picture_stays_inside_it_at_every_resolution() -> None:
    corner = ((0.99, 0.99), (1.0, 0.99), (1.0, 1.0), (0.99, 1.0))
    watch = CameraWatch(camera(corner), SETTINGS, "none@0")
    pictures = [empty_counter(*size) for size in ((360, 640), (2160, 3840), (17, 31), (360, 640), (1, 1))]
    assert states(watch, *pictures) == [("z0", "leaving"), ("z0", "absent")]


def test_in_a_zone_of_one_pixel_nobody_is_found_and_the_zone_beside_it_is_judged_as_ever() -> None:
    pixel = ((0.9, 0.1), (0.9001, 0.1), (0.9001, 0.1001))
    told = states(CameraWatch(camera(SEAT, pixel), SETTINGS, "none@0"), *[with_person(360, 640)] * 5)
    assert ("z0", "on_post") in told
    assert [state for zone, state in told if zone == "z1"] == ["leaving", "absent"]


@pytest.mark.parametrize("shape", [(1, 1), (1, 640), (360, 1), (2, 2)])
def test_a_picture_of_hardly_any_pixels_shows_nobody(shape: tuple[int, int]) -> None:
    watch = CameraWatch(camera(SEAT), SETTINGS, "none@0")
    assert states(watch, *[np.zeros((*shape, 3), np.uint8)] * 5) == [("z0", "leaving"), ("z0", "absent")]


def test_a_picture_without_pixels_is_an_error_and_states_nothing() -> None:
    watch = CameraWatch(camera(SEAT), SETTINGS, "none@0")
    assert states(watch, with_person(360, 640)) == [("z0", "on_post")]
    for empty in (np.zeros((0, 0, 3), np.uint8), np.zeros((360, 0, 3), np.uint8)):
        with pytest.raises(DetectorError, match="no pixels"):
            watch.see(empty, START + timedelta(seconds=1), 1.0, movenet())
    assert [each.state for each in watch.tick(60.0)] == ["unknown"]


def test_a_picture_that_shows_nothing_at_all_makes_a_seat_unknown_and_never_empty() -> None:
    watch = CameraWatch(camera(SEAT), SETTINGS, "none@0", PictureWatch(CameraId("cam")))
    black = np.zeros((360, 640, 3), np.uint8)
    told = states(watch, *[with_person(360, 640)] * 10, *[black] * 20)
    assert told == [("z0", "on_post"), ("z0", "unknown")]


def test_damaged_key_frames_alone_make_a_seat_unknown_and_never_empty() -> None:
    seat = camera(SEAT)
    decoder = KeyFrameDecoder(seat.zones, SETTINGS.detail)
    watch = CameraWatch(seat, SETTINGS, "none@0")
    track, packet = key_frame(with_person(360, 640))
    assert states(watch, decoder.decode(track, [packet])) == [("z0", "on_post")]
    for second in range(1, 30):
        with pytest.raises(MediaError):
            decoder.decode(track, [packet_of(packet.data[: len(packet.data) // 3])])
        for change in watch.tick(float(second)):
            assert (change.state, change.interval.start) == ("unknown", START)
            break
    assert watch.tick(31.0) == []
