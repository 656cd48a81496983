"""How processes are: only what was heard is known, and what is not known is said to be so."""

from __future__ import annotations

from datetime import timedelta

from bus.heartbeat import Beat
from bus.supervision import ProcessReport, SupervisorReport
from console.system.hearing import Hearing
from console.system.processes import ProcessHealth, ProcessState, Unheard, processes
from hall.clock import SimulatedClock

ALL = ("analysis", "alerts", "live", "console")


def running(name: str, up: float = 3600.0, silent: float | None = 1.0, restarts: int = 0) -> ProcessReport:
    return ProcessReport(name, 100, up, restarts, True, silent)


def by_name(heard: Hearing, clock: SimulatedClock, *, bus: bool = True) -> dict[str, ProcessHealth]:
    return {one.name: one for one in processes(heard, clock.now(), bus_is_there=bus)}


def test_a_supervisor_tells_since_when_what_runs_and_how_often_it_was_started_again() -> None:
    clock = SimulatedClock()
    heard = Hearing(clock)
    server = ProcessReport("bus", 7, 7200.0, 0, False, None)
    told = (running("capture", up=60, restarts=3), server, *map(running, ALL))
    heard.note_report(SupervisorReport("hall-1", 7200.0, told))
    found = by_name(heard, clock)
    assert list(found) == ["supervisor", "bus", "capture", *ALL]
    capture = found["capture"]
    assert (capture.state, capture.restarts, capture.machine) == (ProcessState.RUNNING, 3, "hall-1")
    assert capture.since == clock.now() - timedelta(seconds=60)
    assert capture.counted_since == found["supervisor"].since == clock.now() - timedelta(hours=2)
    assert found["bus"].state is ProcessState.RUNNING


def test_a_process_is_away_starting_silent_or_running() -> None:
    clock = SimulatedClock()
    heard = Hearing(clock)
    told = (
        ProcessReport("capture", None, 3.0, 1, True, None),
        running("analysis", up=5, silent=None),
        running("alerts", silent=11),
        running("live", up=60, silent=None),
        running("console"),
    )
    heard.note_report(SupervisorReport("hall-1", 7200.0, told))
    states = {name: one.state.value for name, one in by_name(heard, clock).items()}
    assert states == {
        "supervisor": "running",
        "capture": "away",
        "analysis": "starting",
        "alerts": "silent",
        "live": "silent",
        "console": "running",
    }


def test_nothing_is_known_once_a_supervisor_has_gone_silent_and_beats_alone_say_less() -> None:
    clock = SimulatedClock()
    heard = Hearing(clock)
    heard.note_report(SupervisorReport("hall-1", 7200.0, (running("capture"), *map(running, ALL))))
    clock.advance(11)
    heard.note_beat(Beat("capture", 100))
    found = by_name(heard, clock)
    assert (found["capture"].state, found["capture"].restarts) == (ProcessState.RUNNING, None)
    for name in ("supervisor", *ALL):
        assert (found[name].state, found[name].why) == (ProcessState.UNKNOWN, Unheard.NOT_HEARD), name


def test_why_nothing_is_heard_is_said() -> None:
    clock = SimulatedClock()
    heard = Hearing(clock)
    assert {one.why for one in by_name(heard, clock).values()} == {Unheard.JUST_BEGUN}
    assert {one.why for one in by_name(heard, clock, bus=False).values()} == {Unheard.BUS_AWAY}
    clock.advance(60)
    assert {one.why for one in by_name(heard, clock).values()} == {Unheard.NOT_HEARD}
    assert set(by_name(heard, clock)) == {"capture", *ALL}


def test_a_role_in_several_processes_is_not_missing() -> None:
    clock = SimulatedClock()
    heard = Hearing(clock)
    heard.note_report(SupervisorReport("a", 9.0, (running("capture-1-of-2"), *map(running, ALL))))
    heard.note_report(SupervisorReport("b", 9.0, (running("capture-2-of-2"),)))
    names = list(by_name(heard, clock))
    assert names == ["supervisor", "capture-1-of-2", "capture-2-of-2", *ALL]
