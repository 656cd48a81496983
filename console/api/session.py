"""Logging in and out."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from starlette.requests import Request

from console.access.gate import COOKIE, Anybody, Entering, address_of, visitor_of
from console.access.pacing import paced
from console.access.rates import Cost
from console.access.sessions import CodeAwaited, LoggedIn, change_password, give_code, log_in, log_out
from console.access.visitor import Visitor
from console.api.account_shapes import (
    CodeAwaitedView,
    CodeGiven,
    PasswordChange,
    SessionItem,
    SessionItemList,
    StatedReason,
)
from console.api.asked import Name
from console.api.shapes import Login, SessionView, UserView
from console.dependencies import Dependencies, Given
from store import accounts, audit

router = APIRouter(prefix="/session", tags=["session"])


CODE_ANSWER: dict[int | str, dict[str, Any]] = {
    202: {"model": CodeAwaitedView, "description": "A code is awaited: the session is not open yet."}
}


@router.post("", response_model=SessionView, responses=CODE_ANSWER, dependencies=[paced(Cost.LOG_INS)])
def open_session(request: Request, response: Response, login: Login, given: Given) -> SessionView | Response:
    """Log in; 202 for who has a second factor.

    429 after ten wrong passwords or codes in a row, for five minutes, and longer after each one more.
    """
    opened = log_in(given, login.user, login.password, address_of(request))
    if isinstance(opened, CodeAwaited):
        awaited = CodeAwaitedView(token=opened.token, expires_at=opened.expires_at)
        return Response(awaited.model_dump_json(), 202, media_type="application/json")
    set_session_cookie(given, response, opened)
    return _view(visitor_of(given, opened.token, address_of(request)))


@router.post("/code", response_model=SessionView, dependencies=[paced(Cost.LOG_INS)])
def give_code_of_session(request: Request, response: Response, asked: CodeGiven, given: Given) -> SessionView:
    """The second step of a log-in. 401 when it is over, 422 for a wrong code, 429 as for passwords."""
    opened = give_code(given, asked.token, asked.code, address_of(request))
    set_session_cookie(given, response, opened)
    return _view(visitor_of(given, opened.token, address_of(request)))


def set_session_cookie(given: Dependencies, response: Response, opened: LoggedIn) -> None:
    """Let the browser keep the session's token, out of reach of scripts."""
    console = given.configuration.site.console
    response.set_cookie(
        COOKIE,
        opened.token,
        max_age=int(console.session_hours * 3600),
        httponly=True,
        samesite="lax",
        secure=console.secure_cookies,
        path="/",
    )


@router.get("", response_model=SessionView)
def read_session(visitor: Entering) -> SessionView:
    """Who is logged in."""
    return _view(visitor)


@router.delete("", status_code=204)
def close_session(request: Request, response: Response, visitor: Entering, given: Given) -> None:
    """Log out."""
    log_out(given, request.cookies[COOKIE], visitor.user.name, visitor.address)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")


@router.post("/password", status_code=204)
def change_own_password(request: Request, visitor: Anybody, given: Given, asked: PasswordChange) -> None:
    """Take another password. The other sessions of this user end."""
    change_password(given, visitor, request.cookies[COOKIE], asked.old, asked.new)


@router.get("/all", response_model=SessionItemList)
def list_own_sessions(request: Request, visitor: Anybody, given: Given) -> SessionItemList:
    """Where this user is logged in."""
    with given.database.read() as tx:
        found = accounts.sessions_of(tx, visitor.user.id, given.clock.now())
    current = accounts.session_id(request.cookies[COOKIE])
    return SessionItemList(items=[SessionItem.of(session, current) for session in found])


@router.delete("/all/{identifier}", status_code=204)
def end_own_session(visitor: Anybody, given: Given, identifier: Name) -> None:
    """End one session of this user, as that of a forgotten screen."""
    with given.database.write() as tx:
        accounts.end_session(tx, visitor.user.id, identifier)
        audit.record(
            tx,
            at=given.clock.now(),
            who=visitor.user.name,
            action="sessions_end",
            subject=f"user:{visitor.user.name}",
            detail=identifier,
            address=visitor.address,
        )


@router.post("/reason", response_model=SessionView)
def state_reason(request: Request, visitor: Anybody, given: Given, asked: StatedReason) -> SessionView:
    """Say what the looking is for. It stands beside everything that is viewed until it runs out."""
    now, token = given.clock.now(), request.cookies[COOKIE]
    with given.database.write() as tx:
        accounts.state_reason(tx, token, asked.reason, now)
        audit.record(
            tx,
            at=now,
            who=visitor.user.name,
            action="reason_stated",
            subject=f"user:{visitor.user.name}",
            address=visitor.address,
            reason=asked.reason,
        )
    return _view(visitor_of(given, token, visitor.address))


def _view(visitor: Visitor) -> SessionView:
    user = visitor.user
    return SessionView(
        user=UserView(id=user.id, name=user.name, role=user.role.value),
        csrf=visitor.csrf,
        permissions=sorted(visitor.rights.permissions),
        halls=list(user.halls),
        cameras=list(user.cameras),
        reason=visitor.reason,
        reason_for=sorted(visitor.owes_reason_for),
        second_factor_owed=visitor.owes_second_factor,
        single_sign_on=user.subject is not None,
    )
