"""Logging in and out: sessions are rows, known to the browser by a random token."""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from console.access import lockout
from console.access.passwords import hash_password, matches
from console.access.visitor import Visitor
from console.dependencies import Dependencies
from console.problems import TooManyAttempts
from hall.errors import NotAuthenticated, RequestRefused
from store import accounts, audit
from store.database import Database


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A new session: its token is for the cookie and is stored nowhere."""

    user: accounts.User
    token: str = field(repr=False)
    csrf: str = field(repr=False)
    expires_at: datetime


def log_in(given: Dependencies, name: str, password: str, address: str) -> LoggedIn:
    """Open a session.

    Raises NotAuthenticated, or TooManyAttempts while the name is locked for this address (`lockout`); an
    unknown name takes as long as a known one.
    """
    now = given.clock.now()
    _refuse_locked(given.database, name, address, now)
    with given.database.read() as tx:
        user = accounts.user_by_name(tx, name)
    usable = user is not None and not user.disabled
    if not matches(password, user.password_hash if user is not None and usable else None) or user is None:
        with given.database.write() as tx:
            accounts.note_failed_login(tx, name, address, now, now - lockout.REMEMBERED)
            audit.record(tx, at=now, who=name, action="login_failed", subject=name, address=address)
        raise NotAuthenticated("user or password is wrong")
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    expires = now + timedelta(hours=given.configuration.site.console.session_hours)
    with given.database.write() as tx:
        accounts.forget_failed_logins(tx, name, address)
        accounts.open_session(tx, user.id, token, csrf, address, now, expires)
        audit.record(tx, at=now, who=user.name, action="login", subject=user.name, address=address)
    return LoggedIn(user, token, csrf, expires)


def log_out(given: Dependencies, token: str, who: str, address: str) -> None:
    """End a session."""
    with given.database.write() as tx:
        accounts.close_session(tx, token)
        audit.record(tx, at=given.clock.now(), who=who, action="logout", subject=who, address=address)


def change_password(given: Dependencies, visitor: Visitor, token: str, old: str, new: str) -> None:
    """Give the own account another password; its other sessions end.

    Raises RequestRefused for a wrong old password, which counts like one at the log-in, or TooManyAttempts.
    """
    now, name, address = given.clock.now(), visitor.user.name, visitor.address
    _refuse_locked(given.database, name, address, now)
    if not matches(old, visitor.user.password_hash):
        with given.database.write() as tx:
            accounts.note_failed_login(tx, name, address, now, now - lockout.REMEMBERED)
            audit.record(tx, at=now, who=name, action="password_refused", subject=name, address=address)
        raise RequestRefused("old", "is wrong")
    hashed = hash_password(new)
    with given.database.write() as tx:
        accounts.set_password(tx, visitor.user.id, hashed)
        accounts.end_sessions(tx, visitor.user.id, besides=token)
        audit.record(tx, at=now, who=name, action="password_change", subject=f"user:{name}", address=address)


def _refuse_locked(database: Database, name: str, address: str, now: datetime) -> None:
    with database.read() as tx:
        own = accounts.failed_logins_since(tx, address, now - lockout.REMEMBERED, name)
        every = accounts.failed_logins_since(tx, address, now - lockout.FIRST_WAIT)
    for until in (lockout.locked_until(own), lockout.flood_until(every)):
        if until is not None and until > now:
            raise TooManyAttempts(math.ceil((until - now).total_seconds()))
