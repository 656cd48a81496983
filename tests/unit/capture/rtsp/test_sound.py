"""RTP packets of sound become the very blocks that the camera coded, each at its time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.rtsp.sound import LARGEST_BLOCK, AacBlocks, AccessUnitHeaders, Blocks, LatmBlocks, PlainBlocks

USUAL = AccessUnitHeaders(13, 3, 3, 1024)
WIDE = AccessUnitHeaders(16, 0, 0, 1024)
blocks_of_sound = st.lists(st.binary(min_size=1, max_size=600), min_size=1, max_size=12)


class Reader:
    def __init__(self, blocks: type[Blocks], *how: AccessUnitHeaders | int) -> None:
        self.came: list[tuple[int, bytes]] = []
        self.blocks = blocks(lambda stamp, data: self.came.append((stamp, data)), *how)
        self.sequence = 65_534

    def take(self, payload: bytes, stamp: int, *, marker: bool = True) -> None:
        self.blocks.take(
            bytearray(payload) + bytes(16),
            0,
            len(payload),
            self.sequence & 0xFFFF,
            stamp,
            0x80 if marker else 0,
        )
        self.sequence += 1


def headed(headers: AccessUnitHeaders, sizes: list[int], content: bytes) -> bytes:
    """A payload of AAC with access unit headers of whole bytes."""
    index = headers.index_bits
    heads = b"".join((size << index).to_bytes(2, "big") for size in sizes)
    return (16 * len(sizes)).to_bytes(2, "big") + heads + content


@pytest.mark.parametrize("headers", [USUAL, WIDE])
@given(data=st.data(), blocks=blocks_of_sound)
def test_aac_packed_in_any_legal_way_comes_out_byte_for_byte(
    headers: AccessUnitHeaders, data: st.DataObject, blocks: list[bytes]
) -> None:
    reader = Reader(AacBlocks, headers)
    number = 0
    while number < len(blocks):
        stamp = number * 1024
        if data.draw(st.booleans()) and len(blocks[number]) > 1:
            whole, number = blocks[number], number + 1
            cut = data.draw(st.integers(1, len(whole) - 1))
            reader.take(headed(headers, [len(whole)], whole[:cut]), stamp, marker=False)
            reader.take(headed(headers, [len(whole)], whole[cut:]), stamp)
        else:
            some = blocks[number : number + data.draw(st.integers(1, 4))]
            number += len(some)
            reader.take(headed(headers, [len(one) for one in some], b"".join(some)), stamp)
    assert reader.came == [(place * 1024, block) for place, block in enumerate(blocks)]
    assert reader.blocks.lost == 0


@given(blocks=blocks_of_sound, cut=st.integers(1, 600))
def test_latm_comes_out_block_by_block(blocks: list[bytes], cut: int) -> None:
    element = b"".join(b"\xff" * (len(one) // 255) + bytes((len(one) % 255,)) + one for one in blocks)
    reader = Reader(LatmBlocks, 1024)
    pieces = [element[at : at + cut] for at in range(0, len(element), cut)]
    for place, piece in enumerate(pieces):
        reader.take(piece, 5000, marker=place == len(pieces) - 1)
    assert reader.came == [(5000 + place * 1024, block) for place, block in enumerate(blocks)]


@given(blocks=blocks_of_sound)
def test_plain_blocks_come_out_as_they_are(blocks: list[bytes]) -> None:
    reader = Reader(PlainBlocks)
    for number, block in enumerate(blocks):
        reader.take(block, 160 * number, marker=False)
    assert reader.came == [(160 * number, block) for number, block in enumerate(blocks)]


def test_a_block_that_lost_a_piece_is_dropped_and_counted() -> None:
    reader = Reader(AacBlocks, USUAL)
    reader.take(headed(USUAL, [300], bytes(100)), 0, marker=False)
    reader.sequence += 1
    reader.take(headed(USUAL, [300], bytes(100)), 0)
    reader.take(headed(USUAL, [4], b"next"), 1024)
    assert reader.came == [(1024, b"next")]
    assert reader.blocks.lost >= 1


@pytest.mark.parametrize(
    "payload",
    [
        b"", b"\x00", b"\x00\x10", b"\x00\x10\x00\x20", b"\x00\x00data", b"\xff\xff" + bytes(40),
        b"\x00\x20\x00\x20\x00\x21abcdef", b"\x00\x20\x00\x20\x00\x28abcd",
    ],
)  # fmt: skip
def test_headers_that_cannot_be_are_counted(payload: bytes) -> None:
    """Cut off, none, longer than the packet, out of order, more blocks than there are bytes."""
    reader = Reader(AacBlocks, USUAL)
    reader.take(payload, 0)
    assert reader.blocks.lost == 1


@given(
    kind=st.sampled_from([(AacBlocks, USUAL), (AacBlocks, WIDE), (LatmBlocks, 1024), (PlainBlocks,)]),
    sent=st.lists(st.tuples(st.binary(max_size=30), st.integers(0, 2), st.booleans(), st.integers(0, 2))),
)
def test_any_bytes_give_blocks_or_nothing(
    kind: tuple[type[Blocks], *tuple[AccessUnitHeaders | int, ...]],
    sent: list[tuple[bytes, int, bool, int]],
) -> None:
    reader = Reader(kind[0], *kind[1:])
    for data, stamp, marker, skipped in sent:
        reader.sequence += skipped
        reader.take(data, stamp, marker=marker)
    assert all(block for _, block in reader.came)


def test_latm_without_an_end_is_given_up() -> None:
    reader = Reader(LatmBlocks, 1024)
    for _ in range(LARGEST_BLOCK // 60_000 + 2):
        reader.take(bytes(60_000), 0, marker=False)
    assert reader.blocks.lost >= 1
    assert not reader.came
