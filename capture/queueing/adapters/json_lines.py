"""A file to which a queue system appends one event (JSON) a line.

A file is known again by how it begins, not by its inode: events have ids, so no two files begin alike. One
that is copied over by a newer copy of itself is read on, one that was turned away (renamed, or copied
and truncated) is read to its end where it lies now, in the same folder under a name that begins alike, and
then the new one from its start. That nothing is lost needs this: the events written between the last
look and the turning away are in the old file only. One that is not found any more is given up.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from hall.errors import QueueError
from hall.ports import Cursor
from hall.queueing import LARGEST_EVENT

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
HEAD = 1024
"""So many bytes tell one file from another."""
LONGEST_PIECE = LARGEST_EVENT + 2
"""The largest event with its line end, or the beginning of a line that is too long."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Behind the last line that was handed over.

    `head` is the SHA-256 of the file's first bytes, as far as they were read, at most HEAD. `inside`: the
    line was too long, its beginning was handed over, and its rest is to be left out.
    """

    offset: int = 0
    head: str = ""
    inside: bool = False

    @classmethod
    def of(cls, cursor: Cursor | None) -> _Place:
        """The place of a cursor; the start of the file for none, and for one of another adapter."""
        try:
            place = cls(**json.loads(cursor.value)) if cursor is not None else cls()
        except (ValueError, TypeError):
            return cls()
        return place

    @property
    def cursor(self) -> Cursor:
        """What `of` reads."""
        return Cursor(json.dumps(asdict(self)))


class JsonLinesAdapter:
    """Reads whole lines; one that is still being written is left for later, blank ones are passed over."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def events(self, after: Cursor | None) -> Iterator[tuple[Cursor, bytes]]:
        """The lines after the cursor. Raises QueueError when the file is not there or cannot be read."""
        try:
            yield from self._events(_Place.of(after))
        except OSError as error:
            raise QueueError(f"{self._path}: {error.strerror or error}") from error

    def _events(self, place: _Place) -> Iterator[tuple[Cursor, bytes]]:
        if place.offset and not _goes_on(self._path, place):
            # Whether the writer has moved on is asked before the old file is read: what it writes until
            # then is in there.
            moved_on = _size(self._path) > 0
            turned_away = self._turned_away(place)
            if turned_away is not None:
                yield from _lines(turned_away, place, to_the_end=moved_on)
                if not moved_on and self._path.exists():
                    return
            place = _Place()
        yield from _lines(self._path, place)

    def _turned_away(self, place: _Place) -> Path | None:
        """Where the file in which `place` lies is now."""
        begins = self._path.name.removesuffix(self._path.suffix)
        beside = (path for path in self._path.parent.iterdir() if path.name.startswith(begins))
        others = (path for path in beside if path != self._path and path.is_file())
        return next((path for path in others if _goes_on(path, place)), None)


def _lines(path: Path, place: _Place, *, to_the_end: bool = False) -> Iterator[tuple[Cursor, bytes]]:
    """The lines behind a place; `to_the_end`: with one at the end that has no line end and gets none."""
    if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for its writer
        raise QueueError(f"{path}: is not a plain file")
    with path.open("rb") as file:
        file.seek(place.offset)
        offset, inside = place.offset, place.inside
        while piece := file.readline(LONGEST_PIECE):
            ends = piece.endswith(b"\n")
            too_long = not ends and len(piece) == LONGEST_PIECE
            if not (ends or too_long or to_the_end):
                return
            text = piece if too_long else piece.removeprefix(b"" if offset else BYTE_ORDER_MARK).strip()
            offset += len(piece)
            if text and not inside:
                yield _Place(offset, _head(file, offset), inside=not ends).cursor, text
            inside = not ends


def _goes_on(path: Path, place: _Place) -> bool:
    """Whether this is the file in which `place` lies."""
    try:
        with path.open("rb") as file:
            long_enough = os.fstat(file.fileno()).st_size >= place.offset
            return long_enough and _head(file, place.offset) == place.head
    except FileNotFoundError:
        return False


def _head(file: BinaryIO, offset: int) -> str:
    return sha256(os.pread(file.fileno(), min(offset, HEAD), 0)).hexdigest()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
