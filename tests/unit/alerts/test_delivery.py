"""Delivery on a real store with a simulated clock: in order, nothing lost, nothing twice that need not be."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from alerts.delivery import FIRST_WAIT, LONGEST_WAIT, LOOK_EVERY, STORED_EVERY, Delivery
from hall import alert_life
from hall.clock import SimulatedClock
from hall.config import Configuration, parse_configuration
from hall.config.notifiers import WebhookSettings
from hall.errors import NotifyError
from hall.finding import Alert, AlertStatus, Flip, Severity
from hall.interval import Interval
from hall.journal import FactKind
from hall.names import NotifierId, SilenceId
from hall.silencing import Matcher, Silence
from hall.testing_notifiers import a_flip
from store import alerting, configuration, journal, notifying, silencing
from store.database import Database, Read
from tests.unit.alerts.small_hall import TEN, YAML

DUTY = NotifierId("duty")
HOOK = WebhookSettings(id=DUTY, kind="webhook", url="http://127.0.0.1/")


def told_by(*notifiers: WebhookSettings) -> Configuration:
    settings = parse_configuration(YAML)
    return settings.model_copy(
        update={"site": settings.site.model_copy(update={"notifiers": tuple(notifiers)})}
    )


@dataclass
class Scribe:
    """A notifier that writes down what it is told; `failing` are the errors of the next calls."""

    told: list[tuple[str, int, AlertStatus]] = field(default_factory=list)
    failing: list[Exception] = field(default_factory=list)

    def notify(self, alert: Alert, flip: Flip) -> None:
        if self.failing:
            raise self.failing.pop(0)
        assert (alert.id, alert.revision, alert.status) == (flip.alert, flip.revision, flip.after)
        self.told.append((flip.alert, flip.revision, flip.after))


@dataclass
class Desk:
    """One store, one notifier."""

    database: Database
    clock: SimulatedClock = field(default_factory=lambda: SimulatedClock(TEN))
    scribe: Scribe = field(default_factory=Scribe)
    leading: bool = True
    opened: int = 0

    def delivery(self, settings: WebhookSettings = HOOK) -> Delivery:
        return Delivery(
            settings, self.database, self.clock, self.leads, opener=self.open_scribe, random=Random(1)
        )

    def leads(self, tx: Read) -> bool:
        return self.leading

    def open_scribe(self, settings: object) -> Scribe:
        self.opened += 1
        return self.scribe

    def apply(self, *notifiers: WebhookSettings) -> None:
        with self.database.write() as tx:
            configuration.apply(tx, told_by(*notifiers), self.clock.now())

    def find(self, number: int, severity: Severity = Severity.WARNING) -> None:
        """A new alert, about a subject of its own."""
        alert, flip = a_flip(number)
        subject = replace(alert.subject, window=None, ticket=f"t{number}")
        with self.database.write() as tx:
            made = replace(alert, subject=subject, severity=severity)
            assert alerting.open_alert(tx, made, replace(flip, severity=severity))

    def resolve(self, number: int) -> None:
        alert, flip = a_flip(number)
        ended = replace(flip, before=AlertStatus.OPEN, after=AlertStatus.RESOLVED, revision=2)
        with self.database.write() as tx:
            alerting.flip_alert(tx, alert.id, 1, ended, end=TEN)

    def cursor(self) -> int | None:
        with self.database.read() as tx:
            return notifying.cursor(tx, DUTY)


def drain(delivery: Delivery) -> None:
    """Step until there is nothing to tell; any failure on the way is one of the test's."""
    for _ in range(100):
        if delivery.step() is None:
            return
    raise AssertionError("there is no end")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    database = Database(f"sqlite:///{tmp_path / 'hall.db'}")
    database.migrate()
    made = Desk(database)
    made.apply(HOOK)
    yield made
    database.close()


def test_every_flip_is_told_in_order_with_the_alert_as_it_was_then(desk: Desk) -> None:
    desk.find(1)
    desk.find(2)
    desk.resolve(1)
    drain(desk.delivery())
    assert desk.scribe.told == [
        ("alert-1", 1, AlertStatus.OPEN),
        ("alert-2", 1, AlertStatus.OPEN),
        ("alert-1", 2, AlertStatus.RESOLVED),
    ]


def test_who_begins_anew_repeats_nothing_and_misses_nothing(desk: Desk) -> None:
    desk.find(1)
    desk.find(2)
    first = desk.delivery()
    first.step()
    desk.find(3)
    drain(desk.delivery())
    assert [told[0] for told in desk.scribe.told] == ["alert-1", "alert-2", "alert-3"]


def test_a_new_notifier_is_told_what_happens_after_it_was_entered(desk: Desk) -> None:
    desk.find(1)
    late = HOOK.model_copy(update={"id": NotifierId("late")})
    desk.apply(HOOK, late)
    desk.find(2)
    drain(desk.delivery(late))
    assert [told[0] for told in desk.scribe.told] == ["alert-2"]


def test_a_notifier_that_was_taken_out_comes_back_as_a_new_one(desk: Desk) -> None:
    desk.find(1)
    desk.apply()
    assert desk.cursor() is None
    desk.apply(HOOK)
    drain(desk.delivery())
    assert desk.scribe.told == []


def test_a_notifier_that_no_configuration_has_entered_begins_at_the_end(desk: Desk) -> None:
    desk.find(1)
    other = desk.delivery(HOOK.model_copy(update={"id": NotifierId("other")}))
    assert other.step() is None
    desk.find(2)
    drain(other)
    assert [told[0] for told in desk.scribe.told] == ["alert-2"]


