"""Second factors of people: sealed secrets, codes that are used up, and log-ins that await a code.

A secret is sealed by the keys of the installation for its user alone. A recovery code is random with 79 bits,
so its SHA-256 is enough.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from hall.clock import to_microseconds
from hall.errors import SecretError
from hall.names import UserId
from store.access_tables import recovery_codes, second_factors, second_steps, users
from store.accounts import User, digest, end_sessions, user_of_row
from store.database import Read, Write
from store.keyring import Keyring, Sealed


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """The secret of a user's second factor, sealed. `last_step` is the newest time step that was used up."""

    user: UserId
    sealed: Sealed
    last_step: int

    def secret(self, keyring: Keyring | None) -> str:
        """The secret in clear. Raises SecretError."""
        if keyring is None:
            raise SecretError("there is no key to open it with")
        return keyring.open(self.sealed, _bound(self.user))


def of_user(tx: Read, user: UserId) -> SecondFactor | None:
    """The second factor of a user, in force or only begun, or None."""
    row = tx.connection.execute(select(second_factors).where(second_factors.c.user == user)).first()
    return None if row is None else _factor(row)


def begin(tx: Write, keyring: Keyring, user: UserId, secret: str) -> None:
    """Seal and enter a secret in the place of one that was only begun. In force from `confirm` on."""
    tx.connection.execute(delete(second_factors).where(second_factors.c.user == user))
    sealed = keyring.seal(secret, _bound(user))
    values = {"user": user, "key_id": sealed.key_id, "sealed": sealed.content}
    tx.connection.execute(insert(second_factors).values(**values))


def seal_anew(tx: Write, keyring: Keyring) -> tuple[int, list[UserId]]:
    """Seal everything with the newest key. How many were sealed, and whose no key here opens."""
    count, lost = 0, []
    old = select(second_factors).where(second_factors.c.key_id != keyring.newest)
    for known in [_factor(row) for row in tx.connection.execute(old)]:
        try:
            sealed = keyring.seal(known.secret(keyring), _bound(known.user))
        except SecretError:
            lost.append(known.user)
            continue
        values = {"key_id": sealed.key_id, "sealed": sealed.content}
        of = second_factors.c.user == known.user
        tx.connection.execute(update(second_factors).where(of).values(**values))
        count += 1
    return count, lost


def confirm(tx: Write, user: UserId, now: datetime) -> None:
    """Put the secret that was begun in force."""
    values = {"second_factor_us": to_microseconds(now)}
    tx.connection.execute(update(users).where(users.c.id == user).values(**values))


def use_step(tx: Write, user: UserId, step: int) -> bool:
    """Use up a time step and every one before it. False when it was used up already."""
    unused = (second_factors.c.user == user) & (second_factors.c.last_step < step)
    return tx.connection.execute(update(second_factors).where(unused).values(last_step=step)).rowcount > 0


def replace_recovery_codes(tx: Write, user: UserId, codes: Collection[str]) -> None:
    """Enter these recovery codes in the place of all that a user had."""
    tx.connection.execute(delete(recovery_codes).where(recovery_codes.c.user == user))
    for code in codes:
        tx.connection.execute(insert(recovery_codes).values(user=user, code_sha256=digest(code)))


def use_recovery_code(tx: Write, user: UserId, code: str) -> bool:
    """Use up a recovery code. False for one that the user does not have, or has no more."""
    known = (recovery_codes.c.user == user) & (recovery_codes.c.code_sha256 == digest(code))
    return tx.connection.execute(delete(recovery_codes).where(known)).rowcount > 0


def recovery_codes_left(tx: Read, user: UserId) -> int:
    """How many recovery codes a user has left."""
    query = select(func.count()).select_from(recovery_codes).where(recovery_codes.c.user == user)
    return tx.connection.execute(query).scalar_one()


def remove(tx: Write, user: UserId) -> bool:
    """Take a user's second factor away, with its recovery codes. False when there was none."""
    for table in (recovery_codes, second_steps):
        tx.connection.execute(delete(table).where(table.c.user == user))
    tx.connection.execute(update(users).where(users.c.id == user).values(second_factor_us=None))
    return tx.connection.execute(delete(second_factors).where(second_factors.c.user == user)).rowcount > 0


def reset(tx: Write, user: UserId) -> bool:
    """`remove` for somebody who has lost it; all sessions end."""
    removed = remove(tx, user)
    end_sessions(tx, user)
    return removed


def await_code(tx: Write, user: UserId, token: str, now: datetime, expires: datetime) -> None:
    """Note that a user gave the right password; what has expired is removed on the way."""
    tx.connection.execute(delete(second_steps).where(second_steps.c.expires_us <= to_microseconds(now)))
    values = {"token_sha256": digest(token), "user": user, "expires_us": to_microseconds(expires)}
    tx.connection.execute(insert(second_steps).values(**values))


def awaited(tx: Read, token: str, now: datetime) -> User | None:
    """Whose code is awaited under a token, or None."""
    in_time = (second_steps.c.token_sha256 == digest(token)) & (
        second_steps.c.expires_us > to_microseconds(now)
    )
    query = select(users).join(second_steps, second_steps.c.user == users.c.id).where(in_time)
    row = tx.connection.execute(query).first()
    return None if row is None or row.disabled else user_of_row(row)


def end_wait(tx: Write, token: str) -> bool:
    """Await the code of a log-in no longer. False when nobody did."""
    of = second_steps.c.token_sha256 == digest(token)
    return tx.connection.execute(delete(second_steps).where(of)).rowcount > 0


def _bound(user: UserId) -> str:
    return f"second factor of {user}"


def _factor(row: Row[Any]) -> SecondFactor:
    return SecondFactor(UserId(row.user), Sealed(row.key_id, bytes(row.sealed)), row.last_step)
