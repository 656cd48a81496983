"""A morning at four neighbouring windows, told through the public interfaces: who was absent, who waited why.

One window is in back-office review, one serves, one is closed while its clerk is on approved leave, one is
paused for a break with its sign, for eleven minutes where ten are allowed. A visitor waits eleven minutes and
complains that three of four windows were deserted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from alerts.evaluator import Evaluator
from alerts.leadership import Leadership
from hall.interval import Interval
from hall.names import CameraId, HallId, WindowId, ZoneId
from hall.observing import Observation, ObservationKind, Presence
from hallwatch.cli.commands import app
from store import observing
from tests.integration.console_hall import KEY, NOW, Console, console

HALL, CAMERA = HallId("lakeside"), CameraId("c1")
YAML = """
site: {data: DATA, database: "sqlite:///DATABASE", console: {port: 0}}
halls:
- id: lakeside
  name: {zh: 湖滨政务服务中心, en: Lakeside service hall}
  schedule: {follows_calendar: false}
  units: [{id: civil, name: {zh: 民政局, en: Civil affairs}}]
  staff:
  - {id: chen, name: {zh: 陈静, en: Chen Jing}, unit: civil}
  - {id: li, name: {zh: 李强, en: Li Qiang}, unit: civil}
  - {id: zhao, name: {zh: 赵敏, en: Zhao Min}, unit: civil}
  - {id: wu, name: {zh: 吴刚, en: Wu Gang}, unit: civil}
  windows:
  - {id: w1, number: "1", name: {zh: 一号窗口, en: Window One}, unit: civil}
  - {id: w2, number: "2", name: {zh: 二号窗口, en: Window Two}, unit: civil}
  - {id: w3, number: "3", name: {zh: 三号窗口, en: Window Three}, unit: civil}
  - {id: w4, number: "4", name: {zh: 四号窗口, en: Window Four}, unit: civil}
  cameras:
  - id: c1
    name: {zh: 一号机, en: Camera One}
    url: rtsp://127.0.0.1/1
    zones:
    - {id: z1, role: staff, window: w1, polygon: [[0.00, 0], [0.20, 0], [0.20, 1], [0.00, 1]]}
    - {id: z2, role: staff, window: w2, polygon: [[0.25, 0], [0.45, 0], [0.45, 1], [0.25, 1]]}
    - {id: z3, role: staff, window: w3, polygon: [[0.50, 0], [0.70, 0], [0.70, 1], [0.50, 1]]}
    - {id: z4, role: staff, window: w4, polygon: [[0.75, 0], [0.95, 0], [0.95, 1], [0.75, 1]]}
  rules:
  - {id: absence, kind: absence, limit_seconds: 300, allowed_pauses: {break: 600, back_office: 1800}}
  - {id: unattended-customer, kind: unattended_customer}
  - {id: overlong-pause, kind: overlong_pause, allowed_pauses: {break: 600, back_office: 1800}}
  - {id: overlong-wait, kind: overlong_wait, limit_seconds: 600}
  - {id: long-queue, kind: long_queue}
  - {id: called-not-served, kind: called_not_served}
"""
ROSTER = """kind,staff,window,from,to,reason
shift,chen,w1,2026-03-02 09:00,2026-03-02 17:00,
shift,li,w2,2026-03-02 09:00,2026-03-02 17:00,
shift,zhao,w3,2026-03-02 09:00,2026-03-02 17:00,
shift,wu,w4,2026-03-02 09:00,2026-03-02 17:00,
leave,zhao,,2026-03-02 09:00,2026-03-02 12:00,personal
"""


def clock(minutes: float) -> datetime:
    """So many minutes after ten o'clock in the hall."""
    return NOW + timedelta(minutes=minutes)


@dataclass
class Morning:
    """The hall from ten o'clock on: what its queue system and its camera tell, and what is found."""

    console: Console
    evaluator: Evaluator
    leadership: Leadership
    told: int = 0

    def queue(self, minutes: float, kind: str, **members: str) -> None:
        """An event of the queue system, posted at its time."""
        self.to(minutes)
        self.told += 1
        event = {
            "id": f"e{self.told}",
            "hall": HALL,
            "at": clock(minutes).isoformat(),
            "type": kind,
            **members,
        }
        with self.console.visitor() as system:
            answer = system.post("/api/v1/queue-events", json=event, headers={"X-API-Key": KEY})
        assert answer.status_code == 202, answer.text

    def camera(self, minutes: float, window: str, state: Presence) -> None:
        """What the camera sees of a staff zone from now on."""
        self.to(minutes)
        seen = Observation(
            ObservationKind.PRESENCE,
            CAMERA,
            ZoneId(f"z{window[1]}"),
            WindowId(window),
            Interval(clock(minutes)),
            state.value,
            source="test@1",
        )
        with self.console.database.write() as tx:
            observing.change(tx, HALL, seen)

    def to(self, minutes: float) -> None:
        """Let time pass; analysis goes on looking, the evaluator judges whenever something is due."""
        end = clock(minutes)
        while self.console.clock.now() < end:
            due = self._judged()
            a_while = self.console.clock.now() + timedelta(seconds=2)
            self.console.clock.wall = min(end, max(due or a_while, a_while))
        self._judged()

    def alerts(self) -> list[dict[str, Any]]:
        """Every alert, as an officer is given it, by kind."""
        with self.console.officer() as officer:
            answer = officer.get("/api/v1/alerts", params={"hall": HALL})
        assert answer.status_code == 200, answer.text
        return sorted(answer.json()["items"], key=lambda alert: str(alert["kind"]))

    def story(self, alert: str) -> list[dict[str, Any]]:
        """The flips of an alert, in order."""
        with self.console.officer() as officer:
            answer = officer.get(f"/api/v1/alerts/{alert}")
        assert answer.status_code == 200, answer.text
        flips: list[dict[str, Any]] = answer.json()["flips"]
        return flips

    def _judged(self) -> datetime | None:
        with self.console.database.write() as tx:
            observing.watched(tx, CAMERA, self.console.clock.now())
        assert self.leadership.hold()
        return self.evaluator.step()