def test_who_does_not_lead_tells_nothing(desk: Desk) -> None:
    desk.find(1)
    desk.leading = False
    delivery = desk.delivery()
    assert delivery.step() is None
    assert desk.scribe.told == []
    desk.leading = True
    drain(delivery)
    assert len(desk.scribe.told) == 1


def test_only_the_severities_that_were_asked_for_are_told(desk: Desk) -> None:
    for number in range(1, 130):
        desk.find(number)
    desk.find(130, Severity.SERIOUS)
    serious = desk.delivery(HOOK.model_copy(update={"severities": (Severity.SERIOUS,)}))
    assert serious.step() is not None
    assert serious.step() is None
    assert [told[0] for told in desk.scribe.told] == ["alert-130"]


def test_what_fails_for_now_is_tried_again_later_and_later_and_nothing_overtakes_it(desk: Desk) -> None:
    desk.find(1)
    desk.find(2)
    desk.scribe.failing = [NotifyError("busy", permanent=False) for _ in range(12)]
    delivery = desk.delivery()
    waits = [delivery.step() for _ in range(12)]
    assert desk.scribe.told == []
    for place, wait in enumerate(waits):
        longest = min(LONGEST_WAIT, FIRST_WAIT * 2**place)
        assert wait is not None
        assert longest / 2 <= wait <= longest
    drain(delivery)
    assert [told[0] for told in desk.scribe.told] == ["alert-1", "alert-2"]


def test_after_a_success_the_first_wait_is_short_again(desk: Desk) -> None:
    desk.find(1)
    delivery = desk.delivery()
    desk.scribe.failing = [NotifyError("busy", permanent=False) for _ in range(6)]
    for _ in range(6):
        delivery.step()
    drain(delivery)
    desk.find(2)
    desk.scribe.failing = [NotifyError("busy", permanent=False)]
    wait = delivery.step()
    assert wait is not None
    assert wait <= FIRST_WAIT


def test_what_is_refused_for_good_is_kept_with_its_reason_and_the_next_is_told(desk: Desk) -> None:
    desk.find(1)
    desk.find(2)
    desk.scribe.failing = [NotifyError("the receiver answered 410", permanent=True)]
    drain(desk.delivery())
    assert [told[0] for told in desk.scribe.told] == ["alert-2"]
    with desk.database.read() as tx:
        (failed,) = notifying.failed(tx, DUTY)
    assert (failed.alert, failed.revision, failed.at) == ("alert-1", 1, TEN)
    assert failed.reason == "the receiver answered 410"


def test_a_notifier_that_raises_what_it_must_not_holds_up_nobody_and_tells_no_secret(desk: Desk) -> None:
    desk.find(1)
    desk.find(2)
    desk.scribe.failing = [KeyError("hunter2")]
    drain(desk.delivery())
    assert [told[0] for told in desk.scribe.told] == ["alert-2"]
    with desk.database.read() as tx:
        (failed,) = notifying.failed(tx, DUTY)
    assert "KeyError" in failed.reason
    assert "hunter2" not in failed.reason


def test_a_store_that_is_busy_makes_nobody_hear_a_thing_twice(desk: Desk, tmp_path: Path) -> None:
    desk.find(1)
    desk.find(2)
    delivery = desk.delivery()
    with desk.database.read() as tx:
        tx.connection.exec_driver_sql("PRAGMA busy_timeout=1")
    with closing(sqlite3.connect(tmp_path / "hall.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        assert delivery.step() == LOOK_EVERY
        assert delivery.step() == LOOK_EVERY
        assert [told[0] for told in desk.scribe.told] == ["alert-1"]
        holder.execute("ROLLBACK")
    drain(delivery)
    assert [told[0] for told in desk.scribe.told] == ["alert-1", "alert-2"]


def test_two_who_both_believe_to_lead_skip_nothing(desk: Desk) -> None:
    for number in range(1, 5):
        desk.find(number)
    one, other = desk.delivery(), desk.delivery()
    for _ in range(8):
        one.step()
        other.step()
    assert [told[0] for told in desk.scribe.told] == [f"alert-{number}" for number in range(1, 5)]


def test_a_restart_need_not_read_what_concerned_nobody(desk: Desk) -> None:
    with desk.database.write() as tx:
        for number in range(STORED_EVERY):
            journal.append(tx, FactKind.ROLE, None, TEN, {"number": number})
        newest = journal.last_seq(tx)
    delivery = desk.delivery()
    assert delivery.step() is None
    assert desk.cursor() == newest
    desk.find(1)
    drain(delivery)
    assert len(desk.scribe.told) == 1


def test_what_is_silenced_holds_up_nothing_and_is_told_when_its_reminder_comes(desk: Desk) -> None:
    with desk.database.write() as tx:
        interval = Interval(TEN, TEN + timedelta(minutes=5))
        mild = Matcher(a_flip()[0].subject.hall, severities=(Severity.WARNING,))
        silencing.add_silence(tx, Silence(SilenceId("s"), mild, interval, "wang", "drill", TEN))
    desk.find(1)
    desk.find(2, Severity.SERIOUS)
    drain(desk.delivery())
    assert [told[0] for told in desk.scribe.told] == ["alert-2"]
    with desk.database.write() as tx:
        alert = alerting.alert(tx, a_flip(1)[0].id)
        changed, flip = alert_life.reminded(alert, TEN + timedelta(minutes=5), silenced=True)
        alerting.change_alert(tx, alert.revision, changed, flip)
    drain(desk.delivery())
    assert [told[0] for told in desk.scribe.told] == ["alert-2", "alert-1"]


def test_a_notifier_is_opened_when_there_is_something_to_tell_and_then_kept(desk: Desk) -> None:
    delivery = desk.delivery()
    delivery.step()
    assert desk.opened == 0
    desk.find(1)
    desk.find(2)
    drain(delivery)
    assert desk.opened == 1
