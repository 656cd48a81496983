"""The alerts role as a real process beside a real bus: killed at any moment it loses and doubles nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from bus.server import running
from bus.subjects import JOURNAL_WAKE
from bus.thread import ThreadBus
from hall.clock import SystemClock
from hall.config import load_configuration
from hall.finding import Alert, AlertStatus
from hall.interval import Interval
from hall.names import CameraId, HallId, WindowId, ZoneId
from hall.observing import Observation, ObservationKind, Presence
from hall.queueing import WindowState, WindowStatus
from store import alerting, configuration, observing, queueing
from store.database import Database

HALL, CAMERA, WINDOWS = (
    HallId("gulou"),
    CameraId("c01"),
    [WindowId(f"w{number:02d}") for number in range(1, 9)],
)
LIMIT = 1.0
LEADS = "this instance leads"
ZONE = "{{id: s-{0}, role: staff, window: {0}, polygon: [[{1}, 0], [{2}, 0], [{2}, 1], [{1}, 1]]}}"
YAML = """
site: {{data: data}}
halls:
- id: gulou
  name: {{zh: 大厅, en: Hall}}
  schedule: {{always: true}}
  units: [{{id: civil, name: {{zh: 民政局, en: Civil affairs}}}}]
  windows: [{windows}]
  cameras:
  - {{id: c01, name: {{zh: 东侧, en: East}}, url: rtsp://127.0.0.1/none, zones: [{zones}]}}
  rules:
  - {{id: absence, kind: absence, limit_seconds: {limit}, stale_seconds: 600}}
"""


def hall_yaml() -> str:
    windows = ", ".join(
        f"{{id: {window}, number: '{window[1:]}', name: {{zh: 窗口, en: Window}}, unit: civil}}"
        for window in WINDOWS
    )
    zones = ", ".join(
        ZONE.format(window, place / len(WINDOWS), (place + 1) / len(WINDOWS))
        for place, window in enumerate(WINDOWS)
    )
    return YAML.format(windows=windows, zones=zones, limit=LIMIT)


@dataclass
class Site:
    """A store with its bus, and the alerts role as a child."""

    folder: Path
    database: Database
    bus_url: str
    clock: SystemClock = field(default_factory=SystemClock)
    children: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> subprocess.Popen[bytes]:
        """One more instance of the role."""
        metrics = self.folder / "metrics"
        metrics.mkdir(exist_ok=True)
        environment = {
            **os.environ,
            "HALLWATCH_BUS_URL": self.bus_url,
            "PROMETHEUS_MULTIPROC_DIR": str(metrics),
        }
        command = [
            sys.executable,
            "-m",
            "hallwatch",
            "run",
            str(self.folder / "hall.yaml"),
            "--role",
            "alerts",
        ]
        with (self.folder / "alerts.log").open("ab") as log:
            child = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=Path(__file__).parents[2],
            )
        self.children.append(child)
        return child

    def kill(self, child: subprocess.Popen[bytes]) -> None:
        """SIGKILL, and wait until it is gone."""
        child.send_signal(signal.SIGKILL)
        child.wait(10)

    def show(self, window: WindowId, state: Presence, start: datetime) -> None:
        """What camera c01 shows of the window's post from `start` on."""
        seen = Observation(
            ObservationKind.PRESENCE, CAMERA, ZoneId(f"s-{window}"), window, Interval(start), state.value
        )
        with self.database.write() as tx:
            observing.change(tx, HALL, seen)
            observing.watched(tx, CAMERA, self.clock.now())

    def alerts(self) -> list[Alert]:
        with self.database.read() as tx:
            return alerting.alerts_of(tx, limit=1000)[::-1]

    def has_led(self, times: int) -> bool:
        """So many instances have begun to judge."""
        return self.log().count(LEADS) >= times

    def log(self) -> str:
        return (self.folder / "alerts.log").read_text()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    (tmp_path / "hall.yaml").write_text(hall_yaml(), encoding="utf-8")
    settings = load_configuration(tmp_path / "hall.yaml")
    database = Database(settings.site.database_url)
    database.migrate()
    with running(tmp_path / "bus") as server:
        bus = ThreadBus(server.url, "test")
        database.on_commit(lambda seq: bus.publish(JOURNAL_WAKE, str(seq).encode()))
        made = Site(tmp_path, database, server.url)
        now = made.clock.now()
        with database.write() as tx:
            configuration.apply(tx, settings, now)
            for window in WINDOWS:
                opened = WindowStatus(HALL, window, WindowState.OPEN, Interval(now - timedelta(hours=1)))
                queueing.save_window_statuses(tx, HALL, window, opened.interval.start, [opened], now)
        try:
            yield made
        finally:
            for child in made.children:
                with suppress(ProcessLookupError):
                    child.kill()
                child.wait(10)
            bus.close()
            database.close()


def eventually(holds: Callable[[], bool], seconds: float, what: str) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, what
        time.sleep(0.02)


def begins(alert: Alert) -> tuple[WindowId | None, datetime]:
    return alert.subject.window, alert.interval.start


@pytest.mark.slow
def test_killed_at_any_moment_it_loses_no_alert_and_doubles_none(site: Site) -> None:
    causes: dict[tuple[WindowId | None, datetime], datetime | None] = {}
    child = site.start()
    waves = [0.2, LIMIT, 1.8 * LIMIT, 0.5]
    for wave, seconds_to_kill in enumerate(waves):
        # All staff leaves; the kill comes before, at and after the limit. In the last wave nobody returns.
        start = site.clock.now()
        for window in WINDOWS:
            site.show(window, Presence.ABSENT, start)
        time.sleep(seconds_to_kill)
        site.kill(child)
        led = site.log().count(LEADS)
        child = site.start()
        # An absence that is over before anybody judges again is not what this test is about.
        eventually(partial(site.has_led, led + 1), 20, site.log())
        time.sleep(1.5 * LIMIT)
        end = site.clock.now() if wave < len(waves) - 1 else None
        for window in WINDOWS:
            causes[window, start] = end
            if end is not None:
                site.show(window, Presence.ON_POST, end)

    def settled() -> bool:
        return {begins(alert): alert.interval.end for alert in site.alerts()} == causes

    eventually(settled, 30, f"not every cause has its alert: {causes} {site.log()}")
    found = site.alerts()
    assert len(found) == len(causes)
    for alert in found:
        with site.database.read() as tx:
            flips = [flip.after for flip in alerting.flips_of(tx, alert.id)]
        if alert.interval.is_open:
            assert flips == [AlertStatus.OPEN]
        else:
            assert flips == [AlertStatus.OPEN, AlertStatus.RESOLVED]


@pytest.mark.slow
def test_an_instance_that_stands_by_takes_over_within_ten_seconds(site: Site) -> None:
    leader = site.start()
    site.show(WINDOWS[0], Presence.ABSENT, site.clock.now())
    eventually(lambda: len(site.alerts()) == 1, 20, site.log())
    site.start()
    site.show(WINDOWS[1], Presence.ABSENT, site.clock.now())
    eventually(lambda: len(site.alerts()) == 2, 10, site.log())
    site.kill(leader)
    site.show(WINDOWS[2], Presence.ABSENT, site.clock.now())
    eventually(lambda: len(site.alerts()) == 3, 10 + LIMIT, site.log())


def test_it_ends_within_five_seconds_of_being_asked(site: Site) -> None:
    child = site.start()
    site.show(WINDOWS[0], Presence.ABSENT, site.clock.now())
    eventually(lambda: len(site.alerts()) == 1, 20, site.log())
    child.send_signal(signal.SIGTERM)
    assert child.wait(5) == 0
