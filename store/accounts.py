"""People who log in, and their sessions. Secrets are stored as hashes only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, insert, select, update

from hall.clock import from_microseconds, to_microseconds
from hall.errors import NotFound
from hall.names import CameraId, HallId, UserId
from hall.permissions import Permission, Rights, rights_of
from hall.roles import Role
from store.access_tables import failed_logins, sessions, users
from store.database import Read, Write
from store.rows import optional_time

SESSION_ID = 16
"""So much of a token's hash names a session to people; it opens nothing."""


@dataclass(frozen=True, slots=True)
class User:
    """A person who may log in. `password_hash` is an argon2id string.

    `halls` and `cameras` narrow what the role may do, empty means all; `withheld` are permissions of the role
    that this person does not have.
    """

    id: UserId
    name: str
    role: Role
    password_hash: str = field(repr=False)
    disabled: bool
    halls: tuple[HallId, ...] = ()
    cameras: tuple[CameraId, ...] = ()
    withheld: tuple[Permission, ...] = ()

    @property
    def rights(self) -> Rights:
        """What this person may do, and where."""
        return rights_of(self.role, self.withheld, self.halls, self.cameras)

    @property
    def described(self) -> str:
        """Role and limits in one line, for the audit trail."""
        limits = (("halls", self.halls), ("cameras", self.cameras), ("without", self.withheld))
        words = [f"{name} {', '.join(named)}" for name, named in limits if named]
        return "; ".join([self.role, *words, *(["disabled"] if self.disabled else [])])


@dataclass(frozen=True, slots=True)
class Session:
    """A log-in that is in force. The token itself is known only to the browser; `id` names it to people."""

    id: str
    user: User
    csrf: str = field(repr=False)
    opened_at: datetime
    expires_at: datetime
    address: str
    reason: str = ""
    """What its user last said the looking was for, at `reason_at`."""
    reason_at: datetime | None = None


