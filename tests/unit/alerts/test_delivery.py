"""Delivery on a real store with a simulated clock: in order, nothing lost, nothing twice that need not be."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from alerts.audience import Audience
from alerts.delivery import (
    FIRST_WAIT,
    LONGEST_WAIT,
    LOOK_EVERY,
    MOST_TOGETHER,
    STORED_EVERY,
    TRIAL_WITHIN,
    Delivery,
)
from hall import alert_life
from hall.clock import SimulatedClock
from hall.config import Configuration, parse_configuration
from hall.config.notifiers import WebhookSettings
from hall.errors import Conflict, NotifyError
from hall.finding import Alert, AlertKind, AlertStatus, Flip, Severity
from hall.interval import Interval
from hall.journal import FactKind
from hall.names import HallId, NotifierId, SilenceId
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
class Crier(Scribe):
    """A notifier that can tell several flips at once, and be tried out."""

    together: list[list[str]] = field(default_factory=list)
    refusing: list[NotifyError] = field(default_factory=list)
    tried: list[datetime] = field(default_factory=list)

    def notify_together(self, told: Sequence[tuple[Alert, Flip]]) -> None:
        if self.refusing:
            raise self.refusing.pop(0)
        self.together.append([alert.id for alert, _ in told])

    def try_out(self, at: datetime) -> None:
        if self.failing:
            raise self.failing.pop(0)
        self.tried.append(at)


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

    def open_scribe(self, settings: object, surroundings: object) -> Scribe:
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

    def standing(self) -> notifying.Standing:
        with self.database.read() as tx:
            found = notifying.standing(tx, DUTY)
        assert found is not None
        return found

    def ask_trial(self) -> None:
        with self.database.write() as tx:
            notifying.ask_trial(tx, DUTY, self.clock.now(), "wang")

    def trial(self) -> notifying.Trial:
        with self.database.read() as tx:
            found = notifying.trial(tx, DUTY)
        assert found is not None
        return found

    def cursor(self) -> int | None:
        with self.database.read() as tx:
            return notifying.cursor(tx, DUTY)


def drain(delivery: Delivery, steps: int = 100) -> None:
    """Step until there is nothing to tell; any failure on the way is one of the test's."""
    for _ in range(steps):
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
    desk.scribe.failing = [NotifyError("the receiver answered 410", "对方应答 410", permanent=True)]
    drain(desk.delivery())
    assert [told[0] for told in desk.scribe.told] == ["alert-2"]
    with desk.database.read() as tx:
        (failed,) = notifying.failed(tx, DUTY)
    assert (failed.alert, failed.revision, failed.at) == ("alert-1", 1, TEN)
    assert failed.reason == notifying.Failure("the receiver answered 410", "对方应答 410")


def test_a_notifier_that_raises_what_it_must_not_holds_up_nobody_and_tells_no_secret(desk: Desk) -> None:
    desk.find(1)
    desk.find(2)
    desk.scribe.failing = [KeyError("hunter2")]
    drain(desk.delivery())
    assert [told[0] for told in desk.scribe.told] == ["alert-2"]
    with desk.database.read() as tx:
        (failed,) = notifying.failed(tx, DUTY)
    assert "KeyError" in failed.reason.en
    assert "hunter2" not in repr(failed.reason)


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
        changed, flip = alert_life.reminded(alert, TEN + timedelta(minutes=5), alert_life.Kept.SILENCE)
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


BUSY, AWAY = notifying.Failure("busy", "busy"), notifying.Failure("away", "away")
SLOWLY = HOOK.model_copy(update={"per_minute": 3})
FILTERS = [
    ({"halls": (HallId("hall"),)}, 3),
    ({"halls": (HallId("elsewhere"),)}, 0),
    ({"kinds": (AlertKind.ABSENCE,)}, 3),
    ({"kinds": (AlertKind.DISK,)}, 0),
    ({"statuses": (AlertStatus.RESOLVED,)}, 1),
    ({"statuses": (AlertStatus.OPEN,)}, 2),
]


