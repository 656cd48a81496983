"""Whatever comes late, wrong, twice or out of order, the alerts in the end are the causes that truly were.

Hypothesis draws what happens in a small hall; `what_there_was` says, independently of the rules, which causes
that holds. The facts reach a real store, through the intake of queue events, while evaluators come and go.

In the end each cause that lasted for longer than its limit is one alert with the interval of the cause, and
every other alert is taken back; only what an officer has settled stays settled. On the way no alert is ever
in two states, and no pass writes anything without a cause.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st
from sqlalchemy import event

from alerts.evaluator import Evaluator
from alerts.leadership import NotLeading
from hall.alert_life import Action
from hall.clock import SimulatedClock
from hall.errors import Conflict
from hall.finding import Actor, Alert, AlertStatus, FlipKind
from hall.names import CameraId
from store.database import Database
from tests.unit.alerts.each_second import Cause
from tests.unit.alerts.scene import Scene
from tests.unit.alerts.small_hall import TEN, after
from tests.unit.alerts.telling import Fact, Teller, arrivals, in_order, opened
from tests.unit.alerts.true_story import BEGIN, CAMERAS, END, TrueStory, hall_of_the_story, true_stories
from tests.unit.alerts.what_there_was import what_there_was

MANY = settings(
    max_examples=max(1, settings().max_examples // 12),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


class Course:
    """A store to which a story is told, and the evaluators on it."""

    def __init__(self, template: Path, folder: Path) -> None:
        shutil.copy(template, folder / "hall.db")
        database = Database(f"sqlite:///{folder / 'hall.db'}")
        # Nobody cuts the power here.
        event.listen(database._engine, "connect", lambda one, _: one.execute("PRAGMA synchronous=OFF"))
        watched = tuple(CameraId(camera) for camera in CAMERAS)
        self.scene = Scene(database, SimulatedClock(after(BEGIN)), watched=watched)
        self.scene.restart()
        self.teller = Teller(self.scene)
        self.deposed: list[Evaluator] = []
        self.before = self.scene.evaluator
        self.due = self.step()

    def step(self) -> datetime | None:
        """One pass; a second one has no cause to write anything."""
        due = self.scene.step()
        self.nothing_is_written("a flip without a cause")
        self.every_alert_is_as_its_flips_left_it()
        return due

    def nothing_is_written(self, otherwise: str) -> None:
        """A pass for nothing."""
        written = self.flips()
        self.scene.watch(self.scene.clock.now())
        self.scene.evaluator.step()
        assert self.flips() == written, otherwise

    def to(self, second: float) -> None:
        """Let time pass, awake: a pass whenever one is due, and one for nothing on the way."""
        while self.due is not None and self.due < after(second):
            now = self.scene.clock.now()
            if self.due > now:
                self.scene.clock.wall = now + (self.due - now) / 2
                self.nothing_is_written("a flip before anything was due")
                self.scene.clock.wall = self.due
            self.due = self.step()
        self.scene.clock.wall = max(self.scene.clock.now(), after(second))

    def tell(self, at: int, fact: Fact) -> None:
        """A fact comes, and is judged before anything else happens."""
        self.to(at)
        self.teller.tell(fact)
        self.due = self.scene.clock.now()

    def sleep(self, second: float) -> None:
        """Let time pass without any pass of the evaluator."""
        self.scene.clock.wall = max(self.scene.clock.now(), after(second))
        self.due = self.scene.clock.now()

    def forget(self) -> None:
        """The store was busy, or the lease doubtful: the evaluator reads everything anew."""
        self.scene.evaluator.forget()
        self.due = self.step()

    def take_over(self) -> None:
        """Another instance gets the lease; the one before does not know it yet."""
        self.deposed.append(self.scene.evaluator)
        self.scene.restart()
        self.due = self.step()

    def a_deposed_instance_awakes(self) -> None:
        """One that slept through its lease judges what it finds, and writes nothing."""
        written = self.flips()
        for evaluator in self.deposed[-1:]:
            with suppress(NotLeading):
                evaluator.step()
        assert self.flips() == written, "who does not lead has written"

    def an_officer_acts(self, action: Action) -> None:
        """On what was found last."""
        for alert in self.scene.alerts()[-1:]:
            with suppress(Conflict):
                until = (self.scene.clock.now() - TEN).total_seconds() + 30
                self.scene.act(alert, action, "li", until if action is Action.SNOOZE else None)
        self.due = self.scene.clock.now()

    def flips(self) -> int:
        """How many flips there are."""
        with self.scene.database.read() as tx:
            return int(tx.connection.exec_driver_sql("SELECT count(*) FROM flips").scalar_one())

    def every_alert_is_as_its_flips_left_it(self) -> None:
        lasting: set[tuple[str, str]] = set()
        for alert in self.scene.alerts():
            flips = self.scene.flips(alert)
            assert [flip.revision for flip in flips] == list(range(1, alert.revision + 1))
            assert flips[0].before is None
            assert all(later.before is earlier.after for earlier, later in pairwise(flips))
            left = flips[-1]
            assert (left.after, left.severity, left.assignee, left.snoozed_until, left.level) == (
                alert.status,
                alert.severity,
                alert.assignee,
                alert.snoozed_until,
                alert.level,
            )
            assert not alert.stands or alert.interval.is_open
            assert alert.status is not AlertStatus.RESOLVED or not alert.interval.is_open
            if alert.interval.is_open:
                key = alert.rule, alert.subject.name
                assert key not in lasting, "two alerts of one rule and subject last"
                lasting.add(key)


def is_taken_back(alert: Alert, course: Course) -> bool:
    """Resolved, and the last word on its cause is that there was none of that length."""
    told = [one for one in course.scene.flips(alert) if one.actor is Actor.EVALUATOR]
    words = [flip.reason.key for flip in told if flip.kind is FlipKind.STATUS]
    return alert.status is AlertStatus.RESOLVED and words[-1].endswith(".retracted")


def cause_of(alert: Alert) -> Cause:
    """An alert in the words of the story."""
    subject, interval = alert.subject, alert.interval
    about = subject.ticket_number or subject.window or subject.camera or "hall"
    start = (interval.start - TEN).total_seconds()
    end = None if interval.end is None else (interval.end - TEN).total_seconds()
    return Cause(alert.rule, about, start, end)


@contextmanager
def telling(template: Path) -> Iterator[Course]:
    folder = Path(tempfile.mkdtemp(prefix="hallwatch-told-"))
    course = Course(template, folder)
    try:
        yield course
    finally:
        course.scene.database.close()
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which both windows are open and nothing else is told."""
    folder = tmp_path_factory.mktemp("template")
    database = Database(f"sqlite:///{folder / 'hall.db'}")
    database.migrate()
    scene = Scene(database, SimulatedClock(after(BEGIN - 700)))
    scene.apply(hall_of_the_story())
    scene.clock.wall = after(BEGIN)
    opened(scene)
    database.close()
    return folder / "hall.db"


