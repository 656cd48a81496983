"""What the timeline of a hall at size is made of: connections, events of the queue, and a year of two places.

The record at size is some weeks long. Two cameras and their windows have, before it, a year of what is stored
on change: presence, speech, the level of every minute, how the window stood.
"""

# ruff: noqa: S608 - all that is put into the statements are numbers and texts of this module

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

from benchmarks.filled_hall import BEGIN, DAY, SECOND, SEGMENT_SECONDS, WORKING_SECONDS, Size, digits
from hall.clock import to_microseconds
from hall.names import HallId
from hall.queueing import QueueEvent, QueueEventType
from store import lasting

HALL = HallId("h")
YEAR_DAYS = 365
LONG_PLACES = 2
"""Cameras and windows, the first of each, of which there is a whole year."""
PRESENCE_EVERY, SPEECH_EVERY, STATE_EVERY = 600 * SECOND, 120 * SECOND, 300 * SECOND
LOUDEST, QUIETEST = -20.0, -60.0


def timeline_statements(size: Size, moment: str, *, with_year: bool) -> Iterator[str]:
    """SQL over the table `numbers`. `moment` is that for a time as JSON has it, of the column `start_us`."""
    yield _runs(size)
    yield _called(moment)
    if with_year:
        yield from _year(size)


def lasting_statements() -> Iterator[str]:
    """What the product adds up as observations and states end; each counts for the hour in which it began."""
    columns = 'camera, kind, hall, "window", unit_us, start_us, zone, state, lasting_us, energy, highest'
    into, power = f"INSERT INTO lasting ({columns})", lasting.power_of(QUIETEST)
    kinds = ", ".join(f"'{kind.value}'" for kind in sorted(lasting.KINDS))
    for unit in lasting.UNITS:
        start = f"start_us - start_us % {unit}"
        yield f"""
{into} SELECT camera, kind, hall, coalesce("window", ''), {unit}, {start}, zone, state,
    SUM(end_us - start_us),
    SUM(CASE WHEN measure IS NULL THEN 0 ELSE (end_us - start_us) * {power} END), MAX(measure)
FROM observations WHERE end_us > start_us AND kind IN ({kinds})
GROUP BY camera, kind, hall, coalesce("window", ''), {start}, zone, state"""
        yield f"""
{into} SELECT '', '{lasting.STATE}', hall, "window", {unit}, {start}, '', state,
    SUM(end_us - start_us), 0, NULL
FROM window_statuses WHERE end_us > start_us AND superseded_us IS NULL
GROUP BY hall, "window", {start}, state"""


def year_start_us(size: Size) -> int:
    """When the year of the first places begins: it ends with the record."""
    return to_microseconds(BEGIN + timedelta(days=size.days - YEAR_DAYS))


def _runs(size: Size) -> str:
    """A connection of each camera a day, as its segments name it."""
    start = f"{to_microseconds(BEGIN)} + d.n * {DAY}"
    last = to_microseconds(BEGIN) + size.per_camera * SEGMENT_SECONDS * SECOND
    end = f"CASE WHEN {start} + {DAY} < {last} THEN {start} + {DAY} ELSE {last} END"
    return f"""
INSERT INTO runs (id, hall, camera, start_us, end_us, ended_because, tracks)
SELECT 'cam-' || {digits("c.n", 4)} || '-2026' || {digits("d.n", 4)} || 'T000000000000Z', '{HALL}',
    'cam-' || {digits("c.n", 4)}, {start}, {end}, 'offline', '[]'
FROM numbers AS d CROSS JOIN numbers AS c WHERE d.n < {size.days} AND c.n < {size.cameras}"""


def _called(moment: str) -> str:
    """One event of the queue for each transaction: that its ticket was called."""
    event = QueueEvent(id="@id", hall=HALL, at=BEGIN, type=QueueEventType.TICKET_CALLED, ticket="A1")
    body = json.loads(event.model_dump_json()) | {"at": "@at", "window": "@window", "ticket": "@ticket"}
    text = "'" + json.dumps(body) + "'"
    values = {"@id": "id", "@window": '"window"', "@ticket": "ticket_number", "@at": moment}
    for name, value in values.items():
        text = f"replace({text}, '{name}', {value})"
    return f"""
INSERT INTO queue_events (hall, id, at_us, received_us, "window", ticket, body)
SELECT hall, id, start_us, start_us + {SECOND}, "window", ticket_number, {text} FROM transactions"""


def _year(size: Size) -> Iterator[str]:
    begin, recorded = year_start_us(size), to_microseconds(BEGIN)
    end = begin + YEAR_DAYS * DAY
    for place in range(LONG_PLACES):
        camera, window = f"cam-{place:04d}", f"w{place:04d}"
        yield _observed(
            "presence", camera, begin, recorded, PRESENCE_EVERY, "n % 3 > 0", "on_post", "absent",
            zone=f"staff-{window}", window=window,
        )  # fmt: skip
        yield _observed("speech", camera, begin, end, SPEECH_EVERY, "n % 2 = 0", "speech", "quiet")
        yield _levels(camera, begin, end)
        yield _states(window, begin, recorded)


def _observed(
    kind: str, camera: str, begin: int, end: int, every: int, test: str, yes: str, no: str,
    zone: str = "", window: str = "",
) -> str:  # fmt: skip
    """Changes of one kind, one every so often."""
    start = f"{begin} + n * {every}"
    at_window = f"'{window}'" if window else "NULL"
    return f"""
INSERT INTO observations (hall, kind, camera, zone, "window", start_us, end_us, state, confidence, source)
SELECT '{HALL}', '{kind}', '{camera}', '{zone}', {at_window}, {start}, {start} + {every},
    CASE WHEN {test} THEN '{yes}' ELSE '{no}' END, 0.9, 'made@1'
FROM {_counted((end - begin) // every)}"""


def _levels(camera: str, begin: int, end: int) -> str:
    """The level of every minute."""
    start, minute = f"{begin} + n * {60 * SECOND}", 60 * SECOND
    return f"""
INSERT INTO observations (hall, kind, camera, zone, "window", start_us, end_us, state, measure, source)
SELECT '{HALL}', 'minute_level', '{camera}', '', NULL, {start}, {start} + {minute}, 'measured',
    {QUIETEST} + (n * 7919) % {round(LOUDEST - QUIETEST)}, 'made@1'
FROM {_counted((end - begin) // minute)}"""


def _states(window: str, begin: int, end: int) -> str:
    """How a window stood in its eight hours of every day."""
    per_day = WORKING_SECONDS * SECOND // STATE_EVERY
    start = f"{begin} + (n / {per_day}) * {DAY} + (n % {per_day}) * {STATE_EVERY}"
    return f"""
INSERT INTO window_statuses (hall, "window", state, start_us, end_us)
SELECT '{HALL}', '{window}', CASE n % 4 WHEN 0 THEN 'open' WHEN 3 THEN 'paused' ELSE 'serving' END,
    {start}, {start} + {STATE_EVERY}
FROM {_counted((end - begin) // DAY * per_day)}"""


def _counted(count: int) -> str:
    """0 to `count`, in order, which may be more than there are numbers."""
    return f"""(
    SELECT high.n * 1000 + low.n AS n FROM numbers AS high CROSS JOIN numbers AS low
    WHERE low.n < 1000 AND high.n <= {count // 1000} AND high.n * 1000 + low.n < {max(0, count)}
    ORDER BY high.n, low.n
) AS counted"""
