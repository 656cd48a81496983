"""Whether recording, analysis and evaluation keep up, by what was last done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from console.system.lateness import Pace, analysed, evaluated, recorded
from hall.config import parse_configuration
from hall.interval import Interval
from hall.media import Gap, GapReason
from hall.names import CameraId
from store.judged import Judged
from store.leases import Lease
from tests.integration.console_hall import YAML

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
CONFIGURATION = parse_configuration(YAML)
CAMERA = CONFIGURATION.halls[0].cameras[0]


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


@pytest.mark.parametrize(("seconds", "pace"), [(0, "keeps_up"), (50, "keeps_up"), (51, "late")])
def test_a_recording_is_late_after_two_segments_and_half_a_minute(seconds: float, pace: str) -> None:
    found = recorded(CAMERA, CONFIGURATION, None, ago(seconds), NOW)
    assert (found.pace, found.late_seconds) == (Pace(pace), seconds)


def test_a_gap_says_why_a_camera_is_not_recorded_and_nothing_says_nothing() -> None:
    gap = Gap(CameraId("c1"), Interval(ago(20), None), GapReason.OFFLINE, "")
    assert recorded(CAMERA, CONFIGURATION, gap, ago(20), NOW).gap is gap
    assert recorded(CAMERA, CONFIGURATION, gap, None, NOW).pace is Pace.STOPPED
    assert recorded(CAMERA, CONFIGURATION, None, None, NOW).pace is Pace.UNKNOWN
    watched_only = CAMERA.model_copy(update={"record": False})
    assert recorded(watched_only, CONFIGURATION, None, ago(9999), NOW).pace is Pace.OFF


def test_a_camera_that_is_sampled_rarely_is_not_late_between_two_samples() -> None:
    rare = CAMERA.model_copy(update={"sample_every": 30.0})
    assert analysed(rare, CONFIGURATION, ago(60), NOW).pace is Pace.KEEPS_UP
    assert analysed(CAMERA, CONFIGURATION, ago(60), NOW).pace is Pace.LATE
    assert analysed(CAMERA, CONFIGURATION, None, NOW).pace is Pace.UNKNOWN


def test_evaluation_needs_a_leader_and_a_pass_that_is_not_old() -> None:
    lease = Lease("alerts", "a-1", 1, NOW + timedelta(seconds=5))
    fresh = Judged(ago(9999), ago(1), 40)
    found = evaluated(lease, fresh, 42, NOW)
    assert (found.pace, found.leader, found.waiting) == (Pace.KEEPS_UP, "a-1", 2)
    assert evaluated(lease, Judged(ago(9999), ago(11), 40), 42, NOW).pace is Pace.LATE
    over = Lease("alerts", "a-1", 1, ago(1))
    stopped = evaluated(over, fresh, 42, NOW)
    assert (stopped.pace, stopped.leader) == (Pace.STOPPED, None)
    assert evaluated(None, None, 42, NOW).pace is Pace.UNKNOWN
