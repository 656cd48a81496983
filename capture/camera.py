"""One camera, kept recorded whatever the network does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from threading import Event

import structlog

from capture import metrics
from capture.backoff import Backoff
from capture.books.books import Books
from capture.picture import PictureWatch
from capture.record.objects import LocalObjects
from capture.tapping.tap import TapInput
from capture.time.anchor import LONGEST_BACK, Anchor, Arrival
from capture.time.lipsync import LipSync
from capture.time.timeline import Sieve, SourceJumped, Timeline
from capture.writing.recorder import Recorder
from hall.clock import Clock, to_microseconds
from hall.config.settings import CaptureSettings
from hall.errors import DiskFull, HallwatchError, RecordingError, SourceEnded, SourceError, SourceStalled
from hall.interval import Interval
from hall.media import Gap, GapReason, Packet, Track, TrackKind
from hall.names import CameraId, HallId
from hall.place import Camera as CameraSettings
from hall.ports import OpenStream, StreamSource
from hall.pulse import SPARE_SECONDS, may_take, rest

OPEN_SECONDS = 150.0
"""A source may take 20 s to open, and a minute more where a name server does not answer."""
TAKE_SECONDS = 120.0
"""How long a packet may take to be recorded: a disk may be slow, but not as slow as that."""
DISK_FULL_SECONDS = 1.5
"""After how many seconds a full disk is tried again: retention makes room at once, if anything may go."""
COUNT_SECONDS = 1.0
SETTLE_SECONDS = 1.0
"""The first packets come in a burst, older than they look: a run is tied to the clock only after this."""

log = structlog.get_logger(__name__)


class _CurrentRun:
    """One run while it lasts: its times mended, tied to the clock, recorded and tapped."""

    def __init__(
        self,
        camera: CameraId,
        tracks: Sequence[Track],
        anchor: Anchor,
        recorder: Recorder | None,
        tap: TapInput,
        lipsync: LipSync,
    ) -> None:
        self.recorder = recorder
        self._camera = camera
        self._anchor = anchor
        self._timeline = Timeline(tracks)
        self._lipsync = lipsync
        self._tap = tap
        self.source_tracks = self._tracks = tuple(tracks)
        self._reference = reference(tracks)
        self._picture = PictureWatch(self._reference) if self._reference.kind is TrackKind.VIDEO else None
        self.has_taken = False
        """Whether it has a packet: a run that cannot even take its first one will never take it."""
        tap.begin(tracks, anchor)

    def take(self, packet: Packet) -> None:
        """Raises SourceJumped before the packet was used, or what the recorder raises."""
        timed = self._timeline.take(packet)
        mended = None if timed is None else self._lipsync.take(timed)
        if mended is None:
            return
        if mended.track == self._reference.index:
            late = self._anchor.observe(Arrival(seconds(mended, self._reference), mended.arrived))
            if mended.is_key:
                metrics.LATENESS.observe(late)
                self._look_at_clocks(mended)
        self.has_taken = True
        if self.recorder is not None:
            self.recorder.take(mended)
        if mended.is_key and mended.track == self._reference.index and self._has_new_picture(mended):
            self._tap.begin(self._tracks, self._anchor)
        self._tap.take(mended)

    def _has_new_picture(self, packet: Packet) -> bool:
        if self._picture is None or not self._picture.has_changed(packet):
            return False
        picture = self._picture.track
        self._tracks = tuple(picture if one.index == picture.index else one for one in self._tracks)
        return True

    def _look_at_clocks(self, packet: Packet) -> None:
        """Compare the run's time with the machine's and the camera's clocks. Raises SourceJumped."""
        if (step := self._anchor.new_step()) is not None:
            metrics.CLOCK_STEPS.labels(self._camera).inc()
            log.warning("the wall clock was stepped", camera=self._camera, seconds=round(step, 3))
        if packet.sent_at_us is not None:
            recorded = to_microseconds(self._anchor.wall_at(seconds(packet, self._reference)))
            metrics.CAMERA_CLOCK.labels(self._camera).set((packet.sent_at_us - recorded) / 1_000_000)
        if (broken := self._anchor.broken()) is not None:
            raise SourceJumped(broken, "clock_set" if self._anchor.was_set else "timestamp_jump")


