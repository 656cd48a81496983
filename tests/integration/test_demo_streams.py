"""The demo hall's cameras are real ones to whoever reads them: codecs, time, scenes, faults, passwords."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import av
import av.error
import pytest

from fixtures.reels import generate
from fixtures.rtsp import Credentials, RtspHall, Unplugged
from fixtures.scenes import VIEWS, Scene
from fixtures.tcp_proxy import Fault, TcpProxy
from hall.names import CameraId

LARGE, SMALL = CameraId("cam-2"), CameraId("cam-4")
FULL, LEFT = "serving-staff-0", "empty-staff-0"
CREDENTIALS = Credentials("viewer", "p@ss/word")
LIMIT = 20.0


@dataclass
class Seen:
    """What a client saw of a stream, while it looks and afterwards."""

    codecs: dict[int, str] = field(default_factory=dict)
    times: dict[int, list[float]] = field(default_factory=dict)
    arrivals: dict[int, list[float]] = field(default_factory=dict)
    key_brightness: list[float] = field(default_factory=list)
    size: tuple[int, int] = (0, 0)
    parameter_sets: set[bytes] = field(default_factory=set)
    ended: str = ""


def client(url: str, seconds: float, transport: str = "tcp", seen: Seen | None = None) -> Seen:
    """Read a stream for so many seconds of its own time, or until it ends."""
    seen = seen or Seen()
    try:
        with av.open(url, options={"rtsp_transport": transport}, timeout=(3, 1.5)) as source:
            video = source.streams.video[0]
            seen.size = (video.codec_context.width, video.codec_context.height)
            seen.codecs = {stream.index: stream.codec_context.name for stream in source.streams}
            seen.parameter_sets.add(bytes(video.codec_context.extradata or b""))
            for packet in source.demux():
                if packet.size == 0:
                    seen.ended = "eof"
                    break
                if packet.pts is None:
                    continue
                seen.times.setdefault(packet.stream.index, []).append(float(packet.pts * packet.time_base))
                seen.arrivals.setdefault(packet.stream.index, []).append(time.monotonic())
                if packet.stream is video and packet.is_keyframe:
                    seen.key_brightness.extend(
                        desk_place(frame) for frame in video.codec_context.decode(packet)
                    )
                if max(times[-1] - times[0] for times in seen.times.values()) >= seconds:
                    break
    except (OSError, av.FFmpegError) as error:
        seen.ended = type(error).__name__
    return seen


def desk_place(frame: av.VideoFrame) -> float:
    """Mean brightness of where the left clerk's jacket is: dark while somebody sits there."""
    luma = frame.to_ndarray(format="gray")
    height, width = luma.shape
    return float(luma[int(height * 0.54) : int(height * 0.60), int(width * 0.165) : int(width * 0.19)].mean())


def wait_for(condition: object, what: str) -> None:
    """Poll until `condition()` is true, for at most LIMIT seconds."""
    assert callable(condition)
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within {LIMIT} s"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def reels(tmp_path_factory: pytest.TempPathFactory) -> dict[CameraId, dict[str, Path]]:
    scenes = [Scene.named(FULL), Scene.named(LEFT)]
    return generate({LARGE: scenes, SMALL: scenes[:1]}, tmp_path_factory.mktemp("reels"))


@pytest.fixture
def hall(reels: dict[CameraId, dict[str, Path]]) -> Iterator[RtspHall]:
    with RtspHall(reels, credentials=CREDENTIALS) as served:
        yield served


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_camera_sends_720p_with_sound_at_15_pictures_a_second(hall: RtspHall, transport: str) -> None:
    seen = client(hall.url(LARGE), 3, transport)
    assert seen.ended == ""
    assert sorted(seen.codecs.values()) == ["aac", "h264"]
    assert seen.size == (1280, 720)
    pictures, blocks = seen.times[0], seen.times[1]
    assert len(pictures) / (pictures[-1] - pictures[0]) >= 15
    assert len(blocks) / (blocks[-1] - blocks[0]) >= 15.6
    assert abs(pictures[0] - blocks[0]) < 0.3


def test_a_camera_may_send_g711(hall: RtspHall) -> None:
    seen = client(hall.url(SMALL), 2)
    assert sorted(seen.codecs.values()) == ["h264", "pcm_alaw"]
    assert seen.size == (640, 360)


def test_time_flows_evenly_and_as_fast_as_the_clock(hall: RtspHall) -> None:
    # 10 s: the reel has gone round once.
    seen = client(hall.url(LARGE), 10)
    for track, step in ((0, 1 / 15), (1, 0.064)):
        times = seen.times[track]
        steps = [later - earlier for earlier, later in pairwise(times)]
        assert all(abs(one - step) < 0.002 for one in steps), (track, min(steps), max(steps))
    # The first packets are handed over at once after probing: compare from then on.
    arrivals, times = seen.arrivals[0][60:], seen.times[0][60:]
    assert arrivals[-1] - arrivals[0] == pytest.approx(times[-1] - times[0], abs=0.3)


