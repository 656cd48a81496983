"""A recorded camera in fast motion: real segment files of a few hundred bytes, real books, a simulated clock.

What capture does with packets is done here with made-up sound; files, logbook, catalogue and what happens to
them afterwards are those of the product.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from capture.books.books import Books
from capture.books.facts import Fact, FactWriter
from capture.books.logbook import GapBegan, Logbook
from capture.mp4.fragment import TrackPart
from capture.record.objects import LocalObjects
from capture.record.salvage import salvage
from capture.writing.segment_file import Inscription, SegmentFile
from hall.clock import SimulatedClock
from hall.interval import Interval
from hall.media import Gap, GapReason, Run, Segment, Track, TrackKind
from hall.names import CameraId, HallId, ObjectKey, RunId, SegmentId
from store import deletion, recording
from store.database import Database

HALL = HallId("h")
SOUND = Track(0, TrackKind.AUDIO, "aac", (1, 16_000), bytes.fromhex("1408"), sample_rate=16_000, channels=1)
TICKS = 1_024


@cache
def _schema() -> bytes:
    """A SQLite file that only has its schema: made once, because that takes longer than most tests."""
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/empty.db")
        database.migrate()
        database.close()
        return (Path(folder) / "empty.db").read_bytes()


def new_database(path: Path) -> Database:
    """An empty database in a new file."""
    path.write_bytes(_schema())
    return Database(f"sqlite:///{path}")


class AtOnce:
    """Enters each fact when it is given, as the thread of a `FactWriter` does soon after."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, fact: Fact) -> None:
        """Enter it."""
        with self._database.write() as tx:
            fact(tx)


class Recordings:
    """The recordings of one camera. A fact is entered when the method that makes it returns."""

    def __init__(
        self, database: Database, disks: Sequence[Path], clock: SimulatedClock, camera: str = "cam-1"
    ) -> None:
        self.database = database
        self.objects = LocalObjects(*disks)
        self.clock = clock
        self.camera = CameraId(camera)
        self.start()

    def start(self) -> None:
        """A process begins: nothing of an earlier one is known but what it wrote."""
        self.logbook = Logbook(self.objects.disks, self.clock)
        self.books = Books(cast(FactWriter, AtOnce(self.database)), self.logbook, HALL)

    def restart(self, reason: GapReason | None = None) -> None:
        """The process is replaced by another, which puts the files in order."""
        self.clock.advance(2)
        self.start()
        salvage(self.database, self.objects, self.books, self.camera, self.clock.now(), reason)

    def begin(self) -> Run:
        """A connection begins, and its first fragment is on the disk."""
        start = self.clock.now()
        run = Run(RunId(f"{self.camera}-{start:%Y%m%dT%H%M%S%f}Z"), self.camera, Interval(start), (SOUND,))
        self.books.run_began(run)
        self.books.gap_ended(self.camera, start)
        return run

    def segment(
        self,
        run: Run,
        sequence: int,
        start: datetime,
        fragments: int = 2,
        *,
        rate: float = 0.0,
        late: timedelta = timedelta(0),
    ) -> Segment:
        """A finished segment; `late` is by how much its end differs from what its file can tell."""
        file, key = self._write(run, sequence, start, fragments, rate)
        written = file.finish()
        end = start + timedelta(seconds=written.media_duration * (1 + rate)) + late
        self.clock.advance((end - start).total_seconds())
        self.objects.put(key, file.path)
        segment = Segment(
            id=SegmentId(f"{run.id}-{sequence:06d}"),
            run=run.id,
            camera=self.camera,
            sequence=sequence,
            interval=Interval(start, end),
            media_duration=written.media_duration,
            size=written.size,
            sha256=written.sha256,
            key=key,
            header_size=written.header_size,
            fragments=written.fragments,
            has_audio=written.has_audio,
            has_picture=written.has_picture,
        )
        self.books.segment_kept(segment)
        return segment

    def partial(self, run: Run, sequence: int, start: datetime, fragments: int, torn: int) -> Path:
        """A file that a killed process was writing: its last fragment ends after `torn` bytes."""
        file, _ = self._write(run, sequence, start, fragments + 1, 0.0)
        written = file.finish()
        last = written.fragments[-1]
        with file.path.open("r+b") as opened:
            opened.truncate(last.offset + torn % last.size)
        self.clock.advance(fragments * 1.0)
        return file.path

    def run(self, segments: int, reason: str = "offline") -> list[Segment]:
        """A whole run of so many segments; it is followed by no gap yet."""
        run = self.begin()
        made: list[Segment] = []
        start = run.interval.start
        for sequence in range(segments):
            made.append(self.segment(run, sequence, start))
            assert made[-1].interval.end is not None
            start = made[-1].interval.end
        self.books.run_ended(self.camera, run.id, start, reason)
        return made

    def gap(self, reason: GapReason, start: datetime | None = None, detail: str = "") -> None:
        """There is no recording from `start`, or from now."""
        self.books.gap_began(Gap(self.camera, Interval(start or self.clock.now()), reason, detail))

    def interrupt(self) -> None:
        """A whole system starts again."""
        with self.database.write() as tx:
            begun = recording.interrupt_gaps(tx, self.clock.now())
        for hall, gap in begun:
            self.logbook.append(hall, gap.camera, GapBegan(gap))

    def delete(self, segments: Sequence[Segment]) -> None:
        """Retention deletes."""
        assert self.books.segments_deleted(segments)
        for segment in segments:
            self.objects.delete(segment.key)
        with self.database.write() as tx:
            deletion.delete_segments(tx, [segment.id for segment in segments], "age", self.clock.now())

    def segments(self) -> list[Segment]:
        """All that is entered."""
        far = timedelta(days=3650)
        with self.database.read() as tx:
            return recording.segments_between(tx, self.camera, self.clock.now() - far, self.clock.now() + far)

    def gaps(self) -> list[Gap]:
        """All that are entered."""
        far = timedelta(days=3650)
        with self.database.read() as tx:
            return recording.gaps_between(tx, self.camera, self.clock.now() - far, self.clock.now() + far)

    def _write(
        self, run: Run, sequence: int, start: datetime, fragments: int, rate: float
    ) -> tuple[SegmentFile, ObjectKey]:
        key = ObjectKey(f"{self.camera}/{start.astimezone(UTC):%Y/%m/%d}/{run.id}-{sequence:06d}.mp4")
        inscription = Inscription(
            HALL, self.camera, run.id, run.interval.start, sequence, start, rate, (SOUND,)
        )
        file = SegmentFile(self.objects.partial(key), (SOUND,), inscription)
        blocks = 16_000 // TICKS + 1
        for number in range(fragments):
            part = TrackPart(1, number * blocks * TICKS)
            for block in range(blocks):
                content = b"%04d%06d%02d%02d" % (sequence, start.microsecond, number, block)
                part.add([content], TICKS, True, 0)
            file.write([part])
        return file, key


def whole(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Runs, segments and gaps of a catalogue, all columns but the gaps' numbers, in an order of their own."""
    tables: dict[str, Callable[[dict[str, object]], tuple[object, ...]]] = {
        "runs": lambda row: tuple(row.values()),
        "segments": lambda row: tuple(row.values()),
        "gaps": lambda row: tuple(value for name, value in row.items() if name != "id"),
    }
    with database.read() as tx:
        return {
            name: sorted(
                (
                    take(dict(row))
                    for row in tx.connection.exec_driver_sql(f"SELECT * FROM {name}").mappings()
                ),
                key=repr,
            )
            for name, take in tables.items()
        }
