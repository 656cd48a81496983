"""H.264 in RTP (RFC 6184): single NAL units, STAP-A and FU-A, not the interleaved modes."""

from __future__ import annotations

import struct

from capture.rtsp.pictures import LARGEST_PICTURE, START_CODE, Pictures

STAP_A, FU_A = 24, 28
_MIDDLE = struct.Struct(">BBHBBHI4xBB")
"""Interleaved frame, RTP header, and both bytes before a fragment."""
LAST_SLICE, IDR, SEI = 5, 5, 6
RECOVERY_POINT = 6
_STARTS = tuple(START_CODE + bytes((header,)) for header in range(256))
"""Start code and header of a NAL unit, by header."""


class H264Pictures(Pictures):
    """Puts H.264 access units together."""

    def take(self, buffer: bytearray, begin: int, end: int, sequence: int, stamp: int, mark: int) -> None:
        """Take the payload of one RTP packet."""
        if sequence != self._expected or stamp != self._stamp or self._marked:
            self._turn(sequence, stamp)
        self._expected = (sequence + 1) & 0xFFFF
        self._size += end - begin
        if self._size > LARGEST_PICTURE:
            self._too_large()
        kind = buffer[begin] & 0x1F
        if kind == FU_A:
            header = buffer[begin + 1]
            if end - begin < 3:
                self._unreadable()
            elif header < 0x40 and self._open_at >= 0:
                self._parts.append(buffer[begin + 2 : end])
            else:
                self._fragment(buffer, begin, end, header)
        elif 0 < kind < STAP_A and begin < end:
            self._drop_open()
            self._unit(kind, buffer[begin:end])
        elif kind == STAP_A:
            self._drop_open()
            self._aggregate(buffer, begin + 1, end)
        else:
            self._unreadable()
        if mark & 0x80:
            self._mark()

    def take_run(self, buffer: bytearray, at: int, end: int, channel: int, payload_type: int) -> int:
        """Take the frames from `at` that plainly are middle pieces of the NAL unit begun: most that comes.

        Returns where the first other one begins. A shorter way to what `take` does of each, nothing more.
        """
        if self._open_at < 0 or self._marked:
            return at
        unpack, append = _MIDDLE.unpack_from, self._parts.append
        expected, stamp, size = self._expected, self._stamp, self._size
        last = end - _MIDDLE.size
        while at <= last:
            dollar, on, length, first, mark, sequence, time, kind, header = unpack(buffer, at)
            after = at + 4 + length
            if (
                sequence != expected or header >= 0x40 or kind & 0x1F != FU_A or time != stamp
                or mark != payload_type or on != channel or first != 0x80 or dollar != 0x24
                or after > end or length < 15
            ):  # fmt: skip
                break
            append(buffer[at + 18 : after])
            size += length - 12
            expected = (expected + 1) & 0xFFFF
            at = after
        self._expected, self._size = expected, size
        if size > LARGEST_PICTURE:
            self._too_large()
        return at

    def _fragment(self, buffer: bytearray, begin: int, end: int, header: int) -> None:
        """The first piece of a NAL unit, its last, or one without a first."""
        if header & 0x80:
            self._drop_open()
            self._open_at = len(self._parts)
            self._open_kind = header & 0x1F
            self._parts.append(_STARTS[buffer[begin] & 0xE0 | header & 0x1F])
        elif self._open_at < 0:
            # Its beginning was lost, which is counted already.
            self._is_damaged = True
            return
        self._parts.append(buffer[begin + 2 : end])
        if header & 0x40:
            start, self._open_at = self._open_at, -1
            self._units.append(sum(map(len, self._parts[start:])) - len(START_CODE))
            head = self._parts[start][len(START_CODE) :] + self._parts[start + 1][:64]
            self._note(self._open_kind, head)

    def _aggregate(self, buffer: bytearray, at: int, end: int) -> None:
        while at + 2 < end:
            size = buffer[at] << 8 | buffer[at + 1]
            at += 2
            if size == 0 or at + size > end:
                self._unreadable()
                return
            self._unit(buffer[at] & 0x1F, buffer[at : at + size])
            at += size

    def _note(self, kind: int, unit: bytes | bytearray) -> None:
        if 1 <= kind <= LAST_SLICE:
            self._first_slice(len(unit) > 1 and unit[1] & 0x80)
            self._is_key = self._is_key or kind == IDR
        elif kind == SEI and is_recovery_point(unit):
            self._is_key = True


def is_recovery_point(unit: bytes | bytearray) -> bool:
    """True when the first message of the unit says that decoding can begin with this very picture."""
    return len(unit) > 3 and unit[1] == RECOVERY_POINT and unit[3] & 0x80 != 0
