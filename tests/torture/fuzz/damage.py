"""How bytes, packets and conversations are damaged: by a generator of chance that a seed repeats."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace

from hall.media import Packet, Track, TrackKind
from tests.torture.fuzz.material import Conversation, Stream

BOXES = re.compile(
    rb"ftyp|moov|mvhd|trak|tkhd|mdia|mdhd|hdlr|minf|stbl|stsd|mvex|trex|udta|ilst|moof|mfhd|traf|tfhd|tfdt|trun|mdat"
)
ABSURD = (0, 1, 2, 7, 8, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
ABSURD_TIMES = (-(2**62), -(2**33), -1, 0, 1, 2**31, 2**32 - 1, 2**33, 2**62)
NUMBERS = (
    b"0",
    b"-1",
    b"1",
    b"65536",
    b"4294967296",
    b"99999999999999999999",
    b"",
    b"\xff\xfe",
    b"1e9",
    b"nan",
)

Change = Callable[[random.Random, bytearray], None]


def damaged_bytes(chance: random.Random, data: bytes, most: int = 4) -> bytes:
    """Some bytes after one to `most` changes; never longer than they were and a half."""
    content = bytearray(data)
    for _ in range(chance.randint(1, most)):
        if not content:
            break
        chance.choice(CHANGES)(chance, content)
    return bytes(content)


def damaged_file(chance: random.Random, data: bytes) -> bytes:
    """An MP4 file whose structure is hit as often as its content, though it is far smaller."""
    if chance.random() < 0.5:
        return damaged_bytes(chance, data)
    content = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        box = chance.choice(list(BOXES.finditer(content)) or [None])
        if box is None:
            break
        place = max(0, box.start() - 4 + chance.choice((0, 0, 4, 8, 12, 16, 20, 24)))
        content[place : place + 4] = chance.choice(ABSURD).to_bytes(4, "big")
    return bytes(content)


def damaged_stream(chance: random.Random, stream: Stream) -> Stream:
    """Packets and tracks as a broken camera, network or demultiplexer might hand them over."""
    packets = list(stream.packets)
    share = chance.choice((0.01, 0.05, 0.3))
    for place in range(len(packets)):
        if chance.random() < share:
            packets[place] = chance.choice(PACKET_CHANGES)(chance, packets[place])
    for _ in range(chance.randint(0, 3)):
        start, length = chance.randrange(len(packets)), chance.randint(1, 20)
        part = packets[start : start + length]
        match chance.randrange(4):
            case 0:
                packets[start : start + length] = []
            case 1:
                packets[start:start] = part
            case 2:
                chance.shuffle(part)
                packets[start : start + length] = part
            case _:
                packets[start : start + length] = []
                packets += part
        packets = packets or list(stream.packets)
    tracks = stream.tracks
    if chance.random() < 0.2:
        tracks = tuple(_damaged_track(chance, track) for track in tracks)
    return Stream(tracks, tuple(packets))


def damaged_conversation(chance: random.Random, heard: Conversation) -> Conversation:
    """What a camera that has gone mad would say: answers, descriptions, media."""
    answers = dict(heard.answers)
    media = heard.media
    if chance.random() < 0.5:
        name = chance.choice(list(answers))
        answers[name] = _damaged_answer(chance, answers[name])
    else:
        media = _damaged_media(chance, media)
    return Conversation(answers, media)


def _damaged_answer(chance: random.Random, answer: bytes) -> bytes:
    match chance.randrange(4):
        case 0:
            return damaged_bytes(chance, answer)
        case 1:
            found = list(re.finditer(rb"\d+", answer))
            number = chance.choice(found)
            return answer[: number.start()] + chance.choice(NUMBERS) + answer[number.end() :]
        case 2:
            lines = answer.split(b"\r\n")
            start = chance.randrange(len(lines))
            part = lines[start : start + chance.randint(1, 6)]
            chance.shuffle(part)
            lines[start : start + len(part)] = part[: chance.randint(0, len(part))]
            return b"\r\n".join(lines)
        case _:
            start = chance.randrange(len(answer))
            return answer[:start] + chance.randbytes(chance.randint(1, 3000)) + answer[start:]


def _damaged_media(chance: random.Random, media: bytes) -> bytes:
    """Damage among the interleaved frames: their heads, the heads of their packets, or anywhere."""
    frames = _frames(media)
    if chance.random() < 0.3 or not frames:
        return damaged_bytes(chance, media, most=8)
    for _ in range(chance.randint(1, 12)):
        place = chance.randrange(len(frames))
        match chance.randrange(5):
            case 0:
                del frames[place]
            case 1:
                frames[place], frames[-1] = frames[-1], frames[place]
            case 2:
                head = bytearray(frames[place])
                head[chance.randrange(min(20, len(head)))] = chance.randrange(256)
                frames[place] = bytes(head)
            case 3:
                frames[place] = damaged_bytes(chance, frames[place])
            case _:
                frames.insert(place, frames[place])
        if not frames:
            break
    return b"".join(frames)


def _frames(media: bytes) -> list[bytes]:
    frames, place = [], 0
    while place + 4 <= len(media) and media[place : place + 1] == b"$":
        length = 4 + int.from_bytes(media[place + 2 : place + 4], "big")
        frames.append(media[place : place + length])
        place += length
    return frames


def _flip(chance: random.Random, content: bytearray) -> None:
    for _ in range(chance.choice((1, 1, 8, 64))):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)


def _cut(chance: random.Random, content: bytearray) -> None:
    del content[chance.randrange(len(content)) :]


def _take_out(chance: random.Random, content: bytearray) -> None:
    start = chance.randrange(len(content))
    del content[start : start + chance.randint(1, 4000)]


def _swap(chance: random.Random, content: bytearray) -> None:
    first, second, length = (
        chance.randrange(len(content)),
        chance.randrange(len(content)),
        chance.randint(1, 2000),
    )
    one, other = content[first : first + length], content[second : second + length]
    content[first : first + len(other)], content[second : second + len(one)] = other, one


def _overwrite(chance: random.Random, content: bytearray) -> None:
    start, length = chance.randrange(len(content)), chance.randint(1, 1000)
    length = min(length, len(content) - start)
    filling = chance.choice((b"\0" * length, b"\xff" * length, chance.randbytes(length)))
    content[start : start + length] = filling


def _number(chance: random.Random, content: bytearray) -> None:
    start = chance.randrange(len(content))
    content[start : start + 4] = chance.choice(ABSURD).to_bytes(4, "big")


def _insert(chance: random.Random, content: bytearray) -> None:
    start = chance.randrange(len(content))
    content[start:start] = chance.randbytes(chance.randint(1, 300))


CHANGES: tuple[Change, ...] = (_flip, _flip, _cut, _take_out, _swap, _overwrite, _number, _insert)

PACKET_CHANGES: tuple[Callable[[random.Random, Packet], Packet], ...] = (
    lambda chance, packet: replace(packet, data=damaged_bytes(chance, packet.data)),
    lambda chance, packet: replace(packet, data=packet.data[: chance.randrange(12)]),
    lambda chance, packet: replace(packet, data=chance.randbytes(chance.randint(1, 60_000))),
    lambda chance, packet: replace(packet, dts=packet.dts + chance.choice(ABSURD_TIMES)),
    lambda chance, packet: replace(packet, pts=packet.pts + chance.choice(ABSURD_TIMES)),
    lambda chance, packet: replace(packet, dts=packet.dts + chance.randint(-90_000, 90_000)),
    lambda chance, packet: replace(packet, duration=chance.choice(ABSURD_TIMES)),
    lambda chance, packet: replace(packet, is_key=not packet.is_key),
    lambda chance, packet: replace(packet, sent_at_us=chance.choice(ABSURD_TIMES)),
)


def _damaged_track(chance: random.Random, track: Track) -> Track:
    match chance.randrange(5):
        case 0:
            return replace(track, extradata=damaged_bytes(chance, track.extradata or b"\0"))
        case 1:
            return replace(track, extradata=b"")
        case 2 if track.kind is TrackKind.AUDIO:
            return replace(track, sample_rate=chance.choice((0, 1, 8000, 44_100, 96_000, 2**31)))
        case 3 if track.kind is TrackKind.AUDIO:
            return replace(track, channels=chance.choice((0, 1, 2, 8, 255)))
        case _:
            codec = chance.choice(("h264", "hevc", "aac", "opus", "pcm_alaw", "pcm_mulaw", "mjpeg", ""))
            return replace(track, codec=codec)
