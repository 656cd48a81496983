"""The logbook: what recorded files cannot tell, written on the disks beside them, line after line.

A segment file says what it is; that a camera was away, why a run ended, or that a file was deleted, no file
says. Each such fact is a line of `<disk>/<camera>/logbook/<YYYY-MM-DD>.jsonl` (the UTC day on which it was
written) before it is entered in the catalogue, so that the catalogue can be made again from the disks alone.

A line is a JSON object that stands for itself and ends with the CRC-32 of its own text before `,"crc"`. It is
appended in one write and on the disk (fsync) when `append` returns; a line torn by a power cut is
skipped by whoever reads, and the next one begins on a line of its own. `number` counts a camera's lines and
gives their order, whatever the clock did meanwhile. Any disk may hold a line: it goes to the first that takes
it, and reading merges them all.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

import structlog
from pydantic import Field, TypeAdapter, ValidationError

from capture.metrics import LOGBOOK_FAILED
from hall.clock import Clock
from hall.interval import Interval
from hall.media import Gap, Run
from hall.names import SLUG, CameraId, HallId, RunId, SegmentId

FOLDER: Final = "logbook"
TAIL: Final = 1 << 14
"""Bytes at the end of a file in which its last line is looked for; a line is far shorter."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RunBegan:
    """A connection began to be recorded."""

    run: Run
    what: Literal["run_began"] = "run_began"


@dataclass(frozen=True, slots=True)
class RunEnded:
    """A connection ended: when, and why."""

    run: RunId
    end: datetime
    reason: str
    what: Literal["run_ended"] = "run_ended"


@dataclass(frozen=True, slots=True)
class GapBegan:
    """There is no recording from the start of `gap` on; one that lasts for another reason ends there."""

    gap: Gap
    what: Literal["gap_began"] = "gap_began"


@dataclass(frozen=True, slots=True)
class GapEnded:
    """The gap that lasts is over."""

    end: datetime
    what: Literal["gap_ended"] = "gap_ended"


@dataclass(frozen=True, slots=True)
class GapNoted:
    """A gap that is over was found afterwards."""

    gap: Gap
    what: Literal["gap_noted"] = "gap_noted"


@dataclass(frozen=True, slots=True)
class TimeRecorded:
    """Over `interval` there is a recording after all: what was told of gaps so far does not hold there."""

    interval: Interval
    what: Literal["time_recorded"] = "time_recorded"


@dataclass(frozen=True, slots=True)
class SegmentsDeleted:
    """Retention is about to delete `count` segments that follow each other; their time is a gap then."""

    interval: Interval
    count: int
    what: Literal["segments_deleted"] = "segments_deleted"


@dataclass(frozen=True, slots=True)
class SegmentChanged:
    """Retention is about to take sound or picture out of a segment, whose time stays what it was."""

    segment: SegmentId
    interval: Interval
    has_audio: bool
    has_picture: bool
    what: Literal["segment_changed"] = "segment_changed"


Word: TypeAlias = (
    RunBegan | RunEnded | GapBegan | GapEnded | GapNoted | TimeRecorded | SegmentsDeleted | SegmentChanged
)
"""What a line can tell."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its place in the camera's order, when it was written, and what it tells."""

    number: int
    at: datetime
    hall: HallId
    camera: CameraId
    word: Annotated[Word, Field(discriminator="what")]

    def text(self) -> bytes:
        """The line as it stands in the file, with its line feed."""
        body = json.dumps(_LINE.dump_python(self, mode="json"), separators=(",", ":"), ensure_ascii=False)
        content = body[:-1].encode()
        return content + b',"crc":"%08x"}\n' % zlib.crc32(content)

    @classmethod
    def of(cls, text: bytes) -> Line | None:
        """The line in `text`, or None for one that is torn or damaged."""
        content, mark, check = text.strip().rpartition(b',"crc":"')
        if not mark or check != b'%08x"}' % zlib.crc32(content):
            return None
        try:
            return _LINE.validate_json(content + b"}")
        except ValidationError:
            return None


_LINE = TypeAdapter(Line)


@dataclass(frozen=True, slots=True)
class Pages:
    """What was read: the lines in order, each once, and how many could not be read."""

    lines: tuple[Line, ...]
    damaged: int


