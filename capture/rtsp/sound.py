"""Blocks of sound out of RTP packets: AAC (RFC 3640, and plain MP4A-LATM of RFC 6416), Opus and G.711."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from capture.rtsp.pictures import RESTART

LARGEST_BLOCK = 1024 * 1024
"""Bytes; no block of sound is as long as this."""

Finished = Callable[[int, bytes], None]
"""Takes one block of sound: its RTP time and its data."""


class Blocks(ABC):
    """Hands over the blocks of sound of a track."""

    def __init__(self, finished: Finished) -> None:
        self._finished = finished
        self.lost = 0
        """RTP packets that did not come, or could not be read; who reads it sets it back."""
        self._expected = -1
        self._marker = 0
        self._pieces: list[bytearray] = []

    def take(self, buffer: bytearray, begin: int, end: int, sequence: int, stamp: int, mark: int) -> None:
        """Take the payload `buffer[begin:end]` of one RTP packet; `mark` is its second byte."""
        if sequence != self._expected and self._expected >= 0:
            missing = (sequence - self._expected) & 0xFFFF
            self.lost += missing if missing < RESTART else 1
            self._lost()
        self._expected = (sequence + 1) & 0xFFFF
        self._marker = mark & 0x80
        self._take(buffer, begin, end, stamp)

    @abstractmethod
    def _take(self, buffer: bytearray, begin: int, end: int, stamp: int) -> None: ...

    def _lost(self) -> None:
        """Packets are missing here: what was begun cannot be finished."""
        self._pieces.clear()

    def _unreadable(self) -> None:
        self.lost += 1
        self._lost()


class PlainBlocks(Blocks):
    """A packet is a block: Opus and G.711."""

    def _take(self, buffer: bytearray, begin: int, end: int, stamp: int) -> None:
        if begin < end:
            self._finished(stamp, bytes(buffer[begin:end]))


@dataclass(frozen=True, slots=True)
class AccessUnitHeaders:
    """How AAC packets announce their blocks (RFC 3640): bits of size and index, and how long a block lasts.

    `ticks` counts RTP time.
    """

    size_bits: int
    index_bits: int
    delta_bits: int
    ticks: int


class AacBlocks(Blocks):
    """AAC behind access unit headers: several blocks a packet, or one block over several packets."""

    def __init__(self, finished: Finished, headers: AccessUnitHeaders) -> None:
        super().__init__(finished)
        self._headers = headers
        self._is_usual = (headers.size_bits, headers.index_bits) == (13, 3)
        self._missing = 0
        self._stamp = 0

    def _take(self, buffer: bytearray, begin: int, end: int, stamp: int) -> None:
        bits = buffer[begin] << 8 | buffer[begin + 1]
        at = begin + 2 + (bits + 7 >> 3)
        if end - begin < 2 or at >= end:
            self._unreadable()
            return
        if bits == 16 and self._is_usual:
            sizes = [(buffer[begin + 2] << 8 | buffer[begin + 3]) >> 3]
        else:
            sizes = self._sizes(bytes(buffer[begin + 2 : at]), bits)
        if len(sizes) == 1 and sizes[0] > end - at:
            self._piece(buffer[at:end], sizes[0], stamp)
            return
        self._lost()
        for number, size in enumerate(sizes):
            if size == 0 or at + size > end:
                self._unreadable()
                return
            self._finished(stamp + number * self._headers.ticks & 0xFFFFFFFF, bytes(buffer[at : at + size]))
            at += size

    def _sizes(self, content: bytes, bits: int) -> list[int]:
        """The sizes of the blocks in a packet; one that is none for headers that cannot be read."""
        headers = self._headers
        first = headers.size_bits + headers.index_bits
        other = headers.size_bits + headers.delta_bits
        if bits < first or (bits - first) % other:
            return [0, 0]
        whole = int.from_bytes(content, "big") >> len(content) * 8 - bits
        sizes: list[int] = []
        left = bits
        while left:
            index = headers.delta_bits if sizes else headers.index_bits
            left -= headers.size_bits + index
            header = whole >> left & (1 << headers.size_bits + index) - 1
            if sizes and header & (1 << index) - 1:
                # Blocks out of order are a mode that no camera uses.
                return [0, 0]
            sizes.append(header >> index)
        return sizes

    def _piece(self, piece: bytearray, size: int, stamp: int) -> None:
        """One packet of a block that did not fit into one; every piece tells the size of the whole."""
        if self._missing and stamp != self._stamp:
            self._unreadable()
        if not self._missing:
            if size > LARGEST_BLOCK or size <= len(piece):
                self._unreadable()
                return
            self._missing, self._stamp = size, stamp
        self._missing -= len(piece)
        if self._missing < 0:
            self._unreadable()
            return
        self._pieces.append(piece)
        if self._missing == 0:
            self._finished(stamp, b"".join(self._pieces))
            self._pieces.clear()

    def _lost(self) -> None:
        super()._lost()
        self._missing = 0


class LatmBlocks(Blocks):
    """AAC as MP4A-LATM, configured by the description: each block behind its length."""

    def __init__(self, finished: Finished, ticks: int) -> None:
        super().__init__(finished)
        self._ticks = ticks
        self._size = 0
        self._stamp = 0

    def _take(self, buffer: bytearray, begin: int, end: int, stamp: int) -> None:
        if self._pieces and stamp != self._stamp:
            self._unreadable()
        self._stamp = stamp
        self._pieces.append(buffer[begin:end])
        self._size += end - begin
        if self._size > LARGEST_BLOCK:
            self._unreadable()
        elif self._marker:
            whole = b"".join(self._pieces)
            self._lost()
            self._hand_over(whole, stamp)

    def _hand_over(self, whole: bytes, stamp: int) -> None:
        at = 0
        while at < len(whole):
            size = 0
            while at < len(whole) and whole[at] == 0xFF:
                size, at = size + 0xFF, at + 1
            size, at = size + (whole[at] if at < len(whole) else 0), at + 1
            if size == 0 or at + size > len(whole):
                self._unreadable()
                return
            self._finished(stamp & 0xFFFFFFFF, whole[at : at + size])
            at += size
            stamp += self._ticks

    def _lost(self) -> None:
        super()._lost()
        self._size = 0
