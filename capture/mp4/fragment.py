"""One movie fragment: the coded packets of all tracks over a stretch of time (moof and mdat)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from capture.mp4.boxes import HEADER_SIZE, box, full_box

DEFAULT_BASE_IS_MOOF = 0x020000
HAS_OFFSET, HAS_DURATION, HAS_SIZE, HAS_FLAGS, HAS_SHIFT = 0x1, 0x100, 0x200, 0x400, 0x800
KEY_SAMPLE, OTHER_SAMPLE = 0x02000000, 0x01010000


@dataclass(frozen=True, slots=True)
class Sample:
    """One coded picture or block of sound as it stands in the file.

    `duration` (decoding) and `shift` (presentation minus decoding time) are ticks of the track.
    """

    data: bytes
    duration: int
    is_key: bool
    shift: int = 0


@dataclass(slots=True)
class TrackPart:
    """The samples of one track in a fragment. `start` is the decoding time of the first, in ticks."""

    number: int
    start: int
    samples: list[Sample] = field(default_factory=list)


def fragment(sequence: int, parts: Sequence[TrackPart]) -> bytes:
    """Moof and mdat of the parts, one after the other. `sequence` counts the fragments of a file from 1."""
    filled = [part for part in parts if part.samples]
    moof_size = len(_moof(sequence, filled, [0] * len(filled)))
    offsets = []
    place = moof_size + HEADER_SIZE
    for part in filled:
        offsets.append(place)
        place += sum(len(sample.data) for sample in part.samples)
    content = [sample.data for part in filled for sample in part.samples]
    return _moof(sequence, filled, offsets) + box(b"mdat", *content)


def _moof(sequence: int, parts: Sequence[TrackPart], offsets: Sequence[int]) -> bytes:
    return box(
        b"moof",
        full_box(b"mfhd", 0, 0, struct.pack(">I", sequence)),
        *(_traf(part, offset) for part, offset in zip(parts, offsets, strict=True)),
    )


def _traf(part: TrackPart, offset: int) -> bytes:
    flags = HAS_OFFSET | HAS_DURATION | HAS_SIZE | HAS_FLAGS
    has_shift = any(sample.shift for sample in part.samples)
    rows = []
    for sample in part.samples:
        kind = KEY_SAMPLE if sample.is_key else OTHER_SAMPLE
        rows.append(struct.pack(">III", sample.duration, len(sample.data), kind))
        if has_shift:
            rows.append(struct.pack(">i", sample.shift))
    return box(
        b"traf",
        full_box(b"tfhd", 0, DEFAULT_BASE_IS_MOOF, struct.pack(">I", part.number)),
        full_box(b"tfdt", 1, 0, struct.pack(">Q", part.start)),
        full_box(
            b"trun",
            1,
            flags | (HAS_SHIFT if has_shift else 0),
            struct.pack(">Ii", len(part.samples), offset),
            *rows,
        ),
    )
