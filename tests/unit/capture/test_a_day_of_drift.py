"""A whole day of a camera whose clocks run wrong, in simulated time: how far off each recorded moment is.

The recorder itself runs, with its timeline, lip sync, anchor and interleaver; only the files are not written.
Of the many pictures and blocks of sound of EVERY seconds the least delayed one is made, and no other: only
that one counts for time, and a day of it takes a second.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import cast

import pytest

from capture.books.books import Books
from capture.mp4.fragment import TrackPart
from capture.record.objects import LocalObjects
from capture.time.anchor import STEEPEST, Anchor, Arrival
from capture.time.lipsync import LipSync
from capture.time.timeline import Timeline
from capture.writing.recorder import Recorder
from capture.writing.segment_file import Inscription, SegmentFile, Written
from hall.clock import SimulatedClock, to_microseconds
from hall.media import Fragment, Packet, Run, Segment, Track, TrackKind
from hall.names import CameraId, HallId, ObjectKey, RunId

DAY = 86_400.0
EVERY = 4.0
MANY = 60
"""Packets of a track in that time."""
IN_STEP, NEAR = 0.040, 0.050
"""Seconds: how far sound may leave the picture, and recorded time the true time."""
PICTURE_TICKS, SOUND_TICKS = 90_000, 48_000
PICTURE = Track(0, TrackKind.VIDEO, "h264", (1, PICTURE_TICKS), b"\0\0\0\1\x67\x42\0\x0a\0\0\0\1\x68\x01")
SOUND = Track(1, TrackKind.AUDIO, "aac", (1, SOUND_TICKS), sample_rate=SOUND_TICKS, channels=1)


@dataclass(frozen=True)
class Oddity:
    """A camera: by how many millionths each crystal is wrong, whether it reports, and what else happens.

    `jitter` is the mean delay of a packet by the network; `late` is how much later than the picture the sound
    leaves the camera; `step` is by how many seconds the machine's clock is stepped after six hours.
    """

    picture_ppm: float = 0.0
    sound_ppm: float = 0.0
    reports: bool = True
    jitter: float = 0.1
    late: float = 0.05
    step: float = 0.0


@dataclass
class Moment:
    """One recorded packet: when it truly was, and when the files say that it was."""

    true: float
    recorded: float


@dataclass
class Outcome:
    """What came of a day."""

    pictures: list[Moment] = field(default_factory=list)
    sounds: list[Moment] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    def apart(self, after: float = 0.0) -> float:
        """By how many seconds a sound is recorded away from the picture of its true time, at most."""
        shifts = {round(one.true): one.recorded - one.true for one in self.pictures}
        return max(
            abs(one.recorded - one.true - shifts[round(one.true)])
            for one in self.sounds
            if round(one.true) in shifts and one.true >= after
        )

    def off(self, between: tuple[float, float] = (0.0, DAY), ahead: float = 0.0) -> float:
        """By how many seconds a picture is recorded away from its true time (plus `ahead`), at most."""
        return max(
            abs(one.recorded - one.true - ahead)
            for one in self.pictures
            if between[0] <= one.true <= between[1]
        )


class Nowhere(SegmentFile):
    """A segment file that is not written; it notes when each of its samples was."""

    def __init__(self, inscription: Inscription, began: datetime, outcome: Outcome) -> None:
        self.path = Path("nowhere")
        self._inscription = inscription
        self._start = (inscription.start_utc - began).total_seconds()
        self._outcome = outcome
        self._fragments: list[Fragment] = []
        self._end = 0.0
        outcome.rates.append(inscription.rate)

    def write(self, parts: Sequence[TrackPart]) -> int:
        """Note the samples."""
        start = self._end
        for part in parts:
            is_picture = part.number == 1
            scale, into = (
                (PICTURE_TICKS, self._outcome.pictures) if is_picture else (SOUND_TICKS, self._outcome.sounds)
            )
            at, place, content = part.start, 0, b"".join(part.data)
            for duration, size in zip(part.rows[::3], part.rows[1::3], strict=True):
                recorded = self._start + at / scale * (1 + self._inscription.rate)
                into.append(Moment(float(content[place : place + size][-24:]), recorded))
                at, place = at + duration, place + size
            if is_picture:
                self._end = at / scale
        self._fragments.append(Fragment(0, 1, start, self._end - start))
        return 1

    def finish(self) -> Written:
        """What the recorder wants to know."""
        return Written(0, b"", 0, tuple(self._fragments), has_audio=True, has_picture=True)


class PaperRecorder(Recorder):
    """Writes nowhere."""

    began: datetime
    outcome: Outcome

    def _new_file(self, key: ObjectKey, inscription: Inscription) -> SegmentFile:
        return Nowhere(inscription, self.began, self.outcome)


class NoObjects:
    """There is nothing to keep."""

    def put(self, key: ObjectKey, path: Path) -> None:
        """Keep nothing."""


class PaperBooks:
    """Keeps segments in a list."""

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome

    def segment_kept(self, segment: Segment) -> None:
        """Note it."""
        self._outcome.segments.append(segment)

    def run_began(self, run: Run) -> None:
        """Runs do not matter here."""

    def run_ended(self, camera: CameraId, run: RunId, end: datetime, reason: str) -> None:
        """Nor does how they end."""

    def gap_ended(self, camera: CameraId, end: datetime) -> None:
        """Nor do gaps."""


def sent(oddity: Oddity, seconds: float) -> Iterator[tuple[float, Packet]]:
    """The packets of a camera in the order of their arrival, each with its true time (seconds)."""
    random = Random(7)
    epoch = to_microseconds(SimulatedClock().now())
    drift = {0: 1 + oddity.picture_ppm * 1e-6, 1: 1 + oddity.sound_ppm * 1e-6}
    for number in range(int(seconds / EVERY)):
        for track, ticks, late in ((PICTURE, PICTURE_TICKS, 0.0), (SOUND, SOUND_TICKS, oddity.late)):
            true = number * EVERY + (0.25 if track is SOUND else 0.0)
            pts = round(true * drift[track.index] * ticks)
            arrived = true + late + random.expovariate(MANY / oddity.jitter)
            # A report is exact to the millisecond, and is extrapolated by the wrong crystal for five seconds.
            told = epoch + round(true * 1e6) + random.randrange(-1000, 1000)
            content = b"\0\0\0\1\x65" + b"%24.6f" % true if track is PICTURE else b"%24.6f" % true
            packet = Packet(
                track.index, track.kind, content, pts, pts, 0, True, arrived, told if oddity.reports else None
            )
            yield true, packet


def record(oddity: Oddity, seconds: float = DAY) -> Outcome:
    """Record it as a camera's thread does."""
    clock, outcome = SimulatedClock(), Outcome()
    PaperRecorder.began, PaperRecorder.outcome = clock.now(), outcome
    timeline, lipsync = Timeline([PICTURE, SOUND]), LipSync([PICTURE, SOUND], PICTURE)
    recorder: PaperRecorder | None = None
    anchor: Anchor | None = None
    waiting: list[Packet] = []
    stepped = False
    for true, packet in sent(oddity, seconds):
        clock.advance(max(0.0, packet.arrived - clock.monotonic()))
        if oddity.step and not stepped and true >= DAY / 4:
            stepped = True
            clock.step_wall(oddity.step)
        if recorder is None:
            waiting.append(packet)
            if len(waiting) < 4:
                continue
            lipsync.settle(waiting)
            pictures = [one for one in waiting if one.track == 0]
            anchor = Anchor(clock, [Arrival(one.pts / PICTURE_TICKS, one.arrived) for one in pictures])
            objects, books = cast(LocalObjects, NoObjects()), cast(Books, PaperBooks(outcome))
            recorder = PaperRecorder(
                HallId("h"), CameraId("cam-1"), [PICTURE, SOUND], anchor, objects, books, 60
            )
            packets = waiting
        else:
            packets = [packet]
        assert anchor is not None
        for one in packets:
            timed = timeline.take(one)
            mended = timed and lipsync.take(timed)
            assert mended is not None, "nothing is dropped"
            if mended.track == 0:
                anchor.observe(Arrival(mended.pts / PICTURE_TICKS, mended.arrived))
                assert anchor.broken() is None
            recorder.take(mended)
    assert recorder is not None
    recorder.finish("stopped")
    return outcome


