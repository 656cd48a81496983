"""Facts of the past, read from the store a stretch at a time, as the rules take them.

They are the facts as they are known now: a call that was told late is there from the beginning. Of disks only
the present is kept, so they are not judged again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta

from alerts.facts import Facts, Outage, Post, Sight, Wait
from hall.config import HallSettings
from hall.interval import Interval
from hall.names import CameraId
from hall.observing import ObservationKind
from hall.place import Window, ZoneRole
from store import observing, queueing, recording
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
    for window in hall.windows:
        with database.read() as tx:
            yield _post(tx, hall, window, reach, watermarks)
    with database.read() as tx:
        tickets = queueing.tickets_of(tx, hall.id, since=reach.start, until=stretch.end, limit=MOST)
    yield from (Wait(hall, ticket) for ticket in tickets)
    for camera in hall.cameras:
        with database.read() as tx:
            yield Outage(hall, camera, tuple(recording.gaps_between(tx, camera.id, reach.start, stretch.end)))


def _post(
    tx: Read, hall: HallSettings, window: Window, reach: Interval, watermarks: Mapping[CameraId, datetime]
) -> Post:
    assert reach.end is not None
    presences = observing.between(
        tx, reach.start, reach.end, window=window.id, kinds=[ObservationKind.PRESENCE], limit=MOST
    )
    sights = tuple(
        Sight(
            camera.id,
            zone.id,
            tuple(seen for seen in presences if (seen.camera, seen.zone) == (camera.id, zone.id)),
            watermarks.get(camera.id),
            camera.sample_every,
        )
        for camera in hall.cameras
        for zone in camera.zones
        if zone.role is ZoneRole.STAFF and zone.window == window.id
    )
    statuses = queueing.window_status_history(tx, hall.id, window.id, reach.start, reach.end)
    return Post(hall, window, tuple(statuses), sights)
