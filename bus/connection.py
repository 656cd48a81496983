"""The asyncio connection to the bus: it comes back by itself, and never makes a publisher wait.

nats-py's own reconnecting is not used: it waits for the old socket to drain first, which a server that
was stopped rather than killed never lets happen. A connection that is lost is thrown away here and a
new one is made, with all subscriptions, within a fraction of a second after the server is back.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, TypedDict
from urllib.parse import unquote, urlsplit

import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription as NatsSubscription

from bus.metrics import CONNECTIONS, DROPPED, PUBLISHED
from bus.subjects import family
from hall.errors import BusError

LARGEST_MESSAGE: Final = 8 * 1024 * 1024
"""Bytes; the server that Hallwatch starts is told the same."""
MOST_UNSENT: Final = 16 * 1024 * 1024
"""Bytes that may wait for the socket before messages are dropped."""
MOST_UNREAD: Final = 64 * 1024 * 1024
"""Bytes that may wait for one subscription's handler."""
RETRY_SECONDS: Final = 0.2
WATCH_SECONDS: Final = 0.25
CONNECT_SECONDS: Final = 3.0
PING_SECONDS: Final = 2

SUBJECT: Final = re.compile(r"[^\s.\x00-\x1f\x7f]+(\.[^\s.\x00-\x1f\x7f]+)*")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it arrived. `reply` is where an answer goes, empty when none is wanted."""

    subject: str
    payload: bytes
    reply: str = ""


Handler = Callable[[Message], Awaitable[None]]
Responder = Callable[[Message], Awaitable[bytes]]


@dataclass(eq=False, slots=True)
class Subscription:
    """One wish for messages; it outlives connections until it is closed."""

    subject: str
    handler: Handler
    bound: int
    _bus: Bus
    _current: NatsSubscription | None = field(default=None)

    async def close(self) -> None:
        """Wish no longer."""
        await self._bus._forget(self)  # noqa: SLF001 - the two are one concept in two classes

    async def _attach(self, client: Client) -> None:
        self._current = await client.subscribe(
            self.subject,
            cb=self._deliver,
            pending_msgs_limit=self.bound,
            pending_bytes_limit=MOST_UNREAD,
        )

    async def _detach(self) -> None:
        current, self._current = self._current, None
        if current is not None:
            with contextlib.suppress(nats.errors.Error):  # the connection is gone, and the wish with it
                await current.unsubscribe()

    async def _deliver(self, raw: Msg) -> None:
        try:
            await self.handler(Message(raw.subject, raw.data, raw.reply))
        except Exception:
            # One message that its reader cannot take must not end the subscription.
            log.exception("a bus message could not be handled", subject=raw.subject)


class Bus:
    """A connection to the bus. Made by `connect`; everything on it belongs to one event loop."""

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._name = name
        self._client: Client | None = None
        self._subscriptions: list[Subscription] = []
        self._connected = asyncio.Event()
        self._nudge = asyncio.Event()
        self._closing = False
        self._keeper: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        """True while the server answers."""
        return self._client is not None and self._client.is_connected

    def start(self) -> None:
        """Begin to connect, in the background and for ever."""
        self._keeper = asyncio.get_running_loop().create_task(self._keep_connected())

    async def wait_connected(self, seconds: float) -> bool:
        """Wait until connected, but no longer than `seconds`; says whether it is."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self.connected:
                    self._connected.clear()  # what broke may not have been noticed yet
                    await self._connected.wait()
        return self.connected

    async def publish(self, subject: str, payload: bytes = b"", *, reply: str = "") -> bool:
        """Send without waiting for anybody. False when the message was dropped, which is counted.

        Raises BusError only for a subject that cannot be one.
        """
        _check(subject)
        reason = self._why_not(payload)
        if reason is None:
            client = self._client
            try:
                if client is not None:
                    await client.publish(subject, payload, reply=reply)
                    PUBLISHED.labels(family(subject)).inc()
                    return True
            except (nats.errors.Error, OSError) as error:
                log.debug("a bus message was dropped", subject=subject, error=str(error))
            reason = "away"
        DROPPED.labels(family(subject), reason).inc()
        return False

    def _why_not(self, payload: bytes) -> str | None:
        if len(payload) > LARGEST_MESSAGE:
            return "too_large"
        if self._client is None or not self._client.is_connected:
            return "away"
        if self._client.pending_data_size + len(payload) > MOST_UNSENT:
            return "full"
        return None

    async def subscribe(self, subject: str, handler: Handler, *, bound: int = 256) -> Subscription:
        """Call `handler` for each message, one after the other.

        At most `bound` messages wait; more are dropped and counted. Works while the bus is away: the
        wish is sent once it is there. An error of the handler is logged and ends nothing. Raises
        BusError for a subject that cannot be one.
        """
        _check(subject)
        wish = Subscription(subject, handler, bound, self)
        self._subscriptions.append(wish)
        if self._client is not None and self._client.is_connected:
            await self._attach(wish, self._client)
        return wish

    async def respond(self, subject: str, responder: Responder, *, bound: int = 64) -> Subscription:
        """Answer requests, each in a task of its own, so that a slow answer holds up no other."""
        answering: set[asyncio.Task[None]] = set()

        async def answer(message: Message) -> None:
            try:
                await self.publish(message.reply, await responder(message))
            except Exception:
                # The asker learns it by the silence; the next asker must still be heard.
                log.exception("a request on the bus could not be answered", subject=message.subject)

        async def take(message: Message) -> None:
            if not message.reply:
                return
            if len(answering) >= bound:
                DROPPED.labels(family(message.subject), "slow_reader").inc()
                return
            task = asyncio.get_running_loop().create_task(answer(message))
            answering.add(task)
            task.add_done_callback(answering.discard)

        return await self.subscribe(subject, take, bound=bound)

    async def request(self, subject: str, payload: bytes, seconds: float = 5.0) -> Message:
        """Ask and wait for the first answer. Raises BusError when nobody answers within `seconds`."""
        _check(subject)
        client = self._client
        if client is None or not client.is_connected:
            raise BusError("the bus is away")
        try:
            raw = await client.request(subject, payload, timeout=seconds)
        except nats.errors.NoRespondersError as error:
            raise BusError(f"nobody answers at {subject}") from error
        except (nats.errors.Error, OSError) as error:
            raise BusError(f"no answer from {subject} within {seconds:g} s") from error
        return Message(raw.subject, raw.data, raw.reply)

    async def flush(self, seconds: float = 2.0) -> bool:
        """Wait until the server has taken everything published so far; says whether it has."""
        if self._client is None or not self._client.is_connected:
            return False
        try:
            async with asyncio.timeout(seconds):
                await self._client.flush(timeout=max(1, round(seconds)))
        except (nats.errors.Error, OSError, TimeoutError):
            return False
        return True

    async def close(self) -> None:
        """End the connection. Nothing is published or delivered afterwards."""
        self._closing = True
        self._nudge.set()  # the library forgets a cancelling now and then while it connects
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        self._subscriptions.clear()

    async def _forget(self, wish: Subscription) -> None:
        if wish in self._subscriptions:
            self._subscriptions.remove(wish)
        await wish._detach()  # noqa: SLF001

    async def _keep_connected(self) -> None:
        while not self._closing:
            try:
                await self._connect_once()
            except Exception:
                # The bus must come back whatever a broken server made the library raise.
                log.exception("the bus connection failed", name=self._name)
            await asyncio.sleep(RETRY_SECONDS)

    async def _connect_once(self) -> None:
        client = await self._make_client()
        if client is None:
            return
        self._client = client
        try:
            for wish in tuple(self._subscriptions):
                await self._attach(wish, client)
            CONNECTIONS.inc()
            self._connected.set()
            await self._until_lost(client)
            log.warning("the bus was lost", name=self._name)
        finally:
            self._connected.clear()
            self._client = None
            await _discard(client)

    async def _attach(self, wish: Subscription, client: Client) -> None:
        try:
            await wish._attach(client)  # noqa: SLF001
        except (nats.errors.Error, OSError) as error:
            # The connection broke this moment: its successor attaches the wish again.
            log.debug("a subscription waits for the bus", subject=wish.subject, error=str(error))

    async def _until_lost(self, client: Client) -> None:
        while client.is_connected and not self._closing:
            self._nudge.clear()
            # Not wait_for: where the nudge and the cancelling come at once, it forgets the cancelling.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(WATCH_SECONDS):
                    await self._nudge.wait()

    async def _make_client(self) -> Client | None:
        client = Client()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await client.connect(
                    self._url,
                    name=self._name,
                    **credentials(self._url),
                    error_cb=self._note_error,
                    closed_cb=self._note_closed,
                    allow_reconnect=False,
                    max_reconnect_attempts=1,
                    reconnect_time_wait=0,
                    connect_timeout=round(CONNECT_SECONDS),
                    ping_interval=PING_SECONDS,
                    max_outstanding_pings=2,
                    pending_size=4 * MOST_UNSENT,
                )
        except (nats.errors.Error, OSError, TimeoutError) as error:
            log.debug("the bus is not there", name=self._name, error=type(error).__name__)
            await _discard(client)
            return None
        except asyncio.CancelledError:
            await _discard(client)
            raise
        return client

    async def _note_error(self, error: Exception) -> None:
        if isinstance(error, nats.errors.SlowConsumerError):
            DROPPED.labels(family(error.subject), "slow_reader").inc()
            return
        log.debug("the bus connection reports", name=self._name, error=str(error))

    async def _note_closed(self) -> None:
        self._nudge.set()


