"""Alerts: the list, one with its history, and what an officer does with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query

from console.access import scope
from console.access.gate import may
from console.access.visitor import Visitor
from console.api.alert_shapes import (
    AlertAction,
    AlertDetail,
    AlertList,
    AssigneeList,
    FalseAlarmRate,
    FalseAlarmRateList,
    ReplayBounds,
)
from console.api.asked import AlertQuery, From, Name, To, bounds, decode_cursor, encode_cursor
from console.dependencies import Dependencies, Given
from hall import alert_life
from hall.alert_life import Act, Action
from hall.errors import Conflict, NotPermitted, RequestRefused
from hall.finding import Alert
from hall.names import AlertId, CameraId, HallId, TicketId, TransactionId, WindowId
from hall.permissions import Permission
from hall.silencing import Silence, silence_of
from store import accounts, alerting, audit, false_alarms, queueing, silencing
from store.database import Read

router = APIRouter(prefix="/alerts", tags=["alerts"])

BEFORE = timedelta(seconds=30)
AFTER = timedelta(seconds=10)
LONGEST_REPLAY = timedelta(hours=2)
LONGEST_RATE = timedelta(days=366)

Reader = Annotated[Visitor, may(Permission.ALERTS)]
Actor = Annotated[Visitor, may(Permission.ALERTS, Permission.ALERTS_COMMENT)]


@router.get("", response_model=AlertList)
def list_alerts(visitor: Reader, given: Given, asked: Annotated[AlertQuery, Query()]) -> AlertList:
    """Alerts that fit every given member, the newest first; `status` and `kind` may stand several times."""
    before = decode_cursor(asked.cursor)
    limit = asked.limit
    with given.database.read() as tx:
        found = alerting.alerts_of(
            tx,
            halls=scope.wanted(visitor, asked.hall),
            statuses=asked.status,
            kinds=asked.kind,
            window=WindowId(asked.window) if asked.window is not None else None,
            start=asked.start,
            end=asked.end,
            before=(before[0], AlertId(before[1])) if before is not None else None,
            limit=limit + 1,
        )
        page = found[:limit]
        items = [alert for alert in page if scope.sees_alert(visitor, alert)]
        silenced = _silenced(tx, items, given.clock.now())
    following = encode_cursor(page[-1].opened_at, page[-1].id) if len(found) > limit else None
    named = {alert: silence.id for alert, silence in silenced.items()}
    return AlertList(items=items, next=following, silenced=named)


@router.get("/assignees", response_model=AssigneeList)
def list_assignees(visitor: Reader, given: Given) -> AssigneeList:
    """The names of the users to whom an alert can be assigned."""
    with given.database.read() as tx:
        return AssigneeList(items=_assignable(tx, visitor.rights.halls))


@router.get("/false-alarm-rate", response_model=FalseAlarmRateList)
def false_alarm_rate(
    visitor: Reader, given: Given, start: From = None, end: To = None, hall: Name | None = None
) -> FalseAlarmRateList:
    """How many of the alerts that were opened from `from` to `to` were dismissed, per rule and per camera.

    Of the hall, or of the first one. A rate never goes without its number of alerts.
    """
    start, end = bounds(start, end, LONGEST_RATE)
    with given.database.read() as tx:
        counted = false_alarms.false_alarms(tx, scope.hall(visitor, given, tx, hall).id, start, end)
    return FalseAlarmRateList(items=[FalseAlarmRate.of(one) for one in counted])


@router.get("/{alert}", response_model=AlertDetail)
def read_alert(visitor: Reader, given: Given, alert: Name) -> AlertDetail:
    """One alert, its history, the transaction beside it and where to look."""
    with given.database.read() as tx:
        found = scope.alert(visitor, tx, alert)
        transaction = _transaction(tx, found) if visitor.may(Permission.SEARCH) else None
        replay = _replay(tx, given, found) if visitor.may(Permission.REPLAY) else None
        if replay is not None and not visitor.rights.sees_camera(replay.camera):
            replay = None
        return AlertDetail(
            alert=found,
            flips=alerting.flips_of(tx, found.id),
            silence=_silenced(tx, [found], given.clock.now()).get(found.id),
            transaction=transaction,
            replay=replay,
        )


@router.post("/{alert}/actions", response_model=Alert)
def act(visitor: Actor, given: Given, alert: Name, action: AlertAction) -> Alert:
    """Do something with an alert; see AlertAction.

    409 when the alert has changed since it was seen, or stands where this cannot be done: the problem
    document then has the alert as it stands in `current`.
    """
    if action.action is not Action.COMMENT and not visitor.may(Permission.ALERTS_ACT):
        raise NotPermitted(f"this needs the permission {Permission.ALERTS_ACT}")
    with given.database.write() as tx:
        # Read within the transaction: between two officers' acts there is an order, and a time.
        now = given.clock.now()
        found = scope.alert(visitor, tx, alert)
        if found.revision != action.revision:
            raise Conflict(f"revision: the alert has changed meanwhile (it is {found.revision})", found)
        done = Act(
            action=action.action,
            who=visitor.user.name,
            role=visitor.user.role,
            at=now,
            text=action.reason or "",
            assignee=_assignee(tx, action, found.subject.hall),
            until=action.until,
        )
        changed, flip = alert_life.act(found, done, _zone(tx, given, found))
        changed = alerting.change_alert(tx, found.revision, changed, flip)
        audit.record(
            tx,
            at=now,
            who=visitor.user.name,
            action=f"alert_{action.action}",
            subject=f"alert:{found.id}",
            detail=_detail(action),
            address=visitor.address,
        )
    return changed


def _silenced(tx: Read, alerts: Sequence[Alert], now: datetime) -> dict[AlertId, Silence]:
    """By which silence standing alerts are told to nobody now."""
    standing = [alert for alert in alerts if alert.stands]
    halls = {alert.subject.hall for alert in standing}
    silences = [silence for hall in halls for silence in silencing.silences_since(tx, hall, now)]
    found = {alert.id: silence_of(alert, silences, now) for alert in standing}
    return {alert: silence for alert, silence in found.items() if silence is not None}


def _zone(tx: Read, given: Dependencies, alert: Alert) -> ZoneInfo:
    """The time zone of an alert's hall; UTC when the hall has left the configuration."""
    halls = given.halls.current(tx).halls
    return next((hall.zone_info for hall in halls if hall.id == alert.subject.hall), ZoneInfo("UTC"))


