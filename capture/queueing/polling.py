"""Asking queue systems that do not post: one thread a queue, from where it stood on.

The place behind an event is stored in the transaction that keeps the event, or refuses it: a process
that is killed at any moment goes on behind the last event that is in, and takes none in twice.
"""

from __future__ import annotations

from random import Random
from threading import Event
from typing import Final

import structlog

from capture.backoff import Backoff
from capture.queueing.adapters import open_adapter
from capture.queueing.intake import accept, refuse
from capture.queueing.metrics import QUEUE_FAILURES, QUEUE_WORKING
from capture.workers import Worker
from hall.clock import Clock
from hall.config import Configuration
from hall.config.queues import QueueSettings
from hall.errors import Conflict, EventRefused, HallwatchError, QueueError, StoreError
from hall.names import HallId
from hall.ports import Cursor, QueueAdapter
from hall.pulse import renew, rest
from store import queue_cursors
from store.database import Database, Write

STEP_SECONDS: Final = 180.0
"""How long a queue may take for its answer, or to the next event of it."""
LONGEST_WAIT: Final = 30.0
"""Seconds between two attempts at a queue that cannot be read, unless it is asked less often than that."""

log = structlog.get_logger(__name__)


class QueuePoller:
    """Takes in what one queue tells, until told to stop, whatever the queue or the database does."""

    def __init__(
        self,
        hall: HallId,
        settings: QueueSettings,
        configuration: Configuration,
        database: Database,
        clock: Clock,
    ) -> None:
        self._hall = hall
        self._settings = settings
        self._configuration = configuration
        self._database = database
        self._clock = clock
        self._adapter: QueueAdapter | None = None
        self._trouble: str | None = None

    def run(self, stop: Event) -> None:
        """Ask again and again; what fails is tried again, less often each time."""
        pace = self._settings.poll_seconds
        backoff = Backoff(pace, max(pace, LONGEST_WAIT), Random())
        while not stop.is_set():
            wait = pace
            try:
                self.poll(stop)
            except QueueError as error:
                wait = backoff.failed()
                self._failed("queue", error)
            except StoreError as error:
                self._failed("store", error)
            except Exception as error:  # noqa: BLE001 - no fault of a foreign adapter may end the asking for ever
                wait = backoff.failed()
                self._failed("fault", error)
            else:
                backoff.worked()
                self._works()
            rest(stop, wait)

    def poll(self, stop: Event) -> None:
        """Take in everything that is new now. Raises QueueError, and StoreBusy."""
        if self._adapter is None:
            hall = next(hall for hall in self._configuration.halls if hall.id == self._hall)
            self._adapter = open_adapter(self._settings, hall)
        with self._database.read() as tx:
            after = queue_cursors.cursor(tx, self._hall, self._settings.id)
        for cursor, raw in self._adapter.events(after):
            renew()
            self._take(cursor, raw)
            renew()
            if stop.is_set():
                return

    def _take(self, cursor: Cursor, raw: bytes) -> None:
        now = self._clock.now()

        def move(tx: Write) -> None:
            queue_cursors.move(tx, self._hall, self._settings.id, cursor, now)

        try:
            accept(self._database, self._configuration, raw, now, also=move)
        except (EventRefused, Conflict) as error:
            log.warning("an event was refused", queue=self._settings.id, error=str(error))
        except HallwatchError:
            raise
        except Exception as error:
            # A fault of ours; asked again the queue would tell the same event, and nothing would follow it.
            log.exception("an event could not be taken in", queue=self._settings.id)
            refusal = EventRefused("body", f"could not be taken in: {type(error).__name__}")
            refuse(self._database, None, raw, refusal, now, also=move)

    def _failed(self, reason: str, error: Exception) -> None:
        QUEUE_FAILURES.labels(self._hall, self._settings.id, reason).inc()
        QUEUE_WORKING.labels(self._hall, self._settings.id).set(0)
        if self._trouble != str(error):  # said once, not every two seconds of a night
            log.warning(
                "a queue cannot be read now", queue=self._settings.id, reason=reason, error=str(error)
            )
        self._trouble = str(error)

    def _works(self) -> None:
        QUEUE_WORKING.labels(self._hall, self._settings.id).set(1)
        if self._trouble is not None:
            log.info("a queue can be read again", queue=self._settings.id)
        self._trouble = None


def queue_workers(
    configuration: Configuration, database: Database, clock: Clock, share: tuple[int, int] = (1, 1)
) -> list[Worker]:
    """One worker a queue.

    All are in the first of the role's shares: asking costs little, and each queue is asked once.
    """
    if share[0] != 1:
        return []
    return [
        Worker(
            f"queue-{queue.id}",
            QueuePoller(hall.id, queue, configuration, database, clock).run,
            limit_seconds=STEP_SECONDS,
        )
        for hall in configuration.halls
        for queue in hall.queues
    ]
