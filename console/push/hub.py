"""One follower of the journal a process, and a bounded queue for every open screen.

The follower's place in the journal moves, and clients join, on one event loop without a pause in
between: what lies up to the place at which a client joined is replayed to it from the journal, what
lies behind comes through its queue. Hence no gap and no repeat (docs/design/0006-push-and-replay.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import structlog
from starlette.concurrency import run_in_threadpool

from console.metrics import PUSH_CLIENTS
from hall.clock import to_microseconds
from hall.errors import StoreBusy
from hall.journal import FactKind, JournalEntry
from hall.names import HallId
from hall.permissions import Rights
from store import journal
from store.database import Database

POLL_SECONDS = 0.5
MOST_WAITING = 1000
"""Facts that may wait for one client before it counts as too slow."""
BATCH = 200
MOST_REPLAYED = 20_000
"""A client that is further behind reads the board again instead."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PushMessage:
    """One journal entry as the text that all clients are sent, and what decides who hears of it."""

    seq: int
    text: str
    kind: FactKind
    hall: HallId | None
    cameras: tuple[str, ...] = ()


@dataclass(eq=False, slots=True)
class Client:
    """One open screen, which joined when the follower stood at `joined_at`; `slow`: its queue ran over."""

    joined_at: int
    waiting: asyncio.Queue[PushMessage]
    rights: Rights
    slow: asyncio.Event = field(default_factory=asyncio.Event)

    def offer(self, message: PushMessage) -> None:
        """Put a message that this screen may hear of into the queue, or note that there is no room."""
        if self.slow.is_set() or not self.hears(message):
            return
        try:
            self.waiting.put_nowait(message)
        except asyncio.QueueFull:
            self.slow.set()

    def hears(self, message: PushMessage) -> bool:
        """Whether a message is for this screen."""
        return self.rights.hears(message.kind, message.hall, message.cameras)


class PushHub:
    """Follows the journal and feeds the clients. Everything but `replay_page` belongs to one event loop."""

    def __init__(self, database: Database, *, most_waiting: int = MOST_WAITING) -> None:
        self._database = database
        self._most_waiting = most_waiting
        self._batch = min(BATCH, most_waiting)
        self._clients: set[Client] = set()
        self._seq = 0
        self._wake = asyncio.Event()
        self._ready = asyncio.Event()

    @property
    def seq(self) -> int:
        """The newest entry that was handed to the clients."""
        return self._seq

    def wake(self) -> None:
        """Look at the journal at once. A hint: without it the journal is looked at twice a second."""
        self._wake.set()

    async def follow(self) -> None:
        """Feed the clients until cancelled. A database that cannot be reached is asked again."""
        while True:
            try:
                if not self._ready.is_set():
                    self._seq = await run_in_threadpool(self._last_seq)
                    self._ready.set()
                await self._catch_up()
            except StoreBusy as error:
                log.warning("the journal cannot be followed", error=str(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)

    @contextlib.asynccontextmanager
    async def client(self, rights: Rights) -> AsyncIterator[Client]:
        """A new client that hears what `rights` let it, fed from where the follower stands.

        Raises StoreBusy before the first look.
        """
        try:
            await asyncio.wait_for(self._ready.wait(), 2)
        except TimeoutError as error:
            raise StoreBusy("the journal cannot be read yet") from error
        client = Client(self._seq, asyncio.Queue(self._most_waiting), rights)
        self._clients.add(client)
        PUSH_CLIENTS.inc()
        try:
            yield client
        finally:
            self._clients.discard(client)
            PUSH_CLIENTS.dec()

    async def continues(self, after: int, joined_at: int) -> bool:
        """Whether a client that has everything up to `after` can go on without reading the board again."""
        if joined_at - after > MOST_REPLAYED:
            return False
        first, last = await run_in_threadpool(self._ends)
        return first - 1 <= after <= max(last, joined_at)

    async def replay(self, after: int, until: int) -> AsyncIterator[PushMessage]:
        """The entries after `after`, up to and with `until`, out of the journal."""
        while after < until:
            page = await run_in_threadpool(self._page, after)
            if not page:
                return
            for message in page:
                if message.seq > until:
                    return
                yield message
            after = page[-1].seq

    async def _catch_up(self) -> None:
        while True:
            self._wake.clear()
            page = await run_in_threadpool(self._page, self._seq)
            for message in page:
                self._seq = message.seq
                for client in tuple(self._clients):
                    client.offer(message)
            if len(page) < self._batch:
                return

    def _page(self, after: int) -> list[PushMessage]:
        with self._database.read() as tx:
            return list(_messages(journal.tail(tx, after, self._batch)))

    def _last_seq(self) -> int:
        with self._database.read() as tx:
            return journal.last_seq(tx)

    def _ends(self) -> tuple[int, int]:
        with self._database.read() as tx:
            return journal.first_seq(tx), journal.last_seq(tx)


def _messages(entries: list[JournalEntry]) -> Iterator[PushMessage]:
    for entry in entries:
        body = {"seq": entry.seq, "kind": entry.kind.value, "at": wire_time(entry), "body": entry.body}
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        yield PushMessage(entry.seq, text, entry.kind, entry.hall, _cameras(entry))


def _cameras(entry: JournalEntry) -> tuple[str, ...]:
    """The cameras that a fact is about; an alert's subject, not those that show it."""
    body = entry.body
    if entry.kind is FactKind.ALERT:
        subject = body.get("subject")
        about = [subject.get("camera")] if isinstance(subject, dict) else []
    else:
        named = body.get("cameras")
        about = [body.get("camera"), *(named if isinstance(named, list) else ())]
    return tuple(camera for camera in about if isinstance(camera, str))


def wire_time(entry: JournalEntry) -> str:
    """RFC 3339 in UTC with microseconds, as the API writes times."""
    microseconds = to_microseconds(entry.at) % 1_000_000
    whole = entry.at.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{microseconds:06d}Z" if microseconds else f"{whole}Z"
