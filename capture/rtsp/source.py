"""Opens cameras that speak RTSP, with the media in the same TCP connection, plain or under TLS."""

from __future__ import annotations

import os
from threading import Event

from capture.rtsp.address import Address, parse
from capture.rtsp.connection import connect
from capture.rtsp.description import Description
from capture.rtsp.formats import FormatNotSpoken, Picture, Sound, picture_of, sound_of
from capture.rtsp.session import Redirected, Session, follow
from capture.rtsp.stream import IsAwaited, Pace, RtspStream, never
from hall.clock import Clock
from hall.errors import SourceMalformed
from hall.place import Camera
from hall.secrets import filled_in

OPEN_SECONDS = 10.0
"""Longest time from the first word to the first packet, connecting not counted."""
CONNECT_SECONDS = 8.0


class TcpRtspSource:
    """Opens `rtsp://` and `rtsps://` addresses over TCP."""

    def __init__(
        self,
        clock: Clock,
        stall_seconds: float,
        open_seconds: float = OPEN_SECONDS,
        is_awaited: IsAwaited = never,
        *,
        follows: bool = True,
    ) -> None:
        """After `stall_seconds` without a packet a connection counts as stalled.

        A camera that sends its viewers elsewhere is followed once, or not at all unless `follows`.

        While `is_awaited` says so packets are taken as they come, else those of a third of a second at once.
        """
        self._clock = clock
        self._pace = Pace(stall_seconds, is_awaited)
        self._open_seconds = open_seconds
        self._follows = follows

    def open(self, camera: Camera, stop: Event) -> RtspStream:
        """Connect and begin to play.

        Raises FormatNotSpoken when the camera sends something that is not understood here, or another
        SourceError that says what is wrong.
        """
        address = parse(filled_in(camera.url, os.environ, SourceMalformed))
        try:
            return self._open(camera, address, stop)
        except Redirected as redirection:
            if not self._follows:
                raise SourceMalformed("the camera sends its viewers to another address: enter that") from None
            address = follow(address, redirection)
        try:
            return self._open(camera, address, stop)
        except Redirected:
            raise SourceMalformed("the camera redirects for ever") from None

    def _open(self, camera: Camera, address: Address, stop: Event) -> RtspStream:
        began = self._clock.monotonic()
        connection = connect(address, camera.certificate, self._clock, began + CONNECT_SECONDS)
        try:
            deadline = self._clock.monotonic() + self._open_seconds
            session = Session(connection, address, self._clock, deadline)
            formats = _formats(session.describe())
            media = [one.media for one in formats]
            channels = session.set_up(media)
            playing = session.play(channels, media)
            stream = RtspStream(
                camera.id,
                connection,
                session,
                [one for one, channel in zip(formats, channels, strict=True) if channel is not None],
                playing,
                self._clock,
                stop,
                self._pace,
            )
            stream.learn(deadline)
        except BaseException:
            connection.close()
            raise
        return stream


def _formats(description: Description) -> list[Picture | Sound]:
    """The first picture and the first sound. Raises FormatNotSpoken."""
    found = [one for one in (picture_of(description), sound_of(description)) if one is not None]
    if not found:
        raise FormatNotSpoken("the stream has neither picture nor sound")
    return found
