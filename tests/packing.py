"""Coded pictures cut into RTP payloads in every legal way, as a test chooses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

SLICES = {"h264": (1, 5), "hevc": (1, 19)}
"""Kinds of an ordinary slice and of a key frame's."""
FIRST = 0x80
"""The bit behind a slice's header that says: the first one of its picture."""


@dataclass(frozen=True, slots=True)
class Coded:
    """One access unit: its NAL units without start codes, and whether it is a key frame."""

    units: tuple[bytes, ...]
    is_key: bool

    @property
    def data(self) -> bytes:
        """As Annex B."""
        return b"".join(b"\0\0\0\1" + unit for unit in self.units)


@dataclass(frozen=True, slots=True)
class Payload:
    """The payload of one RTP packet, the number of its picture, and the marker."""

    data: bytes
    picture: int
    marker: bool


def unit(codec: str, kind: int, body: bytes) -> bytes:
    """A NAL unit."""
    return bytes((0x60 | kind,)) + body if codec == "h264" else bytes((kind << 1, 1)) + body


def _body(least: int, most: int) -> st.SearchStrategy[bytes]:
    """Bytes without zeros, so that none of them looks like a start code; an encoder sees to that as well."""
    return st.binary(min_size=least, max_size=most).map(lambda body: body.replace(b"\0", b"\1"))


@st.composite
def pictures(draw: st.DrawFn, codec: str) -> list[Coded]:
    """Pictures of one to three slices, some behind parameter sets or other units."""
    made = []
    for _ in range(draw(st.integers(1, 8))):
        is_key = draw(st.booleans())
        others = draw(
            st.lists(st.sampled_from((7, 8, 9) if codec == "h264" else (32, 33, 34, 35)), max_size=3)
        )
        units = [unit(codec, kind, draw(_body(2, 30))) for kind in others]
        kind = SLICES[codec][is_key]
        for number in range(draw(st.integers(1, 3))):
            first = bytes((FIRST,)) if number == 0 else b"\x11"
            units.append(unit(codec, kind, first + draw(_body(1, 200))))
        made.append(Coded(tuple(units), is_key))
    return made


@st.composite
def payloads(draw: st.DrawFn, codec: str, coded: Sequence[Coded]) -> list[Payload]:
    """The pictures as payloads: single units, aggregates and fragments, as it comes."""
    packed = []
    for number, picture in enumerate(coded):
        data: list[bytes] = []
        waiting = list(picture.units)
        while waiting:
            way = draw(st.sampled_from(("single", "aggregate", "fragments")))
            if way == "aggregate":
                count = draw(st.integers(1, len(waiting)))
                data.append(_aggregate(codec, waiting[:count]))
                del waiting[:count]
            elif way == "single" or len(waiting[0]) < 6:
                data.append(waiting.pop(0))
            else:
                data += _fragments(codec, waiting.pop(0), draw(st.integers(2, 4)))
        packed += [Payload(one, number, place == len(data) - 1) for place, one in enumerate(data)]
    return packed


def _aggregate(codec: str, units: Sequence[bytes]) -> bytes:
    head = b"\x78" if codec == "h264" else bytes((48 << 1, 1))
    return head + b"".join(len(one).to_bytes(2, "big") + one for one in units)


def _fragments(codec: str, whole: bytes, count: int) -> list[bytes]:
    if codec == "h264":
        head, kind, body = bytes((whole[0] & 0xE0 | 28,)), whole[0] & 0x1F, whole[1:]
    else:
        head, kind, body = bytes((whole[0] & 0x81 | 49 << 1, whole[1])), whole[0] >> 1 & 0x3F, whole[2:]
    room = max(1, len(body) // count)
    pieces = [body[at : at + room] for at in range(0, len(body), room)]
    return [
        head
        + bytes((kind | (0x80 if place == 0 else 0) | (0x40 if place == len(pieces) - 1 else 0),))
        + piece
        for place, piece in enumerate(pieces)
    ]
