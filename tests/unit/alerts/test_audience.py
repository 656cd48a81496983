"""Who hears which flip: by kind, severity and level, and not in quiet hours or under a silence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

import pytest

from alerts.audience import Audience
from hall.config import Configuration, parse_configuration
from hall.config.notifiers import WebhookSettings
from hall.config.telling import EscalationStep, LocalHours, QuietHours
from hall.finding import Alert, AlertStatus, Flip, FlipKind, Severity
from hall.interval import Interval
from hall.names import NotifierId, SilenceId
from hall.place import Text
from hall.silencing import Matcher, Silence
from hall.testing_notifiers import a_flip
from store import alerting, configuration, silencing
from store.database import Database
from store.notifying import Delivery
from tests.unit.alerts.small_hall import HALL, TEN, YAML

MINUTE = timedelta(minutes=1)
EVERYBODY = WebhookSettings(id=NotifierId("everybody"), kind="webhook", url="http://127.0.0.1/")
CHIEF = EVERYBODY.model_copy(update={"id": NotifierId("chief")})
DIRECTOR = EVERYBODY.model_copy(update={"id": NotifierId("director")})
ROLE = Text(zh="值班主任", en="Duty manager")
CHAIN = (
    EscalationStep(after_minutes=5, role=ROLE, notifiers=(CHIEF.id,)),
    EscalationStep(after_minutes=15, role=ROLE, notifiers=(DIRECTOR.id,)),
)
NOW_QUIET = QuietHours(hours=(LocalHours(start=time(10, 10), end=time(11)),))
"""From ten minutes after ten on."""


def configured(**members: object) -> Configuration:
    settings = parse_configuration(YAML)
    site = settings.site.model_copy(update={"notifiers": (EVERYBODY, CHIEF, DIRECTOR)})
    hall = settings.halls[0].model_copy(update={"escalation": CHAIN, **members})
    return settings.model_copy(update={"site": site, "halls": (hall,)})


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'hall.db'}")
    made.migrate()
    with made.write() as tx:
        configuration.apply(tx, configured(), TEN)
        alert, flip = told()
        assert alerting.open_alert(tx, alert, flip)
    yield made
    made.close()


def told(minutes: float = 0, level: int = 0, revision: int = 1, **members: object) -> tuple[Alert, Flip]:
    """A flip so many minutes after ten, and the alert as it left it."""
    alert, flip = a_flip()
    flip = replace(flip, at=TEN + minutes * MINUTE, level=level, revision=revision, **members)  # type: ignore[arg-type]  # by name
    subject = replace(alert.subject, hall=HALL)
    opened = replace(alert, subject=subject, opened_at=TEN, interval=Interval(TEN))
    return replace(opened, status=flip.after, level=level, revision=revision, severity=flip.severity), flip


def enter(database: Database, change: tuple[Alert, Flip]) -> tuple[Alert, Flip]:
    """Make a flip the alert's next one."""
    alert, flip = change
    with database.write() as tx:
        alerting.change_alert(tx, flip.revision - 1, alert, flip)
    return change


def heard_by(database: Database, alert: Alert, flip: Flip) -> list[str]:
    with database.read() as tx:
        return [
            settings.id
            for settings in (EVERYBODY, CHIEF, DIRECTOR)
            if Audience(settings).hears(tx, Delivery(1, alert, flip))
        ]


def silence(database: Database, start: float, end: float) -> None:
    interval = Interval(TEN + start * MINUTE, TEN + end * MINUTE)
    with database.write() as tx:
        silencing.add_silence(
            tx, Silence(SilenceId("s"), Matcher(HALL), interval, "wang", "drill", interval.start)
        )


def test_who_stands_in_a_chain_hears_of_an_alert_from_its_step_on(database: Database) -> None:
    assert heard_by(database, *told()) == ["everybody"]
    escalated = enter(database, told(5, 1, 2, kind=FlipKind.ESCALATION))
    assert heard_by(database, *escalated) == ["chief"]
    acknowledged = enter(database, told(6, 1, 3, after=AlertStatus.ACKNOWLEDGED))
    assert heard_by(database, *acknowledged) == ["everybody", "chief"]
    again = enter(database, told(15, 2, 4, kind=FlipKind.ESCALATION))
    assert heard_by(database, *again) == ["director"]
    ended = enter(database, told(16, 2, 5, after=AlertStatus.RESOLVED))
    assert heard_by(database, *ended) == ["everybody", "chief", "director"]


def test_what_officers_arrange_among_themselves_is_not_told(database: Database) -> None:
    for kind in (FlipKind.COMMENT, FlipKind.ASSIGNMENT):
        assert heard_by(database, *told(1, kind=kind)) == []
    asleep = told(1, kind=FlipKind.SNOOZE, snoozed_until=TEN + 30 * MINUTE)
    assert heard_by(database, *asleep) == []
    assert heard_by(database, *told(30, kind=FlipKind.SNOOZE)) == ["everybody"]


def test_a_silenced_flip_is_told_to_nobody_and_a_reminder_afterwards_to_all(database: Database) -> None:
    silence(database, 0, 20)
    assert heard_by(database, *told(5)) == []
    assert heard_by(database, *told(20, kind=FlipKind.REMINDER)) == ["everybody"]


def test_a_silence_takes_nothing_back_that_happened_before_it(database: Database) -> None:
    silence(database, 5, 20)
    assert heard_by(database, *told(4)) == ["everybody"]


def test_quiet_hours_keep_back_all_but_serious_alerts(database: Database) -> None:
    with database.write() as tx:
        configuration.apply(tx, configured(quiet=NOW_QUIET), TEN)
    assert heard_by(database, *told(9)) == ["everybody"]
    assert heard_by(database, *told(10)) == []
    assert heard_by(database, *told(10, severity=Severity.SERIOUS)) == ["everybody"]


def test_whoever_heard_that_an_alert_stands_hears_in_quiet_hours_that_it_is_over(database: Database) -> None:
    with database.write() as tx:
        configuration.apply(tx, configured(quiet=NOW_QUIET), TEN)
    ended = told(30, after=AlertStatus.RESOLVED, revision=2)
    assert heard_by(database, *ended) == ["everybody"]
    assert heard_by(database, *told(30, after=AlertStatus.ACKNOWLEDGED, revision=2)) == []


def test_whoever_never_heard_of_an_alert_does_not_hear_that_it_is_over(database: Database) -> None:
    silence(database, 0, 60)
    assert heard_by(database, *told(30, after=AlertStatus.RESOLVED, revision=2)) == []


def test_a_chain_that_changes_holds_from_then_on_without_a_restart(database: Database) -> None:
    audience = Audience(CHIEF)
    alert, flip = told()
    with database.read() as tx:
        assert not audience.hears(tx, Delivery(1, alert, flip))
    with database.write() as tx:
        configuration.apply(tx, configured(escalation=()), TEN)
    with database.read() as tx:
        assert audience.hears(tx, Delivery(1, alert, flip))