@pytest.mark.parametrize(("heard", "told"), FILTERS)
def test_only_what_was_asked_for_is_told(desk: Desk, heard: dict[str, object], told: int) -> None:
    desk.find(1)
    desk.find(2)
    desk.resolve(1)
    drain(desk.delivery(HOOK.model_copy(update=heard)))
    assert len(desk.scribe.told) == told


def pass_minutes(desk: Desk, delivery: Delivery) -> list[float]:
    """Step to the end, waiting as told; gives the waits."""
    waits: list[float] = []
    for _ in range(300):
        seconds = delivery.step()
        if seconds is None:
            return waits
        if seconds:
            waits.append(seconds)
            desk.clock.advance(seconds)
    raise AssertionError("there is no end")


def test_what_is_more_than_a_minute_may_hold_is_told_together_in_order_and_none_is_left_out(
    desk: Desk,
) -> None:
    desk.scribe = crier = Crier()
    for number in range(1, 13):
        desk.find(number)
    drain(desk.delivery(SLOWLY))
    assert [told[0] for told in crier.told] == ["alert-1", "alert-2"]
    assert crier.together == [[f"alert-{number}" for number in range(3, 13)]]
    assert desk.cursor() == last_flip(desk)


def test_one_message_that_is_the_last_of_its_minute_is_no_digest(desk: Desk) -> None:
    desk.scribe = crier = Crier()
    for number in range(1, 4):
        desk.find(number)
    drain(desk.delivery(SLOWLY))
    assert [told[0] for told in crier.told] == ["alert-1", "alert-2", "alert-3"]
    assert crier.together == []


def test_who_cannot_tell_several_at_once_tells_them_one_by_one_and_no_faster(desk: Desk) -> None:
    for number in range(1, 9):
        desk.find(number)
    waits = pass_minutes(desk, desk.delivery(SLOWLY))
    assert [told[0] for told in desk.scribe.told] == [f"alert-{number}" for number in range(1, 9)]
    assert waits == [60.0, 60.0]