def _assignee(tx: Read, action: AlertAction, hall: HallId) -> str | None:
    """The user that an alert is given to. Raises RequestRefused when there is none who could settle it."""
    if action.assignee is None:
        return None
    if action.action is not Action.ASSIGN:
        raise RequestRefused("assignee", "belongs to the action assign")
    if action.assignee not in _assignable(tx, frozenset({hall})):
        raise RequestRefused("assignee", f"there is no user '{action.assignee}' who may settle alerts")
    return action.assignee


def _assignable(tx: Read, halls: frozenset[HallId] | None) -> list[str]:
    """The names of the users who may settle alerts, of one of these halls when any are given."""
    return [
        user.name
        for user in accounts.active_users(tx)
        if Action.ACKNOWLEDGE in alert_life.MAY[user.role]
        and user.rights.may(Permission.ALERTS_ACT)
        and (halls is None or any(user.rights.sees_hall(hall) for hall in halls))
    ]


def _detail(action: AlertAction) -> str:
    """What an act says beside its name, for the audit trail."""
    parts = [action.reason or ""]
    if action.action is Action.ASSIGN:
        parts.insert(0, action.assignee or "nobody")
    if action.until is not None:
        parts.insert(0, f"until {action.until.isoformat()}")
    return ": ".join(part for part in parts if part)


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
