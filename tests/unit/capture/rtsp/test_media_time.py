"""RTP times of picture and sound become one media time, whatever numbers they begin with."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.rtsp.media_time import MediaTime
from capture.rtsp.reports import NTP_EPOCH, SenderReport

PICTURE, SOUND = 0, 1
RATES = (90_000, 48_000)
WRAP = 1 << 32
WALL_US = 1_780_000_000_000_000


def report(seconds: float, base: int, rate: int) -> SenderReport:
    """What a camera with a right clock reports `seconds` after it began."""
    ntp_us = NTP_EPOCH * 1_000_000 + WALL_US + round(seconds * 1e6)
    return SenderReport(ntp_us, (base + round(seconds * rate)) % WRAP)


class Camera:
    """A camera whose tracks begin with any RTP time; sends at 25 pictures and 46.875 blocks a second."""

    def __init__(self, announces: bool = True, sound_ppm: float = 0.0) -> None:
        self.bases = (WRAP - 90_000, 123_456_789)
        self.rates = (RATES[PICTURE], RATES[SOUND] * (1 + sound_ppm * 1e-6))
        self.time = MediaTime(RATES, self.bases if announces else (None, None))

    def stamp(self, track: int, seconds: float) -> int:
        return (self.bases[track] + round(seconds * self.rates[track])) % WRAP

    def media(self, track: int, seconds: float, delay: float = 0.0) -> float:
        """Media time (seconds) that is given to what the camera took at `seconds`."""
        ticks, _ = self.time.time(track, self.stamp(track, seconds), seconds + delay)
        return ticks / RATES[track]

    def reports(self, seconds: float, track: int, wrong_by: float = 0.0) -> None:
        ntp_us = NTP_EPOCH * 1_000_000 + WALL_US + round((seconds + wrong_by) * 1e6)
        self.time.report(track, SenderReport(ntp_us, self.stamp(track, seconds)), seconds)


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


def test_reports_that_came_first_set_the_sound_right_at_once() -> None:
    camera = Camera(announces=False)
    camera.reports(0.0, PICTURE)
    camera.reports(0.0, SOUND)
    assert camera.media(PICTURE, 0.0, delay=0.3) == 0.0
    assert camera.media(SOUND, 0.1) == pytest.approx(0.1, abs=1e-4)


def test_a_small_error_is_worked_off_without_a_step_back() -> None:
    camera = Camera(announces=False)
    camera.media(PICTURE, 0.0)
    heard = [camera.media(SOUND, 0.0, delay=0.08)]
    camera.reports(0.0, PICTURE)
    camera.reports(0.0, SOUND)
    heard += [camera.media(SOUND, number * 1024 / 48_000) for number in range(1, 500)]
    assert heard[0] == pytest.approx(0.08, abs=1e-3)
    assert heard[-1] == pytest.approx(499 * 1024 / 48_000, abs=0.006)
    steps = [later - earlier for earlier, later in pairwise(heard)]
    assert min(steps) > 0.98 * 1024 / 48_000


def test_a_large_error_is_mended_at_once() -> None:
    camera = Camera(announces=False)
    camera.media(PICTURE, 0.0)
    camera.media(SOUND, 0.0, delay=0.9)
    camera.reports(0.0, PICTURE)
    camera.reports(0.0, SOUND)
    assert camera.media(SOUND, 1.0) == pytest.approx(1.0, abs=1e-3)


def test_sound_of_a_drifting_crystal_stays_with_the_picture_for_a_day() -> None:
    camera = Camera(sound_ppm=80)
    worst, second = 0.0, 0
    while second < 86_400:
        camera.reports(second, PICTURE)
        camera.reports(second, SOUND)
        camera.media(PICTURE, second)
        worst = max(worst, *(abs(camera.media(SOUND, at) - at) for at in (second + 0.02, second + 4.9)))
        second += 5
    assert worst < 0.04


@pytest.mark.parametrize("wrong_by", [3600.0, -0.8])
def test_reports_by_two_clocks_move_nothing(wrong_by: float) -> None:
    camera = Camera()
    camera.media(PICTURE, 0.0)
    camera.media(SOUND, 0.0)
    camera.reports(0.0, PICTURE)
    camera.reports(0.0, SOUND, wrong_by)
    assert camera.media(SOUND, 1.0) == pytest.approx(1.0, abs=1e-4)


def test_the_cameras_wall_time_comes_with_every_packet() -> None:
    camera = Camera()
    assert camera.time.time(PICTURE, camera.stamp(PICTURE, 0.0), 0.0)[1] is None
    camera.reports(2.0, PICTURE)
    assert camera.time.time(PICTURE, camera.stamp(PICTURE, 2.5), 2.5)[1] == WALL_US + 2_500_000


def test_a_clock_that_was_never_set_gives_no_wall_time() -> None:
    time = MediaTime(RATES[:1], (None,))
    time.report(PICTURE, SenderReport(100 * 1_000_000, 5), 0.0)
    assert time.time(PICTURE, 5, 0.0) == (0, None)
