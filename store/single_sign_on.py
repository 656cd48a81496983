"""People whom a provider of single sign-on knows: found by its subject, entered at their first log-in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select, update

from hall.names import HallId
from hall.roles import Role
from store.access_tables import users
from store.accounts import User, change_user, save_user, user_of_row
from store.database import Read, Write


def user_of_subject(tx: Read, subject: str) -> User | None:
    """The user whom the provider knows under a hashed subject, or None."""
    row = tx.connection.execute(select(users).where(users.c.subject_sha256 == subject)).first()
    return None if row is None else user_of_row(row)


def enter_user(
    tx: Write, subject: str, name: str, role: Role, halls: Sequence[HallId], now: datetime
) -> User:
    """Enter a user without a password, whose name nobody has yet."""
    user = replace(save_user(tx, name, role, "", now), halls=tuple(halls), subject=subject)
    change_user(tx, user)
    tx.connection.execute(update(users).where(users.c.id == user.id).values(subject_sha256=subject))
    return user
