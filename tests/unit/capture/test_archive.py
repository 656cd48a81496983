"""What the archive has to do about a segment follows from its row, its file and its copy alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest

from capture.archive.alignment import Step, decide
from capture.archive.pace import Pace, Stopped
from hall.clock import SimulatedClock
from hall.interval import Interval
from hall.media import Fragment, Segment
from hall.names import CameraId, ObjectKey, RunId, SegmentId
from store.copies import UNVERIFIED, Copy

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
SEGMENT = Segment(
    id=SegmentId("c1-run-000000"),
    run=RunId("c1-run"),
    camera=CameraId("c1"),
    sequence=0,
    interval=Interval(NOW - timedelta(minutes=1), NOW),
    media_duration=60.0,
    size=1000,
    sha256=b"1" * 32,
    key=ObjectKey("c1/one.mp4"),
    header_size=100,
    fragments=(Fragment(100, 900, 0.0, 60.0),),
    has_audio=True,
)
COPY = Copy(SEGMENT.id, "bucket/", SEGMENT.key, SEGMENT.size, SEGMENT.sha256, NOW)
OLD = replace(COPY, sha256=b"0" * 32)
BEGUN = replace(COPY, sha256=UNVERIFIED, size=0)
ELSEWHERE = replace(SEGMENT, is_local=False)

CASES = [
    ("a new segment is sent", SEGMENT, None, True, False, Step.SEND),
    ("one whose sending was broken off is sent again", SEGMENT, BEGUN, True, False, Step.SEND),
    ("one that changed is sent again", SEGMENT, OLD, True, False, Step.SEND),
    ("a verified copy is left alone", SEGMENT, COPY, True, False, Step.NOTHING),
    ("what lies on another machine is left to it", SEGMENT, None, False, False, Step.NOTHING),
    ("the only file is left alone", ELSEWHERE, COPY, False, False, Step.NOTHING),
    ("the copy of a deleted segment goes", None, COPY, False, False, Step.REMOVE),
    ("so does what was begun of one", None, BEGUN, False, False, Step.REMOVE),
    ("what was never copied leaves nothing", None, None, False, False, Step.NOTHING),
    ("a copy goes after its days", SEGMENT, COPY, True, True, Step.EXPIRE),
    ("and is not made again", SEGMENT, None, True, True, Step.NOTHING),
    ("a copy on its way out goes on", ELSEWHERE, BEGUN, False, True, Step.EXPIRE),
    ("and is kept when it is wanted after all", ELSEWHERE, BEGUN, False, False, Step.RESTORE),
]


@pytest.mark.parametrize(
    ("segment", "copy", "is_here", "is_over", "step"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_what_there_is_to_do(
    segment: Segment | None, copy: Copy | None, is_here: bool, is_over: bool, step: Step
) -> None:
    assert decide(segment, copy, is_here=is_here, is_over=is_over) is step


def test_the_pace_shares_the_line_between_all_who_send() -> None:
    clock = SimulatedClock()
    pace = Pace(8.0, clock, Event())
    assert [round(pace._wait(500_000), 3) for _ in range(3)] == [0.0, 0.5, 1.0]
    clock.advance(10)
    assert pace._wait(500_000) == 0.0


def test_without_a_limit_nobody_waits() -> None:
    pace = Pace(None, SimulatedClock(), Event())
    assert [pace._wait(10**9) for _ in range(3)] == [0.0, 0.0, 0.0]


def test_sending_is_broken_off_when_the_process_ends() -> None:
    stop = Event()
    stop.set()
    with pytest.raises(Stopped):
        Pace(None, SimulatedClock(), stop)(1)
