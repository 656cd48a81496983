"""Single sign-on: the ways to log in, to the provider and back, and the end of its session."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.access import single_sign_on
from console.access.gate import address_of
from console.access.pacing import paced
from console.access.rates import Cost
from console.access.sign_on_failure import SignOnFailed
from console.api.account_shapes import LogInWays
from console.api.session import set_session_cookie
from console.dependencies import Given

router = APIRouter(prefix="/session", tags=["single-sign-on"])

COOKIE = "hallwatch_sign_on"
COOKIE_PATH = "/api/v1/session/oidc"
INSIDE = re.compile(r"/(?![/\\])[^\x00-\x20\x7f\\]*")
"""An address of the web app itself: nobody is sent elsewhere after the log-in."""
AWAY: dict[int | str, dict[str, Any]] = {
    302: {
        "description": "The browser is sent on.",
        "headers": {"Location": {"schema": {"type": "string"}}},
    }
}
PACED = [paced(Cost.LOG_INS)]
Text = Annotated[str | None, Query(max_length=4096)]


@router.get("/ways", response_model=LogInWays)
def read_ways(given: Given) -> LogInWays:
    """How one can log in here. For everybody: the log-in page asks it."""
    with given.database.read() as tx:
        access = given.halls.current(tx).site.access
    return LogInWays(
        passwords=access.passwords,
        single_sign_on=access.oidc is not None,
        name=None if access.oidc is None else access.oidc.name,
    )


@router.get("/oidc", status_code=302, response_class=Response, responses=AWAY, dependencies=PACED)
def begin(given: Given, then: Text = None) -> Response:
    """Send the browser to the provider; afterwards it comes back to `then`. 404 without single sign-on."""
    inside = then if then is not None and INSIDE.fullmatch(then) else "/board"
    try:
        away = single_sign_on.begin(given, inside)
    except SignOnFailed as error:
        return _failed(error)
    answer = RedirectResponse(away.address, 302)
    answer.set_cookie(
        COOKIE,
        away.cookie,
        max_age=int(single_sign_on.BEGUN_FOR.total_seconds()),
        path=COOKIE_PATH,
        httponly=True,
        samesite="lax",
        secure=given.configuration.site.console.secure_cookies,
    )
    return answer


@router.get("/oidc/callback", status_code=302, response_class=Response, responses=AWAY, dependencies=PACED)
def finish(
    request: Request,
    given: Given,
    code: Text = None,
    state: Text = None,
    error: Text = None,
    iss: Text = None,
) -> Response:
    """Where the provider sends the browser back to: on to the page it wanted, or to the log-in."""
    told = {"code": code, "state": state, "error": error, "iss": iss}
    parameters = {name: value for name, value in told.items() if value is not None}
    try:
        opened, then = single_sign_on.finish(
            given, request.cookies.get(COOKIE, ""), parameters, address_of(request)
        )
    except SignOnFailed as failure:
        answer = _failed(failure)
    else:
        answer = RedirectResponse(then, 302)
        set_session_cookie(given, answer, opened)
    answer.delete_cookie(COOKIE, path=COOKIE_PATH, httponly=True, samesite="lax")
    return answer


@router.get("/oidc/end", status_code=302, response_class=Response, responses=AWAY, dependencies=PACED)
def end(given: Given) -> Response:
    """After the log-out here: to the provider, where it has an address to end its own session."""
    try:
        address = single_sign_on.end_address(given)
    except SignOnFailed as error:
        return _failed(error)
    return RedirectResponse(address or "/login", 302)


def _failed(error: SignOnFailed) -> Response:
    return RedirectResponse(f"/login?failed={error.fault}", 302)
