"""How fast do alerts follow the facts, at what cost? And how soon a thousand screens are told.

The alerts role runs as it does in a hall: a process of its own, a real bus, the real database with its
settings. Beside it write, as their processes do, analysis (observations, and the watermarks of all cameras
every two seconds) and the queue's intake. Then the same with a console and 1,000 screens.

Options: --seconds, --rate, --halls (several: 10 100 1000), --screens, --database sqlite or postgresql.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import psutil

from benchmarks.alerts_push import PushOutcome, free_port, measure_push
from benchmarks.alerts_site import Promise, Site, Writers, cpu_seconds, running, site
from benchmarks.busy_halls import CAMERAS, LIMIT_SECONDS, WAIT, WINDOWS, Expected, Life
from benchmarks.report import Figure, Report, percentile
from bus.subjects import JOURNAL_WAKE
from bus.thread import ThreadBus
from hall.journal import FactKind
from store import journal
from store.database import Database

NOTE = (
    f"Twenty windows and {CAMERAS} cameras a hall; limits of {LIMIT_SECONDS:.0f} s. CPU: of the alerts role. "
    "Fact to flip: from the commit of the fact, in one process, until another could read the flip that it "
    "brings about. Due to flip: the same from the moment at which a limit was reached. Missing: flips that "
    "had to come and did not."
)
WARM_FLIPS = 5
LARGEST = 1000
PUSH_HALLS = 100
LONGEST_START = 300.0
SETTLE_SECONDS = 10.0
LAST_FLIPS_SECONDS = 10.0
POLL_SECONDS = 0.05
EARLY_SECONDS = 0.002
"""A reader may see a commit before its writer has taken the time."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A flip as it stood in the journal for everybody to read, at `seen` (s since 1970).

    `reached` is when the limit was reached, of an alert that time alone opens.
    """

    seen: float
    reached: float | None = None


@dataclass
class Watcher:
    """Another process's view of the journal: when each alert could be read."""

    database: Database
    sightings: dict[Expected, list[Sighting]] = field(default_factory=lambda: defaultdict(list))
    flips: int = 0
    doubled: int = 0

    def follow(self, bus: ThreadBus, stop: threading.Event) -> None:
        """Read whenever the bus says that something was committed, until `stop`."""
        wake = threading.Event()
        end = bus.subscribe(JOURNAL_WAKE, lambda _message: wake.set())
        known: set[tuple[str, int]] = set()
        with self.database.read() as tx:
            seq = journal.last_seq(tx)
        while not stop.is_set():
            wake.wait(POLL_SECONDS)
            wake.clear()
            with self.database.read() as tx:
                entries = journal.tail(tx, seq, kinds=[FactKind.ALERT])
            seen = time.time()
            for entry in entries:
                seq = entry.seq
                self._note(entry.body, seen, known)
        end()

    def _note(self, body: Mapping[str, object], seen: float, known: set[tuple[str, int]]) -> None:
        self.flips += 1
        name = str(body["id"]), int(str(body["revision"]))
        self.doubled += name in known
        known.add(name)
        subject, interval = body["subject"], body["interval"]
        assert isinstance(subject, dict)
        assert isinstance(interval, dict)
        reached = None
        if body["rule"] == WAIT and name[1] == 1:
            reached = datetime.fromisoformat(str(interval["start"])).timestamp() + LIMIT_SECONDS
        about = str(subject["ticket"] or subject["window"])
        expected = Expected(str(body["rule"]), about, opens=interval["end"] is None)
        self.sightings[expected].append(Sighting(seen, reached))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was measured with so many halls. Times in ms, `cpu` in seconds of processor a second."""

    halls: int
    facts_a_second: float
    cpu: float
    after_fact: list[float]
    after_due: list[float]
    missing: int
    doubled: int

    @property
    def cost_ms(self) -> float:
        """Processor time for each fact."""
        return self.cpu / self.facts_a_second * 1000


def run(options: Sequence[str] = ()) -> Report:
    """Measure one size after the other, then the push, and report."""
    given = _parsed(options)
    outcomes = [_measure(halls, given) for halls in given.halls]
    push = _measure_push(given) if given.screens else None
    return _report(outcomes, push, given)


def _measure(halls: int, given: argparse.Namespace) -> Outcome:
    with (
        tempfile.TemporaryDirectory(prefix="hallwatch-alerts-", dir=given.folder) as name,
        site(Path(name), halls, given.database) as at,
        running(at, "alerts") as role,
        working(at, given.rate) as (writers, watcher),
    ):
        _wait_for_flips(watcher, role)
        time.sleep(SETTLE_SECONDS)
        began, cpu, written = time.time(), cpu_seconds(role), writers.written
        time.sleep(given.seconds)
        ended, cpu, written = time.time(), cpu_seconds(role) - cpu, writers.written - written
        time.sleep(LAST_FLIPS_SECONDS)
    lasted = ended - began
    promises = [one for one in writers.promises if began <= one.committed < ended]
    after_fact, missing = matched(promises, watcher.sightings)
    after_due = [
        (sighting.seen - sighting.reached) * 1000
        for sightings in watcher.sightings.values()
        for sighting in sightings
        if sighting.reached is not None and began <= sighting.reached < ended
    ]
    return Outcome(halls, written / lasted, cpu / lasted, after_fact, after_due, missing, watcher.doubled)


def _measure_push(given: argparse.Namespace) -> PushOutcome:
    port = free_port()
    with (
        tempfile.TemporaryDirectory(prefix="hallwatch-alerts-", dir=given.folder) as name,
        site(Path(name), PUSH_HALLS, given.database, port) as at,
        running(at, "alerts") as role,
        working(at, given.rate) as (writers, watcher),
    ):
        _wait_for_flips(watcher, role)
        return measure_push(at, given.screens, port, given.seconds, writers)


@contextmanager
def working(at: Site, rate: float) -> Iterator[tuple[Writers, Watcher]]:
    """Facts are written, and flips looked for, until the block ends."""
    bus = ThreadBus(at.bus_url, "benchmark")
    writers, watcher = Writers(at, bus, rate, Life(at.halls)), Watcher(Database(at.url))
    stop = threading.Event()
    watching = threading.Thread(target=watcher.follow, args=(bus, stop), daemon=True, name="watcher")
    watching.start()
    writers.start()
    try:
        yield writers, watcher
    finally:
        writers.stop()
        stop.set()
        watching.join(10)
        watcher.database.close()
        bus.close()


def matched(
    promises: Sequence[Promise], sightings: Mapping[Expected, Sequence[Sighting]]
) -> tuple[list[float], int]:
    """For each promised flip after how many ms it was seen, and how many never were."""
    delays: list[float] = []
    missing = 0
    taken: dict[Expected, int] = defaultdict(int)
    for promise in sorted(promises, key=lambda one: one.committed):
        seen = sightings.get(promise.expected, ())
        place = taken[promise.expected]
        # What was seen before the fact belongs to an earlier one.
        while place < len(seen) and seen[place].seen < promise.committed - EARLY_SECONDS:
            place += 1
        if place == len(seen):
            missing += 1
        else:
            delays.append((seen[place].seen - promise.committed) * 1000)
        taken[promise.expected] = place + 1
    return delays, missing


def _wait_for_flips(watcher: Watcher, role: psutil.Process) -> None:
    until = time.monotonic() + LONGEST_START
    while watcher.flips < WARM_FLIPS:
        if time.monotonic() > until or role.status() == psutil.STATUS_ZOMBIE:
            raise TimeoutError("the alerts role found nothing")
        time.sleep(0.2)


def _parsed(options: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks alerts", description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0, help="measured for each size")
    parser.add_argument("--rate", type=float, default=50.0, help="facts a second")
    parser.add_argument("--halls", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--screens", type=int, default=1000)
    parser.add_argument("--folder", default=tempfile.gettempdir(), help="where the databases may lie")
    parser.add_argument("--database", default="sqlite", choices=("sqlite", "postgresql"))
    return parser.parse_args(list(options))


def _report(outcomes: Sequence[Outcome], push: PushOutcome | None, given: argparse.Namespace) -> Report:
    main = next((one for one in outcomes if one.halls == PUSH_HALLS), outcomes[0])
    largest = next((one for one in outcomes if one.halls == LARGEST), None)
    is_whole = largest is not None and main.halls == PUSH_HALLS
    ratio = round(largest.cost_ms / main.cost_ms, 3) if largest is not None and is_whole else None
    keys: dict[str, Figure] = {
        "database": given.database,
        "seconds": given.seconds,
        "fact_to_flip_p50_ms": _milliseconds(main.after_fact, 0.5),
        "fact_to_flip_p99_ms": _milliseconds(main.after_fact, 0.99),
        "flips": len(main.after_fact),
        "flips_missing": sum(one.missing for one in outcomes),
        "flips_doubled": sum(one.doubled for one in outcomes),
        "cpu_percent": round(main.cpu * 100, 1),
        "cpu_ratio_1000_over_100_halls": ratio,
    }
    notes = [NOTE]
    if given.database == "postgresql":
        notes.append("PostgreSQL ran without fsync: its commits cost less here than in a hall.")
    if push is not None:
        p50, p99 = (percentile(push.delays, share) for share in (0.5, 0.99))
        keys |= {
            f"push_{push.screens}_p50_ms": round(p50, 1),
            f"push_{push.screens}_p99_ms": round(p99, 1),
            "lost": push.lost,
            "doubled": push.doubled,
            "reconnect_seconds": round(push.back, 1),
            "console_cpu_percent": round(push.console * 100, 1),
        }
        notes.append(
            f"Push, {PUSH_HALLS} halls, {push.screens} screens on one console: a flip reaches the last one "
            f"after {p50:.0f} ms (p50) and {p99:.0f} ms (p99 of {len(push.delays)} flips), counted from the "
            "moment of judgement, which lies before the commit. Each screen is sent "
            f"{push.entries:.0f} facts a second. The console takes {push.console * 100:.0f} % of a core, the "
            f"process of the screens, on the same machine, {push.clients * 100:.0f} %. After a SIGKILL of "
            f"the console all screens had everything again after {push.back:.1f} s; lost {push.lost}, "
            f"doubled {push.doubled}."
        )
    return Report(
        title="Alerts under load",
        header=("halls", "windows", "facts/s", "CPU %", "CPU ms a fact", "flips", "fact to flip p50 ms",
                "p99 ms", "due to flip p50 ms", "p99 ms", "missing", "doubled"),
        rows=tuple(_row(one) for one in outcomes),
        keys=keys,
        notes=tuple(notes),
    )  # fmt: skip


def _milliseconds(times: Sequence[float], share: float) -> float | None:
    """A percentile; None where nothing was seen."""
    return round(percentile(times, share), 1) if times else None


def _row(one: Outcome) -> tuple[Figure, ...]:
    figures = [
        _milliseconds(times, share) for times in (one.after_fact, one.after_due) for share in (0.5, 0.99)
    ]
    return (
        one.halls, one.halls * WINDOWS, round(one.facts_a_second, 1), round(one.cpu * 100, 1),
        f"{one.cost_ms:.2f}", len(one.after_fact), *figures, one.missing,
        one.doubled,
    )  # fmt: skip
