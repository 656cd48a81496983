"""One segment file while it is written: header first, then fragment after fragment, each safe on the disk."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from capture.mp4.fragment import TrackPart, fragment
from capture.mp4.header import file_header, timescale
from capture.record.objects import writing_failed
from hall.errors import MediaError
from hall.media import Fragment, Track, TrackKind
from hall.names import CameraId, HallId, RunId

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Inscription:
    """What a segment file says about itself (JSON in its comment): the catalogue can be rebuilt from it.

    `rate` is by which share a wall second is longer than a media second in this file; `tracks` are those of
    the run, as the source gave them, without private data.
    """

    hall: HallId
    camera: CameraId
    run: RunId
    run_start_utc: datetime
    sequence: int
    start_utc: datetime
    rate: float
    tracks: tuple[Track, ...]
    schema: int = SCHEMA

    def text(self) -> str:
        """The inscription as JSON."""
        return json.dumps(_INSCRIPTION.dump_python(self, mode="json"), separators=(",", ":"))

    @classmethod
    def of(cls, text: str) -> Inscription:
        """The inscription out of `text`. Raises MediaError when it is none."""
        try:
            return _INSCRIPTION.validate_json(text)
        except ValidationError as error:
            raise MediaError("the file does not say what it is") from error


_INSCRIPTION = TypeAdapter(Inscription)


@dataclass(frozen=True, slots=True)
class Written:
    """What a finished file is."""

    size: int
    sha256: bytes
    header_size: int
    fragments: tuple[Fragment, ...]
    has_audio: bool
    has_picture: bool

    @property
    def media_duration(self) -> float:
        """Seconds that the file plays."""
        return max((part.start + part.duration for part in self.fragments), default=0.0)


class SegmentFile:
    """Writes one file. Not for several threads."""

    def __init__(self, path: Path, tracks: Sequence[Track], inscription: Inscription) -> None:
        """Create the file with its header. Raises RecordingError, or MediaError for what MP4 cannot keep."""
        header = file_header(tracks, inscription.text())
        self.path = path
        self.header_size = len(header)
        self.size = 0
        self._hash = hashlib.sha256()
        self._fragments: list[Fragment] = []
        pictures = (place for place, track in enumerate(tracks) if track.kind is TrackKind.VIDEO)
        reference = next(pictures, 0)
        self._reference = reference + 1
        self._kinds = [track.kind for track in tracks]
        self._holds: set[TrackKind] = set()
        self._scale = timescale(tracks[reference])
        try:
            self._file = path.open("wb", buffering=0)
        except OSError as error:
            raise writing_failed(error) from error
        try:
            self._append(header)
        except BaseException:
            self.discard()
            raise

    @property
    def fragments(self) -> int:
        """How many fragments are written."""
        return len(self._fragments)

    def write(self, parts: Sequence[TrackPart]) -> int:
        """Add a fragment; returns its bytes. What it plays is noted as whoever reads the file will find it.

        When it returns, the fragment is on the disk. Raises RecordingError; the file then ends, as before,
        with its last whole fragment.
        """
        offset = self.size
        self._append(*fragment(len(self._fragments) + 1, parts))
        self._holds.update(self._kinds[part.number - 1] for part in parts)
        start, duration = self._plays(parts)
        self._fragments.append(Fragment(offset, self.size - offset, start, duration))
        return self.size - offset

    def _plays(self, parts: Sequence[TrackPart]) -> tuple[float, float]:
        """Start and duration by the track that carries the time; without it no time, after the last one."""
        part = next((part for part in parts if part.number == self._reference), None)
        if part is None:
            last = self._fragments[-1] if self._fragments else None
            return (last.start + last.duration if last else 0.0), 0.0
        return part.start / self._scale, sum(part.rows[::3]) / self._scale

    def finish(self) -> Written:
        """Close the file; all of it is on the disk."""
        self._file.close()
        return Written(
            size=self.size,
            sha256=self._hash.digest(),
            header_size=self.header_size,
            fragments=tuple(self._fragments),
            has_audio=TrackKind.AUDIO in self._holds,
            has_picture=TrackKind.VIDEO in self._holds,
        )

    def discard(self) -> None:
        """Close and remove a file in which nothing is recorded."""
        self._file.close()
        self.path.unlink(missing_ok=True)

    def _append(self, *pieces: bytes | memoryview) -> None:
        # One write and one hash of a copy: each call of either lets another thread in, which costs more.
        content = b"".join(pieces)
        try:
            _write_all(self._file.fileno(), content)
            os.fdatasync(self._file.fileno())
        except OSError as error:
            # Making a file shorter needs no space: what was whole before stays a whole file.
            os.ftruncate(self._file.fileno(), self.size)
            os.lseek(self._file.fileno(), self.size, os.SEEK_SET)
            raise writing_failed(error) from error
        self._hash.update(content)
        self.size += len(content)


def _write_all(handle: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]
