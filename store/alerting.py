"""Alerts and their flips. An alert changes only by a flip, and each flip knows what it changed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from hall.clock import from_microseconds, to_microseconds
from hall.errors import Conflict, NotFound
from hall.finding import Alert, Flip
from hall.interval import Interval
from hall.journal import FactKind, Json
from hall.names import AlertId, HallId
from hall.wire import from_wire, to_wire
from store import alert_counts, alert_lists, alert_words, journal
from store.alert_lists import alert_of_body
from store.alert_tables import STANDING, alert_cameras, alerts, flips
from store.database import Read, Write
from store.rows import optional_microseconds

_ENDED = select(
    alerts.c.body,
    select(func.max(flips.c.at_us)).where(flips.c.alert == alerts.c.id).scalar_subquery().label("changed_us"),
)


alerts_of = alert_lists.alerts_of


def open_alert(tx: Write, alert: Alert, flip: Flip) -> bool:
    """Enter a new alert with its first flip.

    False, and nothing written, when this alert is known already, or when another of the same rule and
    subject still lasts: two evaluators, or one that was killed and restarted, find a thing only once.
    """
    savepoint = tx.connection.begin_nested()
    try:
        tx.connection.execute(insert(alerts).values(id=alert.id, **_columns(alert)))
    except IntegrityError:
        savepoint.rollback()
        return False
    savepoint.commit()
    if alert.cameras:
        shown = [{"camera": camera, "alert": alert.id} for camera in dict.fromkeys(alert.cameras)]
        tx.connection.execute(insert(alert_cameras), shown)
    alert_words.opened(tx, alert)
    alert_counts.opened(tx, alert, alert.cameras)
    _enter_flip(tx, flip)
    alert_words.flipped(tx, alert, flip)
    journal.append(tx, FactKind.ALERT, alert.subject.hall, alert.opened_at, alert)
    journal.append(tx, FactKind.FLIP, alert.subject.hall, flip.at, flip)
    return True


def change_alert(tx: Write, expected_revision: int, changed: Alert, flip: Flip) -> Alert:
    """Replace an alert by `changed`, whose revision is `expected_revision` + 1, with the flip that did it.

    The flip tells the alert's state before and after as it is stored. Raises NotFound, or Conflict with the
    alert as it stands when it has another revision by now.
    """
    current = alert(tx, changed.id)
    if current.revision != expected_revision:
        raise Conflict(
            f"revision: the alert has changed meanwhile (it is {current.revision}, not {expected_revision})",
            current,
        )
    changed = replace(changed, revision=expected_revision + 1)
    flip = replace(
        flip,
        revision=changed.revision,
        before=current.status,
        after=changed.status,
        severity=changed.severity,
        assignee=changed.assignee,
        snoozed_until=changed.snoozed_until,
        level=changed.level,
    )
    tx.connection.execute(update(alerts).where(alerts.c.id == changed.id).values(**_columns(changed)))
    _enter_flip(tx, flip)
    alert_words.moved(tx, current, changed)
    alert_counts.changed(tx, current, changed)
    alert_words.flipped(tx, changed, flip)
    journal.append(tx, FactKind.ALERT, changed.subject.hall, flip.at, changed)
    journal.append(tx, FactKind.FLIP, changed.subject.hall, flip.at, flip)
    return changed


def flip_alert(
    tx: Write, identifier: AlertId, expected_revision: int, flip: Flip, end: datetime | None = None
) -> Alert:
    """Change an alert's status as `flip` says; `end` closes its interval. Raises NotFound or Conflict."""
    current = alert(tx, identifier)
    changed = replace(current, status=flip.after, severity=flip.severity)
    if not changed.stands:
        changed = replace(changed, snoozed_until=None)
    if end is not None:
        changed = replace(
            changed, interval=Interval(current.interval.start, max(end, current.interval.start))
        )
    return change_alert(tx, expected_revision, changed, flip)


def alert(tx: Read, identifier: AlertId) -> Alert:
    """One alert. Raises NotFound."""
    row = tx.connection.execute(select(alerts.c.body).where(alerts.c.id == identifier)).first()
    if row is None:
        raise NotFound(f"there is no alert {identifier}")
    return alert_of_row(row)


def find_alert(tx: Read, identifier: AlertId) -> Alert | None:
    """One alert, or None."""
    row = tx.connection.execute(select(alerts.c.body).where(alerts.c.id == identifier)).first()
    return None if row is None else alert_of_row(row)


def lasting_alerts(tx: Read, hall: HallId | None = None) -> list[Alert]:
    """The alerts whose cause still lasts, whatever officers did with them."""
    query = select(alerts.c.body).where(alerts.c.end_us.is_(None)).order_by(alerts.c.opened_us)
    if hall is not None:
        query = query.where(alerts.c.hall == hall)
    return [alert_of_row(row) for row in tx.connection.execute(query)]


def ended_alerts(tx: Read, since: datetime) -> list[tuple[Alert, datetime]]:
    """The alerts whose cause began at `since` or later, and is over; each with when it was changed last."""
    query = _ENDED.where(alerts.c.start_us >= to_microseconds(since), alerts.c.end_us.is_not(None))
    return [(alert_of_row(row), from_microseconds(row.changed_us)) for row in tx.connection.execute(query)]


def ended_alerts_about(tx: Read, hall: HallId, subject: str) -> list[tuple[Alert, datetime]]:
    """`ended_alerts` about one subject, by its name, whenever their causes began."""
    query = _ENDED.where(alerts.c.subject == f"{hall}/{subject}", alerts.c.end_us.is_not(None))
    return [(alert_of_row(row), from_microseconds(row.changed_us)) for row in tx.connection.execute(query)]


def standing_alerts(tx: Read, hall: HallId | None = None) -> list[Alert]:
    """The alerts that an officer has to know of: open or acknowledged, oldest first."""
    query = select(alerts.c.body).where(STANDING).order_by(alerts.c.opened_us)
    if hall is not None:
        query = query.where(alerts.c.hall == hall)
    return [alert_of_row(row) for row in tx.connection.execute(query)]


def flips_of(tx: Read, identifier: AlertId) -> list[Flip]:
    """The history of an alert, oldest first."""
    query = select(flips.c.body).where(flips.c.alert == identifier).order_by(flips.c.revision)
    return [
        from_wire(Flip, cast(dict[str, Json], json.loads(body)))
        for body in tx.connection.execute(query).scalars()
    ]


def _enter_flip(tx: Write, flip: Flip) -> None:
    tx.connection.execute(
        insert(flips).values(
            alert=flip.alert,
            revision=flip.revision,
            at_us=to_microseconds(flip.at),
            body=json.dumps(to_wire(flip), ensure_ascii=False),
        )
    )


def _columns(alert: Alert) -> dict[str, Any]:
    return {
        "hall": alert.subject.hall,
        "kind": alert.kind.value,
        "rule": alert.rule,
        "subject": f"{alert.subject.hall}/{alert.subject.name}",
        "window": alert.subject.window,
        "camera": alert.subject.camera,
        "ticket": alert.subject.ticket,
        "status": alert.status.value,
        "revision": alert.revision,
        "start_us": to_microseconds(alert.interval.start),
        "end_us": optional_microseconds(alert.interval.end),
        "opened_us": to_microseconds(alert.opened_at),
        "body": json.dumps(to_wire(alert), ensure_ascii=False),
    }


def alert_of_row(row: Row[Any] | Row[Any, Any]) -> Alert:
    """The alert of a row with its body."""
    return alert_of_body(row.body)
