"""What truly happened to one case within two weeks, and when it stood in which stage of its limit.

Times are whole hours after the midnight before a Monday. Nothing of `alerts` is used: each hour is looked at
on its own, by what had happened to the case by then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

END = 15 * 24
"""Nothing happens from then on."""
ALLOWED = 4
"""Working days that the item promises."""
OPENS, CLOSES = 9, 17


@dataclass(frozen=True)
class Decision:
    """One thing that a case system tells: `kind` is the type of the event."""

    hour: int
    kind: str
    days: int | None = None


@dataclass(frozen=True, order=True)
class Stood:
    """A time in which a case stood in a stage, as serious as in its last hour; without end: it does."""

    start: int
    end: int | None
    severity: str


KINDS = st.sampled_from(["case_suspended"] * 2 + ["case_resumed"] * 2 + ["case_extended", "case_closed"])


@st.composite
def courses(draw: st.DrawFn) -> list[Decision]:
    """The acceptance of a case and what followed, each in an hour of its own."""
    accepted = draw(st.integers(8, 40))
    hours = draw(st.lists(st.integers(accepted + 1, END - 1), unique=True, max_size=6))
    told = [Decision(accepted, "case_accepted")]
    for hour in sorted(hours):
        kind = draw(KINDS)
        told.append(Decision(hour, kind, draw(st.integers(1, 3)) if kind == "case_extended" else None))
    return told


def stood(course: Sequence[Decision]) -> list[Stood]:
    """When the case stood in a stage of its limit, in order."""
    found: list[Stood] = []
    start: int | None = None
    severity = before = ""
    for hour in range(END + 1):
        before, severity = severity, _stage([one for one in course if one.hour <= hour], hour)
        if severity and start is None:
            start = hour
        elif not severity and start is not None:
            found.append(Stood(start, hour, before))
            start = None
    return [*found, Stood(start, None, severity)] if start is not None else found


def _stage(told: Sequence[Decision], hour: int) -> str:
    """How serious it is in an hour: nothing, attention, warning or serious."""
    if not told or any(one.kind == "case_closed" for one in told):
        return ""
    allowed = ALLOWED + sum(one.days or 0 for one in told)
    suspended = list(_suspended(told))
    last_day = _days_after(told[0].hour // 24, allowed, _passed_over(suspended))
    ends = last_day * 24 + CLOSES
    if suspended and suspended[-1][1] is None and suspended[-1][0] < ends:
        return ""
    near = _days_before(last_day, min(2, allowed // 2)) * 24 + OPENS
    if hour >= ends:
        return "serious"
    if hour >= last_day * 24 + OPENS:
        return "warning"
    return "attention" if hour >= near else ""


def _suspended(told: Sequence[Decision]) -> Iterator[tuple[int, int | None]]:
    """The suspensions up to now; the last may last."""
    since: int | None = None
    for one in told:
        if one.kind == "case_suspended" and since is None:
            since = one.hour
        elif one.kind == "case_resumed" and since is not None:
            yield since, one.hour
            since = None
    if since is not None:
        yield since, None


def _passed_over(suspended: Sequence[tuple[int, int | None]]) -> set[int]:
    """The days that a suspension touches; of one that lasts, its first."""
    return {
        day
        for start, end in suspended
        for day in range(start // 24, (start if end is None else end - 1) // 24 + 1)
    }


def _days_after(day: int, count: int, passed_over: set[int]) -> int:
    """So many working days later; the first day is a Monday."""
    while count:
        day += 1
        count -= day % 7 < 5 and day not in passed_over
    return day


def _days_before(day: int, count: int) -> int:
    while count:
        day -= 1
        count -= day % 7 < 5
    return day