class Camera:
    """Records one camera until told to stop."""

    def __init__(
        self,
        hall: HallId,
        settings: CameraSettings,
        capture: CaptureSettings,
        source: StreamSource,
        objects: LocalObjects,
        books: Books,
        tap: TapInput,
        clock: Clock,
    ) -> None:
        self.settings = settings
        self._hall = hall
        self._capture = capture
        self._source = source
        self._objects = objects
        self._books = books
        self._tap = tap
        self._clock = clock
        self._recorded_until: datetime | None = None
        """Where the recording ended, until a gap begins there."""
        self._last_end: datetime | None = None
        """Where the newest run ended."""
        self._run: _CurrentRun | None = None
        self._lipsync: LipSync | None = None
        """Of the connection: what it has learned holds for all its runs."""
        self._waiting: list[Packet] = []
        self._last_picture = 0.0
        self._counted = dict.fromkeys(TrackKind, 0)
        self._count_at = 0.0
        self._was_connected = False
        self._log = log.bind(camera=settings.id)

    @property
    def is_settling(self) -> bool:
        """Whether a run is still to be tied to the clock, for which packets must be taken as they come."""
        return self._run is None

    def run(self, stop: Event, recorded_until: datetime | None = None) -> None:
        """Record until `stop`, and try again for as long as that takes.

        `recorded_until` is where an earlier process ended to record.
        """
        self._last_end = recorded_until
        backoff = Backoff(self._capture.retry_first_seconds, self._capture.retry_longest_seconds, Random())
        while not stop.is_set():
            began = self._clock.monotonic()
            longest = self._capture.retry_longest_seconds
            try:
                self._record_one_run(stop)
                return
            except HallwatchError as error:
                reason = gap_reason(error)
                self._failed(reason, str(error))
                slowly = isinstance(error, SourceError) and error.slowly
                if isinstance(error, DiskFull):
                    self._objects.ran_full.set()
                    longest = DISK_FULL_SECONDS
            except Exception as error:  # noqa: BLE001 - no fault in one camera's stream may end its recording for ever
                self._log.exception("a camera failed in a way that nobody foresaw")
                self._failed(GapReason.MALFORMED, type(error).__name__)
                slowly = True
            if self._clock.monotonic() - began > self._capture.retry_longest_seconds:
                backoff.worked()
            rest(stop, min(backoff.failed(slowly=slowly), longest))

    def _record_one_run(self, stop: Event) -> None:
        """Connect and record until the connection ends (an error says how) or `stop` is set."""
        may_take(OPEN_SECONDS)
        with self._source.open(self.settings, stop) as stream:
            self._log.info("connected", tracks=[track.codec for track in stream.tracks])
            if self._was_connected:
                metrics.RECONNECTS.labels(self.settings.id).inc()
            self._was_connected = True
            self._lipsync = LipSync(stream.tracks, reference(stream.tracks))
            ended_because = "stopped"
            try:
                self._follow(stream, stop)
            except HallwatchError as error:
                ended_because = gap_reason(error).value
                raise
            except Exception as error:
                ended_because = type(error).__name__
                raise
            finally:
                may_take(TAKE_SECONDS)
                self._end_run(stream.tracks, ended_because)

    def _follow(self, stream: OpenStream, stop: Event) -> None:
        tracks = stream.tracks
        main = reference(tracks)
        self._last_picture = self._clock.monotonic()
        patience = silence_limit(self._capture.stall_seconds)
        sieve = Sieve(tracks)
        may_take(patience)
        for packet in stream:
            may_take(TAKE_SECONDS)
            self._count(packet)
            if packet.track == main.index:
                self._last_picture = packet.arrived
            elif packet.arrived - self._last_picture > self._capture.stall_seconds:
                raise SourceStalled(f"sound came, but no picture for {self._capture.stall_seconds:g} s")
            if (plausible := sieve.take(packet)) is not None:
                self._take(plausible)
                while self._is_settled():
                    self._begin_run(tracks)
            may_take(patience)
        if not stop.is_set():
            raise SourceEnded("the source ended")

    def _count(self, packet: Packet) -> None:
        """Count packets second by second: a metric costs more than a packet."""
        self._counted[packet.kind] += 1
        if packet.arrived >= self._count_at:
            for kind, count in self._counted.items():
                metrics.PACKETS.labels(self.settings.id, kind.value).inc(count)
            self._counted = dict.fromkeys(TrackKind, 0)
            self._count_at = packet.arrived + COUNT_SECONDS

    def _take(self, packet: Packet) -> None:
        if self._run is None:
            self._waiting.append(packet)
            return
        try:
            self._run.take(packet)
        except SourceJumped as jump:
            self._log.warning("a new run begins", because=str(jump))
            can_begin_anew = self._run.has_taken
            self._end_run(self._run.source_tracks, jump.ended_because)
            self._open_gap(GapReason.STARTING, str(jump))
            if can_begin_anew:
                self._waiting.append(packet)
            else:
                metrics.DROPPED.labels("absurd").inc()

    def _is_settled(self) -> bool:
        """Whether packets wait that a run can be tied to the clock by."""
        if self._run is not None or not self._waiting or self._lipsync is None:
            return False
        main = self._lipsync.reference
        first = next((waiting for waiting in self._waiting if waiting.track == main), None)
        return first is not None and self._waiting[-1].arrived - first.arrived >= SETTLE_SECONDS

    def _begin_run(self, tracks: Sequence[Track]) -> None:
        """Tie the waiting packets to the clock and record them; a leap among them begins anew behind it."""
        waiting, self._waiting = self._waiting, []
        main = reference(tracks)
        arrivals = [
            Arrival(seconds(packet, main), packet.arrived) for packet in waiting if packet.track == main.index
        ]
        if not arrivals or self._lipsync is None:
            return
        self._lipsync.settle(waiting)
        anchor = Anchor(self._clock, arrivals)
        recorder = None
        if self.settings.record:
            recorder = Recorder(
                self._hall,
                self.settings.id,
                tracks,
                anchor,
                self._objects,
                self._books,
                self._capture.segment_seconds,
                self._last_end,
            )
        self._run = _CurrentRun(self.settings.id, tracks, anchor, recorder, self._tap, self._lipsync)
        metrics.RECORDING.labels(self.settings.id).set(1 if self.settings.record else 0)
        for packet in waiting:
            self._take(packet)

    def _end_run(self, tracks: Sequence[Track], reason: str) -> None:
        """Finish the run, whatever was taken of it; a connection too short to settle is recorded as well."""
        if self._run is None and self._waiting:
            self._begin_run(tracks)
        self._waiting.clear()
        run, self._run = self._run, None
        if run is None or run.recorder is None:
            return
        metrics.RECORDING.labels(self.settings.id).set(0)
        try:
            run.recorder.finish(reason)
        finally:
            if run.recorder.recorded_until is not None:
                self._recorded_until = self._last_end = run.recorder.recorded_until

    def _failed(self, reason: GapReason, detail: str) -> None:
        metrics.FAILURES.labels(self.settings.id, reason.value).inc()
        self._log.warning("not recording", reason=reason.value, because=detail)
        self._open_gap(reason, detail)

    def _open_gap(self, reason: GapReason, detail: str) -> None:
        """From where the recording ended, or from now when there was none since the last gap began."""
        if not self.settings.record:
            return
        ended, self._recorded_until = self._recorded_until, None
        start = now = self._clock.now()
        if ended is not None and ended <= now + timedelta(seconds=LONGEST_BACK):
            start = ended
        elif ended is None and self._last_end is not None:
            # After a clock set back recorded time is ahead of it, and nothing is told twice of one moment.
            ahead = now < self._last_end <= now + timedelta(seconds=LONGEST_BACK)
            start = self._last_end if ahead else now
        self._books.gap_began(Gap(self.settings.id, Interval(start), reason, detail))


def reference(tracks: Sequence[Track]) -> Track:
    """The track that carries the time of a run: the picture, or the sound of a source without one."""
    return next((track for track in tracks if track.kind is TrackKind.VIDEO), tracks[0])


def seconds(packet: Packet, track: Track) -> float:
    """Media time of a packet, in seconds: when it is shown, which is when the camera saw it."""
    return packet.pts * track.time_base[0] / track.time_base[1]


def silence_limit(stall_seconds: float) -> float:
    """After how many seconds a source that neither gave a packet nor said that it stalled hangs."""
    return 2 * stall_seconds + SPARE_SECONDS


def gap_reason(error: HallwatchError) -> GapReason:
    """The reason of the gap that an error leads to."""
    if isinstance(error, SourceError):
        return GapReason(error.reason)
    if isinstance(error, DiskFull):
        return GapReason.DISK_FULL
    if isinstance(error, RecordingError):
        return GapReason.WRITE_FAILED
    return GapReason.MALFORMED
