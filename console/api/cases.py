"""Cases: where one stands against its limits in working days."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel

from console.access import scope
from console.access.gate import may
from console.access.pacing import paced
from console.access.rates import Cost
from console.access.visitor import Visitor
from console.api.asked import Name
from console.dependencies import Given
from hall.case import Case
from hall.errors import NotFound
from hall.permissions import Permission
from hall.rule import LimitKind
from hall.time_limit import HallDays
from store import calendar, cases

router = APIRouter(prefix="/cases", tags=["cases"])


class CaseLimit(BaseModel):
    """One limit of a case: its working days with extensions, its last day, and when it is over.

    It does not run while the case is suspended: the end is then that of the days known so far. `assumed` are
    years on the way whose holidays are not completely known.
    """

    kind: LimitKind
    days: int
    last_day: date
    ends_at: datetime
    assumed: list[int]


class CaseView(BaseModel):
    """A case and the limits that its item has."""

    case: Case
    suspended: bool
    limits: list[CaseLimit]


@router.get("", response_model=CaseView, dependencies=[paced(Cost.SEARCHES)])
def read_case(
    visitor: Annotated[Visitor, may(Permission.SEARCH)],
    given: Given,
    serial: Name,
    hall: Name | None = None,
) -> CaseView:
    """The case with a serial number in a hall (by default the first). 404 when none was ever accepted."""
    with given.database.read() as tx:
        settings = scope.hall(visitor, given, tx, hall)
        found = cases.find(tx, settings.id, serial)
        known = calendar.read(tx)
    if found is None or found.withdrawn:
        raise NotFound(f"there is no case '{serial}' in hall '{settings.id}'")
    given.trail.viewed(visitor, given.clock.now(), "open_case", f"case:{settings.id}/{serial}"[:200])
    followed = settings.with_calendar(known)
    days = HallDays(known, followed.schedule, followed.zone_info)
    item = settings.item(found.item)
    allowed = {
        LimitKind.PROMISED: item.promised_days if item is not None else None,
        LimitKind.STATUTORY: item.statutory_days if item is not None else None,
    }
    limits = []
    for kind, count in allowed.items():
        if count is not None:
            limit = days.limit(found.accepted_at, count + found.extended_days, found.suspended)
            limits.append(
                CaseLimit(
                    kind=kind,
                    days=count + found.extended_days,
                    last_day=limit.last_day,
                    ends_at=limit.ends_at,
                    assumed=list(limit.assumed),
                )
            )
    return CaseView(case=found, suspended=found.suspension is not None, limits=limits)
