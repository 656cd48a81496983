"""Push over a real WebSocket: nothing lost, nothing twice, and slow or strange clients sent away."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.concurrency import run_in_threadpool
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.typing import Origin

from console.push.hub import MOST_WAITING
from hall.journal import FactKind
from store import journal
from tests.integration.console_hall import HALL, NOW, Console, console

SECONDS = 30


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Console]:
    with console(tmp_path) as running:
        yield running


@pytest.fixture
def cookie(hall: Console) -> str:
    with hall.officer() as client:
        return f"hallwatch_session={client.cookies['hallwatch_session']}"


def write(hall: Console, numbers: range, text: str = "") -> int:
    """Write facts in one transaction, and return the last seq."""
    with hall.database.write() as tx:
        for number in numbers:
            seq = journal.append(tx, FactKind.QUEUE_EVENT, HALL, NOW, {"number": number, "text": text})
    return seq


def last_seq(hall: Console) -> int:
    with hall.database.read() as tx:
        return journal.last_seq(tx)


def screen(
    hall: Console,
    cookie: str,
    after: int | str | None = None,
    *,
    origin: str | None = None,
    slow: socket.socket | None = None,
) -> connect:
    """A screen's connection; over `slow` it takes no message that it was not asked for."""
    query = "" if after is None else f"?after={after}"
    return connect(
        hall.push_url + query,
        additional_headers={"Cookie": cookie},
        origin=Origin(origin) if origin is not None else None,
        proxy=None,
        compression=None,
        # A full queue would keep the library from reading the answer to its own close.
        max_queue=1 if slow is not None else None,
        sock=slow,
    )


async def message(connection: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(SECONDS):
        found: dict[str, Any] = json.loads(await connection.recv())
    return found


async def facts_until(connection: ClientConnection, last: int) -> list[int]:
    """The seqs of the facts that come, up to `last`."""
    seqs: list[int] = []
    while not seqs or seqs[-1] < last:
        found = await message(connection)
        if found["kind"] not in ("hello", "tick"):
            seqs.append(found["seq"])
    return seqs


async def facts_into(seen: list[int], connection: ClientConnection) -> None:
    """Note the seqs of the facts that come, until the connection ends."""
    while True:
        found = await message(connection)
        if found["kind"] == "queue_event":
            seen.append(found["seq"])


async def test_a_screen_is_greeted_and_told_what_happens(hall: Console, cookie: str) -> None:
    start = last_seq(hall)
    async with screen(hall, cookie) as connection:
        hello = await message(connection)
        assert (hello["kind"], hello["seq"]) == ("hello", start)
        assert hello["body"]["server_time"] == "2026-03-02T02:00:00Z"
        await run_in_threadpool(write, hall, range(1))
        fact = await message(connection)
    assert fact == {
        "seq": start + 1,
        "kind": "queue_event",
        "at": "2026-03-02T02:00:00Z",
        "body": {"number": 0, "text": ""},
    }


async def test_screens_that_come_and_go_miss_nothing_and_see_nothing_twice(
    hall: Console, cookie: str
) -> None:
    start = last_seq(hall)
    rounds, each = 40, 5

    async def keep_writing() -> int:
        last = 0
        for number in range(rounds):
            last = await run_in_threadpool(write, hall, range(number * each, (number + 1) * each))
        return last

    async def keep_leaving(patience: int) -> list[int]:
        """Leave after every `patience` facts and come back after the last seq."""
        seen: list[int] = []
        while not seen or seen[-1] < start + rounds * each:
            async with screen(hall, cookie, seen[-1] if seen else start) as connection:
                taken = 0
                while taken < patience and (not seen or seen[-1] < start + rounds * each):
                    found = await message(connection)
                    if found["kind"] not in ("hello", "tick"):
                        seen.append(found["seq"])
                        taken += 1
        return seen

    async with asyncio.timeout(SECONDS):
        writing = asyncio.create_task(keep_writing())
        seen = await asyncio.gather(*(keep_leaving(patience) for patience in (3, 7, 31, 1000)))
        last = await writing
    expected = list(range(start + 1, last + 1))
    assert len(expected) == rounds * each
    assert all(one == expected for one in seen)


async def test_a_screen_may_know_more_than_the_follower_yet(hall: Console, cookie: str) -> None:
    known = await run_in_threadpool(write, hall, range(3))
    async with screen(hall, cookie, known) as connection:
        assert (await message(connection))["kind"] == "hello"
        last = await run_in_threadpool(write, hall, range(3, 5))
        assert await facts_until(connection, last) == [known + 1, known + 2]


async def test_a_seq_that_the_journal_never_reached_asks_for_the_board_again(
    hall: Console, cookie: str
) -> None:
    start = last_seq(hall)
    async with screen(hall, cookie, start + 1000) as connection:
        assert (await message(connection))["kind"] == "hello"
        assert await message(connection) == {
            "seq": start,
            "kind": "reset",
            "at": "2026-03-02T02:00:00Z",
            "body": {"server_time": "2026-03-02T02:00:00Z"},
        }
        last = await run_in_threadpool(write, hall, range(1))
        assert (await message(connection))["seq"] == last


async def test_a_screen_that_does_not_read_is_closed_and_can_go_on(hall: Console, cookie: str) -> None:
    start = last_seq(hall)
    text = "x" * 20_000
    small = socket.socket()
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    host, port = hall.url.removeprefix("http://").split(":")
    small.connect((host, int(port)))
    last = start
    async with screen(hall, cookie, start, slow=small) as connection:
        assert (await message(connection))["kind"] == "hello"
        for _ in range(12):
            last = await run_in_threadpool(write, hall, range(MOST_WAITING // 8), text)
            await asyncio.sleep(0)
        seen: list[int] = []
        with pytest.raises(ConnectionClosedError) as closed:
            await facts_into(seen, connection)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4008
    assert seen == list(range(start + 1, start + 1 + len(seen)))
    assert seen[-1] < last
    async with screen(hall, cookie, seen[-1]) as connection:
        rest = await facts_until(connection, last)
    assert seen + rest == list(range(start + 1, last + 1))


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "99999999999999999999", "%C2%B2"])
async def test_a_strange_seq_is_refused(hall: Console, cookie: str, after: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with screen(hall, cookie, after):
            pass
    assert refused.value.response.status_code == 422
    assert json.loads(refused.value.response.body)["errors"][0]["field"] == "after"


async def test_only_a_user_and_only_our_own_pages_may_listen(hall: Console, cookie: str) -> None:
    with pytest.raises(InvalidStatus) as unknown:
        async with screen(hall, "hallwatch_session=made-up"):
            pass
    assert unknown.value.response.status_code == 401
    with pytest.raises(InvalidStatus) as foreign:
        async with screen(hall, cookie, origin="https://elsewhere.example"):
            pass
    assert foreign.value.response.status_code == 403
    async with screen(hall, cookie, origin=hall.url) as own:
        assert (await message(own))["kind"] == "hello"


async def test_the_console_stops_within_three_seconds_with_screens_open(
    tmp_path: Path, hall: Console
) -> None:
    loop = asyncio.get_running_loop()
    with console(tmp_path / "other") as other:
        with other.officer() as client:
            token = f"hallwatch_session={client.cookies['hallwatch_session']}"
        connection = await screen(other, token)
        assert (await message(connection))["kind"] == "hello"
        asked = loop.time()
    assert loop.time() - asked < 3
    await connection.close()
    assert hall.url != other.url
