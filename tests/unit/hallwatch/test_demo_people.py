"""The users of the demo: one of each role that shows a side of the console, let in at every start."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from console.access.passwords import matches
from hall.roles import Role
from hallwatch.demo import people
from hallwatch.demo.place import DemoPlace
from store import accounts
from store.database import Database

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def test_a_new_start_gives_new_passwords_and_lets_in_who_was_disabled(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'hall.db'}")
    database.migrate()
    first, second = people.made_up_passwords(), people.made_up_passwords()
    with database.write() as tx:
        people.enter(tx, first, NOW)
        officer = accounts.user_by_name(tx, "officer")
        assert officer is not None
        accounts.change_user(tx, replace(officer, disabled=True))
        people.enter(tx, second, NOW)
        found = {user.name: user for user in accounts.all_users(tx)}
    database.close()
    assert {name: user.role for name, user in found.items()} == {
        "officer": Role.OFFICER,
        "investigator": Role.INVESTIGATOR,
        "administrator": Role.ADMINISTRATOR,
    }
    assert not any(user.disabled for user in found.values())
    for name, user in found.items():
        assert matches(second[name], user.password_hash)
        assert not matches(first[name], user.password_hash)


def test_ready_json_names_every_password_for_its_owner_alone(tmp_path: Path) -> None:
    place = DemoPlace(tmp_path)
    passwords = people.made_up_passwords()
    place.announce({"url": "http://127.0.0.1:1", "passwords": passwords})
    assert json.loads(place.ready.read_text())["passwords"] == passwords
    assert place.ready.stat().st_mode & 0o777 == 0o600
    assert len({*passwords.values()}) == len(passwords) == len(people.told(passwords).splitlines())
