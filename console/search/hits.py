"""What is shown of found rows: who and where, whether their footage is kept, and where to look at it.

Everything that a page needs is read at once: a statement for the files, one for the gaps, one for the alerts
beside transactions, and one for the transactions of cases.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.access.visitor import Visitor
from console.api.search_shapes import AlertFound, FootageView, Hit, ReplayView
from console.halls import Halls, Showing
from console.search.footage import footage_of
from console.search.seeking import Found
from hall.case import Case
from hall.finding import Alert
from hall.interval import Interval
from hall.names import CameraId, HallId, TransactionId, WindowId
from hall.permissions import Permission
from hall.queueing import Ticket, Transaction
from store import beside, footage
from store.database import Read
from store.footage import Stretch

PADDING = timedelta(seconds=10)
LONGEST_LOOK = timedelta(hours=12)
"""What goes on for longer is not looked over for its gaps to the end."""
MOST_GAPS = 5
MOST_CAMERAS = 4
"""Of one result, whose footage is looked for."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """The time of a row that cameras may show, and which; without any there is nothing to look at."""

    time: Interval
    cameras: tuple[CameraId, ...]


def hits(
    tx: Read, visitor: Visitor, halls: Halls, found: Sequence[Found], now: datetime, being_written: timedelta
) -> list[Hit]:
    """The rows as results. `being_written` is how long a file is written before it is entered."""
    showing = halls.showing(tx)
    shown = [_shown(visitor, showing, row.fact, now) for row in found]
    kept = _kept(tx, shown, now - being_written)
    served = {row: row.fact for row in found if isinstance(row.fact, Transaction)}
    counts: dict[str, int] = {}
    if visitor.may(Permission.ALERTS):
        counts = beside.alerts_beside(tx, list(served.values()), now)
    of_cases = beside.newest_of_cases(tx, [row.fact for row in found if isinstance(row.fact, Case)])
    return [
        _hit(row, footage_seen, time, counts, of_cases, visitor)
        for row, footage_seen, time in zip(found, kept, shown, strict=True)
    ]


def _hit(
    row: Found,
    seen: FootageView | None,
    shown: _Shown,
    counts: dict[str, int],
    of_cases: dict[tuple[HallId, str], TransactionId],
    visitor: Visitor,
) -> Hit:
    fact = row.fact
    first = shown.cameras[0] if shown.cameras else None
    look = ReplayView.model_validate(
        {
            "camera": first,
            "from": shown.time.start - PADDING,
            "to": (shown.time.end or shown.time.start) + PADDING,
        }
    )
    may_look = visitor.may(Permission.REPLAY)
    match fact:
        case Transaction():
            return Hit(
                kind=row.kind, id=fact.id, hall=fact.hall, at=row.at, end=fact.interval.end,
                window=fact.window, staff=fact.staff, item=fact.item, ticket=fact.ticket_number,
                serial=fact.serial, alerts=counts.get(fact.id, 0), footage=seen,
                replay=ReplayView(transaction=fact.id) if may_look else None,
            )  # fmt: skip
        case Ticket():
            return Hit(
                kind=row.kind, id=fact.id, hall=fact.hall, at=row.at, end=fact.finished_at or fact.called_at,
                window=fact.window, item=fact.item, ticket=fact.number, ticket_status=fact.status,
                footage=seen, replay=look if first is not None else None,
            )  # fmt: skip
        case Case():
            handled = of_cases.get((fact.hall, fact.serial))
            return Hit(
                kind=row.kind, id=f"{fact.hall}/{fact.serial}", hall=fact.hall, at=row.at,
                end=fact.closed_at, window=fact.window, staff=fact.staff, item=fact.item, serial=fact.serial,
                is_closed=fact.closed_at is not None,
                replay=ReplayView(transaction=handled) if may_look and handled is not None else None,
            )  # fmt: skip
        case Alert():
            subject = fact.subject
            about = AlertFound(kind=fact.kind, severity=fact.severity, status=fact.status, reason=fact.reason)
            return Hit(
                kind=row.kind, id=fact.id, hall=subject.hall, at=row.at, end=fact.interval.end,
                window=subject.window, ticket=subject.ticket_number, serial=subject.serial, alert=about,
                footage=seen, replay=look if first is not None else None,
            )  # fmt: skip


def _shown(
    visitor: Visitor, showing: Showing, fact: Transaction | Ticket | Case | Alert, now: datetime
) -> _Shown:
    match fact:
        case Transaction():
            time, cameras = fact.interval, _cameras(showing, fact.hall, fact.window)
        case Ticket():
            over = fact.called_at or fact.finished_at
            time = fact.calling or Interval(fact.taken_at, over and max(over, fact.taken_at))
            cameras = _cameras(showing, fact.hall, fact.window)
        case Alert():
            time = fact.interval
            about = fact.subject.camera
            cameras = fact.cameras or _cameras(showing, fact.subject.hall, fact.subject.window)
            cameras = cameras or ((about,) if about is not None else ())
        case Case():
            time, cameras = Interval(fact.accepted_at, fact.accepted_at), ()
    end = min(time.end or now, time.start + LONGEST_LOOK)
    seen = tuple(camera for camera in cameras if visitor.rights.sees_camera(camera))
    if not visitor.may(Permission.REPLAY):
        seen = ()
    return _Shown(Interval(time.start, max(end, time.start)), seen[:MOST_CAMERAS])


def _cameras(showing: Showing, hall: HallId, window: WindowId | None) -> tuple[CameraId, ...]:
    return showing.get((hall, window), ()) if window is not None else ()


def _kept(tx: Read, shown: Sequence[_Shown], sure_until: datetime) -> list[FootageView | None]:
    """What is kept of each time, None where no camera shows it."""
    stretches = [
        Stretch(camera, one.time.start, one.time.end or one.time.start)
        for one in shown
        for camera in one.cameras
    ]
    records = iter(footage.recorded(tx, stretches))
    kept: list[FootageView | None] = []
    for one in shown:
        own = [next(records) for _ in one.cameras]
        if not own:
            kept.append(None)
            continue
        seen = footage_of(one.cameras, one.time, own, sure_until, MOST_GAPS)
        kept.append(FootageView(state=seen.state, cameras=list(seen.cameras), gaps=list(seen.gaps)))
    return kept
