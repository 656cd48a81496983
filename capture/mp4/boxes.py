"""Boxes, the nested building blocks of an MP4 file (ISO/IEC 14496-12): made from parts, and taken apart."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from hall.errors import MediaError

HEADER_SIZE = 8


@dataclass(frozen=True, slots=True)
class Box:
    """One box inside a piece of data: its four-letter kind and its content as `data[start:end]`."""

    kind: bytes
    start: int
    end: int


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box of `kind` with the parts as its content, in order."""
    content = b"".join(parts)
    return struct.pack(">I4s", HEADER_SIZE + len(content), kind) + content


def full_box(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    """A box that opens with a version (8 bit) and flags (24 bit)."""
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def walk(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """The boxes one after the other in `data[start:end]`. Raises MediaError for one that does not fit."""
    stop = len(data) if end is None else end
    place = start
    while place < stop:
        if place + HEADER_SIZE > stop:
            raise MediaError(f"an MP4 box is cut off at byte {place}")
        size, kind = struct.unpack_from(">I4s", data, place)
        if size < HEADER_SIZE or place + size > stop:
            raise MediaError(f"MP4 box {kind!r} at byte {place} does not fit into what holds it")
        yield Box(kind, place + HEADER_SIZE, place + size)
        place += size


def find(data: bytes, path: tuple[bytes, ...], start: int = 0, end: int | None = None) -> Box | None:
    """The first box under `path` of kinds, or None. Raises MediaError for data that is not boxes."""
    for candidate in walk(data, start, end):
        if candidate.kind == path[0]:
            if len(path) == 1:
                return candidate
            inner = find(data, path[1:], candidate.start, candidate.end)
            if inner is not None:
                return inner
    return None


def needed(found: Box | None) -> Box:
    """A box that was looked for. Raises MediaError when there is none."""
    if found is None:
        raise MediaError("a part of the segment file is missing")
    return found


def unsigned(data: bytes, place: int) -> int:
    """The number of 32 bits at a place."""
    return int.from_bytes(data[place : place + 4], "big")
