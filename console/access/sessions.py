"""Logging in and out: sessions are rows, known to the browser by a random token."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from console.access.passwords import matches
from console.dependencies import Dependencies
from console.problems import TooManyAttempts
from hall.errors import NotAuthenticated
from store import accounts, audit
from store.database import Database

MOST_FAILURES = 10
LOCKED_FOR = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A new session: its token is for the cookie and is stored nowhere."""

    user: accounts.User
    token: str = field(repr=False)
    csrf: str = field(repr=False)
    expires_at: datetime


def log_in(given: Dependencies, name: str, password: str, address: str) -> LoggedIn:
    """Open a session.

    Raises NotAuthenticated, or TooManyAttempts after ten wrong passwords for this name from this
    address within five minutes; an unknown name takes as long as a known one.
    """
    now = given.clock.now()
    _refuse_locked(given.database, name, address, now)
    with given.database.read() as tx:
        user = accounts.user_by_name(tx, name)
    usable = user is not None and not user.disabled
    if not matches(password, user.password_hash if user is not None and usable else None) or user is None:
        with given.database.write() as tx:
            accounts.note_failed_login(tx, name, address, now)
            audit.record(tx, at=now, who=name, action="login_failed", subject=name, address=address)
        raise NotAuthenticated("user or password is wrong")
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    expires = now + timedelta(hours=given.configuration.site.console.session_hours)
    with given.database.write() as tx:
        accounts.open_session(tx, user.id, token, csrf, address, now, expires)
        audit.record(tx, at=now, who=user.name, action="login", subject=user.name, address=address)
    return LoggedIn(user, token, csrf, expires)


def log_out(given: Dependencies, token: str, who: str, address: str) -> None:
    """End a session."""
    with given.database.write() as tx:
        accounts.close_session(tx, token)
        audit.record(tx, at=given.clock.now(), who=who, action="logout", subject=who, address=address)


def _refuse_locked(database: Database, name: str, address: str, now: datetime) -> None:
    with database.read() as tx:
        failures = accounts.failed_logins_since(tx, name, address, now - LOCKED_FOR)
    if failures >= MOST_FAILURES:
        raise TooManyAttempts(int(LOCKED_FOR.total_seconds()))
