"""Halls whose alerts are kept for real: a store, a bus, two receivers, and processes of the alerts role."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bus.leash import leashed
from bus.server import running as bus_running
from bus.subjects import JOURNAL_WAKE
from bus.thread import ThreadBus
from hall.clock import SystemClock
from hall.config import Configuration, load_configuration
from hall.finding import Alert, Flip, FlipKind
from hall.interval import Interval
from hall.journal import FactKind
from hall.names import NotifierId, WindowId
from hall.queueing import WindowState, WindowStatus
from hall.wire import from_wire
from hallwatch import environment
from store import configuration as configurations
from store import journal, leases, notifying, queueing
from store.database import Database
from store.leases import Lease
from tests.mail_server import MailServer, mail_server
from tests.receiver import WebReceiver, receiving
from tests.torture.alerts.causes import LIMITS
from tests.torture.recording_hall import ROOT, new_database

LEADS = "this instance leads"
APPLICATION = "torture-alerts"
"""What the role's connections to PostgreSQL are called, so that only these are cut."""
NOTIFIERS = (NotifierId("hook"), NotifierId("mail"))
LEASE = "alerts"
BUSY = 4
"""The exit code of a command that may succeed later."""
BATCH = 1000
HALL = """
- id: {hall}
  name: {{zh: 大厅, en: Hall}}
  timezone: {zone}
  schedule: {{always: true}}
  units: [{{id: u, name: {{zh: 单位, en: Unit}}}}]
  windows: [{windows}]
  cameras:
  - {{id: {hall}-seats, name: {{zh: 席位, en: Seats}}, url: rtsp://127.0.0.1/none, zones: [{zones}]}}
  - {{id: {hall}-door, name: {{zh: 门口, en: Door}}, url: rtsp://127.0.0.1/none}}
  rules:
  - {{id: absence, kind: absence, limit_seconds: {absence}, stale_seconds: 3600}}
  - {{id: wait, kind: overlong_wait, limit_seconds: {overlong_wait}}}
  - {{id: call, kind: called_not_served, limit_seconds: {called_not_served}}}
  - {{id: camera, kind: camera_fault, limit_seconds: {camera_fault}}}
"""
SITE = """
site:
  data: data
  database: "{database}"
  console: {{address: "http://console.example"}}
  notifiers:
  - {{id: hook, kind: webhook, url: "{web}/takes/hook"}}
  - {{id: mail, kind: email, host: 127.0.0.1, port: {port}, security: none, per_minute: 6000,
      sender: hall@example.gov.cn, recipients: [duty@example.gov.cn]}}
halls:"""


