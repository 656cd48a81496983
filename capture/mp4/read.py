"""Reading a segment file back: what it says about itself, and which fragments of it are whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from capture.mp4.boxes import HEADER_SIZE, find, needed, unsigned, walk
from capture.mp4.fragment import HAS_SHIFT
from hall.errors import MediaError
from hall.media import Fragment

LARGEST_HEADER = 1 << 20
LARGEST_MOOF = 1 << 24


@dataclass(frozen=True, slots=True)
class FileIndex:
    """A file taken apart: its comment, its header's length, its whole fragments and where the last one ends.

    A fragment's time is that of the picture, or of the sound in a file without one; a fragment that has
    neither lasts no time where the one before ended. `has_audio`, `has_picture`: a fragment holds such.
    Bytes from `end` on belong to no whole fragment.
    """

    comment: str
    header_size: int
    fragments: tuple[Fragment, ...]
    end: int
    has_audio: bool
    has_picture: bool

    @property
    def media_duration(self) -> float:
        """Seconds that the whole fragments play."""
        return max((part.start + part.duration for part in self.fragments), default=0.0)


def read_index(file: BinaryIO) -> FileIndex:
    """Read a whole or broken-off segment file. Raises MediaError when not even its header is whole."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    header = _read_header(file, size)
    timescales, reference, pictures = _tracks(header)
    fragments: list[Fragment] = []
    end = len(header)
    heard = seen = False
    for offset, moof, length in _moofs(file, end, size):
        parts = dict(_parts(moof))
        if reference in parts:
            start, duration = parts[reference]
            scale = timescales[reference]
            fragments.append(Fragment(offset, length, start / scale, duration / scale))
        else:
            before = fragments[-1].start + fragments[-1].duration if fragments else 0.0
            fragments.append(Fragment(offset, length, before, 0.0))
        heard = heard or any(number not in pictures for number in parts)
        seen = seen or any(number in pictures for number in parts)
        end = offset + length
    return FileIndex(_comment(header), len(header), tuple(fragments), end, heard, seen)


def _read_header(file: BinaryIO, size: int) -> bytes:
    header = b""
    for kind in (b"ftyp", b"moov"):
        head = file.read(HEADER_SIZE)
        length = int.from_bytes(head[:4], "big")
        if head[4:] != kind or not HEADER_SIZE <= length <= min(LARGEST_HEADER, size - len(header)):
            raise MediaError("the header of the segment file is not whole")
        header += head + file.read(length - HEADER_SIZE)
    return header


def _moofs(file: BinaryIO, start: int, size: int) -> Iterator[tuple[int, bytes, int]]:
    """Each whole pair of moof and mdat: where it starts, the moof's content, the length of both."""
    offset = start
    while True:
        file.seek(offset)
        length, kind = _peek(file.read(HEADER_SIZE))
        if kind != b"moof" or length > LARGEST_MOOF or offset + length + HEADER_SIZE > size:
            return
        moof = file.read(length - HEADER_SIZE)
        data_length, kind = _peek(file.read(HEADER_SIZE))
        if kind != b"mdat" or offset + length + data_length > size:
            return
        yield offset, moof, length + data_length
        offset += length + data_length


def _peek(head: bytes) -> tuple[int, bytes]:
    if len(head) < HEADER_SIZE:
        return 0, b""
    length = int.from_bytes(head[:4], "big")
    return (length, head[4:]) if length >= HEADER_SIZE else (0, b"")


def _tracks(header: bytes) -> tuple[dict[int, int], int, list[int]]:
    """Ticks a second by track number, the track that carries the time (the picture, if any), the pictures."""
    moov = find(header, (b"moov",))
    if moov is None:
        raise MediaError("the segment file has no header")
    timescales: dict[int, int] = {}
    pictures: list[int] = []
    for trak in walk(header, moov.start, moov.end):
        if trak.kind != b"trak":
            continue
        number = unsigned(header, needed(find(header, (b"tkhd",), trak.start, trak.end)).start + 12)
        timescales[number] = unsigned(
            header, needed(find(header, (b"mdia", b"mdhd"), trak.start, trak.end)).start + 12
        )
        handler = needed(find(header, (b"mdia", b"hdlr"), trak.start, trak.end))
        if header[handler.start + 8 : handler.start + 12] == b"vide":
            pictures.append(number)
    if not timescales or 0 in timescales.values():
        raise MediaError("the segment file has no tracks")
    reference = pictures[0] if pictures else min(timescales)
    return timescales, reference, pictures


def _parts(moof: bytes) -> Iterator[tuple[int, tuple[int, int]]]:
    """Per track of a fragment: its number, when it starts, and how long it plays (ticks)."""
    for traf in walk(moof):
        if traf.kind != b"traf":
            continue
        number = unsigned(moof, needed(find(moof, (b"tfhd",), traf.start, traf.end)).start + 4)
        tfdt = needed(find(moof, (b"tfdt",), traf.start, traf.end))
        start = int.from_bytes(moof[tfdt.start + 4 : tfdt.start + 12], "big")
        trun = needed(find(moof, (b"trun",), traf.start, traf.end))
        width = 16 if unsigned(moof, trun.start) & HAS_SHIFT else 12
        count = unsigned(moof, trun.start + 4)
        first = trun.start + 12
        if tfdt.end - tfdt.start < 12 or first + count * width > trun.end:
            raise MediaError("a fragment of the segment file is damaged")
        yield number, (start, sum(unsigned(moof, first + index * width) for index in range(count)))


def _comment(header: bytes) -> str:
    meta = find(header, (b"moov", b"udta", b"meta"))
    if meta is None:
        return ""
    data = find(header, (b"ilst", b"\xa9cmt", b"data"), meta.start + 4, meta.end)
    return header[data.start + 8 : data.end].decode("utf-8", "replace") if data else ""
