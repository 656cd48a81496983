"""H.265 in RTP (RFC 7798): single NAL units, aggregation and fragmentation units, sent in decoding order."""

from __future__ import annotations

from capture.rtsp.pictures import LARGEST_PICTURE, START_CODE, Pictures

AGGREGATION, FRAGMENTATION, OTHER = 48, 49, 50
LAST_SLICE = 31
KEYS = range(16, 24)
"""Kinds of slices with which decoding can begin."""


class H265Pictures(Pictures):
    """Puts H.265 access units together."""

    def take(self, buffer: bytearray, begin: int, end: int, sequence: int, stamp: int, mark: int) -> None:
        """Take the payload of one RTP packet."""
        if sequence != self._expected or stamp != self._stamp or self._marked:
            self._turn(sequence, stamp)
        self._expected = (sequence + 1) & 0xFFFF
        self._size += end - begin
        if self._size > LARGEST_PICTURE:
            self._too_large()
        kind = buffer[begin] >> 1 & 0x3F
        if end - begin < 3:
            self._unreadable()
        elif kind == FRAGMENTATION:
            header = buffer[begin + 2]
            if header < 0x40 and self._open_at >= 0:
                self._parts.append(buffer[begin + 3 : end])
            else:
                self._fragment(buffer, begin, end, header)
        elif kind < AGGREGATION:
            self._drop_open()
            self._unit(kind, buffer[begin:end])
        elif kind == AGGREGATION:
            self._drop_open()
            self._aggregate(buffer, begin + 2, end)
        else:
            self._unreadable()
        if mark & 0x80:
            self._mark()

    def _fragment(self, buffer: bytearray, begin: int, end: int, header: int) -> None:
        """The first piece of a NAL unit, its last, or one without a first."""
        if header & 0x80:
            self._drop_open()
            self._open_at = len(self._parts)
            self._open_kind = header & 0x3F
            head = bytes((buffer[begin] & 0x81 | self._open_kind << 1, buffer[begin + 1]))
            self._parts.append(START_CODE + head)
        elif self._open_at < 0:
            # Its beginning was lost, which is counted already.
            self._is_damaged = True
            return
        self._parts.append(buffer[begin + 3 : end])
        if header & 0x40:
            start, self._open_at = self._open_at, -1
            self._units.append(sum(map(len, self._parts[start:])) - len(START_CODE))
            self._note(self._open_kind, self._parts[start][len(START_CODE) :] + self._parts[start + 1][:1])

    def _aggregate(self, buffer: bytearray, at: int, end: int) -> None:
        while at + 2 < end:
            size = buffer[at] << 8 | buffer[at + 1]
            at += 2
            if size < 2 or at + size > end:
                self._unreadable()
                return
            self._unit(buffer[at] >> 1 & 0x3F, buffer[at : at + size])
            at += size

    def _note(self, kind: int, unit: bytes | bytearray) -> None:
        if kind <= LAST_SLICE:
            self._first_slice(len(unit) > 2 and unit[2] & 0x80)
            self._is_key = self._is_key or kind in KEYS
