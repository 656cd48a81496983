"""Live view end to end: packets on a real bus, the live role, and a WebRTC client that decodes them."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from bus.connection import Bus, Message, connect
from bus.server import running
from bus.subjects import LIVE_WANT, every, tap_live
from bus.tap import TapMessage
from console.live.gateway import BusLiveGateway
from console.live.role import run_live
from hall.clock import SystemClock
from hall.config import parse_configuration
from hall.errors import BusError, MediaError, SourceStalled
from hall.media import Packet, Track, TrackKind
from hall.names import CameraId
from store.database import Database
from tests.integration.console_hall import YAML

CAMERA = CameraId("c1")
AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
RATE = 20
SECONDS = 30


def film(count: int = 100) -> tuple[Track, list[Packet]]:
    """Noise that no second encoder would give back bit by bit: a key frame every second, no sets in band."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream: VideoStream = out.add_stream(
            "libx264",
            rate=RATE,
            options={"g": str(RATE), "bf": "0", "sc_threshold": "0", "profile": "baseline"},
        )
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        noise = np.random.default_rng(7)
        for number in range(count):
            pixels = noise.integers(0, 255, (15, 20, 3), np.uint8).repeat(8, 0).repeat(8, 1)
            frame = av.VideoFrame.from_ndarray(pixels, "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    file.seek(0)
    with av.open(file, "r") as source:
        video = source.streams.video[0]
        base = video.time_base
        assert base is not None
        track = Track(
            0,
            TrackKind.VIDEO,
            "h264",
            (base.numerator, base.denominator),
            bytes(video.codec_context.extradata or b""),
            160,
            120,
        )
        packets = [
            Packet(0, TrackKind.VIDEO, bytes(coded), coded.pts, coded.pts, 0, coded.is_keyframe, 0.0)
            for coded in source.demux(video)
            if coded.size and coded.pts is not None
        ]
    return track, packets


def aac(seconds: int = 6) -> tuple[Track, list[Packet]]:
    """A tone as AAC."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream: AudioStream = out.add_stream("aac", rate=16_000, layout="mono")
        for number in range(seconds * 16):
            time = (np.arange(1000) + number * 1000) / 16_000
            tone = (np.sin(2 * np.pi * 440 * time) * 12_000).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(tone.reshape(1, -1), "s16", "mono")
            frame.sample_rate, frame.pts = 16_000, number * 1000
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    file.seek(0)
    with av.open(file, "r") as source:
        sound = source.streams.audio[0]
        track = Track(
            1,
            TrackKind.AUDIO,
            "aac",
            (1, 16_000),
            bytes(sound.codec_context.extradata or b""),
            sample_rate=16_000,
            channels=1,
        )
        packets = [
            Packet(1, TrackKind.AUDIO, bytes(coded), coded.pts, coded.pts, 0, True, 0.0)
            for coded in source.demux(sound)
            if coded.size and coded.pts is not None
        ]
    return track, packets


def fingerprint(frame: av.VideoFrame) -> str:
    return hashlib.sha256(frame.to_ndarray(format="yuv420p").tobytes()).hexdigest()


def decoded(track: Track, packets: list[Packet]) -> list[str]:
    """The fingerprints of all pictures, decoded straight from the camera's own packets."""
    decoder = av.CodecContext.create("h264", "r")
    decoder.extradata = track.extradata
    pictures = [picture for packet in packets for picture in decoder.decode(av.Packet(packet.data))]
    pictures += decoder.decode(None)
    return [fingerprint(picture) for picture in pictures]


class FakeCapture:
    """What capture does with a wish to watch: the last half second at once, then packets in real time."""

    def __init__(self, bus: Bus, *films: tuple[Track, list[Packet]]) -> None:
        self._bus = bus
        self._films = films
        self.wishes = 0
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._bus.subscribe(every(LIVE_WANT), self._want)

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _want(self, _message: Message) -> None:
        self.wishes += 1
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._play())

    async def _play(self) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time() - 0.5
        timed = sorted(
            (
                (packet.pts * Fraction(*track.time_base), track, packet)
                for track, film in self._films
                for packet in film
            ),
            key=lambda entry: entry[0],
        )
        for at, track, packet in timed:
            wait = began + float(at) - loop.time()
            if wait > 0:
                await asyncio.sleep(wait)
            message = TapMessage(CAMERA, track, (packet,), AT, cached=wait <= 0)
            await self._bus.publish(tap_live(CAMERA), message.encode())


