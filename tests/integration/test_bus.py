"""The bus against its real server: round trips, a server that dies, drops that are counted."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from bus.connection import LARGEST_MESSAGE, Bus, Message, connect, credentials
from bus.metrics import DROPPED
from bus.server import RunningServer, prepare, running
from bus.thread import MOST_WAITING, ThreadBus
from hall.errors import BusError
from hall.secrets import filled_in


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    with running(tmp_path / "bus") as started:
        yield started


@pytest.fixture
async def bus(server: RunningServer) -> AsyncIterator[Bus]:
    connection = await connect(server.url, "test")
    yield connection
    await connection.close()


def dropped(family: str, reason: str) -> float:
    return float(DROPPED.labels(family, reason)._value.get())


async def eventually(holds: Callable[[], bool], seconds: float = 15.0) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.02)


def eventually_in_thread(holds: Callable[[], bool], seconds: float = 15.0) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)


async def test_a_message_reaches_its_subscriber(bus: Bus) -> None:
    taken: list[Message] = []

    async def take(message: Message) -> None:
        taken.append(message)

    await bus.subscribe("tap.key.*", take)
    assert await bus.publish("tap.key.cam1", b"picture")
    await eventually(lambda: bool(taken))
    assert (taken[0].subject, taken[0].payload) == ("tap.key.cam1", b"picture")


async def test_the_largest_message_passes_and_a_larger_one_is_dropped_and_counted(bus: Bus) -> None:
    sizes: list[int] = []

    async def take(message: Message) -> None:
        sizes.append(len(message.payload))

    await bus.subscribe("tap.live.*", take)
    before = dropped("tap.live", "too_large")
    assert not await bus.publish("tap.live.cam1", bytes(LARGEST_MESSAGE + 1))
    assert await bus.publish("tap.live.cam1", bytes(LARGEST_MESSAGE))
    await eventually(lambda: bool(sizes))
    assert sizes == [LARGEST_MESSAGE]
    assert dropped("tap.live", "too_large") == before + 1


async def test_a_request_gets_its_answer_and_nobody_there_is_an_error(bus: Bus) -> None:
    async def answer(message: Message) -> bytes:
        return message.payload[::-1]

    with pytest.raises(BusError):
        await bus.request("live.offer", b"abc", seconds=1)
    await bus.respond("live.offer", answer)
    assert (await bus.request("live.offer", b"abc")).payload == b"cba"


async def test_a_slow_answer_holds_up_no_other(bus: Bus) -> None:
    release = asyncio.Event()

    async def answer(message: Message) -> bytes:
        if message.payload == b"slow":
            await release.wait()
        return message.payload

    await bus.respond("live.offer", answer)
    slow = asyncio.create_task(bus.request("live.offer", b"slow", seconds=20))
    assert (await bus.request("live.offer", b"fast")).payload == b"fast"
    release.set()
    assert (await slow).payload == b"slow"


async def test_a_handler_that_fails_gets_the_next_message_all_the_same(bus: Bus) -> None:
    taken: list[bytes] = []

    async def take(message: Message) -> None:
        if message.payload == b"bad":
            raise ValueError("cannot take this")
        taken.append(message.payload)

    await bus.subscribe("journal.wake", take)
    await bus.publish("journal.wake", b"bad")
    await bus.publish("journal.wake", b"7")
    await eventually(lambda: taken == [b"7"])


async def test_a_closed_subscription_gets_nothing_more(bus: Bus) -> None:
    first: list[bytes] = []
    second: list[bytes] = []

    async def take_first(message: Message) -> None:
        first.append(message.payload)

    async def take_second(message: Message) -> None:
        second.append(message.payload)

    wish = await bus.subscribe("journal.wake", take_first)
    await bus.subscribe("journal.wake", take_second)
    await wish.close()
    await bus.publish("journal.wake", b"1")
    await eventually(lambda: second == [b"1"])
    assert first == []


async def test_a_reader_that_does_not_keep_up_loses_messages_which_are_counted(bus: Bus) -> None:
    release = asyncio.Event()
    taken: list[bytes] = []

    async def take(message: Message) -> None:
        await release.wait()
        taken.append(message.payload)

    await bus.subscribe("tap.sound.*", take, bound=4)
    before = dropped("tap.sound", "slow_reader")
    for number in range(50):
        await bus.publish("tap.sound.cam1", str(number).encode())
    await eventually(lambda: dropped("tap.sound", "slow_reader") > before)
    release.set()
    await eventually(lambda: len(taken) + dropped("tap.sound", "slow_reader") - before == 50)
    assert len(taken) <= 6


async def test_the_connection_and_its_subscriptions_survive_a_killed_server(
    bus: Bus, server: RunningServer
) -> None:
    taken: list[bytes] = []

    async def take(message: Message) -> None:
        taken.append(message.payload)

    await bus.subscribe("journal.wake", take)
    server.kill()
    await eventually(lambda: not bus.connected)
    before = dropped("journal.wake", "away")
    assert not await bus.publish("journal.wake", b"lost")
    assert dropped("journal.wake", "away") == before + 1
    with pytest.raises(BusError):
        await bus.request("live.offer", b"", seconds=1)
    server.start()
    assert await bus.wait_connected(15)
    await bus.publish("journal.wake", b"after")
    await eventually(lambda: taken == [b"after"])


async def test_a_subscription_made_while_the_server_is_away_works_once_it_is_there(
    bus: Bus, server: RunningServer
) -> None:
    taken: list[bytes] = []

    async def take(message: Message) -> None:
        taken.append(message.payload)

    server.kill()
    await eventually(lambda: not bus.connected)
    await bus.subscribe("journal.wake", take)
    server.start()
    assert await bus.wait_connected(15)
    await bus.publish("journal.wake", b"1")
    await eventually(lambda: taken == [b"1"])


async def test_a_server_that_hangs_is_given_up_and_found_again(bus: Bus, server: RunningServer) -> None:
    os.kill(server.process, signal.SIGSTOP)
    try:
        await eventually(lambda: not bus.connected, seconds=30)
    finally:
        os.kill(server.process, signal.SIGCONT)
    assert await bus.wait_connected(15)


async def ends(bus: Bus, ticks: int) -> bool:
    """Close after so many turns of the loop; says whether that came to an end."""
    for _ in range(ticks):
        await asyncio.sleep(0)
    done, _ = await asyncio.wait([asyncio.create_task(bus.close())], timeout=5)
    return bool(done)


@pytest.mark.parametrize("ticks", range(4))
async def test_a_connection_that_is_closed_while_it_is_nudged_ends(server: RunningServer, ticks: int) -> None:
    bus = await connect(server.url, "nudged")
    assert await bus.wait_connected(15)
    await asyncio.sleep(0.05)
    bus._nudge.set()
    assert await ends(bus, ticks)


async def test_waiting_for_a_connection_that_just_broke_waits_for_the_next(server: RunningServer) -> None:
    bus = await connect(server.url, "broken")
    assert await bus.wait_connected(15)
    broken = bus._client
    assert broken is not None
    await broken.close()
    assert not bus.connected
    assert await bus.wait_connected(15)
    await bus.close()


@pytest.mark.parametrize("ticks", [0, 1, 2, 4, 8, 16, 32])
async def test_a_connection_that_is_closed_while_it_is_made_ends(server: RunningServer, ticks: int) -> None:
    bus = await connect(server.url, "hasty", patience=0)
    assert await ends(bus, ticks)


async def test_a_wrong_token_never_connects_and_raises_nothing(server: RunningServer) -> None:
    scheme, _, place = server.url.partition("://")
    stranger = await connect(f"{scheme}://wrong@{place.partition('@')[2]}", "stranger", patience=1.0)
    assert not stranger.connected
    assert not await stranger.publish("journal.wake", b"1")
    await stranger.close()


async def test_a_subject_that_cannot_be_one_is_refused(bus: Bus) -> None:
    for subject in ("", "a b", "a..b", "a.b\r\nPUB x 0"):
        with pytest.raises(BusError):
            await bus.publish(subject, b"")


async def test_an_address_that_cannot_be_one_is_refused() -> None:
    with pytest.raises(BusError, match="nats://"):
        await connect("http://127.0.0.1:1", "test")


def test_the_token_stands_only_in_a_file_of_its_owner(tmp_path: Path, server: RunningServer) -> None:
    file = tmp_path / "bus" / "nats.conf"
    token = server.url.removeprefix("nats://").partition("@")[0]
    assert token in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    command = Path(f"/proc/{server.process}/cmdline").read_bytes()
    assert b"nats-server" in command
    assert token.encode() not in command


def test_threads_publish_and_subscribe(server: RunningServer) -> None:
    first, second = ThreadBus(server.url, "first"), ThreadBus(server.url, "second")
    try:
        assert first.wait_connected(15)
        assert second.wait_connected(15)
        messages = second.subscribe_queue("tap.key.*")
        assert second.flush()
        first.publish("tap.key.cam1", b"picture")
        assert messages.get(timeout=15).payload == b"picture"
    finally:
        first.close()
        second.close()


def test_a_queue_that_nobody_reads_keeps_the_newest(server: RunningServer) -> None:
    bus = ThreadBus(server.url, "test")
    try:
        assert bus.wait_connected(15)
        messages = bus.subscribe_queue("tap.key.*", bound=3)
        before = dropped("tap.key", "slow_reader")
        for number in range(10):
            bus.publish("tap.key.cam1", str(number).encode())
            assert bus.flush()
        eventually_in_thread(lambda: dropped("tap.key", "slow_reader") - before == 7)
        assert [messages.get(timeout=1).payload for _ in range(3)] == [b"7", b"8", b"9"]
    finally:
        bus.close()


def test_a_thread_never_waits_for_a_server_that_is_away(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        url = server.url
    bus = ThreadBus(url, "test")
    try:
        before = dropped("tap.key", "away") + dropped("tap.key", "full")
        for _ in range(2 * MOST_WAITING):
            bus.publish("tap.key.cam1", b"x" * 1000)
        eventually_in_thread(
            lambda: dropped("tap.key", "away") + dropped("tap.key", "full") - before == 2 * MOST_WAITING
        )
    finally:
        bus.close()


def test_a_thread_bus_finds_the_server_again(server: RunningServer) -> None:
    bus = ThreadBus(server.url, "test")
    taken = threading.Event()
    try:
        bus.subscribe("live.want.*", lambda _: taken.set())
        assert bus.wait_connected(15)
        server.kill()
        eventually_in_thread(lambda: not bus.connected)
        server.start()
        assert bus.wait_connected(15)
        bus.publish("live.want.cam1")
        assert taken.wait(15)
    finally:
        bus.close()


def test_a_closed_thread_bus_takes_messages_without_harm(server: RunningServer) -> None:
    bus = ThreadBus(server.url, "test")
    bus.close()
    bus.close()
    before = dropped("tap.key", "away")
    bus.publish("tap.key.cam1", b"late")
    assert dropped("tap.key", "away") == before + 1
    with pytest.raises(BusError):
        bus.request("live.offer", b"", 1)


async def test_a_token_may_hold_any_character(tmp_path: Path) -> None:
    plan = prepare(tmp_path / "bus")
    token = "to/k@en:%41 ü"
    file = tmp_path / "bus" / "nats.conf"
    own = plan.url.removeprefix("nats://").partition("@")[0]
    file.write_text(file.read_text(encoding="utf-8").replace(own, token), encoding="utf-8")
    url = filled_in(plan.url.replace(own, "${BUS_TOKEN}"), {"BUS_TOKEN": token}, BusError)
    server = RunningServer(plan)
    server.start()
    try:
        bus = await connect(url, "test")
        assert bus.connected
        await bus.close()
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("nats://127.0.0.1:4222", {}),
        ("nats://a%2Fb@127.0.0.1:4222", {"token": "a/b"}),
        ("nats://hall:p%40ss@127.0.0.1:4222", {"user": "hall", "password": "p@ss"}),
    ],
)
def test_credentials_in_an_address_are_decoded(url: str, wanted: dict[str, str]) -> None:
    assert credentials(url) == wanted
