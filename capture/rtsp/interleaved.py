"""Cuts what a camera sends over its RTSP connection (RFC 2326, 10.12) into RTP, RTCP and messages.

This runs for every RTP packet, some hundred times a second and camera: one unpacking, one look-up, one call.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from capture.rtsp.messages import Message, looks_like_text, read_message
from hall.errors import SourceMalformed

TakePayload = Callable[[bytearray, int, int, int, int, int], None]
"""Takes buffer, begin and end of a payload, sequence number, RTP time, and the second byte of the packet."""

TakeRun = Callable[[bytearray, int, int, int, int], int]
"""Takes what plainly goes on with the packet just taken: buffer, begin and end, channel, payload type.

Returns where that ends."""

LARGEST_RUBBISH = 64 * 1024
"""Bytes between two frames that are passed over; more, and it is no stream."""
_FRAME = struct.Struct(">BBHBBHI")
DOLLAR = 0x24
HEADER = 12
_PLAIN = 0x80
"""First byte of an RTP packet of version 2 without padding, extension or contributors."""


class Cutter:
    """Hands over what is in a buffer, frame by frame."""

    def __init__(self, report: Callable[[int, bytes], None], message: Callable[[Message], None]) -> None:
        """`report` takes channel and content of an RTCP packet, `message` a message between the frames."""
        self._report = report
        self._message = message
        self._takers: dict[int, tuple[TakePayload, TakeRun | None]] = {}
        self._reports: set[int] = set()
        self._rubbish = 0
        self.lost = 0
        """Places where something was passed over that was no frame; who reads it sets it back."""

    def route(
        self, channel: int, payload_type: int, take: TakePayload, take_run: TakeRun | None = None
    ) -> None:
        """Where the packets of a channel go; its reports come on the next channel."""
        self._takers[channel << 7 | payload_type] = (take, take_run)
        self._reports.add(channel + 1)

    def cut(self, buffer: bytearray, at: int, end: int) -> int:
        """Hand over every whole frame of `buffer[at:end]`; returns where the rest begins.

        The buffer must have SLACK bytes behind `end`. Raises SourceMalformed.
        """
        unpack, takers = _FRAME.unpack_from, self._takers
        while end - at >= 4:
            dollar, channel, size, first, second, sequence, stamp = unpack(buffer, at)
            if dollar != DOLLAR:
                passed = self._between(buffer, at, end)
                if passed == at:
                    break
                at = passed
                continue
            after = at + 4 + size
            if after > end:
                break
            taker = takers.get(channel << 7 | second & 0x7F)
            if taker is not None and size >= HEADER:
                take, take_run = taker
                if first == _PLAIN:
                    take(buffer, at + 16, after, sequence, stamp, second)
                    if take_run is not None:
                        at = take_run(buffer, after, end, channel, second & 0x7F)
                        continue
                else:
                    begin, stop = payload(buffer, at + 4, after)
                    if begin <= stop:
                        take(buffer, begin, stop, sequence, stamp, second)
            elif channel in self._reports:
                self._report(channel, bytes(buffer[at + 4 : after]))
            at = after
        return at

    def _between(self, buffer: bytearray, at: int, end: int) -> int:
        """Take a message that stands between the frames, or pass over what is neither."""
        if looks_like_text(bytes(buffer[at : min(end, at + 24)])):
            found = read_message(buffer, at, end)
            if found is None:
                return at
            self._message(found[0])
            self._rubbish = 0
            return found[1]
        place = buffer.find(b"$", at + 1, end)
        while place >= 0 and not self._can_begin(buffer, place, end):
            place = buffer.find(b"$", place + 1, end)
        place = place if place >= 0 else end
        self._rubbish += place - at
        self.lost += 1
        if self._rubbish > LARGEST_RUBBISH:
            raise SourceMalformed("the stream is no longer one")
        return place

    def _can_begin(self, buffer: bytearray, at: int, end: int) -> bool:
        if end - at < 6:
            return True
        channel, first, second = buffer[at + 1], buffer[at + 4], buffer[at + 5]
        known = channel << 7 | second & 0x7F in self._takers or channel in self._reports
        return known and first & 0xC0 == 0x80


def payload(packet: bytearray, at: int, end: int) -> tuple[int, int]:
    """Begin and end of an RTP packet's payload behind contributors and extension and before padding.

    The begin is behind the end for a packet that is none.
    """
    first = packet[at]
    if first & 0xC0 != 0x80:
        return end + 1, end
    begin = at + HEADER + 4 * (first & 0x0F)
    if first & 0x10 and begin + 4 <= end:
        begin += 4 + 4 * (packet[begin + 2] << 8 | packet[begin + 3])
    if first & 0x20 and begin < end:
        end -= packet[end - 1]
    return begin, end
