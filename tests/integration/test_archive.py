"""The archive follows the recordings: nothing lost, nothing doubled, nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread

import obstore
import pytest
from structlog.testing import capture_logs

from capture.archive import uploader as uploading
from capture.archive.metrics import COPIED, FAILURES, REFUSED, WAITING, WAITING_BYTES
from capture.archive.verification import send_again, verify_copies
from capture.mp4.fragment import TrackPart, fragment
from capture.mp4.header import file_header
from capture.mp4.read import read_index
from hall.errors import ArchiveUnreachable, NotFound, RecordingError
from hall.interval import Interval
from hall.locking import Lock, LockKind
from hall.media import GapReason
from hall.names import LockId, ObjectKey
from store import copies, deletion, locks, recording
from tests.integration.archive_hall import CAMERA, HALL, NOW, ArchiveHall
from tests.media import film
from tests.recorded import packets_of
from tests.s3_server import SECRET, S3Server, Way, way

Make = Callable[..., ArchiveHall]


class Killed(Exception):
    """Stands for a kill at a point of the procedure: nothing after it is done."""


@pytest.fixture
def make(s3_server: S3Server, tmp_path: Path) -> Iterator[Make]:
    made: list[ArchiveHall] = []

    def hall(to_server: Way | None = None, **changes: object) -> ArchiveHall:
        settings = s3_server.settings(to_server.port if to_server is not None else None)
        made.append(ArchiveHall(s3_server, tmp_path, settings.model_copy(update=changes)))
        return made[-1]

    yield hall
    for one in made:
        one.database.close()


def kill_at(hall: ArchiveHall, wanted: str) -> None:
    """Let the next work end at this point, as a kill would."""

    def point(name: str) -> None:
        if name == wanted:
            raise Killed

    hall.point = point
    with pytest.raises(Killed):
        hall.work()
    hall.point = lambda _name: None
    hall.uploader = hall.new_uploader()


def lock(hall: ArchiveHall) -> None:
    with hall.database.write() as tx:
        locks.add_lock(
            tx,
            Lock(
                LockId("l1"), HALL, "li", LockKind.MANUAL, "", "a complaint",
                Interval(NOW, NOW + timedelta(days=1)), (CAMERA,), hall.clock.now(),
            ),
        )  # fmt: skip


def test_every_segment_is_copied_in_the_order_of_the_journal(make: Make) -> None:
    hall = make()
    segments = [hall.record(number) for number in range(20)]
    copied = COPIED._value.get()
    hall.work()
    assert all(hall.is_copied(segment) for segment in segments)
    assert COPIED._value.get() - copied == 20
    files = {str(segment.key): hall.local.path(segment.key).read_bytes() for segment in segments}
    assert hall.kept() == files
    assert (WAITING._value.get(), WAITING_BYTES._value.get()) == (0, 0)


def test_a_key_may_hold_odd_characters(make: Make) -> None:
    hall = make()
    segment = hall.record(0, name="一号 机 +&=?#%25;'~!()*@$,")
    hall.work()
    assert list(hall.kept()) == [str(segment.key)]


def test_young_segments_rest_on_the_disk(make: Make) -> None:
    hall = make(wait_seconds=5 * 3600)
    hall.record(0)
    hall.work()
    assert hall.kept() == {}
    assert WAITING._value.get() == 1
    hall.clock.advance(5 * 3600)
    hall.work()
    assert len(hall.kept()) == 1


@pytest.mark.parametrize("point", ["begun", "sent"])
def test_a_kill_while_copying_neither_loses_nor_doubles(make: Make, point: str) -> None:
    hall = make()
    segment = hall.record(0)
    kill_at(hall, point)
    assert not hall.is_copied(segment)
    assert hall.rows() == [segment.id]
    hall.work()
    assert hall.is_copied(segment)
    assert len(hall.kept()) == 1


@pytest.mark.parametrize("point", ["begun", "sent"])
def test_what_was_sent_before_a_kill_goes_with_its_segment(make: Make, point: str) -> None:
    hall = make()
    segment = hall.record(0)
    kill_at(hall, point)
    hall.lose(segment)
    hall.work()
    assert hall.kept() == {}
    assert hall.rows() == []


def test_a_server_that_was_away_costs_a_backlog_and_nothing_else(make: Make, s3_server: S3Server) -> None:
    with way(s3_server) as to_server:
        hall = make(to_server)
        hall.record(0)
        hall.work()
        to_server.cut()
        for number in range(1, 5):
            hall.record(number)
        for _ in range(2):
            with pytest.raises(ArchiveUnreachable):
                hall.work()
        assert WAITING._value.get() == 4
        to_server.cut(cut=False)
        hall.work()
        assert (len(hall.kept()), len(hall.rows()), WAITING._value.get()) == (5, 5, 0)


def test_a_copy_that_arrives_damaged_is_sent_again(make: Make, s3_server: S3Server) -> None:
    with way(s3_server) as to_server:
        hall = make(to_server)
        segment = hall.record(0, b"all is good here " * 20)
        to_server.damage(b"good", b"evil")
        with pytest.raises(RecordingError, match="not what was sent"):
            hall.work()
        assert not hall.is_copied(segment)
        to_server.damage(b"", b"")
        hall.work()
        assert hall.is_copied(segment)


def test_a_local_file_that_was_damaged_is_told_and_holds_up_nothing(make: Make) -> None:
    hall = make()
    damaged, whole = hall.record(0), hall.record(1)
    hall.local.path(damaged.key).write_bytes(b"something else")
    refused = REFUSED._value.get()
    hall.work()
    assert REFUSED._value.get() == refused + 1
    assert list(hall.kept()) == [str(whole.key)]
    assert not hall.is_copied(damaged)


def test_what_lies_on_another_machine_is_left_to_it(make: Make) -> None:
    hall = make()
    elsewhere, here = hall.record(0), hall.record(1)
    hall.local.path(elsewhere.key).unlink()
    hall.work()
    assert list(hall.kept()) == [str(here.key)]


def test_a_segment_that_changes_takes_its_copy_along(make: Make) -> None:
    hall = make()
    before = hall.record(0)
    hall.work()
    content = b"without sound" * 30
    key = ObjectKey(before.key.replace(".mp4", ".picture.mp4"))
    after = replace(before, key=key, sha256=sha256(content).digest(), size=len(content), has_audio=False)
    hall.local.path(before.key).with_name(Path(key).name).write_bytes(content)
    with hall.database.write() as tx:
        deletion.change_segment(tx, before, after, "age", hall.clock.now())
    hall.local.path(before.key).unlink()
    hall.work()
    assert hall.kept() == {str(before.key): content}
    assert hall.is_copied(before)


def test_a_segment_that_changed_between_sending_and_entering_leaves_no_old_version(make: Make) -> None:
    hall = make()
    before = hall.record(0)
    path, content = hall.local.path(before.key), b"without sound" * 30
    after = replace(before, size=len(content), sha256=sha256(content).digest())

    def point(name: str) -> None:
        if name == "sent" and path.read_bytes() != content:
            path.write_bytes(content)
            with hall.database.write() as tx:
                deletion.change_segment(tx, before, after, "age", hall.clock.now())

    hall.point = point
    hall.work()
    assert hall.kept() == {str(before.key): content}
    assert hall.is_copied(before)


def test_a_deleted_segment_takes_its_copy_along(make: Make) -> None:
    hall = make()
    segment = hall.record(0)
    hall.work()
    hall.local.path(segment.key).unlink()
    with hall.database.write() as tx:
        deletion.forget_segments(tx, [segment.id], "age", hall.clock.now())
    kill_at(hall, "removed")
    hall.work()
    assert hall.kept() == {}
    assert hall.rows() == []


@pytest.mark.parametrize("point", ["", "expiring", "expired"])
def test_a_copy_goes_after_its_days_and_leaves_a_gap_when_it_was_the_last(make: Make, point: str) -> None:
    hall = make(days=40)
    local, lost = hall.record(0, sound=False), hall.record(1, sound=False)
    hall.work()
    hall.lose(lost)
    hall.clock.advance(41 * 86_400)
    if point:
        kill_at(hall, point)
    hall.work()
    assert hall.kept() == {}
    assert hall.segment(local).is_local
    with pytest.raises(NotFound):
        hall.segment(lost)
    with hall.database.read() as tx:
        (gap,) = recording.gaps_between(tx, CAMERA, NOW, NOW + timedelta(days=1))
    assert (gap.reason, gap.interval) == (GapReason.DELETED_BY_RETENTION, lost.interval)


def test_what_is_locked_stays_in_the_archive(make: Make) -> None:
    hall = make(days=10)
    segment = hall.record(0)
    hall.work()
    hall.lose(segment)
    lock(hall)
    hall.clock.advance(100 * 86_400)
    hall.work()
    assert hall.is_copied(segment)
    with hall.database.write() as tx:
        locks.release_lock(tx, LockId("l1"), "li", hall.clock.now())
    hall.work()
    assert hall.kept() == {}


@pytest.mark.parametrize(("point", "is_kept"), [("expiring", True), ("expired", False)])
def test_a_lock_that_comes_while_the_last_copy_goes_keeps_what_is_there(
    make: Make, point: str, is_kept: bool
) -> None:
    hall = make(days=40)
    segment = hall.record(0, sound=False)
    hall.work()
    hall.lose(segment)
    hall.clock.advance(41 * 86_400)
    kill_at(hall, point)
    lock(hall)
    hall.work()
    assert (len(hall.kept()), len(hall.rows())) == (is_kept, is_kept)
    assert not is_kept or hall.is_copied(segment)


def test_a_copy_that_goes_from_one_archive_leaves_a_segment_that_another_has(make: Make) -> None:
    hall = make(days=40)
    segment = hall.record(0, sound=False)
    hall.work()
    with hall.database.write() as tx:
        copies.begin(tx, segment.id, "another/", segment.key, NOW)
        copies.record(tx, segment, "another/", NOW)
    hall.lose(segment)
    hall.clock.advance(41 * 86_400)
    hall.work()
    assert hall.kept() == {}
    assert hall.is_copied(segment)


@pytest.fixture(scope="module")
def with_sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A segment file of our own writer: two fragments with picture and sound."""
    tracks = packets_of(film(tmp_path_factory.mktemp("reel") / "reel.mov", seconds=1))[0]
    data = file_header(tracks, "{}")
    for number in (1, 2):
        picture, sound = TrackPart(1, (number - 1) * 1000), TrackPart(2, (number - 1) * 1024)
        picture.add([b"picture" * 100], 1000, is_key=True, shift=0)
        sound.add([b"SECRET WORDS" * 20], 1024, is_key=True, shift=0)
        data += b"".join(fragment(number, [picture, sound]))
    return data


