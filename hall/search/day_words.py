"""Days in what was typed: dates in several forms, and words such as `yesterday`, `上周`, `last 7 days`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from hall.interval import Interval

DAY = timedelta(days=1)
_WEEKDAYS = "一二三四五六"
_ENGLISH_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Days:
    """Days from `first` on, before `after`; or, `exact`, from a moment up to now."""

    first: date
    after: date
    exact: Interval | None = None


_Read = Callable[[re.Match[str], datetime], Days | None]


def _one(day: date) -> Days:
    return Days(day, day + DAY)


def _month(year: int, month: int) -> Days:
    return Days(date(year, month, 1), date(year + month // 12, month % 12 + 1, 1))


def _whole_date(match: re.Match[str], _here: datetime) -> Days | None:
    return _one(date(int(match["y"]), int(match["m"]), int(match["d"])))


def _chinese_date(match: re.Match[str], _here: datetime) -> Days | None:
    year = int(match["y"])
    if not match["m"]:
        return Days(date(year, 1, 1), date(year + 1, 1, 1))
    return _one(date(year, int(match["m"]), int(match["d"]))) if match["d"] else _month(year, int(match["m"]))


def _whole_month(match: re.Match[str], _here: datetime) -> Days | None:
    return _month(int(match["y"]), int(match["m"]))


def _without_year(match: re.Match[str], here: datetime) -> Days | None:
    """The last day, or month, of that name: what has not come yet was not recorded."""
    day = match.groupdict().get("d")
    month = int(match["m"])
    this = date(here.year, month, int(day) if day else 1)
    year = here.year if this <= here.date() else here.year - 1
    return _one(date(year, month, int(day))) if day else _month(year, month)


def _ago(match: re.Match[str], here: datetime) -> Days | None:
    return _one(here.date() - int(match["n"]) * DAY)


def _lately(match: re.Match[str], here: datetime) -> Days | None:
    """The last so many days with today, or so many hours up to now."""
    count, unit = int(match["n"]), match["unit"]
    if unit in ("小时", "hour"):
        start = here - timedelta(hours=count)
        return Days(start.date(), here.date() + DAY, Interval(start, here))
    length = {"天": 1, "日": 1, "day": 1, "周": 7, "week": 7}.get(unit, 30)
    return Days(here.date() - (count * length - 1) * DAY, here.date() + DAY)


def _weekday(match: re.Match[str], here: datetime) -> Days | None:
    """The last such day, today included; of the week before this one where that is said."""
    word = match["day"]
    number = _ENGLISH_WEEKDAYS.index(word) if word in _ENGLISH_WEEKDAYS else _WEEKDAYS.find(word) % 7
    today = here.date()
    if match["last"]:
        return _one(today - (today.weekday() + 7 - number) * DAY)
    return _one(today - ((today.weekday() - number) % 7) * DAY)


def _word(match: re.Match[str], here: datetime) -> Days | None:
    today = here.date()
    week = today - today.weekday() * DAY
    month = today.replace(day=1)
    before = month - DAY
    words = {
        _one(today): ("今天", "今日", "today"),
        _one(today - DAY): ("昨天", "昨日", "yesterday"),
        _one(today - 2 * DAY): ("前天", "day before yesterday"),
        Days(week, week + 7 * DAY): ("本周", "这周", "this week"),
        Days(week - 7 * DAY, week): ("上周", "last week"),
        _month(month.year, month.month): ("本月", "这个月", "this month"),
        _month(before.year, before.month): ("上个月", "上月", "last month"),
        Days(date(today.year, 1, 1), date(today.year + 1, 1, 1)): ("今年", "this year"),
        Days(date(today.year - 1, 1, 1), date(today.year, 1, 1)): ("去年", "last year"),
    }
    return next((days for days, names in words.items() if match[0] in names), None)


# Nothing that is part of a longer number or code is a date.
_FREE, _END = r"(?<![0-9a-z._/-])", r"(?![0-9_/]|-\w|\.\d)"
_READINGS: tuple[tuple[re.Pattern[str], _Read], ...] = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        (rf"{_FREE}(?P<y>20\d\d)(?P<by>[-/.])(?P<m>\d{{1,2}})(?P=by)(?P<d>\d{{1,2}}){_END}", _whole_date),
        (r"(?<!\d)(?P<y>20\d\d)年(?:(?P<m>\d{1,2})月(?:(?P<d>\d{1,2})[日号]?)?)?", _chinese_date),
        (r"(?<!\d)(?P<m>\d{1,2})月(?:(?P<d>\d{1,2})[日号]?)?", _without_year),
        (rf"{_FREE}(?P<y>20\d\d)[-/](?P<m>\d{{2}}){_END}", _whole_month),
        (rf"{_FREE}(?P<m>\d{{1,2}})/(?P<d>\d{{1,2}}){_END}", _without_year),
        (rf"{_FREE}(?P<m>\d{{2}})-(?P<d>\d{{2}}){_END}", _without_year),
        (r"(?:最近|近|过去)(?P<n>\d{1,3})个?(?P<unit>天|日|周|月|小时)", _lately),
        (r"\blast (?P<n>\d{1,3}) (?P<unit>day|week|month|hour)s?\b", _lately),
        (r"(?<!\d)(?P<n>\d{1,3})天前", _ago),
        (r"\b(?P<n>\d{1,3}) days? ago\b", _ago),
        (r"day before yesterday|今天|今日|昨天|昨日|前天|本月|这个月|上个?月|今年|去年", _word),
        (r"[本这上]周(?![一二三四五六日天])", _word),
        (r"\b(?:today|yesterday|this (?:week|month|year)|last (?:week|month|year))\b", _word),
        (r"(?P<last>上)?(?:本|这)?(?:周|星期|礼拜)(?P<day>[一二三四五六日天])", _weekday),
        (rf"\b(?P<last>last )?(?P<day>{'|'.join(_ENGLISH_WEEKDAYS)})\b", _weekday),
    )
)  # fmt: skip


def days_in(text: str, here: datetime) -> Iterator[tuple[int, int, Days]]:
    """The days that `text` names, each with where it stands; `here` is now on the hall's clocks."""
    taken: list[tuple[int, int]] = []
    for pattern, read in _READINGS:
        for match in pattern.finditer(text):
            first, last = match.span()
            if any(first < end and last > begin for begin, end in taken):
                continue
            try:
                days = read(match, here)
            except (ValueError, OverflowError):
                continue  # the 31st of February is no day
            if days is not None:
                taken.append((first, last))
                yield first, last, days
