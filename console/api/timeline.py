"""What happened over a time, for the timeline: in buckets over a long time, fact by fact over a short one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from console.access import scope
from console.access.gate import may
from console.access.pacing import paced
from console.access.rates import Cost
from console.access.visitor import Visitor
from console.api.asked import From, Name, To, bounds
from console.api.timeline_lasting import lasting_of
from console.api.timeline_shapes import (
    CameraCoverage,
    CameraStretches,
    Neighbours,
    QueueMoment,
    TimelineFacts,
    TimelineOverview,
    TimelinePeriod,
)
from console.dependencies import Dependencies, Given
from console.replay import coverage
from hall.clock import to_microseconds
from hall.errors import NotFound, RequestRefused
from hall.interval import Interval
from hall.names import CameraId, HallId, WindowId
from hall.observing import ObservationKind
from hall.permissions import Permission
from hall.queueing import QueueEventType
from store import overview, queue_events, queueing, recording, timeline
from store.database import Read

router = APIRouter(tags=["timeline"])

Viewer = Annotated[Visitor, may(Permission.REPLAY)]

LONGEST_OVERVIEW = timedelta(days=400)
LONGEST_FACTS = timedelta(hours=4)
MOST_BUCKETS = 2000
MOST_GAPS = 300
"""Of one camera in an overview; the others are counted, and lower its share."""
MOST_FACTS = 5000
"""Of one kind."""
JOINED = timedelta(seconds=1)
"""Files that follow each other this closely are shown as one stretch."""
SHORT = timedelta(hours=1)
"""Up to here the sound level is told second by second, beyond it by the minute."""
SEEN = (
    ObservationKind.PRESENCE,
    ObservationKind.SPEECH,
    ObservationKind.VOICES,
    ObservationKind.MICROPHONE,
    ObservationKind.PICTURE,
)
SHOWN_EVENTS = frozenset(
    {
        QueueEventType.TICKET_CALLED,
        QueueEventType.TICKET_NO_SHOW,
        QueueEventType.TICKET_ON_HOLD,
        QueueEventType.TICKET_TRANSFERRED,
        QueueEventType.SERVICE_STARTED,
        QueueEventType.SERVICE_FINISHED,
        QueueEventType.STAFF_LOGGED_IN,
        QueueEventType.STAFF_LOGGED_OUT,
    }
)
"""What has no length and no lane of its own."""

Cameras = Annotated[list[Name] | None, Query(max_length=9)]
Windows = Annotated[list[Name] | None, Query(max_length=20)]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a timeline is about."""

    hall: HallId
    cameras: tuple[CameraId, ...]
    windows: tuple[WindowId, ...]