@pytest.mark.parametrize("point", ["", "silenced"])
def test_sound_leaves_the_archive_after_its_days_when_only_the_archive_has_it(
    make: Make, with_sound: bytes, point: str
) -> None:
    hall = make()
    segment = hall.record(0, with_sound)
    hall.work()
    hall.lose(segment)
    hall.clock.advance(31 * 86_400)
    if point:
        kill_at(hall, point)
    hall.work()
    (content,) = hall.kept().values()
    after = hall.segment(segment)
    assert b"SECRET" not in content
    assert b"picture" in content
    assert (after.size, after.has_audio, after.is_local) == (len(content), False, False)
    with hall.archive.open(segment.key) as file:
        assert read_index(file).fragments == after.fragments
    assert hall.is_copied(segment)


def test_sound_that_is_locked_stays_in_the_archive(make: Make, with_sound: bytes) -> None:
    hall = make()
    segment = hall.record(0, with_sound)
    hall.work()
    hall.lose(segment)
    lock(hall)
    hall.clock.advance(31 * 86_400)
    hall.work()
    assert hall.kept() == {str(segment.key): with_sound}


def test_everything_can_be_looked_at_again(make: Make) -> None:
    hall = make()
    hall.follower = f"{hall.settings.name}#test"
    segment = hall.record(0)
    path = hall.local.path(segment.key)
    path.rename(path.with_suffix(".away"))  # a disk that was not mounted
    hall.work()
    path.with_suffix(".away").rename(path)
    with hall.database.write() as tx:
        copies.begin_again(tx, hall.settings.name)
    hall.work()
    assert hall.is_copied(segment)
    assert WAITING._value.get() == 0