class Viewer:
    """A browser's part: receives, decodes, and keeps what it saw and heard."""

    def __init__(self, gateway: BusLiveGateway, session: str) -> None:
        self._gateway = gateway
        self.session = session
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.pictures: list[str] = []
        self.samples: list[np.ndarray[tuple[int, ...], np.dtype[np.int16]]] = []
        self._taking: list[asyncio.Task[None]] = []

    async def view(self, *kinds: str, sound: bool = True, hides: bool = False) -> str:
        """`hides`: as browsers do, the own addresses are given as names that only multicast could resolve."""
        for kind in kinds:
            self.peer.addTransceiver(kind, "recvonly")
        self.peer.on("track", self._on_track)
        await self.peer.setLocalDescription(await self.peer.createOffer())
        offer = self.peer.localDescription.sdp
        if hides:
            offer = re.sub(
                r"(a=candidate:(?:\S+ ){4})\S+", r"\g<1>4b2c9f7e-0000-4000-8000-1a2b3c4d5e6f.local", offer
            )
        answer = await self._gateway.offer(CAMERA, self.session, offer, sound=sound)
        await self.peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        return answer

    def _on_track(self, track: MediaStreamTrack) -> None:
        self._taking.append(asyncio.get_running_loop().create_task(self._take(track)))

    async def _take(self, track: MediaStreamTrack) -> None:
        while True:
            frame = await track.recv()
            if isinstance(frame, av.VideoFrame):
                self.pictures.append(fingerprint(frame))
            elif isinstance(frame, av.AudioFrame):
                self.samples.append(frame.to_ndarray().astype(np.int16))

    async def close(self) -> None:
        for task in self._taking:
            task.cancel()
        await asyncio.gather(*self._taking, return_exceptions=True)
        await self.peer.close()


async def eventually(holds: Callable[[], bool], seconds: float = SECONDS) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.02)


@pytest.fixture
def bus_url(tmp_path: Path) -> Iterator[str]:
    with running(tmp_path / "bus") as server:
        yield server.url


@pytest.fixture
async def live(bus_url: str, tmp_path: Path) -> AsyncIterator[None]:
    configuration = parse_configuration(YAML.replace("DATA", str(tmp_path)))
    database = Database(f"sqlite:///{tmp_path / 'hall.db'}")
    stop = asyncio.Event()
    role = asyncio.create_task(run_live(configuration, database, bus_url, SystemClock(), stop))
    yield
    stop.set()
    async with asyncio.timeout(3):
        await role
    database.close()


@pytest.fixture
async def bus(bus_url: str) -> AsyncIterator[Bus]:
    connection = await connect(bus_url, "test")
    yield connection
    await connection.close()


@contextlib.asynccontextmanager
async def capture(bus: Bus, *films: tuple[Track, list[Packet]]) -> AsyncIterator[FakeCapture]:
    fake = FakeCapture(bus, *films)
    await fake.start()
    yield fake
    await fake.stop()


@contextlib.asynccontextmanager
async def viewer(bus: Bus, session: str = "session-of-the-test") -> AsyncIterator[Viewer]:
    viewer = Viewer(BusLiveGateway(bus), session)
    try:
        yield viewer
    finally:
        await viewer.close()


async def role_answers(bus: Bus) -> None:
    """Wait until the live role listens."""
    async with asyncio.timeout(SECONDS):
        while True:
            with contextlib.suppress(BusError):
                await BusLiveGateway(bus).end("nobody-there-at-all")
                return
            await asyncio.sleep(0.05)


@pytest.mark.usefixtures("live")
async def test_pictures_arrive_bit_by_bit_as_the_camera_coded_them(bus: Bus) -> None:
    await role_answers(bus)
    track, packets = film()
    sent = decoded(track, packets)
    assert len(set(sent)) == len(packets)
    async with capture(bus, (track, packets)), viewer(bus) as watching:
        answer = await watching.view("video")
        assert "VP8" not in answer
        await eventually(lambda: len(watching.pictures) >= 30)
        seen = list(watching.pictures)
        second = Viewer(BusLiveGateway(bus), "second-session-of-it")
        await second.view("video")
        await eventually(lambda: len(second.pictures) >= 5)
        await second.close()
    first = sent.index(seen[0])
    assert first % RATE == 0, "a view begins with a key frame"
    assert seen == sent[first : first + len(seen)]
    assert second.pictures[0] in sent[::RATE]
    assert set(second.pictures) <= set(sent)


