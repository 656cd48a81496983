"""The way in: the session of a request, its CSRF token, and the API keys of machines."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Annotated, Any

from fastapi import Depends
from fastapi.security import APIKeyCookie, APIKeyHeader
from starlette.requests import HTTPConnection, Request

from console.access.second_factor import is_owed
from console.access.visitor import Visitor
from console.dependencies import Dependencies, Given
from console.problems import ReasonOwed, SecondFactorOwed
from hall.config.access import AccessSettings
from hall.errors import NotAuthenticated, NotPermitted
from hall.names import UserId
from hall.permissions import Permission, Rights
from hall.roles import Role
from store import accounts, api_keys
from store.accounts import Session, User
from store.api_keys import ApiKey

COOKIE = "hallwatch_session"
CSRF_HEADER = "X-CSRF-Token"
KEY_HEADER = "X-API-Key"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
EVENTS_SCOPE = "queue-events"
READ_SCOPES = frozenset({Permission.BOARD, Permission.ALERTS, Permission.SEARCH, Permission.RULES})
"""What else the key of a machine may open: figures and facts, but no pictures and no sound."""
SCOPES = (EVENTS_SCOPE, *sorted(READ_SCOPES))
LONGEST_SECRET = 256

_cookie = APIKeyCookie(name=COOKIE, auto_error=False, description="The session of a user.")
_key = APIKeyHeader(name=KEY_HEADER, auto_error=False, description="The key of a machine.")


def address_of(connection: HTTPConnection) -> str:
    """The network address of the other side, empty when it has none."""
    return connection.client.host if connection.client is not None else ""


def visitor_of(given: Dependencies, token: str | None, address: str) -> Visitor:
    """Who holds a session's token. Raises NotAuthenticated."""
    if not token or len(token) > LONGEST_SECRET:
        raise NotAuthenticated("log in first")
    now = given.clock.now()
    with given.database.read() as tx:
        session = accounts.session(tx, token, now)
        access = given.halls.current(tx).site.access
    if session is None:
        raise NotAuthenticated("the session is over: log in again")
    return _visitor(session, access, address, now)


def visitors_of(given: Dependencies, holders: Sequence[tuple[str | None, str]]) -> list[Visitor | None]:
    """Who holds each of many tokens (a few hundred, with their addresses); None: the session is over."""
    now = given.clock.now()
    tokens = {token for token, _ in holders if token and len(token) <= LONGEST_SECRET}
    with given.database.read() as tx:
        known = accounts.sessions_in_force(tx, tokens, now)
        access = given.halls.current(tx).site.access
    return [
        _visitor(session, access, address, now) if (session := known.get(token or "")) is not None else None
        for token, address in holders
    ]


def _visitor(session: Session, access: AccessSettings, address: str, now: datetime) -> Visitor:
    holds = session.reason_at is not None and now < session.reason_at + timedelta(
        minutes=access.reason_minutes
    )
    needs_reason = frozenset() if holds else frozenset(Permission(one) for one in access.reason_for)
    reason = session.reason if holds else ""
    return Visitor(
        session.user,
        session.csrf,
        address,
        reason=reason,
        owes_reason_for=needs_reason,
        owes_second_factor=is_owed(access, session.user),
    )


def machine_of(given: Dependencies, key: str, address: str, method: str) -> Visitor:
    """The machine that holds a key, as a visitor of the key's reach.

    Raises NotAuthenticated, or NotPermitted when it wants to change something.
    """
    known = _known_key(given, key)
    if method not in SAFE_METHODS:
        raise NotPermitted("the key of a machine reads only; queue events are posted by their own scope")
    stand_in = User(
        UserId(f"key:{known.name}"[:63]), f"key:{known.name}"[:63], Role.AUDITOR, "", disabled=False
    )
    scopes = frozenset(Permission(scope) for scope in known.scopes if scope in READ_SCOPES)
    return Visitor(stand_in, "", address, Rights(scopes, frozenset(known.halls) or None))


def officer(
    request: Request,
    given: Given,
    token: Annotated[str | None, Depends(_cookie)],
    key: Annotated[str | None, Depends(_key)],
) -> Visitor:
    """Who is behind a request: a user's session, or without one the key of a machine, which only reads.

    Raises NotAuthenticated, or NotPermitted without the CSRF token.
    """
    if token is None and key is not None:
        return machine_of(given, key, address_of(request), request.method)
    visitor = visitor_of(given, token, address_of(request))
    if request.method not in SAFE_METHODS:
        sent = request.headers.get(CSRF_HEADER, "")
        if not secrets.compare_digest(sent.encode(), visitor.csrf.encode()):
            raise NotPermitted(f"the header {CSRF_HEADER} is missing or wrong")
    return visitor


@cache
def needs(permissions: tuple[Permission, ...], *, while_owing: bool = False) -> Callable[[Visitor], Visitor]:
    """The dependency by which a route declares its permissions; it carries them as `declared`."""

    def permitted(visitor: Annotated[Visitor, Depends(officer)]) -> Visitor:
        if not permissions and visitor.reach is not None:
            raise NotPermitted("a machine has no session")
        if visitor.owes_second_factor and not while_owing:
            raise SecondFactorOwed
        missing = [permission for permission in permissions if not visitor.may(permission)]
        if missing:
            raise NotPermitted(f"this needs the permission {' and '.join(missing)}")
        if visitor.owes_reason_for.intersection(permissions):
            raise ReasonOwed
        return visitor

    vars(permitted)["declared"] = permissions
    return permitted


def may(*permissions: Permission) -> Any:  # noqa: ANN401 - what FastAPI's own Depends answers
    """What a route needs of its visitor: `Annotated[Visitor, ...]` with this as the second member.

    Without permissions: anybody with a session. Every route of the API declares it, takes the key of a
    machine, or is one of the few open doors; a test sees to it. Answers 401 and 403 in the route's place.
    """
    return Depends(needs(permissions))


def event_sender(given: Given, key: Annotated[str | None, Depends(_key)]) -> ApiKey:
    """The machine that may post queue events. Raises NotAuthenticated."""
    known = _known_key(given, key)
    if EVENTS_SCOPE not in known.scopes:
        raise NotAuthenticated("the API key is not known for this")
    return known


def _known_key(given: Dependencies, key: str | None) -> ApiKey:
    if not key or len(key) > LONGEST_SECRET:
        raise NotAuthenticated("the header X-API-Key is missing")
    with given.database.read() as tx:
        known = api_keys.find(tx, key)
    if known is None:
        raise NotAuthenticated("the API key is not known")
    return known


Anybody = Annotated[Visitor, may()]
"""Whoever has a session, for what concerns only the own one."""
Entering = Annotated[Visitor, Depends(needs((), while_owing=True))]
"""The same, also before the second factor is set up that policy demands."""
EventSender = Annotated[ApiKey, Depends(event_sender)]
