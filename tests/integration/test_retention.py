"""Retention with real files: what is due goes, whatever is killed when, and what is locked stays."""

from __future__ import annotations

import hashlib
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import av
import pytest

from capture.books.books import Books
from capture.books.facts import Fact, FactWriter
from capture.books.logbook import Logbook
from capture.record.check import Check
from capture.record.invariants import Fault
from capture.record.objects import LocalObjects
from capture.record.reindex import reindex
from capture.retention.keeper import Keeper
from capture.retention.marks import Marks, on_their_way
from capture.retention.policy import Removal, Rule
from capture.retention.removing import Remover
from capture.retention.stripping import Stripper
from hall.clock import SimulatedClock
from hall.config import Configuration, parse_configuration
from hall.errors import StoreBusy
from hall.interval import Interval, uncovered
from hall.journal import FactKind
from hall.locking import Lock, LockKind
from hall.media import Gap, GapReason, Packet, Segment, Track, TrackKind
from hall.names import CameraId, HallId, LockId
from hall.storage import Disk, DiskState
from store import configuration as configurations
from store import copies, disks, holdings, journal, locks, recording
from store.database import Database
from tests.media import film
from tests.recorded import packets_of, record

CAMERA, OTHER = CameraId("cam-1"), CameraId("cam-2")
HALL = HallId("h")
THEN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)
Reel = tuple[list[Track], list[Packet]]


class Killed(BaseException):
    """The process is gone at this point."""


KILLED = """
import os, signal, sys
from functools import partial
from pathlib import Path
from capture.books.books import Books
from capture.books.facts import FactWriter
from capture.books.logbook import Logbook
from capture.record.objects import LocalObjects
from capture.retention.policy import Removal, Rule
from capture.retention.removing import Remover
from hall.clock import SystemClock
from hall.names import CameraId
from store import holdings
from store.database import Database
database, objects, clock = Database(sys.argv[1]), LocalObjects(Path(sys.argv[2])), SystemClock()
books = partial(Books, FactWriter(database), Logbook(objects.disks, clock))
def step(number):
    if number == 5:
        os.kill(os.getpid(), signal.SIGKILL)
with database.read() as tx:
    removals = [Removal(one, Rule.AGE) for one in holdings.oldest(tx, CameraId("cam-1"))]
Remover(database, objects, books, clock, step).remove(removals)
"""


