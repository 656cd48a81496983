"""The files of one camera over all disks, in the order of time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from capture.record.objects import PARTIAL, LocalObjects
from hall.names import CameraId, ObjectKey, SegmentId

SUFFIX = ".mp4"
DAMAGED = ".damaged"
"""What the name of a file ends with that was set aside for people to look at."""


@dataclass(frozen=True, slots=True)
class SegmentPath:
    """A finished file: where it lies, its key, and the segment that its name begins with."""

    path: Path
    key: ObjectKey
    segment: SegmentId


def segment_paths(
    objects: LocalObjects, camera: CameraId, since: date | None = None, until: date | None = None
) -> Iterator[SegmentPath]:
    """The finished files of a camera, those of one (UTC) day after the other and of all disks by their name.

    Names begin with when their run began and end with their number in it: that is the order of time. A file
    that lies on several disks is given once.
    """
    for day in sorted(_days(objects, camera, since, until)):
        found: dict[str, Path] = {}
        for folder in objects.folders(camera):
            for path in (folder / day).glob(f"*{SUFFIX}"):
                found.setdefault(path.name, path)
        for name in sorted(found):
            yield SegmentPath(found[name], objects.key(found[name]), segment_of(found[name]))


def segment_of(path: Path) -> SegmentId:
    """The segment that a file's name says: what stands before the first point of `<segment>.sound.mp4`."""
    return SegmentId(path.name.partition(".")[0])


def other_files(objects: LocalObjects, camera: CameraId, suffix: str) -> Iterator[Path]:
    """Files of another kind (`PARTIAL`, `DAMAGED`) among a camera's recordings."""
    for day in sorted(_days(objects, camera)):
        for folder in objects.folders(camera):
            yield from sorted((folder / day).glob(f"*{suffix}"))


def _days(
    objects: LocalObjects, camera: CameraId, since: date | None = None, until: date | None = None
) -> set[str]:
    days: set[str] = set()
    for folder in objects.folders(camera):
        for path in folder.glob("[0-9]*/[0-9]*/[0-9]*"):
            name = "/".join(path.parts[-3:])
            try:
                day = date.fromisoformat(name.replace("/", "-"))
            except ValueError:
                continue
            if (since is None or day >= since) and (until is None or day <= until):
                days.add(name)
    return days


__all__ = ["DAMAGED", "PARTIAL", "SegmentPath", "other_files", "segment_of", "segment_paths"]
