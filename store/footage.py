"""What was recorded of many short times at once: the files and the gaps of a page of results.

One statement each for the whole page: to ask for every row by itself costs more than the rows.
"""
# ruff: noqa: S608 - beside parameters only names of this module stand in the statements

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, text

from hall.clock import to_microseconds
from hall.interval import Interval
from hall.media import Gap, Segment
from hall.names import CameraId
from store.database import Read
from store.long_rows import LONG, LONG_US
from store.recording import gap_of_row, segment_of_row
from store.rows import interval
from store.tables import gaps, segments

AT_ONCE = 100
"""Times in one statement."""

# CROSS JOIN: SQLite begins with the table that is written first. Segments of one camera do not overlap: the
# first is the last that begins at or before the time.
_OVERLAPPING_SEGMENTS = """FROM wanted CROSS JOIN segments
WHERE segments.camera = wanted.camera AND segments.start_us < wanted.until_us
AND segments.end_us > wanted.from_us
AND segments.start_us >= COALESCE((SELECT max(earlier.start_us) FROM segments earlier
    WHERE earlier.camera = wanted.camera AND earlier.start_us <= wanted.from_us), 0)
ORDER BY wanted.nth, segments.start_us"""
_PLAYS = f"SELECT wanted.nth, segments.start_us, segments.end_us {_OVERLAPPING_SEGMENTS}"
_FILE = ", ".join(f'segments."{column.name}"' for column in segments.c if column.name != "fragments")
_FILES = f"SELECT wanted.nth, {_FILE} {_OVERLAPPING_SEGMENTS}"
# Gaps of ordinary length are looked for no further back than they can last. The few longer ones are read by
# an index of their own, without a join: SQLite would read all gaps first, to know which cameras have any.
_GAPS = f"""
SELECT wanted.nth, gaps.id, gaps.camera, gaps.start_us, gaps.end_us, gaps.reason, gaps.detail
FROM wanted CROSS JOIN gaps
WHERE gaps.camera = wanted.camera AND gaps.start_us < wanted.until_us
AND gaps.start_us >= wanted.from_us - {LONG_US} AND (gaps.end_us IS NULL OR gaps.end_us > wanted.from_us)
ORDER BY wanted.nth, gaps.start_us"""
_LONG_GAPS = (
    select(gaps)
    .with_hint(gaps, "INDEXED BY ix_gaps_long", "sqlite")
    .where(gaps.c.camera.in_(bindparam("cameras", expanding=True)), LONG)
    .where(gaps.c.start_us < bindparam("until_us"))
    .order_by(gaps.c.start_us)
)


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


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a camera that overlap a stretch, without their fragments, and the gaps; both in order."""

    segments: tuple[Segment, ...]
    gaps: tuple[Gap, ...]


def recorded(tx: Read, stretches: Sequence[Stretch]) -> list[Recorded]:
    """What was recorded of each stretch, in their order."""
    plays: list[list[Interval]] = [[] for _ in stretches]
    for nth, row in _rows(tx, stretches, _PLAYS):
        plays[nth].append(interval(row.start_us, row.end_us))
    missing = _gaps(tx, stretches)
    return [Recorded(tuple(play), tuple(gap)) for play, gap in zip(plays, missing, strict=True)]


def files(tx: Read, stretches: Sequence[Stretch]) -> list[Files]:
    """The files and gaps of each stretch, in their order."""
    found: list[list[Segment]] = [[] for _ in stretches]
    for nth, row in _rows(tx, stretches, _FILES):
        found[nth].append(segment_of_row(row, ()))
    missing = _gaps(tx, stretches)
    return [Files(tuple(some), tuple(gap)) for some, gap in zip(found, missing, strict=True)]


def _gaps(tx: Read, stretches: Sequence[Stretch]) -> list[list[Gap]]:
    if not stretches:
        return []
    asked = {
        "cameras": sorted({one.camera for one in stretches}),
        "until_us": to_microseconds(max(one.end for one in stretches)),
    }
    long = [(row.id, gap_of_row(row)) for row in tx.connection.execute(_LONG_GAPS, asked)]
    found = [
        {number: gap for number, gap in long if gap.camera == one.camera and _overlaps(gap, one)}
        for one in stretches
    ]
    for nth, row in _rows(tx, stretches, _GAPS):
        found[nth][row.id] = gap_of_row(row)
    return [sorted(some.values(), key=lambda gap: gap.interval.start) for some in found]


def _overlaps(gap: Gap, stretch: Stretch) -> bool:
    return gap.interval.start < stretch.end and (gap.interval.end or stretch.end) > stretch.start


def _rows(tx: Read, stretches: Sequence[Stretch], statement: str) -> Iterator[tuple[int, Row[Any]]]:
    """The rows of a statement over the stretches, each with the place of its stretch."""
    for first in range(0, len(stretches), AT_ONCE):
        wanted, values = _wanted(stretches[first : first + AT_ONCE])
        for row in tx.connection.execute(text(wanted + statement), values):
            yield first + row.nth, row


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
    return f"WITH wanted (nth, camera, from_us, until_us) AS (VALUES {', '.join(rows)}) ", values
