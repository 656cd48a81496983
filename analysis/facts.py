"""From observations to rows: written at once, kept and written later while the database is away.

One thread writes; whoever observes never waits for it. Memory is bounded: after `MOST_WAITING`
observations the oldest are dropped, counted and logged.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime

import structlog

from analysis.metrics import WAITING, WRITTEN
from analysis.picture.condition.keeping import ViewKeeper
from hall.clock import Clock
from hall.errors import StoreBusy
from hall.names import CameraId, HallId
from hall.observing import Observation
from hall.pulse import renew
from hall.watching import WatchHealth
from store import observing, watching
from store.database import Database

MOST_WAITING = 20_000
MOST_AT_ONCE = 200
WATERMARK_EVERY = 2.0
RETRY_SECONDS = 0.5

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Fact:
    """An observation and the hall it belongs to."""

    hall: HallId
    observation: Observation


class FactWriter:
    """Takes observations and watermarks from any thread; `run` writes them."""

    def __init__(self, database: Database, clock: Clock, views: ViewKeeper | None = None) -> None:
        """`views` are kept by the same thread."""
        self._views = views
        self._database = database
        self._clock = clock
        self._wake = threading.Condition()
        self._facts: deque[Fact] = deque()
        self._watermarks: dict[CameraId, datetime] = {}
        self._health: dict[CameraId, WatchHealth] = {}
        self._watermarked: set[CameraId] = set()
        self._watermarks_written = float("-inf")

    def add(self, hall: HallId, observations: list[Observation]) -> None:
        """Queue observations, in order. Never waits."""
        if not observations:
            return
        with self._wake:
            self._facts.extend(Fact(hall, observation) for observation in observations)
            while len(self._facts) > MOST_WAITING:
                lost = self._facts.popleft()
                WRITTEN.labels("dropped").inc()
                log.error("observation dropped", camera=lost.observation.camera, waiting=MOST_WAITING)
            WAITING.set(len(self._facts))
            self._wake.notify()

    def saw(self, camera: CameraId, at: datetime) -> None:
        """A picture taken at `at` was examined.

        Written together with others at most every two seconds, but at once for a camera of which nothing was
        written yet, and beside observations, which cost a transaction anyway.
        """
        with self._wake:
            self._watermarks[camera] = max(at, self._watermarks.get(camera, at))

    def fares(self, health: WatchHealth) -> None:
        """How a camera is watched: the newest word is written with the next watermarks."""
        with self._wake:
            self._health[health.camera] = health

    def run(self, stop: threading.Event) -> None:
        """Write until told to stop, whatever the database does; what waits then is written if it can be."""
        while not stop.is_set():
            with self._wake:
                if not self._facts:
                    self._wake.wait(0.25)
            if self._views is not None:
                self._views.step(self._clock.monotonic())
            if not self.write_waiting():
                stop.wait(RETRY_SECONDS)
        self.write_waiting(finally_watermarks=True)
        with self._wake:
            if self._facts:
                log.error("observations not written", count=len(self._facts))

    def write_waiting(self, *, finally_watermarks: bool = False) -> bool:
        """Write what waits. False when the database is busy or away: everything is kept for the next time."""
        while True:
            renew()
            batch, watermarks, health = self._next_batch(finally_watermarks)
            if not batch and not watermarks and not health:
                return True
            try:
                self._write(batch, watermarks, health)
            except StoreBusy as error:
                WRITTEN.labels("retried").inc(len(batch))
                log.warning("database busy, observations wait", waiting=len(self._facts), error=str(error))
                return False
            self._done(batch, watermarks, health)
            if len(batch) < MOST_AT_ONCE:
                return True

    def _next_batch(
        self, finally_watermarks: bool
    ) -> tuple[list[Fact], dict[CameraId, datetime], list[WatchHealth]]:
        now = self._clock.monotonic()
        due = finally_watermarks or now - self._watermarks_written >= WATERMARK_EVERY
        with self._wake:
            batch = [self._facts[index] for index in range(min(MOST_AT_ONCE, len(self._facts)))]
            due = due or bool(batch) or not self._watermarked.issuperset(self._watermarks)
            if not due:
                return batch, {}, []
            return batch, dict(self._watermarks), list(self._health.values())

    def _write(
        self, batch: list[Fact], watermarks: dict[CameraId, datetime], health: list[WatchHealth]
    ) -> None:
        with self._database.write() as tx:
            for fact in batch:
                observing.change(tx, fact.hall, fact.observation)
            observing.all_watched(tx, watermarks)
            for each in health:
                watching.tell(tx, each)
        WRITTEN.labels("written").inc(len(batch))

    def _done(
        self, batch: list[Fact], watermarks: dict[CameraId, datetime], health: list[WatchHealth]
    ) -> None:
        with self._wake:
            for fact in batch:
                if self._facts and self._facts[0] is fact:
                    self._facts.popleft()
            for camera, at in watermarks.items():
                if self._watermarks.get(camera) == at:
                    del self._watermarks[camera]
            for each in health:
                if self._health.get(each.camera) is each:
                    del self._health[each.camera]
            WAITING.set(len(self._facts))
        if watermarks or health:
            self._watermarked.update(watermarks)
            self._watermarks_written = self._clock.monotonic()
