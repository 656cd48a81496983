"""H.264 as WebRTC wants it: start codes before every unit, parameter sets with every key frame."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hall.errors import MediaError

START = b"\x00\x00\x00\x01"
_START_CODE = re.compile(rb"\x00\x00\x01")
SEQUENCE_SET, PICTURE_SET = 7, 8


def units(stream: bytes) -> Iterator[bytes]:
    """The NAL units of an Annex B byte stream, without start codes."""
    places = [match.start() for match in _START_CODE.finditer(stream)]
    for place, following in zip(places, [*places[1:], len(stream)], strict=True):
        unit = stream[place + 3 : following].rstrip(b"\x00")
        if unit:
            yield unit


def is_annex_b(data: bytes) -> bool:
    """True when the bytes begin with a start code."""
    return data.startswith((b"\x00\x00\x01", START))


def parameter_sets(extradata: bytes) -> bytes:
    """The parameter sets of a track in Annex B, out of Annex B or avcC; empty when it has none.

    Raises MediaError for an avcC that was cut short.
    """
    if not extradata or is_annex_b(extradata):
        return extradata
    found = []
    try:
        place = 5
        for mask in (0x1F, 0xFF):
            count = extradata[place] & mask
            place += 1
            for _ in range(count):
                size = int.from_bytes(extradata[place : place + 2], "big")
                found.append(_exactly(extradata, place + 2, size))
                place += 2 + size
    except IndexError as error:
        raise MediaError("the camera's avcC was cut short") from error
    return b"".join(START + unit for unit in found)


def length_size(extradata: bytes) -> int | None:
    """How many bytes hold a unit's length in packets of an avcC track; None for Annex B."""
    if not extradata or is_annex_b(extradata) or len(extradata) < 5:
        return None
    return (extradata[4] & 3) + 1


def access_unit(data: bytes, extradata: bytes, *, is_key: bool) -> bytes:
    """One coded picture in Annex B; a key frame that lacks its parameter sets gets those of the track.

    The units themselves are passed on byte for byte. Raises MediaError for lengths that do not fit.
    """
    size = length_size(extradata)
    if size is not None and not is_annex_b(data):
        data = _with_start_codes(data, size)
    if is_key:
        kinds = {unit[0] & 0x1F for unit in units(data)}
        if not {SEQUENCE_SET, PICTURE_SET} <= kinds:
            return parameter_sets(extradata) + data
    return data


def _with_start_codes(data: bytes, size: int) -> bytes:
    parts = []
    place = 0
    while place < len(data):
        length = int.from_bytes(data[place : place + size], "big")
        parts.append(START + _exactly(data, place + size, length))
        place += size + length
    return b"".join(parts)


def _exactly(data: bytes, place: int, size: int) -> bytes:
    part = data[place : place + size]
    if len(part) != size or size == 0:
        raise MediaError("a unit of the picture does not fit its length")
    return part