class PromptFacts(FactWriter):
    """Enters each fact at once, without a thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, fact: Fact) -> None:
        with self._database.write() as tx:
            fact(tx)


@dataclass
class Site:
    """Recordings of one machine, and the time."""

    configuration: Configuration
    database: Database
    objects: LocalObjects
    facts: FactWriter
    clock: SimulatedClock

    @property
    def books(self) -> Callable[[HallId], Books]:
        return partial(Books, self.facts, Logbook(self.objects.disks, self.clock))

    def keeper(self) -> Keeper:
        return Keeper(
            self.configuration, self.database, self.objects, self.books, self.clock, holder="machine"
        )

    def keep(self) -> None:
        """A process starts and does all that is due."""
        self.keeper().step()

    def record(self, reel: Reel, camera: CameraId = CAMERA, start: datetime = THEN) -> list[Segment]:
        books = self.books(HALL)
        books.gap_ended(camera, start)
        record(self.objects, books, camera, reel, start)
        segments = self.segments(camera)
        end = segments[-1].interval.end
        assert end is not None
        books.gap_began(Gap(camera, Interval(end), GapReason.OFFLINE))
        return segments

    def segments(self, camera: CameraId = CAMERA) -> list[Segment]:
        with self.database.read() as tx:
            return recording.segments_between(tx, camera, THEN - DAY, THEN + 1000 * DAY)

    def gaps(self, camera: CameraId = CAMERA) -> list[Gap]:
        with self.database.read() as tx:
            found = recording.gaps_between(tx, camera, THEN - DAY, THEN + 1000 * DAY)
        return [gap for gap in found if gap.reason is GapReason.DELETED_BY_RETENTION]

    def lock(self, span: Interval, name: str = "l") -> None:
        lock = Lock(LockId(name), HALL, "li", LockKind.CASE, "c", "why", span, (CAMERA,), self.clock.now())
        with self.database.write() as tx:
            locks.add_lock(tx, lock)

    def told(self, *kinds: FactKind) -> list[dict[str, object]]:
        with self.database.read() as tx:
            return [dict(entry.body) for entry in journal.tail(tx, 0, 10_000, kinds)]

    def files(self) -> list[Path]:
        return sorted(path for disk in self.objects.disks for path in disk.rglob("*.mp4"))

    def disk(self) -> Disk:
        with self.database.read() as tx:
            return disks.all_disks(tx)[0]

    def check(self) -> list[Fault]:
        """What `hallwatch check` finds."""
        now, logbook = self.clock.now(), Logbook(self.objects.disks, self.clock)
        look = Check(self.database, self.objects, logbook, self.configuration, now, running=False)
        return list(look.faults())

    def assert_agrees(self, whole: Interval, camera: CameraId = CAMERA) -> None:
        """Files and rows are the same, every moment is in one of both kinds, and nothing is left undone."""
        segments = self.segments(camera)
        of_camera = [path for path in self.files() if path.is_relative_to(self.objects.disks[0] / camera)]
        assert of_camera == sorted(self.objects.path(segment.key) for segment in segments)
        for segment in segments:
            data = self.objects.path(segment.key).read_bytes()
            assert (len(data), hashlib.sha256(data).digest()) == (segment.size, segment.sha256)
        spans = [one.interval for one in segments] + [one.interval for one in self.gaps(camera)]
        assert uncovered(whole, spans) == []
        assert [(one, two) for one in spans for two in spans if one is not two and one.overlaps(two)] == []
        for disk in self.objects.disks:
            marks = Marks(disk)
            assert (marks.tombstones(), marks.notes(), list(marks.folder.glob("*.stripping"))) == ([], [], [])
        assert self.check() == []


@pytest.fixture(scope="module")
def reel(tmp_path_factory: pytest.TempPathFactory) -> Reel:
    return packets_of(film(tmp_path_factory.mktemp("reel") / "reel.mov", seconds=7))


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that is migrated once for all."""
    path = tmp_path_factory.mktemp("database") / "empty.db"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    database.close()
    return path


MakeSite = Callable[[str], Site]


@pytest.fixture
def make_site(tmp_path: Path, empty_database: Path) -> Iterator[MakeSite]:
    made: list[Site] = []

    def make(settings: str = "") -> Site:
        text = f"""
site:
  data: {tmp_path / "data"}
  {settings}
halls:
  - id: h
    name: {{zh: 大厅, en: Hall}}
    units: [{{id: u, name: {{zh: 单位, en: Unit}}}}]
    windows: [{{id: w01, number: "1", name: {{zh: 窗口, en: Window}}, unit: u}}]
    cameras:
      - {{id: cam-1, name: {{zh: 一, en: One}}, url: nowhere}}
      - {{id: cam-2, name: {{zh: 二, en: Two}}, url: nowhere}}
"""
        configuration = parse_configuration(text)
        configuration.site.data.mkdir(exist_ok=True)
        shutil.copy(empty_database, configuration.site.data / "hallwatch.db")
        database = Database(configuration.site.database_url)
        clock = SimulatedClock(wall=THEN + DAY)
        with database.write() as tx:
            configurations.apply(tx, configuration, clock.now())
        objects = LocalObjects(*configuration.site.disks)
        made.append(Site(configuration, database, objects, PromptFacts(database), clock))
        return made[-1]

    yield make
    for site in made:
        site.database.close()


def whole_of(segments: list[Segment]) -> Interval:
    return Interval(segments[0].interval.start, segments[-1].interval.end)


def kinds_in(path: Path) -> dict[str, list[bytes]]:
    """The packets of each kind, as another program reads them."""
    with av.open(str(path), "r") as container:
        found: dict[str, list[bytes]] = {stream.type: [] for stream in container.streams}
        for packet in container.demux():
            if packet.size:
                found[packet.stream.type].append(bytes(packet))
    return found


