"""Days and times of day in what was typed: `2026-11-27 10:30`, `yesterday`, `昨天下午3点`, `11月1日至7日`.

A time of day is about when somebody remembers: it stands for a quarter of an hour on both sides, and alone
for the last time that clocks showed it. One with seconds comes off a picture: a minute on both sides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hall.interval import Interval
from hall.search.day_words import Days, days_in

AROUND = timedelta(minutes=15)
AROUND_SECONDS = timedelta(minutes=1)
PARTS: dict[str, tuple[int, int]] = {
    "凌晨": (0, 6), "早上": (6, 12), "上午": (0, 12), "中午": (11, 14), "下午": (12, 24), "晚上": (18, 24),
    "morning": (0, 12), "noon": (11, 14), "afternoon": (12, 24), "evening": (18, 24),
}  # fmt: skip
"""Hours that a part of the day spans."""
LATER = frozenset({"下午", "晚上", "afternoon", "evening", "pm"})

_PART = "|".join(PARTS)
_CLOCK = re.compile(
    rf"(?<![0-9a-z.:/_])(?:(?P<part>{_PART})\s*)?"
    r"(?:(?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2}))?|[点时](?:(?P<minutes>\d{1,2})分?|(?P<half>半))?)"
    r"(?:\s*(?P<suffix>am|pm)\b)?|(?P<hour12>\d{1,2})\s*(?P<suffix12>am|pm)\b)(?![0-9:])"
    rf"|(?P<alone>{_PART})"
)
_JOINED = re.compile(r"\s*(?:-|~|–|—|至|到|\.\.|to)\s*\Z")
_BESIDE = re.compile(r"[\s,]*\Z")


@dataclass(frozen=True, slots=True)
class Times:
    """A time that was named, by which words, and what else was typed."""

    interval: Interval
    text: str
    rest: str


@dataclass(frozen=True, slots=True)
class _OfDay:
    """A time of day: from when to when on its day, and how exact it is; `end` None: a moment."""

    start: timedelta
    end: timedelta | None
    around: timedelta


@dataclass(frozen=True, slots=True)
class _Piece:
    """A day or a time of day, and where it stands."""

    first: int
    last: int
    meant: Days | _OfDay


@dataclass(frozen=True, slots=True)
class _Moment:
    first: int
    last: int
    days: Days | None
    of_day: _OfDay | None


def times_in(text: str, now: datetime, zone: ZoneInfo) -> Times | None:
    """The first time that `text` (NFKC, lower case) names, on the clocks of `zone`, or None."""
    here = now.astimezone(zone)
    moments = _moments(text, here)
    if not moments:
        return None
    first, following = moments[0], moments[1:2]
    last = first.last
    start, end = _bounds(first, here, zone)
    if following and _JOINED.match(text[first.last : following[0].first]):
        until = following[0]
        if until.days is None and until.of_day is not None:
            until = _Moment(until.first, until.last, first.days, until.of_day)
        if first.of_day is not None and first.of_day.end is None:
            start = _at(_day(first, here), first.of_day.start, zone)
        end = _bounds(until, here, zone)[1]
        if until.of_day is not None and until.of_day.end is None:
            end = _at(_day(until, here), until.of_day.start, zone)
        last = until.last
    if end <= start:
        return None
    rest = f"{text[: first.first]} {text[last:]}"
    return Times(Interval(start, end), text[first.first : last].strip(), rest)


def _moments(text: str, here: datetime) -> list[_Moment]:
    """Days with the times of day beside them, in order."""
    pieces = [_Piece(first, last, days) for first, last, days in days_in(text, here)]
    taken = [(piece.first, piece.last) for piece in pieces]
    for match in _CLOCK.finditer(text):
        of_day = _of_day(match)
        if of_day is not None and all(match.end() <= first or match.start() >= last for first, last in taken):
            pieces.append(_Piece(match.start(), match.end(), of_day))
    pieces.sort(key=lambda piece: piece.first)
    moments: list[_Moment] = []
    for piece in pieces:
        days = piece.meant if isinstance(piece.meant, Days) else None
        of_day = piece.meant if isinstance(piece.meant, _OfDay) else None
        before = moments[-1] if moments else None
        is_beside = before is not None and _BESIDE.match(text[before.last : piece.first]) is not None
        if before is not None and is_beside and of_day is not None and before.of_day is None:
            moments[-1] = _Moment(before.first, piece.last, before.days, of_day)
        elif before is not None and is_beside and days is not None and before.days is None:
            moments[-1] = _Moment(before.first, piece.last, days, before.of_day)
        else:
            moments.append(_Moment(piece.first, piece.last, days, of_day))
    return moments


def _of_day(match: re.Match[str]) -> _OfDay | None:
    """The time of day that was found, or None when no clock shows it."""
    if alone := match["alone"]:
        first, last = PARTS[alone]
        return _OfDay(timedelta(hours=first), timedelta(hours=last), timedelta())
    hour = int(match["hour"] or match["hour12"])
    minute = 30 if match["half"] else int(match["minute"] or match["minutes"] or 0)
    second = int(match["second"] or 0)
    suffix = match["suffix"] or match["suffix12"] or match["part"]
    if suffix in LATER and hour < 12:
        hour += 12
    elif suffix == "am" and hour == 12:
        hour = 0
    if hour > 24 or minute > 59 or second > 59:
        return None
    start = timedelta(hours=hour, minutes=minute, seconds=second)
    return _OfDay(start, None, AROUND_SECONDS if match["second"] else AROUND)


def _bounds(moment: _Moment, here: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    of_day = moment.of_day
    if of_day is None:
        days = moment.days
        assert days is not None  # a moment has one of the two
        if days.exact is not None:
            return days.exact.start.astimezone(UTC), here.astimezone(UTC)
        return _at(days.first, timedelta(), zone), _at(days.after, timedelta(), zone)
    day = _day(moment, here)
    if of_day.end is not None:
        return _at(day, of_day.start, zone), _at(day, of_day.end, zone)
    middle = _at(day, of_day.start, zone)
    return middle - of_day.around, middle + of_day.around


def _day(moment: _Moment, here: datetime) -> date:
    """The day of a moment: the one that was named, or the last on which clocks showed its time."""
    if moment.days is not None:
        return moment.days.first
    assert moment.of_day is not None  # a moment has one of the two
    today = here.date()
    passed = timedelta(hours=here.hour, minutes=here.minute, seconds=here.second)
    return today if moment.of_day.start <= passed else today - timedelta(days=1)


def _at(day: date, since_midnight: timedelta, zone: ZoneInfo) -> datetime:
    """The instant at which clocks of a zone show so much since midnight."""
    days, rest = divmod(since_midnight, timedelta(days=1))
    shown = datetime.combine(day + timedelta(days=days), time()) + rest
    return shown.replace(tzinfo=zone).astimezone(UTC)
