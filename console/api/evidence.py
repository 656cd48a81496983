"""Evidence: packages ordered, watched while they are made, fetched and removed."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import FileResponse, Response

from console.access import scope
from console.access.gate import may
from console.access.pacing import paced
from console.access.rates import Cost
from console.access.visitor import Visitor
from console.api.asked import Cursor, Limit, Moment, Name, decode_cursor, encode_cursor, in_order
from console.api.locks import cameras_of_one_hall
from console.api.redaction import RedactionRequest, redaction_of, words_of
from console.api.shapes import PRINTABLE, Page
from console.dependencies import Dependencies, Given
from console.evidence.exporting import key_of, package_path
from console.evidence.signing import fingerprint, public_pem
from hall.errors import Conflict, NotFound, RequestRefused
from hall.exporting import Export, ExportState
from hall.interval import Interval
from hall.locking import Lock, LockKind
from hall.names import ExportId, LockId
from hall.permissions import Permission
from hall.place import Strict
from store import audit, exporting, locks
from store.database import Write

router = APIRouter(prefix="/evidence", tags=["evidence"])

Reader = Annotated[Visitor, may(Permission.EVIDENCE)]
Exporter = Annotated[Visitor, may(Permission.EVIDENCE, Permission.EXPORT, Permission.SOUND)]
"""A package holds what was heard as well."""

LONGEST = timedelta(hours=24)
LEAST_LOCK = timedelta(days=7)
"""Footage of an ordered package is kept at least so long, whatever was asked: until it is surely made."""
PACKAGE_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}


class ExportRequest(Strict):
    """What is to be packed, for which case and why. Its footage is locked until `keep_until`, or a week."""

    cameras: Annotated[list[Name], Field(min_length=1, max_length=32)]
    start: Annotated[Moment, Field(alias="from")]
    end: Annotated[Moment, Field(alias="to")]
    case: Annotated[str, Field(min_length=1, max_length=200, pattern=PRINTABLE)]
    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=PRINTABLE)]
    keep_until: Moment | None = None
    redaction: RedactionRequest | None = None


class ExportList(Page[Export]):
    """Exports, newest first."""


class SigningKey(Strict):
    """The public key with which packages are signed here, as PEM, and its fingerprint."""

    pem: str
    fingerprint: str


@router.get("", response_model=ExportList)
def list_exports(
    visitor: Reader, given: Given, hall: Name | None = None, cursor: Cursor = None, limit: Limit = 50
) -> ExportList:
    """What was ordered, the newest first."""
    before = decode_cursor(cursor)
    with given.database.read() as tx:
        found = exporting.exports_of(
            tx,
            halls=scope.wanted(visitor, hall),
            before=(before[0], ExportId(before[1])) if before is not None else None,
            limit=limit + 1,
        )
    is_more = len(found) > limit
    following = encode_cursor(found[limit - 1].ordered_at, found[limit - 1].id) if is_more else None
    seen = [export for export in found[:limit] if scope.sees_cameras_of(visitor, export)]
    return ExportList(items=seen, next=following)


@router.post("", status_code=202, response_model=Export, dependencies=[paced(Cost.EXPORTS)])
def order_export(visitor: Exporter, given: Given, asked: ExportRequest) -> Export:
    """Order a package of at most a day. It is made in the background; its footage is locked from now on."""
    now = given.clock.now()
    start, end = in_order(asked.start, asked.end, LONGEST)
    if start > now:
        raise RequestRefused("from", "lies ahead: nothing is recorded of it")
    with given.database.write() as tx:
        hall, cameras = cameras_of_one_hall(tx, given, visitor, asked.cameras)
        export = Export(
            id=ExportId(secrets.token_hex(8)),
            hall=hall,
            cameras=cameras,
            interval=Interval(start, min(end, now)),
            case=asked.case,
            reason=asked.reason,
            ordered_by=visitor.user.name,
            ordered_at=now,
            redaction=redaction_of(asked.redaction, given.halls.hall(tx, hall), cameras),
        )
        exporting.order(tx, export)
        locks.add_lock(
            tx,
            Lock(
                id=LockId(secrets.token_hex(16)),
                hall=hall,
                owner=visitor.user.name,
                kind=LockKind.EVIDENCE,
                reference=export.id,
                reason=f"{asked.case}: {asked.reason}",
                interval=export.interval,
                cameras=cameras,
                created_at=now,
                expires_at=max(asked.keep_until or now, now + LEAST_LOCK),
            ),
        )
        footage = f"{', '.join(cameras)} {start.isoformat()} to {end.isoformat()}"
        detail = f"case {asked.case}; {footage}{words_of(export.redaction)}"
        _note(tx, given, visitor, export, "evidence_order", detail, asked.reason)
    given.exports.wake()
    return export


@router.get("/signing-key", response_model=SigningKey)
def read_signing_key(_visitor: Reader, given: Given) -> SigningKey:
    """The public key of this installation, to be handed to who will check packages."""
    key = key_of(given.configuration).public_key()
    return SigningKey(pem=public_pem(key).decode(), fingerprint=fingerprint(key))


@router.get("/{export}", response_model=Export)
def read_export(visitor: Reader, given: Given, export: Name) -> Export:
    """One export, and how far it is."""
    with given.database.read() as tx:
        return scope.export(visitor, tx, export)


@router.get(
    "/{export}/package", response_class=Response, responses=PACKAGE_ANSWER, dependencies=[paced(Cost.EXPORTS)]
)
def read_package(visitor: Exporter, given: Given, export: Name) -> Response:
    """The package, whole or by range. Stands in the audit trail. 409 while it is not made."""
    with given.database.read() as tx:
        found = scope.export(visitor, tx, export)
    if found.state is not ExportState.MADE:
        raise Conflict(f"export: it is {found.state}, there is no package")
    path = package_path(given.configuration, found)
    if not path.is_file():
        raise NotFound("export: the package is not there any more")
    given.trail.viewed(
        visitor, given.clock.now(), "evidence_fetch", f"evidence:{found.id}", found.case, found.reason
    )
    return FileResponse(path, media_type="application/zip", filename=f"evidence-{found.id}.zip")


@router.delete("/{export}", response_model=Export)
def remove_package(visitor: Exporter, given: Given, export: Name) -> Export:
    """Delete a package, or take back an order; that it was made stays known, and its lock holds on."""
    now = given.clock.now()
    with given.database.write() as tx:
        found = scope.export(visitor, tx, export)
        removed = replace(found, state=ExportState.REMOVED)
        before = (ExportState.QUEUED, ExportState.MAKING, ExportState.MADE, ExportState.FAILED)
        exporting.change(tx, removed, before, now)
        _note(tx, given, visitor, removed, "evidence_remove", found.case)
    package_path(given.configuration, removed).unlink(missing_ok=True)
    return removed


def _note(
    tx: Write,
    given: Dependencies,
    visitor: Visitor,
    export: Export,
    action: str,
    detail: str,
    reason: str = "",
) -> None:
    audit.record(
        tx,
        at=given.clock.now(),
        who=visitor.user.name,
        action=action,
        subject=f"evidence:{export.id}",
        detail=detail,
        address=visitor.address,
        reason=reason,
    )