@dataclass
class Instance:
    """One process of the alerts role, with a log of its own."""

    number: int
    process: subprocess.Popen[bytes]
    log: Path

    def has_led(self) -> bool:
        """Whether it ever was the one that writes."""
        return LEADS in self.said()

    def said(self, since: int = 0) -> str:
        """What it said from a byte of its log on."""
        return self.log.read_bytes()[since:].decode()

    def has_given_up(self) -> bool:
        """Whether it ended by itself because the database was away: who starts roles starts it again.

        Raises AssertionError when it ended in any other way.
        """
        code = self.process.poll()
        if code not in (None, BUSY):
            raise AssertionError(f"an instance ended by itself with {code}: {self.said()[-1000:]}")
        return code == BUSY

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, unless it has given up."""
        if not self.has_given_up():
            self.process.send_signal(number)

    def kill(self) -> None:
        """SIGKILL; it is gone when this returns."""
        self.signal(signal.SIGKILL)
        self.process.wait(10)


@dataclass
class AlertsHall:
    """Configured halls with their store, and the instances that were started."""

    folder: Path
    configuration: Configuration
    database: Database
    bus_url: str
    web: WebReceiver
    mail: MailServer
    clock: SystemClock = field(default_factory=SystemClock)
    instances: list[Instance] = field(default_factory=list)
    started: int = 0
    given_up: int = 0
    """How many instances ended because the database was away, and were started again."""

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a file."""
        return self.database.url.startswith("sqlite")

    def start(self) -> Instance:
        """One more instance; it dies with the thread that starts it."""
        self.started += 1
        own = {
            environment.BUS_URL: self.bus_url,
            environment.DATABASE: self.database.url,
            environment.ROLE: "alerts",
            environment.METRICS: str(self.folder / "metrics"),
            "PGAPPNAME": f"{APPLICATION}-{self.started}",
        }
        file = str(self.folder / "hall.yaml")
        log = self.folder / f"alerts-{self.started}.log"
        with log.open("ab") as out:
            process = subprocess.Popen(
                leashed([sys.executable, "-m", "hallwatch", "run", file, "--role", "alerts"]),
                cwd=ROOT,
                env={**os.environ, **own},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        instance = Instance(self.started, process, log)
        self.instances.append(instance)
        return instance

    def kill(self, instance: Instance) -> None:
        """End an instance as a power cut would."""
        self.instances.remove(instance)
        instance.kill()

    def replace_those_that_gave_up(self) -> None:
        """As the supervisor does."""
        for instance in [one for one in self.instances if one.has_given_up()]:
            self.instances.remove(instance)
            self.given_up += 1
            self.start()

    def stop(self) -> None:
        """End every instance, also one that was stopped."""
        for instance in self.instances:
            instance.process.kill()
            instance.process.wait(10)
        self.instances.clear()

    def lease(self) -> Lease | None:
        """Who may write now, or did last."""
        with self.database.read() as tx:
            return leases.find(tx, LEASE)

    def leader(self) -> Instance | None:
        """The instance that holds the lease; None when it belongs to somebody who is gone, or nobody."""
        lease = self.lease()
        if lease is None:
            return None
        process = lease.holder.split("/")[-2]
        return next((one for one in self.instances if str(one.process.pid) == process), None)

    def newest(self) -> int:
        """The newest place in the journal: it grows as long as anybody can write."""
        with self.database.read() as tx:
            return journal.last_seq(tx)

    def flips(self) -> list[tuple[int, Flip]]:
        """Every flip with its place in the journal, in order."""
        found: list[tuple[int, Flip]] = []
        with self.database.read() as tx:
            while entries := journal.tail(tx, found[-1][0] if found else 0, BATCH, [FactKind.FLIP]):
                found += [(entry.seq, from_wire(Flip, entry.body)) for entry in entries]
        return found

    def progress(self) -> tuple[int, ...]:
        """Something that changes whenever anything is entered or told; cheap to ask for."""
        with self.database.read() as tx:
            places = [notifying.cursor(tx, notifier) or 0 for notifier in NOTIFIERS]
            return journal.last_seq(tx), *places, len(self.web.taken), len(self.mail.taken)

    def all_is_told(self) -> bool:
        """Whether no notifier has anything left to tell."""
        with self.database.read() as tx:
            places = [notifying.cursor(tx, notifier) for notifier in NOTIFIERS]
            return all(place is not None and notifying.waiting(tx, place, _is_told) == 0 for place in places)


def _is_told(_alert: Alert, flip: Flip) -> bool:
    """Comments stay among officers."""
    return flip.kind is not FlipKind.COMMENT


@contextmanager
def alerts_hall(
    folder: Path, halls: int, windows: int, database_url: str | None = None
) -> Iterator[AlertsHall]:
    """So many halls with so many windows each, all of which have been open for an hour; nobody judges yet."""
    with ExitStack() as stack:
        web, mail = stack.enter_context(receiving()), stack.enter_context(mail_server())
        url = database_url or f"sqlite:///{folder / 'hallwatch.db'}"
        site = SITE.format(database=url, web=web.address, port=mail.port)
        (folder / "hall.yaml").write_text(site + "".join(map(_hall, range(1, halls + 1), [windows] * halls)))
        (folder / "metrics").mkdir()
        configuration = load_configuration(folder / "hall.yaml")
        database = new_database(url)
        stack.callback(database.close)
        server = stack.enter_context(bus_running(folder / "bus"))
        bus = ThreadBus(server.url, "torture")
        stack.callback(bus.close)
        database.on_commit(lambda seq: bus.publish(JOURNAL_WAKE, str(seq).encode()))
        made = AlertsHall(folder, configuration, database, server.url, web, mail)
        stack.callback(made.stop)
        _open_for_business(made)
        yield made


def _open_for_business(made: AlertsHall) -> None:
    now = made.clock.now()
    since = now - timedelta(hours=1)
    with made.database.write() as tx:
        configurations.apply(tx, made.configuration, now)
        for hall in made.configuration.halls:
            for window in hall.windows:
                opened = WindowStatus(hall.id, window.id, WindowState.OPEN, Interval(since))
                queueing.save_window_statuses(tx, hall.id, window.id, since, [opened], now)


def _hall(number: int, windows: int) -> str:
    names = [WindowId(f"w{place:02d}") for place in range(1, windows + 1)]
    edges = [round(place / windows, 4) for place in range(windows + 1)]
    return HALL.format(
        hall=f"h{number}",
        zone=_zone_of_noon(datetime.now(UTC)),
        windows=", ".join(
            f"{{id: {name}, number: '{name[1:]}', name: {{zh: 窗口, en: Window}}, unit: u}}" for name in names
        ),
        zones=", ".join(
            f"{{id: s-{name}, role: staff, window: {name},"
            f" polygon: [[{left}, 0], [{right}, 0], [{right}, 1], [{left}, 1]]}}"
            for name, left, right in zip(names, edges, edges[1:], strict=False)
        ),
        **{kind.value: limit.total_seconds() for kind, limit in LIMITS.items()},
    )


def _zone_of_noon(now: datetime) -> str:
    """A time zone in which it is about noon: tickets end with their day, which no campaign shall run into."""
    hours = 12 - now.hour
    return f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"
