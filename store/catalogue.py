"""The catalogue of recordings as a whole: read page by page, and put right.

For salvage, `hallwatch check` and `hallwatch reindex`; who records or plays asks `store.recording`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from sqlalchemy import delete, func, or_, select, tuple_

from hall.clock import to_microseconds
from hall.errors import NotFound
from hall.interval import Interval, uncovered
from hall.journal import FactKind
from hall.media import Gap, GapReason, Run, Segment
from hall.names import CameraId, HallId, RunId, SegmentId
from hall.wire import to_wire
from store import journal, recording
from store.database import Read, Write
from store.recording import gap_of_row, run_of_row, segment_of_row, unpack_fragments
from store.rows import optional_microseconds, optional_time, overlapping
from store.tables import copies, gaps, runs, segments

PAGE = 500


def segments_from(tx: Read, camera: CameraId, start: datetime, limit: int = PAGE) -> list[Segment]:
    """The segments of a camera that start at `start` or later, in order, with their fragments."""
    query = (
        select(segments)
        .where(segments.c.camera == camera, segments.c.start_us >= to_microseconds(start))
        .order_by(segments.c.start_us)
        .limit(limit)
    )
    return [segment_of_row(row, unpack_fragments(row.fragments)) for row in tx.connection.execute(query)]


def runs_from(tx: Read, camera: CameraId, after: tuple[datetime, RunId], limit: int = PAGE) -> list[Run]:
    """The runs of a camera behind `after` (start, id), in that order."""
    start_us = to_microseconds(after[0])
    query = (
        select(runs)
        .where(
            runs.c.camera == camera,
            runs.c.start_us >= start_us,
            tuple_(runs.c.start_us, runs.c.id) > tuple_(start_us, after[1]),
        )
        .order_by(runs.c.start_us, runs.c.id)
        .limit(limit)
    )
    return [run_of_row(row) for row in tx.connection.execute(query)]


def run(tx: Read, identifier: RunId) -> Run | None:
    """One run, or None."""
    row = tx.connection.execute(select(runs).where(runs.c.id == identifier)).first()
    return None if row is None else run_of_row(row)


def gaps_from(
    tx: Read, camera: CameraId, after: tuple[datetime, int], limit: int = PAGE
) -> list[tuple[int, Gap]]:
    """The gaps of a camera behind `after` (start, number), in that order, each with its number."""
    start_us = to_microseconds(after[0])
    query = (
        select(gaps)
        .where(
            gaps.c.camera == camera,
            gaps.c.start_us >= start_us,
            or_(gaps.c.start_us > start_us, gaps.c.id > after[1]),
        )
        .order_by(gaps.c.start_us, gaps.c.id)
        .limit(limit)
    )
    return [(row.id, gap_of_row(row)) for row in tx.connection.execute(query)]


def first_moment(tx: Read, camera: CameraId) -> datetime | None:
    """From when on a camera is recorded or missed; None for one that never was."""
    starts = [
        tx.connection.execute(select(func.min(table.c.start_us)).where(table.c.camera == camera)).scalar_one()
        for table in (segments, gaps)
    ]
    return optional_time(min((start for start in starts if start is not None), default=None))


def known(tx: Read, identifiers: Collection[SegmentId]) -> set[SegmentId]:
    """Those of the segments that are entered. At most some thousands at a time."""
    query = select(segments.c.id).where(segments.c.id.in_(list(identifiers)))
    return {SegmentId(identifier) for identifier in tx.connection.execute(query).scalars()}


def is_empty(tx: Read) -> bool:
    """True when no segment, run or gap is entered."""
    return all(
        tx.connection.execute(select(table.c.camera).limit(1)).first() is None
        for table in (segments, runs, gaps)
    )


def clear(tx: Write) -> None:
    """Forget all segments, runs and gaps. The journal keeps what it told."""
    for table in (segments, runs, gaps):
        tx.connection.execute(delete(table))


def end_of_run(tx: Read, run: Run) -> datetime | None:
    """Where the last segment of a run ends, or None when it has none."""
    query = (
        select(segments.c.end_us)
        .where(
            segments.c.camera == run.camera,
            segments.c.run == run.id,
            segments.c.start_us >= to_microseconds(run.interval.start),
        )
        .order_by(segments.c.start_us.desc())
        .limit(1)
    )
    return optional_time(tx.connection.execute(query).scalar_one_or_none())


def lasting_gap(tx: Read, camera: CameraId) -> Gap | None:
    """The gap of a camera that has not ended, if any."""
    row = tx.connection.execute(select(gaps).where(gaps.c.camera == camera, gaps.c.end_us.is_(None))).first()
    return None if row is None else gap_of_row(row)


def missed_until(tx: Read, camera: CameraId) -> datetime | None:
    """Where the newest gap that is over ends, or None for a camera without one."""
    query = (
        select(gaps.c.end_us)
        .where(gaps.c.camera == camera, gaps.c.end_us.is_not(None))
        .order_by(gaps.c.start_us.desc(), gaps.c.end_us.desc())
        .limit(1)
    )
    return optional_time(tx.connection.execute(query).scalar_one_or_none())


def hall_of(tx: Read, camera: CameraId) -> HallId:
    """The hall for which a camera was recorded or missed last. Raises NotFound for one that never was."""
    for table in (runs, gaps):
        query = (
            select(table.c.hall).where(table.c.camera == camera).order_by(table.c.start_us.desc()).limit(1)
        )
        hall = tx.connection.execute(query).scalar_one_or_none()
        if hall is not None:
            return HallId(hall)
    raise NotFound(f"camera {camera} was never recorded")


def enter_run(tx: Write, hall: HallId, found: Run) -> bool:
    """Enter a run with its end, if it has one; one that is entered is only ended. False: nothing changed."""
    entered = run(tx, found.id)
    if entered is None:
        recording.begin_run(tx, hall, found)
        return True
    if entered.interval.end is None and found.interval.end is not None:
        recording.end_run(tx, found.id, found.interval.end, found.ended_because)
        return True
    return False


def enter_gaps(tx: Write, camera: CameraId, wanted: Iterable[tuple[HallId, Gap]]) -> int:
    """Enter those gaps of a camera that are not there yet, as often as they are wanted; says how many."""
    there = Counter(
        (row.start_us, row.end_us, row.reason)
        for row in tx.connection.execute(select(gaps).where(gaps.c.camera == camera))
    )
    entered = 0
    for hall, gap in wanted:
        place = (
            to_microseconds(gap.interval.start),
            optional_microseconds(gap.interval.end),
            gap.reason.value,
        )
        if there[place] > 0:
            there[place] -= 1
            continue
        if gap.interval.end is None:
            recording.open_gap(tx, hall, gap)
        else:
            recording.insert_gap(tx, hall, gap)
        entered += 1
    return entered


def end_gap(tx: Write, camera: CameraId, told: Iterable[Gap]) -> bool:
    """End the gap of a camera that lasts here, where one of `told` is the same gap and has ended."""
    lasting = lasting_gap(tx, camera)
    if lasting is None:
        return False
    same = [
        gap for gap in told if (gap.interval.start, gap.reason) == (lasting.interval.start, lasting.reason)
    ]
    ends = [gap.interval.end for gap in same if gap.interval.end is not None]
    if not ends or len(ends) < len(same):
        return False  # one that lasts is told as well: it is the one that stands here
    recording.close_gap(tx, camera, ends[0])
    return True


def restore_gaps(tx: Write, found: Iterable[tuple[HallId, Gap]]) -> int:
    """Enter gaps that the catalogue should have, each as it was in the end; says how many were missing.

    A gap that lasts here but is known to have ended is ended. Gaps that stand here already stay as they are.
    """
    changed = 0
    for hall, gap in found:
        row = tx.connection.execute(
            select(gaps.c.id, gaps.c.end_us).where(
                gaps.c.camera == gap.camera,
                gaps.c.start_us == to_microseconds(gap.interval.start),
                gaps.c.reason == gap.reason.value,
            )
        ).first()
        if gap.interval.end is None:
            if row is None and lasting_gap(tx, gap.camera) is None:
                recording.open_gap(tx, hall, gap)
                changed += 1
        elif row is None:
            changed += recording.add_gap(tx, hall, gap)
        elif row.end_us is None:
            recording.close_gap(tx, gap.camera, gap.interval.end)
            changed += 1
    return changed


def cut_gaps(tx: Write, camera: CameraId, recorded: Interval, reason: GapReason | None = None) -> int:
    """Take recorded time (closed) out of every gap of a camera, or those with `reason`; says out of how many.

    What is left of a gap before it and after it are gaps of their own.
    """
    assert recorded.end is not None
    where = (gaps.c.camera == camera) & overlapping(gaps, recorded.start, recorded.end)
    if reason is not None:
        where &= gaps.c.reason == reason.value
    cut = list(tx.connection.execute(select(gaps).where(where)))
    for row in cut:
        tx.connection.execute(delete(gaps).where(gaps.c.id == row.id))
    for row in cut:
        gap = gap_of_row(row)
        for rest in rests(gap.interval, [recorded]):
            recording.insert_gap(tx, HallId(row.hall), Gap(camera, rest, gap.reason, gap.detail))
    return len(cut)


def rests(whole: Interval, recorded: Iterable[Interval]) -> Iterator[Interval]:
    """What of a gap is left beside recorded (closed) times; a gap that lasts lasts on behind them."""
    parts = list(recorded)
    if whole.end is not None:
        yield from uncovered(whole, parts)
        return
    last = max((part.end for part in parts if part.end is not None), default=whole.start)
    if last > whole.start:
        yield from uncovered(whole.closed(last), parts)
    yield Interval(max(last, whole.start))


def lose_segment(tx: Write, hall: HallId, lost: Segment, detail: str, now: datetime) -> Gap:
    """A segment's file is not there, or not what was recorded: the row goes, and its time is a gap `lost`."""
    tx.connection.execute(delete(segments).where(segments.c.id == lost.id))
    tx.connection.execute(delete(copies).where(copies.c.segment == lost.id))
    body = to_wire(lost)
    body.pop("fragments")
    journal.append(
        tx, FactKind.SEGMENT_DELETED, hall, now, {**body, "rule": "check", "reason": GapReason.LOST.value}
    )
    gap = Gap(lost.camera, lost.interval, GapReason.LOST, detail)
    recording.add_gap(tx, hall, gap)
    return gap


def drop_gap(tx: Write, number: int) -> None:
    """Remove one gap that says nothing which another does not say."""
    tx.connection.execute(delete(gaps).where(gaps.c.id == number))


def stray_copies(tx: Read, limit: int = PAGE) -> list[tuple[SegmentId, str]]:
    """Copies in an archive of segments that are not entered: segment and archive."""
    query = (
        select(copies.c.segment, copies.c.archive)
        .where(~select(segments.c.id).where(segments.c.id == copies.c.segment).exists())
        .order_by(copies.c.segment)
        .limit(limit)
    )
    return [(SegmentId(row.segment), row.archive) for row in tx.connection.execute(query)]
