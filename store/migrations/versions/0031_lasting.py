"""How long each state lasted within every hour and day, with what is known."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

UNITS = (3_600_000_000, 86_400_000_000)
KINDS = ("presence", "speech", "voices", "minute_level")
MOST_ROWS = 20_000
"""Added at once."""
STREAMED = {"stream_results": True}

Key = tuple[str, str, str, str, int, int, str, str]
Sum = tuple[int, float, float | None]

lasting = sa.table(
    "lasting",
    *(sa.column(name) for name in ("camera", "kind", "hall", "window", "unit_us", "start_us")),
    *(sa.column(name) for name in ("zone", "state", "lasting_us", "energy", "highest")),
)


def upgrade() -> None:
    op.create_table(
        "lasting",
        sa.Column("camera", sa.String(63), primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("hall", sa.String(63), primary_key=True),
        sa.Column("window", sa.String(63), primary_key=True),
        sa.Column("unit_us", sa.BigInteger, primary_key=True),
        sa.Column("start_us", sa.BigInteger, primary_key=True),
        sa.Column("zone", sa.String(63), primary_key=True),
        sa.Column("state", sa.String(16), primary_key=True),
        sa.Column("lasting_us", sa.BigInteger, nullable=False),
        sa.Column("energy", sa.Float, nullable=False),
        sa.Column("highest", sa.Float),
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    cameras = connection.execute(
        sa.text("SELECT DISTINCT camera FROM observations ORDER BY camera")
    ).scalars()
    for camera in list(cameras):  # one by one: what is summed of a camera is held in memory
        _enter(connection, _observed(connection, camera))
    windows = connection.execute(sa.text('SELECT DISTINCT hall, "window" FROM window_statuses')).all()
    for hall, window in windows:
        _enter(connection, _stood(connection, hall, window))


def _observed(connection: sa.Connection, camera: str) -> Iterator[tuple[Key, Sum]]:
    query = sa.text(
        'SELECT hall, kind, "window", zone, start_us, end_us, state, measure FROM observations '
        "WHERE camera = :camera AND end_us > start_us"
    )
    rows = connection.execute(query, {"camera": camera}, execution_options=STREAMED)
    for hall, kind, window, zone, start_us, end_us, state, measure in rows:
        if kind not in KINDS:
            continue
        level = measure if kind == "minute_level" else None
        power = 0.0 if level is None else float(10.0 ** (level / 10.0))
        for unit, start, lasts in _parts(start_us, end_us):
            key = (camera, kind, hall, window or "", unit, start, zone, state)
            yield key, (lasts, lasts * power, level)


def _stood(connection: sa.Connection, hall: str, window: str) -> Iterator[tuple[Key, Sum]]:
    query = sa.text(
        'SELECT start_us, end_us, state FROM window_statuses WHERE hall = :hall AND "window" = :window '
        "AND superseded_us IS NULL AND end_us > start_us"
    )
    rows = connection.execute(query, {"hall": hall, "window": window}, execution_options=STREAMED)
    for start_us, end_us, state in rows:
        for unit, start, lasts in _parts(start_us, end_us):
            yield ("", "state", hall, window, unit, start, "", state), (lasts, 0.0, None)


def _parts(first_us: int, until_us: int) -> Iterator[tuple[int, int, int]]:
    for unit in UNITS:
        start = first_us // unit * unit
        while start < until_us:
            yield unit, start, min(until_us, start + unit) - max(first_us, start)
            start += unit


def _enter(connection: sa.Connection, parts: Iterator[tuple[Key, Sum]]) -> None:
    sums: dict[Key, Sum] = {}
    for key, (lasts, energy, highest) in parts:
        before, power, most = sums.get(key, (0, 0.0, None))
        levels = [level for level in (most, highest) if level is not None]
        sums[key] = before + lasts, power + energy, max(levels, default=None)
    names = [column.name for column in lasting.c]
    rows = [dict(zip(names, (*key, *value), strict=True)) for key, value in sums.items()]
    for first in range(0, len(rows), MOST_ROWS):
        connection.execute(sa.insert(lasting), rows[first : first + MOST_ROWS])