def test_telling_one_costs_no_more_when_hundreds_wait(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[int] = []
    hears = Audience.hears

    def noted(audience: Audience, tx: Read, delivery: notifying.Delivery) -> bool:
        looked_at.append(delivery.seq)
        return hears(audience, tx, delivery)

    monkeypatch.setattr(Audience, "hears", noted)
    for number in range(120):
        desk.find(number)
    desk.delivery().step()
    assert (len(desk.scribe.told), len(looked_at)) == (1, 1)
    drain(desk.delivery(), 150)
    assert [told[0] for told in desk.scribe.told] == [f"alert-{number}" for number in range(120)]


def test_one_message_tells_only_so_many_and_the_rest_follows_a_minute_later(desk: Desk) -> None:
    desk.scribe = crier = Crier()
    for number in range(MOST_TOGETHER + 5):
        desk.find(number)
    assert pass_minutes(desk, desk.delivery(HOOK.model_copy(update={"per_minute": 1}))) == [60.0]
    assert [len(together) for together in crier.together] == [MOST_TOGETHER, 5]


def test_what_is_refused_together_is_told_one_by_one_so_that_one_bad_message_spoils_no_other(
    desk: Desk,
) -> None:
    desk.scribe = crier = Crier(refusing=[NotifyError("the robot refused", permanent=True)])
    for number in range(1, 7):
        desk.find(number)
    delivery = desk.delivery(SLOWLY)
    delivery.step()
    delivery.step()
    delivery.step()
    crier.failing = [NotifyError("the robot refused", permanent=True)]
    pass_minutes(desk, delivery)
    assert [told[0] for told in crier.told] == ["alert-1", "alert-2", "alert-4", "alert-5", "alert-6"]
    with desk.database.read() as tx:
        assert [one.alert for one in notifying.failed(tx)] == ["alert-3"]


def test_what_cannot_be_told_together_now_waits_together(desk: Desk) -> None:
    desk.scribe = crier = Crier(refusing=[NotifyError("busy", permanent=False)])
    for number in range(1, 7):
        desk.find(number)
    pass_minutes(desk, desk.delivery(SLOWLY))
    told = [one[0] for one in crier.told] + [one for together in crier.together for one in together]
    assert told == [f"alert-{number}" for number in range(1, 7)]


def last_flip(desk: Desk) -> int:
    with desk.database.read() as tx:
        return journal.tail(tx, 0, 1000, [FactKind.FLIP])[-1].seq


def test_the_store_says_since_when_and_why_nothing_can_be_told_until_something_is(desk: Desk) -> None:
    desk.find(1)
    desk.scribe.failing = [NotifyError(words, permanent=False) for words in ("busy", "busy", "away")]
    delivery = desk.delivery()
    delivery.step()
    desk.clock.advance(5)
    delivery.step()
    assert (desk.standing().failing_since, desk.standing().failure) == (TEN, BUSY)
    delivery.step()
    assert (desk.standing().failing_since, desk.standing().failure) == (TEN, AWAY)
    assert desk.standing().told_at is None
    drain(delivery)
    assert (desk.standing().failing_since, desk.standing().failure) == (None, None)
    assert desk.standing().told_at == TEN + timedelta(seconds=5)


def test_a_failure_is_forgotten_when_what_failed_is_not_told_any_more(desk: Desk) -> None:
    desk.find(1)
    desk.scribe.failing = [NotifyError("busy", permanent=False)]
    desk.delivery().step()
    assert desk.standing().failure == BUSY
    drain(desk.delivery(HOOK.model_copy(update={"severities": (Severity.SERIOUS,)})))
    assert desk.standing().failure is None


def test_a_trial_is_carried_out_once_and_tells_no_alert(desk: Desk) -> None:
    desk.scribe = crier = Crier()
    delivery = desk.delivery()
    assert not delivery.try_out()
    desk.ask_trial()
    assert delivery.try_out()
    assert not delivery.try_out()
    assert crier.tried == [TEN]
    assert crier.told == []
    assert (desk.trial().done_at, desk.trial().failure, desk.trial().asked_by) == (TEN, None, "wang")


def test_a_trial_that_fails_says_why(desk: Desk) -> None:
    desk.scribe = Crier(failing=[NotifyError("the robot refuses the token", "令牌不对", permanent=False)])
    desk.ask_trial()
    assert not desk.delivery().try_out()
    assert desk.trial().failure == notifying.Failure("the robot refuses the token", "令牌不对")


def test_a_notifier_that_cannot_be_tried_out_says_so(desk: Desk) -> None:
    desk.ask_trial()
    assert not desk.delivery().try_out()
    assert "cannot be tried out" in repr(desk.trial().failure)


def test_a_trial_that_nobody_waits_for_any_more_is_not_carried_out(desk: Desk) -> None:
    desk.scribe = crier = Crier()
    desk.ask_trial()
    desk.clock.advance(TRIAL_WITHIN.total_seconds() + 1)
    desk.delivery().try_out()
    assert crier.tried == []
    assert desk.trial().failure is not None


def test_who_does_not_lead_tries_nothing_out(desk: Desk) -> None:
    desk.scribe = crier = Crier()
    desk.ask_trial()
    desk.leading = False
    assert not desk.delivery().try_out()
    assert crier.tried == []


def test_while_a_trial_is_on_its_way_no_other_is_asked_for(desk: Desk) -> None:
    desk.ask_trial()
    with pytest.raises(Conflict):
        desk.ask_trial()
    desk.clock.advance(60)
    desk.ask_trial()
    assert desk.trial().asked_at == TEN + timedelta(minutes=1)
