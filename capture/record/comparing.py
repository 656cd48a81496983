"""One segment's row beside its file: content (invariant 2), and what the file says of itself (3)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from capture.mp4.read import read_index
from capture.record.invariants import TOLERANCE, Fault, Invariant
from capture.record.recorded_file import described, hashed
from capture.writing.segment_file import Inscription
from hall.errors import MediaError
from hall.media import Segment

SAME_SECONDS = 0.001


def content_fault(segment: Segment, path: Path, *, hashes: bool) -> Fault | None:
    """What is wrong with the bytes of a file, if anything. Raises FileNotFoundError."""
    try:
        size = path.stat().st_size
        digest = hashed(path)[1] if hashes and size == segment.size else segment.sha256
    except FileNotFoundError:
        raise
    except OSError as error:
        return _content(segment, f"{segment.key} cannot be read: {error.strerror}")
    if size != segment.size:
        return _content(segment, f"{segment.key} has {size} bytes in place of {segment.size}")
    if digest != segment.sha256:
        return _content(segment, f"{segment.key} has other content than was recorded")
    return None


def _content(segment: Segment, message: str) -> Fault:
    return Fault(Invariant.CONTENT, segment.camera, segment.id, message)


def inscription_fault(segment: Segment, path: Path) -> Fault | None:
    """Where a file does not say of itself what its row says. Raises FileNotFoundError."""
    try:
        with path.open("rb") as file:
            index = read_index(file)
        found = described(segment.key, index, Inscription.of(index.comment), segment.size, segment.sha256)
    except MediaError as error:
        return Fault(Invariant.INSCRIPTION, segment.camera, segment.id, f"{segment.key}: {error}")
    wrong = ", ".join(_differing(segment, found))
    if not wrong:
        return None
    message = f"{segment.key} says otherwise of itself: {wrong}"
    return Fault(Invariant.INSCRIPTION, segment.camera, segment.id, message)


def _differing(row: Segment, file: Segment) -> Iterator[str]:
    for name in ("id", "camera", "run", "sequence", "has_audio", "has_picture", "header_size"):
        if getattr(row, name) != getattr(file, name):
            yield f"{name} {getattr(file, name)} in place of {getattr(row, name)}"
    if row.interval.start != file.interval.start:
        yield f"start {file.interval.start.isoformat()} in place of {row.interval.start.isoformat()}"
    ends = row.interval.end, file.interval.end
    # What plays on alone after the other part was taken out may end a little earlier or later.
    is_whole = row.has_picture or not file.has_picture
    if ends[0] and ends[1] and ends[0] - ends[1] > TOLERANCE and row.has_picture and is_whole:
        yield f"end {ends[1].isoformat()} in place of {ends[0].isoformat()}"
    if abs(row.media_duration - file.media_duration) > SAME_SECONDS:
        yield f"{file.media_duration:.3f} s of media in place of {row.media_duration:.3f} s"
    if [(part.offset, part.size) for part in row.fragments] != [
        (part.offset, part.size) for part in file.fragments
    ]:
        yield f"{len(file.fragments)} fragments at other places than the {len(row.fragments)} of the row"