class Logbook:
    """The logbooks of all cameras on the disks. For several threads, and several processes at a time."""

    def __init__(self, disks: Sequence[Path], clock: Clock) -> None:
        self._disks = tuple(disks)
        self._clock = clock
        self._lock = threading.Lock()
        self._numbers: dict[CameraId, int] = {}
        self._sizes: dict[Path, int] = {}
        """How long each file was when this process had written to it: longer, and another one did too."""

    def append(self, hall: HallId, camera: CameraId, *words: Word) -> bool:
        """Write the words, in their order; they are on a disk when this returns.

        A logbook that cannot be written stops nothing: it is logged, counted, and False is returned.
        """
        now = self._clock.now()
        failed: OSError | None = None
        with self._lock:
            for disk in self._disks:
                try:
                    self._write(_file(disk, camera, now), hall, camera, now, words)
                except OSError as error:
                    failed = failed or error
                else:
                    return True
        if failed is not None:
            LOGBOOK_FAILED.inc()
            log.error("a line of the logbook could not be written", camera=camera, because=failed.strerror)
        return failed is None

    def _write(
        self, path: Path, hall: HallId, camera: CameraId, now: datetime, words: Sequence[Word]
    ) -> None:
        with _locked(path) as handle:
            number = self._numbers.get(camera, 0)
            if self._sizes.get(path) != os.fstat(handle).st_size:
                number = max(number, self._last_number(camera))
            lines = [
                Line(number + place, now, hall, camera, word) for place, word in enumerate(words, start=1)
            ]
            self._sizes[path] = _append(handle, b"".join(line.text() for line in lines))
            self._numbers[camera] = number + len(words)

    def read(self, camera: CameraId, since: date | None = None) -> Pages:
        """All lines of a camera, or those written on the (UTC) day `since` and later.

        Raises OSError when a disk cannot be read.
        """
        found: dict[bytes, Line] = {}
        damaged = 0
        for path in files(self._disks, camera, since):
            for text in path.read_bytes().split(b"\n"):
                if not text.strip():
                    continue
                line = Line.of(text)
                if line is None:
                    damaged += 1
                else:
                    found[text] = line
        return Pages(tuple(sorted(found.values(), key=lambda line: (line.number, line.at))), damaged)

    def _last_number(self, camera: CameraId) -> int:
        """The number of a camera's newest line, as the disks tell.

        Of every file: after a clock that was wrong the newest need not be the one with the newest name.
        """
        return max((_last_number_in(path) for path in files(self._disks, camera)), default=0)


def files(disks: Sequence[Path], camera: CameraId, since: date | None = None) -> Iterator[Path]:
    """The files of a camera's logbook, per disk in the order of their days."""
    for disk in disks:
        for path in sorted((disk / camera / FOLDER).glob("*.jsonl")):
            if since is None or path.stem >= since.isoformat():
                yield path


def cameras(disks: Sequence[Path]) -> list[CameraId]:
    """Every camera that has a folder on one of the disks."""
    return sorted(
        {
            CameraId(folder.name)
            for disk in disks
            if disk.is_dir()
            for folder in disk.iterdir()
            if SLUG.match(folder.name) and folder.is_dir()
        }
    )


def _file(disk: Path, camera: CameraId, now: datetime) -> Path:
    return disk / camera / FOLDER / f"{now.astimezone(UTC):%Y-%m-%d}.jsonl"


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """A file that nobody else writes to meanwhile, made where there is none."""
    is_new = not path.exists()
    if is_new:
        path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)
    if is_new:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _append(handle: int, content: bytes) -> int:
    """Write at the end of a file; what a broken-off write left before it stays a line of its own.

    Returns how long the file is then.
    """
    size = os.fstat(handle).st_size
    if size and os.pread(handle, 1, size - 1) != b"\n":
        content = b"\n" + content
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]
    os.fsync(handle)
    return size + len(content)


def _last_number_in(path: Path) -> int:
    """The highest number near the end of a file; 0 for one without a whole line."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        for start in (max(0, size - TAIL), 0):
            file.seek(start)
            numbers = [
                line.number for text in file.read().split(b"\n") if (line := Line.of(text)) is not None
            ]
            if numbers:
                return max(numbers)
    return 0
