"""The bus for threaded roles: one thread owns an event loop and the connection; nobody else waits for it."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Final, TypeVar

import structlog

from bus.connection import MOST_UNSENT, Bus, Message, connect
from bus.metrics import DROPPED
from bus.subjects import family
from hall.errors import BusError

MOST_WAITING: Final = 4096
"""Messages that may wait for the bus thread before more are dropped."""
START_SECONDS: Final = 5.0

log = structlog.get_logger(__name__)

Result = TypeVar("Result")


class ThreadBus:
    """Publish and subscribe from any thread. Made at once; the server may come later.

    Raises BusError when the address cannot be one.
    """

    def __init__(self, url: str, name: str) -> None:
        self._name = name
        self._loop = asyncio.new_event_loop()
        self._lock = threading.Lock()
        self._waiting: deque[tuple[str, bytes]] = deque()
        self._waiting_bytes = 0
        self._wakened = False
        self._closed = False
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"bus-{name}", daemon=True)
        self._thread.start()
        try:
            self._bus: Bus = self._call(connect(url, name, patience=0), START_SECONDS)
        except BusError:
            self._end_thread()
            raise

    @property
    def connected(self) -> bool:
        """True while the server answers."""
        return not self._closed and self._bus.connected

    def wait_connected(self, seconds: float) -> bool:
        """Wait until connected, but no longer than `seconds`; says whether it is."""
        return self._call(self._bus.wait_connected(seconds), seconds + 1)

    def publish(self, subject: str, payload: bytes = b"") -> None:
        """Send. Never blocks and never raises: what cannot be taken is dropped and counted."""
        reason = ""
        with self._lock:
            if self._closed:
                reason = "away"
            elif len(self._waiting) >= MOST_WAITING or self._waiting_bytes + len(payload) > MOST_UNSENT:
                reason = "full"
            else:
                self._waiting.append((subject, payload))
                self._waiting_bytes += len(payload)
                if not self._wakened:
                    self._wakened = True
                    self._loop.call_soon_threadsafe(self._begin_sending)
        if reason:
            DROPPED.labels(family(subject), reason).inc()

    def subscribe(
        self, subject: str, callback: Callable[[Message], None], *, bound: int = 256
    ) -> Callable[[], None]:
        """Call `callback` in the bus thread for each message; it must return at once.

        The result unsubscribes. Works while the bus is away.
        """

        async def deliver(message: Message) -> None:
            callback(message)

        wish = self._call(self._bus.subscribe(subject, deliver, bound=bound), START_SECONDS)

        def unsubscribe() -> None:
            if not self._closed:
                self._call(wish.close(), START_SECONDS)

        return unsubscribe

    def subscribe_queue(self, subject: str, *, bound: int = 64) -> queue.Queue[Message]:
        """A queue of at most `bound` messages for a reader's own thread.

        When it is full the oldest message is dropped and counted: the newest picture is the one wanted.
        """
        messages: queue.Queue[Message] = queue.Queue(bound)

        def put(message: Message) -> None:
            while True:
                try:
                    messages.put_nowait(message)
                except queue.Full:
                    try:
                        oldest = messages.get_nowait()
                    except queue.Empty:
                        continue  # the reader was faster
                    DROPPED.labels(family(oldest.subject), "slow_reader").inc()
                else:
                    return

        self.subscribe(subject, put, bound=bound)
        return messages

    def request(self, subject: str, payload: bytes, seconds: float = 5.0) -> Message:
        """Ask and wait for the first answer. Raises BusError when nobody answers within `seconds`."""
        return self._call(self._bus.request(subject, payload, seconds), seconds + 1)

    def flush(self, seconds: float = 2.0) -> bool:
        """Wait until the server has taken everything published so far; says whether it has."""

        async def empty() -> bool:
            await self._send_waiting()
            return await self._bus.flush(seconds)

        return self._call(empty(), seconds + 1)

    def close(self) -> None:
        """End the connection and the thread. Closing twice is no error."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._waiting.clear()
        try:
            asyncio.run_coroutine_threadsafe(self._bus.close(), self._loop).result(START_SECONDS)
        except TimeoutError:
            log.warning("the bus did not close in time", name=self._name)
        self._end_thread()

    def _begin_sending(self) -> None:
        self._sending = self._loop.create_task(self._send_waiting())

    async def _send_waiting(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._wakened = False
                    return
                subject, payload = self._waiting.popleft()
                self._waiting_bytes -= len(payload)
            try:
                await self._bus.publish(subject, payload)
            except BusError as error:
                log.error("a message could not be sent", subject=subject, error=str(error))

    def _call(self, work: Coroutine[object, object, Result], seconds: float) -> Result:
        """Run in the bus thread and wait. Raises BusError when it does not end, or the bus is closed."""
        if not self._thread.is_alive() or threading.current_thread() is self._thread:
            work.close()
            raise BusError("the bus is closed, or this is its own thread")
        waiting = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return waiting.result(seconds)
        except TimeoutError as error:
            waiting.cancel()
            raise BusError(f"the bus thread did not answer within {seconds:g} s") from error

    def _end_thread(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(START_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()
