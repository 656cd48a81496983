"""Logging in and out."""

from __future__ import annotations

from fastapi import APIRouter, Response
from starlette.requests import Request

from console.access.gate import COOKIE, Anybody, address_of
from console.access.sessions import log_in, log_out
from console.api.shapes import Login, SessionView, UserView
from console.dependencies import Given
from store.accounts import User

router = APIRouter(prefix="/session", tags=["session"])


@router.post("", response_model=SessionView)
def open_session(request: Request, response: Response, login: Login, given: Given) -> SessionView:
    """Log in. 429 after ten wrong passwords within five minutes."""
    opened = log_in(given, login.user, login.password, address_of(request))
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
    return _view(opened.user, opened.csrf)


@router.get("", response_model=SessionView)
def read_session(visitor: Anybody) -> SessionView:
    """Who is logged in."""
    return _view(visitor.user, visitor.csrf)


@router.delete("", status_code=204)
def close_session(request: Request, response: Response, visitor: Anybody, given: Given) -> None:
    """Log out."""
    log_out(given, request.cookies[COOKIE], visitor.user.name, visitor.address)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")


def _view(user: User, csrf: str) -> SessionView:
    return SessionView(user=UserView(id=user.id, name=user.name, role=user.role.value), csrf=csrf)
