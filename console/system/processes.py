"""How every process is, from what was heard of it: pure functions of what was heard and the time.

What was not heard is not known: a process of which nothing is heard may well run. Only a supervisor that is
heard now can say that one is away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bus.supervision import ProcessReport
from console.system.hearing import HeardBeat, HeardReport, Hearing

ROLES: Final = ("capture", "analysis", "alerts", "live", "console")
"""What every hall needs; a role may run in several processes (`capture-1-of-2`)."""
SUPERVISOR: Final = "supervisor"
FRESH: Final = timedelta(seconds=10)
"""A heartbeat or report that is older says nothing of the present: they come every two seconds."""
START_SECONDS: Final = 45.0
"""So long may a process take to its first heartbeat; the supervisor waits as long."""


class ProcessState(StrEnum):
    """How a process is."""

    RUNNING = "running"
    STARTING = "starting"
    SILENT = "silent"
    """It is there, but sends no heartbeats: it hangs, and is about to be replaced."""
    AWAY = "away"
    """It ended, and waits to be started again."""
    UNKNOWN = "unknown"


class Unheard(StrEnum):
    """Why nothing is known of a process."""

    BUS_AWAY = "bus_away"
    JUST_BEGUN = "just_begun"
    """The console itself listens since a moment only."""
    NOT_HEARD = "not_heard"


@dataclass(frozen=True, slots=True)
class ProcessHealth:
    """One process as far as it is known.

    `since`: running since; `restarts` since `counted_since`; all None when no supervisor tells. `why` says
    why a state is not known.
    """

    name: str
    state: ProcessState
    since: datetime | None = None
    restarts: int | None = None
    counted_since: datetime | None = None
    last_beat: datetime | None = None
    process: int | None = None
    machine: str = ""
    why: Unheard | None = None


def processes(heard: Hearing, now: datetime, *, bus_is_there: bool) -> list[ProcessHealth]:
    """Every process of which something is known, and every role of which nothing is."""
    found: dict[str, ProcessHealth] = {}
    for heard_report in heard.reports.values():
        if now - heard_report.at <= FRESH:
            for one in _reported(heard_report):
                found.setdefault(one.name, one)
    for name, beat in heard.beats.items():
        if name not in found and now - beat.at <= FRESH and name != SUPERVISOR:
            found[name] = _beating(name, beat)
    why = _why(heard.since, now, bus_is_there=bus_is_there)
    for name in _missing(found, heard.reports, heard.beats):
        found[name] = ProcessHealth(name, ProcessState.UNKNOWN, why=why, last_beat=_last(heard, name))
    return sorted(found.values(), key=_order)


def _reported(heard: HeardReport) -> Iterable[ProcessHealth]:
    began = heard.at - timedelta(seconds=heard.report.up_seconds)
    yield ProcessHealth(
        SUPERVISOR, ProcessState.RUNNING, since=began, last_beat=heard.at, machine=heard.report.machine
    )
    for one in heard.report.processes:
        yield ProcessHealth(
            one.name,
            _state(one),
            since=heard.at - timedelta(seconds=one.up_seconds) if one.process is not None else None,
            restarts=one.restarts,
            counted_since=began,
            last_beat=None
            if one.silent_seconds is None
            else heard.at - timedelta(seconds=one.silent_seconds),
            process=one.process,
            machine=heard.report.machine,
        )


def _state(one: ProcessReport) -> ProcessState:
    if one.process is None:
        return ProcessState.AWAY
    if not one.beats:
        return ProcessState.RUNNING
    if one.silent_seconds is None:
        return ProcessState.STARTING if one.up_seconds < START_SECONDS else ProcessState.SILENT
    return ProcessState.RUNNING if one.silent_seconds <= FRESH.total_seconds() else ProcessState.SILENT


def _beating(name: str, beat: HeardBeat) -> ProcessHealth:
    # Since the first beat that was heard, not since its start: only its supervisor knows that.
    return ProcessHealth(name, ProcessState.RUNNING, last_beat=beat.at, process=beat.process)


def _missing(
    found: Mapping[str, ProcessHealth], reports: Mapping[str, HeardReport], beats: Mapping[str, HeardBeat]
) -> list[str]:
    """Names that were heard once and are not now, and roles without any process."""
    told = {one.name for heard in reports.values() for one in heard.report.processes} | set(beats)
    gone = told - set(found) - {SUPERVISOR}
    known = {role_of(name) for name in (*found, *gone)}
    lost = {SUPERVISOR} if reports and SUPERVISOR not in found else set()
    return sorted({*gone, *(set(ROLES) - known), *lost})


def role_of(name: str) -> str:
    """The role of a process: `capture` of `capture-1-of-2`."""
    return name.split("-", maxsplit=1)[0]


def _last(heard: Hearing, name: str) -> datetime | None:
    beat = heard.beats.get(name)
    return beat.at if beat is not None else None


def _why(since: datetime, now: datetime, *, bus_is_there: bool) -> Unheard:
    if not bus_is_there:
        return Unheard.BUS_AWAY
    return Unheard.JUST_BEGUN if now - since <= FRESH else Unheard.NOT_HEARD


def _order(one: ProcessHealth) -> tuple[int, str]:
    order = (SUPERVISOR, "bus", *ROLES)
    role = one.name if one.name in order else role_of(one.name)
    return (order.index(role) if role in order else len(order), one.name)
