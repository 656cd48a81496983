"""The way in: the session of a request, its CSRF token, and the API keys of machines."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import Depends
from fastapi.security import APIKeyCookie, APIKeyHeader
from starlette.requests import HTTPConnection, Request

from console.access.visitor import Visitor
from console.dependencies import Dependencies, Given
from hall.errors import NotAuthenticated, NotPermitted
from hall.roles import Role
from store import accounts

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


def administrator(visitor: Annotated[Visitor, Depends(officer)]) -> Visitor:
    """The administrator behind a request. Raises NotPermitted for any other user."""
    if visitor.user.role is not Role.ADMINISTRATOR:
        raise NotPermitted("only an administrator may do this")
    return visitor


def event_sender(given: Given, key: Annotated[str | None, Depends(_key)]) -> str:
    """The machine that may post queue events. Raises NotAuthenticated."""
    if not key or len(key) > LONGEST_SECRET:
        raise NotAuthenticated("the header X-API-Key is missing")
    with given.database.read() as tx:
        name = accounts.api_key_name(tx, key, EVENTS_SCOPE)
    if name is None:
        raise NotAuthenticated("the API key is not known")
    return name


Officer = Annotated[Visitor, Depends(officer)]
Administrator = Annotated[Visitor, Depends(administrator)]
EventSender = Annotated[str, Depends(event_sender)]
