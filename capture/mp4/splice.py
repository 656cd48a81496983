"""Fragments of segment files put one behind the other on one time line: nothing is re-encoded.

Only their times are written anew (tfdt) and their numbers (mfhd); every coded picture and block of sound
keeps its bytes. That works for files whose headers describe the same tracks, as those of one run do.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from capture.mp4.boxes import HEADER_SIZE, Box, find, needed, unsigned, walk
from hall.errors import MediaError

LONG_TIME = 12
"""Bytes of a tfdt that holds a time of 64 bits, as our writer makes them."""


@dataclass(frozen=True, slots=True)
class Tracks:
    """What a header says of its tracks: ticks a second by number, and their description byte for byte."""

    timescales: Mapping[int, int]
    description: bytes

    def are_those_of(self, other: Tracks) -> bool:
        """True when fragments of a file with `other` tracks play behind this header."""
        return self.description == other.description


def tracks_of(header: bytes) -> Tracks:
    """The tracks of a header (ftyp and moov). Raises MediaError when it is none."""
    moov = needed(find(header, (b"moov",)))
    timescales: dict[int, int] = {}
    described: list[bytes] = []
    for trak in walk(header, moov.start, moov.end):
        if trak.kind == b"trak":
            number = unsigned(header, needed(find(header, (b"tkhd",), trak.start, trak.end)).start + 12)
            mdhd = needed(find(header, (b"mdia", b"mdhd"), trak.start, trak.end))
            timescales[number] = unsigned(header, mdhd.start + 12)
            described.append(header[trak.start : trak.end])
    if not timescales or 0 in timescales.values():
        raise MediaError("the header of the segment file has no tracks")
    return Tracks(timescales, b"".join(described))


def starts(fragment: bytes) -> dict[int, int]:
    """When each track of a fragment (moof and mdat) begins, in its ticks. Raises MediaError."""
    return {
        number: struct.unpack_from(">Q", fragment, place)[0] for number, place in _times(fragment).items()
    }


def moved(fragment: bytes, number: int, shifts: Mapping[int, int]) -> bytes:
    """The fragment as the `number`th of another file, each track `shifts` ticks later (earlier below 0).

    Raises MediaError for a fragment that is not of our writer, or would begin before the file does.
    """
    changed = bytearray(fragment)
    for track, place in _times(fragment).items():
        start = struct.unpack_from(">Q", fragment, place)[0] + shifts.get(track, 0)
        if start < 0:
            raise MediaError("a fragment would begin before its file")
        struct.pack_into(">Q", changed, place, start)
    mfhd = needed(find(fragment, (b"mfhd",), HEADER_SIZE, _moof(fragment).end))
    struct.pack_into(">I", changed, mfhd.start + 4, number)
    return bytes(changed)


def _times(fragment: bytes) -> dict[int, int]:
    """Where the time of each track of a fragment stands, by the track's number."""
    moof = _moof(fragment)
    places: dict[int, int] = {}
    for traf in walk(fragment, moof.start, moof.end):
        if traf.kind == b"traf":
            tfhd = needed(find(fragment, (b"tfhd",), traf.start, traf.end))
            tfdt = needed(find(fragment, (b"tfdt",), traf.start, traf.end))
            if tfdt.end - tfdt.start != LONG_TIME or fragment[tfdt.start] != 1:
                raise MediaError("a fragment of the segment file is not of our writer")
            places[unsigned(fragment, tfhd.start + 4)] = tfdt.start + 4
    return places


def _moof(fragment: bytes) -> Box:
    first = next(walk(fragment), None)
    if first is None or first.kind != b"moof":
        raise MediaError("a fragment of the segment file does not begin with a moof")
    return first
