"""A roster as a CSV file: `kind,staff,window,from,to,reason`, one shift or leave a line."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime

from hall.config import HallSettings
from hall.errors import ConfigurationError, Problem
from hall.interval import Interval
from hall.names import StaffId, WindowId
from hall.roster import Leave, Shift
from hallwatch.calendar_file import decoded
from store.roster import RosterChange

COLUMNS = ("kind", "staff", "window", "from", "to")
KINDS = ("shift", "cover", "leave", "withdrawn")
LARGEST_FILE = 8 * 1024 * 1024
LONGEST_REASON = 200
MOST_PROBLEMS = 100


def parse(content: bytes, source: str, hall: HallSettings) -> RosterChange:
    """The change that a file tells. Times without an offset are the hall's.

    Raises ConfigurationError that names every line that is wrong; nothing of the file counts then.
    """
    if len(content) > LARGEST_FILE:
        raise ConfigurationError([Problem("file", None, "is larger than 8 MiB")], source)
    lines = csv.DictReader(io.StringIO(decoded(content, source), newline=""))
    missing = [column for column in COLUMNS if column not in (lines.fieldnames or ())]
    if missing:
        raise ConfigurationError(
            [Problem(column, 1, "is no column of the file") for column in missing], source
        )
    shifts: list[Shift] = []
    leaves: list[Leave] = []
    told_in: list[int] = []
    begun: dict[tuple[StaffId, datetime], int] = {}
    withdrawn: list[tuple[StaffId, datetime]] = []
    problems: list[Problem] = []
    for row in lines:
        line = _Line(row, hall)
        try:
            kind = line.kind()
            if kind == "withdrawn":
                withdrawn.append((line.staff(), line.moment("from")))
            elif kind == "leave":
                leave = line.leave()
                first = begun.setdefault((leave.staff, leave.interval.start), lines.line_num)
                if first != lines.line_num:
                    raise ValueError(
                        "from", f"a leave of '{leave.staff}' begins then in line {first} already"
                    )
                leaves.append(leave)
            else:
                shifts.append(line.shift(cover=kind == "cover"))
                told_in.append(lines.line_num)
        except ValueError as error:
            field, message = error.args
            problems.append(Problem(field, lines.line_num, message))
    problems += _collisions(list(zip(told_in, shifts, strict=True)))
    if not (problems or shifts or leaves or withdrawn):
        problems.append(Problem("file", None, "has no lines"))
    if problems:
        raise ConfigurationError(problems[:MOST_PROBLEMS], source)
    return RosterChange(tuple(shifts), tuple(leaves), tuple(withdrawn))


def _collisions(told: list[tuple[int, Shift]]) -> Iterator[Problem]:
    """The lines by which a person is due at two windows at once, or has two shifts that begin together."""
    under_way = defaultdict[StaffId, list[tuple[int, Shift]]](list)
    for line, shift in sorted(told, key=lambda each: (each[1].interval.start, each[0])):
        others = [one for one in under_way[shift.staff] if one[1].interval.overlaps(shift.interval)]
        for other_line, other in others:
            if other.window != shift.window:
                last, first = max(line, other_line), min(line, other_line)
                both = f"{other.window} and at {shift.window}"
                yield Problem("from", last, f"{shift.staff} is due at {both} then; see line {first}")
            elif other.interval.start == shift.interval.start:
                last, first = max(line, other_line), min(line, other_line)
                yield Problem("from", last, f"two shifts of {shift.staff} begin then; see line {first}")
        under_way[shift.staff] = [*others, (line, shift)]


class _Line:
    """One line; each question raises ValueError with the column and what is wrong with it."""

    def __init__(self, row: dict[str, str | None], hall: HallSettings) -> None:
        self._row, self._hall = row, hall

    def kind(self) -> str:
        kind = self._text("kind")
        if kind not in KINDS:
            raise ValueError("kind", f"'{kind[:40]}' is not one of {', '.join(KINDS)}")
        return kind

    def staff(self) -> StaffId:
        name = self._text("staff")
        if all(person.id != name for person in self._hall.staff):
            raise ValueError("staff", f"there is no staff member '{name[:63]}' in hall '{self._hall.id}'")
        return StaffId(name)

    def moment(self, column: str) -> datetime:
        text = self._text(column)
        try:
            found = datetime.fromisoformat(text)
            aware = found if found.tzinfo is not None else found.replace(tzinfo=self._hall.zone_info)
            return aware.astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValueError(
                column, f"'{text[:40]}' is no time, write for example 2026-03-02 09:00"
            ) from None

    def shift(self, *, cover: bool) -> Shift:
        window = WindowId(self._text("window"))
        if self._hall.window(window) is None:
            raise ValueError("window", f"there is no window '{window[:63]}' in hall '{self._hall.id}'")
        over = self._interval()
        try:
            return Shift(self.staff(), window, over, cover)
        except ValueError as error:
            raise error if len(error.args) == 2 else ValueError("to", str(error)) from None

    def leave(self) -> Leave:
        reason = self._text("reason")
        if len(reason) > LONGEST_REASON or not reason.isprintable():
            raise ValueError("reason", f"has at most {LONGEST_REASON} characters, all of them printable")
        over = self._interval()
        try:
            return Leave(self.staff(), over, reason)
        except ValueError as error:
            raise error if len(error.args) == 2 else ValueError("to", str(error)) from None

    def _interval(self) -> Interval:
        start, end = self.moment("from"), self.moment("to")
        if end <= start:
            raise ValueError("to", f"ends at {self._text('to')}, not after it starts at {self._text('from')}")
        return Interval(start, end)

    def _text(self, column: str) -> str:
        return (self._row.get(column) or "").strip()
