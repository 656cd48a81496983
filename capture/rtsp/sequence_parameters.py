"""What an H.264 or H.265 sequence parameter set says about the pictures: size, rate, order."""

from __future__ import annotations

from dataclasses import dataclass

from capture.mp4.bits import Bits
from hall.errors import MediaError

LARGEST_SIDE = 16_384
MOST_REORDERED = 16
_WITH_CHROMA = (100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135)
_ANY_SHAPE = 255
_CHROMA_UNITS = ((1, 1), (2, 2), (2, 1), (1, 1))
"""Samples across and down that one unit of cropping takes off, by chroma format."""


@dataclass(frozen=True, slots=True)
class SequenceParameters:
    """`reordered` is how many pictures at most come before one that is shown earlier (B-frames).

    It is None where the set does not say; `frame_rate` is 0 there.
    """

    width: int
    height: int
    frame_rate: float = 0.0
    reordered: int | None = None


def sequence_parameters(codec: str, unit: bytes) -> SequenceParameters:
    """Read a sequence parameter set (the NAL unit without start code). Raises MediaError."""
    found = _h264(Bits(unit[1:])) if codec == "h264" else _hevc(Bits(unit[2:]))
    if not (0 < found.width <= LARGEST_SIDE and 0 < found.height <= LARGEST_SIDE):
        raise MediaError("a sequence parameter set names a size that no picture has")
    return found


def _h264(bits: Bits) -> SequenceParameters:
    profile = bits.take(8)
    constraints = bits.take(8)
    bits.take(8)
    bits.golomb()
    chroma, separate = 1, 0
    if profile in _WITH_CHROMA:
        chroma = bits.golomb()
        separate = bits.take(1) if chroma == 3 else 0
        bits.golomb(), bits.golomb(), bits.take(1)
        if bits.take(1):
            _skip_h264_scaling(bits, 8 if chroma != 3 else 12)
    bits.golomb()
    order = bits.golomb()
    if order == 0:
        bits.golomb()
    elif order == 1:
        bits.take(1), bits.golomb(), bits.golomb()
        for _ in range(min(bits.golomb(), 255)):
            bits.golomb()
    bits.golomb(), bits.take(1)
    width = (bits.golomb() + 1) * 16
    rows = bits.golomb() + 1
    whole_frames = bits.take(1)
    if not whole_frames:
        bits.take(1)
    bits.take(1)
    height = rows * 16 * (2 - whole_frames)
    if bits.take(1):
        across, down = _CHROMA_UNITS[0 if separate else min(chroma, 3)]
        width -= across * (bits.golomb() + bits.golomb())
        height -= down * (2 - whole_frames) * (bits.golomb() + bits.golomb())
    never = order == 2 or profile == 66 or (profile in (44, 100, 110, 122, 244) and bool(constraints & 0x10))
    try:
        rate, reordered = _h264_usability(bits) if bits.take(1) else (0.0, None)
    except MediaError:
        # Cameras get this part wrong, and what it says can be found otherwise.
        rate, reordered = 0.0, None
    return SequenceParameters(width, height, rate, 0 if never else reordered)


def _skip_h264_scaling(bits: Bits, lists: int) -> None:
    for number in range(lists):
        if not bits.take(1):
            continue
        last = following = 8
        for _ in range(16 if number < 6 else 64):
            if following:
                following = (last + bits.signed_golomb()) % 256
            last = following or last


def _h264_usability(bits: Bits) -> tuple[float, int | None]:
    """Frame rate and reordering out of the set's usability information (Annex E)."""
    _skip_shape_and_colour(bits)
    rate = 0.0
    if bits.take(1):
        ticks, scale = bits.take(32), bits.take(32)
        bits.take(1)
        rate = _sensible(scale / (2 * ticks)) if ticks else 0.0
    has_reference_buffers = False
    for _ in range(2):
        if bits.take(1):
            has_reference_buffers = True
            count = bits.golomb() + 1
            bits.take(8)
            for _ in range(min(count, 32)):
                bits.golomb(), bits.golomb(), bits.take(1)
            bits.take(20)
    if has_reference_buffers:
        bits.take(1)
    bits.take(1)
    if not bits.take(1):
        return rate, None
    bits.take(1)
    for _ in range(4):
        bits.golomb()
    return rate, min(bits.golomb(), MOST_REORDERED)


def _skip_shape_and_colour(bits: Bits) -> None:
    if bits.take(1) and bits.take(8) == _ANY_SHAPE:
        bits.take(32)
    if bits.take(1):
        bits.take(1)
    if bits.take(1):
        bits.take(4)
        if bits.take(1):
            bits.take(24)
    if bits.take(1):
        bits.golomb(), bits.golomb()


def _sensible(rate: float) -> float:
    return rate if 1 <= rate <= 240 else 0.0


def _hevc(bits: Bits) -> SequenceParameters:
    bits.take(4)
    layers = bits.take(3)
    bits.take(1)
    bits.take(96)
    present = [(bits.take(1), bits.take(1)) for _ in range(layers)]
    if layers:
        bits.take(2 * (8 - layers))
    for has_profile, has_level in present:
        bits.take(88 * has_profile + 8 * has_level)
    bits.golomb()
    chroma = bits.golomb()
    separate = bits.take(1) if chroma == 3 else 0
    width, height = bits.golomb(), bits.golomb()
    if bits.take(1):
        across, down = _CHROMA_UNITS[0 if separate else min(chroma, 3)]
        width -= across * (bits.golomb() + bits.golomb())
        height -= down * (bits.golomb() + bits.golomb())
    bits.golomb(), bits.golomb(), bits.golomb()
    reordered = 0
    for _ in range(layers + 1 if bits.take(1) else 1):
        bits.golomb()
        reordered = max(reordered, bits.golomb())
        bits.golomb()
    return SequenceParameters(width, height, 0.0, min(reordered, MOST_REORDERED))