class Credentials(TypedDict, total=False):
    """How a client shows who it is: a token, or user and password."""

    token: str
    user: str
    password: str


def credentials(url: str) -> Credentials:
    """Token, or user and password, of an address: the client itself would take them as they are encoded."""
    address = urlsplit(url)
    if address.username is None:
        return {}
    if address.password is None:
        return {"token": unquote(address.username)}
    return {"user": unquote(address.username), "password": unquote(address.password)}


def _check(subject: str) -> None:
    if not SUBJECT.fullmatch(subject):
        raise BusError(f"not a subject: {subject!r}")


async def _discard(client: Client) -> None:
    """Close a client, without waiting for a server that no longer reads."""
    with contextlib.suppress(nats.errors.Error, OSError, TimeoutError):
        async with asyncio.timeout(0.5):
            await client.close()


async def connect(url: str, name: str, *, patience: float = 5.0) -> Bus:
    """A connection that is up, or still trying after `patience` seconds: see `Bus.connected`.

    Raises BusError only when the address itself cannot be one.
    """
    if not url.startswith(("nats://", "tls://", "ws://", "wss://")):
        raise BusError("the bus address must start with nats://, tls://, ws:// or wss://")
    bus = Bus(url, name)
    bus.start()
    await bus.wait_connected(patience)
    return bus
