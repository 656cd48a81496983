"""A finished segment file read back into the fact that it is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from capture.mp4.read import FileIndex, read_index
from capture.writing.segment_file import Inscription
from hall.errors import MediaError
from hall.interval import Interval
from hall.media import Run, Segment
from hall.names import ObjectKey, SegmentId
from hall.pulse import renew

READ_SIZE = 1 << 20
LONGEST_SECONDS = 86_400.0
"""No segment comes near to this: what says so is damaged."""


@dataclass(frozen=True, slots=True)
class RecordedFile:
    """A segment file: what it says about itself, and the segment that it is."""

    inscription: Inscription
    segment: Segment

    @property
    def run(self) -> Run:
        """Its run as far as one file knows it: begun, and without the codecs' private data."""
        return Run(
            self.segment.run,
            self.segment.camera,
            Interval(self.inscription.run_start_utc),
            self.inscription.tracks,
        )


def read_recorded(path: Path, key: ObjectKey) -> RecordedFile:
    """Read a whole file and hash it. Raises MediaError for what is no segment file, and OSError."""
    with path.open("rb") as file:
        index = read_index(file)
    return recorded(path, key, index, Inscription.of(index.comment))


def recorded(path: Path, key: ObjectKey, index: FileIndex, inscription: Inscription) -> RecordedFile:
    """What the file is whose index has been read. Raises MediaError for one without a whole fragment."""
    size, digest = hashed(path)
    return RecordedFile(inscription, described(key, index, inscription, size, digest))


def described(
    key: ObjectKey, index: FileIndex, inscription: Inscription, size: int, sha256: bytes
) -> Segment:
    """The segment that a file is by what it says.

    Raises MediaError for one without a whole fragment, or whose times cannot be true.
    """
    if not index.fragments:
        raise MediaError("the file holds no whole fragment")
    interval = _interval(index, inscription)
    return Segment(
        id=SegmentId(f"{inscription.run}-{inscription.sequence:06d}"),
        run=inscription.run,
        camera=inscription.camera,
        sequence=inscription.sequence,
        interval=interval,
        media_duration=index.media_duration,
        size=size,
        sha256=sha256,
        key=key,
        header_size=index.header_size,
        fragments=index.fragments,
        has_audio=index.has_audio,
        has_picture=index.has_picture,
    )


def _interval(index: FileIndex, inscription: Inscription) -> Interval:
    lasts = index.media_duration * (1 + inscription.rate)
    if not 0 <= lasts <= LONGEST_SECONDS:
        raise MediaError(f"the file claims to last {lasts:g} s")
    try:
        return Interval(inscription.start_utc, inscription.start_utc + timedelta(seconds=lasts))
    except OverflowError as error:
        raise MediaError("the file claims a time beyond all calendars") from error


def hashed(path: Path) -> tuple[int, bytes]:
    """Size in bytes and SHA-256 of a file, read piece by piece. Raises OSError."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(READ_SIZE):
            digest.update(piece)
            renew()
        return file.tell(), digest.digest()
