"""Roles are killed in turn: nothing is lost but the last fragment, and no alert is doubled."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import cast

import psutil
import pytest

from hall.interval import Interval, uncovered
from hall.media import Gap, GapReason
from hall.names import CameraId
from store import journal, recording
from store.database import Database
from tests.e2e.running_demo import Demo, Json, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]

CAMERAS = ("cam-1", "cam-2", "cam-3", "cam-4")


@pytest.mark.parametrize("role", ["capture", "analysis", "alerts"])
def test_a_killed_role_is_back(demo: Demo, role: str) -> None:
    if role == "alerts":  # in the middle of an absence that stands
        wait_for("an absence", lambda: demo.alerts(kind="absence") or None, 120)
    before = demo.role(role)
    assert before is not None
    before.send_signal(signal.SIGKILL)
    before.wait(10)

    def another() -> psutil.Process | None:
        now = demo.role(role)
        return now if now is not None and now.pid != before.pid else None

    wait_for(f"another {role}", another, 10, every=0.05)


def test_nothing_recorded_is_lost_but_the_last_fragment(demo: Demo) -> None:
    """Every second is in a segment or in a gap that says why; the gaps of the kill are short."""
    database = demo.database()
    killed_by = datetime.now(UTC)
    wait_for("segments after the kills", lambda: _all_recorded_until(database, killed_by), 60)
    with database.read() as tx:
        for camera in map(CameraId, CAMERAS):
            segments = recording.segments_between(tx, camera, killed_by - timedelta(hours=1), killed_by)
            gaps = recording.gaps_between(tx, camera, segments[0].interval.start, killed_by)
            whole = Interval(segments[0].interval.start, segments[-1].interval.end)
            covered = [part.interval for part in segments] + [gap.interval for gap in gaps]
            assert uncovered(whole, covered) == []
            restarts = [gap for gap in gaps if gap.reason is GapReason.PROCESS_RESTART]
            assert restarts, f"{camera}: the kill left no gap with its reason"
            assert all(_lost(gap, killed_by) < timedelta(seconds=8) for gap in restarts)
    database.close()


def _lost(gap: Gap, now: datetime) -> timedelta:
    return gap.interval.duration(now)


def _all_recorded_until(database: Database, at: datetime) -> bool:
    with database.read() as tx:
        ends = [recording.last_segment_end(tx, CameraId(camera)) for camera in CAMERAS]
    return all(end is not None and end > at for end in ends)


def test_no_alert_is_doubled_and_each_still_ends(demo: Demo) -> None:
    wait_for(
        "the absence to end",
        lambda: all(cast(Json, alert["interval"])["end"] for alert in demo.alerts(kind="absence")) or None,
        120,
    )
    counts = Counter(
        (alert["rule"], str(alert["subject"]), str(cast(Json, alert["interval"])["start"]))
        for alert in demo.alerts()
    )
    assert set(counts.values()) == {1}
    (absence,) = demo.alerts(kind="absence")
    flips = cast(list[Json], demo.get(f"alerts/{absence['id']}")["flips"])
    assert [flip["after"] for flip in flips] == ["open", "resolved"]
    database = demo.database()
    with database.read() as tx:
        last = journal.last_seq(tx)
        seqs = [entry.seq for entry in journal.tail(tx, 0, limit=last)]
    database.close()
    assert seqs == list(range(1, last + 1))


def test_ctrl_c_ends_every_process_and_leaves_a_catalogue_that_agrees_with_the_disk(demo: Demo) -> None:
    processes = [psutil.Process(demo.process.pid)]
    processes += processes[0].children(recursive=True)
    demo.process.send_signal(signal.SIGINT)
    gone, alive = psutil.wait_procs(processes, timeout=10)
    assert not alive
    assert len(gone) >= 7
    assert demo.process.wait(1) == 0
    check = subprocess.run(
        [sys.executable, "-m", "hallwatch", "check", str(demo.folder / "hall.yaml")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert check.returncode == 0, check.stdout + check.stderr
