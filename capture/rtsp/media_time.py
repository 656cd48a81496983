"""RTP times as one media time for all tracks of a connection, and as the camera's own wall clock.

RTP times begin anywhere, track by track. At first they are tied together by the camera's answer to PLAY
(RTP-Info), or, where it says nothing sensible, by the arrival of each track's first packet. Once sender
reports of the picture and of the sound have come by the same clock, they tell by how much that was wrong.
The sound is then moved: at once when it is far out or none of it was handed over yet, otherwise by at most
one hundredth of the time that passes, so that no block of sound is dropped and nobody hears it. Every
further report is compared as well, so that two crystals in one camera do not drift apart. The picture is
never moved: recorded time is its time.
"""

from __future__ import annotations

from collections.abc import Sequence

from capture.rtsp.reports import SenderReport

NEAR_SECONDS = 10.0
"""An RTP-Info further from a track's first packet than this is not about it."""
SAME_CLOCK_SECONDS = 0.5
"""Reports whose times differ from their arrival by more than this from each other have different clocks."""
LARGEST_SHIFT = 1.5
"""Seconds; reports that ask for more contradict everything else, and are not believed."""
AT_ONCE = 0.1
"""A correction beyond this is made at once."""
IGNORED = 0.005
"""A correction below this is left: reports are no more exact."""
SLEW = 0.01


class _TrackTime:
    def __init__(self, rate: int, announced: int | None) -> None:
        self.rate = rate
        self.announced = announced
        self.newest: int | None = None
        """The newest RTP time, counted on beyond 32 bits."""
        self.zero: int | None = None
        """The RTP time (counted on) of media time 0."""
        self.shift = 0
        self.wanted_shift = 0
        self.report: tuple[int, SenderReport, float] | None = None

    def count_on(self, stamp: int) -> int:
        if self.newest is None:
            return stamp
        step = (stamp - self.newest) & 0xFFFFFFFF
        return self.newest + step - ((step & 0x80000000) << 1)


class MediaTime:
    """The times of one connection's tracks; the first track is the one that the others follow."""

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
            if one.shift != one.wanted_shift:
                self._slew(one, counted - newest)
        one.newest = counted
        assert one.zero is not None
        wall = None
        if one.report is not None:
            base, report, _ = one.report
            if report.wall_us is not None:
                wall = report.wall_us + (counted - base) * 1_000_000 // one.rate
        return counted - one.zero + one.shift, wall

    def report(self, track: int, report: SenderReport, arrived: float) -> None:
        """Take a sender report."""
        one = self._tracks[track]
        counted = one.count_on(report.stamp)
        if one.newest is None:
            one.newest = counted
        one.report = (counted, report, arrived)
        for other in self._tracks[1:]:
            self._compare(self._tracks[0], other)

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
        for other in self._tracks[1:]:
            self._compare(self._tracks[0], other)
            if other is one:
                one.shift = one.wanted_shift
        return counted

    @staticmethod
    def _announced_ahead(one: _TrackTime, stamp: int) -> int | None:
        """By how many ticks a first packet is ahead of media time 0; None where nothing sensible was said."""
        if one.announced is None:
            return None
        ahead = _signed(stamp - one.announced)
        return ahead if abs(ahead) <= NEAR_SECONDS * one.rate else None

    def _compare(self, main: _TrackTime, other: _TrackTime) -> None:
        if main.report is None or other.report is None or main.zero is None or other.zero is None:
            return
        (main_stamp, main_report, main_arrived), (stamp, report, arrived) = main.report, other.report
        apart = (report.ntp_us - main_report.ntp_us) / 1_000_000
        if abs(apart - (arrived - main_arrived)) > SAME_CLOCK_SECONDS:
            return
        should_be = (main_stamp - main.zero) / main.rate + apart
        shift = round((should_be - (stamp - other.zero) / other.rate) * other.rate)
        correction = abs(shift - other.shift) / other.rate
        if correction > LARGEST_SHIFT or correction < IGNORED:
            return
        other.wanted_shift = shift
        if correction > AT_ONCE:
            other.shift = shift

    @staticmethod
    def _slew(one: _TrackTime, passed: int) -> None:
        most = int(max(0, passed) * SLEW)
        one.shift += min(most, max(-most, one.wanted_shift - one.shift))


def _signed(step: int) -> int:
    step &= 0xFFFFFFFF
    return step - ((step & 0x80000000) << 1)