def test_a_scene_changes_at_a_key_frame_without_a_break_in_time(hall: RtspHall) -> None:
    seen = Seen()
    reader = threading.Thread(target=client, args=(hall.url(LARGE), 7, "tcp", seen))
    reader.start()
    wait_for(lambda: len(seen.key_brightness) >= 4, "the first pictures")
    before = datetime.now(UTC)
    switch = hall.show(LARGE, LEFT)
    after = datetime.now(UTC)
    reader.join(LIMIT)
    assert before <= switch.at <= after
    assert (switch.camera, switch.scene) == (LARGE, LEFT)
    assert hall.scene(LARGE) == LEFT
    for times in seen.times.values():
        assert all(later > earlier for earlier, later in pairwise(times))
    pictures = seen.times[0]
    assert max(later - earlier for earlier, later in pairwise(pictures)) < 0.07
    assert seen.key_brightness[-1] > seen.key_brightness[0] + 40
    assert len(seen.parameter_sets) == 1


def test_a_camera_tells_the_wall_time_of_its_pictures(hall: RtspHall) -> None:
    with av.open(hall.url(LARGE), options={"rtsp_transport": "tcp"}, timeout=(3, 1.5)) as source:
        for packet in source.demux(video=0):
            reference = next(
                (one for one in packet.iter_sidedata() if "prft" in str(one.data_type).lower()), None
            )
            if reference is not None:
                break
    assert reference is not None
    micros = int.from_bytes(bytes(reference)[:8], "little")
    assert abs(micros / 1e6 - datetime.now(UTC).timestamp()) < 2.5


def test_an_unknown_scene_is_refused(hall: RtspHall) -> None:
    with pytest.raises(KeyError, match="no scene"):
        hall.show(LARGE, "staff-staff-4")


@pytest.mark.parametrize("how", list(Unplugged))
def test_unplugging_ends_a_reader_and_plugging_brings_the_camera_back(hall: RtspHall, how: Unplugged) -> None:
    url = hall.url(SMALL)
    seen = Seen()
    reader = threading.Thread(target=client, args=(url, 60, "tcp", seen))
    reader.start()
    wait_for(lambda: seen.times.get(0), "the first picture")
    hall.unplug(SMALL, how)
    reader.join(LIMIT)
    assert not reader.is_alive()
    assert seen.ended
    assert client(url, 1).times == {}
    assert client(hall.url(LARGE), 1).ended == "", "the other cameras go on"
    hall.plug(SMALL)
    assert hall.url(SMALL) == url
    assert client(url, 1).ended == ""


def test_a_wrong_password_is_refused(hall: RtspHall) -> None:
    address = hall.url(LARGE, with_credentials=False)
    with pytest.raises(av.error.HTTPUnauthorizedError):
        av.open(address, timeout=(5, 2))
    with pytest.raises(av.error.HTTPUnauthorizedError):
        av.open(address.replace("rtsp://", "rtsp://viewer:wrong@"), timeout=(5, 2))


def test_an_unknown_path_is_not_found(hall: RtspHall) -> None:
    with pytest.raises(av.error.HTTPNotFoundError):
        av.open(hall.url(LARGE).replace(LARGE, "cam-9"), timeout=(5, 2))


def test_reels_are_generated_once(reels: dict[CameraId, dict[str, Path]]) -> None:
    path = reels[LARGE][FULL]
    written = path.stat().st_mtime_ns
    again = generate({LARGE: [Scene.named(FULL)]}, path.parents[2])
    assert again[LARGE][FULL] == path
    assert path.stat().st_mtime_ns == written
    assert {one.name for one in path.parent.iterdir()} == {f"{FULL}.mov", f"{LEFT}.mov"}


def test_the_large_cameras_are_the_first_two() -> None:
    assert [(view.width, view.height) for view in VIEWS.values()] == [(1280, 720)] * 2 + [(640, 360)] * 2


@pytest.mark.parametrize(("fault", "ended"), [(Fault.RESET, True), (Fault.STALL, True), (Fault.OK, False)])
def test_the_proxy_brings_its_faults_between_camera_and_client(
    hall: RtspHall, fault: Fault, ended: bool
) -> None:
    host, port = "127.0.0.1", int(hall.url(SMALL).rsplit(":", 1)[1].split("/")[0])
    with TcpProxy(host, port) as proxy:
        seen = Seen()
        url = hall.url(SMALL).replace(f":{port}/", f":{proxy.port}/")
        reader = threading.Thread(target=client, args=(url, 4, "tcp", seen))
        reader.start()
        wait_for(lambda: seen.times.get(0), "the first picture")
        proxy.fault = fault
        reader.join(LIMIT)
        assert not reader.is_alive()
        assert bool(seen.ended) is ended
        proxy.fault = Fault.REFUSE
        assert client(url, 1).ended == "ConnectionRefusedError"
        proxy.fault = Fault.OK
        assert client(url, 1).ended == ""
