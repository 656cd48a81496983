"""A leader that is killed, or stopped past its lease before it goes on, with a standby beside it, under load.

Who goes on after its lease has run out must write nothing more. What it wrote is told by its own log, where
each change of an alert stands once it is in the store.
"""

from __future__ import annotations

import json
import re
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from hall.finding import Actor, Flip
from store.leases import Lease
from tests.torture.alerts.aftermath import PATIENCE, Aftermath
from tests.torture.alerts.alerts_hall import LEADS, AlertsHall, Instance, alerts_hall
from tests.torture.alerts.load import under_load
from tests.torture.recording_hall import wait_until

ALLOWED_SECONDS = 10.0
"""A standby leads within so many seconds of the leader's end."""
PAST_THE_LEASE = 3.0
"""Seconds for which a leader stays stopped after another has taken over."""
STOPPED_IN_A_WRITE = 4.0
"""Seconds for which nobody can write, beyond which the leader was stopped while it held the file. PostgreSQL
ends it instead (store.database.LONGEST_PAUSE_MS)."""
AT_WORK = 4.0
"""Seconds, at most, between two takeovers."""
LOOK_SECONDS = 0.02
TAKEN_OVER = "another instance has taken over"
ENDED = "has ended"
WROTE = re.compile(f"an alert (is open|{ENDED}|was found late|has another severity|is followed up)")


@dataclass
class TakeoverOutcome(Aftermath):
    """What takeovers did; `while_writing` leaders were stopped in a write: a standby has to wait for them."""

    killed: int = 0
    stopped: int = 0
    while_writing: int = 0
    seconds_each: list[float] = field(default_factory=list)

    @property
    def worst_seconds(self) -> float:
        """The longest time from a leader's end to the next."""
        return max(self.seconds_each, default=0.0)


def take_over_again_and_again(
    folder: Path,
    takeovers: int,
    halls: int = 3,
    windows: int = 4,
    seed: int = 1,
    database_url: str | None = None,
) -> TakeoverOutcome:
    """End the leader so many times, every other time by stopping it past its lease."""
    outcome, began, chance = TakeoverOutcome(), time.monotonic(), Random(seed)
    with alerts_hall(folder, halls, windows, database_url) as hall:
        hall.start()
        hall.start()
        wait_until(hall.leader, "an instance leads", PATIENCE)
        with under_load(hall, seed) as book:
            for number in range(takeovers):
                wait_until(lambda: _stands_by(hall), "a leader and a standby", PATIENCE)
                time.sleep(chance.uniform(0, AT_WORK))
                leader = hall.leader()
                if leader is None:
                    raise AssertionError("nobody leads although nobody was ended")
                if number % 2:
                    _stop(hall, leader, outcome)
                else:
                    _kill(hall, leader, outcome)
        outcome.sum_up(hall, book, began)
    late = [seconds for seconds in outcome.seconds_each if seconds > ALLOWED_SECONDS]
    outcome.complaints += [f"wrong: a standby took over after {seconds:.1f} s" for seconds in late]
    return outcome


def _stands_by(hall: AlertsHall) -> bool:
    """Whether one instance leads and the other has begun."""
    return hall.leader() is not None and all("alerts begin" in one.said() for one in hall.instances)


def _kill(hall: AlertsHall, leader: Instance, outcome: TakeoverOutcome) -> None:
    before, ended = hall.lease(), time.monotonic()
    hall.kill(leader)
    _await_successor(hall, before, "a killed leader")
    outcome.seconds_each.append(time.monotonic() - ended)
    outcome.killed += 1
    hall.start()


def _stop(hall: AlertsHall, leader: Instance, outcome: TakeoverOutcome) -> None:
    before, ended = hall.lease(), time.monotonic()
    leader.signal(signal.SIGSTOP)
    said = leader.log.stat().st_size
    outcome.stopped += 1
    try:
        if hall.is_sqlite and _holds_the_database(hall):
            # Nobody else can write, or take over, before it goes on.
            outcome.while_writing += 1
            return
        known = [flip for _, flip in hall.flips()]
        _await_successor(hall, before, "a stopped leader")
        outcome.seconds_each.append(time.monotonic() - ended)
        time.sleep(PAST_THE_LEASE)
    finally:
        leader.signal(signal.SIGCONT)
    wait_until(lambda: TAKEN_OVER in leader.said(said), "the old leader has noticed", PATIENCE)
    outcome.complaints += [
        f"wrong: a leader wrote after its lease had gone: {line}" for line in _written(leader, said, known)
    ]


def _holds_the_database(hall: AlertsHall) -> bool:
    until = time.monotonic() + STOPPED_IN_A_WRITE
    while time.monotonic() < until:
        before = hall.newest()
        time.sleep(STOPPED_IN_A_WRITE / 4)
        if hall.newest() != before:
            return False
    return True


def _await_successor(hall: AlertsHall, before: Lease | None, after: str) -> None:
    if before is None:
        raise AssertionError("nobody has ever led")

    def is_taken() -> bool:
        now = hall.lease()
        return now is not None and now.epoch > before.epoch

    until = time.monotonic() + PATIENCE
    while not is_taken():
        if time.monotonic() > until:
            raise TimeoutError(f"nobody took over from {after} within {PATIENCE:g} s")
        time.sleep(LOOK_SECONDS)


def _written(leader: Instance, said: int, known: Sequence[Flip]) -> Iterator[str]:
    """What it says it wrote after it went on, but for what had been in the store while it was stopped."""
    for line in leader.said(said).partition(LEADS)[0].splitlines():
        if (wrote := WROTE.search(line)) is None:
            continue
        alert = json.loads(line)["alert"]
        own = [flip for flip in known if flip.alert == alert and flip.actor is Actor.EVALUATOR]
        if not own or (wrote[1] == ENDED and len(own) == 1):
            yield line
