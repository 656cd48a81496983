"""The benchmark's halls at work: what it says must be found is found, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from alerts.evaluator import Evaluator
from alerts.leadership import Leadership
from benchmarks.alerts_site import enter
from benchmarks.busy_halls import CAMERAS, Expected, Life, camera_name, furnished
from hall.clock import SimulatedClock
from store import alerting, configuration, observing
from store.database import Database
from tests.unit.alerts.small_hall import TEN

FACTS, EVERY = 360, timedelta(seconds=0.125)


def test_every_flip_that_a_fact_is_said_to_bring_about_follows_from_it_at_once(tmp_path: Path) -> None:
    database, clock, life = Database(f"sqlite:///{tmp_path / 'hall.db'}"), SimulatedClock(TEN), Life(1)
    database.migrate()
    cameras = [camera_name(0, place) for place in range(CAMERAS)]
    with database.write() as tx:
        configuration.apply(tx, furnished(1), TEN)
        for happening in life.beginning(TEN):
            enter(tx, happening, TEN)
        observing.all_watched(tx, dict.fromkeys(cameras, TEN))
    leadership = Leadership(database, clock, "one")
    evaluator = Evaluator(database, clock, leadership)
    told: list[Expected] = []
    for _ in range(FACTS):
        clock.wall += EVERY
        happening = life.next(clock.now())
        with database.write() as tx:
            enter(tx, happening, clock.now())
            observing.all_watched(tx, dict.fromkeys(cameras, clock.now()))
        assert leadership.hold()
        evaluator.step()
        if (expected := happening.expected) is not None:
            told.append(expected)
            with database.read() as tx:
                alerts = alerting.alerts_of(tx, limit=1000)
            about = [one for one in alerts if expected.subject in (one.subject.window, one.subject.ticket)]
            assert any(one.rule == expected.rule and one.interval.is_open is expected.opens for one in about)
    assert {(one.rule, one.opens) for one in told} == {
        ("absence", True), ("absence", False), ("overlong-wait", False),
    }  # fmt: skip
    subjects = {one.subject for one in told if one.opens}
    assert {one.subject.window for one in alerts if one.rule == "absence"} == subjects
    database.close()
