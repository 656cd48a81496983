"""One still of a camera at a moment: which picture it is, and why there is none where there is none."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import cv2

from console.replay.pictures import first_picture
from console.replay.playlist import wall_time
from hall.errors import MediaError, NothingRecorded
from hall.media import Fragment, Gap, Run, Segment

QUALITY: Final = 82
MOST_KEPT: Final = 32 * 1024 * 1024
"""Bytes of made stills that a console keeps: what one officer looks at others soon do, too."""
AT_ONCE: Final = 2
"""Stills that are decoded at the same time; others wait, and the rest of the console does not."""
MOMENT: Final = timedelta(microseconds=1)
"""The store keeps time to the microsecond: the shortest time that can be asked for."""

Read = Callable[[int, int], bytes]
"""The bytes `[first, last)` of a segment's file. Raises NotFound, ArchiveUnreachable."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the still of a moment lies: the fragment `number` of a segment, which begins at `at`."""

    segment: Segment
    number: int

    @property
    def fragment(self) -> Fragment:
        """The fragment whose first picture it is."""
        return self.segment.fragments[self.number]

    @property
    def at(self) -> datetime:
        """When that picture was taken."""
        return wall_time(self.segment, self.fragment.start)

    def tag(self, width: int) -> str:
        """What tells this still in this width from every other: an ETag."""
        return f'"{self.segment.sha256.hex()[:32]}-{self.number}-{width}"'


def place_of(segments: Sequence[Segment], at: datetime) -> Place | None:
    """The last fragment with a picture that begins at or before a moment, of the segments that hold it."""
    for segment in segments:
        if segment.has_picture and segment.fragments:
            begun = [
                number
                for number, fragment in enumerate(segment.fragments)
                if wall_time(segment, fragment.start) <= at
            ]
            return Place(segment, begun[-1] if begun else 0)
    return None


def why_nothing(
    segments: Sequence[Segment],
    gaps: Sequence[Gap],
    runs: Sequence[Run],
    at: datetime,
    now: datetime,
) -> NothingRecorded:
    """Why there is no picture of a camera at a moment, in one word and in words.

    `segments` and `gaps` are those that hold the moment, `runs` those that have not ended. The word is a
    `GapReason`, or `sound_only`, `not_yet`, `being_recorded` (its file is not closed yet), `not_recorded`.
    """
    if segments:
        return NothingRecorded("sound_only", "of this time only the sound is kept")
    if at > now:
        return NothingRecorded("not_yet", "this time has not come yet")
    if gaps:
        return NothingRecorded(gaps[0].reason, f"nothing is recorded at this time: {gaps[0].reason}")
    if any(run.interval.contains(at) for run in runs):
        return NothingRecorded("being_recorded", "this time is still being recorded")
    return NothingRecorded("not_recorded", "nothing is recorded at this time")


def make(place: Place, read: Read, width: int) -> tuple[Place, bytes]:
    """The still of a place as JPEG, at most `width` pixels wide, and where it was really found.

    A fragment that begins within a group of pictures shows nothing by itself: the nearest before it that
    begins with a key frame is taken, and a file always begins with one.
    Raises MediaError and what `read` raises.
    """
    segment = place.segment
    header = read(0, segment.header_size)
    for number in range(place.number, -1, -1):
        found = Place(segment, number)
        part = found.fragment
        picture = first_picture(header + read(part.offset, part.offset + part.size), width)
        if picture is not None:
            is_encoded, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
            if not is_encoded:
                raise MediaError("a still cannot be encoded")
            return found, jpeg.tobytes()
    raise MediaError("this recording does not begin with a key frame")


class StillShelf:
    """Stills that were made lately, by their tag. Bounded by bytes; may be used by many threads."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[str, tuple[Place, bytes]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, tag: str) -> tuple[Place, bytes] | None:
        """A still that was made before."""
        with self._lock:
            if tag in self._kept:
                self._kept.move_to_end(tag)
            return self._kept.get(tag)

    def put(self, tag: str, still: tuple[Place, bytes]) -> None:
        """Keep a still; those that were not asked for the longest make way."""
        with self._lock:
            if tag in self._kept or len(still[1]) > self._most:
                return
            self._kept[tag] = still
            self._bytes += len(still[1])
            while self._bytes > self._most:
                _, (_, dropped) = self._kept.popitem(last=False)
                self._bytes -= len(dropped)
