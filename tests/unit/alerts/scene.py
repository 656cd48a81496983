"""A real store, a simulated clock and an evaluator: facts go in, alerts come out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from alerts.evaluator import Evaluator
from alerts.following_up import FollowUp
from alerts.leadership import Leadership
from hall import alert_life
from hall.alert_life import OWES_REASON, Act, Action
from hall.clock import SimulatedClock, to_microseconds
from hall.config import Configuration
from hall.finding import Actor, Alert, AlertStatus, Flip, Reason
from hall.interval import Interval
from hall.media import Gap, GapReason
from hall.names import AlertId, CameraId
from hall.observing import Observation
from hall.queueing import Ticket, WindowStatus
from hall.roles import Role
from store import alerting, configuration, observing, queueing, recording
from store.database import Database
from tests.unit.alerts.small_hall import ALL, C1, C2, HALL, TEN, after

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass
class Scene:
    """Time is seconds after ten. `analysis_runs` keeps the watermarks of the `watched` cameras up to date."""

    database: Database
    clock: SimulatedClock = field(default_factory=lambda: SimulatedClock(TEN))
    analysis_runs: bool = True
    watched: tuple[CameraId, ...] = (C1, C2)
    instance: int = 0
    evaluator: Evaluator = field(init=False)
    follow_up: FollowUp = field(init=False)
    leadership: Leadership = field(init=False)

    @classmethod
    def at(cls, path: Path, settings: Configuration) -> Scene:
        """A new store with `settings` in force."""
        database = Database(f"sqlite:///{path / 'hall.db'}")
        database.migrate()
        scene = cls(database)
        scene.apply(settings)
        scene.restart()
        return scene

    def apply(self, settings: Configuration) -> None:
        """Make a configuration the one in force."""
        with self.database.write() as tx:
            configuration.apply(tx, settings, self.clock.now())

    def restart(self) -> None:
        """Kill the evaluator without a word and start another, which gets the lease."""
        self.evaluator, self.leadership = self.another()
        self.follow_up = FollowUp(self.database, self.clock, self.leadership)
        with self.database.write() as tx:
            now = to_microseconds(self.clock.now())
            tx.connection.exec_driver_sql(f"UPDATE leases SET expires_us = min(expires_us, {now})")
        assert self.leadership.hold()

    def another(self) -> tuple[Evaluator, Leadership]:
        """One more instance on the same store."""
        self.instance += 1
        leadership = Leadership(self.database, self.clock, f"instance-{self.instance}")
        return Evaluator(self.database, self.clock, leadership), leadership

    def to(self, seconds: float) -> None:
        """Let time pass up to `seconds` after ten, stepping whenever something is due, then once more."""
        end = after(seconds)
        while True:
            due = self.step()
            if due is None or due > end:
                break
            self.clock.wall = max(due, self.clock.wall)
        self.clock.wall = end
        self.step()

    def step(self) -> datetime | None:
        """One pass of the evaluator, and one of what follows up."""
        if self.analysis_runs:
            self.watch(self.clock.now())
        assert self.leadership.hold()
        dues = self.evaluator.step(), self.follow_up.step()
        return min((due for due in dues if due is not None), default=None)

    def watch(self, at: datetime, *cameras: CameraId) -> None:
        """Analysis saw pictures of the cameras (all that are watched unless named)."""
        with self.database.write() as tx:
            for camera in cameras or self.watched:
                observing.watched(tx, camera, at)

    def see(self, *observations: Observation) -> None:
        """Observations, in order."""
        with self.database.write() as tx:
            for observation in observations:
                observing.change(tx, HALL, observation)

    def tell(self, *statuses: WindowStatus) -> None:
        """All the states of a window, in order; the last one is open."""
        with self.database.write() as tx:
            queueing.save_window_statuses(tx, HALL, statuses[0].window, ALL.start, statuses, self.clock.now())

    def queue(self, ticket: Ticket) -> None:
        """A ticket as it stands now."""
        with self.database.write() as tx:
            queueing.save_ticket(tx, ticket)

    def lose(self, reason: GapReason, start: float, camera: CameraId = C1) -> None:
        """A camera stops being recorded."""
        with self.database.write() as tx:
            recording.open_gap(tx, HALL, Gap(camera, Interval(after(start)), reason))

    def recover(self, end: float, camera: CameraId = C1) -> None:
        """A camera is recorded again."""
        with self.database.write() as tx:
            recording.close_gap(tx, camera, after(end))

    def officer(self, alert: AlertId, status: AlertStatus, end: float | None = None) -> Alert:
        """An officer changes an alert."""
        with self.database.write() as tx:
            known = alerting.alert(tx, alert)
            flip = Flip(
                alert,
                known.revision + 1,
                self.clock.now(),
                known.status,
                status,
                known.severity,
                Actor.OFFICER,
                "wang",
                Reason("officer", {}, "核实", "checked"),
            )
            return alerting.flip_alert(tx, alert, known.revision, flip, None if end is None else after(end))

    def act(
        self, alert: Alert, action: Action, assignee: str | None = None, until: float | None = None
    ) -> Alert:
        """Officer wang does something with an alert as `alert` shows it. Raises Conflict."""
        at = None if until is None else after(until)
        text = "checked" if action in OWES_REASON else ""
        done = Act(action, "wang", Role.OFFICER, self.clock.now(), text, assignee, at)
        with self.database.write() as tx:
            changed, flip = alert_life.act(alert, done, SHANGHAI)
            return alerting.change_alert(tx, alert.revision, changed, flip)

    def alerts(self) -> list[Alert]:
        """Every alert, the oldest first."""
        with self.database.read() as tx:
            return alerting.alerts_of(tx, limit=1000)[::-1]

    def only(self) -> Alert:
        """The only alert there is."""
        found = self.alerts()
        assert len(found) == 1
        return found[0]

    def flips(self, alert: Alert) -> list[Flip]:
        """What happened to an alert."""
        with self.database.read() as tx:
            return alerting.flips_of(tx, alert.id)
