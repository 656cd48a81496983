"""One movie fragment: the coded packets of all tracks over a stretch of time (moof and mdat)."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from capture.mp4.boxes import HEADER_SIZE, box, full_box

DEFAULT_BASE_IS_MOOF = 0x020000
HAS_OFFSET, HAS_DURATION, HAS_SIZE, HAS_FLAGS, HAS_SHIFT = 0x1, 0x100, 0x200, 0x400, 0x800
KEY_SAMPLE, OTHER_SAMPLE = 0x02000000, 0x01010000


class TrackPart:
    """The samples of one track in a fragment, column by column: there are many, and they are written at once.

    `start` is the decoding time of the first, in ticks of the track.
    """

    __slots__ = ("data", "number", "rows", "shifts", "size", "start")

    def __init__(self, number: int, start: int) -> None:
        self.number = number
        self.start = start
        self.data: list[bytes | memoryview] = []
        """What the samples consist of, in pieces, one after the other."""
        self.rows: list[int] = []
        """Duration, size and flags of each sample, one after the other."""
        self.shifts: list[int] = []
        self.size = 0

    def add(self, pieces: Sequence[bytes | memoryview], duration: int, is_key: bool, shift: int) -> None:
        """Add a coded picture or block of sound as it stands in the file.

        `duration` (decoding) and `shift` (presentation minus decoding time) are ticks of the track.
        """
        size = sum(map(len, pieces))
        self.data += pieces
        self.rows += (duration, size, KEY_SAMPLE if is_key else OTHER_SAMPLE)
        self.shifts.append(shift)
        self.size += size


def fragment(sequence: int, parts: Sequence[TrackPart]) -> list[bytes | memoryview]:
    """Moof and mdat of the parts, as pieces to be written one after the other: the media is not copied.

    `sequence` counts the fragments of a file from 1.
    """
    filled = [part for part in parts if part.data]
    # The length of a moof does not depend on the offsets in it: it is made with wrong ones first.
    place = len(_moof(sequence, filled, [0] * len(filled))) + HEADER_SIZE
    offsets = []
    for part in filled:
        offsets.append(place)
        place += part.size
    content = sum(part.size for part in filled)
    pieces: list[bytes | memoryview] = [
        _moof(sequence, filled, offsets),
        struct.pack(">I4s", HEADER_SIZE + content, b"mdat"),
    ]
    for part in filled:
        pieces += part.data
    return pieces


def _moof(sequence: int, parts: Sequence[TrackPart], offsets: Sequence[int]) -> bytes:
    return box(
        b"moof",
        full_box(b"mfhd", 0, 0, struct.pack(">I", sequence)),
        *(_traf(part, offset) for part, offset in zip(parts, offsets, strict=True)),
    )


def _traf(part: TrackPart, offset: int) -> bytes:
    flags = HAS_OFFSET | HAS_DURATION | HAS_SIZE | HAS_FLAGS
    count, rows, form = len(part.shifts), part.rows, "III"
    if any(part.shifts):
        flags |= HAS_SHIFT
        form = "IIIi"
        triples = zip(rows[::3], rows[1::3], rows[2::3], part.shifts, strict=True)
        rows = [number for row in triples for number in row]
    return box(
        b"traf",
        full_box(b"tfhd", 0, DEFAULT_BASE_IS_MOOF, struct.pack(">I", part.number)),
        full_box(b"tfdt", 1, 0, struct.pack(">Q", part.start)),
        full_box(b"trun", 1, flags, struct.pack(f">Ii{form * count}", count, offset, *rows)),
    )
