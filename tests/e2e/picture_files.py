"""Pictures of screens as small files: a screen has few colours, so a palette of its own holds them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import cast

import av
from av.filter import Graph
from av.video.frame import VideoFrame

COLOURS = 224
"""The rest of the 256 is left to FFmpeg's transparency."""


def keep_smaller(picture: Path) -> None:
    """Write a PNG again with a palette, in its place, if that is smaller."""
    with av.open(str(picture)) as file:
        frame = next(file.decode(video=0)).reformat(format="rgb24")
    graph = Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, 1)
    )
    split, made = graph.add("split"), graph.add("palettegen", f"max_colors={COLOURS}:reserve_transparent=0")
    used, sink = graph.add("paletteuse", "dither=none"), graph.add("buffersink")
    source.link_to(split)
    split.link_to(used, 0, 0)
    split.link_to(made, 1, 0)
    made.link_to(used, 0, 1)
    used.link_to(sink)
    graph.configure()
    graph.push(frame)
    graph.push(None)
    reduced = cast(VideoFrame, graph.pull())
    codec = av.CodecContext.create("png", "w")
    codec.width, codec.height, codec.pix_fmt = frame.width, frame.height, "pal8"
    codec.options = {"compression_level": "9", "pred": "none"}
    data = b"".join(bytes(packet) for packet in [*codec.encode(reduced), *codec.encode(None)])
    if len(data) < picture.stat().st_size:
        picture.write_bytes(data)
