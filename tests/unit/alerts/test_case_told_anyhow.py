"""However a case system tells of a case, the alerts in the end are the times in which it was short of time.

Hypothesis draws what happens to a case within two weeks; `what_was_due` says hour by hour, independently of
the rule, how it stood. The events come late, wrong and corrected, twice and in any order, through the intake,
while evaluators come and go.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from sqlalchemy import event as happening

from capture.queueing.intake import judge
from hall.clock import SimulatedClock
from hall.errors import Conflict, EventRefused
from hall.finding import Alert, AlertStatus
from hall.item import Item
from hall.names import RuleId
from hall.place import Text
from hall.queueing import QueueEvent
from hall.rule import OverdueTransactionRule
from store.database import Database, savepoint
from tests.unit.alerts.scene import SHANGHAI, Scene
from tests.unit.alerts.small_hall import HALL, configuration
from tests.unit.alerts.what_was_due import ALLOWED, END, Decision, Stood, courses, stood

MIDNIGHT = datetime(2026, 6, 1, tzinfo=SHANGHAI).astimezone(UTC)
"""Of a Monday; no holiday is entered in this hall's calendar."""
ITEM = Item(id="id-card", name=Text(zh="居民身份证", en="Identity card"), promised_days=ALLOWED)
CONFIGURATION = configuration(rules=(OverdueTransactionRule(id=RuleId("promised")),), items=(ITEM,))
LATENESS = st.sampled_from([0, 0, 0, 1, 5, 30, 100, 400])
MANY = settings(
    max_examples=max(1, settings().max_examples // 4), suppress_health_check=[HealthCheck.too_slow]
)


def moment(hour: float) -> datetime:
    return MIDNIGHT + timedelta(hours=hour)


def event(name: str, one: Decision, hour: float, corrects: str | None = None) -> QueueEvent:
    members: dict[str, object] = {"item": "id-card"} if one.kind == "case_accepted" else {}
    if one.days is not None:
        members["days"] = one.days
    common = {"id": name, "hall": HALL, "at": moment(hour), "type": one.kind, "corrects": corrects}
    return QueueEvent.model_validate(common | members | {"serial": "2026-1"})


def in_order(course: Sequence[Decision]) -> list[tuple[int, QueueEvent]]:
    return [(one.hour, event(f"e{number}", one, one.hour)) for number, one in enumerate(course)]


@st.composite
def arrivals(draw: st.DrawFn, course: Sequence[Decision]) -> list[tuple[int, QueueEvent]]:
    """The same course as it comes from a clumsy source; all of it by END."""
    told: list[tuple[int, QueueEvent]] = []
    for number, one in enumerate(course):
        wrongs = draw(st.sampled_from([0, 0, 0, 1, 2]))
        for version in range(wrongs + 1):
            corrects = f"e{number}-{version - 1}" if version else None
            wrong = one.hour + draw(st.integers(-60, 60)) + 0.5
            said = float(one.hour) if version == wrongs else min(max(0.5, wrong), END - 1.5)
            comes = min(max(int(said) + 1, one.hour) + draw(LATENESS), END)
            told.append((comes, event(f"e{number}-{version}", one, said, corrects)))
            if draw(st.integers(0, 5)) == 0:
                told.append((min(comes + draw(LATENESS), END), told[-1][1]))
    for number in range(draw(st.integers(0, 2))):
        ghost = Decision(0, draw(st.sampled_from(["case_closed", "case_suspended", "case_resumed"])))
        hour = draw(st.integers(50, END - 2)) + 0.25
        comes = min(int(hour) + 1 + draw(LATENESS), END)
        told.append((comes, event(f"x{number}", ghost, hour)))
        withdrawn = {"id": f"x{number}-gone", "hall": HALL, "at": moment(hour), "type": "event_withdrawn"}
        gone = QueueEvent.model_validate(withdrawn | {"corrects": f"x{number}"})
        told.append((min(comes + draw(LATENESS), END), gone))
    return sorted(draw(st.permutations(told)), key=lambda one: one[0])


class CaseCourse:
    """A store that is told of a case, and the evaluators on it."""

    def __init__(self, template: Path, folder: Path) -> None:
        shutil.copy(template, folder / "hall.db")
        database = Database(f"sqlite:///{folder / 'hall.db'}")
        happening.listen(database._engine, "connect", lambda one, _: one.execute("PRAGMA synchronous=OFF"))
        self.scene = Scene(database, SimulatedClock(moment(0)), analysis_runs=False)
        self.scene.restart()
        self.refused: list[QueueEvent] = []
        self.due = self.scene.step()

    def to(self, hour: int) -> None:
        """Let time pass, with a pass whenever one is due."""
        while self.due is not None and self.due < moment(hour):
            self.scene.clock.wall = max(self.due, self.scene.clock.now())
            self.due = self.scene.step()
        self.scene.clock.wall = max(moment(hour), self.scene.clock.now())

    def tell(self, told: QueueEvent | None = None) -> None:
        """One event comes; with it, what was refused before is sent again."""
        self.refused += [told] if told is not None else []
        with self.scene.database.write() as tx:
            while self.refused:
                waiting, self.refused = self.refused, []
                for one in waiting:
                    try:
                        with savepoint(tx):
                            judge(tx, CONFIGURATION, one, self.scene.clock.now())
                    except (EventRefused, Conflict):
                        self.refused.append(one)
                if len(self.refused) == len(waiting):
                    break
        self.due = self.scene.step()

    def found(self) -> list[Stood]:
        """The alerts that were not taken back."""
        assert self.refused == []
        self.to(END)
        self.scene.step()
        for alert in self.scene.alerts():
            note(f"{stood_of(alert)} {[flip.reason.key for flip in self.scene.flips(alert)]}")
        return sorted(stood_of(alert) for alert in self.scene.alerts() if not self.is_taken_back(alert))

    def is_taken_back(self, alert: Alert) -> bool:
        last = self.scene.flips(alert)[-1].reason.key
        return alert.status is AlertStatus.RESOLVED and last.endswith((".retracted", ".withdrawn"))


def stood_of(alert: Alert) -> Stood:
    start, end = alert.interval.start - MIDNIGHT, alert.interval.end
    hours = None if end is None else round((end - MIDNIGHT) / timedelta(hours=1))
    return Stood(round(start / timedelta(hours=1)), hours, alert.severity.value)


@contextmanager
def telling(template: Path) -> Iterator[CaseCourse]:
    folder = Path(tempfile.mkdtemp(prefix="hallwatch-case-"))
    course = CaseCourse(template, folder)
    try:
        yield course
    finally:
        course.scene.database.close()
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the hall in force and nothing told."""
    folder = tmp_path_factory.mktemp("template")
    database = Database(f"sqlite:///{folder / 'hall.db'}")
    database.migrate()
    Scene(database, SimulatedClock(moment(-1)), analysis_runs=False).apply(CONFIGURATION)
    database.close()
    return folder / "hall.db"


@MANY
@given(course=courses())
def test_what_is_told_in_order_is_found_as_it_stood(template: Path, course: list[Decision]) -> None:
    with telling(template) as told:
        for hour, one in in_order(course):
            told.to(hour)
            told.tell(one)
        found = told.found()
        assert found == stood(course)


@MANY
@given(data=st.data(), course=courses(), restarts=st.lists(st.integers(1, END - 1), max_size=4))
def test_what_is_told_anyhow_is_found_as_it_stood(
    template: Path, data: st.DataObject, course: list[Decision], restarts: list[int]
) -> None:
    agenda = [(hour, one) for hour, one in data.draw(arrivals(course))]
    with telling(template) as told:
        for hour, one in sorted([*agenda, *((hour, None) for hour in restarts)], key=lambda each: each[0]):
            told.to(hour)
            if one is None:
                told.scene.restart()
            told.tell(one)
        told.to(END)
        told.tell()
        found = told.found()
        assert found == stood(course)
