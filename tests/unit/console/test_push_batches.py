"""What screens are sent: entries as frames, joined, cut to size, and kept for those that come back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from websockets.frames import Frame, Opcode
from websockets.protocol import CLIENT, Protocol

from console.push import hub as hubs
from console.push.batch import LARGEST_BATCH, Batch, PushMessage, Recent, batches_of, messages_of
from console.push.hub import Client, PushHub
from hall.errors import NotAuthenticated
from hall.journal import FactKind, JournalEntry
from hall.names import CameraId, HallId
from hall.permissions import Permission, rights_of
from hall.roles import Role
from store import journal
from store.database import Database

HALL, NOW = HallId("h1"), datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


ALL = rights_of(Role.ADMINISTRATOR)
"""Hears everything."""


def message(seq: int, size: int = 10) -> PushMessage:
    return PushMessage(seq, bytes([seq % 256]) * size, FactKind.QUEUE_EVENT, HALL)


def joined(*seqs: int) -> Batch:
    (batch,) = batches_of([message(seq) for seq in seqs])
    return batch


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'hall.db'}")
    made.migrate()
    yield made
    made.close()


def write(database: Database, count: int) -> int:
    with database.write() as tx:
        for number in range(count):
            seq = journal.append(tx, FactKind.QUEUE_EVENT, HALL, NOW, {"number": number})
    return seq


async def replayed(hub: PushHub, after: int, until: int) -> list[int]:
    return [one.seq async for batch in hub.replay(after, until) for one in batch.messages]


def test_a_client_reads_ready_frames_as_messages() -> None:
    entries = [
        JournalEntry(seq, FactKind.ALERT, HALL, NOW, {"text": "窗" * size})
        for seq, size in ((7, 1), (8, 50_000))
    ]
    (batch,) = batches_of(list(messages_of(entries)))
    reader = Protocol(CLIENT, max_size=None)
    reader.receive_data(batch.frames)
    frames = [event for event in reader.events_received() if isinstance(event, Frame)]
    assert [frame.opcode for frame in frames] == [Opcode.TEXT, Opcode.TEXT]
    told = [json.loads(bytes(frame.data)) for frame in frames]
    assert [(one["seq"], one["kind"], len(one["body"]["text"])) for one in told] == [
        (7, "alert", 1),
        (8, "alert", 50_000),
    ]


def test_no_batch_is_larger_than_may_be_written_at_once() -> None:
    sizes = [100_000, 100_000, 100_000, LARGEST_BATCH + 1, 10]
    messages = [message(seq, size) for seq, size in enumerate(sizes, 1)]
    batches = list(batches_of(messages))
    assert [one.seq for batch in batches for one in batch.messages] == [1, 2, 3, 4, 5]
    assert [len(batch) for batch in batches] == [2, 1, 1, 1]


@pytest.mark.parametrize(("seq", "left"), [(3, [4, 5, 9]), (4, [5, 9]), (7, [9]), (9, None)])
def test_of_a_batch_only_what_is_new_is_sent(seq: int, left: list[int] | None) -> None:
    rest = joined(4, 5, 9).after(seq)
    assert (None if rest is None else [one.seq for one in rest.messages]) == left


def test_the_newest_entries_are_kept_and_the_floor_rises() -> None:
    recent = Recent(10, 3)
    recent.add([message(seq) for seq in (11, 12, 13, 14)])
    assert recent.floor == 11
    assert [one.seq for one in recent.between(11, 13)] == [12, 13]


async def test_a_client_that_falls_behind_is_slow_and_takes_what_it_was_given() -> None:
    client = Client(0, ALL, 5, None, "", 0.0)
    client.offer(joined(1, 2, 3))
    client.offer(joined(4, 5))
    assert not client.slow.is_set()
    client.offer(joined(6))
    assert client.slow.is_set()
    taken = [await client.take(), await client.take()]
    assert [one.last for one in taken if isinstance(one, Batch)] == [3, 5]


async def test_of_what_a_slow_screen_is_shown_the_newest_stays_and_facts_come_first() -> None:
    client = Client(0, ALL, 5, None, "", 0.0)
    for frame in (b"old", b"new"):
        client.show(CameraId("c1"), frame)
    client.show(CameraId("c2"), b" other")
    client.offer(joined(1))
    client.beat()
    assert isinstance(await client.take(), Batch)
    assert await client.take() == b"new other"
    assert await client.take() is None


async def test_facts_come_before_a_heartbeat_and_the_end_before_both() -> None:
    client = Client(0, ALL, 5, None, "", 0.0)
    client.beat()
    client.offer(joined(1))
    first = await client.take()
    assert isinstance(first, Batch)
    assert first.last == 1
    assert await client.take() is None
    client.offer(joined(2))
    client.end(NotAuthenticated("the session is over"))
    with pytest.raises(NotAuthenticated):
        await client.take()


async def test_a_replay_is_the_same_out_of_memory_and_out_of_the_journal(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "MOST_RECENT", 50)
    last = write(database, 450)
    hub = PushHub(database)
    following = asyncio.create_task(hub.follow())
    async with hub.client(ALL) as client:
        assert client.joined_at == last
        assert await replayed(hub, 0, last) == list(range(1, last + 1))
        assert await replayed(hub, last - 10, last - 3) == list(range(last - 9, last - 2))
        assert await hub.continues(last - 10, last)
        assert await hub.continues(0, last)
        assert not await hub.continues(last + 5, last)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)


async def test_heartbeats_of_clients_that_came_together_are_spread(database: Database) -> None:
    hub = PushHub(database)
    following = asyncio.create_task(hub.follow())
    clients = [hub.client(ALL) for _ in range(50)]
    joined_ = [await client.__aenter__() for client in clients]
    now = asyncio.get_running_loop().time()
    early, late = hub.due(now + 5), hub.due(now + hubs.BEAT_SECONDS)
    assert early
    assert late
    assert {*early, *late} == set(joined_)
    assert not set(early) & set(late)
    for client in clients:
        await client.__aexit__(None, None, None)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)


async def test_each_screen_is_sent_what_its_rights_let_it_hear(database: Database) -> None:
    hub = PushHub(database)
    following = asyncio.create_task(hub.follow())
    withheld = rights_of(Role.ADMINISTRATOR, withheld=[Permission.QUEUE])
    elsewhere = rights_of(Role.ADMINISTRATOR, halls=[HallId("h2")])
    async with hub.client(ALL) as first, hub.client(withheld) as second, hub.client(elsewhere) as third:
        with database.write() as tx:
            for kind, hall in (
                (FactKind.QUEUE_EVENT, HALL),
                (FactKind.ALERT, HALL),
                (FactKind.QUEUE_EVENT, HallId("h2")),
            ):
                journal.append(tx, kind, hall, NOW, {})
        hub.wake()
        heard = [await asyncio.wait_for(client.take(), 5) for client in (first, second, third)]
    assert [[one.seq for one in batch.messages] for batch in heard if isinstance(batch, Batch)] == [
        [1, 2, 3],
        [2],
        [3],
    ]
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)


@pytest.mark.parametrize("ticks", range(6))
async def test_whoever_is_told_to_end_while_it_is_woken_ends(database: Database, ticks: int) -> None:
    hub = PushHub(database)
    following = asyncio.create_task(hub.follow())
    async with hub.client(ALL):
        await asyncio.sleep(0.05)
    hub.wake()
    for _ in range(ticks):
        await asyncio.sleep(0)
    following.cancel()
    done, _ = await asyncio.wait([following], timeout=5)
    following.cancel()
    assert done
