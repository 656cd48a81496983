"""A writer that falls silent in the midst of a transaction holds up the others on PostgreSQL for seconds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from hall.errors import StoreBusy
from hall.journal import FactKind
from store import database as databases
from store import journal
from store.database import Database
from tests import postgresql

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
PAUSE = 0.3


@pytest.fixture
def database() -> Iterator[Database]:
    with postgresql.running() as server:
        made = Database(postgresql.new_database(server))
        made.migrate()
        yield made
        made.close()


def fall_silent(database: Database, other: Database) -> None:
    """Write, let another one wait for its turn until it has it, and go on."""
    with database.write() as silent:
        journal.append(silent, FactKind.GAP, None, NOW, {"by": "silent"})
        began = time.monotonic()
        with other.write() as tx:
            journal.append(tx, FactKind.GAP, None, NOW, {"by": "other"})
        assert time.monotonic() - began >= PAUSE / 2
        journal.append(silent, FactKind.GAP, None, NOW, {"by": "silent"})


@pytest.mark.postgres
def test_a_writer_that_falls_silent_is_ended_and_the_next_one_has_its_turn(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "LONGEST_PAUSE_MS", int(1000 * PAUSE))
    other = Database(database.url)
    with pytest.raises(StoreBusy) as error:
        fall_silent(database, other)
    assert error.value.again
    with database.write() as tx:
        journal.append(tx, FactKind.GAP, None, NOW, {"by": "silent, once more"})
        time.sleep(PAUSE / 3)
    with database.read() as reading:
        assert [entry.body["by"] for entry in journal.tail(reading, 0)] == ["other", "silent, once more"]
        time.sleep(2 * PAUSE)  # who reads holds up nobody and may take its time
        assert journal.last_seq(reading) > 0
    other.close()
