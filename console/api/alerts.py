"""Alerts: the list, one with its history, and what an officer does with it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from console.access.gate import Officer
from console.access.visitor import Visitor
from console.api.asked import AlertQuery, Name, decode_cursor, encode_cursor
from console.api.shapes import AlertAction, AlertDetail, AlertList, ReplayBounds
from console.dependencies import Dependencies, Given
from hall.errors import Conflict, RequestRefused
from hall.finding import Actor, Alert, AlertStatus, Flip, Reason
from hall.names import AlertId, CameraId, HallId, TicketId, TransactionId, WindowId
from store import alerting, audit, queueing
from store.database import Read

router = APIRouter(prefix="/alerts", tags=["alerts"])

BEFORE = timedelta(seconds=30)
AFTER = timedelta(seconds=10)
LONGEST_REPLAY = timedelta(hours=2)

PERMITTED = {
    "acknowledge": (AlertStatus.ACKNOWLEDGED, {AlertStatus.OPEN}),
    "dismiss": (AlertStatus.DISMISSED, {AlertStatus.OPEN, AlertStatus.ACKNOWLEDGED, AlertStatus.RESOLVED}),
}
"""Per action: where it leads, and from where. One that ended by itself can still turn out to be false."""


@router.get("", response_model=AlertList)
def list_alerts(_visitor: Officer, given: Given, asked: Annotated[AlertQuery, Query()]) -> AlertList:
    """Alerts that fit every given member, the newest first; `status` and `kind` may stand several times."""
    before = decode_cursor(asked.cursor)
    limit = asked.limit
    with given.database.read() as tx:
        found = alerting.alerts_of(
            tx,
            hall=HallId(asked.hall) if asked.hall is not None else None,
            statuses=asked.status,
            kinds=asked.kind,
            window=WindowId(asked.window) if asked.window is not None else None,
            start=asked.start,
            end=asked.end,
            before=(before[0], AlertId(before[1])) if before is not None else None,
            limit=limit + 1,
        )
    following = encode_cursor(found[limit - 1].opened_at, found[limit - 1].id) if len(found) > limit else None
    return AlertList(items=found[:limit], next=following)


@router.get("/{alert}", response_model=AlertDetail)
def read_alert(_visitor: Officer, given: Given, alert: Name) -> AlertDetail:
    """One alert, its history, the transaction beside it and where to look."""
    with given.database.read() as tx:
        found = alerting.alert(tx, AlertId(alert))
        return AlertDetail(
            alert=found,
            flips=alerting.flips_of(tx, found.id),
            transaction=_transaction(tx, found),
            replay=_replay(tx, given, found),
        )


@router.post("/{alert}/actions", response_model=Alert)
def act(visitor: Officer, given: Given, alert: Name, action: AlertAction) -> Alert:
    """Acknowledge or dismiss an alert. 409 when it has changed since the officer saw it."""
    if action.action == "dismiss" and not action.reason:
        raise RequestRefused("reason", "is needed to dismiss an alert")
    now = given.clock.now()
    status, permitted = PERMITTED[action.action]
    with given.database.write() as tx:
        found = alerting.alert(tx, AlertId(alert))
        if found.revision == action.revision and found.status not in permitted:
            raise Conflict(f"action: an alert that is {found.status} cannot be changed to {status}")
        flip = Flip(
            alert=found.id,
            revision=action.revision + 1,
            at=now,
            before=found.status,
            after=status,
            severity=found.severity,
            actor=Actor.OFFICER,
            who=visitor.user.name,
            reason=_reason(visitor, action),
        )
        changed = alerting.flip_alert(tx, found.id, action.revision, flip)
        audit.record(
            tx,
            at=now,
            who=visitor.user.name,
            action=f"alert_{action.action}",
            subject=f"alert:{found.id}",
            detail=action.reason or "",
            address=visitor.address,
        )
    return changed


def _reason(visitor: Visitor, action: AlertAction) -> Reason:
    who, text = visitor.user.name, action.reason or ""
    zh = f"{who}已确认" if action.action == "acknowledge" else f"{who}判定为误报"
    en = f"Acknowledged by {who}" if action.action == "acknowledge" else f"Dismissed by {who}"
    return Reason(
        key=f"officer.{action.action}",
        values={"who": who, "text": text},
        zh=f"{zh}：{text}" if text else zh,
        en=f"{en}: {text}" if text else en,
    )


def _transaction(tx: Read, alert: Alert) -> TransactionId | None:
    """The transaction of the alert's ticket, or at its window when it began, or the last before."""
    subject = alert.subject
    if subject.ticket is not None:
        found = queueing.transaction_of_ticket(tx, TicketId(subject.ticket))
    elif subject.window is not None:
        found = queueing.transaction_at(tx, subject.hall, subject.window, alert.interval.start)
    else:
        found = None
    return found.id if found is not None else None


def _replay(tx: Read, given: Dependencies, alert: Alert) -> ReplayBounds | None:
    camera = _camera(tx, given, alert)
    if camera is None:
        return None
    start = alert.interval.start - BEFORE
    end: datetime = min((alert.interval.end or given.clock.now()) + AFTER, start + LONGEST_REPLAY)
    return ReplayBounds.model_validate({"camera": camera, "from": start, "to": end})


def _camera(tx: Read, given: Dependencies, alert: Alert) -> CameraId | None:
    if alert.cameras:
        return alert.cameras[0]
    if alert.subject.window is None:
        return alert.subject.camera
    configuration = given.halls.current(tx)
    hall = next((known for known in configuration.halls if known.id == alert.subject.hall), None)
    shown = hall.cameras_of(alert.subject.window) if hall is not None else ()
    return shown[0] if shown else alert.subject.camera
