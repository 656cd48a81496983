"""Errors as RFC 9457 problem documents: from the tree of hall.errors to a status and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import cast

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from hall.errors import (
    ArchiveUnreachable,
    BusError,
    ConfigurationError,
    Conflict,
    EventRefused,
    HallwatchError,
    MediaError,
    NotAuthenticated,
    NotFound,
    NothingRecorded,
    NotPermitted,
    RequestRefused,
    SecretError,
    SourceError,
    StoreBusy,
    TableFault,
    TableRefused,
)
from hall.wire import to_wire

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 2

STATUSES: tuple[tuple[type[HallwatchError], HTTPStatus], ...] = (
    (NotAuthenticated, HTTPStatus.UNAUTHORIZED),
    (NotPermitted, HTTPStatus.FORBIDDEN),
    (NotFound, HTTPStatus.NOT_FOUND),
    (Conflict, HTTPStatus.CONFLICT),
    (EventRefused, HTTPStatus.UNPROCESSABLE_ENTITY),
    (RequestRefused, HTTPStatus.UNPROCESSABLE_ENTITY),
    (TableRefused, HTTPStatus.UNPROCESSABLE_ENTITY),
    (MediaError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (SecretError, HTTPStatus.CONFLICT),
    (StoreBusy, HTTPStatus.SERVICE_UNAVAILABLE),
    (ArchiveUnreachable, HTTPStatus.SERVICE_UNAVAILABLE),
    (SourceError, HTTPStatus.SERVICE_UNAVAILABLE),
    (BusError, HTTPStatus.SERVICE_UNAVAILABLE),
)

log = structlog.get_logger(__name__)


class TooManyAttempts(NotAuthenticated):
    """Log-in is locked for a while, after too many wrong passwords. `seconds` says for how long."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"too many wrong passwords: wait {seconds} s")


class TooOften(HallwatchError):
    """Something that has a pace was asked for too often. `seconds` says how long to wait."""

    again = True

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"too often: wait {seconds} s")


class ChangedMeanwhile(Conflict):
    """What was to be changed is not as the visitor saw it: `who` changed it at `at`. `current`: as it is."""

    def __init__(self, who: str, at: datetime, current: object | None) -> None:
        self.who, self.at = who, at
        super().__init__(f"{who or 'somebody'} changed this meanwhile", current)


class MatchOwed(RequestRefused):
    """A change of the configuration says what it was made upon."""

    def __init__(self) -> None:
        super().__init__("If-Match", "is missing: send the ETag of what the change was made upon")


class ReasonOwed(NotPermitted):
    """Policy asks what the looking is for, and nobody said so yet, or too long ago."""

    def __init__(self) -> None:
        super().__init__("state a reason first: POST /api/v1/session/reason")


class SecondFactorOwed(NotPermitted):
    """Policy demands a second factor of this role, and this user has none yet."""

    def __init__(self) -> None:
        super().__init__("set up a second factor first: POST /api/v1/session/second-factor")


def problem(
    status: int,
    detail: str = "",
    errors: Sequence[tuple[str, str]] = (),
    headers: dict[str, str] | None = None,
    members: Mapping[str, object] | None = None,
) -> Response:
    """A problem document; `errors` are (field, message), `members` what else it tells."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        "errors": [{"field": field, "message": message} for field, message in errors],
        **(members or {}),
    }
    return JSONResponse(body, status, headers, MEDIA_TYPE)


_OWED: Mapping[type[HallwatchError], str] = {ReasonOwed: "reason", SecondFactorOwed: "second_factor"}


def of_error(error: HallwatchError) -> Response:
    """The document for an error of the tree; one that nobody expected here is a 500 without its words."""
    if isinstance(error, TooManyAttempts | TooOften):
        return problem(429, str(error), headers={"Retry-After": str(error.seconds)})
    if isinstance(error, ChangedMeanwhile | MatchOwed | ConfigurationError):
        return _of_change(error)
    if isinstance(error, ReasonOwed | SecondFactorOwed):
        return problem(403, str(error), [(_OWED[type(error)], "is owed")])
    status = next((status for kind, status in STATUSES if isinstance(error, kind)), None)
    if status is None:
        log.error("a request failed", error=str(error), kind=type(error).__name__)
        return problem(500, "the request could not be served")
    if isinstance(error, EventRefused | RequestRefused | TableRefused):
        return problem(status, str(error), _named(error))
    if isinstance(error, Conflict) and error.current is not None:
        return problem(status, str(error), members={"current": to_wire(error.current)})
    if isinstance(error, NothingRecorded):
        return problem(status, str(error), members={"reason": error.reason})
    headers = {"Retry-After": str(RETRY_SECONDS)} if status is HTTPStatus.SERVICE_UNAVAILABLE else None
    # A live role that answers, and a camera that does not, are two things to a viewer.
    why = {"reason": error.reason} if isinstance(error, SourceError) else None
    return problem(status, str(error), headers=headers, members=why)


def _of_change(error: ChangedMeanwhile | MatchOwed | ConfigurationError) -> Response:
    """The document for a change of the configuration that was not made."""
    if isinstance(error, ChangedMeanwhile):
        told = {"changed_by": error.who, "changed_at": error.at.isoformat(), "current": error.current}
        return problem(412, str(error), members=told)
    if isinstance(error, MatchOwed):
        return problem(428, str(error), [(error.field, error.message)])
    return problem(422, str(error), [(known.field, known.message) for known in error.problems])


def _named(error: EventRefused | RequestRefused | TableRefused) -> list[tuple[str, str]]:
    """Where what was asked is wrong, and why."""
    if isinstance(error, TableRefused):
        return [(_place(fault), fault.en) for fault in error.faults]
    return [(error.field, error.message)]


def _place(fault: TableFault) -> str:
    """Where in a table a fault is, as `row 5 from`."""
    named = [f"row {fault.row}" if fault.row is not None else "file", fault.column]
    return " ".join(part for part in named if part)


def install(app: FastAPI) -> None:
    """Make every error of `app` a problem document."""
    app.add_exception_handler(HallwatchError, _on_known)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_unknown)


async def _on_known(_request: Request, error: Exception) -> Response:
    return of_error(cast(HallwatchError, error))


async def _on_invalid(_request: Request, error: Exception) -> Response:
    details = cast(RequestValidationError, error).errors()
    errors = [(_field(detail["loc"]), str(detail["msg"]).removeprefix("Value error, ")) for detail in details]
    return problem(422, "; ".join(f"{field}: {message}" for field, message in errors), errors)


async def _on_http(_request: Request, error: Exception) -> Response:
    known = cast(HTTPException, error)
    detail = "" if known.detail == HTTPStatus(known.status_code).phrase else str(known.detail)
    return problem(known.status_code, detail, headers=dict(known.headers or {}))


async def _on_unknown(request: Request, error: Exception) -> Response:
    log.error("a request failed", path=request.url.path, exc_info=error)
    return problem(500, "the request could not be served")


def _field(location: Sequence[str | int]) -> str:
    """`query.from` as `from`, `body` alone as `body`."""
    inner = location[1:] if len(location) > 1 else location
    return ".".join(str(member) for member in inner)