CAMERAS = {
    "together": Oddity(picture_ppm=50, sound_ppm=50),
    "apart": Oddity(picture_ppm=50, sound_ppm=-50, reports=False),
    "far_apart": Oddity(picture_ppm=200, sound_ppm=-200),
    "far_apart_untold": Oddity(picture_ppm=-200, sound_ppm=200, reports=False),
}


@pytest.mark.parametrize("name", CAMERAS)
def test_a_day_of_drift_keeps_picture_and_sound_in_step_and_near_the_true_time(name: str) -> None:
    outcome = record(CAMERAS[name])
    assert outcome.apart() < IN_STEP
    assert outcome.off() < NEAR
    assert max(map(abs, outcome.rates)) <= STEEPEST
    assert_nothing_is_lost(outcome)


def test_a_step_of_the_clock_is_worked_off_and_parts_nothing() -> None:
    step = Oddity(picture_ppm=50, sound_ppm=-50, step=1.0)
    outcome = record(step)
    worked_off = DAY / 4 + step.step / STEEPEST + 300
    assert outcome.apart() < IN_STEP
    assert outcome.off((0, DAY / 4 - 60)) < NEAR
    assert outcome.off((worked_off, DAY), ahead=step.step) < NEAR
    assert outcome.off() < step.step + NEAR
    assert max(map(abs, outcome.rates)) <= STEEPEST
    assert_nothing_is_lost(outcome)


def assert_nothing_is_lost(outcome: Outcome) -> None:
    """Every picture and block is there, and segments follow each other without a seam."""
    assert len(outcome.pictures) == DAY / EVERY
    assert len(outcome.sounds) == DAY / EVERY
    assert len(outcome.segments) == pytest.approx(1440, abs=30)
    for before, after in pairwise(outcome.segments):
        assert before.interval.end == after.interval.start
