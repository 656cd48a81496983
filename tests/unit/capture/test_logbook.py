"""The logbook keeps every line that was whole, in the order of writing, and never stops recording."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from capture.books.logbook import FOLDER, GapEnded, Line, Logbook, SegmentsDeleted, Word, cameras
from capture.metrics import LOGBOOK_FAILED
from hall.clock import SimulatedClock
from hall.interval import Interval
from hall.names import CameraId, HallId
from tests.recordings import Recordings, new_database

CAMERA, HALL = CameraId("cam-1"), HallId("h")


def words(logbook: Logbook) -> list[Word]:
    return [line.word for line in logbook.read(CAMERA).lines]


def word(seconds: float) -> GapEnded:
    return GapEnded(SimulatedClock().now() + timedelta(seconds=seconds))


def test_lines_come_back_in_the_order_in_which_they_were_written(tmp_path: Path) -> None:
    clock = SimulatedClock()
    logbook = Logbook([tmp_path], clock)
    for number, step in enumerate((0, 100_000, -300_000, 5)):
        clock.step_wall(step)
        assert logbook.append(HALL, CAMERA, word(number))
    clock.step_wall(-200_000)
    assert Logbook([tmp_path], clock).append(HALL, CAMERA, word(4), word(5))
    assert words(Logbook([tmp_path], clock)) == [word(number) for number in range(6)]
    assert len(list((tmp_path / CAMERA / FOLDER).iterdir())) == 4


def test_two_writers_of_one_logbook_number_their_lines_in_one_order(tmp_path: Path) -> None:
    clock = SimulatedClock()
    recorder, retention = Logbook([tmp_path], clock), Logbook([tmp_path], clock)
    for number in range(0, 9, 3):
        recorder.append(HALL, CAMERA, word(number), word(number + 1))
        retention.append(HALL, CAMERA, word(number + 2))
    lines = Logbook([tmp_path], clock).read(CAMERA).lines
    assert [line.number for line in lines] == list(range(1, 10))
    assert [line.word for line in lines] == [word(number) for number in range(9)]


def test_reading_can_begin_with_a_day(tmp_path: Path) -> None:
    clock = SimulatedClock()
    logbook = Logbook([tmp_path], clock)
    logbook.append(HALL, CAMERA, word(1))
    clock.advance(86_400)
    logbook.append(HALL, CAMERA, word(2))
    assert [line.word for line in logbook.read(CAMERA, date(2026, 3, 3)).lines] == [word(2)]


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_torn_or_damaged_line_costs_itself_alone(cut: int, byte: int) -> None:
    line = Line(1, SimulatedClock().now(), HALL, CAMERA, word(1))
    text = line.text()
    assert Line.of(text) == line
    assert Line.of(text[: cut % (len(text) - 1)]) is None
    place = cut % (len(text) - 1)
    damaged = text[:place] + bytes([byte]) + text[place + 1 :]
    assert Line.of(damaged) == (line if damaged == text else None)


def test_the_line_after_a_torn_one_begins_on_its_own(tmp_path: Path) -> None:
    clock = SimulatedClock()
    Logbook([tmp_path], clock).append(HALL, CAMERA, word(1))
    (page,) = (tmp_path / CAMERA / FOLDER).iterdir()
    with page.open("ab") as file:
        file.write(page.read_bytes()[:40])
    logbook = Logbook([tmp_path], clock)
    logbook.append(HALL, CAMERA, word(2))
    pages = logbook.read(CAMERA)
    assert ([line.word for line in pages.lines], pages.damaged) == ([word(1), word(2)], 1)
    assert [line.number for line in pages.lines] == [1, 2]


def test_another_disk_takes_the_line_that_the_first_cannot(tmp_path: Path) -> None:
    clock = SimulatedClock()
    disks = [tmp_path / "one", tmp_path / "two"]
    logbook = Logbook(disks, clock)
    logbook.append(HALL, CAMERA, word(1))
    (disks[0] / CAMERA).rename(disks[0] / "away")
    (disks[0] / CAMERA).write_bytes(b"no folder")
    assert logbook.append(HALL, CAMERA, word(2))
    (disks[0] / CAMERA).unlink()
    (disks[0] / "away").rename(disks[0] / CAMERA)
    logbook.append(HALL, CAMERA, word(3))
    assert words(Logbook(disks, clock)) == [word(1), word(2), word(3)]


def test_a_logbook_that_no_disk_takes_stops_nothing_and_is_counted(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    before = LOGBOOK_FAILED._value.get()
    assert not Logbook([tmp_path / "file"], SimulatedClock()).append(HALL, CAMERA, word(1))
    assert LOGBOOK_FAILED._value.get() == before + 1


def test_only_folders_that_may_be_cameras_are_cameras(tmp_path: Path) -> None:
    for name in (".retention", "cam-1", "lost+found", "cam-2"):
        (tmp_path / name).mkdir()
    assert cameras([tmp_path, tmp_path / "missing"]) == ["cam-1", "cam-2"]


def test_deleted_neighbours_are_one_line(tmp_path: Path) -> None:
    database = new_database(tmp_path / "test.db")
    site = Recordings(database, [tmp_path / "disk"], SimulatedClock())
    one, two, three, four = site.run(4)
    site.books.segments_deleted([four, two, one])
    told = [word for word in words(site.logbook) if isinstance(word, SegmentsDeleted)]
    assert told == [
        SegmentsDeleted(Interval(one.interval.start, two.interval.end), 2),
        SegmentsDeleted(four.interval, 1),
    ]
    assert replace(three, size=0) != three
    database.close()
