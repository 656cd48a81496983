"""A whole stream from memory: every picture and block of sound comes out, and damage harms nothing else."""

from __future__ import annotations

import struct
from pathlib import Path
from random import Random
from threading import Event

import pytest

from capture.rtsp.address import parse as parse_address
from capture.rtsp.connection import CAPACITY, SLACK, Connection
from capture.rtsp.description import parse
from capture.rtsp.formats import Picture, Sound, picture_of, sound_of
from capture.rtsp.session import Playing, Session
from capture.rtsp.stream import AWAITED_REST_SECONDS, REST_SECONDS, Pace, RtspStream
from fixtures.rtsp.description import description
from fixtures.rtsp.habits import ORDINARY
from fixtures.rtsp.packets import RtpStream
from fixtures.rtsp.reel import VIDEO_RATE, Reel, load
from hall.clock import SimulatedClock
from hall.errors import SourceEnded, SourceError
from hall.media import Packet, TrackKind
from hall.names import CameraId
from tests.media import RATE, film

CASES = 300


class FromMemory(Connection):
    """A connection over which a stream comes in pieces, and then its end."""

    def __init__(self, stream: bytes, random: Random) -> None:
        self.buffer = bytearray(CAPACITY + SLACK)
        self.begin = self.end = 0
        self._stream = stream
        self._random = random
        self.rests: list[float] = []

    def fill(self, seconds: float) -> bool:
        rest = self.buffer[self.begin : self.end]
        self.buffer[: len(rest)] = rest
        size = min(self._random.choice((90, 5000, 70_000)), CAPACITY - len(rest))
        piece, self._stream = self._stream[:size], self._stream[size:]
        if not piece:
            raise SourceEnded("the camera closed the connection")
        self.begin, self.end = 0, len(rest) + len(piece)
        self.buffer[len(rest) : self.end] = piece
        return True

    def rest(self, seconds: float) -> None:
        """Nothing more would come; how long it would have been waited for."""
        self.rests.append(seconds)

    def send(self, data: bytes) -> None:
        """Nobody listens."""

    def close(self, farewell: bytes = b"") -> None:
        """There is nothing to close."""


@pytest.fixture(scope="module", params=["h264", "hevc"])
def reel(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Reel:
    path: Path = tmp_path_factory.mktemp("reel") / "reel.mov"
    return load(film(path, video=request.param, b_frames=2 if request.param == "h264" else 0))


def sent(reel: Reel) -> bytes:
    """The reel as a camera sends it, picture and sound in turn."""
    assert reel.sound is not None
    pictures, blocks = RtpStream(96, VIDEO_RATE, 1, 65_000, 7), RtpStream(97, reel.sound.rate, 2, 9, 11)
    frames: list[tuple[float, bytes]] = []
    for payloads, shown in zip(reel.pictures, reel.shown, strict=True):
        for packet in pictures.packets_of(payloads, shown * VIDEO_RATE // RATE):
            frames.append((len(frames), struct.pack(">cBH", b"$", 0, len(packet)) + packet))
    for number, payload in enumerate(reel.blocks):
        for packet in blocks.packets_of([payload], number * reel.block):
            at = number * len(frames) / len(reel.blocks)
            frames.append((at, struct.pack(">cBH", b"$", 2, len(packet)) + packet))
    return b"".join(frame for _, frame in sorted(frames))


def packets_of(reel: Reel, stream: bytes, random: Random) -> list[Packet]:
    """What is read of a stream until it ends or cannot be read any further."""
    return packets_over(FromMemory(stream, random), reel, Pace(8.0))


def packets_over(connection: FromMemory, reel: Reel, pace: Pace) -> list[Packet]:
    """What comes over a connection until it ends or cannot be read any further."""
    clock = SimulatedClock()
    session = Session(connection, parse_address("rtsp://camera/main"), clock, 10.0)
    told = parse(description(reel, ORDINARY, "camera", "camera").encode())
    formats: list[Picture | Sound] = [one for one in (picture_of(told), sound_of(told)) if one is not None]
    playing = [Playing(0, None), Playing(2, None)]
    packets: list[Packet] = []
    with RtspStream(CameraId("cam-1"), connection, session, formats, playing, clock, Event(), pace) as read:
        read.learn(10.0)
        try:
            packets.extend(read)
        except SourceError as error:
            assert str(error)  # noqa: PT017 - of whatever kind
    return packets


def test_every_picture_and_block_comes_out(reel: Reel) -> None:
    packets = packets_of(reel, sent(reel), Random(1))
    sound = [packet.data for packet in packets if packet.kind is TrackKind.AUDIO]
    assert sound == [payload.data[4:] for payload in reel.blocks]
    pictures = [packet for packet in packets if packet.kind is TrackKind.VIDEO]
    assert len(pictures) == len(reel.pictures)
    assert [packet.is_key for packet in pictures] == [
        number % reel.key_every == 0 for number in range(len(pictures))
    ]


def test_packets_that_are_awaited_are_taken_soon_and_others_together(reel: Reel) -> None:
    awaited, kept = (FromMemory(sent(reel), Random(1)) for _ in range(2))
    assert packets_over(awaited, reel, Pace(8.0, lambda: True)) == packets_over(kept, reel, Pace(8.0))
    assert max(awaited.rests) <= 1.5 * AWAITED_REST_SECONDS < 0.5 * REST_SECONDS <= min(kept.rests)


def damaged(stream: bytes, random: Random) -> bytes:
    """Bits flipped, parts cut out, copied elsewhere, zeroed, or noise put in."""
    found = bytearray(stream)
    how = random.choice(("flip", "cut", "copy", "zero", "noise"))
    for _ in range(random.choice((1, 5, 50))):
        at, size = random.randrange(len(found)), random.choice((1, 4, 100, 3000))
        other = random.randrange(len(found))
        match how:
            case "flip":
                found[at] ^= 1 << random.randrange(8)
            case "cut":
                del found[at : min(at + size, len(found) - 1)]
            case "copy":
                found[at:at] = found[other : other + size]
            case "zero":
                found[at : at + size] = bytes(len(found[at : at + size]))
            case _:
                found[at:at] = random.randbytes(size)
    return bytes(found)


def test_damage_gives_packets_or_a_source_error(reel: Reel) -> None:
    random, stream = Random(1), sent(reel)[:60_000]
    for _ in range(CASES):
        for packet in packets_of(reel, damaged(stream, random), random):
            assert packet.data
            assert packet.dts <= packet.pts
            assert packet.kind is TrackKind.AUDIO or packet.data.startswith(b"\0\0\0\1")
