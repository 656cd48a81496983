"""How late is an absence alert? From the moment the limit is reached to the message in a WebSocket client.

The truth is the camera's: the RTSP server says at which moment it sent the first picture without staff.
The limit is reached that long after; the message is timed when the client holds it. Staff leave at
random moments between two samples, as in a hall, so a share of one sampling period is in the figure by
nature: sampling sees what happened up to one period later.
"""

from __future__ import annotations

import contextlib
import json
import random
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from benchmarks.report import Report, percentile
from benchmarks.running_hall import RunningHall, hall_file, running
from fixtures.reels import generate
from fixtures.rtsp import RtspHall
from fixtures.scenes import VIEWS, Post, Scene
from hall.names import CameraId

SAMPLING = 2.0
LIMIT = 8.0
WANTED = 24
STAFFED, EMPTY = Scene(Post.STAFF, Post.STAFF), Scene(Post.EMPTY, Post.EMPTY)
CAMERAS = tuple(VIEWS)
LONGEST = 300.0
CACHE = Path(".cache/reels")


@dataclass
class Journal:
    """What the client has received, each message with the moment it arrived."""

    entries: list[tuple[datetime, dict[str, object]]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def follow(self, hall: RunningHall, after: int, stop: threading.Event) -> None:
        """Receive until `stop` is set."""
        with hall.push(after) as connection:
            while not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    text = connection.recv(timeout=1)
                    now = datetime.now(UTC)
                    with self.changed:
                        self.entries.append((now, json.loads(text)))
                        self.changed.notify_all()

    def wait(self, since: int, wanted: Callable[[dict[str, object]], bool], limit: float) -> datetime:
        """When the first message from position `since` on that fits arrived. Raises TimeoutError."""
        until = time.monotonic() + limit
        with self.changed:
            while True:
                for arrived, entry in self.entries[since:]:
                    if wanted(entry):
                        return arrived
                left = until - time.monotonic()
                if left <= 0:
                    raise TimeoutError("the expected message did not come")
                self.changed.wait(left)


def run() -> Report:
    """Run at least WANTED occurrences and report the percentiles of their delay."""
    with tempfile.TemporaryDirectory(prefix="hallwatch-latency-") as name:
        folder = Path(name)
        reels = generate(dict.fromkeys(CAMERAS, (STAFFED, EMPTY)), CACHE)
        with RtspHall(reels) as cameras:
            for camera in CAMERAS:
                cameras.show(camera, STAFFED.name)
            site: dict[str, object] = {"analysis": {"window_samples": 3}}
            rules: list[object] = [{"kind": "absence", "id": "absence", "limit_seconds": LIMIT}]
            with running(hall_file(folder, cameras, CAMERAS, site, rules)) as hall:
                delays = _measure(hall, cameras)
    return _report(delays)


def _measure(hall: RunningHall, cameras: RtspHall) -> list[float]:
    windows = [counter.window for view in VIEWS.values() for counter in view.counters]
    for window in windows:
        now = datetime.now(UTC).isoformat()
        hall.post_event(
            {"id": f"in-{window}", "hall": "demo", "at": now, "type": "staff_logged_in",
             "window": window, "staff": f"s{window[1:]}"}
        )  # fmt: skip
    journal, stop = Journal(), threading.Event()
    follower = threading.Thread(target=journal.follow, args=(hall, 0, stop), daemon=True)
    follower.start()
    delays: list[float] = []
    until = time.monotonic() + LONGEST
    try:
        threads = [
            threading.Thread(target=_cycle, args=(camera, cameras, journal, delays, until), daemon=True)
            for camera in CAMERAS
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LONGEST + 60)
    finally:
        stop.set()
        follower.join(5)
    return delays


def _cycle(camera: CameraId, cameras: RtspHall, journal: Journal, delays: list[float], until: float) -> None:
    """Let the staff of one camera's two windows come and go until enough was seen."""
    windows = [counter.window for counter in VIEWS[camera].counters]
    chance = random.Random(camera)
    since = 0
    while len(delays) < WANTED and time.monotonic() < until:
        for window in windows:
            journal.wait(since, partial(_is_presence, window, "on_post"), 60)
        time.sleep(chance.uniform(0, SAMPLING))
        with journal.changed:
            since = len(journal.entries)
        reached = cameras.show(camera, EMPTY.name).at + timedelta(seconds=LIMIT)
        for window in windows:
            arrived = journal.wait(since, partial(_is_absence, window), 60)
            delays.append((arrived - reached).total_seconds())
        with journal.changed:
            since = len(journal.entries)
        cameras.show(camera, STAFFED.name)


def _is_presence(window: str, state: str, entry: dict[str, object]) -> bool:
    body = entry.get("body")
    return (
        entry["kind"] == "observation"
        and isinstance(body, dict)
        and ((body["kind"], body["window"], body["state"]) == ("presence", window, state))
    )


def _is_absence(window: str, entry: dict[str, object]) -> bool:
    body = entry.get("body")
    if entry["kind"] != "alert" or not isinstance(body, dict):
        return False
    return (body["kind"], body["status"], body["subject"]["window"]) == ("absence", "open", window)


def _report(delays: list[float]) -> Report:
    ms = sorted(delay * 1000 for delay in delays)
    p50, p99 = percentile(ms, 0.5), percentile(ms, 0.99)
    aim = SAMPLING * 1000 + 250
    row = (len(ms), SAMPLING * 1000, ms[0], p50, p99, ms[-1], aim, "yes" if p99 < aim else "no")
    return Report(
        title="Delay of an absence alert",
        header=("n", "sampling ms", "min ms", "p50 ms", "p99 ms", "max ms", "aim p99 ms", "reached"),
        rows=(row,),
        keys={"n": len(ms), "sampling_ms": SAMPLING * 1000, "p50_ms": round(p50, 1), "p99_ms": round(p99, 1)},
        notes=(
            f"Four cameras, eight windows, sampled every {SAMPLING:.0f} s, limit {LIMIT:.0f} s. Counted from "
            "the moment the limit is reached by the camera's own truth to the message in the client.",
        ),
    )
