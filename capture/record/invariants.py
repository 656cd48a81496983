"""What must hold between disks, logbook and catalogue: the numbered list, and what a fault is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import IntEnum

from hall.interval import Interval
from hall.names import CameraId

TOLERANCE = timedelta(milliseconds=1)
"""Times that differ by no more are the same: a file tells them to a tick, a row to a microsecond."""
UNEXPLAINED = timedelta(seconds=1)
"""Shorter time than this without segment and gap is borne."""
FRESH = timedelta(seconds=60)
"""A file that was written to within so long is still being written, or on its way into the catalogue."""


class Invariant(IntEnum):
    """The invariants; docs/design/0008-the-record-on-disk.md says the same of each at length."""

    FILE = 1
    CONTENT = 2
    INSCRIPTION = 3
    OVERLAP = 4
    SEQUENCE = 5
    COVERAGE = 6
    STRAY = 7
    GAPS = 8
    RUNS = 9
    LOGBOOK = 10
    COPIES = 11


MEANING = {
    Invariant.FILE: "Each segment that is local has its file on a disk.",
    Invariant.CONTENT: "The file has the size and the SHA-256 of its row.",
    Invariant.INSCRIPTION: "The file says of itself what its row says.",
    Invariant.OVERLAP: "Segments of a camera do not overlap.",
    Invariant.SEQUENCE: "The segments of a run follow each other by their numbers, without a hole.",
    Invariant.COVERAGE: "Every second of a recorded camera is in a segment or in a gap with a reason.",
    Invariant.STRAY: "Every file among the recordings has its row, and no unfinished file is left behind.",
    Invariant.GAPS: "A gap overlaps neither a segment nor another gap, and at most one lasts.",
    Invariant.RUNS: "Each segment's run is entered; one that nobody records has ended, with its segments.",
    Invariant.LOGBOOK: "The logbook and the catalogue tell the same gaps and runs.",
    Invariant.COPIES: "A copy in an archive is of a segment, and a segment that is not local has a copy.",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that does not hold: which invariant, about what of which camera, and in words.

    `subject` is the id of a segment or a run, the key of a file, or a day; `interval` the time concerned,
    where that is what is wrong.
    """

    invariant: Invariant
    camera: CameraId
    subject: str
    message: str
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Something that people may want to know, and no fault."""

    camera: CameraId
    subject: str
    message: str


@dataclass
class Examined:
    """What has been looked at so far."""

    cameras: int = 0
    segments: int = 0
    gaps: int = 0
    runs: int = 0
    bytes: int = 0
    notes: list[Note] = field(default_factory=list)
