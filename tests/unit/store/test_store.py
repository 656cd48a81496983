"""The store keeps facts with their journal, once and in order."""

from __future__ import annotations

import math
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from hall.errors import Conflict, NotFound, StoreBusy
from hall.finding import Actor, Alert, AlertKind, AlertStatus, Flip, Reason, Severity, Subject
from hall.interval import Interval
from hall.journal import FactKind
from hall.locking import Lock, LockKind
from hall.media import Fragment, Gap, GapReason, Run, Segment
from hall.names import (
    AlertId,
    CameraId,
    HallId,
    LockId,
    ObjectKey,
    RuleId,
    RunId,
    SegmentId,
    WindowId,
    ZoneId,
)
from hall.observing import Observation, ObservationKind, Presence
from hall.roles import Role
from hall.storage import Disk, DiskState
from store import (
    accounts,
    alerting,
    api_keys,
    audit,
    copies,
    deletion,
    disks,
    holdings,
    journal,
    leases,
    locks,
    observing,
    recording,
)
from store.database import Database
from store.metadata import metadata
from tests import postgresql

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
HALL = HallId("demo")
CAMERA = CameraId("cam-1")
REASON = Reason("absence", {"window": "3"}, "3号窗口无人", "Window 3 is unattended")


def seconds(value: float) -> datetime:
    return NOW + timedelta(seconds=value)


