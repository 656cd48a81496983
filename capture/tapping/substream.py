"""A camera's sub-stream: a second connection, for analysis and live view only.

It has its own thread, attempts and anchor. What fails here is logged and counted; it opens no gap and stops
no recording.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from threading import Event
from typing import Final

import structlog

from capture import metrics
from capture.backoff import Backoff
from capture.camera import OPEN_SECONDS, SETTLE_SECONDS, gap_reason, reference, seconds, silence_limit
from capture.picture import PictureWatch
from capture.tapping.tap import TapInput
from capture.time.anchor import Anchor, Arrival
from capture.time.timeline import SourceJumped, Timeline
from hall.clock import Clock
from hall.config.settings import CaptureSettings
from hall.errors import HallwatchError, SourceEnded, SourceError, SourceStalled
from hall.media import GapReason, Packet, Track, TrackKind
from hall.place import Camera
from hall.ports import OpenStream, StreamSource
from hall.pulse import STEP_SECONDS, may_take, rest

TURN_SECONDS: Final = 60.0
"""How often the drift of the camera's clock is worked off, as a recording does at every cut."""

log = structlog.get_logger(__name__)


def substream_of(camera: Camera) -> Camera | None:
    """The sub-stream as a camera of its own, so that every source can open it; None without one."""
    if camera.substream is None:
        return None
    return camera.model_copy(update={"url": camera.substream, "substream": None, "record": False})


class SubStream:
    """Gives the packets of one sub-stream to the tap until told to stop."""

    def __init__(
        self, camera: Camera, capture: CaptureSettings, source: StreamSource, tap: TapInput, clock: Clock
    ) -> None:
        """`camera` is what `substream_of` gave."""
        self._camera = camera
        self._capture = capture
        self._source = source
        self._tap = tap
        self._clock = clock
        self._run: _Run | None = None
        self._log = log.bind(camera=camera.id)

    @property
    def is_settling(self) -> bool:
        """Whether a run is still to be tied to the clock, for which packets must be taken as they come."""
        return self._run is None or self._run.is_settling

    def run(self, stop: Event) -> None:
        """Follow the stream until `stop`, and try again for as long as that takes."""
        backoff = Backoff(self._capture.retry_first_seconds, self._capture.retry_longest_seconds, Random())
        while not stop.is_set():
            began = self._clock.monotonic()
            try:
                self._follow_one_connection(stop)
                return
            except HallwatchError as error:
                self._failed(gap_reason(error), str(error))
                slowly = isinstance(error, SourceError) and error.slowly
            except Exception as error:  # noqa: BLE001 - no fault in a stream may end its use for ever
                self._log.exception("a sub-stream failed in a way that nobody foresaw")
                self._failed(GapReason.MALFORMED, type(error).__name__)
                slowly = True
            if self._clock.monotonic() - began > self._capture.retry_longest_seconds:
                backoff.worked()
            rest(stop, backoff.failed(slowly=slowly))

    def _follow_one_connection(self, stop: Event) -> None:
        may_take(OPEN_SECONDS)
        with self._source.open(self._camera, stop) as stream:
            self._log.info("sub-stream connected", tracks=[track.codec for track in stream.tracks])
            self._follow(stream)
            may_take(OPEN_SECONDS)
        if not stop.is_set():
            raise SourceEnded("the source ended")

    def _follow(self, stream: OpenStream) -> None:
        main = reference(stream.tracks)
        patience = silence_limit(self._capture.stall_seconds)
        last_picture = self._clock.monotonic()
        run = self._run = _Run(stream.tracks, self._tap, self._clock)
        may_take(patience)
        for packet in stream:
            may_take(STEP_SECONDS)
            if packet.track == main.index:
                last_picture = packet.arrived
            elif packet.arrived - last_picture > self._capture.stall_seconds:
                raise SourceStalled(f"sound came, but no picture for {self._capture.stall_seconds:g} s")
            try:
                run.take(packet)
            except SourceJumped as jump:
                self._log.info("the sub-stream's time begins anew", because=str(jump))
                run = self._run = _Run(stream.tracks, self._tap, self._clock)
                run.take(packet)
            may_take(patience)

    def _failed(self, reason: GapReason, detail: str) -> None:
        metrics.SUBSTREAM_FAILURES.labels(self._camera.id, reason.value).inc()
        self._log.warning("no sub-stream", reason=reason.value, because=detail)


class _Run:
    """The packets of one connection while their times hang together: mended, tied to the clock, passed on."""

    def __init__(self, tracks: Sequence[Track], tap: TapInput, clock: Clock) -> None:
        self._tracks = tuple(tracks)
        self._tap = tap
        self._clock = clock
        self._reference = reference(tracks)
        self._picture = PictureWatch(self._reference) if self._reference.kind is TrackKind.VIDEO else None
        self._timeline = Timeline(tracks)
        self._waiting: list[Packet] = []
        self._arrivals: list[Arrival] = []
        self._anchor: Anchor | None = None
        self._turned = 0.0

    @property
    def is_settling(self) -> bool:
        """Whether it waits for more arrivals to tie it to the clock by."""
        return self._anchor is None

    def take(self, packet: Packet) -> None:
        """Raises SourceJumped for a packet that begins anew."""
        mended = self._timeline.take(packet)
        if mended is None:
            return
        if self._anchor is not None:
            self._pass_on(mended, self._anchor)
            return
        self._waiting.append(mended)
        if mended.track == self._reference.index:
            self._arrivals.append(Arrival(seconds(mended, self._reference), mended.arrived))
        if self._arrivals and mended.arrived - self._arrivals[0].arrived >= SETTLE_SECONDS:
            self._begin()

    def _begin(self) -> None:
        self._anchor = Anchor(self._clock, self._arrivals)
        self._turned = self._arrivals[0].media
        self._tap.begin(self._tracks, self._anchor)
        for packet in self._waiting:
            self._pass_on(packet, self._anchor)
        self._waiting.clear()

    def _pass_on(self, packet: Packet, anchor: Anchor) -> None:
        if packet.track == self._reference.index:
            at = seconds(packet, self._reference)
            anchor.observe(Arrival(at, packet.arrived))
            if packet.is_key:
                if (broken := anchor.broken()) is not None:
                    raise SourceJumped(broken)
                if at - self._turned >= TURN_SECONDS:
                    anchor.turn(at, TURN_SECONDS)
                    self._turned = at
                if self._picture is not None and self._picture.has_changed(packet):
                    now = self._picture.track
                    self._tracks = tuple(now if one.index == now.index else one for one in self._tracks)
                    self._tap.begin(self._tracks, anchor)
        self._tap.take(packet)
