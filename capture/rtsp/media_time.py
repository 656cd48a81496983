"""RTP times as one media time for all tracks of a connection, and as the camera's own wall clock.

RTP times begin anywhere, track by track. They are tied together once, at the beginning: by the answer
to PLAY (RTP-Info), or, where it says nothing sensible, by the arrival of each track's first packet. How wrong
that was, and how far the tracks drift apart, shows in the wall time that sender reports give to every packet:
who follows the stream keeps sound and picture together by it (capture.time.lipsync).
"""

from __future__ import annotations

from collections.abc import Sequence

from capture.rtsp.reports import SenderReport

NEAR_SECONDS = 10.0
"""An RTP-Info further from a track's first packet than this is not about it."""


class _TrackTime:
    def __init__(self, rate: int, announced: int | None) -> None:
        self.rate = rate
        self.announced = announced
        self.newest: int | None = None
        """The newest RTP time, counted on beyond 32 bits."""
        self.zero: int | None = None
        """The RTP time (counted on) of media time 0."""
        self.report: tuple[int, int] | None = None
        """An RTP time (counted on), and the camera's wall time (UTC microseconds) of it."""

    def count_on(self, stamp: int) -> int:
        if self.newest is None:
            return stamp
        step = (stamp - self.newest) & 0xFFFFFFFF
        return self.newest + step - ((step & 0x80000000) << 1)


class MediaTime:
    """The times of one connection's tracks."""

    def __init__(self, rates: Sequence[int], announced: Sequence[int | None]) -> None:
        """RTP ticks a second, and the RTP time of media time 0 as announced, track by track."""
        self._tracks = [_TrackTime(rate, zero) for rate, zero in zip(rates, announced, strict=True)]
        self._first: tuple[float, float] | None = None
        """When the first packet of all came, and its media time (both in seconds)."""

    def time(self, track: int, stamp: int, arrived: float) -> tuple[int, int | None]:
        """Media time of an RTP time, in ticks of the track, and the camera's wall time (UTC microseconds)."""
        one = self._tracks[track]
        # The arithmetic of count_on, which is too often needed here to be called.
        newest = one.newest
        if one.zero is None or newest is None:
            counted = self._begin(one, stamp, arrived)
        else:
            step = (stamp - newest) & 0xFFFFFFFF
            counted = newest + step if step < 0x80000000 else newest + step - 0x100000000
        one.newest = counted
        assert one.zero is not None
        wall = None
        if one.report is not None:
            base, wall_us = one.report
            wall = wall_us + (counted - base) * 1_000_000 // one.rate
        return counted - one.zero, wall

    def report(self, track: int, report: SenderReport) -> None:
        """Take a sender report."""
        one = self._tracks[track]
        counted = one.count_on(report.stamp)
        if one.newest is None:
            one.newest = counted
        one.report = (counted, report.wall_us) if report.wall_us is not None else None

    def _begin(self, one: _TrackTime, stamp: int, arrived: float) -> int:
        counted = one.count_on(stamp)
        ahead = self._announced_ahead(one, stamp)
        if ahead is None:
            if self._first is None:
                for each in self._tracks:
                    each.announced = None
            first_arrived, first_media = self._first or (arrived, 0.0)
            ahead = round((arrived - first_arrived + first_media) * one.rate)
        one.zero = counted - ahead
        one.newest = counted
        self._first = self._first or (arrived, ahead / one.rate)
        return counted

    @staticmethod
    def _announced_ahead(one: _TrackTime, stamp: int) -> int | None:
        """By how many ticks a first packet is ahead of media time 0; None where nothing sensible was said."""
        if one.announced is None:
            return None
        ahead = _signed(stamp - one.announced)
        return ahead if abs(ahead) <= NEAR_SECONDS * one.rate else None


def _signed(step: int) -> int:
    step &= 0xFFFFFFFF
    return step - ((step & 0x80000000) << 1)
