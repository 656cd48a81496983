"""The media tap's message: packets of one track, as bytes and back.

Layout: the four bytes `HWT1`, the length of the header (unsigned 32 bit, big endian), the header (JSON,
UTF-8), the codec's private data, then the data of every packet in order. The header holds all sizes, so
a message that was cut short or tampered with is refused as a whole.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from hall.clock import from_microseconds, to_microseconds
from hall.errors import BusError
from hall.journal import Json
from hall.media import Packet, Track, TrackKind
from hall.names import SLUG, CameraId

MAGIC: Final = b"HWT1"
PREFIX: Final = struct.Struct(">4sI")
LARGEST_HEADER: Final = 1024 * 1024

JsonObject = dict[str, Json]


@dataclass(frozen=True, slots=True)
class TapMessage:
    """Packets of one track of a camera.

    `at` is the UTC wall time of the first packet by its run's anchor. `cached` marks packets that were
    sent before they were asked for: the last group of pictures, so that a new viewer sees at once.
    Every packet belongs to `track`.
    """

    camera: CameraId
    track: Track
    packets: tuple[Packet, ...]
    at: datetime
    cached: bool = False

    def encode(self) -> bytes:
        """The message as bytes. Raises ValueError for a packet of another track."""
        track = self.track
        rows: list[Json] = []
        for packet in self.packets:
            if packet.track != track.index or packet.kind is not track.kind:
                raise ValueError(f"a packet of track {packet.track} in a message of track {track.index}")
            rows.append(
                [
                    len(packet.data),
                    packet.pts,
                    packet.dts,
                    packet.duration,
                    packet.is_key,
                    packet.arrived,
                    packet.sent_at_us,
                ]
            )
        header: JsonObject = {
            "camera": self.camera,
            "at": to_microseconds(self.at),
            "cached": self.cached,
            "track": {
                "index": track.index,
                "kind": track.kind.value,
                "codec": track.codec,
                "time_base": list(track.time_base),
                "extradata": len(track.extradata),
                "width": track.width,
                "height": track.height,
                "frame_rate": track.frame_rate,
                "sample_rate": track.sample_rate,
                "channels": track.channels,
            },
            "packets": rows,
        }
        head = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
        return b"".join(
            [
                PREFIX.pack(MAGIC, len(head)),
                head,
                track.extradata,
                *(packet.data for packet in self.packets),
            ]
        )

    @classmethod
    def decode(cls, payload: bytes) -> TapMessage:
        """The message out of `encode`'s bytes. Raises BusError for anything else."""
        header, body = _split(payload)
        try:
            return _read(header, body)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise BusError(f"not a tap message: {type(error).__name__}: {error}") from error


def _split(payload: bytes) -> tuple[JsonObject, memoryview]:
    if len(payload) < PREFIX.size:
        raise BusError("not a tap message: shorter than its prefix")
    magic, length = PREFIX.unpack_from(payload)
    if magic != MAGIC:
        raise BusError("not a tap message: it starts otherwise")
    end = PREFIX.size + length
    if length > LARGEST_HEADER or end > len(payload):
        raise BusError("not a tap message: its header does not fit")
    try:
        header = json.loads(payload[PREFIX.size : end])
    except (ValueError, RecursionError) as error:
        raise BusError(f"not a tap message: its header is not JSON: {error}") from error
    if not isinstance(header, dict):
        raise BusError("not a tap message: its header is not an object")
    return cast(JsonObject, header), memoryview(payload)[end:]


def _read(header: JsonObject, body: memoryview) -> TapMessage:
    camera = _text(header["camera"])
    if not SLUG.match(camera):
        raise ValueError("the camera's id is not a slug")
    described, rows = header["track"], header["packets"]
    if not isinstance(described, dict) or not isinstance(rows, list):
        raise TypeError("track or packets have another form")
    size = _size(described["extradata"], body)
    track = _track(described, bytes(body[:size]))
    packets: list[Packet] = []
    place = size
    for row in rows:
        if not isinstance(row, list):
            raise TypeError("a packet has another form")
        size = _size(row[0], body[place:])
        packets.append(_packet(track, row, bytes(body[place : place + size])))
        place += size
    if place != len(body):
        raise ValueError(f"{len(body) - place} bytes too many")
    at = from_microseconds(_whole(header["at"]))
    return TapMessage(CameraId(camera), track, tuple(packets), at, _flag(header["cached"]))


def _track(row: JsonObject, extradata: bytes) -> Track:
    base = row["time_base"]
    if not isinstance(base, list) or len(base) != 2:
        raise TypeError("the time base has another form")
    numerator, denominator = _whole(base[0]), _whole(base[1])
    if numerator <= 0 or denominator <= 0:
        raise ValueError("the time base is not positive")
    return Track(
        index=_whole(row["index"]),
        kind=TrackKind(_text(row["kind"])),
        codec=_text(row["codec"]),
        time_base=(numerator, denominator),
        extradata=extradata,
        width=_whole(row["width"]),
        height=_whole(row["height"]),
        frame_rate=_number(row["frame_rate"]),
        sample_rate=_whole(row["sample_rate"]),
        channels=_whole(row["channels"]),
    )


def _packet(track: Track, row: list[Json], data: bytes) -> Packet:
    _, pts, dts, duration, is_key, arrived, sent = row
    return Packet(
        track=track.index,
        kind=track.kind,
        data=data,
        pts=_whole(pts),
        dts=_whole(dts),
        duration=_whole(duration),
        is_key=_flag(is_key),
        arrived=_number(arrived),
        sent_at_us=None if sent is None else _whole(sent),
    )


def _size(value: Json, left: memoryview) -> int:
    size = _whole(value)
    if not 0 <= size <= len(left):
        raise ValueError("a size does not fit into the message")
    return size


def _whole(value: Json) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("a whole number is missing")
    return value


def _number(value: Json) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("a number is missing")
    return float(value)


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is missing")
    return value


def _flag(value: Json) -> bool:
    if not isinstance(value, bool):
        raise TypeError("a truth value is missing")
    return value
