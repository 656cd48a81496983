"""A live feed whose camera changes to another stream while somebody watches."""

from __future__ import annotations

from typing import cast

from bus.connection import Bus, Message
from bus.tap import TapMessage
from console.live.feed import Feed
from console.live.outlet import Outlet
from hall.clock import SimulatedClock
from hall.media import Packet, Track, TrackKind
from hall.names import CameraId

CAMERA = CameraId("cam-1")
START = b"\x00\x00\x00\x01"


def sets(name: bytes) -> bytes:
    return START + b"\x67" + name + START + b"\x68" + name


SMALL = Track(0, TrackKind.VIDEO, "h264", (1, 90_000), extradata=sets(b"small"), width=320)
LARGE = Track(0, TrackKind.VIDEO, "h264", (1, 1000), extradata=sets(b"large"), width=1920)
HEVC = Track(0, TrackKind.VIDEO, "hevc", (1, 1000), extradata=b"", width=1920)


def message(track: Track, seconds: float, *, is_key: bool) -> Message:
    ticks = round(seconds * track.time_base[1])
    data = START + (b"\x65" if is_key else b"\x41") + b"picture"
    packet = Packet(0, TrackKind.VIDEO, data, ticks, ticks, 0, is_key, seconds)
    return Message("tap.live.cam-1", TapMessage(CAMERA, track, (packet,), SimulatedClock().now()).encode())


async def shown(*messages: Message) -> list[tuple[bytes, float]]:
    """What a viewer who is there from the start gets: data and time in seconds."""
    # The bus is only asked by `open`.
    feed, outlet = Feed(cast(Bus, None), CAMERA), Outlet("video")
    feed.attach(outlet)
    for one in messages:
        await feed._take(one)
    found = []
    for _ in range(sum(1 for _ in outlet._queued)):
        packet = await outlet.recv()
        assert packet.pts is not None
        found.append((bytes(packet), float(packet.pts * packet.time_base)))
    outlet.stop()
    return found


async def test_another_stream_begins_with_its_own_parameter_sets_and_time_goes_on() -> None:
    got = await shown(
        message(SMALL, 500.0, is_key=True),
        message(SMALL, 500.1, is_key=False),
        message(LARGE, 3.0, is_key=True),
        message(LARGE, 3.1, is_key=False),
        message(SMALL, 507.0, is_key=True),
    )
    assert [b"small" in data for data, _ in got] == [True, False, False, False, True]
    assert [b"large" in data for data, _ in got] == [False, False, True, False, False]
    times = [at for _, at in got]
    assert times == sorted(times)
    assert times[-1] < 20


async def test_pictures_that_no_browser_shows_are_left_out_until_the_others_are_back() -> None:
    got = await shown(
        message(SMALL, 500.0, is_key=True),
        message(HEVC, 3.0, is_key=True),
        message(HEVC, 3.1, is_key=False),
        message(SMALL, 507.0, is_key=True),
        message(SMALL, 507.1, is_key=False),
    )
    assert [b"small" in data for data, _ in got] == [True, True, False]
