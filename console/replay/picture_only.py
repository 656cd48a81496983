"""A recorded file without what was heard, byte for byte as long as it is: for those who may not hear it.

Playlists name byte ranges, and those who may hear and those who may not play by the same ones. So the boxes
of the sound's track become free space of the same length, and the bytes of its samples become zeros: nothing
of the sound leaves the server, and no picture moves. What the segment's index does not know is zeros too.
Only files of our own writer are taken apart (`capture.mp4`); of another file nothing is given out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from capture.mp4.boxes import HEADER_SIZE, Box, find, needed, unsigned, walk
from capture.mp4.fragment import HAS_OFFSET, HAS_SHIFT, HAS_SIZE
from hall.errors import MediaError
from hall.media import Segment

PICTURE: Final = b"vide"
FREE: Final = b"free"
Read = Callable[[int, int], bytes]
"""The bytes `[first, last)` of the file."""


def pieces(segment: Segment, read: Read, first: int, last: int) -> Iterator[bytes]:
    """The bytes `[first, last)` of a segment's file without its sound, piece by piece.

    A piece is the header or a fragment, at most. Raises MediaError for a file that is not of our writer.
    """
    header = read(0, segment.header_size)
    kept = pictures(header)
    place = first
    parts = [
        (0, segment.header_size),
        *((part.offset, part.offset + part.size) for part in segment.fragments),
    ]
    for start, end in parts:
        if end <= place or start >= last:
            continue
        if start > place:
            yield bytes(start - place)
            place = start
        whole = without_sound_header(header) if start == 0 else without_sound(read(start, end), kept)
        yield whole[place - start : min(end, last) - start]
        place = min(end, last)
    if place < last:
        yield bytes(last - place)


def pictures(header: bytes) -> frozenset[int]:
    """The numbers of the tracks of pictures. Raises MediaError."""
    moov = needed(find(header, (b"moov",)))
    return frozenset(
        _number(header, trak)
        for trak in walk(header, moov.start, moov.end)
        if trak.kind == b"trak" and _is_picture(header, trak)
    )


def without_sound_header(header: bytes) -> bytes:
    """The header (ftyp and moov) of the same length with the tracks of pictures alone. Raises MediaError."""
    kept = pictures(header)
    made = bytearray(header)
    moov = needed(find(header, (b"moov",)))
    for one in walk(header, moov.start, moov.end):
        if one.kind == b"trak" and _number(header, one) not in kept:
            _free(made, one)
        elif one.kind == b"mvex":
            for trex in walk(header, one.start, one.end):
                if trex.kind == b"trex" and unsigned(header, trex.start + 4) not in kept:
                    _free(made, trex)
    return bytes(made)


def without_sound(fragment: bytes, kept: frozenset[int]) -> bytes:
    """A fragment (moof and mdat) of the same length with the samples of the tracks `kept` alone.

    Everything in the mdat but the bytes of kept samples becomes zeros. Raises MediaError.
    """
    moof = needed(find(fragment, (b"moof",)))
    mdat = needed(find(fragment, (b"mdat",)))
    made = bytearray(fragment)
    made[mdat.start : mdat.end] = bytes(mdat.end - mdat.start)
    for traf in walk(fragment, moof.start, moof.end):
        if traf.kind != b"traf":
            continue
        head = needed(find(fragment, (b"tfhd",), traf.start, traf.end))
        if unsigned(fragment, head.start + 4) not in kept:
            _free(made, traf)
            continue
        for start, end in _samples(fragment, traf):
            if not mdat.start <= start <= end <= mdat.end:
                raise MediaError("a fragment of the segment file is damaged")
            made[start:end] = fragment[start:end]
    return bytes(made)


def _samples(fragment: bytes, traf: Box) -> Iterator[tuple[int, int]]:
    """Where the samples of each run of a track lie; places count from the start of the moof."""
    for trun in walk(fragment, traf.start, traf.end):
        if trun.kind != b"trun":
            continue
        flags = unsigned(fragment, trun.start) & 0xFFFFFF
        if not (flags & HAS_OFFSET and flags & HAS_SIZE):
            raise MediaError("a fragment of the segment file is not of our writer")
        count, width = unsigned(fragment, trun.start + 4), 16 if flags & HAS_SHIFT else 12
        rows = trun.start + 12
        if rows + count * width != trun.end:
            raise MediaError("a fragment of the segment file is damaged")
        start = unsigned(fragment, trun.start + 8)
        length = sum(unsigned(fragment, row + 4) for row in range(rows, trun.end, width))
        yield start, start + length


def _free(made: bytearray, taken: Box) -> None:
    """Make free space of a box."""
    made[taken.start - 4 : taken.end] = FREE + bytes(taken.end - taken.start)


def _number(header: bytes, trak: Box) -> int:
    return unsigned(header, needed(find(header, (b"tkhd",), trak.start, trak.end)).start + 12)


def _is_picture(header: bytes, trak: Box) -> bool:
    handler = needed(find(header, (b"mdia", b"hdlr"), trak.start, trak.end))
    return header[handler.start + 8 : handler.start + HEADER_SIZE + 4] == PICTURE
