"""What requests ask by: identifiers, moments and cursors, checked before a handler sees them."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, StringConstraints

from hall.clock import from_microseconds, to_microseconds
from hall.errors import RequestRefused
from hall.finding import AlertKind, AlertStatus

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def _within_reason(at: datetime) -> datetime:
    if not EARLIEST <= at <= LATEST:
        raise ValueError("use a time between 2000 and 2200")
    return at.astimezone(UTC)


Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""Any identifier or number in a request: short, printable text."""

Moment = Annotated[AwareDatetime, AfterValidator(_within_reason)]
"""RFC 3339 with a zone, as `2026-03-02T01:00:00Z`."""

From = Annotated[Moment | None, Query(alias="from")]
To = Annotated[Moment | None, Query(alias="to")]
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(max_length=400)]


class TransactionQuery(BaseModel):
    """Which transactions are sought: those that fit every member that is given."""

    hall: Name | None = None
    ticket: Name | None = None
    serial: Name | None = None
    window: Name | None = None
    staff: Name | None = None
    start: Annotated[Moment | None, Field(alias="from")] = None
    end: Annotated[Moment | None, Field(alias="to")] = None
    cursor: Annotated[str | None, Field(max_length=400)] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 20


class AlertQuery(BaseModel):
    """Which alerts are listed: those that fit every member that is given."""

    hall: Name | None = None
    status: list[AlertStatus] | None = None
    kind: list[AlertKind] | None = None
    window: Name | None = None
    start: Annotated[Moment | None, Field(alias="from")] = None
    end: Annotated[Moment | None, Field(alias="to")] = None
    cursor: Annotated[str | None, Field(max_length=400)] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


def in_order(start: datetime, end: datetime, longest: timedelta) -> tuple[datetime, datetime]:
    """Both bounds, if they make an interval of at most `longest`. Raises RequestRefused naming `to`."""
    if end <= start:
        raise RequestRefused("to", "must lie after 'from'")
    if end - start > longest:
        raise RequestRefused("to", f"must lie within {longest} of 'from'")
    return start, end


def bounds(start: datetime | None, end: datetime | None, longest: timedelta) -> tuple[datetime, datetime]:
    """Both bounds, which must be given. Raises RequestRefused naming the one that is missing or wrong."""
    if start is None:
        raise RequestRefused("from", "is needed")
    if end is None:
        raise RequestRefused("to", "is needed")
    return in_order(start, end, longest)


def encode_cursor(at: datetime, identifier: str) -> str:
    """Where a list goes on: after the row with this time and id."""
    return base64.urlsafe_b64encode(f"{to_microseconds(at)}:{identifier}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None) -> tuple[datetime, str] | None:
    """The time and id of `encode_cursor`. Raises RequestRefused for anything else."""
    if cursor is None:
        return None
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        microseconds, _, identifier = text.partition(":")
        at = from_microseconds(int(microseconds))
    except (binascii.Error, ValueError, OverflowError) as error:
        raise RequestRefused("cursor", "is not one that this server gave") from error
    if not EARLIEST <= at <= LATEST or not identifier or not identifier.isprintable():
        raise RequestRefused("cursor", "is not one that this server gave")
    return at, identifier
