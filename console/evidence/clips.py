"""Clips: footage of one camera cut out of its recordings, fragment by fragment, without re-encoding.

A clip goes on as long as its segments follow one another without a break and hold the same tracks; what comes
after a gap, or after the camera changed its picture, is a clip of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO

from capture.mp4.splice import Tracks, moved, starts, tracks_of
from console.evidence.contents import Clip, Source
from console.replay.playlist import fragments_within, wall_time
from hall.errors import EvidenceError
from hall.media import Fragment, Segment

Open = Callable[[Segment], BinaryIO]
"""Opens a segment's file, from a disk or the archive. Raises NotFound or ArchiveUnreachable."""
Write = Callable[[bytes], object]
CHUNK = 1024 * 1024
TOUCHING = timedelta(milliseconds=1)
"""Segments of a run that are no further apart follow one another: times are kept to the microsecond."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What is wanted of a segment: fragments that follow one another."""

    segment: Segment
    fragments: tuple[Fragment, ...]


def unbroken(segments: Iterable[Segment], start: datetime, end: datetime) -> list[list[Piece]]:
    """What of the segments (of one camera, in order of time) overlaps `[start, end)`, parted where it breaks.

    Whether the tracks stayed the same shows only when the files are read.
    """
    parts: list[list[Piece]] = []
    for segment in segments:
        fragments = tuple(fragments_within(segment, start, end))
        if not fragments:
            continue
        if parts and _goes_on(parts[-1][-1].segment, segment):
            parts[-1].append(Piece(segment, fragments))
        else:
            parts.append([Piece(segment, fragments)])
    return parts


def _goes_on(before: Segment, after: Segment) -> bool:
    end = before.interval.end
    return (
        before.run == after.run
        and before.sequence + 1 == after.sequence
        and (before.has_audio, before.has_picture) == (after.has_audio, after.has_picture)
        and end is not None
        and abs(after.interval.start - end) <= TOUCHING
    )


class ClipWriter:
    """Writes one clip: `add` its pieces in order while they fit, then ask for the `clip`."""

    def __init__(self, write: Write) -> None:
        """`write` takes the bytes of the clip's file in order."""
        self._write = write
        self._tracks: Tracks | None = None
        self._pieces: list[tuple[Piece, float]] = []
        """Each piece with the clip's time at which its segment's media time would be 0, in seconds."""
        self._sources: list[Source] = []
        self._number = 0
        self._end = 0.0

    def add(self, piece: Piece, file: BinaryIO) -> bool:
        """Write the piece behind what is there. False, and nothing written, when its tracks are others.

        Raises EvidenceError when the file is shorter than was entered, MediaError when it cannot be read.
        """
        segment = piece.segment
        reading = _Reading(file, segment)
        header = reading.take(0, segment.header_size)
        tracks = tracks_of(header)
        if self._tracks is None:
            self._tracks = tracks
            self._write(header)
        elif not tracks.are_those_of(self._tracks):
            return False
        zero = None if not self._pieces else self._pieces[-1][1] + self._pieces[-1][0].segment.media_duration
        for fragment in piece.fragments:
            raw = reading.take(fragment.offset, fragment.size)
            if zero is None:
                zero = -min(tick / tracks.timescales[track] for track, tick in starts(raw).items())
            self._number += 1
            shifts = {track: round(zero * scale) for track, scale in tracks.timescales.items()}
            self._write(moved(raw, self._number, shifts))
            self._end = max(self._end, zero + fragment.start + fragment.duration)
        assert zero is not None
        self._pieces.append((piece, zero))
        self._sources.append(reading.source())
        return True

    def clip(self, path: str, start: datetime, end: datetime) -> Clip:
        """What was written, as the file `path`, with the marks that were wanted."""
        (first, zero), (last, _) = self._pieces[0], self._pieces[-1]
        final = last.fragments[-1]
        return Clip(
            path=path,
            camera=first.segment.camera,
            begins=wall_time(first.segment, -zero),
            ends=wall_time(last.segment, final.start + final.duration),
            duration=round(self._end, 6),
            mark_in=self._place_of(start),
            mark_out=self._place_of(end),
            has_picture=first.segment.has_picture,
            has_sound=first.segment.has_audio,
            sources=tuple(self._sources),
        )

    def _place_of(self, at: datetime) -> float:
        """Seconds from the clip's beginning to a moment of wall time, no further than the clip goes."""
        place = 0.0
        for piece, zero in self._pieces:
            since = (at - piece.segment.interval.start).total_seconds()
            if since >= 0 or piece is self._pieces[0][0]:
                wall = piece.segment.interval.duration().total_seconds()
                rate = piece.segment.media_duration / wall if wall > 0 else 1.0
                place = zero + since * rate
        return round(min(max(place, 0.0), self._end), 6)


class _Reading:
    """A segment's file read once from front to back: hashed whole, and the wanted ranges kept."""

    def __init__(self, file: BinaryIO, segment: Segment) -> None:
        self._file = file
        self._segment = segment
        self._hash = hashlib.sha256()
        self._place = 0
        self._ranges: list[tuple[int, int]] = []

    def take(self, offset: int, size: int) -> bytes:
        """The bytes of a range, which lies behind those that were taken before."""
        for _ in self._pass(offset - self._place):
            pass
        taken = b"".join(self._pass(size))
        if self._ranges and sum(self._ranges[-1]) == offset:
            self._ranges[-1] = (self._ranges[-1][0], self._ranges[-1][1] + size)
        else:
            self._ranges.append((offset, size))
        return taken

    def source(self) -> Source:
        """Read on to the end, and say what the file was."""
        while piece := self._file.read(CHUNK):
            self._hash.update(piece)
        found = self._hash.digest()
        is_whole = found == self._segment.sha256
        return Source(
            self._segment.id,
            self._segment.run,
            self._segment.sha256,
            is_whole,
            tuple(self._ranges),
            None if is_whole else found,
        )

    def _pass(self, size: int) -> Iterator[bytes]:
        while size > 0:
            piece = self._file.read(min(size, CHUNK))
            if not piece:
                raise EvidenceError(
                    f"the recorded file {self._segment.key} ends at byte {self._place}, before it should"
                )
            self._hash.update(piece)
            self._place += len(piece)
            size -= len(piece)
            yield piece
