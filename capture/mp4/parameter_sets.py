"""H.264 and H.265 in the two ways they are written down: start codes (Annex B) and lengths (MP4).

Cameras send NAL units behind start codes; MP4 wants each behind its length, and the parameter sets once
in the header (avcC, hvcC). The NAL units themselves are never changed.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from capture.mp4.bits import Bits
from hall.errors import MediaError

START_CODE = b"\x00\x00\x01"
H264_SPS, H264_PPS = 7, 8
HEVC_VPS, HEVC_SPS, HEVC_PPS = 32, 33, 34
H264_SETS, HEVC_SETS = (H264_SPS, H264_PPS), (HEVC_VPS, HEVC_SPS, HEVC_PPS)
H264_LAST_SLICE, HEVC_LAST_SLICE = 5, 31


def is_annex_b(data: bytes) -> bool:
    """True when the data opens with a start code."""
    return data.startswith((START_CODE, b"\x00" + START_CODE))


def nal_units(data: bytes) -> list[bytes]:
    """The NAL units of Annex B data, without start codes and the zeros that may follow a unit."""
    units: list[bytes] = []
    place = data.find(START_CODE)
    while place >= 0:
        begin = place + 3
        place = data.find(START_CODE, begin)
        unit = (data[begin:place] if place >= 0 else data[begin:]).rstrip(b"\x00")
        if unit:
            units.append(unit)
    return units


def with_lengths(data: bytes, sizes: Sequence[int] = ()) -> list[bytes | memoryview]:
    """Annex B data as MP4 wants it, in pieces: before each NAL unit its length of four bytes.

    `sizes` are those of the NAL units, where they are known and every start code has four bytes: then nothing
    is searched and nothing copied. Other data is left as it is.
    """
    pieces: list[bytes | memoryview] = []
    if sizes:
        view, at = memoryview(data), 4
        for size in sizes:
            pieces += (size.to_bytes(4, "big"), view[at : at + size])
            at += 4 + size
        return pieces
    if not is_annex_b(data):
        return [data]
    for unit in nal_units(data):
        pieces += (len(unit).to_bytes(4, "big"), unit)
    return pieces


def parameter_sets(codec: str, data: bytes) -> tuple[bytes, ...]:
    """The parameter sets in Annex B data, each once, in order; empty when the data holds none.

    They stand before the picture itself, where the search ends.
    """
    if not is_annex_b(data):
        return ()
    found: list[bytes] = []
    is_avc = codec == "h264"
    begin = data.find(START_CODE) + 3
    while 3 <= begin < len(data):
        kind = data[begin] & 0x1F if is_avc else data[begin] >> 1 & 0x3F
        if 1 <= kind <= H264_LAST_SLICE if is_avc else kind <= HEVC_LAST_SLICE:
            break
        place = data.find(START_CODE, begin)
        if kind in (H264_SETS if is_avc else HEVC_SETS):
            found.append((data[begin:place] if place >= 0 else data[begin:]).rstrip(b"\x00"))
        begin = place + 3
    return tuple(dict.fromkeys(found))


def is_complete(codec: str, units: Sequence[bytes]) -> bool:
    """True when every kind of parameter set that a decoder needs is among the units."""
    try:
        decoder_configuration(codec, to_annex_b(units))
    except MediaError:
        return False
    return True


def to_annex_b(units: Sequence[bytes]) -> bytes:
    """The units, each behind a start code of four bytes."""
    return b"".join(b"\x00" + START_CODE + unit for unit in units)


def lengths_to_annex_b(data: bytes) -> bytes:
    """MP4's form with lengths of four bytes as Annex B. A unit that is cut off ends the data."""
    units: list[bytes] = []
    place = 0
    while place + 4 <= len(data):
        size = int.from_bytes(data[place : place + 4], "big")
        units.append(data[place + 4 : place + 4 + size])
        place += 4 + size
    return to_annex_b([unit for unit in units if unit])


