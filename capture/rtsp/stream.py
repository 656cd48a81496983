"""A camera that plays: its packets as they arrive, with their times."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from threading import Event
from types import TracebackType
from typing import Self

from capture import metrics
from capture.rtsp.connection import SLACK, Connection
from capture.rtsp.formats import Picture, Sound
from capture.rtsp.h264 import H264Pictures
from capture.rtsp.interleaved import Cutter
from capture.rtsp.media_time import MediaTime
from capture.rtsp.ordering import DecodingOrder
from capture.rtsp.pictures import Pictures
from capture.rtsp.reports import read_reports
from capture.rtsp.sequence_parameters import SequenceParameters
from capture.rtsp.session import Playing, Session
from capture.rtsp.sound import Blocks
from hall.clock import Clock
from hall.errors import SourceEnded, SourceMalformed, SourceStalled
from hall.media import Packet, Track, TrackKind
from hall.names import CameraId

REST_SECONDS = 0.33
"""Packets are taken together so many seconds apart: a wake costs more than they do. Adds so much latency.

All cameras of a process wake at the same moments, which keeps what they run in the processor's caches: at
multiples of it, of which the next is passed over when less than half of it is left."""
AWAITED_REST_SECONDS = 0.04
"""The same while somebody watches live, or while a run is tied to the clock by when its packets came."""
WAIT_SECONDS = 0.5
"""Longest wait in one piece; `stop` is looked at as often."""
USUAL_RATE = 25.0
"""Pictures a second, where the camera does not say."""
LONGEST_REORDER = 1.0
"""Seconds by which a picture can be shown before one that was sent earlier."""
LARGEST_HELD = 64 * 1024 * 1024
"""Bytes kept while the stream has not told yet what it shows."""


IsAwaited = Callable[[], bool]
"""Whether the packets of this camera are waited for now, rather than merely kept."""


def never() -> bool:
    """Nobody waits."""
    return False


@dataclass(frozen=True, slots=True)
class Pace:
    """How long nothing may come before the stream counts as stalled, and whether packets are waited for."""

    stall_seconds: float
    is_awaited: IsAwaited = never


class RtspStream:
    """The packets of one connection."""

    def __init__(
        self,
        camera: CameraId,
        connection: Connection,
        session: Session,
        formats: Sequence[Picture | Sound],
        playing: Sequence[Playing],
        clock: Clock,
        stop: Event,
        pace: Pace,
    ) -> None:
        self._camera = camera
        self._connection = connection
        self._session = session
        self._clock = clock
        self._stop = stop
        self._stall_seconds = pace.stall_seconds
        self._is_awaited = pace.is_awaited
        self._formats = list(formats)
        self._ready: list[Packet] = []
        self._arrived = self._last_packet = clock.monotonic()
        self._keep_alive_at = self._arrived + session.keep_alive_every
        self._time = MediaTime([one.media.rate for one in formats], [track.begins_at for track in playing])
        self._order: DecodingOrder | None = None
        self._reports = {track.channel + 1: index for index, track in enumerate(playing)}
        self._is_goodbye = False
        self._cutter = Cutter(self._take_report, session.take)
        self._readers: list[Pictures | Blocks] = []
        for index, (one, track) in enumerate(zip(formats, playing, strict=True)):
            reader = (
                self._picture_reader(index, one)
                if isinstance(one, Picture)
                else self._sound_reader(index, one)
            )
            self._readers.append(reader)
            run = reader.take_run if isinstance(reader, H264Pictures) else None
            self._cutter.route(track.channel, one.media.payload_type, reader.take, run)
        early = session.early
        self._cutter.cut(early + bytes(SLACK), 0, len(early))
        session.early = bytearray()
        connection.begin = self._cutter.cut(connection.buffer, connection.begin, connection.end)

    @property
    def tracks(self) -> Sequence[Track]:
        """Picture and sound, as the camera describes them."""
        return [one.track(index) for index, one in enumerate(self._formats)]

    def learn(self, deadline: float) -> None:
        """Read until the pictures' size is known, where the description did not tell it.

        Raises a SourceError; SourceMalformed when nothing tells it before `deadline` (monotonic seconds).
        """
        picture = self._formats[0]
        if not isinstance(picture, Picture):
            return
        looked_at = held = 0
        while picture.parameters is None:
            if self._clock.monotonic() >= deadline or held > LARGEST_HELD or self._stop.is_set():
                raise SourceMalformed("the camera does not tell how large its pictures are")
            self._read()
            for packet in self._ready[looked_at:]:
                held += len(packet.data)
                if packet.kind is TrackKind.VIDEO and picture.parameters is None:
                    picture = picture.learn(packet.data)
            looked_at = len(self._ready)
        self._formats[0] = picture
        self._begin_order(picture, picture.parameters)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close(self._session.farewell())

    def __iter__(self) -> Iterator[Packet]:
        """Packets as they arrive, until `stop`. Raises SourceStalled, SourceEnded or SourceMalformed."""
        while not self._stop.is_set():
            packets, self._ready = self._ready, []
            yield from packets
            self._read()

    def _read(self) -> None:
        """Rest, then take what has come meanwhile."""
        connection = self._connection
        period = AWAITED_REST_SECONDS if self._is_awaited() else REST_SECONDS
        since = self._clock.monotonic() % period
        connection.rest(period - since if since < period / 2 else 2 * period - since)
        came = connection.fill(min(WAIT_SECONDS, self._stall_seconds / 4))
        self._arrived = now = self._clock.monotonic()
        if came:
            connection.begin = self._cutter.cut(connection.buffer, connection.begin, connection.end)
            self._count_lost()
        if self._ready:
            self._last_packet = now
        elif self._is_goodbye:
            raise SourceEnded("the camera ended the stream")
        elif now - self._last_packet >= self._stall_seconds:
            raise SourceStalled(f"no packet for {self._stall_seconds:g} s")
        if now >= self._keep_alive_at:
            self._keep_alive_at = now + self._session.keep_alive_every
            self._session.keep_alive()

    def _picture_reader(self, index: int, picture: Picture) -> Pictures:
        def finished(stamp: int, data: bytes, is_key: bool, units: tuple[int, ...]) -> None:
            shown, sent_at = self._time.time(index, stamp, self._arrived)
            decoded = self._order.decoding_time(shown) if self._order is not None else shown
            self._ready.append(
                Packet(
                    index,
                    TrackKind.VIDEO,
                    data,
                    max(shown, decoded),
                    decoded,
                    0,
                    is_key,
                    self._arrived,
                    sent_at,
                    units,
                )
            )

        return picture.reader(finished)

    def _sound_reader(self, index: int, sound: Sound) -> Blocks:
        def finished(stamp: int, data: bytes) -> None:
            at, sent_at = self._time.time(index, stamp, self._arrived)
            self._ready.append(Packet(index, TrackKind.AUDIO, data, at, at, 0, True, self._arrived, sent_at))

        return sound.reader(finished)

    def _begin_order(self, picture: Picture, known: SequenceParameters) -> None:
        """From here on decoding times can be told; those of the packets that were held are told now."""
        rate = picture.track(0).frame_rate or USUAL_RATE
        order = DecodingOrder(
            known.reordered,
            round(picture.media.rate / rate),
            round(picture.media.rate * LONGEST_REORDER),
        )
        for number, packet in enumerate(self._ready):
            if packet.kind is TrackKind.VIDEO:
                decoded = order.decoding_time(packet.pts)
                self._ready[number] = replace(packet, dts=decoded, pts=max(packet.pts, decoded))
        self._order = order

    def _take_report(self, channel: int, content: bytes) -> None:
        track = self._reports.get(channel)
        if track is None:
            return
        report, is_goodbye = read_reports(content)
        if report is not None:
            self._time.report(track, report)
        self._is_goodbye = self._is_goodbye or (is_goodbye and track == 0)

    def _count_lost(self) -> None:
        lost, self._cutter.lost = self._cutter.lost, 0
        for reader in self._readers:
            lost += reader.lost
            reader.lost = 0
        if lost:
            metrics.LOST.labels(self._camera).inc(lost)
