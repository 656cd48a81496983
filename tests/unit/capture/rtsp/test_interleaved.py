"""What a camera sends is cut into the same frames, however it arrives."""

from __future__ import annotations

import struct
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.rtsp.connection import SLACK
from capture.rtsp.interleaved import LARGEST_RUBBISH, Cutter
from capture.rtsp.messages import Message
from hall.errors import SourceMalformed

ANSWER = b"RTSP/1.0 200 OK\r\nCSeq: 5\r\nContent-Length: 3\r\n\r\nyes"


class Reader:
    """A cutter behind a buffer that is filled piece by piece."""

    def __init__(self) -> None:
        self.packets: list[tuple[bytes, int, int, int]] = []
        self.reports: list[tuple[int, bytes]] = []
        self.messages: list[Message] = []
        self.cutter = Cutter(lambda *report: self.reports.append(report), self.messages.append)
        self.cutter.route(0, 96, self._take)
        self.rest = b""

    def _take(self, buffer: bytearray, begin: int, end: int, sequence: int, stamp: int, mark: int) -> None:
        self.packets.append((bytes(buffer[begin:end]), sequence, stamp, mark))

    def feed(self, piece: bytes) -> None:
        whole = self.rest + piece
        at = self.cutter.cut(bytearray(whole) + bytes(SLACK), 0, len(whole))
        self.rest = whole[at:]


def framed(packet: bytes, channel: int = 0) -> bytes:
    return struct.pack(">cBH", b"$", channel, len(packet)) + packet


def rtp(payload: bytes, sequence: int = 7, kind: int = 96, first: int = 0x80) -> bytes:
    return struct.pack(">BBHII", first, kind, sequence, 9000, 1) + payload


frames = st.lists(
    st.one_of(
        st.binary(max_size=50).map(lambda payload: framed(rtp(payload))),
        st.binary(min_size=8, max_size=40).map(lambda report: framed(report, 1)),
        st.just(ANSWER),
        st.just(framed(rtp(b"of a kind that was not asked for", kind=100))),
        st.just(framed(b"for nobody", 9)),
        st.just(framed(b"")),
    ),
    max_size=12,
)


@given(sent=frames, cuts=st.lists(st.integers(1, 60), min_size=1, max_size=40))
def test_frames_are_the_same_however_they_arrive(sent: list[bytes], cuts: list[int]) -> None:
    whole, pieces = Reader(), Reader()
    stream = b"".join(sent)
    whole.feed(stream)
    at = 0
    for size in cuts:
        pieces.feed(stream[at : at + size])
        at += size
    pieces.feed(stream[at:])
    assert pieces.packets == whole.packets
    assert pieces.reports == whole.reports
    assert [message.body for message in pieces.messages] == [message.body for message in whole.messages]
    assert len(whole.messages) == sent.count(ANSWER)
    assert whole.rest == pieces.rest == b""
    assert whole.cutter.lost == pieces.cutter.lost == 0


def test_padding_extension_and_contributors_are_no_payload() -> None:
    reader = Reader()
    reader.feed(framed(rtp(b"payload\0\0\3", first=0xA0)))
    reader.feed(framed(rtp(b"\0\0\0\1" + b"more" + b"payload", first=0x90)))
    reader.feed(framed(rtp(b"from" + b"payload", first=0x81)))
    assert [packet[0] for packet in reader.packets] == [b"payload"] * 3


@pytest.mark.parametrize("first", [0xA0, 0x90, 0x8F, 0x00, 0xB0])
def test_headers_longer_than_their_packet_are_dropped(first: int) -> None:
    reader = Reader()
    reader.feed(framed(rtp(b"\xff\xff\xff\xff", first=first)))
    reader.feed(framed(rtp(b"next")))
    assert reader.packets[-1][0] == b"next"
    assert all(len(packet[0]) <= 4 for packet in reader.packets)


def test_rubbish_between_frames_is_passed_over_and_counted() -> None:
    reader = Reader()
    reader.feed(framed(rtp(b"one")) + b"\0\1\2$\7rubbish" + framed(rtp(b"two")))
    assert [packet[0] for packet in reader.packets] == [b"one", b"two"]
    assert reader.cutter.lost == 1


def test_nothing_but_rubbish_is_malformed() -> None:
    reader, random = Reader(), Random(1)
    with pytest.raises(SourceMalformed):
        reader.feed(random.randbytes(4 * LARGEST_RUBBISH).replace(b"$", b"_"))


@given(pieces=st.lists(st.binary(max_size=80), max_size=20))
def test_any_bytes_are_frames_or_malformed(pieces: list[bytes]) -> None:
    reader = Reader()
    try:
        for piece in pieces:
            reader.feed(piece)
    except SourceMalformed:
        return
    assert len(reader.rest) <= sum(map(len, pieces))