def sets_of_configuration(codec: str, content: bytes) -> list[bytes]:
    """The parameter sets that stand in the content of avcC or hvcC. Raises MediaError when it is cut off."""
    try:
        if codec == "h264":
            sets, place = _take_sets(content, 6, content[5] & 0x1F)
            more, _ = _take_sets(content, place + 1, content[place])
            return sets + more
        sets, place = [], 23
        for _ in range(content[22]):
            more, place = _take_sets(
                content, place + 3, int.from_bytes(content[place + 1 : place + 3], "big")
            )
            sets += more
    except IndexError as error:
        raise MediaError(f"the {codec} stream's private data is cut off") from error
    return sets


def _take_sets(content: bytes, place: int, count: int) -> tuple[list[bytes], int]:
    sets = []
    for _ in range(count):
        size = int.from_bytes(content[place : place + 2], "big")
        sets.append(content[place + 2 : place + 2 + size])
        place += 2 + size
    return sets, place


def decoder_configuration(codec: str, extradata: bytes) -> bytes:
    """The content of avcC or hvcC. `extradata` is Annex B parameter sets, or that content already.

    Raises MediaError when a parameter set is missing or cut off.
    """
    if not is_annex_b(extradata):
        if not extradata:
            raise MediaError(f"the {codec} stream did not tell its parameter sets")
        return extradata
    units = parameter_sets(codec, extradata)
    return _avc(units) if codec == "h264" else _hevc(units)


def _avc(units: Sequence[bytes]) -> bytes:
    sps = [unit for unit in units if unit[0] & 0x1F == H264_SPS]
    pps = [unit for unit in units if unit[0] & 0x1F == H264_PPS]
    if not sps or not pps or len(sps[0]) < 4:
        raise MediaError("the h264 stream did not tell its parameter sets")
    head = bytes((1, sps[0][1], sps[0][2], sps[0][3], 0xFF, 0xE0 | len(sps)))
    content = head + _sized(sps) + bytes((len(pps),)) + _sized(pps)
    if sps[0][1] in (100, 110, 122, 144):
        bits = Bits(sps[0][4:])
        bits.golomb()
        chroma = bits.golomb()
        if chroma == 3:
            bits.take(1)
        luma_depth, chroma_depth = bits.golomb(), bits.golomb()
        content += bytes((0xFC | chroma, 0xF8 | luma_depth, 0xF8 | chroma_depth, 0))
    return content


def _hevc(units: Sequence[bytes]) -> bytes:
    kinds = [
        (kind, [unit for unit in units if unit[0] >> 1 & 0x3F == kind])
        for kind in (HEVC_VPS, HEVC_SPS, HEVC_PPS)
    ]
    if not all(found for _, found in kinds):
        raise MediaError("the hevc stream did not tell its parameter sets")
    bits = Bits(kinds[1][1][0][2:])
    bits.take(4)
    layers = bits.take(3)
    nested = bits.take(1)
    profile = bits.take(96).to_bytes(12, "big")
    _skip_layers(bits, layers)
    bits.golomb()
    chroma = bits.golomb()
    if chroma == 3:
        bits.take(1)
    bits.golomb(), bits.golomb()
    if bits.take(1):
        for _ in range(4):
            bits.golomb()
    luma_depth, chroma_depth = bits.golomb(), bits.golomb()
    content = b"\x01" + profile + b"\xf0\x00\xfc"
    content += bytes((0xFC | chroma, 0xF8 | luma_depth, 0xF8 | chroma_depth, 0, 0))
    content += bytes(((layers + 1) << 3 | nested << 2 | 3, len(kinds)))
    for kind, found in kinds:
        content += bytes((0x80 | kind,)) + struct.pack(">H", len(found)) + _sized(found)
    return content


def _skip_layers(bits: Bits, layers: int) -> None:
    present = [(bits.take(1), bits.take(1)) for _ in range(layers)]
    if layers:
        bits.take(2 * (8 - layers))
    for has_profile, has_level in present:
        bits.take(88 * has_profile + 8 * has_level)


def _sized(units: Sequence[bytes]) -> bytes:
    return b"".join(struct.pack(">H", len(unit)) + unit for unit in units)
