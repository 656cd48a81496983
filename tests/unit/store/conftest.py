"""A filled hall, which the tests of searches and of lists share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.filled_console import ConsoleSize, fill_console
from store.database import Database
from tests import postgresql

SIZE = ConsoleSize(0.001)


@pytest.fixture(scope="package", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def filled_hall(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """A hall of some thousand rows of each kind."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path_factory.mktemp('filled') / 'hall.db'}")
        fill_console(database, SIZE)
        yield database
        database.close()
        return
    with postgresql.running() as server:
        database = Database(postgresql.new_database(server))
        fill_console(database, SIZE)
        yield database
        database.close()
