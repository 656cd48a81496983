"""RTCP of the camera (RFC 3550): which of its wall times belongs to which RTP time, and its good-bye."""

from __future__ import annotations

import struct
from dataclasses import dataclass

_HEAD = struct.Struct(">BBHI")
_SENDER = struct.Struct(">III")
SENDER_REPORT, GOODBYE = 200, 203
NTP_EPOCH = 2_208_988_800
"""Seconds from 1900, where NTP counts from, to 1970."""
SET_CLOCK = 1 << 31
"""NTP seconds below this are the time since the camera was switched on: nobody set its clock."""


@dataclass(frozen=True, slots=True)
class SenderReport:
    """`ntp_us` is the camera's time in microseconds since 1900; `stamp` is the RTP time of that moment."""

    ntp_us: int
    stamp: int

    @property
    def wall_us(self) -> int | None:
        """UTC microseconds since 1970; None for a clock that was never set."""
        if self.ntp_us < SET_CLOCK * 1_000_000:
            return None
        return self.ntp_us - NTP_EPOCH * 1_000_000


def read_reports(packet: bytes) -> tuple[SenderReport | None, bool]:
    """The sender report of a compound packet, and whether it says good-bye. What is cut off is not read."""
    report, is_goodbye, at = None, False, 0
    while at + _HEAD.size <= len(packet):
        first, kind, words, _ = _HEAD.unpack_from(packet, at)
        end = at + 4 + 4 * words
        if first & 0xC0 != 0x80 or end > len(packet):
            break
        if kind == SENDER_REPORT and end - at >= _HEAD.size + _SENDER.size:
            seconds, fraction, stamp = _SENDER.unpack_from(packet, at + _HEAD.size)
            report = SenderReport(seconds * 1_000_000 + (fraction * 1_000_000 >> 32), stamp)
        is_goodbye = is_goodbye or kind == GOODBYE
        at = end
    return report, is_goodbye