PROCESS = """
import sys, threading
from pathlib import Path
from capture.archive.uploader import archive_workers
from capture.record.objects import LocalObjects
from hall.clock import SystemClock
from hall.config.archive import ArchiveSettings
from store.database import Database
from tests.integration.archive_hall import configured
folder = Path(sys.argv[1])
configuration = configured(folder, ArchiveSettings.model_validate_json(sys.argv[2]))
database = Database(f"sqlite:///{folder / 'hall.db'}")
(worker,) = archive_workers(configuration, database, LocalObjects(*configuration.site.disks), SystemClock())
worker.run(threading.Event())
"""


def test_killed_again_and_again_while_copying_nothing_is_lost_or_doubled(make: Make, tmp_path: Path) -> None:
    hall = make(megabits_per_second=40)
    segments = [hall.record(number, size=200_000, sound=False) for number in range(12)]
    command = [sys.executable, "-c", PROCESS, str(tmp_path), hall.settings.model_dump_json()]
    deadline = time.monotonic() + 40
    kills = 0
    while not all(hall.is_copied(segment) for segment in segments):
        assert time.monotonic() < deadline, "the archive did not get everything"
        before = len(hall.rows())
        process = subprocess.Popen(command, env={**os.environ, "ARCHIVE_SECRET": SECRET})
        try:
            until = time.monotonic() + 10
            while len(hall.rows()) < min(12, before + 4) and time.monotonic() < until:
                time.sleep(0.02)
            if before + 4 > 12:
                while not all(map(hall.is_copied, segments)) and time.monotonic() < until:
                    time.sleep(0.02)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(10)
        kills += 1
    assert kills >= 2
    assert hall.kept() == {str(one.key): hall.local.path(one.key).read_bytes() for one in segments}