@pytest.fixture
def morning(tmp_path: Path) -> Iterator[Morning]:
    yaml = YAML.replace("DATABASE", str(tmp_path / "hall.db"))
    (tmp_path / "hall.yaml").write_text(yaml.replace("DATA", str(tmp_path / "data")), encoding="utf-8")
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    with console(tmp_path, yaml=yaml) as running:
        arguments = ["roster", "import", str(tmp_path / "roster.csv"), "-f", str(tmp_path / "hall.yaml")]
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, done.output
        running.clock.wall = clock(-60)
        leadership = Leadership(running.database, running.clock, "only")
        yield Morning(running, Evaluator(running.database, running.clock, leadership), leadership)


def between(start: float, end: float) -> dict[str, str]:
    """An interval in minutes after ten, as the API writes it."""
    return {name: f"{clock(at):%Y-%m-%dT%H:%M:%S}Z" for name, at in (("start", start), ("end", end))}


def visit(morning: Morning) -> None:
    """The hour before the visitor comes, and the eleven minutes in which he waits."""
    for window in ("w1", "w2", "w4"):
        morning.queue(-50, "window_opened", window=window)
        morning.camera(-50, window, Presence.ON_POST)
    morning.camera(-50, "w3", Presence.ABSENT)
    morning.queue(-6, "ticket_taken", ticket="A001")
    morning.queue(-5, "ticket_called", ticket="A001", window="w2")
    morning.queue(-4, "service_started", ticket="A001", window="w2", staff="li")
    morning.queue(-3, "window_paused", window="w1", reason="back_office")
    morning.camera(-3, "w1", Presence.ABSENT)
    morning.queue(0, "window_paused", window="w4", reason="break")
    morning.camera(0, "w4", Presence.ABSENT)
    morning.queue(0, "ticket_taken", ticket="A002")
    morning.camera(11, "w4", Presence.ON_POST)
    morning.queue(11, "window_resumed", window="w4")
    morning.queue(11.05, "ticket_called", ticket="A002", window="w4")
    morning.queue(11.5, "service_started", ticket="A002", window="w4", staff="wu")
    morning.queue(12, "service_finished", ticket="A001", window="w2")
    morning.to(14)


def test_three_windows_without_anybody_are_no_absence(morning: Morning) -> None:
    visit(morning)
    assert [alert["kind"] for alert in morning.alerts() if alert["kind"] == "absence"] == []


def test_the_pause_is_over_its_allowance_by_a_minute_and_one_visitor_waited_while_one_of_four_served(
    morning: Morning,
) -> None:
    visit(morning)
    found = morning.alerts()
    assert [alert["kind"] for alert in found] == ["overlong_pause", "overlong_wait"]
    pause, wait = found
    assert (pause["subject"]["window"], pause["interval"]) == ("w4", between(0, 11))
    assert (wait["subject"]["ticket_number"], wait["interval"]) == ("A002", between(0, 11.05))
    assert wait["reason"]["en"] == (
        "Ticket A002 has waited for its call since 10:00:00, for 10 min (limit 10 min); "
        "meanwhile 1 of 4 windows was at work (window 1 paused (back office), "
        "window 3 closed for approved leave, window 4 paused (break))"
    )
    assert wait["reason"]["zh"] == (
        "A002 号自 10:00:00 起等候叫号，已 10 分（限 10 分）；其间 4 个窗口中 1 个在办"
        "（1号暂停（后台办理），3号因批准的请假关闭，4号暂停（休息））"
    )


def test_how_both_ended_is_told_with_what_a_citizen_may_know(morning: Morning) -> None:
    visit(morning)
    pause, wait = (morning.story(alert["id"])[-1]["reason"] for alert in morning.alerts())
    assert pause["en"] == (
        "At 10:11:00 service was resumed; window 4 was paused (break) since 10:00:00, "
        "for 11 min (10 min allowed): over its allowance by 1 min"
    )
    assert pause["values"]["over_seconds"] == "60"
    assert wait["en"].startswith("Ticket A002 was called at 10:11:03, after 11 min 3 s (limit 10 min)")
    told = " ".join(reason[language] for reason in (pause, wait) for language in ("zh", "en"))
    assert "personal" not in told
    assert "赵敏" not in told


def test_the_same_morning_judged_again_tells_no_difference(morning: Morning, tmp_path: Path) -> None:
    visit(morning)
    again = ["rules", "replay", str(tmp_path / "hall.yaml"), "--json"]
    span = ["--from", clock(-59).isoformat(), "--to", clock(13).isoformat()]
    done = CliRunner().invoke(app, [*again, *span])
    assert done.exit_code == 0, done.output
    # The console of this process writes its log beside the answer.
    answer = next(line for line in done.stdout.splitlines() if line.startswith("{"))
    summary = json.loads(answer)["summary"]
    assert {kind: (counts["alike"], counts["new"], counts["gone"]) for kind, counts in summary.items()} == {
        "overlong_pause": (1, 0, 0),
        "overlong_wait": (1, 0, 0),
    }
