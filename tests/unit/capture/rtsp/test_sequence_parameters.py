"""Sizes, rates and reordering are read out of what real encoders write."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.mp4.parameter_sets import is_annex_b, nal_units
from capture.rtsp.sequence_parameters import SequenceParameters, sequence_parameters
from hall.errors import MediaError


def encoded(encoder: str, size: tuple[int, int], pixels: str, options: str) -> bytes:
    """The sequence parameter set that an encoder writes."""
    context = av.CodecContext.create(encoder, "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height = size
    context.pix_fmt = pixels
    context.framerate, context.time_base = Fraction(25), Fraction(1, 25)
    quiet = "log-level=none:pools=none:frame-threads=1:" if encoder == "libx265" else ""
    context.options = {"preset": "veryfast", f"{encoder[3:]}-params": quiet + options}
    frame = av.VideoFrame.from_ndarray(np.zeros((size[1], size[0], 3), np.uint8)).reformat(format=pixels)
    frame.pts = 0
    packets = [*context.encode(frame), *context.encode(None)]
    data = b"".join(map(bytes, packets))
    assert is_annex_b(data)
    kinds = {"libx264": (0x1F, 7), "libx265": (0x7E, 66)}
    mask, kind = kinds[encoder]
    return next(unit for unit in nal_units(data) if unit[0] & mask == kind)


@pytest.mark.parametrize(
    ("size", "pixels", "options", "reordered"),
    [
        ((1920, 1080), "yuv420p", "bframes=0", 0),
        ((640, 360), "yuv420p", "bframes=1", 1),
        ((322, 182), "yuv422p", "bframes=3:b-pyramid=normal", 2),
        ((198, 110), "yuv444p", "bframes=0:cqm=jvt", 0),
        ((320, 184), "yuv420p", "bframes=0:interlaced=1:nal-hrd=vbr:vbv-maxrate=900:vbv-bufsize=900", 0),
    ],
)
def test_h264(size: tuple[int, int], pixels: str, options: str, reordered: int) -> None:
    found = sequence_parameters("h264", encoded("libx264", size, pixels, options))
    assert (found.width, found.height) == size
    assert found.frame_rate == pytest.approx(25.0)
    assert found.reordered == reordered


@pytest.mark.parametrize(
    ("size", "pixels", "options", "reordered"),
    [((1920, 1080), "yuv420p", "bframes=0", 0), ((322, 182), "yuv420p", "bframes=3:temporal-layers=2", 2)],
)
def test_h265(size: tuple[int, int], pixels: str, options: str, reordered: int) -> None:
    found = sequence_parameters("hevc", encoded("libx265", size, pixels, options))
    assert (found.width, found.height) == size
    assert found.reordered == reordered


@pytest.mark.parametrize("codec", ["h264", "hevc"])
@given(unit=st.binary(max_size=120))
def test_any_bytes_are_read_or_refused(codec: str, unit: bytes) -> None:
    try:
        found = sequence_parameters(codec, unit)
    except MediaError:
        return
    assert isinstance(found, SequenceParameters)
    assert found.width > 0
    assert found.height > 0
