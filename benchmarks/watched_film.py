"""The film of `bench-analysis`: one counter view, as a camera sends it, with what is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import cycle
from pathlib import Path

import av
from av.video.frame import VideoFrame

from fixtures.pictures import Film
from fixtures.scenes import VIEWS, Post, Scene, zones
from hall.media import Packet, Track, TrackKind
from hall.names import CameraId, WindowId
from hall.place import Camera, Text

SCENES = (
    (Scene(Post.SERVING, Post.STAFF, 3), 20),
    (Scene(Post.SERVING, Post.EMPTY, 3), 20),
    (Scene(Post.STAFF, Post.SERVING, 2), 20),
)
"""Scenes and for how many seconds: people sway as they sit, and come and go between them."""
SECONDS = sum(length for _, length in SCENES)
WINDOWS = tuple(counter.window for counter in VIEWS[CameraId("cam-1")].counters)
KEY_SECONDS = 2
DRAWN = 50
"""Pictures drawn a scene, shown in turn: drawing costs more than coding."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """A stream of a camera: its size, pictures a second and bits a second."""

    width: int
    height: int
    rate: int
    bits: int


MAIN = Encoding(1920, 1080, 25, 4_000_000)
SUB = Encoding(640, 360, 15, 500_000)


def make(path: Path, encoding: Encoding) -> None:
    """Write the film as a camera with these settings would send it."""
    view = replace(VIEWS[CameraId("cam-1")], width=encoding.width, height=encoding.height)
    gop = KEY_SECONDS * encoding.rate
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=encoding.rate)
        stream.width, stream.height, stream.pix_fmt = encoding.width, encoding.height, "yuv420p"
        stream.bit_rate = encoding.bits
        stream.options = {
            "preset": "superfast",
            "x264-params": f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes=0:nal-hrd=cbr"
            f":vbv-maxrate={encoding.bits // 1000}:vbv-bufsize={encoding.bits // 1000}",
        }
        number = 0
        for scene, length in SCENES:
            film = Film(view, scene)
            drawn = [film.frame(index) for index in range(DRAWN)]
            for picture, _ in zip(cycle(drawn), range(length * encoding.rate), strict=False):
                frame = VideoFrame.from_ndarray(picture, format="bgr24")
                frame.pts, frame.time_base = number, Fraction(1, encoding.rate)
                container.mux(stream.encode(frame))
                number += 1
        container.mux(stream.encode(None))


def packets(path: Path) -> tuple[Track, list[Packet]]:
    """The film's coded pictures, with their times in milliseconds."""
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        extradata = video.codec_context.extradata or b""
        found = [
            Packet(
                0, TrackKind.VIDEO, bytes(one), round(float(one.pts * one.time_base) * 1000), 0, 0,
                bool(one.is_keyframe), float(one.pts * one.time_base),
            )
            for one in container.demux(video)
            if one.size and one.pts is not None and one.time_base is not None
        ]  # fmt: skip
        size = (video.codec_context.width, video.codec_context.height)
    return Track(0, TrackKind.VIDEO, "h264", (1, 1000), bytes(extradata), *size), found


def camera(number: int) -> Camera:
    """One of many cameras that show this film: two windows and a waiting area."""
    view = VIEWS[CameraId("cam-1")]
    return Camera(
        id=CameraId(f"cam-{number}"),
        name=Text(zh="机", en="Camera"),
        url="rtsp://192.0.2.1/",
        zones=zones(view),
        sample_every=float(KEY_SECONDS),
    )


def staffed(window: WindowId, second: int) -> bool:
    """Whether a clerk sits at a window in a second of the film."""
    counters = VIEWS[CameraId("cam-1")].counters
    scene = scenes()[second]
    return (scene.left if counters[0].window == window else scene.right).has_staff


def scenes() -> Sequence[Scene]:
    """The scene of each second."""
    return [scene for scene, length in SCENES for _ in range(length)]
