"""Who may log in to the demo: one user of each role that shows a side of the console."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from console.access.passwords import hash_password
from hall.roles import Role
from hallwatch.passwords import random_password
from store import accounts
from store.database import Write

OFFICER: Final = "officer"
PEOPLE: Final[Mapping[str, Role]] = MappingProxyType(
    {OFFICER: Role.OFFICER, "investigator": Role.INVESTIGATOR, "administrator": Role.ADMINISTRATOR}
)
"""Users by their names."""


def made_up_passwords() -> dict[str, str]:
    """A new password for each user of the demo."""
    return {name: random_password() for name in PEOPLE}


def enter(tx: Write, passwords: Mapping[str, str], now: datetime) -> None:
    """Give every user of the demo role and password, and let in again whom an earlier start had disabled."""
    for name, role in PEOPLE.items():
        user = accounts.save_user(tx, name, role, hash_password(passwords[name]), now)
        if user.disabled:
            accounts.change_user(tx, replace(user, disabled=False))


def told(passwords: Mapping[str, str]) -> str:
    """Names and passwords in columns, one user a line."""
    width = max(map(len, passwords))
    return "\n".join(f"{name:<{width}}  {password}" for name, password in passwords.items())
