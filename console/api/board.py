"""The board: a hall as it stands, at a seq that the push goes on from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta

from fastapi import APIRouter

from console.access.gate import Officer
from console.api.asked import Name
from console.api.places import camera_health
from console.api.shapes import Board, BoardWindow, CameraHealth, Waiting
from console.dependencies import Given
from hall.config import HallSettings
from hall.finding import AbsenceRule, Alert
from hall.observing import UNKNOWN, Observation, ObservationKind, Presence
from hall.place import Window
from hall.queueing import Ticket, TicketStatus, WindowStatus
from store import alerting, journal, observing, queueing

router = APIRouter(tags=["board"])

STRONGEST_FIRST = (Presence.ON_POST, Presence.LEAVING, Presence.ABSENT, Presence.UNKNOWN)
"""A person seen by one camera is on post, whatever another camera fails to see."""


@router.get("/board", response_model=Board)
def read_board(_visitor: Officer, given: Given, hall: Name | None = None) -> Board:
    """A hall (by default the first) at one moment; what changes afterwards is pushed after `seq`."""
    now = given.clock.now()
    with given.database.read() as tx:
        seq = journal.last_seq(tx)
        settings = given.halls.hall(tx, hall)
        statuses = queueing.window_statuses_now(tx, settings.id)
        observations = observing.current(tx, settings.id)
        alerts = alerting.standing_alerts(tx, settings.id)
        cameras = camera_health(tx, settings)
        waiting = queueing.tickets_of(
            tx, settings.id, statuses=[TicketStatus.WAITING], since=start_of_day(settings, now)
        )
    stale_after = _stale_after(settings)
    return Board(
        seq=seq,
        at=now,
        hall=settings.id,
        windows=[
            _window(
                settings, window, statuses.get(window.id), observations, alerts, cameras, now - stale_after
            )
            for window in settings.windows
        ],
        waiting=waiting_now(waiting, observations),
        alerts=alerts,
        cameras=cameras,
    )


def start_of_day(hall: HallSettings, now: datetime) -> datetime:
    """The midnight with which the hall's present day began: tickets of earlier days wait no more."""
    return datetime.combine(now.astimezone(hall.zone_info).date(), time(0), hall.zone_info)


def presence_of(observations: Iterable[Observation]) -> tuple[Presence, datetime] | None:
    """What the cameras of one window say together, and since when; None when none says anything."""
    said = [(Presence(seen.state), seen.interval.start) for seen in observations]
    if not said:
        return None
    return min(said, key=lambda one: (STRONGEST_FIRST.index(one[0]), one[1]))


def waiting_now(tickets: Sequence[Ticket], observations: Iterable[Observation]) -> Waiting:
    """Who waits; `people` is None when no camera counts."""
    counts = [
        seen.measure
        for seen in observations
        if seen.kind is ObservationKind.PEOPLE and seen.state != UNKNOWN and seen.measure is not None
    ]
    return Waiting(
        tickets=len(tickets),
        longest_since=min((ticket.waiting_since for ticket in tickets), default=None),
        people=sum(counts) if counts else None,
    )


def _stale_after(hall: HallSettings) -> timedelta:
    limits = [rule.stale_seconds for rule in hall.rules if isinstance(rule, AbsenceRule)]
    return timedelta(seconds=min(limits, default=30.0))


def _window(
    hall: HallSettings,
    window: Window,
    status: WindowStatus | None,
    observations: Sequence[Observation],
    alerts: Sequence[Alert],
    cameras: Sequence[CameraHealth],
    stale_before: datetime,
) -> BoardWindow:
    seen = {camera.camera: camera.last_seen for camera in cameras}
    watching = [
        one for one in observations if one.kind is ObservationKind.PRESENCE and one.window == window.id
    ]
    presence = presence_of(
        one for one in watching if (last := seen.get(one.camera)) is not None and last >= stale_before
    )
    if presence is None and watching:
        # Analysis has not looked for a while: what it last said holds no more.
        blind_since = max((last for one in watching if (last := seen.get(one.camera))), default=None)
        presence = (Presence.UNKNOWN, blind_since or max(one.interval.start for one in watching))
    staff = status.staff if status is not None else None
    return BoardWindow(
        window=window,
        unit=next(unit for unit in hall.units if unit.id == window.unit),
        status=status,
        staff=next((person for person in hall.staff if person.id == staff), None),
        presence=presence[0] if presence else None,
        presence_since=presence[1] if presence else None,
        alerts=[alert.id for alert in alerts if alert.subject.window == window.id],
        cameras=list(hall.cameras_of(window.id)),
    )
