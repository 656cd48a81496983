"""A year of facts of one camera and its window, entered in bulk; of the recordings there are rows alone."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sqlalchemy import insert

from hall.clock import to_microseconds
from hall.finding import Alert, AlertKind, AlertStatus, Reason, Severity, Subject
from hall.interval import Interval
from hall.media import GapReason
from hall.names import AlertId, CameraId, RuleId, WindowId
from hall.wire import to_wire
from store.alert_tables import alerts
from store.database import Database
from store.tables import gaps, observations, periods, runs, segments, transactions
from tests.integration.console_hall import HALL

DAY = 86_400_000_000
SEGMENT = 600_000_000
REASONS = (GapReason.OFFLINE, GapReason.STALLED, GapReason.DISK_FULL, GapReason.NOT_SCHEDULED)
TRANSACTIONS, GAPS, ALERTS, CHANGES = 30, 8, 2, 144
"""Of one day."""
Row = dict[str, object]


def record_year(database: Database, camera: CameraId, window: WindowId, start: datetime, days: int) -> None:
    """Enter `days` days from `start` on."""
    first_us = to_microseconds(start)
    with database.write() as tx:
        for day in range(days):
            opened = first_us + day * DAY
            served = [_served(window, opened, day, number) for number in range(TRANSACTIONS)]
            rows = {
                runs: [_run(camera, opened, day)],
                segments: [_segment(camera, opened, day, number) for number in range(DAY // SEGMENT)],
                gaps: [_gap(camera, opened, day, number) for number in range(GAPS)],
                transactions: [transaction for transaction, _ in served],
                periods: [period for _, period in served],
                observations: [_seen(camera, window, opened, number) for number in range(CHANGES)],
                alerts: [_alert(camera, window, opened, day, number) for number in range(ALERTS)],
            }
            for table, entered in rows.items():
                tx.connection.execute(insert(table), entered)


def _run(camera: CameraId, opened: int, day: int) -> Row:
    return {
        "id": f"year-{day}",
        "hall": HALL,
        "camera": camera,
        "start_us": opened,
        "end_us": opened + DAY,
        "tracks": "[]",
    }


def _segment(camera: CameraId, opened: int, day: int, number: int) -> Row:
    start = opened + number * SEGMENT
    return {
        "camera": camera,
        "start_us": start,
        "end_us": start + SEGMENT,
        "id": f"year-{day}-{number}",
        "run": f"year-{day}",
        "sequence": number,
        "media_duration": SEGMENT / 1e6,
        "size": 1,
        "sha256": b"",
        "key": f"year/{day}/{number}.mp4",
        "header_size": 0,
        "fragments": "[]",
        "has_audio": False,
    }


def _gap(camera: CameraId, opened: int, day: int, number: int) -> Row:
    start = opened + number * DAY // GAPS
    return {
        "hall": HALL,
        "camera": camera,
        "start_us": start,
        # Some days most of it is missing.
        "end_us": start + (DAY // 10 if day % 31 == 0 else 60_000_000),
        "reason": REASONS[(day + number) % len(REASONS)].value,
        "detail": "",
    }


def _served(window: WindowId, opened: int, day: int, number: int) -> tuple[Row, Row]:
    start = opened + 3_600_000_000 + number * 900_000_000
    about: Row = {"window": window, "staff": "s1", "start_us": start, "end_us": start + 600_000_000}
    identifier, ticket = f"year-{day}-{number}", f"Y{number:03d}"
    transaction = {"id": identifier, "hall": HALL, "ticket": f"{day}-{ticket}", "ticket_number": ticket}
    return {**transaction, **about}, {
        "id": f"{identifier}.1",
        "transaction": identifier,
        "step": "accept",
        **about,
    }


def _seen(camera: CameraId, window: WindowId, opened: int, number: int) -> Row:
    start = opened + number * DAY // CHANGES
    return {
        "hall": HALL,
        "kind": "presence",
        "camera": camera,
        "window": window,
        "start_us": start,
        "end_us": start + DAY // CHANGES,
        "state": "absent" if number % 2 else "on_post",
    }


def _alert(camera: CameraId, window: WindowId, opened: int, day: int, number: int) -> Row:
    start = opened + (number + 1) * 6 * 3_600_000_000
    at = datetime.fromtimestamp(start / 1e6).astimezone()
    alert = Alert(
        AlertId(f"year-{day}-{number}"),
        AlertKind.ABSENCE,
        RuleId("absence"),
        1,
        Severity.WARNING,
        AlertStatus.RESOLVED,
        Subject(HALL, window=window),
        Interval(at, at + timedelta(minutes=5)),
        at,
        Reason("absence.found", {"window": "1"}, "一号窗口无人", "Nobody at window 1"),
        1,
        (camera,),
    )
    return {
        "id": alert.id,
        "hall": HALL,
        "kind": alert.kind.value,
        "rule": alert.rule,
        "subject": f"{HALL}/{alert.id}",
        "window": window,
        "status": alert.status.value,
        "revision": 1,
        "start_us": start,
        "end_us": start + 300_000_000,
        "opened_us": start,
        "body": json.dumps(to_wire(alert), ensure_ascii=False),
    }
