"""Our own reader of RTSP and FFmpeg's give the same packets, of every kind of camera."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import pytest

from capture.rtsp.source import TcpRtspSource
from capture.sources.camera import CameraSource
from capture.sources.rtsp import RtspSource
from fixtures.rtsp import Habits, RtspHall, make_certificate
from hall.clock import SystemClock
from hall.errors import SourceMalformed
from hall.media import Packet, Track, TrackKind
from hall.names import CameraId
from hall.place import Camera, Text
from hall.ports import StreamSource
from tests.camera_script import Asked, ScriptedCamera, response
from tests.media import film

SECONDS = 2.4
KINDS = ("plain", "ordered", "hevc", "opus", "alaw", "mulaw", "silent", "microphone", "aggregated", "untold")


@dataclass(frozen=True, slots=True)
class Watched:
    """What a reader gave of one camera."""

    tracks: list[Track]
    packets: list[Packet]

    def of(self, kind: TrackKind) -> dict[bytes, Packet]:
        """The packets of a kind by their data."""
        return {packet.data: packet for packet in self.packets if packet.kind is kind}


def camera_at(url: str, certificate: str = "any") -> Camera:
    return Camera(id=CameraId("cam-1"), name=Text(zh="一", en="one"), url=url, certificate=certificate)


def watch(source: StreamSource, url: str, seconds: float = SECONDS) -> Watched:
    packets: list[Packet] = []
    with source.open(camera_at(url), Event()) as stream:
        for packet in stream:
            packets.append(packet)
            if packet.arrived - packets[0].arrived > seconds:
                break
        return Watched(list(stream.tracks), packets)


@pytest.fixture(scope="module")
def reels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reels")
    plain = film(folder / "plain.mov", key_every=3)
    return {
        "plain": plain,
        "ordered": film(folder / "ordered.mov", b_frames=2),
        "hevc": film(folder / "hevc.mov", "stereo", video="hevc"),
        "opus": film(folder / "opus.mp4", "opus"),
        "alaw": film(folder / "alaw.mov", "pcm_alaw"),
        "mulaw": film(folder / "mulaw.mov", "pcm_mulaw"),
        "silent": film(folder / "silent.mov", ""),
        "microphone": film(folder / "microphone.mov", video=""),
        "aggregated": plain,
        "untold": plain,
    }


@pytest.fixture(scope="module")
def watched(reels: Mapping[str, Path]) -> Iterator[dict[str, tuple[Watched, Watched]]]:
    """Every kind of camera, watched by both readers at the same time."""
    clock = SystemClock()
    habits = {CameraId("aggregated"): Habits(aggregates=True), CameraId("untold"): Habits(tells_sets=False)}
    cameras = {CameraId(name): {"one": reel} for name, reel in reels.items()}
    with RtspHall(cameras, habits=habits) as hall, ThreadPoolExecutor(2 * len(cameras)) as threads:
        tasks = {
            name: [
                threads.submit(watch, source, hall.url(name))
                for source in (TcpRtspSource(clock, 8.0), RtspSource(clock, 8.0, probe_seconds=0.3))
            ]
            for name in cameras
        }
        yield {name: (own.result(30), ffmpeg.result(30)) for name, (own, ffmpeg) in tasks.items()}


@pytest.mark.parametrize("name", KINDS)
def test_both_readers_see_the_same_tracks(name: str, watched: dict[str, tuple[Watched, Watched]]) -> None:
    own, ffmpeg = watched[name]
    for ours, theirs in zip(own.tracks, ffmpeg.tracks, strict=True):
        assert (ours.kind, ours.codec, ours.time_base) == (theirs.kind, theirs.codec, theirs.time_base)
        assert (ours.width, ours.height, ours.frame_rate) == (theirs.width, theirs.height, theirs.frame_rate)
        assert (ours.sample_rate, ours.channels) == (theirs.sample_rate, theirs.channels)


@pytest.mark.parametrize("name", KINDS)
def test_both_readers_give_the_same_packets(name: str, watched: dict[str, tuple[Watched, Watched]]) -> None:
    """Byte for byte, at the same media time, and the same ones as key frames."""
    own, ffmpeg = watched[name]
    for track in own.tracks:
        ours, theirs = own.of(track.kind), ffmpeg.of(track.kind)
        both = ours.keys() & theirs.keys()
        assert len(both) > 10
        tick = track.time_base[0] / track.time_base[1]
        offsets = {round((ours[data].pts - theirs[data].pts) * tick, 2) for data in both}
        assert len(offsets) <= 2
        assert max(offsets) - min(offsets) <= 0.011
        assert all(ours[data].is_key == theirs[data].is_key for data in both)
        told = [packet for data in both if (packet := ours[data]).sent_at_us is not None]
        assert told


@pytest.mark.parametrize("name", KINDS)
def test_decoding_times_grow_and_are_not_after_showing(
    name: str, watched: dict[str, tuple[Watched, Watched]]
) -> None:
    own, _ = watched[name]
    for track in own.tracks:
        packets = [packet for packet in own.packets if packet.track == track.index]
        times = [packet.dts for packet in packets]
        assert times == sorted(set(times))
        assert all(packet.dts <= packet.pts for packet in packets)


def test_a_camera_under_tls_shows_the_certificate_that_is_asked_for(
    reels: Mapping[str, Path], tmp_path: Path
) -> None:
    certificate = make_certificate(tmp_path)
    text = certificate.read_text().partition("-----BEGIN CERTIFICATE-----")
    shown = ssl.PEM_cert_to_DER_cert(f"{text[1]}{text[2].strip()}\n")
    digest = hashlib.sha256(shown).hexdigest()
    colons = ":".join(digest[at : at + 2].upper() for at in range(0, 64, 2))
    source = CameraSource(SystemClock(), 8.0)
    with RtspHall({CameraId("plain"): {"one": reels["plain"]}}, certificate=certificate) as hall:
        url = hall.url(CameraId("plain"))
        for right in ("any", digest, colons):
            with source.open(camera_at(url, right), Event()) as stream:
                assert next(iter(stream)).data
        for wrong in ("verified", "0" * 64):
            with (
                pytest.raises(SourceMalformed, match="certificate"),
                source.open(camera_at(url, wrong), Event()),
            ):
                pass
        assert len(watch(source, url, 1.0).packets) > 20


def test_what_our_own_reader_does_not_understand_is_read_with_ffmpeg() -> None:
    """Once it is known, FFmpeg is asked at once."""

    def script(asked: Asked) -> bytes | None:
        if asked.method == "DESCRIBE":
            return response(asked, body="v=0\r\nm=audio 0 RTP/AVP 11\r\na=control:sound\r\n")
        if asked.method == "PLAY":
            packet = bytes((0x80, 11, 0, 1)) + bytes(8) + bytes(800)
            return response(asked) + b"".join(
                b"$\0" + (len(packet)).to_bytes(2, "big") + packet[:2] + number.to_bytes(2, "big")
                + (number * 400).to_bytes(4, "big") + packet[8:]
                for number in range(400)
            )  # fmt: skip
        return None

    source = CameraSource(SystemClock(), 4.0)
    with ScriptedCamera(script) as camera:
        for connections in (2, 3):
            with source.open(camera_at(camera.url), Event()) as stream:
                assert [track.codec for track in stream.tracks] == ["pcm_s16be"]
                assert len(next(iter(stream)).data) > 0
            assert max(asked.connection for asked in camera.asked) + 1 == connections


def test_a_certificate_that_ffmpeg_cannot_check_is_not_left_unchecked() -> None:
    camera = camera_at("rtsps://127.0.0.1/main", "verified").model_copy(update={"transport": "udp"})
    with pytest.raises(SourceMalformed, match="certificate"):
        CameraSource(SystemClock(), 2.0).open(camera, Event())
