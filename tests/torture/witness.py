"""Who looks at the record from outside: what must still be there, and what a whole record is.

A witness reads files and rows by itself. It trusts nothing that the recorder says of itself but its marks on
the disk: what was in a file when a process was killed must be there when everything is over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import av

from capture.mp4.read import read_index
from hall.errors import MediaError
from hall.interval import Interval, uncovered
from hall.media import Gap, Segment
from hall.names import CameraId, SegmentId
from tests.torture.recording_hall import RecordingHall

PARTIAL = ".partial"
UNEXPLAINED = timedelta(seconds=0.001)
"""Rounding to microseconds, and nothing more."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """The first `size` bytes of a file, by their hash."""

    size: int
    sha256: bytes


@dataclass
class Witness:
    """Notes what is on the disk and in the catalogue, and says later what of it was lost."""

    hall: RecordingHall
    files: dict[Path, _Seen] = field(default_factory=dict)
    """By the name of the finished file, whatever it was called when it was seen."""
    rows: dict[SegmentId, bytes] = field(default_factory=dict)

    def note(self, cameras: Sequence[CameraId]) -> int:
        """Note files and rows of cameras whose process is dead; says how many of them were being written."""
        unfinished = 0
        for camera in cameras:
            for segment in self.hall.segments(camera):
                self.rows.setdefault(segment.id, segment.sha256)
            for disk in self.hall.configuration.site.disks:
                unfinished += sum(self._note(path) for path in sorted((disk / camera).rglob("*.mp4*")))
        return unfinished

    def _note(self, path: Path) -> bool:
        """True for a file that was being written and holds a whole fragment."""
        if path.suffix != PARTIAL:
            if path not in self.files or self.files[path].size != path.stat().st_size:
                self.files.setdefault(path, seen(path))
            return False
        whole = whole_fragments(path)
        if whole is None:
            return False
        self.files[path.with_suffix("")] = seen(path, whole)
        return True

    def lost(self) -> list[str]:
        """What was noted and is not there, or not as it was; nothing else records meanwhile."""
        found = {
            segment.id: segment for camera in self.hall.cameras for segment in self.hall.segments(camera)
        }
        entered = {segment.key for segment in found.values()}
        lost = [f"row {row} is gone" for row in self.rows if row not in found]
        lost += [
            f"row {row} was changed"
            for row, sha in self.rows.items()
            if row in found and found[row].sha256 != sha
        ]
        for path, before in self.files.items():
            if not path.is_file():
                lost.append(f"{path.name} is gone")
            elif path.stat().st_size < before.size or seen(path, before.size) != before:
                lost.append(f"{path.name} lost what it held")
            elif not any(str(path).endswith(key) for key in entered):
                lost.append(f"{path.name} has no row")
        return lost


def seen(path: Path, size: int | None = None) -> _Seen:
    """A file, or its first `size` bytes."""
    content = path.read_bytes()[:size]
    return _Seen(len(content), hashlib.sha256(content).digest())


def whole_fragments(path: Path) -> int | None:
    """Where the last whole fragment of an unfinished file ends, or None when there is none."""
    try:
        with path.open("rb") as file:
            index = read_index(file)
    except MediaError:
        return None
    return index.end if index.fragments else None


def unexplained(segments: Sequence[Segment], gaps: Sequence[Gap]) -> Iterator[str]:
    """Overlaps, and time between the first gap and the last segment that nothing explains."""
    if not segments or not gaps:
        yield "there is no segment" if not segments else "there is no gap"
        return
    parts = sorted(
        [*(one.interval for one in segments), *(one.interval for one in gaps)],
        key=lambda part: (part.start, part.end is None),
    )
    for before, after in pairwise(parts):
        if before.end is None or before.end > after.start:
            yield f"{before} overlaps {after}"
    begin, end = min(gaps[0].interval.start, segments[0].interval.start), segments[-1].interval.end
    for hole in uncovered(Interval(begin, end), parts):
        if hole.duration() > UNEXPLAINED:
            yield f"nothing explains {hole}"


def missing_pictures(hall: RecordingHall, camera: CameraId, reel: Path) -> int:
    """How many pictures the camera sent between those of a run that the run's files do not hold.

    Every picture of the reel differs from every other, and the camera shows them round and round: its own
    truth, which no clock and no row can bend.
    """
    order = {picture: place for place, picture in enumerate(pictures(reel))}
    missing, last, run = 0, -1, ""
    for segment in hall.segments(camera):
        for path in (disk / segment.key for disk in hall.configuration.site.disks):
            if not path.is_file():
                continue
            for picture in pictures(path):
                if segment.run == run:
                    missing += (order[picture] - last - 1) % len(order)
                run, last = segment.run, order[picture]
    return missing


def pictures(path: Path) -> Iterator[bytes]:
    """The coded pictures of a file, without parameter sets, which a camera may repeat."""
    with av.open(str(path)) as container:
        for packet in container.demux(video=0):
            if packet.size:
                yield hashlib.sha256(b"".join(_slices(bytes(packet)))).digest()


def _slices(data: bytes) -> Iterator[bytes]:
    place = 0
    while place < len(data):
        size = int.from_bytes(data[place : place + 4], "big")
        unit = data[place + 4 : place + 4 + size]
        if unit[0] & 0x1F in (1, 5):
            yield unit
        place += 4 + size


def lag(hall: RecordingHall, camera: CameraId, moment: datetime) -> timedelta | None:
    """How much before `moment` the recording that went on until then ends, or None when none did."""
    ends = [segment.interval.end for segment in hall.segments(camera) if segment.interval.start <= moment]
    until = max((end for end in ends if end is not None), default=None)
    return None if until is None else moment - until
