"""Whatever officers, evaluators and the clock do in any order, each alert tells one story without a hole.

A model-based test: Hypothesis acts on a real store, through stale views and restarts as well, and after every
act the whole record is checked against what must always hold.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.following_up import FollowUp
from alerts.leadership import NotLeading
from hall.alert_life import FROM, Action
from hall.config.telling import EscalationStep
from hall.errors import Conflict
from hall.finding import Alert, AlertStatus, Flip, FlipKind
from hall.interval import Interval
from hall.journal import FactKind
from hall.names import NotifierId, SilenceId
from hall.observing import Presence
from hall.place import Text
from hall.queueing import WindowState
from hall.silencing import Matcher, Silence
from hall.wire import from_wire
from store import journal, silencing
from store.database import Database
from tests.unit.alerts.scene import Scene
from tests.unit.alerts.small_hall import C2, HALL, TEN, after, configuration, seen, status

OFFICERS = st.sampled_from(["wang", "li"])
LATE = st.sampled_from([False, False, False, True])
ACTIONS = st.sampled_from(list(Action))


def state(told: Alert | Flip) -> tuple[object, ...]:
    """What a flip leaves behind, and what an alert stands at."""
    status = told.after if isinstance(told, Flip) else told.status
    return status, told.revision, told.severity, told.assignee, told.snoozed_until, told.level


class Story:
    """One window that somebody has just been missed at, two officers, evaluators that come and go."""

    def __init__(self, template: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="hallwatch-alerts-"))
        shutil.copy(template, self.folder / "hall.db")
        self.scene = Scene(Database(f"sqlite:///{self.folder / 'hall.db'}"))
        self.scene.restart()
        self.away = False
        self.causes: set[datetime] = set()  # when somebody left or came
        self.silences: list[Silence] = []
        self.views: dict[str, Alert] = {}  # each alert as somebody acted on it last
        self.somebody_leaves_or_comes()
        self.scene.to(20)

    def end(self) -> None:
        self.scene.database.close()
        shutil.rmtree(self.folder)

    @property
    def now(self) -> float:
        return (self.scene.clock.now() - TEN).total_seconds()

    def somebody_leaves_or_comes(self) -> None:
        at = self.now
        self.causes.add(after(at))
        if self.away:
            self.scene.see(seen(Presence.ON_POST, at))
        else:
            self.scene.see(seen(Presence.LEAVING, at))
            self.scene.to(at + 1)
            self.scene.see(seen(Presence.ABSENT, at + 1))
        self.away = not self.away
        self.scene.to(at + 2)

    def time_passes(self, seconds: int) -> None:
        self.scene.to(self.now + seconds)

    def nobody_leads_for_a_while(self, seconds: int) -> None:
        self.scene.clock.advance(seconds)
        self.scene.restart()
        self.scene.to(self.now + 1)

    def an_officer_acts(self, number: int, officer: str, action: Action, late: bool) -> None:
        """`late`: while the officer was thinking somebody else was faster."""
        alerts = self.scene.alerts()
        if not alerts:
            return
        seen_as = alerts[-1 - number % len(alerts)]
        if late:
            seen_as = self.views.get(seen_as.id, seen_as)
        self.views[seen_as.id] = seen_as
        stands = next(alert for alert in self.scene.alerts() if alert.id == seen_as.id)
        until = self.now + 50 if action is Action.SNOOZE else None
        assignee = officer if action is Action.ASSIGN else None
        try:
            self.scene.act(seen_as, action, assignee=assignee, until=until)
        except Conflict:
            assert seen_as.revision != stands.revision or not self.can_change(stands, action, assignee, until)
            assert next(alert for alert in self.scene.alerts() if alert.id == stands.id) == stands
        else:
            assert seen_as.revision == stands.revision
            assert self.can_change(stands, action, assignee, until)

    def the_hall_is_silenced(self, seconds: int) -> None:
        now = self.scene.clock.now()
        name = SilenceId(f"s{len(self.silences)}")
        interval = Interval(now, now + timedelta(seconds=seconds))
        silence = Silence(name, Matcher(HALL), interval, "wang", "drill", now)
        with self.scene.database.write() as tx:
            silencing.add_silence(tx, silence)
        self.silences.append(silence)
        # A flip at the very moment was told before.
        self.scene.clock.advance(0.5)

    def a_rival_that_does_not_lead_tries_to_write(self) -> None:
        before = self.told()
        evaluator, leadership = self.scene.another()
        assert not leadership.hold()
        follow_up = FollowUp(self.scene.database, self.scene.clock, leadership)
        attempts: list[Callable[[], object]] = [evaluator.step, follow_up.step]
        for attempt in attempts:
            try:
                attempt()
            except NotLeading:
                continue
        assert self.told() == before

    def check(self) -> None:
        """What must hold after each event."""
        self.every_alert_tells_one_story_without_a_hole()
        self.every_alert_has_a_cause_and_lasts_exactly_as_long()

    def every_alert_tells_one_story_without_a_hole(self) -> None:
        told = self.told()
        for alert in self.scene.alerts():
            flips = self.scene.flips(alert)
            assert flips == told[alert.id]
            assert [flip.revision for flip in flips] == list(range(1, alert.revision + 1))
            assert state(alert) == state(flips[-1])
            assert flips[0].before is None
            for earlier, later in pairwise(flips):
                assert later.before is earlier.after
                assert later.at >= earlier.at
                assert later.level >= earlier.level
                if state(later)[2:] == state(earlier)[2:] and later.after is earlier.after:
                    # Nothing changed but what was said, or that the cause of a dismissed alert ended.
                    is_end = later.kind is FlipKind.STATUS and later.after is AlertStatus.DISMISSED
                    assert is_end or later.kind in (FlipKind.COMMENT, FlipKind.REMINDER)
                if later.kind is FlipKind.ESCALATION:
                    assert later.level > earlier.level
                    assert (later.after, later.snoozed_until) == (AlertStatus.OPEN, None)
                if later.kind in (FlipKind.ESCALATION, FlipKind.REMINDER):
                    assert not any(one.holds(later.at) for one in self.silences)
            assert all(flip.who and flip.reason.zh and flip.reason.en for flip in flips)

    def every_alert_has_a_cause_and_lasts_exactly_as_long(self) -> None:
        alerts = self.scene.alerts()
        assert sum(alert.interval.is_open for alert in alerts) <= 1
        for alert in alerts:
            assert alert.interval.start in self.causes
            assert alert.interval.end is None or alert.interval.end in self.causes
            assert not alert.stands or alert.interval.is_open
            assert alert.status is not AlertStatus.RESOLVED or not alert.interval.is_open
            assert alert.snoozed_until is None or (
                alert.stands and alert.snoozed_until > self.scene.clock.now()
            )

    @staticmethod
    def can_change(alert: Alert, action: Action, assignee: str | None, until: float | None) -> bool:
        """What the table of the design page says, in words of its own."""
        if alert.status not in FROM[action]:
            return False
        if action is Action.ASSIGN:
            return alert.assignee != assignee
        if action is Action.SNOOZE:
            return until is None or alert.snoozed_until != after(until)
        if action is Action.REOPEN:
            would_be = AlertStatus.OPEN if alert.interval.is_open else AlertStatus.RESOLVED
            return alert.status is not would_be or alert.snoozed_until is not None
        return True

    def told(self) -> dict[str, list[Flip]]:
        """The flips of each alert as the journal tells them."""
        found: dict[str, list[Flip]] = {}
        with self.scene.database.read() as tx:
            for entry in journal.tail(tx, 0, 100_000, [FactKind.FLIP]):
                flip = from_wire(Flip, entry.body)
                found.setdefault(flip.alert, []).append(flip)
        return found


ROLE = Text(zh="值班主任", en="Duty manager")
CHAIN = tuple(
    EscalationStep(after_minutes=minutes, role=ROLE, notifiers=(NotifierId("duty"),)) for minutes in (0.5, 2)
)
KINDS = st.sampled_from(["act"] * 6 + ["time"] * 2 + ["staff", "nobody leads", "rival", "silence"])
SECONDS = st.sampled_from([3, 20, 60, 400])
EVENTS = st.tuples(KINDS, SECONDS, st.integers(0, 1), OFFICERS, ACTIONS, LATE)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which window 3 is open and staffed."""
    folder = tmp_path_factory.mktemp("template")
    scene = Scene.at(folder, configuration(escalation=CHAIN))
    scene.tell(status(WindowState.OPEN, -3000))
    scene.see(seen(Presence.UNKNOWN, -3000, camera=C2))
    scene.database.close()
    return folder / "hall.db"


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(events=st.lists(EVENTS, min_size=12, max_size=24))
def test_any_sequence_of_acts_facts_and_restarts_leaves_one_story_for_each_alert(
    template: Path, events: list[tuple[str, int, int, str, Action, bool]]
) -> None:
    story = Story(template)
    try:
        for kind, seconds, number, officer, action, late in events:
            match kind:
                case "act":
                    story.an_officer_acts(number, officer, action, late)
                case "time":
                    story.time_passes(seconds)
                case "staff":
                    story.somebody_leaves_or_comes()
                case "nobody leads":
                    story.nobody_leads_for_a_while(seconds)
                case "silence":
                    story.the_hall_is_silenced(seconds)
                case "rival":
                    story.a_rival_that_does_not_lead_tries_to_write()
            story.check()
    finally:
        story.end()
