"""How long states lasted, hour by hour: kept as they end, and the same as if all were counted at last."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from hall.clock import to_microseconds
from hall.interval import Interval
from hall.names import CameraId, HallId, WindowId, ZoneId
from hall.observing import Observation, ObservationKind, Presence
from hall.queueing import WindowState, WindowStatus
from store import lasting, observing, queueing
from store.database import Database
from store.lasting import DAY_US, HOUR_US, STATE, Part
from store.tables import observations, window_statuses
from tests import postgresql

HALL, CAMERA, WINDOW = HallId("h1"), CameraId("c1"), WindowId("w1")
BEGIN = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
KINDS = {kind.value for kind in lasting.KINDS} | {STATE}

Sums = dict[tuple[str, str, int], int]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Database]]:
    """Makes databases in which there is no table yet."""
    if request.param == "sqlite":
        numbers = itertools.count()
        yield lambda: Database(f"sqlite:///{tmp_path_factory.mktemp('lasting') / f'{next(numbers)}.db'}")
        return
    with postgresql.running() as server:
        yield lambda: Database(postgresql.new_database(server))


@pytest.fixture(scope="module")
def database(empty: Callable[[], Database]) -> Iterator[Database]:
    made = empty()
    made.migrate()
    yield made
    made.close()


def after(minutes: float) -> datetime:
    return BEGIN + timedelta(minutes=minutes)


def kept(database: Database, unit: int = HOUR_US, hall: HallId = HALL) -> list[Part]:
    until = to_microseconds(after(0)) + 400 * DAY_US
    with database.read() as tx:
        return lasting.kept(tx, hall, [CAMERA], [WINDOW], KINDS, unit, 0, until)


def summed(parts: list[Part]) -> Sums:
    return {(part.kind, part.state, part.start_us): part.lasting_us for part in parts}


def counted(spans: list[tuple[str, str, datetime, datetime]], unit: int) -> Sums:
    """The same, second by second."""
    found: Sums = defaultdict(int)
    for kind, state, start, end in spans:
        at = to_microseconds(start)
        while at < to_microseconds(end):
            found[kind, state, at // unit * unit] += 1_000_000
            at += 1_000_000
    return dict(found)


def test_what_reaches_over_midnight_stands_in_each_of_its_hours_and_days(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'hall.db'}")
    database.migrate()
    for minutes, state in ((0, Presence.ON_POST), (110, Presence.ABSENT), (130, Presence.ON_POST)):
        with database.write() as tx:
            interval = Interval(after(minutes))
            seen = Observation(ObservationKind.PRESENCE, CAMERA, ZoneId("z"), WINDOW, interval, state)
            observing.change(tx, HALL, seen)
    minute = 60_000_000
    hours = [to_microseconds(after(0)) // HOUR_US * HOUR_US + nth * HOUR_US for nth in range(3)]
    assert summed(kept(database)) == {
        ("presence", "on_post", hours[0]): 30 * minute,
        ("presence", "on_post", hours[1]): 60 * minute,
        ("presence", "on_post", hours[2]): 20 * minute,
        ("presence", "absent", hours[2]): 20 * minute,
    }
    days = [hours[0] // DAY_US * DAY_US, hours[2]]
    assert summed(kept(database, DAY_US)) == {
        ("presence", "on_post", days[0]): 90 * minute,
        ("presence", "on_post", days[1]): 20 * minute,
        ("presence", "absent", days[1]): 20 * minute,
    }
    database.close()


def test_the_level_of_an_hour_is_that_of_a_steady_sound_of_the_same_power(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'hall.db'}")
    database.migrate()
    for minutes, level in ((30, -40.0), (31, -20.0), (32, None), (33, -30.0)):
        state = "unknown" if level is None else "measured"
        seen = Observation(
            ObservationKind.MINUTE_LEVEL, CAMERA, None, None, Interval(after(minutes)), state, level
        )
        with database.write() as tx:
            observing.change(tx, HALL, seen)
    found = {part.state: part for part in kept(database)}
    assert set(found) == {"measured", "unknown"}
    measured = found["measured"]
    assert measured.lasting_us == 2 * 60_000_000
    assert measured.highest == -20.0
    mean = 10 * math.log10(measured.energy / measured.lasting_us)
    assert mean == pytest.approx(10 * math.log10((1e-4 + 1e-2) / 2))
    database.close()


CHANGES = st.lists(
    st.tuples(
        st.sampled_from([*lasting.KINDS - {ObservationKind.MINUTE_LEVEL}, ObservationKind.LEVEL]),
        st.integers(-600, 9_000),
        st.sampled_from(["on_post", "absent", "unknown"]),
    ),
    max_size=12,
)
HALLS = iter(range(1_000_000))


@given(CHANGES)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_was_seen_the_sums_are_those_of_what_stands(
    database: Database, changes: list[tuple[ObservationKind, int, str]]
) -> None:
    """Late changes are moved up to the beginning of what they end: the sums go by what stands then."""
    hall, camera = HallId(f"h{next(HALLS)}"), CameraId(f"c{next(HALLS)}")
    at = 0
    for kind, later, state in changes:
        at = max(0, at + later)
        seen = Observation(kind, camera, ZoneId("z"), WINDOW, Interval(after(at / 60)), state)
        with database.write() as tx:
            observing.change(tx, hall, seen)
    with database.read() as tx:
        standing = observing.between(tx, after(-1), after(1e5), camera=camera, limit=1000)
        found = lasting.kept(tx, hall, [camera], [WINDOW], KINDS, HOUR_US, 0, 10**18)
    over = [
        (one.kind.value, one.state, one.interval.start, one.interval.end)
        for one in standing
        if one.interval.end is not None and one.kind in lasting.KINDS
    ]
    assert summed(found) == counted(over, HOUR_US)


STATES = st.lists(
    st.tuples(st.integers(0, 400), st.lists(st.tuples(st.integers(1, 90), st.sampled_from(WindowState)))),
    min_size=1,
    max_size=6,
)


@given(STATES)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_states_of_a_window_told_anew_count_as_they_stand_now(
    database: Database, tellings: list[tuple[int, list[tuple[int, WindowState]]]]
) -> None:
    hall = HallId(f"h{next(HALLS)}")
    for since, told in tellings:
        at, statuses = since, []
        for lasts, state in told:
            statuses.append(WindowStatus(hall, WINDOW, state, Interval(after(at), after(at + lasts))))
            at += lasts
        statuses.append(WindowStatus(hall, WINDOW, WindowState.OPEN, Interval(after(at))))
        with database.write() as tx:
            queueing.save_window_statuses(tx, hall, WINDOW, after(since), statuses, after(1000))
    with database.read() as tx:
        standing = queueing.window_status_history(tx, hall, WINDOW, after(-1), after(1e5))
        found = lasting.kept(tx, hall, [], [WINDOW], KINDS, DAY_US, 0, 10**18)
    over = [
        (STATE, one.state.value, one.interval.start, one.interval.end)
        for one in standing
        if one.interval.end is not None
    ]
    assert summed(found) == counted(over, DAY_US)


def test_what_was_known_before_is_summed_when_the_store_is_renewed(empty: Callable[[], Database]) -> None:
    new, old = empty(), empty()
    new.migrate()
    for minutes, state in ((0, "on_post"), (110, "absent"), (3000, "unknown"), (3001, "on_post")):
        seen = Observation(
            ObservationKind.PRESENCE, CAMERA, ZoneId("z"), WINDOW, Interval(after(minutes)), state
        )
        heard = Observation(
            ObservationKind.MINUTE_LEVEL,
            CAMERA,
            None,
            None,
            Interval(after(minutes)),
            "measured",
            -minutes / 50,
        )
        quick = Observation(
            ObservationKind.LEVEL, CAMERA, None, None, Interval(after(minutes)), "measured", -1.0
        )
        with new.write() as tx:
            for one in (seen, heard, quick):
                observing.change(tx, HALL, one)
    spans = [Interval(after(0), after(70)), Interval(after(70), after(75)), Interval(after(75))]
    states = [
        WindowStatus(HALL, WINDOW, state, span)
        for state, span in zip((WindowState.OPEN, WindowState.PAUSED, WindowState.OPEN), spans, strict=True)
    ]
    with new.write() as tx:
        queueing.save_window_statuses(tx, HALL, WINDOW, after(0), states[:1], after(80))
        queueing.save_window_statuses(tx, HALL, WINDOW, after(60), states[1:], after(81))
        queueing.save_window_statuses(tx, HALL, WINDOW, after(70), states[2:], after(82), after(90))
    old.migrate("0030")
    with new.read() as source, old.write() as tx:
        for table in (observations, window_statuses):
            rows = [dict(row._mapping) for row in source.connection.execute(select(table))]
            tx.connection.execute(insert(table), rows)
    old.migrate()
    for unit in (HOUR_US, DAY_US):
        assert sorted(kept(old, unit), key=repr) == sorted(kept(new, unit), key=repr)
        assert kept(old, unit)
    new.close()
    old.close()
