"""Search: one list of transactions, tickets, cases and alerts for what was typed, and suggestions for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from console.access import scope
from console.access.gate import may
from console.access.pacing import paced
from console.access.rates import Cost
from console.access.visitor import Visitor
from console.api.asked import decode_cursor, encode_cursor
from console.api.search_shapes import (
    SearchAnswer,
    SearchFilters,
    SearchQuery,
    SenseView,
    Suggestion,
    SuggestionList,
    SuggestionQuery,
    TimeView,
    UnderstoodView,
    WordView,
)
from console.dependencies import Dependencies, Given
from console.search import seeking
from console.search.hits import hits
from console.search.seeking import Position, Sought
from hall.config import HallSettings
from hall.errors import RequestRefused
from hall.finding import Alert
from hall.names import HallId, StaffId, UnitId, WindowId
from hall.permissions import Permission
from hall.search.asked import Condition, ResultKind, Sense, SenseKind
from hall.search.times import Times
from hall.search.understanding import understood
from store import numbers
from store.database import Read
from store.searching import Asked

router = APIRouter(prefix="/search", tags=["search"])

Searcher = Annotated[Visitor, may(Permission.SEARCH)]

MOST_SHOWN = 5
"""Names and numbers of one sense that are named, and suggestions of one kind."""
SHORTEST_NUMBER = 2
"""Characters from which numbers are suggested."""


@router.get("", response_model=SearchAnswer, dependencies=[paced(Cost.SEARCHES)])
def search(visitor: Searcher, given: Given, asked: Annotated[SearchQuery, Query()]) -> SearchAnswer:
    """What fits everything that was typed and every filter, the newest first.

    Alerts are found by who may see alerts. Every search stands in the audit trail; a further part of the same
    list once in five minutes.
    """
    now = given.clock.now()
    after = _position(asked.cursor)
    _enter(given, visitor, asked, now, is_further=after is not None)
    with given.database.read() as tx:
        halls = _halls(visitor, given, tx, asked.hall)
        reach = frozenset(hall.id for hall in halls)
        if not halls:
            return SearchAnswer(items=[], next=None, understood=_understood(Sought(None, ())))
        sought = seeking.sought(tx, asked.q, given.halls.names(tx, halls), reach, now, halls[0].zone_info)
        start, end = _bounds(sought.times, asked)
        wanted = Asked(reach, start, end, limit=asked.limit + 1)
        kinds = [kind for kind in asked.kind or ResultKind if _may_find(visitor, kind)]
        base = _base(halls, asked)
        is_empty = base is None or (start is not None and end is not None and end <= start)
        found = [] if is_empty or base is None else seeking.page(tx, sought, base, kinds, wanted, after)
        shown = [row for row in found[: asked.limit] if _sees(visitor, row.fact)]
        written = timedelta(seconds=2 * given.configuration.site.capture.segment_seconds)
        items = hits(tx, visitor, given.halls, shown, now, written)
    following = None
    if len(found) > asked.limit:
        last = found[asked.limit - 1]
        following = encode_cursor(last.at, f"{last.kind}:{'/'.join(last.identifier)}")
    return SearchAnswer(items=items, next=following, understood=_understood(sought))


@router.get("/suggestions", response_model=SuggestionList, dependencies=[paced(Cost.SEARCHES)])
def suggest(visitor: Searcher, given: Given, asked: Annotated[SuggestionQuery, Query()]) -> SuggestionList:
    """What the last word may mean: names of the site, and numbers that begin so.

    Asked at every key: that somebody typed stands in the audit trail once in five minutes, and what was then
    sought stands there in full.
    """
    now = given.clock.now()
    given.trail.viewed(visitor, now, "search_typing", "search")
    with given.database.read() as tx:
        halls = _halls(visitor, given, tx, asked.hall)
        if not halls:
            return SuggestionList(items=[], word="", time=None)
        names = given.halls.names(tx, halls)
        known = understood(asked.q, names, now, halls[0].zone_info)
        word = known.words[-1] if known.words else None
        items = []
        if word is not None:
            items = [
                Suggestion(
                    kind=one.kind,
                    value=one.value,
                    label=one.label,
                    name=one.name,
                    hall=_hall_of(one.condition),
                )
                for one in names.beginning(word.text, MOST_SHOWN)
                if one.kind is not SenseKind.ALERT_KIND or visitor.may(Permission.ALERTS)
            ]
        if word is not None and word.may_be_a_number and len(word.typed) >= SHORTEST_NUMBER:
            reach = [hall.id for hall in halls]
            tickets = numbers.tickets_beginning(tx, word.typed, reach, MOST_SHOWN).found
            serials = numbers.serials_beginning(tx, word.typed, reach, MOST_SHOWN).found
            items += [Suggestion(kind=SenseKind.TICKET, value=number) for number in tickets]
            items += [Suggestion(kind=SenseKind.SERIAL, value=number) for number in serials]
    return SuggestionList(items=items, word=word.typed if word is not None else "", time=_time(known.times))


def _enter(
    given: Dependencies, visitor: Visitor, asked: SearchQuery, now: datetime, *, is_further: bool
) -> None:
    """Enter what is sought in the audit trail, before anything of it is shown."""
    named = asked.model_dump(mode="json", exclude_none=True, exclude={"cursor", "limit"}, by_alias=True)
    words = ", ".join(f"{key}={value}" for key, value in named.items() if value)
    if is_further:
        given.trail.viewed(visitor, now, "search", "search", f"further: {words}")
    else:
        given.trail.record(visitor, now, "search", "search", words)


def _halls(visitor: Visitor, given: Dependencies, tx: Read, asked: str | None) -> list[HallSettings]:
    """The halls within reach that are sought in."""
    within = scope.halls(visitor, given, tx)
    return within if asked is None else [hall for hall in within if hall.id == asked]


def _may_find(visitor: Visitor, kind: ResultKind) -> bool:
    return kind is not ResultKind.ALERT or visitor.may(Permission.ALERTS)


def _sees(visitor: Visitor, fact: object) -> bool:
    return not isinstance(fact, Alert) or scope.sees_alert(visitor, fact)


def _base(halls: Sequence[HallSettings], asked: SearchFilters) -> Condition | None:
    """What the filters ask for, or None when they contradict each other."""
    base: Condition | None = Condition()
    if asked.window is not None:
        posts = frozenset((hall.id, WindowId(asked.window)) for hall in halls)
        base = Condition(windows=posts)
    if asked.unit is not None:
        of_unit = frozenset(
            (hall.id, window.id)
            for hall in halls
            for window in hall.windows
            if window.unit == UnitId(asked.unit)
        )
        base = base.narrowed(Condition(windows=of_unit)) if base is not None else None
    if asked.staff is not None and base is not None:
        people = frozenset((hall.id, StaffId(asked.staff)) for hall in halls)
        base = base.narrowed(Condition(staff=people))
    if asked.item is not None and base is not None:
        base = base.narrowed(Condition(items=frozenset({asked.item})))
    if asked.alert is not None and base is not None:
        base = base.narrowed(Condition(kinds=frozenset({asked.alert})))
    return base


def _bounds(times: Times | None, asked: SearchFilters) -> tuple[datetime | None, datetime | None]:
    """The time that fits both what was typed and the filter."""
    starts = [asked.start] if asked.start is not None else []
    ends = [asked.end] if asked.end is not None else []
    if times is not None:
        starts.append(times.interval.start)
        ends += [times.interval.end] if times.interval.end is not None else []
    return max(starts, default=None), min(ends, default=None)


def _position(cursor: str | None) -> Position | None:
    """Where a list goes on. Raises RequestRefused for a cursor that this server did not give."""
    known = decode_cursor(cursor)
    if known is None:
        return None
    kind, _, identifier = known[1].partition(":")
    if kind not in set(ResultKind) or not identifier:
        raise RequestRefused("cursor", "is not one that this server gave")
    whole = ResultKind(kind)
    parts = tuple(identifier.split("/", 1)) if whole is ResultKind.CASE else (identifier,)
    if whole is ResultKind.CASE and len(parts) != 2:
        raise RequestRefused("cursor", "is not one that this server gave")
    return Position(whole, known[0], parts)


def _understood(sought: Sought) -> UnderstoodView:
    words = [
        WordView(
            text=word.typed,
            senses=[_sense(sense) for sense in word.senses],
            is_cut=word.typed in sought.cut,
        )
        for word in sought.words
    ]
    return UnderstoodView(time=_time(sought.times), words=words, left_out=list(sought.left_out))


def _sense(sense: Sense) -> SenseView:
    named = sense.condition.numbers or sense.condition.serials or frozenset()
    shown = sorted(named)[:MOST_SHOWN]
    count = len(named) or len(sense.names)
    return SenseView(kind=sense.kind, names=list(sense.names[:MOST_SHOWN]), numbers=shown, count=count)


def _time(times: Times | None) -> TimeView | None:
    if times is None:
        return None
    return TimeView.model_validate(
        {"text": times.text, "from": times.interval.start, "to": times.interval.end}
    )


def _hall_of(condition: Condition) -> HallId | None:
    """The hall of a name that belongs to one."""
    some = condition.windows or condition.staff
    return next(iter(some))[0] if some else None