@pytest.mark.usefixtures("live")
async def test_a_viewer_that_hides_its_addresses_behind_names_is_found_by_its_first_packet(bus: Bus) -> None:
    await role_answers(bus)
    async with capture(bus, film()), viewer(bus) as watching:
        await watching.view("video", sound=False, hides=True)
        await eventually(lambda: len(watching.pictures) >= 3)


@pytest.mark.usefixtures("live")
async def test_sound_in_aac_is_heard_as_opus(bus: Bus) -> None:
    await role_answers(bus)
    async with capture(bus, film(), aac()), viewer(bus) as watching:
        answer = await watching.view("video", "audio")
        assert "opus/48000" in answer
        await eventually(lambda: len(watching.samples) >= 60 and len(watching.pictures) >= 10)
    heard = np.concatenate([block.reshape(-1, 2)[:, 0] for block in watching.samples[20:60]]).astype(float)
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    assert abs(np.fft.rfftfreq(len(heard), 1 / 48_000)[spectrum.argmax()] - 440) < 5


@pytest.mark.usefixtures("live")
async def test_who_may_not_hear_is_sent_no_packet_of_sound_whatever_the_offer_asks(bus: Bus) -> None:
    await role_answers(bus)
    async with capture(bus, film(), aac()), viewer(bus) as watching:
        answer = await watching.view("video", "audio", sound=False)
        about_sound = answer.partition("m=audio")[2]
        assert "a=inactive" in about_sound
        await eventually(lambda: len(watching.pictures) >= 30)
        assert watching.samples == []


@pytest.mark.usefixtures("live")
async def test_telephone_sound_passes_untouched(bus: Bus) -> None:
    await role_answers(bus)
    track = Track(1, TrackKind.AUDIO, "pcm_alaw", (1, 8000), sample_rate=8000, channels=1)
    ramp = bytes(range(160))
    packets = [
        Packet(1, TrackKind.AUDIO, ramp, number * 160, number * 160, 160, True, 0.0) for number in range(250)
    ]
    async with capture(bus, film(), (track, packets)), viewer(bus) as watching:
        answer = await watching.view("video", "audio")
        assert "PCMA/8000" in answer
        await eventually(lambda: len(watching.samples) >= 10)
    assert len({block.tobytes() for block in watching.samples[2:]}) == 1


@pytest.mark.usefixtures("live")
async def test_a_camera_is_wanted_only_while_somebody_watches(bus: Bus) -> None:
    await role_answers(bus)
    gateway = BusLiveGateway(bus)
    async with capture(bus, film(200)) as fake, viewer(bus) as watching:
        await watching.view("video")
        await eventually(lambda: fake.wishes >= 2)
        assert await gateway.end(watching.session)
        assert not await gateway.end(watching.session)
        wished = fake.wishes
        await asyncio.sleep(2.5)
        assert fake.wishes == wished


@pytest.mark.usefixtures("live")
async def test_what_cannot_be_shown_is_refused_in_words(bus: Bus) -> None:
    await role_answers(bus)
    gateway = BusLiveGateway(bus)
    track, packets = film()
    other = replace(track, codec="hevc")
    async with capture(bus, (other, packets)):
        with pytest.raises(MediaError, match="hevc"):
            await gateway.offer(CAMERA, "one-session-of-many", "v=0", sound=True)
    with pytest.raises(SourceStalled):
        await gateway.offer(CameraId("c2"), "one-session-of-many", "v=0", sound=True)
    async with capture(bus, (track, packets)):
        for offer in ("v=0", "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n", "v=0\r\nm=\r\n"):
            with pytest.raises(MediaError):
                await gateway.offer(CAMERA, "one-session-of-many", offer, sound=True)


async def test_without_a_live_role_an_offer_is_unavailable(bus: Bus) -> None:
    with pytest.raises(BusError):
        await BusLiveGateway(bus).offer(CAMERA, "one-session-of-many", "v=0", sound=True)
