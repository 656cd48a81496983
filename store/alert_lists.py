"""Lists of alerts, the newest first: what a page costs grows with the page, not with what was ever found.

A list is asked for in parts, each of which goes along one index and ends after one page: one for each kind or
status that is wanted, and over a time one for alerts of ordinary length that were found soon, one for those
that last long, and one for those that were found late. Their rows are merged; a row may stand in two of them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias, cast

from sqlalchemy import ColumnElement, Row, Select, TextClause, select

from hall.clock import to_microseconds
from hall.finding import Alert, AlertKind, AlertStatus
from hall.journal import Json
from hall.names import AlertId, HallId, WindowId
from hall.wire import from_wire
from store.alert_tables import LATE, STANDING, alerts
from store.database import Read
from store.long_rows import LONG, LONG_US
from store.rows import overlapping

STANDS = frozenset({AlertStatus.OPEN, AlertStatus.ACKNOWLEDGED})
MOST_HALLS = 20
"""Of which each is a part; of more of them all alerts are read, and those of others left out."""

Condition: TypeAlias = ColumnElement[bool] | TextClause


@dataclass(frozen=True, slots=True)
class _Part:
    """Conditions of one part, and the index along which it goes."""

    conditions: tuple[Condition, ...]
    index: str
    of_long: str = "ix_alerts_long"
    """The index of alerts that last long."""

    is_rare: bool = False
    """Whether so few rows are in the index that all of them are read, and then sorted."""

    def and_by(self, index: str, *conditions: Condition, is_rare: bool = False) -> _Part:
        """The part narrowed, and along another index."""
        return replace(self, conditions=(*self.conditions, *conditions), index=index, is_rare=is_rare)


def alerts_of(  # noqa: PLR0913 - one member per way of looking
    tx: Read,
    *,
    hall: HallId | None = None,
    halls: Collection[HallId] | None = None,
    statuses: Collection[AlertStatus] | None = None,
    kinds: Collection[AlertKind] | None = None,
    window: WindowId | None = None,
    ticket: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    before: tuple[datetime, AlertId] | None = None,
    limit: int = 50,
) -> list[Alert]:
    """Alerts that fit every given member, the newest first; `before` is the cursor of the next page.

    `start` and `end` together ask for those whose interval overlaps `[start, end)`.
    """
    within = halls if hall is None else [hall] if halls is None or hall in halls else []
    identifier: ColumnElement[str] = alerts.c.id
    if tx.connection.dialect.name == "postgresql":
        # Parts are merged by the characters' numbers: so they have to be ordered, and gone on with.
        identifier = alerts.c.id.collate("C")
    query = select(alerts.c.id, alerts.c.opened_us, alerts.c.body)
    if window is not None:
        query = query.where(alerts.c.window == window)
    if ticket is not None:
        query = query.where(alerts.c.ticket == ticket)
    if before is not None:
        opened_us = to_microseconds(before[0])
        query = query.where(
            alerts.c.opened_us <= opened_us,  # by this one the index is entered
            (alerts.c.opened_us < opened_us) | (identifier < before[1]),
        )
    query = query.limit(limit)
    found: dict[str, Row[Any]] = {}
    for part in _parts(within, statuses, kinds, window, ticket):
        for narrow in _over(part, start, end):
            ordered = _by_index(query, narrow).order_by(_moment(narrow).desc(), identifier.desc())
            found |= {row.id: row for row in tx.connection.execute(ordered)}
    newest = sorted(found.values(), key=lambda row: (row.opened_us, row.id), reverse=True)
    return [alert_of_body(row.body) for row in newest[:limit]]


def alert_of_body(body: str) -> Alert:
    """The alert whose JSON this is."""
    return from_wire(Alert, cast(dict[str, Json], json.loads(body)))


def _moment(part: _Part) -> ColumnElement[int]:
    """By what a part is ordered.

    Of the rare, PostgreSQL would read all alerts in the order of the list until it has found a page of them:
    it does not know how few they are. No index has the order of a sum.
    """
    return alerts.c.opened_us + 0 if part.is_rare else alerts.c.opened_us


def _by_index(query: Select[Any], part: _Part) -> Select[Any]:
    """The part's statement. SQLite is told the index: without statistics it takes another."""
    return query.where(*part.conditions).with_hint(alerts, f"INDEXED BY {part.index}", "sqlite")


def _parts(
    halls: Collection[HallId] | None,
    statuses: Collection[AlertStatus] | None,
    kinds: Collection[AlertKind] | None,
    window: WindowId | None,
    ticket: str | None,
) -> Iterator[_Part]:
    """Each along an index whose order is that of the list.

    The member by which a part goes has one value in it: with several SQLite would have to sort.
    """
    of_statuses = () if statuses is None else (alerts.c.status.in_([status.value for status in statuses]),)
    of_kinds = () if kinds is None else (alerts.c.kind.in_([kind.value for kind in kinds]),)
    of_halls = () if halls is None else (alerts.c.hall.in_(sorted(halls)),)
    if ticket is not None:
        yield _Part((*of_statuses, *of_kinds, *of_halls), "ix_alerts_ticket")
    elif window is not None:
        fits = (*of_statuses, *of_kinds, *of_halls)
        yield _Part(fits, "ix_alerts_window_opened", "ix_alerts_long_window")
    elif statuses is not None and frozenset(statuses) <= STANDS:
        yield _Part((STANDING, *of_statuses, *of_kinds, *of_halls), "ix_alerts_standing")
    elif kinds is not None:
        for kind in sorted(kinds):
            yield _Part((alerts.c.kind == kind.value, *of_statuses, *of_halls), "ix_alerts_kind_opened")
    elif statuses is not None:
        for status in sorted(statuses):
            yield _Part((alerts.c.status == status.value, *of_halls), "ix_alerts_status_opened")
    elif halls is not None and len(halls) <= MOST_HALLS:
        for hall in sorted(halls):
            yield _Part((alerts.c.hall == hall,), "ix_alerts_opened")
    else:
        yield _Part(of_halls, "ix_alerts_opened_us")


def _over(part: _Part, start: datetime | None, end: datetime | None) -> Iterator[_Part]:
    """The part over a time, bounded on both sides of an index where that is possible."""
    opened_us, start_us = alerts.c.opened_us, alerts.c.start_us
    if start is None:
        if end is None:
            yield part
            return
        before_end = start_us < to_microseconds(end)
        yield part.and_by(part.index, before_end, opened_us < to_microseconds(end) + LONG_US)
        yield part.and_by("ix_alerts_late", LATE, before_end, is_rare=True)
        return
    earliest = to_microseconds(start) - LONG_US
    if end is None:
        overlaps: ColumnElement[bool] = alerts.c.end_us.is_(None) | (alerts.c.end_us > to_microseconds(start))
        yield part.and_by(part.index, overlaps, opened_us >= earliest)
    else:
        overlaps = overlapping(alerts, start, end)
        latest = to_microseconds(end) + LONG_US
        yield part.and_by(part.index, overlaps, opened_us >= earliest, opened_us < latest)
    yield part.and_by("ix_alerts_late", LATE, overlaps, is_rare=True)
    yield part.and_by(part.of_long, LONG, overlaps, is_rare=True)
