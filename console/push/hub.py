"""One follower of the journal a process, and a bounded queue for every open screen.

The follower's place in the journal moves, and clients join, on one event loop without a pause in
between: what lies up to the place at which a client joined is replayed to it from the journal, what
lies behind comes through its queue. Hence no gap and no repeat (docs/design/0006-push-and-replay.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

import structlog
from starlette.concurrency import run_in_threadpool

from console.metrics import PUSH_CLIENTS, PUSH_FACTS
from console.push.batch import Batch, PushMessage, Recent, batches_of, messages_of
from hall.errors import HallwatchError, StoreBusy
from hall.names import CameraId, HallId
from hall.permissions import Rights
from store import journal
from store.database import Database

POLL_SECONDS = 0.5
MOST_WAITING = 1000
"""Facts that may wait for one client before it counts as too slow."""
BATCH = 200
MOST_REPLAYED = 20_000
"""A client that is further behind reads the board again instead."""
MOST_RECENT = 2000
"""Facts that are kept in memory for clients that come back."""
BEAT_SECONDS = 10.0
REST_SHARE = 2.0
"""After feeding all clients the follower rests so many times as long as that took: what happens meanwhile
goes out together. With few clients that is next to nothing; with a thousand it keeps the process free."""
LONGEST_REST = 0.06
"""Seconds."""

log = structlog.get_logger(__name__)


@dataclass(eq=False, slots=True)
class Client:
    """One open screen, which joined when the follower stood at `joined_at`; `slow`: its queue ran over.

    `beat_at` is when it is due a heartbeat, by the loop's time.
    """

    joined_at: int
    rights: Rights
    most_waiting: int
    token: str | None
    address: str
    beat_at: float
    watched: Mapping[CameraId, HallId] = field(default_factory=dict)
    """The cameras whose people it draws (console.push.watching), with their halls."""
    slow: asyncio.Event = field(default_factory=asyncio.Event)
    _waiting: deque[Batch] = field(default_factory=deque)
    _count: int = 0
    _sightings: dict[CameraId, bytes] = field(default_factory=dict)
    _is_beat_due: bool = False
    _ended: HallwatchError | None = None
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def offer(self, batch: Batch) -> None:
        """Put a batch into the queue, or note that there is no room."""
        if self._count + len(batch) > self.most_waiting:
            self.slow.set()
        if not self.slow.is_set():
            self._waiting.append(batch)
            self._count += len(batch)
            self._wake.set()

    def show(self, camera: CameraId, frame: bytes) -> None:
        """Where people are in a camera's picture, in place of what was not taken yet."""
        self._sightings[camera] = frame
        self._wake.set()

    def beat(self) -> None:
        """It is time for a heartbeat."""
        self._is_beat_due = True
        self._wake.set()

    def end(self, error: HallwatchError) -> None:
        """It may not stay: `take` raises the error."""
        self._ended = error
        self._wake.set()

    async def take(self) -> Batch | bytes | None:
        """Wait for what is to be sent next: facts, ready frames that are none, or (None) a heartbeat.

        Raises what it was ended with.
        """
        while True:
            if self._ended is not None:
                raise self._ended
            if self._waiting:
                batch = self._waiting.popleft()
                self._count -= len(batch)
                return batch
            if self._sightings:
                frames = b"".join(self._sightings.values())
                self._sightings.clear()
                return frames
            if self._is_beat_due:
                self._is_beat_due = False
                return None
            self._wake.clear()
            await self._wake.wait()