def digest(secret: str) -> str:
    """SHA-256 in hexadecimal: enough for random tokens of 256 bits, which nobody can guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


def session_id(token: str) -> str:
    """How the session of a token is called to people."""
    return digest(token)[:SESSION_ID]


def save_user(tx: Write, name: str, role: Role, password_hash: str, now: datetime) -> User:
    """Enter a user, or give a known one a new role and password; its sessions end then. Limits stay."""
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
    end_sessions(tx, UserId(row.id))
    return replace(_user(row), role=role, password_hash=password_hash)


def change_user(tx: Write, changed: User) -> None:
    """Put role, limits, password and whether it is disabled in the place of what stood; sessions end then.

    Raises NotFound.
    """
    values = {
        "role": changed.role.value,
        "password_hash": changed.password_hash,
        "disabled": changed.disabled,
        "halls": json.dumps(changed.halls),
        "cameras": json.dumps(changed.cameras),
        "withheld": json.dumps(changed.withheld),
    }
    done = tx.connection.execute(update(users).where(users.c.id == changed.id).values(**values))
    if done.rowcount == 0:
        raise NotFound(f"there is no user '{changed.name}'")
    end_sessions(tx, changed.id)


def set_password(tx: Write, user: UserId, password_hash: str) -> None:
    """Give a user another password; sessions stay."""
    tx.connection.execute(update(users).where(users.c.id == user).values(password_hash=password_hash))


def user_by_id(tx: Read, identifier: str) -> User | None:
    """The user with this id, or None."""
    row = tx.connection.execute(select(users).where(users.c.id == identifier)).first()
    return None if row is None else _user(row)


def all_users(tx: Read) -> list[User]:
    """Everybody who was ever entered, by name."""
    return [_user(row) for row in tx.connection.execute(select(users).order_by(users.c.name))]


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


def _sessions() -> Select[Any]:
    return select(
        users,
        sessions.c.csrf,
        sessions.c.opened_us,
        sessions.c.expires_us,
        sessions.c.address,
        sessions.c.token_sha256,
        sessions.c.reason,
        sessions.c.reason_us,
    ).join(sessions, sessions.c.user == users.c.id)


def sessions_of(tx: Read, user: UserId, now: datetime) -> list[Session]:
    """The sessions of a user that are in force, the newest first."""
    query = _sessions().where(users.c.id == user, sessions.c.expires_us > to_microseconds(now))
    return [_session(row) for row in tx.connection.execute(query.order_by(sessions.c.opened_us.desc()))]


def end_session(tx: Write, user: UserId, identifier: str) -> None:
    """End one session of a user. Raises NotFound."""
    of = sessions.c.token_sha256.startswith(identifier, autoescape=True)
    if (
        len(identifier) != SESSION_ID
        or not tx.connection.execute(delete(sessions).where(sessions.c.user == user, of)).rowcount
    ):
        raise NotFound(f"there is no session {identifier}")


def end_sessions(tx: Write, user: UserId, besides: str | None = None) -> None:
    """End every session of a user, but that of the token `besides`."""
    query = delete(sessions).where(sessions.c.user == user)
    if besides is not None:
        query = query.where(sessions.c.token_sha256 != digest(besides))
    tx.connection.execute(query)


def session(tx: Read, token: str, now: datetime) -> Session | None:
    """The session of a token while it is in force, or None."""
    query = _sessions().where(
        sessions.c.token_sha256 == digest(token), sessions.c.expires_us > to_microseconds(now)
    )
    row = tx.connection.execute(query).first()
    return None if row is None or row.disabled else _session(row)


def sessions_in_force(tx: Read, tokens: Iterable[str], now: datetime) -> dict[str, Session]:
    """The sessions of many tokens (a few hundred), by token; those that are not in force are missing."""
    by_digest = {digest(token): token for token in tokens}
    query = _sessions().where(
        sessions.c.token_sha256.in_(list(by_digest)), sessions.c.expires_us > to_microseconds(now)
    )
    rows = [row for row in tx.connection.execute(query) if not row.disabled]
    return {by_digest[row.token_sha256]: _session(row) for row in rows}


def state_reason(tx: Write, token: str, reason: str, now: datetime) -> None:
    """Note what the user of a session says the looking is for."""
    values = {"reason": reason, "reason_us": to_microseconds(now)}
    tx.connection.execute(update(sessions).where(sessions.c.token_sha256 == digest(token)).values(**values))


def close_session(tx: Write, token: str) -> None:
    """End a session; ending an unknown one is no error."""
    tx.connection.execute(delete(sessions).where(sessions.c.token_sha256 == digest(token)))


def note_failed_login(tx: Write, user_name: str, address: str, now: datetime, forget: datetime) -> None:
    """Count a wrong password; what was counted before `forget` is removed on the way."""
    tx.connection.execute(delete(failed_logins).where(failed_logins.c.at_us < to_microseconds(forget)))
    tx.connection.execute(
        insert(failed_logins).values(user_name=user_name[:63], address=address, at_us=to_microseconds(now))
    )


def forget_failed_logins(tx: Write, user_name: str, address: str) -> None:
    """A right password ends a row of wrong ones."""
    tx.connection.execute(
        delete(failed_logins).where(
            failed_logins.c.user_name == user_name[:63], failed_logins.c.address == address
        )
    )


def failed_logins_since(
    tx: Read, address: str, since: datetime, user_name: str | None = None, limit: int = 1000
) -> list[datetime]:
    """When wrong passwords came from an address since a moment, oldest first; of one name, or of all."""
    query = select(failed_logins.c.at_us).where(
        failed_logins.c.address == address, failed_logins.c.at_us >= to_microseconds(since)
    )
    if user_name is not None:
        query = query.where(failed_logins.c.user_name == user_name[:63])
    newest = query.order_by(failed_logins.c.at_us.desc()).limit(limit)
    return [from_microseconds(at) for at in tx.connection.execute(newest).scalars()][::-1]


def _user(row: Row[Any]) -> User:
    # A permission that a later release knows and this one does not is withheld from everybody anyway.
    known = frozenset(Permission)
    return User(
        UserId(row.id),
        row.name,
        Role(row.role),
        row.password_hash,
        row.disabled,
        tuple(HallId(hall) for hall in json.loads(row.halls)),
        tuple(CameraId(camera) for camera in json.loads(row.cameras)),
        tuple(Permission(one) for one in json.loads(row.withheld) if one in known),
    )


def _session(row: Row[Any]) -> Session:
    return Session(
        row.token_sha256[:SESSION_ID],
        _user(row),
        row.csrf,
        from_microseconds(row.opened_us),
        from_microseconds(row.expires_us),
        row.address,
        row.reason,
        optional_time(row.reason_us),
    )
