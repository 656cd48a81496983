"""The evaluator follows rosters and announcements, and acts by itself when what excuses begins or ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts import rules
from alerts.facts import Post
from alerts.picture import Picture
from hall.config import HallSettings
from hall.finding import AlertKind, AlertStatus, Standing
from hall.interval import Interval
from hall.names import AnnouncementId, RuleId, StaffId, WindowId, ZoneId
from hall.observing import Presence
from hall.place import Staff, Text, Window
from hall.queueing import PauseReason, WindowState, WindowStatus
from hall.roster import Leave, Shift
from hall.roster_change import RosterChange
from hall.rule import AbsenceRule, OverlongPauseRule
from store import announcing, queueing, roster
from tests.unit.alerts.excused_posts import ABSENT, HERE, LI, SHANGHAI, WANG, announcement, leave, shift
from tests.unit.alerts.scene import Scene
from tests.unit.alerts.small_hall import (
    ALL,
    HALL,
    TEN,
    after,
    configuration,
    over,
    seen,
    settings,
    status,
)

ABSENCE = AbsenceRule(id=RuleId("absence"), limit_seconds=300, stale_seconds=30)
PAUSE = OverlongPauseRule(id=RuleId("overlong-pause"))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene.at(tmp_path, configuration(rules=(ABSENCE, PAUSE)))
    yield scene
    scene.database.close()


def enter(scene: Scene, *lines: Shift | Leave, withdrawn: tuple[tuple[StaffId, float], ...] = ()) -> None:
    """A change of the roster, now."""
    shifts = tuple(line for line in lines if isinstance(line, Shift))
    leaves = tuple(line for line in lines if isinstance(line, Leave))
    back = tuple((staff, after(start)) for staff, start in withdrawn)
    with scene.database.write() as tx:
        roster.change(tx, HALL, SHANGHAI, RosterChange(shifts, leaves, back), scene.clock.now())


def announce(scene: Scene, start: float, end: float, *windows: WindowId) -> AnnouncementId:
    """An announcement, entered now."""
    made = announcement(start, end, *windows)
    with scene.database.write() as tx:
        announcing.add_announcement(tx, made)
    return made.id


def deserted(scene: Scene) -> None:
    """Window 3 is open, and nobody is there from ten on."""
    scene.tell(status(WindowState.OPEN, -3000))
    scene.see(seen(HERE, -3000, 0), seen(ABSENT, 0))


def test_leave_that_is_entered_while_an_absence_stands_takes_it_back(scene: Scene) -> None:
    deserted(scene)
    scene.to(400)
    assert scene.only().status is AlertStatus.OPEN
    enter(scene, shift(LI, -3600, 7200), leave(LI, -60, 7200))
    scene.step()
    alert = scene.only()
    assert (alert.status, alert.interval.end) == (AlertStatus.RESOLVED, TEN)
    assert scene.flips(alert)[-1].reason.key == "absence.retracted"


def test_leave_that_begins_ends_an_absence_and_its_end_lets_emptiness_count_with_no_fact_told(
    scene: Scene,
) -> None:
    enter(scene, shift(LI, -3600, 7200), leave(LI, 400, 1000))
    deserted(scene)
    scene.to(999)
    assert scene.only().interval == Interval(TEN, after(400))
    scene.to(1299)
    assert len(scene.alerts()) == 1
    scene.to(1300)
    assert scene.alerts()[-1].interval == Interval(after(1000))


def test_leave_that_is_withdrawn_excuses_nothing_any_more(scene: Scene) -> None:
    enter(scene, shift(LI, -3600, 7200), leave(LI, -60, 7200))
    deserted(scene)
    scene.to(400)
    assert scene.alerts() == []
    enter(scene, withdrawn=((LI, -60),))
    scene.step()
    assert scene.only().interval == Interval(TEN)


def test_cover_that_is_entered_makes_the_window_due(scene: Scene) -> None:
    enter(scene, shift(LI, -3600, 7200), leave(LI, -60, 7200))
    deserted(scene)
    scene.to(100)
    enter(scene, shift(LI, -3600, 7200), shift(WANG, 100, 7200, cover=True))
    scene.to(399)
    assert scene.alerts() == []
    scene.to(400)
    assert scene.only().interval == Interval(after(100))


def test_a_shift_that_ends_ends_an_absence_by_itself(scene: Scene) -> None:
    enter(scene, shift(LI, -3600, 600))
    deserted(scene)
    scene.to(900)
    alert = scene.only()
    assert (alert.status, alert.interval) == (AlertStatus.RESOLVED, Interval(TEN, after(600)))


def test_the_roster_of_a_later_day_is_read_before_that_day_comes(scene: Scene) -> None:
    then = 3 * 86400
    enter(scene, shift(LI, then - 3600, then), shift(LI, then + 60, then + 7200))
    for halves in range(6):
        scene.clock.wall = after(halves * 43200)
        scene.step()
    scene.clock.wall = after(then + 10)
    scene.tell(status(WindowState.OPEN, then - 3000))
    scene.see(seen(HERE, then - 3000, then), seen(ABSENT, then))
    scene.to(then + 359)
    assert scene.alerts() == []
    scene.to(then + 360)
    assert scene.only().interval == Interval(after(then + 60))


def test_an_announcement_ends_what_stands_and_ending_it_early_lets_emptiness_count(scene: Scene) -> None:
    deserted(scene)
    scene.to(400)
    made = announce(scene, 400, 4000)
    scene.step()
    alert = scene.only()
    assert (alert.status, alert.interval.end) == (AlertStatus.RESOLVED, after(400))
    assert "消防演练" in scene.flips(alert)[-1].reason.zh
    scene.to(1000)
    with scene.database.write() as tx:
        announcing.end_announcement(tx, made, "wang", scene.clock.now())
    scene.to(1299)
    assert len(scene.alerts()) == 1
    scene.to(1300)
    assert scene.alerts()[-1].interval == Interval(after(1000))


def test_an_announcement_that_was_entered_ahead_begins_and_ends_by_itself(scene: Scene) -> None:
    announce(scene, 200, 700)
    deserted(scene)
    scene.to(999)
    assert scene.alerts() == []
    scene.to(1000)
    assert scene.only().interval == Interval(after(700))


def test_a_pause_too_long_is_one_alert_however_many_rows_tell_of_it_and_after_a_restart(scene: Scene) -> None:
    scene.tell(status(WindowState.OPEN, -3000, 0), status(WindowState.PAUSED, 0, reason=PauseReason.BREAK))
    scene.to(620)
    scene.restart()
    scene.tell(
        status(WindowState.OPEN, -3000, 0),
        status(WindowState.PAUSED, 0, 630, reason=PauseReason.BREAK),
        status(WindowState.PAUSED, 630, reason=PauseReason.BREAK),
    )
    scene.to(900)
    alert = scene.only()
    assert (alert.kind, alert.interval, alert.opened_at) == (
        AlertKind.OVERLONG_PAUSE,
        Interval(TEN),
        after(600),
    )


def test_leave_entered_and_withdrawn_during_an_overlong_pause_leaves_one_alert_that_stands(
    scene: Scene,
) -> None:
    scene.tell(status(WindowState.OPEN, -3000, 0), status(WindowState.PAUSED, 0, reason=PauseReason.BREAK))
    scene.to(650)
    enter(scene, shift(LI, -3600, 7200), leave(LI, -60, 7200))
    scene.step()
    assert scene.only().status is AlertStatus.RESOLVED
    enter(scene, withdrawn=((LI, -60),))
    scene.step()
    alert = scene.only()
    assert (alert.status, alert.interval) == (AlertStatus.OPEN, Interval(TEN))


def four_windows() -> HallSettings:
    """Four neighbouring windows with a staff zone each, in sight of one camera."""
    small = settings(rules=(ABSENCE, PAUSE))
    unit = small.windows[0].unit
    windows = tuple(
        Window(id=WindowId(f"w{n}"), number=str(n), name=Text(zh=f"{n}号", en=f"No. {n}"), unit=unit)
        for n in range(1, 5)
    )
    first = small.cameras[0]
    zones = tuple(
        first.zones[0].model_copy(update={"id": ZoneId(f"z{n}"), "window": WindowId(f"w{n}")})
        for n in range(1, 5)
    )
    zhao = Staff(id=StaffId("zhao"), name=Text(zh="赵敏", en="Zhao Min"), unit=unit)
    camera = first.model_copy(update={"zones": zones})
    return small.model_copy(update={"windows": windows, "cameras": (camera,), "staff": (zhao,)})


def told(scene: Scene, number: int, *states: tuple[WindowState, float, PauseReason | None]) -> None:
    """The states of one of four windows, each up to the next; open since nine."""
    window = WindowId(f"w{number}")
    begun = [(WindowState.OPEN, -3000.0, None), *states]
    ends = [*(start for _, start, _ in states), None]
    rows = [
        WindowStatus(HALL, window, state, over(start, end), reason=reason)
        for (state, start, reason), end in zip(begun, ends, strict=True)
    ]
    with scene.database.write() as tx:
        queueing.save_window_statuses(tx, HALL, window, ALL.start, rows, scene.clock.now())


def watched(scene: Scene, number: int, *presences: tuple[Presence, float]) -> None:
    """What the camera sees at one of four windows, each up to the next."""
    ends = [*(start for _, start in presences[1:]), None]
    scene.see(
        *(
            seen(presence, start, end, zone=f"z{number}", window=WindowId(f"w{number}"))
            for (presence, start), end in zip(presences, ends, strict=True)
        )
    )


def absence_at(scene: Scene, number: int) -> str:
    """Why one of four windows is no absence now."""
    at = scene.clock.now()
    with scene.database.read() as tx:
        known = Picture(tx, at).facts((HALL, f"window:w{number}"))
    [post] = [facts for facts in known if isinstance(facts, Post)]
    verdict = rules.judge(post, at, ABSENCE)
    assert verdict.standing is Standing.CLEAR
    return verdict.reason.en


def test_of_four_windows_of_which_three_are_empty_none_is_absent_and_one_paused_a_minute_too_long(
    tmp_path: Path,
) -> None:
    scene = Scene.at(tmp_path, configuration().model_copy(update={"halls": (four_windows(),)}))
    zhao, w3 = StaffId("zhao"), WindowId("w3")
    enter(scene, shift(zhao, -3600, 7200, w3), leave(zhao, -3600, 7200, "personal"))
    told(scene, 1, (WindowState.PAUSED, -180, PauseReason.BACK_OFFICE))
    watched(scene, 1, (HERE, -3000), (ABSENT, -180))
    told(scene, 2, (WindowState.SERVING, -240, None))
    watched(scene, 2, (HERE, -3000))
    told(scene, 3, (WindowState.CLOSED, -2990, None))
    watched(scene, 3, (ABSENT, -3000))
    told(scene, 4, (WindowState.PAUSED, 0, PauseReason.BREAK))
    watched(scene, 4, (HERE, -3000), (ABSENT, 0))
    scene.to(599)
    assert scene.alerts() == []
    assert [absence_at(scene, number) for number in (1, 2, 3, 4)] == [
        "Window 1 is paused (back office), allowed until 10:27:00",
        "Somebody is on post at window 2",
        "Nobody is due at window 3 until 12:00:00: leave was approved, and nobody covers",
        "Window 4 is paused (break), allowed until 10:10:00",
    ]
    scene.to(660)
    assert scene.only().status is AlertStatus.OPEN
    told(scene, 4, (WindowState.PAUSED, 0, PauseReason.BREAK), (WindowState.OPEN, 660, None))
    watched(scene, 4, (HERE, 660))
    scene.to(840)
    alert = scene.only()
    assert (alert.kind, alert.subject.window) == (AlertKind.OVERLONG_PAUSE, "w4")
    assert (alert.status, alert.interval) == (AlertStatus.RESOLVED, Interval(TEN, after(660)))
    reason = scene.flips(alert)[-1].reason
    assert reason.en == (
        "At 10:11:00 service was resumed; window 4 was paused (break) since 10:00:00, for 11 min "
        "(10 min allowed): over its allowance by 1 min"
    )
    assert reason.values["over_seconds"] == "60"
    scene.database.close()
