"""A hall whose window is shown by two cameras, recorded with sound; one of them was away for a while."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import cast

from capture.books.books import Books
from capture.books.facts import FactWriter
from capture.books.logbook import Logbook
from capture.record.objects import LocalObjects
from console.app import STATIC
from hall.interval import Interval
from hall.media import Gap, GapReason
from hall.names import CameraId, PeriodId, StaffId, TicketId, TransactionId, WindowId
from hall.observing import Observation, ObservationKind
from hall.queueing import Period, QueueEvent, QueueEventType, Step, Ticket, TicketStatus, Transaction
from store import observing, queue_events, queueing, recording
from tests.integration.console_hall import HALL, NOW, YAML, Console, console
from tests.media import film
from tests.recorded import packets_of, record
from tests.recordings import AtOnce

W1, S1 = WindowId("w1"), StaffId("s1")
FRONT, ABOVE = CameraId("c1"), CameraId("c2")
BEGAN = NOW - timedelta(seconds=300)
"""When both cameras begin to be recorded; the one above a fraction of a second earlier."""
REEL_SECONDS = 50
AWAY = Interval(BEGAN + timedelta(seconds=50), BEGAN + timedelta(seconds=80))
"""The front camera's gap."""
SECOND_CAMERA = """
      - id: c2
        name: {zh: 二号机（俯视）, en: Camera Two above}
        url: rtsp://admin:secret@127.0.0.1/2
        zones:
          - {id: z1, role: staff, window: w1, polygon: [[0, 0], [0.4, 0], [0.4, 0.5], [0, 0.5]]}
      - {id: c3, name: {zh: 门口, en: Entrance}, url: rtsp://admin:secret@127.0.0.1/3}
"""


@contextmanager
def replayed_hall(folder: Path) -> Iterator[Console]:
    """A console over that hall, with the built web app."""
    with console(folder, yaml=YAML + SECOND_CAMERA.lstrip("\n")) as hall:
        shutil.copytree(STATIC, folder / "static", dirs_exist_ok=True)
        _record(hall, folder)
        yield hall


def _record(hall: Console, folder: Path) -> None:
    reel = packets_of(film(folder / "reel.mp4", seconds=REEL_SECONDS, size=(640, 360)))
    objects = LocalObjects(*hall.configuration.site.disks)
    at_once = cast(FactWriter, AtOnce(hall.database))
    books = Books(at_once, Logbook(objects.disks, hall.clock), HALL)
    for camera, begins in ((FRONT, (0.0, 80.0)), (ABOVE, (-0.37, 49.63, 99.63))):
        for begin in begins:
            record(objects, books, camera, reel, BEGAN + timedelta(seconds=begin), 10)
    with hall.database.write() as tx:
        recording.insert_gap(tx, HALL, Gap(FRONT, AWAY, GapReason.OFFLINE))


def served(hall: Console, number: str, start: float, end: float) -> Transaction:
    """A ticket that was served at window w1, seconds after `BEGAN`, in two steps."""
    begin, finish = BEGAN + timedelta(seconds=start), BEGAN + timedelta(seconds=end)
    middle = begin + (finish - begin) / 2
    transaction = Transaction(
        TransactionId(f"t-{number}"),
        HALL,
        TicketId(f"h1-{number}"),
        number,
        f"S-{number}",
        "passport",
        W1,
        S1,
        Interval(begin, finish),
    )
    steps = [
        Period(PeriodId(""), transaction.id, W1, S1, step, span)
        for step, span in (
            (Step.ACCEPT, Interval(begin, middle)),
            (Step.REVIEW, Interval(middle, finish)),
        )
    ]
    called = begin - timedelta(seconds=4)
    ticket = Ticket(
        transaction.ticket,
        HALL,
        number,
        "passport",
        TicketStatus.SERVED,
        BEGAN,
        BEGAN,
        called,
        begin,
        finish,
        W1,
    )
    event = QueueEvent(
        id=f"call-{number}", hall=HALL, at=called, type=QueueEventType.TICKET_CALLED, window=W1, ticket=number
    )
    seen = Observation(ObservationKind.PRESENCE, FRONT, None, W1, Interval(begin, finish), "on_post")
    with hall.database.write() as tx:
        queueing.save_ticket(tx, ticket)
        queueing.save_transaction(tx, transaction, steps, NOW)
        queue_events.record_event(tx, event, W1, NOW)
        observing.change(tx, HALL, seen)
    return transaction