@router.get("/timeline", response_model=TimelineOverview, dependencies=[paced(Cost.SEARCHES)])
def read_overview(
    visitor: Viewer,
    given: Given,
    hall: Name | None = None,
    camera: Cameras = None,
    window: Windows = None,
    start: From = None,
    end: To = None,
    buckets: Annotated[int, Query(ge=1, le=MOST_BUCKETS)] = 500,
) -> TimelineOverview:
    """Cameras and windows of a hall over at most 400 days, in at most 2000 buckets.

    Without windows: those that the cameras show.
    """
    first, last = bounds(start, end, LONGEST_OVERVIEW)
    width = max(1, (to_microseconds(last) - to_microseconds(first)) // buckets)
    with given.database.read() as tx:
        shown = _shown(visitor, given, tx, hall, camera, window)
        cameras = [_coverage(tx, one, first, width, buckets, given.clock.now()) for one in shown.cameras]
        begun = alerts = None
        if visitor.may(Permission.SEARCH):
            begun = overview.transactions_begun(tx, shown.hall, shown.windows, first, width, buckets)
        if visitor.may(Permission.ALERTS):
            alerts = overview.alerts_begun(
                tx, shown.hall, shown.windows, shown.cameras, first, width, buckets
            )
        until = first + timedelta(microseconds=width * buckets)
        lasting = lasting_of(
            tx,
            shown.hall,
            shown.cameras,
            shown.windows,
            first,
            until,
            given.clock.now(),
            observed=visitor.may(Permission.BOARD),
        )
    _enter(given, visitor, shown)
    return TimelineOverview.model_validate(
        {
            "from": first,
            "to": until,
            "bucket_seconds": width / 1e6,
            "windows": list(shown.windows),
            "cameras": cameras,
            "transactions": begun,
            "alerts": alerts,
            "lasting": lasting,
        }
    )


@router.get("/timeline/facts", response_model=TimelineFacts, dependencies=[paced(Cost.SEARCHES)])
def read_facts(
    visitor: Viewer,
    given: Given,
    hall: Name | None = None,
    camera: Cameras = None,
    window: Windows = None,
    start: From = None,
    end: To = None,
) -> TimelineFacts:
    """Everything known of cameras and windows of a hall over at most four hours.

    Without windows: those that the cameras show.
    """
    first, last = bounds(start, end, LONGEST_FACTS)
    with given.database.read() as tx:
        shown = _shown(visitor, given, tx, hall, camera, window)
        facts = _facts(tx, visitor, shown, first, last)
    _enter(given, visitor, shown)
    return facts


@router.get("/transactions/{transaction}/neighbours", response_model=Neighbours)
def read_neighbours(
    visitor: Annotated[Visitor, may(Permission.SEARCH)], given: Given, transaction: Name
) -> Neighbours:
    """The transactions before and after one at its window; null where there is none."""
    with given.database.read() as tx:
        before, after = timeline.neighbours(tx, scope.transaction(visitor, tx, transaction))
    return Neighbours(previous=before, next=after)


def _shown(
    visitor: Visitor,
    given: Dependencies,
    tx: Read,
    asked_hall: str | None,
    asked_cameras: list[str] | None,
    asked_windows: list[str] | None,
) -> Shown:
    """What is asked for, if all of it is within reach and of one hall. Raises NotFound or RequestRefused."""
    if not asked_cameras and not asked_windows:
        raise RequestRefused("camera", "name a camera or a window")
    found = [scope.camera(visitor, given, tx, one) for one in dict.fromkeys(asked_cameras or ())]
    halls = {place.id for place, _ in found}
    place = scope.hall(visitor, given, tx, asked_hall or (found[0][0].id if found else None))
    if halls - {place.id}:
        raise RequestRefused("camera", "all cameras must be of one hall")
    known = {window.id for window in place.windows}
    wanted = [WindowId(one) for one in asked_windows or ()]
    for one in wanted:
        if one not in known:
            raise NotFound(f"window: there is no window '{one}'")
    windows = wanted or [window for _, camera in found for window in camera.windows]
    return Shown(place.id, tuple(camera.id for _, camera in found), tuple(dict.fromkeys(windows)))


def _coverage(
    tx: Read, camera: CameraId, first: datetime, width: int, buckets: int, now: datetime
) -> CameraCoverage:
    last = first + timedelta(microseconds=width * buckets)
    gaps = recording.gaps_between(tx, camera, first, last)
    spans = [(gap.interval.start, gap.interval.end or max(now, gap.interval.start)) for gap in gaps]
    holes = [(to_microseconds(begin), to_microseconds(end)) for begin, end in spans]
    lengths = [end - begin for begin, end in holes]
    long = sorted((index for index, length in enumerate(lengths) if length >= width), key=lengths.__getitem__)
    connected = overview.connected(tx, camera, first, last)
    start = to_microseconds(first)
    return CameraCoverage(
        camera=camera,
        recorded=coverage.shares(coverage.recorded(connected, holes), start, width, buckets),
        gaps_begun=coverage.counts([begin for begin, _ in holes], start, width, buckets),
        gaps=[gaps[index] for index in sorted(long[-MOST_GAPS:])],
    )


def _facts(tx: Read, visitor: Visitor, shown: Shown, first: datetime, last: datetime) -> TimelineFacts:
    level = ObservationKind.LEVEL if last - first <= SHORT else ObservationKind.MINUTE_LEVEL
    seen = (
        [
            one
            for camera in shown.cameras
            for one in timeline.observations_between(tx, camera, first, last, (*SEEN, level), MOST_FACTS)
            if one.window is None or one.window in shown.windows
        ]
        if visitor.may(Permission.BOARD)
        else []
    )
    periods, events = [], []
    if visitor.may(Permission.SEARCH):
        periods = timeline.periods_between(tx, shown.hall, shown.windows, first, last, MOST_FACTS)
        events = [
            event
            for window in shown.windows
            for event in queue_events.events_of_window(tx, shown.hall, window, first, last)
            if event.type in SHOWN_EVENTS
        ]
    statuses = [
        status
        for window in shown.windows
        for status in queueing.window_status_history(tx, shown.hall, window, first, last)
    ]
    alerts = (
        [
            alert
            for alert in timeline.alerts_between(
                tx, shown.hall, shown.windows, shown.cameras, first, last, MOST_FACTS
            )
            if scope.sees_alert(visitor, alert)
        ]
        if visitor.may(Permission.ALERTS)
        else []
    )
    kinds = (seen, periods, events, statuses, alerts)
    return TimelineFacts.model_validate(
        {
            "from": first,
            "to": last,
            "windows": list(shown.windows),
            "cameras": [_stretches(tx, camera, first, last) for camera in shown.cameras],
            "periods": [
                TimelinePeriod(period=period, ticket_number=number) for period, number in periods[:MOST_FACTS]
            ],
            "moments": [
                QueueMoment(at=event.at, type=event.type, window=event.window, ticket=event.ticket)
                for event in events[:MOST_FACTS]
                if event.window is not None
            ],
            "statuses": statuses[:MOST_FACTS],
            "alerts": alerts,
            "observations": seen[:MOST_FACTS],
            "whole": all(len(kind) < MOST_FACTS for kind in kinds),
        }
    )


def _stretches(tx: Read, camera: CameraId, first: datetime, last: datetime) -> CameraStretches:
    files = recording.recorded_between(tx, camera, first, last)
    joined: list[Interval] = []
    for span, _has_audio in files:
        before = joined[-1].end if joined else None
        if before is not None and span.start - before <= JOINED:
            joined[-1] = Interval(joined[-1].start, span.end)
        else:
            joined.append(span)
    return CameraStretches(
        camera=camera,
        recorded=joined,
        gaps=recording.gaps_between(tx, camera, first, last),
        sound=any(has_audio for _span, has_audio in files),
    )


def _enter(given: Dependencies, visitor: Visitor, shown: Shown) -> None:
    """One entry in five minutes, however far somebody pans and zooms: pictures have entries of their own."""
    about = [*(f"camera:{one}" for one in shown.cameras), *(f"window:{one}" for one in shown.windows)]
    given.trail.viewed(visitor, given.clock.now(), "view_timeline", about[0], " ".join(about[1:]))
