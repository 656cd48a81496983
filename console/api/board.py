"""The board: a hall as it stands, at a seq that the push goes on from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter

from console.access import scope
from console.access.gate import may
from console.access.visitor import Visitor
from console.api.asked import Name
from console.api.places import camera_health
from console.api.shapes import Board, BoardSight, BoardWindow, Waiting
from console.dependencies import Given
from hall.config import HallSettings
from hall.fused_presence import View, fused
from hall.names import AlertId, CameraId, StaffId, WindowId, ZoneId
from hall.observing import UNKNOWN, Observation, ObservationKind, Presence
from hall.permissions import Permission
from hall.place import Staff, Unit, Window
from hall.queueing import PauseReason, Ticket, TicketStatus, WindowStatus
from hall.rule import StaffedRule, WatchedRule
from store import alerting, journal, observing, queueing

router = APIRouter(tags=["board"])

SHOWN_WITHIN = timedelta(days=1)
"""How far back it is looked up when a zone showed somebody last."""


@router.get("/board", response_model=Board)
def read_board(
    visitor: Annotated[Visitor, may(Permission.BOARD)], given: Given, hall: Name | None = None
) -> Board:
    """A hall (by default the first) at one moment; what changes afterwards is pushed after `seq`."""
    now = given.clock.now()
    with given.database.read() as tx:
        seq = journal.last_seq(tx)
        settings = scope.hall(visitor, given, tx, hall)
        statuses = queueing.window_statuses_now(tx, settings.id)
        observations = observing.current(tx, settings.id)
        standing = alerting.standing_alerts(tx, settings.id) if visitor.may(Permission.ALERTS) else []
        alerts = [alert for alert in standing if scope.sees_alert(visitor, alert)]
        cameras = camera_health(tx, settings)
        waiting = queueing.tickets_of(
            tx, settings.id, statuses=[TicketStatus.WAITING], since=start_of_day(settings, now)
        )
        windows = [window.id for window in settings.windows]
        shown = observing.last_on_post(tx, windows, now - SHOWN_WITHIN, now)
        for one in observations:
            if one.kind is ObservationKind.PRESENCE and one.zone and one.state == Presence.ON_POST:
                shown[one.camera, one.zone] = now  # whenever that began
    stale_before = now - _stale_after(settings)
    seen = {camera.camera: camera.last_seen for camera in cameras}
    showing = settings.cameras_by_window()
    # Told apart once: to look for each window through all of them takes longer than all else.
    at_windows = _by_window(observations)
    about_windows: dict[WindowId | None, list[AlertId]] = {}
    for alert in alerts:
        about_windows.setdefault(alert.subject.window, []).append(alert.id)
    units = {unit.id: unit for unit in settings.units}
    staff = {person.id: person for person in settings.staff}
    periods = {camera.id: camera.sample_every for camera in settings.cameras}
    rights = visitor.rights
    return Board(
        seq=seq,
        at=now,
        hall=settings.id,
        windows=[
            _window(
                window,
                units[window.unit],
                staff,
                statuses.get(window.id),
                _sights_of(periods, at_windows.get(window.id, ()), seen, shown, stale_before),
                about_windows.get(window.id, []),
                [one for one in showing.get(window.id, ()) if rights.sees_camera(one)],
            )
            for window in settings.windows
        ],
        waiting=waiting_now(waiting, observations),
        alerts=alerts,
        cameras=[camera for camera in cameras if rights.sees_camera(camera.camera)],
        allowed_pauses=allowed_pauses(settings),
    )


def allowed_pauses(hall: HallSettings) -> dict[PauseReason, float]:
    """How long a pause may last by its reason: the shortest that a rule in force permits."""
    staffed = [rule for rule in hall.rules if rule.enabled and isinstance(rule, StaffedRule)]
    permitted = {reason for rule in staffed for reason in rule.allowed_pauses}
    return {
        reason: min(rule.allowed_pauses[reason] for rule in staffed if reason in rule.allowed_pauses)
        for reason in sorted(permitted)
    }


def start_of_day(hall: HallSettings, now: datetime) -> datetime:
    """The midnight with which the hall's present day began: tickets of earlier days wait no more."""
    return datetime.combine(now.astimezone(hall.zone_info).date(), time(0), hall.zone_info)


def _by_window(observations: Iterable[Observation]) -> dict[WindowId, list[Observation]]:
    """What staff zones show, by the window that they belong to."""
    found: dict[WindowId, list[Observation]] = {}
    for one in observations:
        if one.kind is ObservationKind.PRESENCE and one.window is not None and one.zone is not None:
            found.setdefault(one.window, []).append(one)
    return found


def _sights_of(
    periods: dict[CameraId, float],
    observations: Iterable[Observation],
    seen: dict[CameraId, datetime | None],
    shown: dict[tuple[CameraId, ZoneId], datetime],
    stale_before: datetime,
) -> list[BoardSight]:
    """What each staff zone of a window shows: `observations` of these zones.

    `periods` are the seconds from one look of a camera to the next, `seen` when it was examined last.
    """
    sights: list[BoardSight] = []
    for one in observations:
        if one.zone is None:
            continue
        last, on_post = seen.get(one.camera), shown.get((one.camera, one.zone))
        is_stale = last is None or last < stale_before
        if is_stale and last is not None and on_post is not None:
            on_post = min(on_post, last)
        sights.append(
            BoardSight(
                camera=one.camera,
                zone=one.zone,
                presence=Presence.UNKNOWN if is_stale else Presence(one.state),
                since=(last or one.interval.start) if is_stale else one.interval.start,
                last_on_post=on_post,
                sample_every=periods.get(one.camera, 2.0),
                is_stale=is_stale,
            )
        )
    return sights


def presence_of(sights: Sequence[BoardSight]) -> tuple[Presence, datetime] | None:
    """What the staff zones of one window say together, and since when; None when there are none.

    Unknown is since the last of them went blind.
    """
    if not sights:
        return None
    together = fused([View(one.presence, one.last_on_post, one.sample_every) for one in sights])
    saying = [one.since for one in sights if one.presence is together]
    return together, max(saying) if together is Presence.UNKNOWN else min(saying)


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
    limits = [rule.stale_seconds for rule in hall.rules if isinstance(rule, WatchedRule)]
    return timedelta(seconds=min(limits, default=30.0))


def _window(
    window: Window,
    unit: Unit,
    staff: dict[StaffId, Staff],
    status: WindowStatus | None,
    sights: list[BoardSight],
    alerts: list[AlertId],
    cameras: list[CameraId],
) -> BoardWindow:
    presence = presence_of(sights)
    serving = status.staff if status is not None else None
    return BoardWindow(
        window=window,
        unit=unit,
        status=status,
        staff=staff.get(serving) if serving is not None else None,
        presence=presence[0] if presence else None,
        presence_since=presence[1] if presence else None,
        sights=sights,
        alerts=alerts,
        cameras=cameras,
    )
