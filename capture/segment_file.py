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
from capture.mp4.header import file_header
from capture.objects import writing_failed
from hall.errors import MediaError
from hall.media import Fragment, Track
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

    def write(self, parts: Sequence[TrackPart], start: float, duration: float) -> int:
        """Add a fragment that plays `[start, start + duration)` seconds of media time; returns its bytes.

        When it returns, the fragment is on the disk. Raises RecordingError; the file then ends, as before,
        with its last whole fragment.
        """
        data = fragment(len(self._fragments) + 1, parts)
        offset = self.size
        self._append(data)
        self._fragments.append(Fragment(offset, len(data), start, duration))
        return len(data)

    def finish(self) -> Written:
        """Close the file; all of it is on the disk."""
        self._file.close()
        return Written(self.size, self._hash.digest(), self.header_size, tuple(self._fragments))

    def discard(self) -> None:
        """Close and remove a file in which nothing is recorded."""
        self._file.close()
        self.path.unlink(missing_ok=True)

    def _append(self, data: bytes) -> None:
        try:
            view = memoryview(data)
            while view:
                view = view[self._file.write(view) :]
            os.fdatasync(self._file.fileno())
        except OSError as error:
            # Making a file shorter needs no space: what was whole before stays a whole file.
            os.ftruncate(self._file.fileno(), self.size)
            os.lseek(self._file.fileno(), self.size, os.SEEK_SET)
            raise writing_failed(error) from error
        self._hash.update(data)
        self.size += len(data)
