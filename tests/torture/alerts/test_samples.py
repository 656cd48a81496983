"""A little of each campaign of `make torture-alerts`; all run at the same time, for they mostly wait."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import postgresql
from tests.torture.alerts.kills import KINDS, KillsOutcome, kill_again_and_again
from tests.torture.alerts.takeover import ALLOWED_SECONDS, TakeoverOutcome, take_over_again_and_again

KILLS, TAKEOVERS, HALLS, WINDOWS = 4, 2, 2, 3
SEED = 6
"""Chance hits leader, standby and database with it, and both instances at once."""
LIMIT = 240.0


@dataclass
class Samples:
    """The campaigns, each on its way; None where PostgreSQL is not installed."""

    kills: Future[KillsOutcome]
    takeovers: Future[TakeoverOutcome]
    kills_on_postgresql: Future[KillsOutcome] | None


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Samples]:
    def folder(name: str) -> Path:
        return tmp_path_factory.mktemp(name)

    with ExitStack() as stack:
        url = None
        if postgresql.is_installed():
            url = postgresql.new_database(stack.enter_context(postgresql.running()))
        pool = stack.enter_context(ThreadPoolExecutor(3))
        size = (HALLS, WINDOWS, SEED)
        yield Samples(
            kills=pool.submit(kill_again_and_again, folder("kills"), KILLS, *size),
            takeovers=pool.submit(take_over_again_and_again, folder("takeover"), TAKEOVERS, *size),
            kills_on_postgresql=pool.submit(kill_again_and_again, folder("server"), KILLS, *size, url)
            if url
            else None,
        )


def is_sound(outcome: KillsOutcome) -> None:
    assert outcome.complaints == []
    assert set(outcome.moments) == set(KINDS)
    assert outcome.kills == KILLS
    assert outcome.judged.alerts > 0
    assert outcome.told.messages > 2 * outcome.judged.alerts


@pytest.mark.slow
def test_killed_at_random_moments_the_role_finds_and_tells_everything_once(samples: Samples) -> None:
    is_sound(samples.kills.result(LIMIT))


@pytest.mark.slow
@pytest.mark.postgres
def test_cut_off_from_postgresql_it_finds_and_tells_everything_once(samples: Samples) -> None:
    if samples.kills_on_postgresql is None:
        pytest.skip("PostgreSQL is not installed")
    outcome = samples.kills_on_postgresql.result(LIMIT)
    is_sound(outcome)
    assert outcome.cut > 0


@pytest.mark.slow
def test_a_standby_takes_over_from_a_killed_and_from_a_stopped_leader_which_writes_nothing_more(
    samples: Samples,
) -> None:
    outcome = samples.takeovers.result(LIMIT)
    assert outcome.complaints == []
    assert (outcome.killed, outcome.stopped) == (1, 1)
    assert outcome.worst_seconds <= ALLOWED_SECONDS
    assert outcome.judged.alerts > 0
