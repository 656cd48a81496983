"""People who log in, their sessions, and the keys of machines. Secrets are stored as hashes only."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from hall.clock import from_microseconds, to_microseconds
from hall.errors import Conflict
from hall.names import UserId
from hall.roles import Role
from store.access_tables import api_keys, failed_logins, sessions, users
from store.database import Read, Write


@dataclass(frozen=True, slots=True)
class User:
    """A person who may log in. `password_hash` is an argon2id string."""

    id: UserId
    name: str
    role: Role
    password_hash: str
    disabled: bool


@dataclass(frozen=True, slots=True)
class Session:
    """A log-in that is in force. The token itself is known only to the browser."""

    user: User
    csrf: str
    expires_at: datetime


def digest(secret: str) -> str:
    """SHA-256 in hexadecimal: enough for random tokens of 256 bits, which nobody can guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


def save_user(tx: Write, name: str, role: Role, password_hash: str, now: datetime) -> User:
    """Enter a user, or give a known one a new role and password; its sessions end then."""
    row = tx.connection.execute(select(users).where(users.c.name == name)).first()
    if row is None:
        identifier = UserId(f"u-{digest(name)[:12]}")
        tx.connection.execute(
            insert(users).values(
                id=identifier,
                name=name,
                role=role.value,
                password_hash=password_hash,
                created_us=to_microseconds(now),
            )
        )
        return User(identifier, name, role, password_hash, disabled=False)
    tx.connection.execute(
        update(users).where(users.c.id == row.id).values(role=role.value, password_hash=password_hash)
    )
    tx.connection.execute(delete(sessions).where(sessions.c.user == row.id))
    return User(UserId(row.id), name, role, password_hash, row.disabled)


def user_by_name(tx: Read, name: str) -> User | None:
    """The user with this log-in name, or None."""
    row = tx.connection.execute(select(users).where(users.c.name == name)).first()
    return None if row is None else _user(row)


def active_users(tx: Read) -> list[User]:
    """Everybody who may log in, by name."""
    query = select(users).where(users.c.disabled.is_(False)).order_by(users.c.name)
    return [_user(row) for row in tx.connection.execute(query)]


def open_session(
    tx: Write, user: UserId, token: str, csrf: str, address: str, now: datetime, expires: datetime
) -> None:
    """Enter a session under the hash of its token; sessions that ran out are removed on the way."""
    tx.connection.execute(delete(sessions).where(sessions.c.expires_us <= to_microseconds(now)))
    tx.connection.execute(
        insert(sessions).values(
            token_sha256=digest(token),
            user=user,
            csrf=csrf,
            opened_us=to_microseconds(now),
            expires_us=to_microseconds(expires),
            address=address,
        )
    )


def session(tx: Read, token: str, now: datetime) -> Session | None:
    """The session of a token while it is in force, or None."""
    query = (
        select(users, sessions.c.csrf, sessions.c.expires_us)
        .join(sessions, sessions.c.user == users.c.id)
        .where(sessions.c.token_sha256 == digest(token), sessions.c.expires_us > to_microseconds(now))
    )
    row = tx.connection.execute(query).first()
    if row is None or row.disabled:
        return None
    return Session(_user(row), row.csrf, from_microseconds(row.expires_us))


def close_session(tx: Write, token: str) -> None:
    """End a session; ending an unknown one is no error."""
    tx.connection.execute(delete(sessions).where(sessions.c.token_sha256 == digest(token)))


def add_api_key(tx: Write, name: str, scope: str, key: str, now: datetime) -> None:
    """Enter the key of a machine. Raises Conflict when the name is taken."""
    try:
        tx.connection.execute(
            insert(api_keys).values(
                key_sha256=digest(key), name=name, scope=scope, created_us=to_microseconds(now)
            )
        )
    except IntegrityError as error:
        raise Conflict(f"name: there is an API key '{name}' already") from error


def remove_api_key(tx: Write, name: str) -> bool:
    """Withdraw a key. False when there is none of this name."""
    return tx.connection.execute(delete(api_keys).where(api_keys.c.name == name)).rowcount > 0


def api_key_name(tx: Read, key: str, scope: str) -> str | None:
    """The name of the machine that holds this key with this scope, or None."""
    query = select(api_keys.c.name).where(api_keys.c.key_sha256 == digest(key), api_keys.c.scope == scope)
    return tx.connection.execute(query).scalar_one_or_none()


def note_failed_login(tx: Write, user_name: str, address: str, now: datetime) -> None:
    """Count a wrong password."""
    tx.connection.execute(
        insert(failed_logins).values(user_name=user_name[:63], address=address, at_us=to_microseconds(now))
    )


def failed_logins_since(tx: Read, user_name: str, address: str, since: datetime) -> int:
    """How many wrong passwords came for this name from this address since a moment."""
    query = select(func.count()).where(
        failed_logins.c.user_name == user_name[:63],
        failed_logins.c.address == address,
        failed_logins.c.at_us >= to_microseconds(since),
    )
    return int(tx.connection.execute(query).scalar_one())


def _user(row: Row[Any]) -> User:
    return User(UserId(row.id), row.name, Role(row.role), row.password_hash, row.disabled)
