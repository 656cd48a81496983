"""Which picture shows a moment, also of cameras whose key frames are rare; and how many stills are kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from capture.books.books import Books
from capture.books.facts import FactWriter
from capture.books.logbook import Logbook
from capture.record.objects import LocalObjects
from console.replay.stills import Place, StillShelf, make, place_of, why_nothing
from hall.clock import SimulatedClock
from hall.errors import MediaError
from hall.media import Segment
from hall.names import CameraId, HallId
from store import recording
from tests.media import RATE, film
from tests.recorded import packets_of, record
from tests.recordings import AtOnce, new_database

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CAMERA = CameraId("cam-1")


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def filmed(folder: Path, seconds: int, key_every: int) -> tuple[Segment, bytes]:
    """A recorded file of one segment, of our own writer, and its bytes."""
    database, objects = new_database(folder / "hall.db"), LocalObjects(folder / "recordings")
    books = Books(
        cast(FactWriter, AtOnce(database)),
        Logbook(objects.disks, SimulatedClock(wall=START)),
        HallId("h"),
    )
    reel = packets_of(film(folder / "reel.mp4", "", seconds, key_every=key_every, size=(160, 96)))
    record(objects, books, CAMERA, reel, START, segment_seconds=600)
    with database.read() as tx:
        (segment,) = recording.segments_between(tx, CAMERA, START, after(600))
    return segment, objects.path(segment.key).read_bytes()


def test_a_moment_before_the_next_key_frame_shows_the_last_one(tmp_path: Path) -> None:
    segment, content = filmed(tmp_path, seconds=13, key_every=60 * RATE)
    assert len(segment.fragments) == 2, "a long group of pictures is cut although no key frame came"
    place = place_of([segment], after(12))
    assert place == Place(segment, 1)
    found, jpeg = make(place, lambda first, last: content[first:last], 160)
    assert (found.at, found.number) == (START, 0)
    assert jpeg.startswith(b"\xff\xd8")


def test_the_drift_of_a_file_is_spread_over_it(tmp_path: Path) -> None:
    segment, _ = filmed(tmp_path, seconds=4, key_every=RATE)
    slow = replace(segment, interval=segment.interval.closed(after(8)))
    place = place_of([slow], after(3.9))
    assert place is not None
    assert (place.number, place.at) == (1, after(2))


def test_a_file_without_its_picture_is_only_sound(tmp_path: Path) -> None:
    segment, _ = filmed(tmp_path, seconds=1, key_every=RATE)
    stripped = replace(segment, has_picture=False)
    assert place_of([stripped], START) is None
    assert why_nothing([stripped], [], [], START, after(60)).reason == "sound_only"


def test_what_cannot_be_decoded_is_told_and_no_picture_made_up(tmp_path: Path) -> None:
    segment, content = filmed(tmp_path, seconds=1, key_every=RATE)
    for broken in (content[:40] + bytes(len(content) - 40), bytes(len(content)), b""):
        with pytest.raises(MediaError):
            make(Place(segment, 0), lambda first, last, broken=broken: broken[first:last], 160)  # type: ignore[misc]


def test_the_shelf_drops_what_was_not_asked_for_the_longest(tmp_path: Path) -> None:
    place = Place(filmed(tmp_path, seconds=1, key_every=RATE)[0], 0)
    shelf = StillShelf(most=100)
    for name in ("a", "b"):
        shelf.put(name, (place, bytes(50)))
    assert shelf.get("a") is not None
    shelf.put("c", (place, bytes(50)))
    shelf.put("too large", (place, bytes(101)))
    assert [name for name in ("a", "b", "c", "too large") if shelf.get(name) is not None] == ["a", "c"]
