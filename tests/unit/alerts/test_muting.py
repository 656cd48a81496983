"""Muted time against a count minute by minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from alerts.muting import Mutes
from hall.config.telling import LocalHours, QuietHours
from hall.finding import Alert
from hall.interval import Interval
from hall.names import SilenceId
from hall.silencing import Matcher, Silence
from hall.testing_notifiers import a_flip
from tests.unit.alerts.small_hall import HALL, TEN
from tests.unit.alerts.small_hall import settings as hall_settings

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
TIMES = st.builds(time, st.integers(8, 13), st.sampled_from([0, 17, 30]))
HOURS = st.tuples(TIMES, TIMES).filter(lambda pair: pair[0] != pair[1])
STRETCHES = st.tuples(st.integers(0, 200), st.integers(1, 120))


def an_alert() -> Alert:
    alert, _ = a_flip()
    return replace(alert, subject=replace(alert.subject, hall=HALL))


@settings(deadline=None, max_examples=40, derandomize=True)
@given(
    hours=st.lists(HOURS, max_size=2),
    stretches=st.lists(STRETCHES, max_size=3),
    when_closed=st.booleans(),
    length=st.integers(1, 150),
)
def test_time_that_is_not_muted_is_counted_as_by_a_clock_on_the_wall(
    hours: list[tuple[time, time]], stretches: list[tuple[int, int]], when_closed: bool, length: int
) -> None:
    quiet = QuietHours(
        when_closed=when_closed, hours=tuple(LocalHours(start=start, end=end) for start, end in hours)
    )
    silences = tuple(
        Silence(
            SilenceId(f"s{number}"),
            Matcher(HALL),
            Interval(TEN + begin * MINUTE, TEN + (begin + lasts) * MINUTE),
            "wang",
            "drill",
            TEN,
        )
        for number, (begin, lasts) in enumerate(stretches)
    )
    mutes, alert = Mutes(hall_settings(quiet=quiet), silences), an_alert()
    at, counted = TEN, 0
    while counted < length:
        assume(at < TEN + 2 * DAY)  # quiet around the clock
        counted += not mutes.is_muted(alert, at)
        at += MINUTE
    assert mutes.after(alert, TEN, length * MINUTE) == at
    end = TEN
    while mutes.is_muted(alert, end):
        end += MINUTE
    assert mutes.end(alert, TEN) == end
