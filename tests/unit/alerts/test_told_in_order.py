"""Told in order, the alerts say what there truly was: each cause longer than its limit is one alert.

`what_there_was` says so independently of the rules; every other alert is taken back.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, note, settings

from hall.clock import SimulatedClock
from hall.finding import Alert, AlertStatus
from store.database import Database
from tests.unit.alerts.scene import Scene
from tests.unit.alerts.small_hall import TEN, after
from tests.unit.alerts.telling import Teller, in_order, opened
from tests.unit.alerts.true_story import BEGIN, END, TrueStory, hall_of_the_story, true_stories
from tests.unit.alerts.what_there_was import Cause, what_there_was

MANY = settings(
    max_examples=max(1, settings().max_examples // 12),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


class Course:
    """A store to which a story is told, and the evaluators on it."""

    def __init__(self, template: Path, folder: Path) -> None:
        shutil.copy(template, folder / "hall.db")
        database = Database(f"sqlite:///{folder / 'hall.db'}")
        self.scene = Scene(database, SimulatedClock(after(BEGIN)))
        self.scene.restart()
        self.teller = Teller(self.scene)
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
    words = [flip.reason.key for flip in course.scene.flips(alert)]
    return alert.status is AlertStatus.RESOLVED and words[-1].endswith(".retracted")


def cause_of(alert: Alert) -> Cause:
    """An alert in the words of the story."""
    subject, interval = alert.subject, alert.interval
    about = subject.ticket_number or subject.window or subject.camera or "hall"
    start = (interval.start - TEN).total_seconds()
    end = None if interval.end is None else (interval.end - TEN).total_seconds()
    return Cause(alert.rule, about, start, end)  # type: ignore[arg-type]  # a wrong one may lie between two seconds


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


@MANY
@given(story=true_stories())
def test_what_is_told_in_order_is_found_as_it_was(template: Path, story: TrueStory) -> None:
    with telling(template) as course:
        for at, fact in in_order(story):
            course.to(at)
            course.teller.tell(fact)
            course.due = course.scene.clock.now()  # judged before anything else happens
        course.to(END)
        course.step()
        assert course.teller.refused == []
        note(str([(cause_of(one), course.scene.flips(one)[-1].reason.key) for one in course.scene.alerts()]))
        found = [alert for alert in course.scene.alerts() if not is_taken_back(alert, course)]
        assert sorted(map(cause_of, found), key=str) == sorted(what_there_was(story), key=str)
