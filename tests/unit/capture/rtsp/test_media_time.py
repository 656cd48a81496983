"""RTP times of picture and sound become one media time, whatever numbers they begin with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.rtsp.media_time import MediaTime
from capture.rtsp.reports import NTP_EPOCH, SenderReport

PICTURE, SOUND = 0, 1
RATES = (90_000, 48_000)
WRAP = 1 << 32
WALL_US = 1_780_000_000_000_000


class Camera:
    """A camera whose tracks begin with any RTP time; sends at 25 pictures and 46.875 blocks a second."""

    def __init__(self, announces: bool = True) -> None:
        self.bases = (WRAP - 90_000, 123_456_789)
        self.time = MediaTime(RATES, self.bases if announces else (None, None))

    def stamp(self, track: int, seconds: float) -> int:
        return (self.bases[track] + round(seconds * RATES[track])) % WRAP

    def media(self, track: int, seconds: float, delay: float = 0.0) -> float:
        """Media time (seconds) that is given to what the camera took at `seconds`."""
        ticks, _ = self.time.time(track, self.stamp(track, seconds), seconds + delay)
        return ticks / RATES[track]

    def reports(self, seconds: float, track: int) -> None:
        ntp_us = NTP_EPOCH * 1_000_000 + WALL_US + round(seconds * 1e6)
        self.time.report(track, SenderReport(ntp_us, self.stamp(track, seconds)))


def test_announced_beginnings_tie_picture_and_sound_together() -> None:
    camera = Camera()
    assert camera.media(PICTURE, 0.5) == pytest.approx(0.5)
    assert camera.media(SOUND, 0.4, delay=0.3) == pytest.approx(0.4, abs=1e-4)


def test_without_an_announcement_arrival_ties_them_together() -> None:
    camera = Camera(announces=False)
    assert camera.media(PICTURE, 7.0) == 0.0
    assert camera.media(SOUND, 7.2) == pytest.approx(0.2, abs=1e-4)


def test_an_announcement_about_another_time_does_not_count() -> None:
    time = MediaTime(RATES, (0, 0))
    assert time.time(PICTURE, 3_000_000_000, 10.0)[0] == 0
    assert time.time(SOUND, 2_000_000_000, 10.5)[0] == 24_000


@given(steps=st.lists(st.integers(-90_000, 1 << 30), max_size=20), base=st.integers(0, WRAP - 1))
def test_times_count_on_beyond_32_bits(steps: list[int], base: int) -> None:
    time = MediaTime(RATES[:1], (None,))
    counted = base
    assert time.time(PICTURE, base, 0.0)[0] == 0
    for step in steps:
        counted += step
        assert time.time(PICTURE, counted % WRAP, 0.0)[0] == counted - base


def test_a_first_report_does_not_move_what_is_announced() -> None:
    camera = Camera()
    camera.reports(30.0, PICTURE)
    assert camera.media(PICTURE, 0.5) == pytest.approx(0.5)


def test_the_cameras_wall_time_comes_with_every_packet() -> None:
    camera = Camera()
    assert camera.time.time(PICTURE, camera.stamp(PICTURE, 0.0), 0.0)[1] is None
    camera.reports(2.0, PICTURE)
    assert camera.time.time(PICTURE, camera.stamp(PICTURE, 2.5), 2.5)[1] == WALL_US + 2_500_000


def test_a_clock_that_was_never_set_gives_no_wall_time() -> None:
    time = MediaTime(RATES[:1], (None,))
    time.report(PICTURE, SenderReport(100 * 1_000_000, 5))
    assert time.time(PICTURE, 5, 0.0) == (0, None)
