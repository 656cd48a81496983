"""SIGKILL of leader and standby, and cuts of the database, at random moments under load.

Afterwards every cause has its alert, every alert its cause, and every flip was told.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.torture.alerts.aftermath import PATIENCE, Aftermath
from tests.torture.alerts.alerts_hall import AlertsHall, Instance, alerts_hall
from tests.torture.alerts.database_cuts import DatabaseCuts
from tests.torture.alerts.load import under_load
from tests.torture.recording_hall import wait_until

KINDS = {"leader": 9, "standby": 3, "both": 4, "database": 6}
"""What is hit, and how often beside the others."""
EARLY_SHARE, EARLY_SECONDS = 0.2, 2.0
"""One moment in five comes so soon after the last, whether anybody leads by then or not."""
LATE_SECONDS = 3.0
"""The others come within so many seconds from when an instance leads."""


@dataclass
class KillsOutcome(Aftermath):
    """What kills did. `moments` says how often what was hit; `cut` counts connections."""

    moments: Counter[str] = field(default_factory=Counter)
    cut: int = 0
    cut_in_the_midst: int = 0
    given_up: int = 0
    leaders: int = 0
    """How often an instance began to lead."""

    @property
    def kills(self) -> int:
        """Moments in all."""
        return self.moments.total()


def kill_again_and_again(
    folder: Path, kills: int, halls: int = 3, windows: int = 4, seed: int = 1, database_url: str | None = None
) -> KillsOutcome:
    """Hit the role `kills` times while two instances of it keep the alerts of so many halls."""
    outcome, began, chance = KillsOutcome(), time.monotonic(), Random(seed)
    with alerts_hall(folder, halls, windows, database_url) as hall:
        hall.start()
        hall.start()
        wait_until(hall.leader, "an instance leads", PATIENCE)
        cuts = DatabaseCuts(hall, Random(seed))
        with under_load(hall, seed) as book:
            while outcome.kills < kills:
                _wait_for_a_moment(hall, chance)
                (kind,) = chance.choices(list(KINDS), list(KINDS.values()))
                _hit(hall, kind, cuts)
                outcome.moments[kind] += 1
            cuts.end()
            wait_until(lambda: _leads(hall), "an instance leads", PATIENCE)
        outcome.sum_up(hall, book, began)
        outcome.cut, outcome.cut_in_the_midst = cuts.connections, cuts.midst
        outcome.given_up = hall.given_up
        lease = hall.lease()
        outcome.leaders = lease.epoch if lease is not None else 0
    return outcome


def _wait_for_a_moment(hall: AlertsHall, chance: Random) -> None:
    is_early = chance.random() < EARLY_SHARE
    if not is_early:
        wait_until(lambda: _leads(hall), "an instance leads", PATIENCE)
    time.sleep(chance.uniform(0, EARLY_SECONDS if is_early else LATE_SECONDS))


def _leads(hall: AlertsHall) -> Instance | None:
    hall.replace_those_that_gave_up()
    return hall.leader()


def _hit(hall: AlertsHall, kind: str, cuts: DatabaseCuts) -> None:
    if kind == "database":
        cuts.cut()
        return
    leader = hall.leader() or hall.instances[0]
    others = [one for one in hall.instances if one is not leader]
    hit: dict[str, list[Instance]] = {"leader": [leader], "standby": others, "both": [leader, *others]}
    for instance in hit[kind]:
        hall.kill(instance)
    for _ in hit[kind]:
        hall.start()
