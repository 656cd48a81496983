"""A connection to a camera, and the one buffer that everything it sends goes through."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl

from capture.rtsp.address import Address
from capture.rtsp.certificate import secured
from hall.clock import Clock
from hall.errors import SourceEnded, SourceRefused, SourceStalled

CAPACITY = 512 * 1024
"""Bytes in the buffer: the largest frame (65,539) and what a camera sends between two reads."""
ROOM = 1024 * 1024
"""Bytes that the system takes in for us meanwhile: a camera that has to wait drops pictures."""
SLACK = 16
"""Bytes behind what was read, so that a header can be unpacked before its length is looked at."""
CONNECT_SECONDS = 5.0
SEND_SECONDS = 5.0
MOST_ADDRESSES = 4
_NOTHING_YET = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Connection:
    """What was read and not used yet is `buffer[begin:end]`; who uses it moves `begin`."""

    def __init__(self, connected: socket.socket) -> None:
        connected.setblocking(False)
        self._socket = connected
        self._is_encrypted = isinstance(connected, ssl.SSLSocket)
        # Asking for so much at once makes Linux give the connection that much room, and let it grow (tcp(7)).
        for bytes_at_once in (ROOM, 1):
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, bytes_at_once)
        self._reading = select.poll()
        self._reading.register(connected, select.POLLIN)
        self._failing = select.poll()
        self._failing.register(connected, 0)
        self.buffer = bytearray(CAPACITY + SLACK)
        self._view = memoryview(self.buffer)
        self.begin = self.end = 0
        self.is_closed_in_order = False
        """The camera has said that it sends nothing more, rather than breaking off."""

    def fill(self, seconds: float) -> bool:
        """Read what has come, waiting up to `seconds` for something; False when nothing did.

        Raises SourceEnded when the camera has closed the connection.
        """
        if self.begin:
            rest = self.end - self.begin
            if rest:
                self._view[:rest] = self.buffer[self.begin : self.end]
            self.begin, self.end = 0, rest
        try:
            return self._read() or bool(self._reading.poll(seconds * 1000) and self._read())
        except OSError as error:
            raise SourceEnded(f"the connection was lost: {error.strerror or 'no reason given'}") from None

    def rest(self, seconds: float) -> None:
        """Let more come together, unless the connection breaks or the buffer was filled at one go."""
        if self.end < CAPACITY:
            self._failing.poll(seconds * 1000)

    def _read(self) -> bool:
        came = False
        try:
            while self.end < CAPACITY:
                count = self._socket.recv_into(self._view[self.end : CAPACITY])
                if not count:
                    if came:
                        break
                    self.is_closed_in_order = True
                    raise SourceEnded("the camera closed the connection")
                self.end += count
                came = True
                if not self._is_encrypted:
                    break
        except _NOTHING_YET:
            pass
        return came

    def send(self, data: bytes) -> None:
        """Send all of it. Raises SourceStalled when the camera does not take it, or SourceEnded."""
        left = memoryview(data)
        writing = select.poll()
        writing.register(self._socket, select.POLLOUT)
        try:
            while left:
                try:
                    left = left[self._socket.send(left) :]
                except _NOTHING_YET:
                    if not writing.poll(SEND_SECONDS * 1000):
                        raise SourceStalled("the camera does not take what it is sent") from None
        except OSError as error:
            raise SourceEnded(f"the connection was lost: {error.strerror or 'no reason given'}") from None

    def close(self, farewell: bytes = b"") -> None:
        """End the connection, with a last word that nobody waits for."""
        with contextlib.suppress(OSError):
            if farewell:
                self._socket.send(farewell)
        self._socket.close()


def connect(address: Address, certificate: str, clock: Clock, deadline: float) -> Connection:
    """Connect before `deadline` (monotonic seconds).

    Raises SourceRefused, or SourceMalformed for a certificate that is not the right one.
    """
    try:
        places = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise SourceRefused(f"the name '{address.host}' is not known") from None
    refusal = SourceRefused("the camera does not answer at its address")
    for family, kind, protocol, _, place in places[:MOST_ADDRESSES]:
        seconds = min(CONNECT_SECONDS, deadline - clock.monotonic())
        if seconds <= 0:
            break
        connecting = socket.socket(family, kind, protocol)
        try:
            connecting.settimeout(seconds)
            connecting.connect(place)
            connecting.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return Connection(
                secured(connecting, address.host, certificate) if address.secure else connecting
            )
        except ConnectionRefusedError:
            refusal = SourceRefused("nothing listens at the camera's address")
        except TimeoutError:
            refusal = SourceRefused("the camera does not answer at its address")
        except OSError as error:
            refusal = SourceRefused(f"the camera cannot be reached: {error.strerror or 'no route'}")
        except BaseException:
            connecting.close()
            raise
        connecting.close()
    raise refusal