@pytest.fixture(scope="module")
def server() -> Iterator[Path]:
    with postgresql.running() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """The same promises of both."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'hall.db'}"
    else:
        url = postgresql.new_database(request.getfixturevalue("server"))
    database = Database(url)
    database.migrate()
    yield database
    database.close()


def a_segment(start: float, end: float, sequence: int = 0) -> Segment:
    return Segment(
        id=SegmentId(f"run-{sequence:06d}"),
        run=RunId("run"),
        camera=CAMERA,
        sequence=sequence,
        interval=Interval(seconds(start), seconds(end)),
        media_duration=end - start,
        size=10,
        sha256=b"\x01" * 32,
        key=ObjectKey(f"cam-1/{sequence}.mp4"),
        header_size=4,
        fragments=(Fragment(4, 6, 0.0, end - start),),
        has_audio=True,
    )


def an_alert(identifier: str = "a1") -> tuple[Alert, Flip]:
    alert = Alert(
        id=AlertId(identifier),
        kind=AlertKind.ABSENCE,
        rule=RuleId("absence"),
        rule_version=1,
        severity=Severity.WARNING,
        status=AlertStatus.OPEN,
        subject=Subject(HALL, window=WindowId("w03")),
        interval=Interval(NOW),
        opened_at=NOW,
        reason=REASON,
        revision=1,
    )
    flip = Flip(alert.id, 1, NOW, None, AlertStatus.OPEN, Severity.WARNING, Actor.EVALUATOR, "", REASON)
    return alert, flip


def presence(state: Presence, start: float) -> Observation:
    interval = Interval(seconds(start))
    return Observation(ObservationKind.PRESENCE, CAMERA, ZoneId("z"), WindowId("w03"), interval, state)


def test_the_migrations_make_exactly_the_tables_of_the_code(database: Database) -> None:
    with database.read() as tx:
        context = MigrationContext.configure(tx.connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_migrating_again_changes_nothing(database: Database) -> None:
    with database.write() as tx:
        recording.add_segment(tx, HALL, a_segment(0, 60))
    database.migrate()
    with database.read() as tx:
        assert recording.segment(tx, SegmentId("run-000000")) == a_segment(0, 60)


def test_a_transaction_that_fails_leaves_neither_fact_nor_journal(database: Database) -> None:
    def fail() -> None:
        with database.write() as tx:
            recording.add_segment(tx, HALL, a_segment(0, 60))
            raise KeyError("the caller failed")

    with pytest.raises(KeyError):
        fail()
    with database.read() as tx:
        assert journal.last_seq(tx) == 0
        assert recording.segments_between(tx, CAMERA, NOW, seconds(60)) == []


def test_listeners_hear_of_the_newest_entry_only_after_the_commit(database: Database) -> None:
    heard: list[int] = []
    database.on_commit(heard.append)
    with database.write() as tx:
        recording.add_segment(tx, HALL, a_segment(0, 60))
        recording.add_segment(tx, HALL, a_segment(60, 120, 1))
        assert heard == []
    assert heard == [2]


def test_a_reader_sees_the_journal_grow_without_holes_while_many_write(database: Database) -> None:
    def write(number: int) -> None:
        own = Database(database.url)
        for step in range(20):
            with own.write() as tx:
                journal.append(tx, FactKind.ROLE, None, NOW, {"writer": number, "step": step})
        own.close()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    seen: list[int] = []
    while len(seen) < 80:
        done = not any(writer.is_alive() for writer in writers)
        with database.read() as tx:
            seen += [entry.seq for entry in journal.tail(tx, seen[-1] if seen else 0)]
        if done:
            break
    assert seen == list(range(1, 81))


def test_a_locked_database_says_that_trying_again_can_help(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'hall.db'}")
    database.migrate()
    holder = sqlite3.connect(tmp_path / "hall.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    impatient = Database(f"{database.url}")
    with impatient.read() as tx:
        tx.connection.exec_driver_sql("PRAGMA busy_timeout=1")
    try:
        with pytest.raises(StoreBusy) as error, impatient.write() as tx:
            recording.add_segment(tx, HALL, a_segment(0, 60))
        assert error.value.again
    finally:
        holder.execute("ROLLBACK")
        holder.close()
        impatient.close()
        database.close()


@pytest.mark.postgres
def test_a_database_that_is_gone_says_that_trying_again_can_help(tmp_path: Path) -> None:
    away = Database(f"postgresql+psycopg://hall@/hall?host={tmp_path}")
    with pytest.raises(StoreBusy) as error, away.read():
        pass
    assert error.value.again
    away.close()


def test_a_reader_sees_one_state_while_others_write(database: Database) -> None:
    with database.read() as tx:
        assert journal.last_seq(tx) == 0
        with database.write() as writing:
            recording.add_segment(writing, HALL, a_segment(0, 60))
        assert journal.last_seq(tx) == 0
        assert recording.segments_between(tx, CAMERA, NOW, seconds(60)) == []
    with database.read() as tx:
        assert journal.last_seq(tx) == 1


def test_two_who_change_an_alert_at_the_same_moment_get_one_winner(database: Database) -> None:
    alert, flip = an_alert()
    with database.write() as tx:
        alerting.open_alert(tx, alert, flip)
    outcomes: list[str] = []

    def acknowledge() -> None:
        own = Database(database.url)
        try:
            with own.write() as tx:
                alerting.flip_alert(tx, alert.id, 1, replace(flip, after=AlertStatus.ACKNOWLEDGED))
            outcomes.append("changed")
        except Conflict:
            outcomes.append("refused")
        finally:
            own.close()

    officers = [threading.Thread(target=acknowledge) for _ in range(4)]
    for officer in officers:
        officer.start()
    for officer in officers:
        officer.join(30)
    assert sorted(outcomes) == ["changed", "refused", "refused", "refused"]


def test_segments_are_found_by_any_moment_they_cover(database: Database) -> None:
    with database.write() as tx:
        for number in range(5):
            recording.add_segment(tx, HALL, a_segment(number * 60, number * 60 + 60, number))
    with database.read() as tx:
        found = recording.segments_between(tx, CAMERA, seconds(61), seconds(120.5))
        assert [segment.sequence for segment in found] == [1, 2]
        assert recording.segments_between(tx, CAMERA, seconds(300), seconds(400)) == []
        assert recording.last_segment_end(tx, CAMERA) == seconds(300)


def test_files_are_told_whole_but_where_the_time_cuts_them(database: Database) -> None:
    pieces = (Fragment(4, 3, 0.0, 30.0), Fragment(7, 3, 30.0, 30.0))
    with database.write() as tx:
        for number in range(4):
            one = replace(a_segment(number * 60, number * 60 + 60, number), fragments=pieces)
            recording.add_segment(tx, HALL, replace(one, size=4, fragments=()) if number == 2 else one)
    with database.read() as tx:
        found = recording.played_between(tx, CAMERA, seconds(50), seconds(230), parts_of=math.inf)
        assert [one.fragments for one in found] == [pieces, (Fragment(4, 6, 0.0, 60.0),), (), pieces]
        assert [one.fragments for one in recording.played_between(tx, CAMERA, seconds(50), seconds(230))] == [
            pieces, pieces, (), pieces,
        ]  # fmt: skip


def test_a_segment_entered_twice_stands_once(database: Database) -> None:
    for _ in range(2):
        with database.write() as tx:
            recording.add_segment(tx, HALL, a_segment(0, 60))
    with database.read() as tx:
        assert journal.last_seq(tx) == 1
    with pytest.raises(Conflict), database.write() as tx:
        recording.add_segment(tx, HALL, replace(a_segment(0, 60), id=SegmentId("other")))


def test_a_gap_goes_on_until_it_is_closed_and_another_reason_begins_another(database: Database) -> None:
    with database.write() as tx:
        recording.open_gap(tx, HALL, Gap(CAMERA, Interval(seconds(0)), GapReason.OFFLINE))
        recording.open_gap(tx, HALL, Gap(CAMERA, Interval(seconds(5)), GapReason.OFFLINE))
        recording.open_gap(tx, HALL, Gap(CAMERA, Interval(seconds(9)), GapReason.UNAUTHORIZED))
        recording.close_gap(tx, CAMERA, seconds(20))
        recording.close_gap(tx, CAMERA, seconds(30))
    with database.read() as tx:
        gaps = recording.gaps_between(tx, CAMERA, NOW, seconds(60))
    assert [(gap.reason, gap.interval) for gap in gaps] == [
        (GapReason.OFFLINE, Interval(seconds(0), seconds(9))),
        (GapReason.UNAUTHORIZED, Interval(seconds(9), seconds(20))),
    ]


def test_a_system_that_starts_does_not_hold_an_old_outage_against_a_camera(database: Database) -> None:
    with database.write() as tx:
        recording.open_gap(tx, HALL, Gap(CAMERA, Interval(seconds(0)), GapReason.OFFLINE))
        recording.open_gap(tx, HALL, Gap(CameraId("cam-2"), Interval(seconds(9)), GapReason.PROCESS_RESTART))
        assert journal.last_moment(tx) == seconds(9)
        begun = recording.interrupt_gaps(tx, seconds(9))
        assert begun == [(HALL, Gap(CAMERA, Interval(seconds(9)), GapReason.PROCESS_RESTART))]
    with database.read() as tx:
        gaps = recording.gaps_between(tx, CAMERA, NOW, seconds(60))
    assert [(gap.reason, gap.interval) for gap in gaps] == [
        (GapReason.OFFLINE, Interval(seconds(0), seconds(9))),
        (GapReason.PROCESS_RESTART, Interval(seconds(9))),
    ]


def test_a_run_that_ended_keeps_its_first_reason(database: Database) -> None:
    run = Run(RunId("run"), CAMERA, Interval(NOW), ())
    with database.write() as tx:
        recording.begin_run(tx, HALL, run)
        recording.end_run(tx, run.id, seconds(5), "offline")
        recording.end_run(tx, run.id, seconds(9), "process_restart")
        assert recording.open_runs(tx, CAMERA) == []
        assert journal.tail(tx, 0)[-1].body["ended_because"] == "offline"
    with pytest.raises(NotFound), database.write() as tx:
        recording.end_run(tx, RunId("none"), NOW, "offline")


def test_an_observation_ends_where_the_next_begins_even_in_the_past(database: Database) -> None:
    with database.write() as tx:
        observing.change(tx, HALL, presence(Presence.ON_POST, 0))
        observing.change(tx, HALL, presence(Presence.LEAVING, 10))
        observing.change(tx, HALL, presence(Presence.ABSENT, 15))
    with database.read() as tx:
        told = observing.between(tx, NOW, seconds(60), window=WindowId("w03"))
        (current,) = observing.current(tx, HALL)
    assert [(one.state, one.interval.end) for one in told] == [
        ("on_post", seconds(10)),
        ("leaving", seconds(15)),
        ("absent", None),
    ]
    assert current.state == "absent"


def test_a_watermark_never_moves_back(database: Database) -> None:
    with database.write() as tx:
        observing.watched(tx, CAMERA, seconds(10))
        observing.watched(tx, CAMERA, seconds(5))
    with database.read() as tx:
        assert observing.watermarks_now(tx) == {CAMERA: seconds(10)}
        assert journal.last_seq(tx) == 0


def test_one_rule_finds_one_subject_once_at_a_time(database: Database) -> None:
    alert, flip = an_alert("a1")
    again, again_flip = an_alert("a2")
    with database.write() as tx:
        assert alerting.open_alert(tx, alert, flip)
        assert not alerting.open_alert(tx, alert, flip)
        assert not alerting.open_alert(tx, again, again_flip)
        resolved = replace(flip, before=AlertStatus.OPEN, after=AlertStatus.RESOLVED)
        alerting.flip_alert(tx, alert.id, 1, resolved, end=seconds(30))
        assert alerting.open_alert(tx, again, again_flip)
    with database.read() as tx:
        assert [kept.id for kept in alerting.lasting_alerts(tx)] == ["a2"]
        assert [change.revision for change in alerting.flips_of(tx, alert.id)] == [1, 2]


def test_two_who_change_an_alert_at_once_do_not_overwrite_each_other(database: Database) -> None:
    alert, flip = an_alert()
    acknowledged = replace(flip, before=AlertStatus.OPEN, after=AlertStatus.ACKNOWLEDGED, actor=Actor.OFFICER)
    with database.write() as tx:
        alerting.open_alert(tx, alert, flip)
        alerting.flip_alert(tx, alert.id, 1, acknowledged)
    with pytest.raises(Conflict, match="revision"), database.write() as tx:
        alerting.flip_alert(tx, alert.id, 1, acknowledged)
    with database.read() as tx:
        assert alerting.alert(tx, alert.id).revision == 2
        assert len(alerting.flips_of(tx, alert.id)) == 2


def test_a_session_ends_with_its_time_and_with_a_new_password(database: Database) -> None:
    with database.write() as tx:
        user = accounts.save_user(tx, "officer", Role.OFFICER, "hash", NOW)
        accounts.open_session(tx, user.id, "token", "csrf", "::1", NOW, seconds(60))
    with database.read() as tx:
        session = accounts.session(tx, "token", seconds(59))
        assert session is not None
        assert session.user.name == "officer"
        assert accounts.session(tx, "token", seconds(60)) is None
        assert accounts.session(tx, "another", NOW) is None
    with database.write() as tx:
        accounts.save_user(tx, "officer", Role.OFFICER, "hash2", NOW)
        assert accounts.session(tx, "token", NOW) is None


def test_a_key_opens_its_scopes_in_its_halls_until_it_is_withdrawn(database: Database) -> None:
    with database.write() as tx:
        made = api_keys.add(tx, "queue machine", ["queue-events"], "secret", NOW, [HallId("h1")])
        assert api_keys.find(tx, "secret") == made
        assert (made.scopes, made.halls) == (("queue-events",), ("h1",))
        assert api_keys.find(tx, "another") is None
        assert api_keys.all_keys(tx) == [made]
        assert api_keys.remove(tx, "queue machine")
        assert api_keys.find(tx, "secret") is None


def test_an_altered_audit_entry_breaks_the_chain(database: Database) -> None:
    with database.write() as tx:
        for number in range(3):
            audit.record(tx, at=seconds(number), who="officer", action="playback", subject=f"t{number}")
        assert audit.first_broken_link(tx) is None
        tx.connection.exec_driver_sql("UPDATE audit_entries SET who = 'nobody' WHERE seq = 2")
        assert audit.first_broken_link(tx) == 2


def test_a_lease_passes_on_only_when_it_has_run_out_and_its_epoch_grows(database: Database) -> None:
    ttl = timedelta(seconds=5)
    with database.write() as tx:
        first = leases.acquire(tx, "alerts", "one", NOW, ttl)
        assert first is not None
        assert leases.acquire(tx, "alerts", "two", seconds(4), ttl) is None
        assert leases.acquire(tx, "alerts", "one", seconds(4), ttl) == replace(first, expires=seconds(9))
        second = leases.acquire(tx, "alerts", "two", seconds(9), ttl)
        assert second is not None
        assert second.epoch == 2
        assert leases.acquire(tx, "alerts", "one", seconds(10), ttl) is None


def test_a_copy_is_begun_anew_in_place_of_the_old_one_and_a_place_in_the_journal_moves(
    database: Database,
) -> None:
    segment = a_segment(0, 60)
    with database.write() as tx:
        recording.add_segment(tx, HALL, segment)
        for key in ("old.mp4", "new.mp4"):
            copies.begin(tx, segment.id, "bucket/", ObjectKey(key), NOW)
        assert copies.record(tx, segment, "bucket/", NOW)
        assert [copy.key for copy in copies.copies_of(tx, segment.id)] == ["new.mp4"]
        assert copies.is_copied(tx, segment)
        for seq in (7, 9):
            copies.move(tx, "bucket/#disk", seq)
        assert copies.cursor(tx, "bucket/#disk") == 9
        copies.begin_again(tx, "bucket/")
        assert copies.cursor(tx, "bucket/#disk") == 0


def enter_segments(database: Database, *segments: Segment) -> None:
    run = Run(RunId("run"), CAMERA, Interval(NOW), ())
    with database.write() as tx:
        recording.begin_run(tx, HALL, run)
        for segment in segments:
            recording.add_segment(tx, HALL, segment)


def test_deleted_neighbours_become_one_gap_in_whatever_order_they_go(database: Database) -> None:
    held = [a_segment(60 * place, 60 * place + 60, place) for place in range(5)]
    enter_segments(database, *held)
    for going in (held[0], held[4], held[2], held[1]):
        with database.write() as tx:
            deletion.delete_segments(tx, [going.id], "age", NOW)
    with database.write() as tx:
        deletion.delete_segments(tx, [held[0].id], "age", NOW)
        gaps = recording.gaps_between(tx, CAMERA, NOW, seconds(1000))
        told = [entry.body["id"] for entry in journal.tail(tx, 0, kinds=[FactKind.SEGMENT_DELETED])]
        left = recording.segments_between(tx, CAMERA, NOW, seconds(1000))
    assert [(gap.interval, gap.reason) for gap in gaps] == [
        (Interval(NOW, seconds(180)), GapReason.DELETED_BY_RETENTION),
        (Interval(seconds(240), seconds(300)), GapReason.DELETED_BY_RETENTION),
    ]
    assert told == [held[0].id, held[4].id, held[2].id, held[1].id]
    assert left == [held[3]]


def test_holdings_are_asked_for_page_by_page_and_by_their_copies(database: Database) -> None:
    held = [replace(a_segment(60 * place, 60 * place + 60, place), size=place + 1) for place in range(3)]
    enter_segments(database, *held)
    with database.write() as tx:
        copies.begin(tx, held[1].id, "archive", held[1].key, NOW)
        assert copies.record(tx, held[1], "archive", NOW)
    with database.read() as tx:
        assert [one.id for one in holdings.oldest(tx, CAMERA, limit=2)] == [held[0].id, held[1].id]
        assert [one.id for one in holdings.oldest(tx, CAMERA, seconds(60))] == [held[1].id, held[2].id]
        assert [one.id for one in holdings.oldest(tx, CAMERA, copied=True)] == [held[1].id]
        assert [one.id for one in holdings.oldest(tx, CAMERA, copied=False)] == [held[0].id, held[2].id]
        assert [one.has_copy for one in holdings.oldest(tx, CAMERA)] == [False, True, False]
        assert holdings.held_bytes(tx, CAMERA) == 6
        assert holdings.held_bytes(tx, CAMERA, seconds(59), seconds(61)) == 3
        assert holdings.cameras(tx) == [CAMERA]
        assert holdings.hall_of(tx, RunId("run")) == HALL


def test_a_lock_holds_over_its_time_until_it_is_released_or_expires(database: Database) -> None:
    span = Interval(seconds(60), seconds(120))
    lock = Lock(LockId("a"), HALL, "li", LockKind.CASE, "17", "why", span, (CAMERA, CameraId("cam-2")), NOW)
    short = replace(lock, id=LockId("b"), cameras=(CAMERA,), expires_at=seconds(10))
    with database.write() as tx:
        locks.add_lock(tx, lock)
        locks.add_lock(tx, short)
        with pytest.raises(Conflict):
            locks.add_lock(tx, lock)
    with database.read() as tx:
        assert locks.locked_between(tx, CAMERA, seconds(119), seconds(200), NOW)
        assert not locks.locked_between(tx, CAMERA, seconds(120), seconds(200), NOW)
        assert not locks.locked_between(tx, CameraId("cam-3"), seconds(60), seconds(90), NOW)
        assert locks.holding(tx, NOW) == [lock, short]
        assert locks.holding(tx, seconds(10)) == [lock]
        assert [one.id for one in locks.locks_of(tx, limit=1)] == ["b"]
        assert [one.id for one in locks.locks_of(tx, before=(NOW, LockId("b")))] == ["a"]
    with database.write() as tx:
        released = locks.release_lock(tx, lock.id, "wang", seconds(5), "settled")
        with pytest.raises(Conflict):
            locks.release_lock(tx, lock.id, "wang", seconds(6))
        assert not locks.locked_between(tx, CameraId("cam-2"), seconds(60), seconds(90), seconds(6))
        assert locks.lock(tx, lock.id) == released
        assert (released.released_by, released.release_reason) == ("wang", "settled")
        assert len(journal.tail(tx, 0, kinds=[FactKind.LOCK])) == 3


def test_a_disk_s_state_is_a_fact_only_when_it_changes(database: Database) -> None:
    disk = Disk("/srv/one", 1000, 500, 1.5, None, DiskState.OK, NOW, NOW)
    later = replace(disk, free=400, since=seconds(60), at=seconds(60))
    short = replace(later, state=DiskState.SHORT, short_at=seconds(60), since=seconds(90), at=seconds(90))
    with database.write() as tx:
        assert disks.measured(tx, HALL, disk) == disk
        assert disks.measured(tx, HALL, later) == replace(later, since=NOW)
        assert disks.measured(tx, HALL, short) == short
        assert disks.all_disks(tx) == [short]
        disks.forget(tx, HALL, short)
        assert disks.all_disks(tx) == []
        told = [entry.body["state"] for entry in journal.tail(tx, 0, kinds=[FactKind.DISK])]
    assert told == ["ok", "short", "ok"]
