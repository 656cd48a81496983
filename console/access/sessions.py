"""Logging in and out: sessions are rows, known to the browser by a random token."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from console.access import attempts, second_factor
from console.access.passwords import hash_password, matches
from console.access.visitor import Visitor
from console.dependencies import Dependencies
from hall.errors import NotAuthenticated, NotPermitted, RequestRefused
from store import accounts, audit, second_factors
from store.accounts import User
from store.database import Write


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A new session: its token is for the cookie and is stored nowhere."""

    user: User
    token: str = field(repr=False)
    csrf: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CodeAwaited:
    """The password was right; the session begins with the code that is given under this token."""

    token: str = field(repr=False)
    expires_at: datetime


def log_in(given: Dependencies, name: str, password: str, address: str) -> LoggedIn | CodeAwaited:
    """Open a session, or for who has a second factor await its code.

    Raises NotAuthenticated, or TooManyAttempts while the name is locked for this address (`lockout`); an
    unknown name takes as long as a known one. Raises NotPermitted where passwords are switched off.
    """
    now = given.clock.now()
    attempts.refuse_locked(given.database, name, address, now)
    with given.database.read() as tx:
        if not given.halls.current(tx).site.access.passwords:
            raise NotPermitted("passwords open no session here: use the single sign-on")
        user = accounts.user_by_name(tx, name)
    usable = user is not None and not user.disabled
    known = user.password_hash or None if user is not None and usable else None
    if not matches(password, known) or user is None:
        with given.database.write() as tx:
            attempts.note_wrong_password(tx, name, address, now)
            audit.record(tx, at=now, who=name, action="login_failed", subject=name, address=address)
        raise NotAuthenticated("user or password is wrong")
    with given.database.write() as tx:
        if user.second_factor_since is None:
            return opened(given, tx, user, address)
        awaited = CodeAwaited(secrets.token_urlsafe(32), now + second_factor.CODE_AWAITED)
        second_factors.await_code(tx, user.id, awaited.token, now, awaited.expires_at)
    return awaited


def give_code(given: Dependencies, token: str, code: str, address: str) -> LoggedIn:
    """Open the session of whose code is awaited under a token.

    Raises NotAuthenticated for a token that nobody waits for any more, CodeRefused for a wrong code, and
    TooManyAttempts.
    """
    now = given.clock.now()
    with given.database.read() as tx:
        user = second_factors.awaited(tx, token, now)
    if user is None:
        raise NotAuthenticated("the log-in took too long: begin again with the password")
    second_factor.use_code(given, user, code, address, refused_as="login_code_refused")
    with given.database.write() as tx:
        if not second_factors.end_wait(tx, token):
            raise NotAuthenticated("this log-in is over: begin again with the password")
        return opened(given, tx, user, address)


def opened(given: Dependencies, tx: Write, user: User, address: str, detail: str = "") -> LoggedIn:
    """Open the session of somebody who has proved to be this user."""
    now = given.clock.now()
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    expires = now + timedelta(hours=given.configuration.site.console.session_hours)
    attempts.forget(tx, user.name, address)
    accounts.open_session(tx, user.id, token, csrf, address, now, expires)
    audit.record(tx, at=now, who=user.name, action="login", subject=user.name, detail=detail, address=address)
    return LoggedIn(user, token, csrf, expires)


def log_out(given: Dependencies, token: str, who: str, address: str) -> None:
    """End a session."""
    with given.database.write() as tx:
        accounts.close_session(tx, token)
        audit.record(tx, at=given.clock.now(), who=who, action="logout", subject=who, address=address)


def change_password(given: Dependencies, visitor: Visitor, token: str, old: str, new: str) -> None:
    """Give the own account another password; its other sessions end.

    Raises RequestRefused for a wrong old password, which counts like one at the log-in, TooManyAttempts, or
    Conflict for who has no password here.
    """
    check_password(given, visitor, old, "old")
    hashed, name = hash_password(new), visitor.user.name
    with given.database.write() as tx:
        accounts.set_password(tx, visitor.user.id, hashed)
        accounts.end_sessions(tx, visitor.user.id, besides=token)
        audit.record(
            tx,
            at=given.clock.now(),
            who=name,
            action="password_change",
            subject=f"user:{name}",
            address=visitor.address,
        )


def check_password(given: Dependencies, visitor: Visitor, password: str, field_name: str) -> None:
    """Whether somebody who is logged in knows the own password. Raises as `change_password` does."""
    second_factor.check_has_password(visitor.user)
    now, name, address = given.clock.now(), visitor.user.name, visitor.address
    attempts.refuse_locked(given.database, name, address, now)
    if not matches(password, visitor.user.password_hash):
        with given.database.write() as tx:
            attempts.note_wrong_password(tx, name, address, now)
            audit.record(tx, at=now, who=name, action="password_refused", subject=name, address=address)
        raise RequestRefused(field_name, "is wrong")