def test_footage_that_is_old_enough_goes_and_leaves_one_gap(make_site: MakeSite, reel: Reel) -> None:
    site = make_site("keep: {picture_days: 30}")
    before = site.record(reel)
    assert len(before) >= 3
    site.clock.advance(28 * 86_400)
    site.keep()
    assert site.segments() == before
    site.clock.advance(2 * 86_400)
    site.keep()
    assert (site.segments(), site.files()) == ([], [])
    assert [gap.interval for gap in site.gaps()] == [whole_of(before)]
    told = site.told(FactKind.SEGMENT_DELETED)
    assert [(one["id"], one["rule"], one["sha256"], one["size"]) for one in told] == [
        (one.id, "age", one.sha256.hex(), one.size) for one in before
    ]
    assert [path.name for path in site.objects.disks[0].glob("cam-1/*")] == ["logbook"]


def test_a_lock_keeps_footage_until_it_is_released(make_site: MakeSite, reel: Reel) -> None:
    site = make_site("keep: {picture_days: 30}")
    before = site.record(reel)
    kept = before[1]
    site.lock(kept.interval)
    site.clock.advance(100 * 86_400)
    keeper = site.keeper()
    keeper.step()
    assert site.segments() == [kept]
    assert len(site.gaps()) == 2
    with site.database.write() as tx:
        locks.release_lock(tx, LockId("l"), "li", site.clock.now())
    site.clock.advance(61)
    keeper.step()
    assert site.segments() == []
    assert [gap.interval for gap in site.gaps()] == [whole_of(before)]


@pytest.mark.parametrize(
    ("limits", "left", "name"),
    [
        ("picture_days: 30, sound_days: 7", "video", "picture"),
        ("picture_days: 7, sound_days: 30", "audio", "sound"),
    ],
)
def test_one_part_goes_before_the_other_and_what_stays_is_untouched(
    make_site: MakeSite, reel: Reel, limits: str, left: str, name: str
) -> None:
    site = make_site(f"keep: {{{limits}}}")
    before = site.record(reel)
    contents = [kinds_in(site.objects.path(one.key)) for one in before]
    site.clock.advance(7 * 86_400)
    site.keep()
    after = site.segments()
    assert [kinds_in(site.objects.path(one.key)) for one in after] == [{left: one[left]} for one in contents]
    assert [one.interval for one in after] == [one.interval for one in before]
    assert {(one.has_picture, one.has_audio) for one in after} == {(left == "video", left == "audio")}
    assert all(one.key.endswith(f".{name}.mp4") for one in after)
    site.assert_agrees(whole_of(before))
    assert site.gaps() == []
    told = site.told(FactKind.SEGMENT_CHANGED)
    assert [(one["id"], one["sha256"], one["why"]) for one in told] == [
        (one.id, one.sha256.hex(), "age") for one in after
    ]
    assert [dict(one["before"])["sha256"] for one in told] == [one.sha256.hex() for one in before]  # type: ignore[call-overload] # a JSON object
    site.clock.advance(61)
    site.keep()
    assert site.segments() == after
    site.clock.advance(30 * 86_400)
    site.keep()
    assert (site.segments(), site.files()) == ([], [])


def test_a_camera_keeps_to_its_space_and_locked_footage_does_not_count(
    make_site: MakeSite, reel: Reel
) -> None:
    site = make_site("")
    before = site.record(reel)
    room = before[-1].size + before[-2].size
    camera = site.configuration.halls[0].cameras[0]
    keep = camera.keep or site.configuration.site.keep
    hall = site.configuration.halls[0]
    limited = camera.model_copy(update={"keep": keep.model_copy(update={"gigabytes": room / 1e9})})
    site.configuration = site.configuration.model_copy(
        update={"halls": (hall.model_copy(update={"cameras": (limited, *hall.cameras[1:])}),)}
    )
    site.lock(before[0].interval)
    site.keep()
    assert site.segments() == [before[0], *before[-2:]]
    assert {one["rule"] for one in site.told(FactKind.SEGMENT_DELETED)} == {"space"}
    more = site.record(reel, start=THEN + timedelta(hours=1))
    site.keep()
    assert site.segments()[0] == before[0]
    assert sum(one.size for one in site.segments()[1:]) <= room
    assert site.segments()[-1] == more[-1]


