"""A little of each campaign of `make torture-capture`; all run at the same time, for they mostly wait."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.torture.disk_full import DiskFullOutcome, fill_the_disk
from tests.torture.fuzz.campaign import FuzzOutcome, fuzz
from tests.torture.kills import KillsOutcome, kill_again_and_again
from tests.torture.outages import OutageOutcome, lock_the_database, take_the_bus_away

KILLS, CASES = 2, 50
HELD, GONE = 8.0, 4.0
"""Seconds. Who waits for a database says so after five."""
LIMIT = 100.0


@dataclass
class Samples:
    """The campaigns, each on its way."""

    kills: Future[KillsOutcome]
    disk: Future[DiskFullOutcome]
    database: Future[OutageOutcome]
    bus: Future[OutageOutcome]
    fuzz: Future[FuzzOutcome]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Samples]:
    def folder(name: str) -> Path:
        return tmp_path_factory.mktemp(name)

    with ThreadPoolExecutor(5) as pool:
        yield Samples(
            kills=pool.submit(kill_again_and_again, folder("kills"), KILLS, count=2),
            disk=pool.submit(
                fill_the_disk, folder("disk"), 1.3, 2, deletions=3, keep_free_percent=30, at_length=False
            ),
            database=pool.submit(lock_the_database, folder("database"), HELD, 2),
            bus=pool.submit(take_the_bus_away, folder("bus"), GONE, 2),
            fuzz=pool.submit(fuzz, CASES, folder("cases"), workers=1),
        )


@pytest.mark.slow
def test_killed_at_random_moments_capture_loses_nothing_that_was_on_the_disk(samples: Samples) -> None:
    outcome = samples.kills.result(LIMIT)
    assert outcome.complaints == []
    assert outcome.kills == KILLS
    assert outcome.segments > 0


@pytest.mark.slow
def test_a_full_disk_costs_the_oldest_that_no_lock_holds_and_recording_goes_on(samples: Samples) -> None:
    outcome = samples.disk.result(LIMIT)
    if not outcome.ran:
        pytest.skip("this user may not mount a file system")
    assert outcome.complaints == []
    assert outcome.deleted >= 3
    assert outcome.locked >= 1


@pytest.mark.slow
def test_a_database_that_another_process_holds_costs_nothing(samples: Samples) -> None:
    outcome = samples.database.result(LIMIT)
    assert outcome.complaints == []
    assert outcome.meanwhile > 0


@pytest.mark.slow
def test_a_bus_that_is_gone_costs_nothing(samples: Samples) -> None:
    outcome = samples.bus.result(LIMIT)
    assert outcome.complaints == []
    assert outcome.meanwhile > 0


@pytest.mark.slow
def test_damaged_media_neither_crash_nor_hang_anything(samples: Samples) -> None:
    outcome = samples.fuzz.result(LIMIT)
    assert outcome.complaints == []
    assert outcome.cases.total() == CASES
    assert set(outcome.cases) == {"file", "packets", "rtsp", "ffmpeg"}
