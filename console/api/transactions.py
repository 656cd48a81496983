"""Transactions: finding them, with everything that belongs to them, and replaying one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from console.access import scope
from console.access.gate import may
from console.access.pacing import paced
from console.access.rates import Cost
from console.access.visitor import Visitor
from console.api.asked import Name, TransactionQuery, decode_cursor, encode_cursor
from console.api.recordings import PLAYLIST_ANSWER, playlist_answer
from console.api.shapes import (
    CameraRecord,
    SegmentView,
    TransactionDetail,
    TransactionList,
    TransactionReplay,
)
from console.dependencies import Given
from console.halls import Halls
from hall.errors import NotFound
from hall.finding import Alert
from hall.names import CameraId, StaffId, TransactionId, WindowId
from hall.observing import Observation, ObservationKind
from hall.permissions import Permission
from hall.queueing import Transaction
from store import alerting, queueing, recording, timeline
from store.database import Read

router = APIRouter(prefix="/transactions", tags=["transactions"])

Searcher = Annotated[Visitor, may(Permission.SEARCH)]

PADDING = timedelta(seconds=10)
"""How much before and after a transaction is replayed with it."""
LONGEST_REPLAY = timedelta(hours=12)
"""A transaction that nobody closed does not drag a day's recordings along."""
MOST_OBSERVATIONS = 5000
"""Of one camera."""
SHOWN = (
    ObservationKind.PRESENCE,
    ObservationKind.CUSTOMER,
    ObservationKind.SPEECH,
    ObservationKind.LEVEL,
    ObservationKind.VOICES,
    ObservationKind.MICROPHONE,
    ObservationKind.PICTURE,
)


@router.get("", response_model=TransactionList, dependencies=[paced(Cost.SEARCHES)])
def search(visitor: Searcher, given: Given, asked: Annotated[TransactionQuery, Query()]) -> TransactionList:
    """Transactions that fit every given member, the newest first."""
    before = decode_cursor(asked.cursor)
    limit = asked.limit
    named = asked.model_dump(mode="json", exclude_none=True, exclude={"cursor", "limit"}, by_alias=True)
    words = ", ".join(f"{key}={value}" for key, value in named.items())
    given.trail.record(visitor, given.clock.now(), "search", "transactions", words)
    with given.database.read() as tx:
        found = queueing.transactions_of(
            tx,
            halls=scope.wanted(visitor, asked.hall),
            ticket_number=asked.ticket,
            serial=asked.serial,
            window=WindowId(asked.window) if asked.window is not None else None,
            staff=StaffId(asked.staff) if asked.staff is not None else None,
            start=asked.start,
            end=asked.end,
            before=(before[0], TransactionId(before[1])) if before is not None else None,
            limit=limit + 1,
        )
        now = given.clock.now()
        items = [detail_of(tx, visitor, given.halls, transaction, now) for transaction in found[:limit]]
    following = None
    if len(found) > limit:
        last = found[limit - 1]
        following = encode_cursor(last.interval.start, last.id)
    return TransactionList(items=items, next=following)


@router.get("/{transaction}", response_model=TransactionReplay)
def read_transaction(visitor: Searcher, given: Given, transaction: Name) -> TransactionReplay:
    """One transaction with the bounds of its replay and what was observed over them."""
    with given.database.read() as tx:
        found = scope.transaction(visitor, tx, transaction)
        now = given.clock.now()
        detail = detail_of(tx, visitor, given.halls, found, now)
        start, end = replay_bounds(found, now)
        observations = _observations(tx, found, [record.camera for record in detail.cameras], start, end)
    given.trail.viewed(visitor, given.clock.now(), "open_transaction", f"transaction:{found.id}")
    return TransactionReplay.model_validate(
        {**dict(detail), "from": start, "to": end, "observations": observations}
    )


@router.get(
    "/{transaction}/playlist.m3u8",
    response_class=Response,
    responses=PLAYLIST_ANSWER,
    dependencies=[paced(Cost.PLAYLISTS)],
)
def read_playlist(
    visitor: Annotated[Visitor, may(Permission.SEARCH, Permission.REPLAY)],
    given: Given,
    transaction: Name,
    camera: Name | None = None,
) -> Response:
    """An HLS playlist of one camera (by default the first that shows the window) over the transaction."""
    now = given.clock.now()
    with given.database.read() as tx:
        found = scope.transaction(visitor, tx, transaction)
        shown = _cameras(tx, visitor, given.halls, found)
    if not shown:
        raise NotFound(f"camera: no camera shows window '{found.window}'")
    wanted = CameraId(camera) if camera is not None else shown[0]
    if wanted not in shown:
        raise NotFound(f"camera: '{wanted}' does not show window '{found.window}'")
    start, end = replay_bounds(found, now)
    return playlist_answer(given, visitor, wanted, start, end, f"transaction:{found.id}")


def replay_bounds(transaction: Transaction, now: datetime) -> tuple[datetime, datetime]:
    """From a little before a transaction to a little after it, or to now while it goes on."""
    start = transaction.interval.start - PADDING
    end = (transaction.interval.end or now) + PADDING
    return start, min(max(end, start + PADDING), start + LONGEST_REPLAY)


def detail_of(
    tx: Read, visitor: Visitor, halls: Halls, transaction: Transaction, now: datetime
) -> TransactionDetail:
    """A transaction with everything that belongs to it: the join of its periods with the recordings."""
    start, end = replay_bounds(transaction, now)
    cameras = _cameras(tx, visitor, halls, transaction) if visitor.may(Permission.REPLAY) else ()
    alerts = _alerts(tx, transaction, start, end) if visitor.may(Permission.ALERTS) else []
    return TransactionDetail(
        transaction=transaction,
        ticket=queueing.ticket(tx, transaction.ticket),
        periods=queueing.periods_of(tx, transaction.id),
        alerts=[alert for alert in alerts if scope.sees_alert(visitor, alert)],
        cameras=[
            CameraRecord(
                camera=camera,
                segments=[
                    SegmentView.of(one)
                    for one in recording.segments_between(tx, camera, start, end, fragments=False)
                ],
                gaps=recording.gaps_between(tx, camera, start, end),
            )
            for camera in cameras
        ],
    )


def _cameras(tx: Read, visitor: Visitor, halls: Halls, transaction: Transaction) -> tuple[CameraId, ...]:
    """The cameras that show the window of a transaction, as far as the visitor's rights reach."""
    shown = halls.hall(tx, transaction.hall).cameras_of(transaction.window)
    return tuple(camera for camera in shown if visitor.rights.sees_camera(camera))


def _alerts(tx: Read, transaction: Transaction, start: datetime, end: datetime) -> list[Alert]:
    at_window = alerting.alerts_of(
        tx, hall=transaction.hall, window=transaction.window, start=start, end=end, limit=100
    )
    # Without its hall, which the ticket implies: SQLite would read all alerts of the hall for their order.
    of_ticket = alerting.alerts_of(tx, ticket=transaction.ticket, limit=100)
    found = {alert.id: alert for alert in (*at_window, *of_ticket)}
    return sorted(found.values(), key=lambda alert: (alert.interval.start, alert.id))


def _observations(
    tx: Read, transaction: Transaction, cameras: list[CameraId], start: datetime, end: datetime
) -> list[Observation]:
    """What the window's cameras saw at this window, and what they heard."""
    found = [
        seen
        for camera in cameras
        for seen in timeline.observations_between(tx, camera, start, end, SHOWN, MOST_OBSERVATIONS)
        if seen.window in (None, transaction.window)
    ]
    return sorted(found, key=lambda seen: (seen.interval.start, seen.camera, seen.kind))
