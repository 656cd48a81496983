"""Transactions: finding them, with everything that belongs to them, and replaying one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from console.halls import Halls, Showing
from hall.errors import NotFound
from hall.names import CameraId, StaffId, TicketId, TransactionId, WindowId
from hall.observing import Observation, ObservationKind
from hall.permissions import Permission
from hall.queueing import Ticket, Transaction
from store import footage, queueing, timeline, transaction_parts
from store.database import Read
from store.footage import Files, Stretch
from store.transaction_parts import Lasting

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
        items = details_of(tx, visitor, given.halls, found[:limit], now)
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
        shown = _cameras(visitor, given.halls.showing(tx), found)
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
    return details_of(tx, visitor, halls, [transaction], now)[0]


def details_of(
    tx: Read, visitor: Visitor, halls: Halls, found: Sequence[Transaction], now: datetime
) -> list[TransactionDetail]:
    """The same of each transaction of a page, in their order; raises NotFound when one has no ticket.

    A statement of each kind for the whole page: what a list costs does not grow by a dozen a row.
    """
    tickets = transaction_parts.tickets_of_all(tx, found)
    periods = transaction_parts.periods_of_all(tx, found)
    looked_at = [Lasting(one, *replay_bounds(one, now)) for one in found]
    sees_alerts, replays = visitor.may(Permission.ALERTS), visitor.may(Permission.REPLAY)
    alerts = transaction_parts.alerts_of_all(tx, looked_at) if sees_alerts else [[] for _ in found]
    showing = halls.showing(tx)
    cameras = [_cameras(visitor, showing, one) if replays else () for one in found]
    stretches = [
        Stretch(camera, one.start, one.end)
        for one, shown in zip(looked_at, cameras, strict=True)
        for camera in shown
    ]
    records = iter(footage.files(tx, stretches))
    return [
        TransactionDetail(
            transaction=transaction,
            ticket=_ticket(tickets, transaction),
            periods=periods[transaction.id],
            alerts=[alert for alert in beside if scope.sees_alert(visitor, alert)],
            cameras=[_record(camera, next(records)) for camera in shown],
        )
        for transaction, beside, shown in zip(found, alerts, cameras, strict=True)
    ]


def _ticket(tickets: Mapping[TicketId, Ticket], transaction: Transaction) -> Ticket:
    found = tickets.get(transaction.ticket)
    if found is None:
        raise NotFound(f"there is no ticket {transaction.ticket}")
    return found


def _record(camera: CameraId, files: Files) -> CameraRecord:
    segments = [SegmentView.of(one) for one in files.segments]
    return CameraRecord(camera=camera, segments=segments, gaps=list(files.gaps))


def _cameras(visitor: Visitor, showing: Showing, transaction: Transaction) -> tuple[CameraId, ...]:
    """The cameras that show the window of a transaction, as far as the visitor's rights reach."""
    shown = showing.get((transaction.hall, transaction.window), ())
    return tuple(camera for camera in shown if visitor.rights.sees_camera(camera))


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
