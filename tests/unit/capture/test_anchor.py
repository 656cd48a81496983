"""Recorded time follows the stream, is tied to the clock, and is moved by neither delay nor steps."""

from __future__ import annotations

from datetime import timedelta

import pytest

from capture.time.anchor import STEEPEST, Anchor, Arrival
from hall.clock import SimulatedClock


def tied(clock: SimulatedClock) -> Anchor:
    return Anchor(clock, [Arrival(100.0, clock.monotonic())])


def play(clock: SimulatedClock, anchor: Anchor, media: float, seconds: float, skew: float = 0.0) -> float:
    """Let packets come for so many seconds of media time from a camera whose clock is skewed."""
    for _ in range(int(seconds)):
        media += 1
        clock.advance(1 + skew)
        anchor.observe(Arrival(media, clock.monotonic()))
    return media


def test_media_time_gives_durations() -> None:
    clock = SimulatedClock()
    anchor = tied(clock)
    assert anchor.wall_at(100.0) == clock.now()
    assert anchor.wall_at(160.5) - anchor.wall_at(100.0) == timedelta(seconds=60.5)


def test_the_least_delayed_of_the_first_packets_is_taken_as_prompt() -> None:
    clock = SimulatedClock()
    clock.advance(10)
    start = clock.now()
    burst = [Arrival(0.0, 8.9), Arrival(0.5, 8.9), Arrival(1.0, 9.0), Arrival(2.0, 10.0)]
    assert Anchor(clock, burst).wall_at(2.0) == start
    assert Anchor(clock, burst).wall_at(0.0) == start - timedelta(seconds=2)


@pytest.mark.parametrize("skew", [200e-6, -200e-6])
def test_drift_is_worked_off_at_most_at_500_ppm_and_without_a_step(skew: float) -> None:
    clock = SimulatedClock()
    anchor = tied(clock)
    media = 100.0
    for _ in range(30):
        media = play(clock, anchor, media, 60, skew)
        before = anchor.wall_at(media)
        assert anchor.turn(media, 60) == before
        assert abs(anchor.rate) <= STEEPEST
    assert abs((anchor.wall_at(media) - clock.now()).total_seconds()) < 0.03
    assert anchor.rate == pytest.approx(skew, abs=150e-6)


def test_drift_beyond_500_ppm_is_followed_at_500_ppm_only() -> None:
    clock = SimulatedClock()
    anchor = tied(clock)
    media = play(clock, anchor, 100.0, 60, skew=0.05)
    anchor.turn(media, 60)
    assert anchor.rate == STEEPEST


def test_a_delay_of_the_network_is_no_drift() -> None:
    clock = SimulatedClock()
    anchor = tied(clock)
    anchor.observe(Arrival(101.0, 1.0))
    for second in range(2, 60):
        anchor.observe(Arrival(100.0 + second, second + 3.0))
    anchor.turn(160.0, 60)
    assert anchor.rate == 0.0
    assert anchor.broken() is None


def test_a_step_of_the_wall_clock_moves_nothing_that_is_recorded() -> None:
    clock = SimulatedClock()
    anchor = tied(clock)
    media = play(clock, anchor, 100.0, 10)
    before = anchor.wall_at(media)
    clock.step_wall(1.0)
    assert anchor.wall_at(media) == before
    assert anchor.new_step() == pytest.approx(1.0)
    assert anchor.new_step() is None
    assert anchor.turn(media, 60) == before
    assert anchor.rate == STEEPEST
    assert anchor.broken() is None


@pytest.mark.parametrize("step", [3600.0, -3600.0])
def test_a_step_beyond_the_limit_ends_the_run_with_its_reason(step: float) -> None:
    clock = SimulatedClock()
    anchor = tied(clock)
    media = play(clock, anchor, 100.0, 10)
    before = anchor.wall_at(media)
    clock.step_wall(step)
    assert anchor.broken() == f"the machine's clock was set by {step:+.1f} s"
    assert anchor.wall_at(media) == before


def test_a_camera_whose_time_runs_ahead_of_the_clock_ends_the_run() -> None:
    clock = SimulatedClock()
    anchor = tied(clock)
    play(clock, anchor, 100.0, 10, skew=-0.3)
    assert anchor.broken() == "the camera's time left the clock by -3.0 s"


def recorded_after_a_step_back(step: float) -> tuple[Anchor, SimulatedClock, float]:
    """A run that begins when the clock has been set back by so much, where the run before it ended."""
    clock = SimulatedClock()
    end = clock.now()
    clock.step_wall(-step)
    anchor = tied(clock)
    anchor.begin_after(100.0, end, 30.0)
    assert anchor.wall_at(100.0) == end
    return anchor, clock, 100.0


def test_after_a_clock_set_back_no_time_is_recorded_twice_and_the_clock_catches_up() -> None:
    anchor, clock, media = recorded_after_a_step_back(180.0)
    was_ahead = anchor.is_ahead
    assert was_ahead
    last = anchor.wall_at(media)
    for seconds in (30, *[60] * 10):
        media = play(clock, anchor, media, seconds)
        assert anchor.broken() is None
        assert anchor.wall_at(media) > last
        last = anchor.turn(media, 60)
    assert not anchor.is_ahead
    assert abs((anchor.wall_at(media) - clock.now()).total_seconds()) < 0.05
    assert abs(anchor.rate) <= STEEPEST


@pytest.mark.parametrize("step", [2.5, 20.0])
def test_a_small_step_back_is_made_up_for_within_a_segment_or_two(step: float) -> None:
    anchor, clock, media = recorded_after_a_step_back(step)
    for seconds in (30, 60, 60):
        media = play(clock, anchor, media, seconds)
        anchor.turn(media, 60)
    assert not anchor.is_ahead
    assert abs((anchor.wall_at(media) - clock.now()).total_seconds()) < 0.1


def test_a_date_that_was_wrong_by_days_is_not_waited_for() -> None:
    clock = SimulatedClock()
    end = clock.now()
    clock.step_wall(-3 * 86_400.0)
    anchor = tied(clock)
    anchor.begin_after(100.0, end, 30.0)
    assert anchor.wall_at(100.0) == clock.now()
    assert not anchor.is_ahead
