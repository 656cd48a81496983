"""What was recorded of many short times at once: the files and the gaps of a page of results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from hall.clock import to_microseconds
from hall.interval import Interval
from hall.media import Gap
from hall.names import CameraId
from store.database import Read
from store.recording import gap_of_row
from store.rows import interval

AT_ONCE = 100
"""Times in one statement."""

# CROSS JOIN: SQLite begins with the table that is written first. Segments of one camera do not overlap: the
# first is the last that begins at or before the time.
_SEGMENTS = """
SELECT wanted.nth, segments.start_us, segments.end_us FROM wanted CROSS JOIN segments
WHERE segments.camera = wanted.camera AND segments.start_us < wanted.until_us
AND segments.end_us > wanted.from_us
AND segments.start_us >= COALESCE((SELECT max(earlier.start_us) FROM segments earlier
    WHERE earlier.camera = wanted.camera AND earlier.start_us <= wanted.from_us), 0)
ORDER BY wanted.nth, segments.start_us"""
_GAPS = """
SELECT wanted.nth, gaps.camera, gaps.start_us, gaps.end_us, gaps.reason, gaps.detail
FROM wanted CROSS JOIN gaps
WHERE gaps.camera = wanted.camera AND gaps.start_us < wanted.until_us
AND (gaps.end_us IS NULL OR gaps.end_us > wanted.from_us)
ORDER BY wanted.nth, gaps.start_us"""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time of a camera."""

    camera: CameraId
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Recorded:
    """When files of a camera play within a stretch, and the gaps that overlap it; both in order."""

    plays: tuple[Interval, ...]
    gaps: tuple[Gap, ...]


def recorded(tx: Read, stretches: Sequence[Stretch]) -> list[Recorded]:
    """What was recorded of each stretch, in their order."""
    plays: list[list[Interval]] = [[] for _ in stretches]
    gaps: list[list[Gap]] = [[] for _ in stretches]
    for first in range(0, len(stretches), AT_ONCE):
        some = stretches[first : first + AT_ONCE]
        wanted, values = _wanted(some)
        for row in tx.connection.execute(text(wanted + _SEGMENTS), values):
            plays[first + row.nth].append(interval(row.start_us, row.end_us))
        for row in tx.connection.execute(text(wanted + _GAPS), values):
            gaps[first + row.nth].append(gap_of_row(row))
    return [Recorded(tuple(play), tuple(gap)) for play, gap in zip(plays, gaps, strict=True)]


def _wanted(stretches: Sequence[Stretch]) -> tuple[str, dict[str, object]]:
    """The stretches as a table, and the values of its parameters."""
    rows: list[str] = []
    values: dict[str, object] = {}
    for nth, stretch in enumerate(stretches):
        rows.append(
            f"(CAST(:n{nth} AS BIGINT), CAST(:c{nth} AS VARCHAR(63)), "
            f"CAST(:f{nth} AS BIGINT), CAST(:u{nth} AS BIGINT))"
        )
        values |= {
            f"n{nth}": nth,
            f"c{nth}": stretch.camera,
            f"f{nth}": to_microseconds(stretch.start),
            f"u{nth}": to_microseconds(stretch.end),
        }
    return f"WITH wanted (nth, camera, from_us, until_us) AS (VALUES {', '.join(rows)})", values
