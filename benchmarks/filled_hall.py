"""A catalogue at size: made inside the database by SQL, with the product's own schema.

Rows come in order of time, as they would in a hall: those of one camera lie far apart. The files
themselves do not exist, and a segment's index of fragments is far shorter than a real one (2 kB): the join
does not read it, and 20 GB of it would only make the filling long.
"""

# ruff: noqa: S608 - all that is put into the statements are numbers of this module

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import create_engine

from hall.clock import to_microseconds
from hall.config import Configuration
from store import configuration as configurations
from store.database import Database

BEGIN = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
"""Nine in the morning of a Monday in Beijing."""
SECOND, DAY = 1_000_000, 86_400 * 1_000_000
SEGMENT_SECONDS = 60
WORKING_SECONDS = 8 * 3600
BETWEEN_SECONDS = 20
"""From one transaction of a window to the next."""
PERIODS_PER_TRANSACTION = 3.5
ROWS_AT_ONCE = 200_000
ITEMS = 40
TRUE = "(1 = 1)"


@dataclass(frozen=True, slots=True)
class Size:
    """How much a hall has recorded. Transactions fill eight hours of every day that was recorded."""

    segments: int
    periods: int
    cameras: int = 200
    windows: int = 280

    @property
    def per_camera(self) -> int:
        """Segments of one camera."""
        return -(-self.segments // self.cameras)

    @property
    def days(self) -> int:
        """Days that were recorded, the last one perhaps in part."""
        return -(-self.per_camera * SEGMENT_SECONDS // 86_400)

    @property
    def per_day(self) -> int:
        """Transactions of one window in a day."""
        return max(1, round(self.periods / PERIODS_PER_TRANSACTION / self.windows / self.days))

    @property
    def step_seconds(self) -> int:
        """From the beginning of one transaction of a window to that of the next."""
        return min(WORKING_SECONDS, self.per_camera * SEGMENT_SECONDS) // self.per_day


def a_hall(size: Size) -> Configuration:
    """A hall of that many cameras and windows; every window is seen by two cameras or three."""
    shows: dict[int, set[str]] = {camera: set() for camera in range(size.cameras)}
    for window in range(size.windows):
        for step in (0, 70, 130)[: 2 + window % 2]:
            shows[(window + step) % size.cameras].add(f"w{window:04d}")
    square = [(0, 0), (1, 0), (1, 1)]
    cameras = [
        {
            "id": f"cam-{camera:04d}",
            "name": {"zh": "摄像机", "en": "Camera"},
            "url": f"rtsp://127.0.0.1/{camera}",
            "zones": [
                {"id": f"staff-{window}", "role": "staff", "window": window, "polygon": square}
                for window in sorted(windows)
            ],
        }
        for camera, windows in shows.items()
    ]
    windows = [
        {"id": f"w{window:04d}", "number": str(window), "name": {"zh": "窗口", "en": "Window"}, "unit": "u"}
        for window in range(size.windows)
    ]
    units = [{"id": "u", "name": {"zh": "单位", "en": "Unit"}}]
    hall = {"id": "h", "name": {"zh": "大厅", "en": "Hall"}, "units": units}
    return Configuration.model_validate({"halls": [{**hall, "windows": windows, "cameras": cameras}]})


def fill(database: Database, size: Size, *, keep_numbers: bool = False) -> Configuration:
    """Migrate a new database and fill it; gives the configuration that was applied.

    With `keep_numbers` the table `numbers`, of which rows are made, stays for who adds to it.
    """
    database.migrate()
    configuration = a_hall(size)
    with database.write() as tx:
        configurations.apply(tx, configuration, BEGIN)
        run = tx.connection.exec_driver_sql
        most = max(ROWS_AT_ONCE, size.per_camera, size.days * size.per_day) + 1
        run("CREATE TABLE numbers (n BIGINT PRIMARY KEY)")
        run(
            f"WITH RECURSIVE up(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM up WHERE n < {most}) "
            "INSERT INTO numbers SELECT n FROM up"
        )
    for statement in [*_segments(database, size), *_transactions(size)]:
        with database.write() as tx:
            if tx.connection.dialect.name == "sqlite":
                tx.connection.exec_driver_sql("PRAGMA cache_size = -200000")
                tx.connection.exec_driver_sql(statement)
            else:
                # To this driver a single % announces a parameter.
                tx.connection.exec_driver_sql(statement.replace("%", "%%"))
    if keep_numbers:
        return configuration
    with database.write() as tx:
        tx.connection.exec_driver_sql("DROP TABLE numbers")
    settle(database)
    return configuration


def settle(database: Database) -> None:
    """What PostgreSQL's autovacuum does within minutes of so many rows, and SQLite's statistics."""
    engine = create_engine(database.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE")
    engine.dispose()


def _segments(database: Database, size: Size) -> Iterator[str]:
    digest = "randomblob(32)" if database.url.startswith("sqlite") else "sha256(convert_to(run, 'UTF8'))"
    start = f"{to_microseconds(BEGIN)} + n * {SEGMENT_SECONDS * SECOND}"
    at_once = max(1, ROWS_AT_ONCE // size.cameras)
    for first in range(0, size.per_camera, at_once):
        last = min(first + at_once, size.per_camera) - 1
        yield f"""
INSERT INTO segments (camera, start_us, end_us, id, run, sequence, media_duration, size, sha256, "key",
    header_size, fragments, has_audio, has_picture, is_local)
SELECT camera, start_us, start_us + {SEGMENT_SECONDS * SECOND}, run || '-' || {digits("sequence", 6)}, run,
    sequence, {SEGMENT_SECONDS}.0, 31457280, {digest},
    camera || '/2026/01/' || run || '-' || {digits("sequence", 6)} || '.mp4', 1400,
    '[[1400, 31456000, 0.0, 60.0]]', {TRUE}, {TRUE}, {TRUE}
FROM (
    SELECT 'cam-' || {digits("c", 4)} AS camera, {start} AS start_us, n % 1440 AS sequence,
        'cam-' || {digits("c", 4)} || '-2026' || {digits("n / 1440", 4)} || 'T000000000000Z' AS run
    FROM (SELECT n FROM numbers WHERE n BETWEEN {first} AND {last} ORDER BY n) AS times
    CROSS JOIN (SELECT n AS c FROM numbers WHERE n < {size.cameras} ORDER BY n) AS cameras
    ORDER BY n, c
) AS recorded"""


def _transactions(size: Size) -> Iterator[str]:
    """Tickets, transactions and their three or four periods, in order of time."""
    per_day, step, waits = size.per_day, size.step_seconds, 600 * SECOND
    lasts = (step - min(BETWEEN_SECONDS, step // 4)) * SECOND
    start = f"{to_microseconds(BEGIN)} + (k / {per_day}) * {DAY} + (k % {per_day}) * {step * SECOND}"
    number = digits(f"w * {per_day} + k % {per_day}", 6)
    at_once = max(1, ROWS_AT_ONCE // size.windows)
    for first in range(0, size.days * per_day, at_once):
        last = min(first + at_once, size.days * per_day) - 1
        served = f"""(
    SELECT 'h-' || {digits(f"k / {per_day}", 4)} || '-' || {number} AS ticket, 'A' || {number} AS number,
        'w' || {digits("w", 4)} AS window_id, 'item-' || {digits(f"(w + k) % {ITEMS}", 2)} AS item,
        {start} AS start_us, k
    FROM (SELECT n AS k FROM numbers WHERE n BETWEEN {first} AND {last} ORDER BY n) AS times
    CROSS JOIN (SELECT n AS w FROM numbers WHERE n < {size.windows} ORDER BY n) AS places
    ORDER BY k, w
) AS served"""
        yield f"""
INSERT INTO tickets (id, hall, number, item, status, taken_us, waiting_us, called_us, started_us,
    finished_us, "window")
SELECT ticket, 'h', number, item, 'served', start_us - {waits}, start_us - {waits}, start_us, start_us,
    start_us + {lasts}, window_id FROM {served}"""
        yield f"""
INSERT INTO transactions (id, hall, ticket, ticket_number, serial, item, "window", staff, start_us, end_us)
SELECT ticket || '.1', 'h', ticket, number, 'S' || ticket, item, window_id, 's' || window_id, start_us,
    start_us + {lasts} FROM {served}"""
        yield f"""
INSERT INTO periods (id, "transaction", "window", staff, step, start_us, end_us)
SELECT ticket || '.1.' || part, ticket || '.1', window_id, 's' || window_id, 'handle',
    start_us + part * ({lasts} / (3 + k % 2)), start_us + (part + 1) * ({lasts} / (3 + k % 2))
FROM {served} CROSS JOIN (SELECT n AS part FROM numbers WHERE n < 4 ORDER BY n) AS parts
WHERE part < 3 + k % 2"""


def digits(number: str, count: int) -> str:
    """SQL that both databases know for a number with leading zeros."""
    return f"substr(CAST({10**count} + {number} AS TEXT), 2)"