@pytest.mark.parametrize("killed_at", range(1, 7))
def test_a_kill_at_any_step_of_deleting_is_made_good_at_the_next_start(
    make_site: MakeSite, reel: Reel, killed_at: int
) -> None:
    site = make_site("keep: {picture_days: 30}")
    before = site.record(reel)
    site.clock.advance(29 * 86_400)

    def step(number: int) -> None:
        if number == killed_at:
            raise Killed

    with site.database.read() as tx:
        removals = [Removal(one, Rule.AGE) for one in holdings.oldest(tx, CAMERA)[:2]]
    with pytest.raises(Killed):
        Remover(site.database, site.objects, site.books, site.clock, step).remove(removals)
    with site.database.read() as tx:
        entered = {one.id for one in recording.segments_between(tx, CAMERA, THEN, THEN + DAY)}
    for one in removals:
        if one.holding.id not in entered:
            assert not site.objects.places(one.holding.key), "a row went before its file"
    site.keep()
    site.assert_agrees(whole_of(before))
    expected = before if killed_at <= 2 else before[2:]
    assert site.segments() == expected
    assert len(site.told(FactKind.SEGMENT_DELETED)) == len(before) - len(expected)
    site.clock.advance(86_400)
    site.keep()
    site.assert_agrees(whole_of(before))
    assert [gap.interval for gap in site.gaps()] == [whole_of(before)]


@pytest.mark.parametrize("killed_at", range(1, 8))
def test_a_kill_at_any_step_of_stripping_is_made_good_at_the_next_start(
    make_site: MakeSite, reel: Reel, killed_at: int
) -> None:
    site = make_site("keep: {picture_days: 30, sound_days: 7}")
    before = site.record(reel)

    def step(number: int) -> None:
        if number == killed_at:
            raise Killed

    with pytest.raises(Killed):
        Stripper(site.database, site.objects, site.books, site.clock, step).strip(
            before[0].id, TrackKind.AUDIO
        )
    site.keep()
    site.assert_agrees(whole_of(before))
    assert site.segments()[0].has_audio is (killed_at <= 5)
    site.clock.advance(8 * 86_400)
    site.keep()
    site.assert_agrees(whole_of(before))
    assert [one.has_audio for one in site.segments()] == [False] * len(before)


def test_a_lock_that_comes_while_footage_is_on_its_way_out_brings_it_back(
    make_site: MakeSite, reel: Reel
) -> None:
    site = make_site("keep: {picture_days: 30}")
    before = site.record(reel)

    def step(number: int) -> None:
        if number == 4:
            raise Killed

    with site.database.read() as tx:
        removals = [Removal(one, Rule.AGE) for one in holdings.oldest(tx, CAMERA)]
    with pytest.raises(Killed):
        Remover(site.database, site.objects, site.books, site.clock, step).remove(removals)
    site.lock(before[0].interval)
    site.keep()
    assert site.segments() == before[:1]
    site.assert_agrees(whole_of(before))


def test_a_file_that_is_not_what_its_hash_says_is_not_given_a_new_one(
    make_site: MakeSite, reel: Reel
) -> None:
    site = make_site("keep: {sound_days: 7}")
    before = site.record(reel)
    path = site.objects.path(before[0].key)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    site.clock.advance(8 * 86_400)
    site.keep()
    assert [one.has_audio for one in site.segments()] == [True] + [False] * (len(before) - 1)
    assert site.segments()[0] == before[0]


def test_footage_that_this_machine_does_not_have_is_not_called_deleted(
    make_site: MakeSite, reel: Reel, tmp_path: Path
) -> None:
    site = make_site("keep: {picture_days: 30}")
    before = site.record(reel)
    site.objects.disks[0].rename(tmp_path / "unmounted")
    site.clock.advance(100 * 86_400)
    keeper = site.keeper()
    keeper.step()
    assert (site.segments(), site.gaps()) == (before, [])
    shelter = site.objects.disks[0]
    for path in sorted((shelter / ".retention").iterdir()):
        path.unlink()
    (shelter / ".retention").rmdir()
    shelter.rmdir()
    (tmp_path / "unmounted").rename(shelter)
    site.keep()
    assert site.segments() == []


def test_another_machine_looks_after_its_own_disks_alone(make_site: MakeSite, reel: Reel) -> None:
    site = make_site("keep: {picture_days: 30}")
    site.record(reel)
    site.keep()
    site.clock.advance(20)
    other = Keeper(site.configuration, site.database, site.objects, site.books, site.clock, holder="other")
    measured = site.disk().at
    other.step()
    assert site.disk().at == measured
    site.clock.advance(31)
    other = Keeper(site.configuration, site.database, site.objects, site.books, site.clock, holder="other")
    other.step()
    assert site.disk().at > measured


