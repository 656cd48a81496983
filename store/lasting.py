"""How long each state lasted within every hour and day: kept with each fact that is over.

A day holds thousands of observations of one camera, so what a month was like is not read from them. Of each
kind, camera and zone observations follow each other without end, and one that is over never changes: it is
added when it ends. A state of a window that is superseded is taken out again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from hall.clock import to_microseconds
from hall.names import CameraId, HallId, WindowId
from hall.observing import Observation, ObservationKind
from hall.queueing import WindowStatus
from store.database import Read, Write

HOUR_US = 3600 * 1_000_000
DAY_US = 24 * HOUR_US
"""Days of UTC."""
UNITS = (HOUR_US, DAY_US)
STATE = "state"
"""The kind under which the states of a window stand."""
NOBODY = ""
"""In the place of a camera, a window or a zone: it is of none."""
KINDS = frozenset(
    {
        ObservationKind.PRESENCE,
        ObservationKind.SPEECH,
        ObservationKind.VOICES,
        ObservationKind.MINUTE_LEVEL,
    }
)
"""Of which observations it is kept how long they lasted."""

_ADD = text(
    "INSERT INTO lasting "
    '(camera, kind, hall, "window", unit_us, start_us, zone, state, lasting_us, energy, highest) '
    "VALUES (:camera, :kind, :hall, :window, :unit, :start, :zone, :state, :lasting, :energy, :highest) "
    'ON CONFLICT (camera, kind, hall, "window", unit_us, start_us, zone, state) DO UPDATE SET '
    "lasting_us = lasting.lasting_us + excluded.lasting_us, energy = lasting.energy + excluded.energy, "
    "highest = CASE WHEN lasting.highest IS NULL OR excluded.highest > lasting.highest "
    "THEN excluded.highest ELSE lasting.highest END"
)


@dataclass(frozen=True, slots=True)
class Part:
    """How long a state lasted within an hour or a day that begins at `start_us`, in microseconds.

    Of sound levels `energy` is their power in relation to 0 dB times microseconds, so that the mean level is
    10 lg(energy / lasting) (IEC 61672-1, equivalent level), and `highest` the highest of whole minutes in dB.
    """

    camera: str
    kind: str
    window: str
    zone: str
    start_us: int
    state: str
    lasting_us: int
    energy: float = 0.0
    highest: float | None = None


def parts_of(first_us: int, until_us: int, unit_us: int) -> Iterator[tuple[int, int]]:
    """The hours or days that a time reaches into: where each begins and how much of it, in microseconds."""
    start = first_us // unit_us * unit_us
    while start < until_us:
        yield start, min(until_us, start + unit_us) - max(first_us, start)
        start += unit_us


def power_of(decibels: float) -> float:
    """The power of a level in relation to that of 0 dB."""
    return float(10.0 ** (decibels / 10.0))


def seen(tx: Write, hall: HallId, observation: Observation, end: datetime) -> None:
    """Add an observation that ended."""
    if observation.kind not in KINDS:
        return
    first_us, until_us = to_microseconds(observation.interval.start), to_microseconds(end)
    level = observation.measure if observation.kind is ObservationKind.MINUTE_LEVEL else None
    _add(
        tx,
        [
            {
                "camera": observation.camera,
                "kind": observation.kind.value,
                "hall": hall,
                "window": observation.window or NOBODY,
                "unit": unit,
                "start": start,
                "zone": observation.zone or NOBODY,
                "state": observation.state,
                "lasting": lasting,
                "energy": 0.0 if level is None else lasting * power_of(level),
                "highest": level,
            }
            for unit in UNITS
            for start, lasting in parts_of(first_us, until_us, unit)
        ],
    )


def stood(tx: Write, statuses: Iterable[WindowStatus], sign: int = 1) -> None:
    """Add states of windows that are over, or (`sign` -1) take them out again; what goes on is left."""
    _add(
        tx,
        [
            {
                "camera": NOBODY,
                "kind": STATE,
                "hall": status.hall,
                "window": status.window,
                "unit": unit,
                "start": start,
                "zone": NOBODY,
                "state": status.state.value,
                "lasting": sign * lasting,
                "energy": 0.0,
                "highest": None,
            }
            for status in statuses
            if status.interval.end is not None
            for unit in UNITS
            for start, lasting in parts_of(
                to_microseconds(status.interval.start), to_microseconds(status.interval.end), unit
            )
        ],
    )


def kept(
    tx: Read,
    hall: HallId,
    cameras: Collection[CameraId],
    windows: Collection[WindowId],
    kinds: Collection[str],
    unit_us: int,
    first_us: int,
    until_us: int,
) -> list[Part]:
    """What is known of the hours or days from `first_us` on, of cameras, and of the states of windows.

    What goes on still is not in it. Of a camera, only what it showed of these windows or of none.
    """
    found: list[Part] = []
    asked: dict[str, Any] = {"hall": hall, "unit": unit_us, "first": first_us, "until": until_us}
    about = [(camera, kind, windows) for camera in cameras for kind in sorted(kinds) if kind != STATE]
    if STATE in kinds and windows:
        about.append((CameraId(NOBODY), STATE, windows))
    for camera, kind, shown in about:
        names = [*shown, *([NOBODY] if kind != STATE else [])]
        marks = {f"w{n}": name for n, name in enumerate(names)}
        listed = ", ".join(f":{mark}" for mark in marks)
        query = text(
            'SELECT "window", zone, start_us, state, lasting_us, energy, highest FROM lasting '  # noqa: S608 - names
            f'WHERE camera = :camera AND kind = :kind AND hall = :hall AND "window" IN ({listed}) '
            "AND unit_us = :unit AND start_us >= :first AND start_us < :until AND lasting_us > 0"
        )
        rows = tx.connection.execute(query, {**asked, **marks, "camera": camera, "kind": kind})
        found += [Part(camera, kind, *row) for row in rows]
    return found


def _add(tx: Write, rows: list[dict[str, Any]]) -> None:
    if rows:
        tx.connection.execute(_ADD, rows)
