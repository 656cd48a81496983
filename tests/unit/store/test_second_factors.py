"""Second factors in the store: sealed for their user, sealed anew, used up at once with all before."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hall.errors import SecretError
from hall.names import UserId
from hall.roles import Role
from store import accounts, second_factors
from store.database import Database
from store.keyring import Keyring

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
OLD, NEW = os.urandom(32), os.urandom(32)
RING = Keyring((OLD,), "a test")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'hall.db'}")
    database.migrate()
    yield database
    database.close()


def user_with_factor(database: Database, name: str, secret: str = "JBSWY3DP") -> UserId:
    with database.write() as tx:
        user = accounts.save_user(tx, name, Role.OFFICER, "hash", NOW).id
        second_factors.begin(tx, RING, user, secret)
    return user


def test_a_secret_opens_for_its_own_user_alone(database: Database) -> None:
    li, wang = user_with_factor(database, "li"), user_with_factor(database, "wang", "KRSXG5A")
    with database.write() as tx:
        known = second_factors.of_user(tx, li)
        assert known is not None
        assert known.secret(RING) == "JBSWY3DP"
        tx.connection.exec_driver_sql(
            "UPDATE second_factors SET sealed = (SELECT sealed FROM second_factors WHERE user = ?)"
            " WHERE user = ?",
            (wang, li),
        )
    with database.read() as tx:
        swapped = second_factors.of_user(tx, li)
        assert swapped is not None
        for keys in (RING, Keyring((NEW,), "another"), None):
            with pytest.raises(SecretError):
                swapped.secret(keys)


def test_secrets_are_sealed_anew_and_what_no_key_opens_is_named(database: Database) -> None:
    li = user_with_factor(database, "li")
    with database.write() as tx:
        assert second_factors.use_step(tx, li, 7)
        assert second_factors.seal_anew(tx, Keyring((NEW, OLD), "both")) == (1, [])
        assert second_factors.seal_anew(tx, Keyring((NEW, OLD), "both")) == (0, [])
        known = second_factors.of_user(tx, li)
        assert known is not None
        assert (known.secret(Keyring((NEW,), "new")), known.last_step) == ("JBSWY3DP", 7)
        assert second_factors.seal_anew(tx, Keyring((OLD,), "old")) == (0, [li])


def test_a_step_is_used_up_with_all_before_it(database: Database) -> None:
    li = user_with_factor(database, "li")
    with database.write() as tx:
        used = [second_factors.use_step(tx, li, step) for step in (7, 7, 6, 8)]
    assert used == [True, False, False, True]


def test_what_is_awaited_ends_in_time_and_with_the_users_sessions(database: Database) -> None:
    li, wang = user_with_factor(database, "li"), user_with_factor(database, "wang")
    with database.write() as tx:
        for user in (li, wang):
            second_factors.await_code(tx, user, f"token-{user}", NOW, NOW + timedelta(minutes=5))
        accounts.end_sessions(tx, li)
        assert second_factors.awaited(tx, f"token-{li}", NOW) is None
        found = second_factors.awaited(tx, f"token-{wang}", NOW + timedelta(seconds=299))
        assert found is not None
        assert found.id == wang
        assert second_factors.awaited(tx, f"token-{wang}", NOW + timedelta(minutes=5)) is None
        assert [second_factors.end_wait(tx, f"token-{wang}") for _ in range(2)] == [True, False]
