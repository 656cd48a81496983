"""A limit for a whole exchange: a socket's own timeout begins anew with each byte that arrives."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, Timer
from types import TracebackType
from typing import Self


class TimeLimit:
    """Cuts a connection off when the block takes longer than so many seconds; TimeoutError then leaves it."""

    def __init__(self, seconds: float) -> None:
        self._timer = Timer(seconds, self._cut)
        self._timer.daemon = True
        self._connected: Callable[[], socket.socket | None] = lambda: None
        self._lock = Lock()
        self._expired = False

    def watch(self, connected: Callable[[], socket.socket | None]) -> None:
        """From now on it is this connection that is cut off. Raises TimeoutError when the time is over."""
        with self._lock:
            self._connected = connected
            if self._expired:
                raise TimeoutError

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self._expired and (error is None or isinstance(error, Exception)):
            # What was cut off can look like a whole answer, or like any other failure.
            raise TimeoutError from error

    def _cut(self) -> None:
        with self._lock:
            self._expired = True
            found = self._connected()
        if found is not None:
            with suppress(OSError):
                # The plain socket's: that of TLS would take the connection from under the reading thread.
                socket.socket.shutdown(found, socket.SHUT_RDWR)
