"""Observations: stored on change, one open interval per kind, camera and zone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from hall.clock import from_microseconds, to_microseconds
from hall.interval import Interval
from hall.journal import FactKind
from hall.names import CameraId, HallId, WindowId, ZoneId
from hall.observing import Observation, ObservationKind, Presence
from store import journal, lasting
from store.database import Read, Write
from store.rows import interval, optional_microseconds
from store.tables import LONG_OBSERVATION, LONG_OBSERVATION_US, observations, watermarks

MOST_NAMES = 500
"""In one statement."""

# Put together once: these are asked many times a second, and putting a statement together costs more than
# executing it.
_WATERMARKS = select(func.count()).select_from(watermarks)
_WATERMARKS_OF = select(watermarks).where(watermarks.c.camera.in_(bindparam("names", expanding=True)))
_WATCHED_UNTIL = select(watermarks).where(watermarks.c.seen_us <= bindparam("at_us"))


def change(tx: Write, hall: HallId, observation: Observation) -> None:
    """The new observation takes over from the open one of the same kind, camera and zone.

    The old one ends where the new one starts. A start before the old one's start (a correction by a
    slower judge) is moved up to it: what was stated stays stated.
    """
    is_open = (
        (observations.c.kind == observation.kind.value)
        & (observations.c.camera == observation.camera)
        & (observations.c.zone == (observation.zone or ""))
        & observations.c.end_us.is_(None)
    )
    row = tx.connection.execute(select(observations).where(is_open)).first()
    if row is not None:
        boundary = max(to_microseconds(observation.interval.start), row.start_us)
        tx.connection.execute(update(observations).where(observations.c.id == row.id).values(end_us=boundary))
        ended = observation_of_row(row)
        lasting.seen(tx, HallId(row.hall), ended, from_microseconds(boundary))
        observation = replace(
            observation, interval=Interval(from_microseconds(boundary), observation.interval.end)
        )
    tx.connection.execute(
        insert(observations).values(
            hall=hall,
            kind=observation.kind.value,
            camera=observation.camera,
            zone=observation.zone or "",
            window=observation.window,
            start_us=to_microseconds(observation.interval.start),
            end_us=optional_microseconds(observation.interval.end),
            state=observation.state,
            measure=observation.measure,
            confidence=observation.confidence,
            source=observation.source,
        )
    )
    if observation.interval.end is not None:
        lasting.seen(tx, hall, observation, observation.interval.end)
    journal.append(tx, FactKind.OBSERVATION, hall, observation.interval.start, observation)


def current(tx: Read, hall: HallId | None = None) -> list[Observation]:
    """The observations that hold now."""
    query = select(observations).where(observations.c.end_us.is_(None))
    # Not by that of the long ones, many of which are over.
    query = query.with_hint(observations, "INDEXED BY uq_observations_open", "sqlite")
    if hall is not None:
        query = query.where(observations.c.hall == hall)
    return [observation_of_row(row) for row in tx.connection.execute(query)]


def going_on(
    tx: Read, cameras: Collection[CameraId], kinds: Collection[ObservationKind]
) -> list[Observation]:
    """What some cameras show now, of some kinds."""
    query = select(observations).where(
        observations.c.kind.in_(sorted(kind.value for kind in kinds)),
        observations.c.camera.in_(sorted(cameras)),
        observations.c.end_us.is_(None),
    )
    query = query.with_hint(observations, "INDEXED BY uq_observations_open", "sqlite")
    return [observation_of_row(row) for row in tx.connection.execute(query)]


def between(
    tx: Read,
    start: datetime,
    end: datetime,
    *,
    camera: CameraId | None = None,
    window: WindowId | None = None,
    kinds: Collection[ObservationKind] | None = None,
    cameras: Collection[CameraId] | None = None,
    limit: int = 5000,
) -> list[Observation]:
    """The observations that overlap `[start, end)` by their start; those without length are left out."""
    query = _between(camera is not None, window is not None, None if kinds is None else frozenset(kinds))
    if cameras is not None:
        query = query.where(observations.c.camera.in_(cameras))
    values = {
        "start_us": to_microseconds(start),
        "end_us": to_microseconds(end),
        "most": limit,
        "camera": camera,
        "window": window,
    }
    asked = {name: value for name, value in values.items() if value is not None}
    return [observation_of_row(row) for row in tx.connection.execute(query, asked)]


@cache
def _between(
    by_camera: bool, by_window: bool, kinds: frozenset[ObservationKind] | None
) -> Select[tuple[Any, ...]]:
    """Put together once each: asked at each change of a window, and that takes longer than executing.

    Those that reach beyond `start_us` are found by their ends, the long ones beyond the end of others by an
    index of theirs: neither what a camera ever saw before is read, nor what it saw long after.
    """
    end_us = observations.c.end_us
    conditions = []
    if by_camera:
        conditions.append(observations.c.camera == bindparam("camera"))
    if by_window:
        conditions.append(observations.c.window == bindparam("window"))
    reaching = [*conditions, end_us > bindparam("start_us")]
    soon = end_us < bindparam("end_us") + LONG_OBSERVATION_US
    ending = select(observations.c.id).where(*reaching, soon)
    long = select(observations.c.id).where(*reaching, LONG_OBSERVATION)
    if by_camera != by_window:
        place = "camera" if by_camera else "window"
        long = long.with_hint(observations, f"INDEXED BY ix_observations_long_{place}_end", "sqlite")
    lasting = select(observations.c.id).where(*conditions, end_us.is_(None))
    query = (
        select(observations)
        .where(
            observations.c.id.in_(ending.union_all(long, lasting)),
            observations.c.start_us < bindparam("end_us"),
            end_us.is_(None) | (end_us > observations.c.start_us),
        )
        .order_by(observations.c.start_us, observations.c.id)
        .limit(bindparam("most"))
    )
    if kinds is not None:
        query = query.where(observations.c.kind.in_(sorted(kind.value for kind in kinds)))
    return query


def last_on_post(
    tx: Read, windows: Collection[WindowId], since: datetime, now: datetime
) -> dict[tuple[CameraId, ZoneId], datetime]:
    """Per camera and staff zone of the windows the last moment that showed somebody, where that is known.

    Of stays that began from `since` on; at most `now`, where somebody is there still.
    """
    until = func.max(func.coalesce(observations.c.end_us, to_microseconds(now)))
    query = (
        select(observations.c.camera, observations.c.zone, until.label("until_us"))
        .where(
            observations.c.window.in_(windows),
            observations.c.kind == ObservationKind.PRESENCE.value,
            observations.c.state == Presence.ON_POST.value,
            observations.c.start_us.between(to_microseconds(since), to_microseconds(now)),
        )
        .group_by(observations.c.camera, observations.c.zone)
    )
    return {
        (CameraId(row.camera), ZoneId(row.zone)): from_microseconds(row.until_us)
        for row in tx.connection.execute(query)
    }


def watched(tx: Write, camera: CameraId, at: datetime) -> None:
    """Note when a picture of the camera was last examined. Never moves back; no journal entry."""
    all_watched(tx, {camera: at})


def all_watched(tx: Write, moments: Mapping[CameraId, datetime]) -> None:
    """`watched` for many cameras at once: as one statement, which holds other writers up a tenth as long."""
    if not moments:
        return
    kind = postgresql.insert if tx.connection.dialect.name == "postgresql" else sqlite.insert
    statement = kind(watermarks)
    tx.connection.execute(
        statement.on_conflict_do_update(
            index_elements=[watermarks.c.camera],
            set_={"seen_us": statement.excluded.seen_us},
            where=watermarks.c.seen_us < statement.excluded.seen_us,
        ),
        [{"camera": camera, "seen_us": to_microseconds(at)} for camera, at in moments.items()],
    )


def watermarks_now(tx: Read) -> dict[CameraId, datetime]:
    """Per camera the last moment at which a picture of it was examined."""
    return {
        CameraId(row.camera): from_microseconds(row.seen_us)
        for row in tx.connection.execute(select(watermarks))
    }


def watermarks_of(tx: Read, cameras: Collection[CameraId]) -> dict[CameraId, datetime]:
    """The watermarks of some cameras; those without one are left out."""
    found: dict[CameraId, datetime] = {}
    wanted = list(cameras)
    for first in range(0, len(wanted), MOST_NAMES):
        names = wanted[first : first + MOST_NAMES]
        rows = tx.connection.execute(_WATERMARKS_OF, {"names": names})
        found.update({CameraId(camera): from_microseconds(seen) for camera, seen in rows})
    return found


def watched_until(tx: Read, at: datetime) -> dict[CameraId, datetime]:
    """The watermarks of cameras of which no picture was examined after `at`."""
    rows = tx.connection.execute(_WATCHED_UNTIL, {"at_us": to_microseconds(at)})
    return {CameraId(camera): from_microseconds(seen) for camera, seen in rows}


def count_watermarks(tx: Read) -> int:
    """How many cameras have been watched ever."""
    return int(tx.connection.execute(_WATERMARKS).scalar_one())


def observation_of_row(row: Row[Any]) -> Observation:
    """The observation of a row."""
    return Observation(
        kind=ObservationKind(row.kind),
        camera=CameraId(row.camera),
        zone=ZoneId(row.zone) if row.zone else None,
        window=WindowId(row.window) if row.window is not None else None,
        interval=interval(row.start_us, row.end_us),
        state=row.state,
        measure=row.measure,
        confidence=row.confidence,
        source=row.source,
    )
