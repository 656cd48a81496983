"""One camera kept recorded: leaps begin new runs, faults leave gaps, a full disk costs what does not fit."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread

import pytest

from capture.books.books import Books
from capture.books.facts import FactWriter
from capture.books.logbook import Logbook
from capture.camera import Camera
from capture.record.objects import LocalObjects
from capture.tapping.tap import Tap
from hall.clock import SimulatedClock
from hall.config.settings import CaptureSettings
from hall.errors import SourceEnded, SourceError, SourceUnauthorized
from hall.media import Gap, GapReason, Packet, Segment, Track
from hall.names import CameraId, HallId
from hall.place import Camera as CameraSettings
from hall.place import Text
from store import recording
from store.database import Database
from tests.media import film
from tests.unit.capture.test_recorder import packets_of

SETTINGS = CameraSettings(id=CameraId("cam-1"), name=Text(zh="一", en="one"), url="rtsp://x")


class Silence:
    """A publisher for nobody."""

    def publish(self, subject: str, payload: bytes = b"") -> None:
        """Nothing."""


class Script:
    """A source that plays prepared connections in turn, and moves the clock with their packets."""

    def __init__(
        self, clock: SimulatedClock, tracks: list[Track], connections: Sequence[list[Packet] | SourceError]
    ) -> None:
        self._clock = clock
        self.tracks = tracks
        self._connections = iter(connections)
        self._packets: list[Packet] = []
        self.is_settling: Callable[[], bool] = lambda: False
        self.settling: list[tuple[float, bool]] = []

    @contextmanager
    def open(self, camera: CameraSettings, stop: Event) -> Iterator[Script]:
        connection = next(self._connections, None)
        if connection is None:
            stop.set()
            connection = []
        if isinstance(connection, SourceError):
            raise connection
        self._packets = connection
        self._stopped = stop.is_set()
        yield self

    def __iter__(self) -> Iterator[Packet]:
        began = self._clock.monotonic()
        for packet in self._packets:
            due = began + packet.arrived
            self._clock.advance(max(0.0, due - self._clock.monotonic()))
            self.settling.append((packet.arrived, self.is_settling()))
            yield replace(packet, arrived=self._clock.monotonic())
        if not self._stopped:
            raise SourceEnded("the script ended")


@pytest.fixture(scope="module")
def reel(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Track], list[Packet]]:
    tracks, packets = packets_of(film(tmp_path_factory.mktemp("reel") / "reel.mov", "aac", 8))
    return tracks, [replace(packet, arrived=packet.arrived - 10) for packet in packets]


class Result:
    """What the store knows afterwards."""

    def __init__(self, database: Database, around: datetime) -> None:
        day = timedelta(days=1)
        with database.read() as tx:
            self.segments: list[Segment] = recording.segments_between(
                tx, SETTINGS.id, around - day, around + day
            )
            self.gaps: list[Gap] = recording.gaps_between(tx, SETTINGS.id, around - day, around + day)
        self.settling: list[tuple[float, bool]] = []
        """Of each packet, when it came, and whether its run was still to be tied to the clock."""


Play = Callable[[SimulatedClock, list[Track], Sequence[list[Packet] | SourceError]], Result]


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    database.migrate()

    def run(
        clock: SimulatedClock, tracks: list[Track], script: Sequence[list[Packet] | SourceError]
    ) -> Result:
        settings = CaptureSettings(segment_seconds=3, retry_first_seconds=0.01, retry_longest_seconds=0.02)
        facts, objects = FactWriter(database), LocalObjects(tmp_path / "recordings")
        books = Books(facts, Logbook(objects.disks, clock), HallId("h"))
        tap = Tap(Silence(), SETTINGS, clock)
        source = Script(clock, tracks, script)
        camera = Camera(HallId("h"), SETTINGS, settings, source, objects, books, tap, clock)
        source.is_settling = lambda: camera.is_settling
        thread = Thread(target=camera.run, args=(Event(),))
        thread.start()
        thread.join(20)
        assert not thread.is_alive()
        assert facts.close(5)
        result = Result(database, clock.now())
        result.settling = source.settling
        return result

    yield run
    database.close()


def leaping(tracks: list[Track], packets: list[Packet]) -> list[Packet]:
    """The packets, with times that leap by 1000 s after four seconds."""
    far = {track.index: 1000 * track.time_base[1] for track in tracks}
    return [
        replace(packet, pts=packet.pts + far[packet.track], dts=packet.dts + far[packet.track])
        if packet.arrived >= 4.0
        else packet
        for packet in packets
    ]


def test_a_leap_of_the_cameras_times_begins_a_new_run_in_the_same_connection(
    reel: tuple[list[Track], list[Packet]], play: Play
) -> None:
    tracks, packets = reel
    result = play(SimulatedClock(), tracks, [leaping(tracks, packets)])
    assert len({segment.run for segment in result.segments}) == 2
    for before, after in pairwise(result.segments):
        assert before.interval.end is not None
        assert before.interval.end <= after.interval.start
    recorded = sum(segment.media_duration for segment in result.segments)
    assert recorded == pytest.approx(8.0, abs=0.2)
    leap = next(gap for gap in result.gaps if "leapt by +1000" in gap.detail)
    assert leap.interval.duration().total_seconds() < 0.2


def test_packets_are_awaited_only_while_a_run_is_tied_to_the_clock(
    reel: tuple[list[Track], list[Packet]], play: Play
) -> None:
    tracks, packets = reel
    settling = play(SimulatedClock(), tracks, [leaping(tracks, packets)]).settling
    expected = [(0.0, 0.9, True), (1.3, 3.9, False), (4.3, 4.9, True), (5.3, 8.0, False)]
    for begin, end, was_settling in expected:
        assert {settled for at, settled in settling if begin <= at < end} == {was_settling}


@pytest.mark.parametrize("ticks", [2**31, -(2**40), 2**62, -(2**62)])
def test_a_single_key_frame_with_a_time_of_its_own_costs_little_more_than_itself(
    reel: tuple[list[Track], list[Packet]], play: Play, ticks: int
) -> None:
    tracks, packets = reel
    place = next(place for place, packet in enumerate(packets) if packet.is_key and packet.arrived >= 4.0)
    wrong = replace(packets[place], pts=packets[place].pts + ticks, dts=packets[place].dts + ticks)
    result = play(SimulatedClock(), tracks, [[*packets[:place], wrong, *packets[place + 1 :]]])
    assert sum(segment.media_duration for segment in result.segments) > 5.5
    assert {gap.reason for gap in result.gaps} <= {GapReason.STARTING, GapReason.OFFLINE}


@pytest.mark.parametrize(
    "damage", [{"duration": -1}, {"duration": 2**62}, {"sent_at_us": 2**62}, {"sent_at_us": -(2**62)}]
)
def test_durations_and_clocks_that_cannot_be_cost_no_packet(
    reel: tuple[list[Track], list[Packet]], play: Play, damage: dict[str, int]
) -> None:
    tracks, packets = reel
    result = play(SimulatedClock(), tracks, [[replace(packet, **damage) for packet in packets]])  # type: ignore[arg-type]  # mypy does not follow the names
    assert sum(segment.media_duration for segment in result.segments) == pytest.approx(8.0, abs=0.2)
    assert {gap.reason for gap in result.gaps} == {GapReason.OFFLINE}


def test_a_step_of_the_wall_clock_does_not_break_the_chain(
    reel: tuple[list[Track], list[Packet]], play: Play
) -> None:
    tracks, packets = reel
    clock = SimulatedClock()

    class Stepping(list[Packet]):
        def __iter__(self) -> Iterator[Packet]:
            for packet in super().__iter__():
                if packet.arrived >= 4.0 and not stepped:
                    stepped.append(True)
                    clock.step_wall(-1.5)
                yield packet

    stepped: list[bool] = []
    result = play(clock, tracks, [Stepping(packets)])
    assert stepped
    assert len({segment.run for segment in result.segments}) == 1
    for before, after in pairwise(result.segments):
        assert before.interval.end == after.interval.start
    for segment in result.segments:
        assert segment.interval.duration().total_seconds() == pytest.approx(
            segment.media_duration, rel=501e-6
        )


@pytest.mark.parametrize("step", [-4.0, -3600.0])
def test_a_clock_that_is_set_back_makes_nothing_recorded_twice(
    reel: tuple[list[Track], list[Packet]], play: Play, step: float
) -> None:
    tracks, packets = reel
    clock = SimulatedClock()
    before = clock.now()

    class Stepping(list[Packet]):
        def __iter__(self) -> Iterator[Packet]:
            for packet in super().__iter__():
                if packet.arrived >= 3.5 and not stepped:
                    stepped.append(True)
                    clock.step_wall(step)
                yield packet

    stepped: list[bool] = []
    result = play(clock, tracks, [Stepping(packets), packets])
    assert sum(segment.media_duration for segment in result.segments) == pytest.approx(16.0, abs=0.3)
    assert result.segments[0].interval.start == pytest.approx(before, abs=timedelta(seconds=1))
    times = [one.interval for one in result.segments] + [
        gap.interval for gap in result.gaps if not gap.interval.is_open and gap.interval.duration()
    ]
    times.sort(key=lambda interval: interval.start)
    for earlier, later in pairwise(times):
        assert earlier.end is not None
        assert earlier.end <= later.start
    assert any(f"the machine's clock was set by {step:+.1f} s" in gap.detail for gap in result.gaps)


def test_failures_leave_one_gap_per_reason_that_ends_with_the_next_recording(
    reel: tuple[list[Track], list[Packet]], play: Play
) -> None:
    tracks, packets = reel
    clock = SimulatedClock()
    refused = SourceUnauthorized("the camera refuses the user or the password")
    result = play(clock, tracks, [packets, refused, refused, packets])
    offline, unauthorized, *after = result.gaps
    assert offline.interval.start == max(
        segment.interval.end
        for segment in result.segments
        if segment.run == result.segments[0].run and segment.interval.end
    )
    assert (offline.reason, unauthorized.reason) == (GapReason.OFFLINE, GapReason.UNAUTHORIZED)
    assert unauthorized.interval.end == next(
        segment.interval.start for segment in result.segments if segment.run != result.segments[0].run
    )
    assert [gap.reason for gap in after] == [GapReason.OFFLINE]


def test_a_full_disk_keeps_the_whole_fragments_and_recording_goes_on(
    reel: tuple[list[Track], list[Packet]], play: Play, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tracks, packets = reel
    calls = [0]
    sync = os.fdatasync

    def full_once(descriptor: int) -> None:
        calls[0] += 1
        if calls[0] == 4:
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(descriptor)

    monkeypatch.setattr("capture.writing.segment_file.os.fdatasync", full_once)
    result = play(SimulatedClock(), tracks, [packets, packets])
    first = result.segments[0]
    assert first.media_duration == pytest.approx(2.0, abs=0.01)
    assert first.size == (tmp_path / "recordings" / first.key).stat().st_size
    assert result.gaps[0].reason is GapReason.DISK_FULL
    assert result.gaps[0].interval.start == first.interval.end
    assert sum(s.media_duration for s in result.segments if s.run != first.run) == pytest.approx(8.0, abs=0.1)


def test_a_write_that_fails_with_room_on_the_disk_is_not_called_a_full_disk(
    reel: tuple[list[Track], list[Packet]], play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracks, packets = reel
    failures = iter([OSError(errno.EIO, "Input/output error")])
    sync = os.fdatasync

    def fails_once(descriptor: int) -> None:
        if (failure := next(failures, None)) is not None:
            raise failure
        sync(descriptor)

    monkeypatch.setattr("capture.writing.segment_file.os.fdatasync", fails_once)
    result = play(SimulatedClock(), tracks, [packets, packets])
    assert result.gaps[0].reason is GapReason.WRITE_FAILED
    assert "Input/output error" in result.gaps[0].detail
    assert result.segments
