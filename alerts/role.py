"""The alerts role: one process that leads, or stands by until the leader is gone."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime

import structlog

from alerts.delivering import delivering
from alerts.evaluator import Evaluator
from alerts.following_up import FollowUp
from alerts.holder import is_gone, own_name
from alerts.leadership import Leadership, NotLeading
from alerts.metrics import LEADING, STEP_SECONDS, STORE_BUSY
from bus.subjects import JOURNAL_WAKE
from bus.thread import ThreadBus
from hall.clock import Clock
from hall.config import Configuration
from hall.config.notifiers import NotifierSettings
from hall.errors import StoreBusy
from hall.pulse import Pulses, renew
from store.database import Database

PASS_SECONDS = 300.0
"""One pass may take so long: the first one reads what stands of all halls."""
LONGEST_SLEEP = 0.5
"""Seconds. The journal is looked at this often even when no wake comes: the bus may be away."""

log = structlog.get_logger(__name__)


def run_alerts(
    configuration: Configuration,
    database: Database,
    bus_url: str,
    clock: Clock,
    stop: threading.Event,
    pulses: Pulses | None = None,
) -> None:
    """Keep the alerts of all halls until `stop` is set. The configuration in force is read from the store."""
    wake = threading.Event()
    bus = ThreadBus(bus_url, "alerts")
    try:
        bus.subscribe(JOURNAL_WAKE, lambda _message: wake.set())
        log.info("alerts begin", halls=[hall.id for hall in configuration.halls])
        follow(database, clock, wake, stop, configuration.site.notifiers, pulses)
    finally:
        bus.close()


def follow(
    database: Database,
    clock: Clock,
    wake: threading.Event,
    stop: threading.Event,
    notifiers: Sequence[NotifierSettings] = (),
    pulses: Pulses | None = None,
) -> None:
    """Evaluate whenever `wake` is set or something is due, and tell the notifiers, until `stop` is set."""
    leadership = Leadership(database, clock, own_name(), is_gone)
    evaluator = Evaluator(database, clock, leadership)
    follow_up = FollowUp(database, clock, leadership)
    pulses = pulses or Pulses(clock)
    with (
        pulses.beating("judging", PASS_SECONDS),
        delivering(notifiers, database, clock, leadership.leads, pulses) as look,
    ):
        while not stop.is_set():
            renew()
            wake.clear()
            seconds = _turn(leadership, evaluator, follow_up, clock)
            look()
            wake.wait(seconds)
    LEADING.set(0)
    try:
        leadership.release()
    except StoreBusy as error:
        log.warning("the lease was not given back and runs out by itself", error=str(error))


def _turn(leadership: Leadership, evaluator: Evaluator, follow_up: FollowUp, clock: Clock) -> float:
    """One pass; returns for how many seconds nothing is due."""
    led = leadership.held
    try:
        if not leadership.hold():
            _stand_by(evaluator, follow_up, led)
            return LONGEST_SLEEP
        if not led:
            LEADING.set(1)
            log.info("this instance leads")
        with STEP_SECONDS.time():
            dues = evaluator.step(), follow_up.step()
    except NotLeading:
        _stand_by(evaluator, follow_up, led)
        return LONGEST_SLEEP
    except StoreBusy as error:
        STORE_BUSY.inc()
        log.warning("the database cannot be used; everything is judged again later", error=str(error))
        evaluator.forget()
        follow_up.forget()
        return LONGEST_SLEEP
    due = min((due for due in dues if due is not None), default=None)
    return _seconds_until(due, clock.now())


def _stand_by(evaluator: Evaluator, follow_up: FollowUp, led: bool) -> None:
    if led:
        log.warning("another instance has taken over")
    LEADING.set(0)
    evaluator.forget()
    follow_up.forget()


def _seconds_until(due: datetime | None, now: datetime) -> float:
    if due is None:
        return LONGEST_SLEEP
    return min(LONGEST_SLEEP, max(0.0, (due - now).total_seconds()))
