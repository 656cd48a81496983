"""The way in: the session of a request, its CSRF token, and the API keys of machines."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import cache
from typing import Annotated, Any

from fastapi import Depends
from fastapi.security import APIKeyCookie, APIKeyHeader
from starlette.requests import HTTPConnection, Request

from console.access.visitor import Visitor
from console.dependencies import Dependencies, Given
from hall.errors import NotAuthenticated, NotPermitted
from hall.permissions import Permission
from store import accounts, api_keys
from store.api_keys import ApiKey

COOKIE = "hallwatch_session"
CSRF_HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
EVENTS_SCOPE = "queue-events"
LONGEST_SECRET = 256

_cookie = APIKeyCookie(name=COOKIE, auto_error=False, description="The session of a user.")
_key = APIKeyHeader(name="X-API-Key", auto_error=False, description="The key of a machine.")


def address_of(connection: HTTPConnection) -> str:
    """The network address of the other side, empty when it has none."""
    return connection.client.host if connection.client is not None else ""


def visitor_of(given: Dependencies, token: str | None, address: str) -> Visitor:
    """Who holds a session's token. Raises NotAuthenticated."""
    if not token or len(token) > LONGEST_SECRET:
        raise NotAuthenticated("log in first")
    with given.database.read() as tx:
        session = accounts.session(tx, token, given.clock.now())
    if session is None:
        raise NotAuthenticated("the session is over: log in again")
    return Visitor(session.user, session.csrf, address)


def officer(request: Request, given: Given, token: Annotated[str | None, Depends(_cookie)]) -> Visitor:
    """The user behind a request. Raises NotAuthenticated, or NotPermitted without the CSRF token."""
    visitor = visitor_of(given, token, address_of(request))
    if request.method not in SAFE_METHODS:
        sent = request.headers.get(CSRF_HEADER, "")
        if not secrets.compare_digest(sent.encode(), visitor.csrf.encode()):
            raise NotPermitted(f"the header {CSRF_HEADER} is missing or wrong")
    return visitor


@cache
def needs(permissions: tuple[Permission, ...]) -> Callable[[Visitor], Visitor]:
    """The dependency by which a route declares its permissions; it carries them as `declared`."""

    def permitted(visitor: Annotated[Visitor, Depends(officer)]) -> Visitor:
        missing = [permission for permission in permissions if not visitor.may(permission)]
        if missing:
            raise NotPermitted(f"this needs the permission {' and '.join(missing)}")
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
    if not key or len(key) > LONGEST_SECRET:
        raise NotAuthenticated("the header X-API-Key is missing")
    with given.database.read() as tx:
        known = api_keys.find(tx, key)
    if known is None or EVENTS_SCOPE not in known.scopes:
        raise NotAuthenticated("the API key is not known")
    return known


Anybody = Annotated[Visitor, may()]
"""Whoever has a session, for what concerns only the own one."""
EventSender = Annotated[ApiKey, Depends(event_sender)]
