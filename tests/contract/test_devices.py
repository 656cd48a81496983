"""Local devices keep the contract of a source. FFmpeg's test pictures and tones stand in for the hardware."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice, pairwise
from pathlib import Path
from threading import Event

import av
import pytest

from capture.mp4.parameter_sets import parameter_sets
from capture.sources import source_of
from capture.sources.device import ALSA_VARIABLE, DeviceSource
from hall.clock import SystemClock
from hall.errors import SourceEnded, SourceError, SourceMalformed, SourceNotFound
from hall.media import Packet, Track
from hall.names import CameraId
from hall.place import Camera, Text
from hall.testing import StreamSourceSuite
from tests.media import film

MADE_UP: Mapping[str, str] = {"v4l2": "lavfi", "alsa": "lavfi"}
PICTURE = "v4l2:testsrc2=size=320x240:rate=25,realtime"
SOUND = "alsa:sine=frequency=440:beep_factor=4:sample_rate=48000:samples_per_frame=960,arealtime"


def camera_at(url: str) -> Camera:
    return Camera(id=CameraId("cam-1"), name=Text(zh="一", en="one"), url=url)


def some(url: str, count: int, formats: Mapping[str, str] = MADE_UP) -> tuple[list[Track], list[Packet]]:
    with DeviceSource(SystemClock(), 5, formats).open(camera_at(url), Event()) as stream:
        tracks = list(stream.tracks)
        return tracks, list(islice(stream, count))


class TestPluggedInCamera(StreamSourceSuite):
    def source(self) -> DeviceSource:
        return DeviceSource(SystemClock(), 5, MADE_UP)

    def camera(self) -> Camera:
        return camera_at(PICTURE)

    def missing_camera(self) -> Camera:
        return camera_at("v4l2:nosuchsource")


class TestPluggedInMicrophone(TestPluggedInCamera):
    def camera(self) -> Camera:
        return camera_at(SOUND)


def test_raw_pictures_are_encoded_once_with_a_key_frame_every_second() -> None:
    tracks, packets = some("v4l2:testsrc2=size=320x240:rate=10", 31)
    assert (tracks[0].codec, tracks[0].width, tracks[0].height) == ("h264", 320, 240)
    assert [number for number, packet in enumerate(packets) if packet.is_key] == [0, 10, 20, 30]
    tick = tracks[0].time_base[0] / tracks[0].time_base[1]
    assert [after.pts - before.pts for before, after in pairwise(packets)] == [round(0.1 / tick)] * 30
    assert len(parameter_sets("h264", packets[10].data)) == 2
    decoder = av.CodecContext.create("h264", "r")
    decoder.extradata = tracks[0].extradata
    shown = [frame for packet in packets for frame in decoder.decode(av.Packet(packet.data))]
    assert len(shown) + len(decoder.decode(None)) == 31


def test_samples_become_aac_at_their_time() -> None:
    tracks, packets = some("alsa:sine=frequency=440:sample_rate=48000", 50)
    assert (tracks[0].codec, tracks[0].sample_rate, tracks[0].channels) == ("aac", 48_000, 1)
    assert {after.pts - before.pts for before, after in pairwise(packets)} == {1024}
    assert packets[-1].is_key


def test_pictures_that_a_device_has_coded_pass_through(tmp_path: Path) -> None:
    reel = film(tmp_path / "reel.mov", "")
    _, packets = some(f"v4l2:{reel}", 30, {"v4l2": "mov"})
    with av.open(str(reel)) as container:
        sent = [bytes(packet) for packet in islice(container.demux(video=0), 30)]
    assert [packet.data[4:] for packet in packets][1:] == [data[4:] for data in sent][1:]


def test_a_device_that_is_pulled_out_ends_the_stream() -> None:
    camera = camera_at("v4l2:testsrc2=size=320x240:rate=10:duration=1")
    with DeviceSource(SystemClock(), 5, MADE_UP).open(camera, Event()) as stream:
        packets = iter(stream)
        assert len(list(islice(packets, 10))) == 10
        with pytest.raises(SourceEnded):
            next(packets)


def error_of(url: str) -> SourceError:
    with (
        pytest.raises(SourceError) as caught,
        source_of(camera_at(url), SystemClock(), 5).open(camera_at(url), Event()),
    ):
        pass
    return caught.value


def test_a_device_that_is_not_there_is_not_found() -> None:
    error = error_of("v4l2:/dev/no-such-video")
    assert isinstance(error, SourceNotFound)
    assert "/dev/no-such-video" in str(error)


def test_what_is_no_camera_is_malformed() -> None:
    assert isinstance(error_of("v4l2:/dev/null"), SourceMalformed)


def test_an_option_that_nobody_knows_is_named() -> None:
    error = error_of("v4l2:/dev/video0?speed=3")
    assert isinstance(error, SourceMalformed)
    assert "'speed'; known: size, rate, format" in str(error)


def test_alsa_itself_is_asked_for_a_microphone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tmp_path / "alsa.conf"
    settings.write_text("pcm.silence { type null }\n")
    monkeypatch.setenv(ALSA_VARIABLE, str(settings))
    camera = camera_at("alsa:silence?rate=16000&channels=1")
    with source_of(camera, SystemClock(), 5).open(camera, Event()) as stream:
        assert [(track.codec, track.sample_rate) for track in stream.tracks] == [("aac", 16_000)]
    assert isinstance(error_of("alsa:no-such-card"), SourceNotFound)
