"""Copies in an archive: begun, verified, forgotten; and how far an archive has followed the journal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from hall.clock import EPOCH
from hall.names import HallId, SegmentId
from store import copies, deletion, recording
from store.database import Database
from tests.unit.capture.test_archive import NOW, SEGMENT

ARCHIVE = "hall-3/recordings"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'hall.db'}")
    database.migrate()
    with database.write() as tx:
        recording.add_segment(tx, HallId("h1"), SEGMENT)
    yield database
    database.close()


def copied(database: Database) -> None:
    with database.write() as tx:
        copies.begin(tx, SEGMENT.id, ARCHIVE, SEGMENT.key, NOW)
        assert copies.record(tx, SEGMENT, ARCHIVE, NOW)


def test_a_copy_counts_only_once_it_is_verified(database: Database) -> None:
    with database.write() as tx:
        copies.begin(tx, SEGMENT.id, ARCHIVE, SEGMENT.key, NOW)
        begun = copies.copy_of(tx, SEGMENT.id, ARCHIVE)
        assert begun is not None
        assert not begun.is_of(SEGMENT)
        assert not copies.is_copied(tx, SEGMENT)
        assert copies.record(tx, SEGMENT, ARCHIVE, NOW)
        assert copies.is_copied(tx, SEGMENT)
        assert copies.copies_of(tx, SEGMENT.id)[0].is_of(SEGMENT)


def test_a_copy_that_is_sent_anew_counts_for_nothing_meanwhile(database: Database) -> None:
    copied(database)
    with database.write() as tx:
        copies.begin(tx, SEGMENT.id, ARCHIVE, SEGMENT.key, NOW)
        assert not copies.is_copied(tx, SEGMENT)


def test_what_was_sent_of_a_segment_that_changed_meanwhile_is_not_its_copy(database: Database) -> None:
    after = replace(SEGMENT, sha256=b"2" * 32, size=900, has_audio=False)
    with database.write() as tx:
        copies.begin(tx, SEGMENT.id, ARCHIVE, SEGMENT.key, NOW)
        deletion.change_segment(tx, SEGMENT, after, "age", NOW)
        assert not copies.record(tx, SEGMENT, ARCHIVE, NOW)
        assert copies.record(tx, after, ARCHIVE, NOW)


def test_what_was_given_up_meanwhile_is_not_entered(database: Database) -> None:
    with database.write() as tx:
        copies.begin(tx, SEGMENT.id, ARCHIVE, SEGMENT.key, NOW)
        copies.forget(tx, SEGMENT.id, ARCHIVE)
        assert not copies.record(tx, SEGMENT, ARCHIVE, NOW)
        assert not copies.record(tx, replace(SEGMENT, id=SegmentId("of nobody")), ARCHIVE, NOW)


def test_a_segment_with_a_copy_loses_its_local_file_and_stays(database: Database) -> None:
    copied(database)
    with database.write() as tx:
        deletion.delete_segments(tx, [SEGMENT.id], "disk", NOW)
        assert not recording.segment(tx, SEGMENT.id).is_local
        assert recording.gaps_between(tx, SEGMENT.camera, EPOCH, NOW) == []


def test_copies_are_found_by_age_and_by_what_they_hold(database: Database) -> None:
    copied(database)
    end = SEGMENT.interval.end
    assert end is not None
    with database.write() as tx:
        for until, sound, count in (
            (end, False, 1),
            (end - timedelta(microseconds=1), False, 0),
            (end, True, 0),
        ):
            found = copies.copied(tx, ARCHIVE, SEGMENT.camera, EPOCH, until, only_sound_elsewhere=sound)
            assert len(found) == count
        deletion.delete_segments(tx, [SEGMENT.id], "disk", NOW)
        found = copies.copied(tx, ARCHIVE, SEGMENT.camera, EPOCH, end, only_sound_elsewhere=True)
        assert [copy.key for _, copy in found] == [SEGMENT.key]
        assert copies.copied(tx, "another/", SEGMENT.camera, EPOCH, end) == []


def test_each_follower_has_its_place_and_all_can_begin_again(database: Database) -> None:
    with database.write() as tx:
        assert copies.cursor(tx, f"{ARCHIVE}#one") == 0
        copies.move(tx, f"{ARCHIVE}#one", 7)
        copies.move(tx, f"{ARCHIVE}#one", 9)
        copies.move(tx, f"{ARCHIVE}_#two", 5)
        assert copies.cursor(tx, f"{ARCHIVE}#one") == 9
        copies.begin_again(tx, ARCHIVE)
        assert copies.cursor(tx, f"{ARCHIVE}#one") == 0
        assert copies.cursor(tx, f"{ARCHIVE}_#two") == 5
