"""RTP packets of H.264 and H.265 become the very pictures that the camera coded, or are counted as lost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capture.rtsp.h264 import H264Pictures
from capture.rtsp.h265 import H265Pictures
from capture.rtsp.pictures import LARGEST_PICTURE, PICTURES_TO_TRUST, START_CODE, Pictures
from hall.errors import SourceMalformed
from tests.packing import Coded, Payload, payloads, pictures, unit

codecs = pytest.mark.parametrize("codec", ["h264", "hevc"])
TICKS = 3600


class Reader:
    """A reader of pictures, and what it has handed over."""

    def __init__(self, codec: str, first_sequence: int = 65_530) -> None:
        self.came: list[tuple[int, bytes, bool]] = []
        make: type[Pictures] = H264Pictures if codec == "h264" else H265Pictures
        self.pictures = make(self.finished)
        self.sequence = first_sequence

    def finished(self, stamp: int, data: bytes, is_key: bool, units: tuple[int, ...]) -> None:
        """The sizes of the NAL units lead from one start code to the next, and to the end."""
        at = 0
        for size in units:
            assert data[at : at + 4] == START_CODE
            at += len(START_CODE) + size
        assert at == len(data)
        self.came.append((stamp, data, is_key))

    def take(self, payload: Payload) -> None:
        buffer = bytearray(payload.data) + bytes(16)
        stamp = (0xFFFFF000 + payload.picture * TICKS) & 0xFFFFFFFF
        mark = 96 | (0x80 if payload.marker else 0)
        self.pictures.take(buffer, 0, len(payload.data), self.sequence & 0xFFFF, stamp, mark)
        self.sequence += 1

    def all(self, given: Iterable[Payload]) -> list[tuple[bytes, bool]]:
        """What comes of the payloads, once the first packet of one picture more has ended the last one."""
        number = 0
        for payload in given:
            self.take(payload)
            number = payload.picture + 1
        self.take(Payload(b"\x09\x10\x10", number, marker=False))
        return [(data, is_key) for _, data, is_key in self.came]


def expected(coded: Iterable[Coded]) -> list[tuple[bytes, bool]]:
    return [(picture.data, picture.is_key) for picture in coded]


@st.composite
def packed(draw: st.DrawFn, codec: str) -> tuple[list[Coded], list[Payload]]:
    coded = draw(pictures(codec))
    return coded, draw(payloads(codec, coded))


@codecs
@settings(max_examples=40)
@given(data=st.data())
def test_pictures_packed_in_any_legal_way_come_out_byte_for_byte(codec: str, data: st.DataObject) -> None:
    coded, sent = data.draw(packed(codec))
    reader = Reader(codec)
    assert reader.all(sent) == expected(coded)
    assert reader.pictures.lost == 0


@codecs
@settings(max_examples=40)
@given(data=st.data())
def test_a_camera_that_never_sets_the_marker_loses_nothing(codec: str, data: st.DataObject) -> None:
    coded, sent = data.draw(packed(codec))
    assert Reader(codec).all(replace(payload, marker=False) for payload in sent) == expected(coded)


@codecs
@settings(max_examples=40)
@given(data=st.data())
def test_a_camera_that_always_sets_the_marker_loses_no_byte(codec: str, data: st.DataObject) -> None:
    coded, sent = data.draw(packed(codec))
    came = Reader(codec).all(replace(payload, marker=True) for payload in sent)
    assert b"".join(one for one, _ in came) == b"".join(picture.data for picture in coded)


@codecs
def test_a_camera_whose_marker_means_something_else_is_found_out(codec: str) -> None:
    """Two slices a picture, each with a marker: never cut between them."""
    first, second = (unit(codec, 1, start + b"slice") for start in (b"\x80", b"\x11"))
    sent = [Payload(one, number, marker=True) for number in range(9) for one in (first, second)]
    assert {one for one, _ in Reader(codec).all(sent)} == {Coded((first, second), is_key=False).data}


@codecs
@settings(max_examples=40)
@given(data=st.data())
def test_a_key_frame_that_lost_a_slice_is_none(codec: str, data: st.DataObject) -> None:
    coded, sent = data.draw(packed(codec))
    gone = data.draw(st.sets(st.integers(1, len(sent)), max_size=4))
    reader = Reader(codec)
    for number, payload in enumerate(sent):
        if number in gone:
            reader.sequence += 1
        else:
            reader.take(payload)
    reader.take(Payload(b"\x09\x10\x10", len(coded), marker=False))
    assert reader.pictures.lost == len(gone - {len(sent)})
    for stamp, came, is_key in reader.came:
        whole = coded[(stamp - 0xFFFFF000 & 0xFFFFFFFF) // TICKS]
        units = came.split(b"\0\0\0\1")[1:]
        assert not is_key or slices_of(codec, units) == slices_of(codec, whole.units)


def slices_of(codec: str, units: Iterable[bytes]) -> list[bytes]:
    return [one for one in units if (one[0] & 0x1F <= 5 if codec == "h264" else one[0] >> 1 < 32)]


@codecs
@given(
    sent=st.lists(
        st.tuples(st.binary(max_size=40), st.integers(0, 3), st.booleans(), st.integers(0, 3)), max_size=40
    )
)
def test_any_bytes_give_pictures_or_nothing(codec: str, sent: list[tuple[bytes, int, bool, int]]) -> None:
    reader = Reader(codec)
    for data, picture, marker, skipped in sent:
        reader.sequence += skipped
        reader.take(Payload(data, picture, marker))
    assert all(data.startswith(b"\0\0\0\1") for _, data, _ in reader.came)


@codecs
def test_a_picture_without_an_end_is_malformed(codec: str) -> None:
    reader = Reader(codec)
    part = Payload(unit(codec, 1, b"\x80" + bytes(LARGEST_PICTURE // 3)), 0, marker=False)
    reader.take(part)
    reader.take(part)
    with pytest.raises(SourceMalformed, match="does not end"):
        reader.take(part)


@codecs
def test_a_trusted_marker_hands_a_picture_over_at_once(codec: str) -> None:
    reader = Reader(codec)
    for number in range(PICTURES_TO_TRUST + 2):
        reader.take(Payload(unit(codec, 1, b"\x80picture"), number, marker=True))
    assert len(reader.came) == PICTURES_TO_TRUST + 2


@codecs
def test_parameter_sets_with_a_time_of_their_own_come_with_the_picture_behind_them(codec: str) -> None:
    sets, key = (7, 5) if codec == "h264" else (33, 19)
    reader = Reader(codec)
    for number in range(PICTURES_TO_TRUST + 1):
        reader.take(Payload(unit(codec, sets, b"set"), 2 * number, marker=True))
        reader.take(Payload(unit(codec, key, b"\x80picture"), 2 * number + 1, marker=True))
    whole = b"\0\0\0\1" + unit(codec, sets, b"set") + b"\0\0\0\1" + unit(codec, key, b"\x80picture")
    assert {(data, is_key) for _, data, is_key in reader.came} == {(whole, True)}


def test_a_picture_that_says_decoding_can_begin_with_it_is_a_key_frame() -> None:
    reader = Reader("h264")
    recovery, slice_ = unit("h264", 6, bytes((6, 1, 0x80))), unit("h264", 1, b"\x80picture")
    came = reader.all([Payload(recovery, 0, marker=False), Payload(slice_, 0, marker=True)])
    assert [is_key for _, is_key in came] == [True]


@codecs
def test_a_sequence_that_starts_anew_is_not_thousands_of_lost_packets(codec: str) -> None:
    reader = Reader(codec, first_sequence=10_000)
    reader.take(Payload(unit(codec, 1, b"\x80picture"), 0, marker=True))
    reader.sequence = 100
    reader.take(Payload(unit(codec, 1, b"\x80picture"), 1, marker=True))
    assert reader.pictures.lost == 1
