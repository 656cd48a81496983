"""The lease as an instance sees it that has to wait for its turn to write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alerts.leadership import NAME, TRY_EVERY, TTL, Leadership, NotLeading
from hall.clock import SimulatedClock
from store import leases
from store.database import Database, Write

TEN = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


class Crowded(Database):
    """A database in which one waits for the turn to write."""

    def __init__(self, url: str, clock: SimulatedClock, seconds: float) -> None:
        super().__init__(url)
        self.clock, self.seconds = clock, seconds

    @contextmanager
    def write(self) -> Iterator[Write]:
        with super().write() as tx:
            self.clock.advance(self.seconds)
            yield tx


def test_a_standby_that_had_to_wait_for_its_turn_sees_a_lease_that_has_run_out_meanwhile(
    tmp_path: Path,
) -> None:
    url, clock = f"sqlite:///{tmp_path / 'hall.db'}", SimulatedClock(TEN)
    database, crowded = Database(url), Crowded(url, clock, TTL.total_seconds())
    database.migrate()
    assert Leadership(database, clock, "stopped in a write").hold()
    assert Leadership(crowded, clock, "standby").hold()
    with database.read() as tx:
        lease = leases.find(tx, NAME)
    assert lease is not None
    assert (lease.holder, lease.expires) == ("standby", clock.now() + TTL)
    crowded.close()
    database.close()


def test_who_slept_through_the_time_of_another_leader_does_not_go_on_as_if_nothing_had_been(
    tmp_path: Path,
) -> None:
    database, clock = Database(f"sqlite:///{tmp_path / 'hall.db'}"), SimulatedClock(TEN)
    database.migrate()
    sleeper, other = Leadership(database, clock, "sleeper"), Leadership(database, clock, "other")
    assert sleeper.hold()
    clock.advance(TTL.total_seconds())
    assert other.hold()
    clock.advance(TTL.total_seconds())
    with pytest.raises(NotLeading):
        sleeper.hold()
    assert not sleeper.held
    clock.advance(TRY_EVERY.total_seconds())
    assert sleeper.hold()
    database.close()
