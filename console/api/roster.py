"""The roster of a hall: who is due at which window when, and approved leave; changed, imported, undone.

Whoever may change it may read it: what a leave is for is nobody else's business. What is taken out is named
exactly as it was read, so that two people who change the same entry meet: the second gets 412.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Header, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from console import rostering
from console.access import scope
from console.access.gate import may
from console.access.visitor import Visitor
from console.api.asked import From, Name, To, bounds
from console.api.roster_shapes import (
    EnteredLeave,
    EnteredShift,
    RosterChangeList,
    RosterChangeRequest,
    RosterChangeView,
    RosterFault,
    RosterTrial,
    RosterView,
    TableFormat,
    TableLanguage,
    leave_counts,
    leave_lines,
    shift_counts,
    shift_lines,
)
from console.api.shapes import PRINTABLE
from console.dependencies import Dependencies, Given
from console.roster import writing
from console.roster.table import LARGEST_FILE
from hall.config import HallSettings
from hall.permissions import Permission
from hall.roster import Leave, Shift
from store import roster, roster_history

router = APIRouter(prefix="/halls/{hall}/roster", tags=["roster"])

LONGEST = timedelta(days=400)
LARGEST_CHANGE = 1024 * 1024
MOST_CHANGES = 50

Rosterer = Annotated[Visitor, may(Permission.ROSTER)]
FileName = Annotated[str, Query(min_length=1, max_length=200, pattern=PRINTABLE)]
Match = Annotated[str | None, Header(alias="If-Match", max_length=200)]
Number = Annotated[int, Path(ge=1, lt=2**63)]
FILE_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
TABLE_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The table.",
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in writing.MEDIA_TYPES},
    }
}


async def raw_body(request: Request) -> bytes:
    """The file as it was posted."""
    return await request.body()


def _hall(visitor: Visitor, given: Dependencies, name: str) -> HallSettings:
    with given.database.read() as tx:
        return scope.hall(visitor, given, tx, name)


@router.get("", response_model=RosterView)
def read_roster(
    visitor: Rosterer, given: Given, hall: Name, start: From = None, end: To = None
) -> RosterView:
    """What of the roster overlaps `from` to `to`, at most 400 days."""
    known = _hall(visitor, given, hall)
    since, until = bounds(start, end, LONGEST)
    with given.database.read() as tx:
        found = roster.entered_between(tx, known.id, since, until)
    return RosterView(
        shifts=[EnteredShift.entered(one, one.entry) for one in found if isinstance(one.entry, Shift)],
        leaves=[EnteredLeave.entered(one, one.entry) for one in found if isinstance(one.entry, Leave)],
    )


@router.get("/changes", response_model=RosterChangeList)
def list_changes(visitor: Rosterer, given: Given, hall: Name) -> RosterChangeList:
    """The newest 50 changes, the newest first."""
    known = _hall(visitor, given, hall)
    with given.database.read() as tx:
        found = roster_history.newest(tx, known.id, MOST_CHANGES)
    return RosterChangeList(items=[RosterChangeView.of(one) for one in found])


@router.post("/changes", response_model=RosterChangeView, max_body_size=LARGEST_CHANGE)
def change_roster(
    visitor: Rosterer, given: Given, hall: Name, asked: RosterChangeRequest
) -> RosterChangeView:
    """Take entries out and put others in, all or nothing. A changed entry is taken out and put in.

    412: what is to be taken out is not as it was read. 422 names each field that is wrong.
    """
    return RosterChangeView.of(rostering.change(visitor, given, _hall(visitor, given, hall), asked))


@router.post("/changes/{change}/undo", response_model=RosterChangeView)
def undo_change(visitor: Rosterer, given: Given, hall: Name, change: Number) -> RosterChangeView:
    """Undo a change, which is a change itself. 409 when what it entered was changed again since."""
    return RosterChangeView.of(rostering.undo(visitor, given, _hall(visitor, given, hall), change))


@router.post("/trials", response_model=RosterTrial, openapi_extra=FILE_BODY, max_body_size=LARGEST_FILE)
def try_file(
    visitor: Rosterer, given: Given, hall: Name, content: Annotated[bytes, Depends(raw_body)]
) -> RosterTrial:
    """Say what would come of a CSV or XLSX file: what is new, changed and gone, and every fault."""
    trial = rostering.tried(given, _hall(visitor, given, hall), content)
    return RosterTrial(
        digest=trial.digest,
        faults=[RosterFault.of(fault) for fault in trial.faults],
        shifts=shift_counts(trial.difference),
        leaves=leave_counts(trial.difference),
        shift_lines=shift_lines(trial.difference),
        leave_lines=leave_lines(trial.difference),
    )


@router.post("/imports", response_model=RosterChangeView, openapi_extra=FILE_BODY, max_body_size=LARGEST_FILE)
def take_file(
    visitor: Rosterer,
    given: Given,
    hall: Name,
    content: Annotated[bytes, Depends(raw_body)],
    name: FileName = "roster",
    match: Match = None,
) -> RosterChangeView:
    """Take a file whole, as its trial said: `If-Match` is the digest of that.

    412 when something else would come of it now, 422 with every fault. The same file again changes nothing.
    """
    known = _hall(visitor, given, hall)
    return RosterChangeView.of(rostering.imported(visitor, given, known, content, name, match))


@router.get("/table", response_class=Response, responses=TABLE_ANSWER)
def read_table(
    visitor: Rosterer,
    given: Given,
    hall: Name,
    start: From = None,
    end: To = None,
    form: Annotated[TableFormat, Query(alias="format")] = TableFormat.XLSX,
    language: TableLanguage = TableLanguage.ZH,
) -> Response:
    """The roster of a time as a file that can be imported again; without a time, an example of one."""
    known = _hall(visitor, given, hall)
    words = writing.Language(language.value)
    if start is None and end is None:
        entries = writing.example(known, given.clock.now())
        name = "roster-example"
    else:
        since, until = bounds(start, end, LONGEST)
        with given.database.read() as tx:
            entries = [one.entry for one in roster.entered_between(tx, known.id, since, until)]
        name = f"roster-{known.id}-{since.astimezone(known.zone_info):%Y-%m-%d}"
    content, kind = writing.table(entries, known, words, as_workbook=form is TableFormat.XLSX)
    headers = {"Content-Disposition": f'attachment; filename="{quote(name)}.{form.value}"'}
    return Response(content, media_type=kind, headers=headers)
