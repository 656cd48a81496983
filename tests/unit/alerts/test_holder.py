"""A dead holder of the lease is recognised on its own machine, and nowhere else."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alerts.holder import is_gone, own_name
from alerts.leadership import NAME, TTL, Leadership
from hall.clock import SimulatedClock
from store import leases
from store.database import Database

NAMED = "from alerts.holder import own_name; print(own_name(), flush=True); input()"


def test_a_process_that_lives_is_not_gone_and_one_that_was_killed_is() -> None:
    assert not is_gone(own_name())
    other = subprocess.Popen(
        [sys.executable, "-c", NAMED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    name = other.stdout.readline().strip()
    assert not is_gone(name)
    other.kill()
    other.communicate(timeout=10)
    assert is_gone(name)


def test_another_process_with_the_same_id_does_not_stand_in_for_a_dead_one() -> None:
    place, _, began = own_name().rpartition("/")
    assert is_gone(f"{place}/{int(began) - 1}")


def test_nobody_is_declared_dead_on_another_machine_or_by_a_name_that_says_nothing() -> None:
    _host, rest = own_name().split("/", 1)
    assert not is_gone(f"another-machine/{rest}".replace(rest.split("/")[-2], "999999999"))
    for name in ("", "standby", "a/b/c", "host:1:ff"):
        assert not is_gone(name)


def test_a_lease_of_a_dead_process_is_taken_over_at_once_with_a_higher_epoch(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'hall.db'}")
    database.migrate()
    clock = SimulatedClock(datetime(2026, 3, 2, 2, 0, tzinfo=UTC))
    assert Leadership(database, clock, "dead").hold()
    clock.advance(0.1)
    assert not Leadership(database, clock, "patient").hold()
    successor = Leadership(database, clock, "successor", lambda holder: holder == "dead")
    assert successor.hold()
    with database.read() as tx:
        lease = leases.find(tx, NAME)
    assert lease is not None
    assert (lease.holder, lease.epoch, lease.expires) == ("successor", 2, clock.now() + TTL)
    assert clock.now() - successor.away_since <= timedelta(seconds=0.1)
    database.close()