def test_a_shortage_is_foreseen_from_what_was_really_written(make_site: MakeSite, reel: Reel) -> None:
    site = make_site("keep: {picture_days: 36500}\n  storage: {warn_hours: 0}")
    site.clock.step_wall(-86_400 + 200)
    written = site.record(reel)
    site.keep()
    disk = site.disk()
    rate = sum(one.size for one in written) / 200
    assert disk.bytes_per_second == pytest.approx(rate)
    spare = disk.free - 0.05 * disk.total
    foreseen = site.clock.now() + timedelta(seconds=spare / rate) if spare > 0 else site.clock.now()
    if foreseen < THEN + 36_500 * DAY:
        assert disk.short_at is not None
        assert abs(disk.short_at - foreseen) < timedelta(seconds=1)
        assert disk.state is (DiskState.OK if spare > 0 else DiskState.SHORT)
    else:
        assert (disk.short_at, disk.state) == (None, DiskState.OK)


def test_a_busy_database_costs_a_try_and_nothing_else(make_site: MakeSite, reel: Reel) -> None:
    site = make_site("keep: {picture_days: 30}")
    before = site.record(reel)
    site.clock.advance(100 * 86_400)
    keeper = site.keeper()
    at_fault = site.database.write
    tries = 0

    def busy() -> object:
        nonlocal tries
        tries += 1
        if tries == 3:
            raise StoreBusy("locked")
        return at_fault()

    site.database.write = busy  # type: ignore[method-assign,assignment] # the third transaction finds it locked
    keeper.try_step()
    site.database.write = at_fault  # type: ignore[method-assign] # and it is well again
    assert tries == 3
    site.clock.advance(61)
    keeper.try_step()
    assert site.segments() == []
    site.assert_agrees(whole_of(before))


def test_a_segment_with_a_verified_copy_only_loses_its_local_file(make_site: MakeSite, reel: Reel) -> None:
    site = make_site("keep: {picture_days: 30}")
    before = site.record(reel)
    with site.database.write() as tx:
        copies.begin(tx, before[0].id, "archive", before[0].key, site.clock.now())
        assert copies.record(tx, before[0], "archive", site.clock.now())
    site.clock.advance(100 * 86_400)
    site.keep()
    assert site.files() == []
    assert site.segments() == [replace(before[0], is_local=False)]
    assert [gap.interval.start for gap in site.gaps()] == [before[1].interval.start]
    assert [one["is_local"] for one in site.told(FactKind.SEGMENT_CHANGED)] == [False]


def test_a_process_that_is_killed_while_deleting_loses_no_reason(make_site: MakeSite, reel: Reel) -> None:
    site = make_site("keep: {picture_days: 30}")
    before = site.record(reel)
    disk = str(site.objects.disks[0])
    command = [sys.executable, "-c", KILLED, site.database.url, disk]
    done = subprocess.run(command, timeout=60, check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert (site.files(), site.segments()) == ([], before)
    assert on_their_way(site.objects.disks) == {one.id for one in before}
    site.keep()
    site.assert_agrees(whole_of(before))
    assert [gap.interval for gap in site.gaps()] == [whole_of(before)]


@pytest.mark.parametrize("limits", ["picture_days: 30, sound_days: 7", "picture_days: 7, sound_days: 30"])
def test_the_disks_alone_tell_what_was_stripped_and_what_was_deleted(
    make_site: MakeSite, reel: Reel, limits: str, empty_database: Path, tmp_path: Path
) -> None:
    site = make_site(f"keep: {{{limits}}}")
    before = site.record(reel)
    site.clock.advance(8 * 86_400)
    site.keep()
    with site.database.read() as tx:
        removals = [Removal(one, Rule.SPACE) for one in holdings.oldest(tx, CAMERA)[:2]]
    Remover(site.database, site.objects, site.books, site.clock).remove(removals)
    site.assert_agrees(whole_of(before))
    shutil.copy(empty_database, tmp_path / "again.db")
    again = replace(site, database=Database(f"sqlite:///{tmp_path / 'again.db'}"))
    done = reindex(again.database, site.objects, Logbook(site.objects.disks, site.clock), 0)
    assert done.unreadable == []
    assert again.segments() == site.segments()
    assert again.gaps() == site.gaps()
    again.database.close()
