"""What is damaged: a film's packets, the files that they are recorded into, and a camera's side of RTSP."""

from __future__ import annotations

import base64
import json
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

from capture.sources.file import FileSource
from fixtures.rtsp import RtspHall
from hall.clock import SystemClock
from hall.errors import SourceEnded
from hall.media import Packet, Track, TrackKind
from hall.names import CameraId
from hall.place import Camera, Text
from hall.wire import from_wire, to_wire
from tests.media import film

CAMERA = CameraId("cam-1")
SECONDS = 4.0
"""Of a stream."""
LIVE_SECONDS = 2.0
ANSWERS = ("OPTIONS", "DESCRIBE", "SETUP 0", "SETUP 1", "PLAY")


@dataclass(frozen=True, slots=True)
class Stream:
    """What a source gives: tracks and packets; `arrived` counts from the beginning."""

    tracks: tuple[Track, ...]
    packets: tuple[Packet, ...]

    def pack(self) -> bytes:
        """The stream as JSON."""
        rows = [
            [
                one.track,
                one.kind.value,
                _text(one.data),
                one.pts,
                one.dts,
                one.duration,
                one.is_key,
                one.arrived,
                one.sent_at_us,
            ]
            for one in self.packets
        ]
        return json.dumps({"tracks": [to_wire(track) for track in self.tracks], "packets": rows}).encode()

    @classmethod
    def unpack(cls, packed: bytes) -> Stream:
        """The stream of `pack`."""
        content = json.loads(packed)
        return cls(
            tuple(from_wire(Track, track) for track in content["tracks"]),
            tuple(
                Packet(row[0], TrackKind(row[1]), base64.b64decode(row[2]), *row[3:])
                for row in content["packets"]
            ),
        )


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a camera answers, by request (the SETUPs numbered), and what it sends once it plays."""

    answers: dict[str, bytes]
    media: bytes

    def pack(self) -> bytes:
        """The conversation as JSON."""
        answers = {name: _text(answer) for name, answer in self.answers.items()}
        return json.dumps({"answers": answers, "media": _text(self.media)}).encode()

    @classmethod
    def unpack(cls, packed: bytes) -> Conversation:
        """The conversation of `pack`."""
        content = json.loads(packed)
        answers = {name: base64.b64decode(answer) for name, answer in content["answers"].items()}
        return cls(answers, base64.b64decode(content["media"]))


@dataclass(frozen=True, slots=True)
class Material:
    """All that is damaged; each with AAC and with G.711 sound."""

    streams: tuple[Stream, ...]
    conversations: tuple[Conversation, ...]


def gather(folder: Path) -> Material:
    """Make films, and listen to cameras that show them."""
    films = {
        CameraId("cam-aac"): film(folder / "aac.mov", "aac"),
        CameraId("cam-alaw"): film(folder / "alaw.mov", "pcm_alaw"),
    }
    with RtspHall({camera: {"one": reel} for camera, reel in films.items()}) as server:
        conversations = tuple(_listen(server.url(camera)) for camera in films)
    return Material(tuple(_stream(reel) for reel in films.values()), conversations)


def _stream(reel: Path) -> Stream:
    camera = Camera(id=CAMERA, name=Text(zh="一", en="one"), url=str(reel))
    packets: list[Packet] = []
    with FileSource(SystemClock(), speed=1e9).open(camera, Event()) as opened:
        tracks = tuple(opened.tracks)
        with suppress(SourceEnded):
            packets.extend(opened)
    ticks = {track.index: track.time_base[0] / track.time_base[1] for track in tracks}
    timed = (replace(one, arrived=one.dts * ticks[one.track]) for one in packets)
    return Stream(tracks, tuple(one for one in timed if one.arrived < SECONDS))


def _listen(url: str) -> Conversation:
    """Ask a camera as a client would, and note what it says for a while."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), 10) as connection:
        answers: dict[str, bytes] = {}
        for number, name in enumerate(ANSWERS, 1):
            method, _, track = name.partition(" ")
            where = f"{url}/{_control(answers['DESCRIBE'], int(track))}" if track else url
            channels = (
                f"Transport: RTP/AVP/TCP;unicast;interleaved={2 * int(track)}-{2 * int(track) + 1}\r\n"
                if track
                else ""
            )
            asked = f"Session: {_session(answers['SETUP 0'])}\r\n" if "SETUP 0" in answers else ""
            connection.sendall(
                f"{method} {where} RTSP/1.0\r\nCSeq: {number}\r\n{channels}{asked}\r\n".encode()
            )
            answers[name], rest = _answer(connection)
        media, until = rest, time.monotonic() + LIVE_SECONDS
        connection.settimeout(0.2)
        while time.monotonic() < until:
            with suppress(TimeoutError):
                media += connection.recv(65_536)
    return Conversation(answers, media)


def _answer(connection: socket.socket) -> tuple[bytes, bytes]:
    """The next answer, and what came behind it."""
    heard = b""
    while b"\r\n\r\n" not in heard:
        heard += connection.recv(65_536)
    head, _, rest = heard.partition(b"\r\n\r\n")
    length = next(
        (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    while len(rest) < length:
        rest += connection.recv(65_536)
    return head + b"\r\n\r\n" + rest[:length], rest[length:]


def _control(description: bytes, number: int) -> str:
    controls = [line[10:] for line in description.decode().split("\r\n") if line.startswith("a=control:")]
    tracks = [control for control in controls if control != "*"]
    return tracks[number].rpartition("/")[2]


def _session(answer: bytes) -> str:
    line = next(line for line in answer.decode().split("\r\n") if line.lower().startswith("session:"))
    return line[8:].partition(";")[0].strip()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
