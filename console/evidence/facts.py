"""The facts beside the footage: all that is known of the time and the windows that a package shows."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from console.evidence.contents import Marks
from hall.config import HallSettings
from hall.finding import Alert
from hall.journal import Json
from hall.names import AlertId, WindowId
from hall.queueing import Transaction
from hall.wire import to_wire
from store import alerting, observing, queueing, recording
from store.database import Read

PAGE = 200
MOST_OBSERVATIONS = 100_000


def facts_of(tx: Read, hall: HallSettings, marks: Marks) -> dict[str, Json]:
    """As JSON, by kind: transactions, periods, states of windows, alerts with flips, observations, gaps.

    Only of windows that the cameras show, of the cameras themselves, and of the marked time.
    """
    windows = [window for window in hall.windows if _is_shown(hall, window.id, marks)]
    transactions = sorted(
        (one for window in windows for one in _transactions(tx, hall, window.id, marks)),
        key=lambda one: (one.interval.start, one.id),
    )
    alerts = [one for one in _alerts(tx, hall, marks) if _concerns(one, marks, [each.id for each in windows])]
    observations = [
        seen
        for camera in marks.cameras
        for seen in observing.between(tx, marks.start, marks.end, camera=camera, limit=MOST_OBSERVATIONS)
    ]
    return {
        "hall": {"id": hall.id, "name": to_wire(hall.name), "timezone": hall.timezone},
        "cameras": [
            {"id": camera.id, "name": to_wire(camera.name)}
            for camera in hall.cameras
            if camera.id in marks.cameras
        ],
        "windows": [
            {"id": window.id, "number": window.number, "name": to_wire(window.name)} for window in windows
        ],
        "transactions": _wired(transactions),
        "periods": _wired(
            period
            for transaction in transactions
            for period in queueing.periods_of(tx, transaction.id)
            if _overlaps(period.interval.start, period.interval.end, marks)
        ),
        "window_statuses": _wired(
            status
            for window in windows
            for status in queueing.window_status_history(tx, hall.id, window.id, marks.start, marks.end)
        ),
        "alerts": [
            {"alert": to_wire(alert), "flips": _wired(alerting.flips_of(tx, alert.id))} for alert in alerts
        ],
        "observations": _wired(observations),
        "gaps": _wired(
            gap
            for camera in marks.cameras
            for gap in recording.gaps_between(tx, camera, marks.start, marks.end)
        ),
    }


def _is_shown(hall: HallSettings, window: WindowId, marks: Marks) -> bool:
    return any(camera in marks.cameras for camera in hall.cameras_of(window))


def _transactions(tx: Read, hall: HallSettings, window: WindowId, marks: Marks) -> list[Transaction]:
    found: list[Transaction] = []
    while True:
        before = (found[-1].interval.start, found[-1].id) if found else None
        page = queueing.transactions_of(
            tx, hall=hall.id, window=window, start=marks.start, end=marks.end, before=before, limit=PAGE
        )
        found += page
        if len(page) < PAGE:
            return found[::-1]


def _alerts(tx: Read, hall: HallSettings, marks: Marks) -> list[Alert]:
    found: list[Alert] = []
    before: tuple[datetime, AlertId] | None = None
    while True:
        page = alerting.alerts_of(
            tx, hall=hall.id, start=marks.start, end=marks.end, before=before, limit=PAGE
        )
        found += page
        if len(page) < PAGE:
            return found[::-1]
        before = page[-1].opened_at, page[-1].id


def _concerns(alert: Alert, marks: Marks, windows: Collection[WindowId | None]) -> bool:
    if alert.subject.window in windows or alert.subject.camera in marks.cameras:
        return True
    return any(camera in marks.cameras for camera in alert.cameras)


def _overlaps(start: datetime, end: datetime | None, marks: Marks) -> bool:
    return start < marks.end and (end is None or end > marks.start)


def _wired(facts: Iterable[object]) -> list[Json]:
    return [to_wire(fact) for fact in facts]
