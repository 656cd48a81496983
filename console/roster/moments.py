"""Days and times as cells hold them: as a spreadsheet's own dates, as serial numbers, or as text.

A serial number counts days since 1899-12-30 (or 1904-01-01), its fraction is the time of day. Text is read in
the one order that cannot be mistaken: year, month, day. 3/4/2026 is refused, for it may be two days.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from console.roster.table import Cell

A_DAY = timedelta(days=1)
DAY_ZERO, DAY_ZERO_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 - local, as the file has it
OLDEST_YEAR = 1905
FIRST_SERIAL, LAST_SERIAL = 36_526, 109_575
"""2000-01-01 and 2200-01-01: other numbers are no days of a roster."""

_DAY = r"(?P<year>\d{4})(?:[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?|(?P<m2>\d{2})(?P<d2>\d{2}))"
_TIME = r"(?P<hour>\d{1,2})(?:[:时点](?:(?P<minute>\d{1,2})分?(?::?(?P<second>\d{1,2})(?:\.0+)?秒?)?)?)"
_DAY_ALONE, _TIME_ALONE = re.compile(_DAY), re.compile(_TIME)
_BOTH = re.compile(rf"{_DAY}[ T]*(?:(?:星期|周)[一二三四五六日天] *)?{_TIME}")
_NUMBER = re.compile(r"\d{1,6}(\.\d+)?|\.\d+")


@dataclass(frozen=True, slots=True)
class When:
    """What a cell tells of a moment: a day, a time of day as what has passed since midnight, or both."""

    day: date | None
    since_midnight: timedelta | None


def when(cell: Cell, *, from_1904: bool = False) -> When | None:
    """What a cell tells, None when it tells no moment. A time of day goes up to 24:00."""
    if isinstance(cell, bool):
        return None
    if isinstance(cell, datetime):
        if cell.year < OLDEST_YEAR:
            # Times of day, and 24:00, that a spreadsheet shows as a moment of its first day.
            passed = cell - (DAY_ZERO_1904 if from_1904 else DAY_ZERO + A_DAY)
            return When(None, _rounded(passed)) if timedelta(0) <= passed <= A_DAY else None
        return When(cell.date(), _rounded(cell - datetime.combine(cell, time(0))))
    if isinstance(cell, date):
        return When(cell, None)
    if isinstance(cell, time):
        return When(None, _rounded(timedelta(hours=cell.hour, minutes=cell.minute, seconds=cell.second)))
    if isinstance(cell, timedelta):
        return When(None, _rounded(cell)) if timedelta(0) <= cell <= A_DAY else None
    if isinstance(cell, int | float):
        return _of_serial(cell, from_1904=from_1904)
    return _of_text(cell, from_1904=from_1904) if isinstance(cell, str) else None


def _of_serial(number: float, *, from_1904: bool) -> When | None:
    if 0 <= number <= 1:
        return When(None, _rounded(timedelta(days=number)))
    zero = DAY_ZERO_1904 if from_1904 else DAY_ZERO
    shift = (DAY_ZERO_1904 - DAY_ZERO).days if from_1904 else 0
    if not FIRST_SERIAL - shift <= number < LAST_SERIAL - shift:
        return None
    at = zero + _rounded(timedelta(days=number))
    passed = at - datetime.combine(at, time(0))
    return When(at.date(), None if float(number).is_integer() else passed)


def _of_text(text: str, *, from_1904: bool) -> When | None:
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    try:
        if found := _DAY_ALONE.fullmatch(plain):
            return When(_day(found), None)
        if found := _BOTH.fullmatch(plain):
            return When(_day(found), _passed(found))
        if found := _TIME_ALONE.fullmatch(plain):
            return When(None, _passed(found))
    except ValueError:
        return None
    return _of_serial(float(plain), from_1904=from_1904) if _NUMBER.fullmatch(plain) else None


def _day(found: re.Match[str]) -> date:
    parts = found.groupdict()
    return date(int(parts["year"]), int(parts["month"] or parts["m2"]), int(parts["day"] or parts["d2"]))


def _passed(found: re.Match[str]) -> timedelta:
    """Raises ValueError for what no clock shows."""
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    if minute > 59 or second > 59:
        raise ValueError("no clock shows this")
    passed = timedelta(hours=hour, minutes=minute, seconds=second)
    if passed > A_DAY:
        raise ValueError("no clock shows this")
    return passed


def _rounded(passed: timedelta) -> timedelta:
    """To the second: a third of a day has no exact number."""
    return timedelta(seconds=round(passed.total_seconds()))


def with_offset(cell: Cell, zone: ZoneInfo) -> When | None:
    """What a text tells that says its own offset, as programs write it, in another zone's time."""
    try:
        at = datetime.fromisoformat(str(cell).strip())
        if at.tzinfo is None:
            return None
        local = at.astimezone(zone)
    except (ValueError, OverflowError):
        return None
    return When(local.date(), timedelta(hours=local.hour, minutes=local.minute, seconds=local.second))
