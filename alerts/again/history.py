"""Facts of the past, read from the store a stretch at a time, as the rules take them.

They are the facts as they are known now: a call that was told late is there from the beginning. Of disks, and
of how far analysis has come, only the present is kept, so they are not judged again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta

from alerts import excuses, sights
from alerts.desks import Desk
from alerts.facts import Facts, HallOutage, HallQueue, Outage, Post, Sight, Voices, Wait, WaitingArea
from alerts.matter_facts import CaseFile, Service
from hall.calendar import WorkCalendar
from hall.config import HallSettings
from hall.interval import Interval
from hall.names import CameraId, WindowId, ZoneId
from hall.observing import ObservationKind
from hall.place import Camera, Window, ZoneRole
from hall.roster import Duties
from store import calendar, cases, matters, observing, queueing, recording
from store.database import Database, Read

A_DAY = timedelta(days=1)
MOST = 100_000
"""Observations of a window, or tickets of a hall, in a stretch: more than one a second for a day."""


def days(hall: HallSettings, whole: Interval) -> Iterator[Interval]:
    """A closed interval cut at the hall's midnights, in order."""
    start, end, zone = whole.start, whole.end, hall.zone_info
    assert end is not None
    while start < end:
        next_day = start.astimezone(zone).date() + A_DAY
        midnight = datetime.combine(next_day, time(0), zone).astimezone(start.tzinfo)
        yield Interval(start, min(midnight, end))
        start = min(midnight, end)


def facts_of(database: Database, hall: HallSettings, stretch: Interval) -> Iterator[Facts]:
    """The facts of everything that can be judged in a closed stretch, one subject after the other.

    They reach back a day before it: a cause may have begun earlier, and further where a fact of that day did.
    """
    assert stretch.end is not None
    reach = Interval(stretch.start - A_DAY, stretch.end)
    with database.read() as tx:
        watermarks = observing.watermarks_now(tx)
        known = calendar.read(tx)
    hall = hall.with_calendar(known)
    staff: list[tuple[WindowId, tuple[Sight, ...]]] = []
    with database.read() as tx:
        duties = excuses.duties_around(tx, hall, reach.start, stretch.end)
        announced = excuses.announced_around(tx, hall.id, reach.start, stretch.end)
    for window in hall.windows:
        with database.read() as tx:
            post = _post(tx, hall, window, reach, watermarks)
        staff.append((window.id, post.sights))
        yield replace(post, duties=duties.get(window.id, Duties()), announcements=announced)
    people: tuple[Sight, ...] = ()
    if any(sights.counts_people(camera) for camera in hall.cameras):
        with database.read() as tx:
            area = _waiting_area(tx, hall, reach, watermarks)
        people = area.sights
        yield area
    with database.read() as tx:
        tickets = queueing.tickets_of(tx, hall.id, since=reach.start, until=stretch.end, limit=MOST)
    desks = _desks(database, hall, reach, duties)
    yield from (Wait(hall, ticket, desks) for ticket in tickets)
    yield HallQueue(hall, tuple(tickets), desks, people, reach.start, tuple(staff))
    yield from _matters(database, hall, known, reach)
    yield from _equipment(database, hall, reach, watermarks)


def _desks(
    database: Database, hall: HallSettings, reach: Interval, duties: Mapping[WindowId, Duties]
) -> tuple[Desk, ...]:
    """What the queue system told of every window."""
    assert reach.end is not None
    with database.read() as tx:
        return tuple(
            Desk(
                window,
                tuple(queueing.window_status_history(tx, hall.id, window.id, reach.start, reach.end)),
                duties.get(window.id, Duties()).on_leave(),
            )
            for window in hall.windows
        )


def _equipment(
    database: Database, hall: HallSettings, reach: Interval, watermarks: Mapping[CameraId, datetime]
) -> Iterator[Outage | HallOutage | Voices]:
    """The cameras, each and together, and the voices at windows and near cameras."""
    outages: list[Outage] = []
    voices: dict[tuple[WindowId | None, CameraId | None], list[Sight]] = {}
    for camera in hall.cameras:
        with database.read() as tx:
            picture, sound, raised = (
                _whole(tx, camera, kind, reach, watermarks)
                for kind in (ObservationKind.PICTURE, ObservationKind.MICROPHONE, ObservationKind.VOICES)
            )
            assert reach.end is not None
            gaps = tuple(recording.gaps_between(tx, camera.id, reach.start, reach.end))
        outages.append(Outage(hall, camera, gaps, picture, sound))
        if raised is not None:
            place = (camera.windows[0], None) if len(camera.windows) == 1 else (None, camera.id)
            voices.setdefault(place, []).append(raised)
    together = HallOutage(hall, tuple(outages))
    yield from (replace(outage, among=together) for outage in outages)
    yield together
    for (window, _), heard in voices.items():
        yield Voices(hall, tuple(heard), hall.window(window) if window is not None else None)


def _whole(
    tx: Read,
    camera: Camera,
    kind: ObservationKind,
    reach: Interval,
    watermarks: Mapping[CameraId, datetime],
) -> Sight | None:
    """What was observed of a whole camera."""
    assert reach.end is not None
    seen = observing.between(tx, reach.start, reach.end, camera=camera.id, kinds=[kind], limit=MOST)
    watched = watermarks.get(camera.id)
    return Sight(camera.id, ZoneId(""), tuple(seen), watched, camera.sample_every) if seen else None


def _matters(
    database: Database, hall: HallSettings, known: WorkCalendar, reach: Interval
) -> Iterator[Service | CaseFile]:
    """The transactions that began in a stretch, and the cases that were under way."""
    assert reach.end is not None
    with database.read() as tx:
        for handled in matters.recent(tx, hall.id, reach.start, reach.start):
            if handled.transaction.interval.start < reach.end:
                yield Service(hall, handled.transaction, handled.periods)
        for case in cases.running(tx, hall.id, reach.start):
            if case.accepted_at < reach.end:
                yield CaseFile(hall, case, known)


def _post(
    tx: Read, hall: HallSettings, window: Window, reach: Interval, watermarks: Mapping[CameraId, datetime]
) -> Post:
    assert reach.end is not None
    kinds = sights.AT_WINDOWS
    seen = observing.between(tx, reach.start, reach.end, window=window.id, kinds=kinds, limit=MOST)
    staff, customers = (
        sights.sights_of(hall, role, window.id, seen, watermarks, {})
        for role in (ZoneRole.STAFF, ZoneRole.CUSTOMER)
    )
    statuses = queueing.window_status_history(tx, hall.id, window.id, reach.start, reach.end)
    return Post(hall, window, tuple(statuses), staff, customers=customers)


def _waiting_area(
    tx: Read, hall: HallSettings, reach: Interval, watermarks: Mapping[CameraId, datetime]
) -> WaitingArea:
    assert reach.end is not None
    kinds = [ObservationKind.PEOPLE]
    seen = [
        each
        for camera in hall.cameras
        if sights.counts_people(camera)
        for each in observing.between(tx, reach.start, reach.end, camera=camera.id, kinds=kinds, limit=MOST)
    ]
    return WaitingArea(hall, sights.sights_of(hall, ZoneRole.WAITING, None, seen, watermarks, {}))