def test_of_two_processes_on_the_same_disks_one_copies(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "CLAIM_SECONDS", 0.05)
    hall, stop = make(), Event()
    with uploading._claim(hall.local.disks[0]) as first:
        assert first
        thread = Thread(target=hall.uploader.run, args=(stop,))
        thread.start()
        segment = hall.record(0)
        with uploading._claim(hall.local.disks[0]) as second:
            assert not second
        assert not hall.is_copied(segment)
    limit = time.monotonic() + 10
    while not hall.is_copied(segment) and time.monotonic() < limit:
        time.sleep(0.02)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert hall.is_copied(segment)


def test_wrong_keys_are_told_once_and_recording_is_not_troubled(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploading, "RETRY_FIRST_SECONDS", 0.01)
    monkeypatch.setattr(uploading, "RETRY_LONGEST_SECONDS", 0.01)
    hall, stop = make(), Event()
    hall.archive._environment = {"ARCHIVE_SECRET": "a-wrong-secret"}
    hall.record(0)
    failed = FAILURES.labels("archive")._value.get()
    thread = Thread(target=hall.uploader.run, args=(stop,))
    with capture_logs() as logged:
        thread.start()
        limit = time.monotonic() + 10
        while FAILURES.labels("archive")._value.get() < failed + 3 and time.monotonic() < limit:
            time.sleep(0.01)
        stop.set()
        thread.join(10)
    assert not thread.is_alive()
    (told,) = [entry for entry in logged if "nothing can be archived" in entry["event"]]
    assert hall.settings.bucket in told["because"]
    assert "a-wrong-secret" not in str(told)


def test_copies_are_read_back_and_what_is_wrong_is_named_and_sent_again(
    make: Make, s3_server: S3Server
) -> None:
    hall = make()
    whole, damaged, missing, only_copy = (hall.record(number) for number in range(4))
    hall.work()
    hall.lose(only_copy)
    client = s3_server.client(hall.settings)
    obstore.put(client, damaged.key, b"something else")
    obstore.delete(client, missing.key)
    obstore.delete(client, only_copy.key)
    waiting = hall.record(4)

    def states() -> dict[str, str]:
        examined = verify_copies(hall.database, hall.archive, NOW, NOW + timedelta(days=1))
        return {one.segment.id: one.state.value for one in examined}

    assert states() == {
        whole.id: "whole",
        damaged.id: "damaged",
        missing.id: "missing",
        only_copy.id: "missing",
        waiting.id: "waiting",
    }
    part = verify_copies(hall.database, hall.archive, NOW, NOW + timedelta(seconds=61))
    assert [one.segment.id for one in part] == [whole.id, damaged.id]
    faulty = [
        one
        for one in verify_copies(hall.database, hall.archive, NOW, NOW + timedelta(days=1))
        if one.is_fault
    ]
    assert send_again(hall.database, hall.settings.name, faulty, hall.clock) == 2
    assert not hall.is_copied(damaged)
    hall.work()
    assert states() == {
        whole.id: "whole",
        damaged.id: "whole",
        missing.id: "whole",
        only_copy.id: "missing",
        waiting.id: "whole",
    }