class PushHub:
    """Follows the journal and feeds the clients. Belongs to one event loop, but for reading the journal."""

    def __init__(self, database: Database, *, most_waiting: int = MOST_WAITING) -> None:
        self._database = database
        self._most_waiting = most_waiting
        self._batch = min(BATCH, most_waiting)
        self._clients: set[Client] = set()
        self._seq = 0
        self._recent = Recent(0, MOST_RECENT)
        self._sent = 0
        self._wake = asyncio.Event()
        self._ready = asyncio.Event()

    @property
    def seq(self) -> int:
        """The newest entry that was handed to the clients."""
        return self._seq

    @property
    def clients(self) -> tuple[Client, ...]:
        """The screens that are open."""
        return tuple(self._clients)

    def wake(self) -> None:
        """Look at the journal at once. A hint: without it the journal is looked at twice a second."""
        self._wake.set()

    async def follow(self) -> None:
        """Feed the clients until cancelled. A database that cannot be reached is asked again."""
        while True:
            try:
                if not self._ready.is_set():
                    self._seq, self._recent = await run_in_threadpool(self._newest)
                    self._ready.set()
                await self._catch_up()
            except StoreBusy as error:
                log.warning("the journal cannot be followed", error=str(error))
            self._count_sent()
            # Not wait_for: where the wake and the cancelling come at once, it forgets the cancelling.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self._wake.wait()

    @contextlib.asynccontextmanager
    async def client(
        self, rights: Rights, token: str | None = None, address: str = ""
    ) -> AsyncIterator[Client]:
        """A new client that hears what `rights` let it, fed from where the follower stands.

        Raises StoreBusy before the first look.
        """
        try:
            await asyncio.wait_for(self._ready.wait(), 2)
        except TimeoutError as error:
            raise StoreBusy("the journal cannot be read yet") from error
        # At any time of the next ten seconds: clients that came all at once are not to beat all at once.
        beat_at = asyncio.get_running_loop().time() + random.uniform(0, BEAT_SECONDS)
        client = Client(self._seq, rights, self._most_waiting, token, address, beat_at)
        self._clients.add(client)
        PUSH_CLIENTS.inc()
        try:
            yield client
        finally:
            self._clients.discard(client)
            PUSH_CLIENTS.dec()

    def due(self, now: float) -> list[Client]:
        """The clients that are due a heartbeat; their next one is ten seconds later."""
        found = [client for client in self._clients if client.beat_at <= now]
        for client in found:
            client.beat_at = now + BEAT_SECONDS
        return found

    def sent(self, count: int) -> None:
        """So many facts have been sent to a client."""
        self._sent += count

    async def continues(self, after: int, joined_at: int) -> bool:
        """Whether a client that has everything up to `after` can go on without reading the board again."""
        if joined_at - after > MOST_REPLAYED:
            return False
        if self._recent.floor <= after <= joined_at:
            return True
        first, last = await run_in_threadpool(self._ends)
        return first - 1 <= after <= max(last, joined_at)

    async def replay(self, after: int, until: int) -> AsyncIterator[Batch]:
        """The entries after `after`, up to and with `until`: those that are kept, else out of the journal."""
        while after < until:
            if after >= self._recent.floor:
                page = self._recent.between(after, until)
            else:
                page = await run_in_threadpool(self._page, after)
            for batch in batches_of([message for message in page if message.seq <= until]):
                yield batch
            if not page or page[-1].seq >= until:
                return
            after = page[-1].seq

    async def _catch_up(self) -> None:
        while True:
            self._wake.clear()
            page = await run_in_threadpool(self._page, self._seq)
            if page:
                await self._feed(page)
            if len(page) < self._batch:
                return

    async def _feed(self, page: tuple[PushMessage, ...]) -> None:
        """Hand new entries to all clients, let them be sent, and rest."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        self._recent.add(page)
        self._seq = page[-1].seq
        for batch in batches_of(page):
            heard: dict[Rights, Batch | None] = {}
            for client in tuple(self._clients):
                if client.rights not in heard:  # most screens share theirs
                    heard[client.rights] = batch.heard_by(client.rights)
                if (part := heard[client.rights]) is not None:
                    client.offer(part)
        await asyncio.sleep(0)  # the clients' tasks, which were just woken, come first
        if len(page) < self._batch:
            await asyncio.sleep(min(LONGEST_REST, REST_SHARE * (loop.time() - began)))

    def _count_sent(self) -> None:
        PUSH_FACTS.inc(self._sent)
        self._sent = 0

    def _page(self, after: int) -> tuple[PushMessage, ...]:
        with self._database.read() as tx:
            return tuple(messages_of(journal.tail(tx, after, self._batch)))

    def _newest(self) -> tuple[int, Recent]:
        """Where the journal ends, and what it told last."""
        with self._database.read() as tx:
            last = journal.last_seq(tx)
            recent = Recent(max(0, last - MOST_RECENT), MOST_RECENT)
            recent.add(messages_of(journal.tail(tx, recent.floor, MOST_RECENT)))
            return last, recent

    def _ends(self) -> tuple[int, int]:
        with self._database.read() as tx:
            return journal.first_seq(tx), journal.last_seq(tx)
