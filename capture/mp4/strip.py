"""Taking the picture or the sound out of a segment file: fragment by fragment, and nothing is re-encoded.

Only files of our own writer are taken apart. Every sample that stays keeps its bytes, its times and the
order it stands in; so do the header's comment and the numbers of tracks and fragments.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from capture.mp4.boxes import HEADER_SIZE, Box, box, find, needed, unsigned, walk
from capture.mp4.fragment import HAS_DURATION, HAS_FLAGS, HAS_OFFSET, HAS_SHIFT, HAS_SIZE
from hall.errors import MediaError
from hall.media import TrackKind

OURS = HAS_OFFSET | HAS_DURATION | HAS_SIZE | HAS_FLAGS
HANDLERS = {b"vide": TrackKind.VIDEO, b"soun": TrackKind.AUDIO}
LARGEST_BOX = 1 << 30


@dataclass(frozen=True, slots=True)
class _Part:
    """One track of a fragment: its traf, where in it the place of its data stands, and where that lies."""

    traf: bytes
    place: int
    data: tuple[int, int]


def strip(source: BinaryIO, taken: TrackKind, write: Callable[[bytes], None]) -> bool:
    """Give `write` the file piece by piece, without the tracks of kind `taken`; false when nothing is left.

    A fragment without samples of another kind is left out. Raises MediaError for a file that is not whole
    or not of our writer.
    """
    size = source.seek(0, os.SEEK_END)
    source.seek(0)
    ftyp, moov = _read_box(source, b"ftyp", size), _read_box(source, b"moov", size)
    kept = {number for number, kind in _kinds(moov).items() if kind is not taken}
    if not kept:
        return False
    write(ftyp + _without(moov, kept))
    is_anything_left = False
    while source.tell() < size:
        moof = _read_box(source, b"moof", size)
        mdat = _read_box(source, b"mdat", size)
        rest = _fragment(moof, mdat, kept)
        if rest:
            is_anything_left = True
            write(rest)
    return is_anything_left


def _read_box(source: BinaryIO, kind: bytes, size: int) -> bytes:
    start = source.tell()
    head = source.read(HEADER_SIZE)
    length = int.from_bytes(head[:4], "big") if len(head) == HEADER_SIZE else 0
    if head[4:] != kind or not HEADER_SIZE <= length <= min(size - start, LARGEST_BOX):
        raise MediaError(f"the segment file has no whole {kind.decode()} at byte {start}")
    return head + source.read(length - HEADER_SIZE)


def _kinds(moov: bytes) -> dict[int, TrackKind]:
    """What each track is, by its number."""
    kinds: dict[int, TrackKind] = {}
    for trak in _inside(moov):
        if trak.kind == b"trak":
            handler = needed(find(moov, (b"mdia", b"hdlr"), trak.start, trak.end))
            kind = HANDLERS.get(moov[handler.start + 8 : handler.start + 12])
            if kind is None:
                raise MediaError("the segment file has a track that is neither picture nor sound")
            kinds[unsigned(moov, needed(find(moov, (b"tkhd",), trak.start, trak.end)).start + 12)] = kind
    return kinds


def _without(moov: bytes, kept: set[int]) -> bytes:
    """The moov with the tracks in `kept` alone; all that belongs to no track stays."""
    parts: list[bytes] = []
    for one in _inside(moov):
        whole = moov[one.start - HEADER_SIZE : one.end]
        if one.kind == b"trak":
            if unsigned(moov, needed(find(moov, (b"tkhd",), one.start, one.end)).start + 12) in kept:
                parts.append(whole)
        elif one.kind == b"mvex":
            trexes = [
                moov[trex.start - HEADER_SIZE : trex.end]
                for trex in walk(moov, one.start, one.end)
                if trex.kind != b"trex" or unsigned(moov, trex.start + 4) in kept
            ]
            parts.append(box(b"mvex", *trexes))
        else:
            parts.append(whole)
    return box(b"moov", *parts)


def _fragment(moof: bytes, mdat: bytes, kept: set[int]) -> bytes:
    """Moof and mdat with the samples of `kept` alone; empty when there are none."""
    whole = moof + mdat
    heads: list[bytes] = []
    parts: list[_Part] = []
    for one in _inside(moof):
        if one.kind != b"traf":
            heads.append(moof[one.start - HEADER_SIZE : one.end])
        elif unsigned(moof, needed(find(moof, (b"tfhd",), one.start, one.end)).start + 4) in kept:
            parts.append(_part(moof, one, len(whole)))
    if not parts:
        return b""
    place = HEADER_SIZE + sum(map(len, heads)) + sum(len(part.traf) for part in parts) + HEADER_SIZE
    trafs: list[bytes] = []
    for part in parts:
        trafs.append(part.traf[: part.place] + struct.pack(">i", place) + part.traf[part.place + 4 :])
        place += part.data[1] - part.data[0]
    return box(b"moof", *heads, *trafs) + box(b"mdat", *(whole[slice(*part.data)] for part in parts))


def _part(moof: bytes, traf: Box, end: int) -> _Part:
    """A track's part of a fragment. Its data is one piece: places count from the start of the moof."""
    truns = [inner for inner in walk(moof, traf.start, traf.end) if inner.kind == b"trun"]
    if len(truns) != 1:
        raise MediaError("a fragment of the segment file is not of our writer")
    trun = truns[0]
    flags = unsigned(moof, trun.start) & 0xFFFFFF
    if flags & ~HAS_SHIFT != OURS:
        raise MediaError("a fragment of the segment file is not of our writer")
    count, width = unsigned(moof, trun.start + 4), 16 if flags & HAS_SHIFT else 12
    start = unsigned(moof, trun.start + 8)
    if trun.start + 12 + count * width != trun.end:
        raise MediaError("a fragment of the segment file is damaged")
    length = sum(unsigned(moof, row) for row in range(trun.start + 16, trun.end, width))
    if not len(moof) + HEADER_SIZE <= start <= start + length <= end:
        raise MediaError("a fragment of the segment file is damaged")
    begin = traf.start - HEADER_SIZE
    return _Part(moof[begin : traf.end], trun.start + 8 - begin, (start, start + length))


def _inside(data: bytes) -> Iterator[Box]:
    """The boxes in the one box that `data` is."""
    return walk(data, HEADER_SIZE)