def compare(course: Course, story: TrueStory) -> None:
    """The alerts in the end are the causes that there were, and what else was found is taken back."""
    alerts = course.scene.alerts()
    note("\n".join(f"{cause_of(one)} {[f.reason.key for f in course.scene.flips(one)]}" for one in alerts))
    found = [alert for alert in alerts if not is_taken_back(alert, course)]
    note("\n".join(f"TRUE {cause}" for cause in what_there_was(story)))
    left = [cause_of(alert) for alert in alerts if alert.status is AlertStatus.DISMISSED]
    true = [cause for cause in what_there_was(story) if not any(same(cause, one) for one in left)]
    beside = [*left, *(cause for cause in what_there_was(story) if cause not in true)]
    told = [one for one in map(cause_of, found) if not any(same(one, other) for other in beside)]
    assert list(Counter(told) - Counter(true)) == [], "was found, and is not so"
    assert list(Counter(true) - Counter(told)) == [], "is so, and was not found"


def same(cause: Cause, other: Cause) -> bool:
    """Whether two are of one subject under one rule, and of one time."""
    start, end = other.start, END + 1 if other.end is None else other.end
    until = END + 1 if cause.end is None else cause.end
    return (cause.rule, cause.about) == (other.rule, other.about) and start <= until and cause.start <= end


@MANY
@given(story=true_stories())
def test_what_is_told_in_order_is_found_as_it_was(template: Path, story: TrueStory) -> None:
    with telling(template) as course:
        for at, fact in in_order(story):
            course.tell(at, fact)
        course.to(END)
        course.step()
        assert course.teller.refused == []
        compare(course, story)


@dataclass(frozen=True)
class Deed:
    """What befalls an evaluator, or what an officer does."""

    kind: str
    action: Action


ACTIONS = st.sampled_from(list(Action))
BEGINNINGS = st.sampled_from(["take over", "take over", "forget"])
OTHERS = st.sampled_from(["sleep"] * 4 + ["awake", "act"])
# Who begins after a long sleep judges no cameras for fifteen seconds: the end of the day is to be judged.
DEEDS = st.lists(
    st.tuples(st.integers(BEGIN, END - 16), BEGINNINGS, ACTIONS)
    | st.tuples(st.integers(BEGIN, END - 1), OTHERS, ACTIONS),
    max_size=8,
)


@MANY
@given(data=st.data(), story=true_stories(), deeds=DEEDS)
def test_what_is_told_anyhow_is_found_as_it_was(
    template: Path, data: st.DataObject, story: TrueStory, deeds: list[tuple[int, str, Action]]
) -> None:
    told = data.draw(arrivals(story))
    agenda: list[tuple[int, int, Fact | Deed]] = [(at, 1, fact) for at, fact in told]
    agenda += [(at, 0, Deed(kind, action)) for at, kind, action in deeds]
    with telling(template) as course:
        asleep_until = BEGIN
        for at, _, entry in sorted(agenda, key=lambda one: one[:2]):
            if isinstance(entry, Deed):
                asleep_until = max(asleep_until, at + 40 if entry.kind == "sleep" else asleep_until)
            if at < asleep_until:
                course.sleep(at)
                if not isinstance(entry, Deed):
                    course.teller.tell(entry)
                continue
            if not isinstance(entry, Deed):
                course.tell(at, entry)
                continue
            course.to(at)
            match entry.kind:
                case "take over":
                    course.take_over()
                case "forget":
                    course.forget()
                case "awake":
                    course.a_deposed_instance_awakes()
                case "act":
                    course.an_officer_acts(entry.action)
        course.to(END)
        course.teller.tell()  # what lay in the future when it came is sent once more
        course.step()
        # What never happened may make impossible what did: who runs the queue system has to settle that.
        assume(all(one.id.startswith("x") for one in course.teller.refused))
        compare(course, story)
