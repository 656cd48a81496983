"""The dialogue with a camera: from its address to the moment when it plays, and keeping it playing."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from capture.rtsp import description as sdp
from capture.rtsp.address import Address, controlled, redirected
from capture.rtsp.authorization import Authorization
from capture.rtsp.connection import Connection
from capture.rtsp.interleaved import DOLLAR
from capture.rtsp.messages import Message, read_message, refusal, request
from hall.clock import Clock
from hall.errors import (
    SourceEnded,
    SourceError,
    SourceMalformed,
    SourceNotFound,
    SourceRefused,
    SourceStalled,
    SourceUnauthorized,
)

MOST_ATTEMPTS = 3
"""Of one request: without credentials, with them, and once more when the nonce was too old."""
LARGEST_EARLY = 4 * 1024 * 1024
"""Bytes of media that may come before the answer to PLAY."""
TIMEOUT = 60
"""Seconds after which cameras forget a session, unless they say otherwise."""
_REDIRECTS = (301, 302, 303, 305, 307, 308)
_CHANNELS = re.compile(r"interleaved\s*=\s*(\d{1,3})")
_TIMEOUT = re.compile(r"timeout\s*=\s*(\d{1,6})", re.IGNORECASE)
_RTP_TIME = re.compile(r"rtptime\s*=\s*(\d{1,10})")

log = structlog.get_logger(__name__)


class Redirected(Exception):
    """The camera is to be asked at another address."""

    def __init__(self, location: str) -> None:
        self.location = location
        super().__init__("redirected")


@dataclass(frozen=True, slots=True)
class Playing:
    """A track that plays: the channel of its packets, and the RTP time of media time 0 where it was told."""

    channel: int
    begins_at: int | None


class Session:
    """One session of RTSP over one connection."""

    def __init__(self, connection: Connection, address: Address, clock: Clock, deadline: float) -> None:
        """Every answer must have come before `deadline` (monotonic seconds)."""
        self._connection = connection
        self._address = address
        self._clock = clock
        self._deadline = deadline
        self._authorization = (
            Authorization(address.user, address.password) if address.user is not None else None
        )
        self._base = address.url
        self._sequence = 0
        self._id = ""
        self._timeout = TIMEOUT
        self._keeping = "OPTIONS"
        self._asked = (0, "")
        self._heard = False
        self._retried = False
        self.early = bytearray()
        """Frames that came before the answer to PLAY."""

    @property
    def keep_alive_every(self) -> float:
        """Seconds between two signs of life."""
        return max(1.0, self._timeout / 2)

    def describe(self) -> sdp.Description:
        """What the camera sends. Raises a SourceError, or Redirected."""
        can = self._ask("OPTIONS", self._base, {})
        if can.status == 200 and "GET_PARAMETER" in can.header("public"):
            self._keeping = "GET_PARAMETER"
        answer = self._ask("DESCRIBE", self._base, {"Accept": "application/sdp"})
        if answer.status in _REDIRECTS and (location := answer.header("location")):
            raise Redirected(location)
        _refuse(answer)
        base = answer.header("content-base") or answer.header("content-location")
        if base:
            self._base = controlled(self._address.url, base)
        found = sdp.parse(answer.body)
        if not found.media:
            raise SourceMalformed("the camera's description names no stream")
        self._base = controlled(self._base, found.control)
        return found

    def set_up(self, media: Sequence[sdp.Media]) -> list[int | None]:
        """Ask for tracks over this connection; gives the channel of each, None for one that was refused.

        Raises a SourceError when the first one is refused.
        """
        return [self._set_up_one(number, one) for number, one in enumerate(media)]

    def _set_up_one(self, number: int, media: sdp.Media) -> int | None:
        channel = 2 * number
        headers = {"Transport": f"RTP/AVP/TCP;unicast;interleaved={channel}-{channel + 1}"}
        if self._id:
            headers["Session"] = self._id
        answer = self._ask("SETUP", controlled(self._base, media.control), headers)
        if answer.status != 200 and number:
            log.warning("the camera refuses a track that it describes", kind=media.kind, status=answer.status)
            return None
        _refuse(answer)
        name, _, rest = answer.header("session").partition(";")
        self._id = name.strip() or self._id
        if told := _TIMEOUT.search(rest):
            self._timeout = int(told[1]) or TIMEOUT
        transport = answer.header("transport")
        if transport and "TCP" not in transport.upper():
            raise SourceMalformed("the camera does not send over TCP; set transport: udp")
        chosen = _CHANNELS.search(transport)
        if chosen and int(chosen[1]) > 254:
            raise SourceMalformed("the camera chose a channel that does not exist")
        return int(chosen[1]) if chosen else channel

    def play(self, channels: Sequence[int | None], media: Sequence[sdp.Media]) -> list[Playing]:
        """Begin to play the tracks that have a channel. Raises a SourceError."""
        # Without a Range: servers that share one stream among their viewers would wind it back for all.
        answer = self._ask("PLAY", self._base, {"Session": self._id})
        _refuse(answer)
        parts = [
            part for value in answer.headers.get("rtp-info", ()) for part in re.split(r",\s*(?=url)", value)
        ]
        return [
            Playing(channel, self._announced(parts, one))
            for channel, one in zip(channels, media, strict=True)
            if channel is not None
        ]

    def _announced(self, parts: Sequence[str], media: sdp.Media) -> int | None:
        for part in parts:
            url = part.partition("url=")[2].partition(";")[0].strip().strip('"')
            time = _RTP_TIME.search(part)
            if (
                time
                and media.control
                and url.rstrip("/").endswith(media.control.rstrip("/").rpartition("/")[2])
            ):
                return int(time[1]) & 0xFFFFFFFF
        return None

    def keep_alive(self) -> None:
        """A sign of life; its answer comes between the media. Raises SourceEnded or SourceStalled."""
        self._retried = False
        self._send(self._keeping, self._base, {"Session": self._id})

    def take(self, message: Message) -> None:
        """A message that came between the media. Raises a SourceError when it ends the session."""
        if message.method:
            self._connection.send(refusal(message))
            return
        if message.sequence != self._asked[0]:
            return
        if message.status == 401 and not self._retried and self._take_challenge(message) is not None:
            self._retried = True
            self._send(self._keeping, self._base, {"Session": self._id})
        elif message.status in (405, 501):
            self._keeping = "OPTIONS"
        elif message.status == 454:
            raise SourceEnded("the camera ended the session")

    def farewell(self) -> bytes:
        """The request that ends the session."""
        if not self._id:
            return b""
        return self._request("TEARDOWN", self._base, {"Session": self._id})

    def _ask(self, method: str, url: str, headers: dict[str, str]) -> Message:
        """The answer to a request, with credentials when the camera asks for them."""
        for attempt in range(MOST_ATTEMPTS):
            self._send(method, url, headers)
            answer = self._answer()
            if answer.status != 401:
                return answer
            was_stale = self._take_challenge(answer)
            if was_stale is None or (attempt and not was_stale):
                break
        raise SourceUnauthorized("the camera refuses the user or the password")

    def _take_challenge(self, answer: Message) -> bool | None:
        """Note what the camera asks for: whether its nonce was only too old; None when we cannot answer."""
        if self._authorization is None:
            return None
        challenge = self._authorization.take(answer.headers.get("www-authenticate", ()))
        return challenge.is_stale if challenge is not None else None

    def _send(self, method: str, url: str, headers: dict[str, str]) -> None:
        self._connection.send(self._request(method, url, headers))

    def _request(self, method: str, url: str, headers: dict[str, str]) -> bytes:
        self._sequence += 1
        self._asked = (self._sequence, method)
        proof = self._authorization.header(method, url) if self._authorization is not None else None
        more = {"Authorization": proof} if proof is not None else {}
        return request(method, url, self._sequence, {**headers, **more})

    def _answer(self) -> Message:
        connection = self._connection
        while True:
            message = self._next_message(connection)
            if message is not None:
                self._heard = True
                if message.method:
                    connection.send(refusal(message))
                elif message.sequence in (None, self._asked[0]):
                    return message
                continue
            left = self._deadline - self._clock.monotonic()
            if left <= 0:
                raise SourceStalled(self._silence())
            try:
                # Under TLS something may come that holds no word of the camera's.
                connection.fill(left)
            except SourceEnded as error:
                raise self._ended(error) from None

    def _silence(self) -> str:
        if self._heard:
            return f"the camera does not answer {self._asked[1]}"
        return "the camera accepts the connection and then says nothing"

    def _ended(self, error: SourceEnded) -> SourceError:
        if self._heard or not self._connection.is_closed_in_order:
            return error
        if self._connection.end > self._connection.begin:
            return SourceMalformed("what answers does not speak RTSP")
        return SourceMalformed("what answers closes the connection without a word of RTSP")

    def _next_message(self, connection: Connection) -> Message | None:
        """The next whole message in the buffer; frames before it are put aside."""
        while connection.end > connection.begin:
            if connection.buffer[connection.begin] != DOLLAR:
                found = read_message(connection.buffer, connection.begin, connection.end)
                if found is None:
                    return None
                connection.begin = found[1]
                return found[0]
            start = connection.begin
            after = start + 4 + (connection.buffer[start + 2] << 8 | connection.buffer[start + 3])
            if connection.end - start < 4 or after > connection.end:
                return None
            self.early += connection.buffer[start:after]
            if len(self.early) > LARGEST_EARLY:
                raise SourceMalformed("the camera sends media without being asked")
            connection.begin = after
        return None


_REFUSALS: tuple[tuple[tuple[int, ...], Callable[[str], SourceError], str], ...] = (
    ((401, 403), SourceUnauthorized, "the camera refuses the user or the password"),
    ((404, 410), SourceNotFound, "the camera has no stream under this path"),
    ((461,), SourceMalformed, "the camera does not send over TCP; set transport: udp"),
    ((453, 503), SourceRefused, "the camera takes no more viewers"),
    ((454,), SourceEnded, "the camera ended the session"),
    (_REDIRECTS, SourceMalformed, "the camera redirects for ever"),
)


def _refuse(answer: Message) -> None:
    """Raise what an answer means that is not 200."""
    if answer.status == 200:
        return
    for statuses, error, words in _REFUSALS:
        if answer.status in statuses:
            raise error(words)
    if answer.status >= 500:
        raise SourceRefused(f"the camera fails with status {answer.status}")
    raise SourceMalformed(f"the camera refuses with status {answer.status}")


def follow(address: Address, redirection: Redirected) -> Address:
    """Where a redirection leads. Raises SourceMalformed."""
    return redirected(address, redirection.location)
