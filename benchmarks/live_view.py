"""How soon does a live picture stand, and how late is it? And what does a viewer cost.

A real camera over RTSP, `hallwatch run`, and Chromium on the same machine. A clock is burnt into the
camera's pictures (`clock_film`), and the page reads it back from what it shows; the camera says when it
sent each.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import cast

import psutil
from playwright.sync_api import Page, sync_playwright

from benchmarks.clock_film import PICTURES, RATE, READ, clock_film
from benchmarks.report import Report, percentile
from benchmarks.running_hall import PASSWORD, USER, RunningHall, hall_file, running
from fixtures.rtsp import RtspHall
from hall.names import CameraId
from tests.e2e.conftest import CHROMIUM, FLAGS

CAMERA = CameraId("cam-1")
SCENE = "clock"
OPENINGS = 12
REST_MS = 7_000
"""Between two openings: capture no longer sends what nobody has wanted for six seconds."""
WATCHED_MS = 20_000
VIEWERS = 8
COUNTED_SECONDS = 20.0
ROLES = ("live", "bus", "capture")
AIM_FIRST_MS, AIM_GLASS_MS = 1000.0, 400.0

OPEN = """() => new Promise((done) => {
    const began = performance.now();
    document.querySelector('nav a[href="/live"]').click();
    const look = () => {
        if (document.querySelector('figure[data-live="playing"]')) done(performance.now() - began);
        else requestAnimationFrame(look);
    };
    look();
})"""
VIEW = """async ([camera, viewers]) => {
    const session = await (await fetch('/api/v1/session')).json();
    window.peers = [];
    for (let number = 0; number < viewers; number += 1) {
        const peer = new RTCPeerConnection({iceServers: []});
        peer.addTransceiver('video', {direction: 'recvonly'});
        await peer.setLocalDescription(await peer.createOffer());
        while (peer.iceGatheringState !== 'complete') await new Promise((next) => setTimeout(next, 20));
        const answer = await fetch(`/api/v1/live/${camera}/whep`, {
            method: 'POST', body: peer.localDescription.sdp,
            headers: {'Content-Type': 'application/sdp', 'X-CSRF-Token': session.csrf},
        });
        await peer.setRemoteDescription({type: 'answer', sdp: await answer.text()});
        window.peers.push(peer);
    }
}"""
RECEIVED = """async () => {
    let least = Infinity;
    for (const peer of window.peers) {
        for (const one of (await peer.getStats()).values()) {
            if (one.type === 'inbound-rtp') least = Math.min(least, one.framesReceived ?? 0);
        }
    }
    return least;
}"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured: milliseconds, and shares of one core."""

    first_frames: Sequence[float]
    glass: Sequence[float]
    viewer_cpu: float
    transcoder_cpu: float


def run() -> Report:
    """Measure and report."""
    with tempfile.TemporaryDirectory(prefix="hallwatch-live-") as name:
        folder = Path(name)
        film = clock_film(folder / "clock.mp4")
        with RtspHall({CAMERA: {SCENE: film}}) as cameras:
            with (
                running(hall_file(folder, cameras, [CAMERA], {}, [])) as hall,
                sync_playwright() as playwright,
            ):
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
                _log_in(page, hall)
                first_frames = _openings(page, hall)
                glass = _glass(page, cameras)
                page.goto(f"{hall.url}/account")
                viewer_cpu = _viewer_cpu(page, hall)
                browser.close()
            transcoder_cpu = _transcoder_cpu(cameras.url(CAMERA))
    return _report(Figures(first_frames, glass, viewer_cpu, transcoder_cpu))


def _log_in(page: Page, hall: RunningHall) -> None:
    page.goto(hall.url)
    page.get_by_test_id("login-user").fill(USER)
    page.get_by_test_id("login-password").fill(PASSWORD)
    page.get_by_test_id("login-submit").click()
    page.get_by_test_id("board").wait_for()


def _openings(page: Page, hall: RunningHall) -> list[float]:
    """Milliseconds from the click that opens the live wall to the camera's first picture on it."""
    token = hall.client.get("/api/v1/session").json()["csrf"]
    wall = {"hall": "demo", "panes": 1, "cameras": [CAMERA]}
    kept = hall.client.put("/api/v1/live/layouts", json=wall, headers={"X-CSRF-Token": token})
    kept.raise_for_status()
    taken = []
    for _ in range(OPENINGS + 1):
        page.wait_for_timeout(REST_MS)
        taken.append(cast(float, page.evaluate(OPEN)))
        page.locator('nav a[href="/board"]').click()
        page.get_by_test_id("board").wait_for()
    return taken[1:]  # at the first the page's own code was still to be fetched


def _glass(page: Page, cameras: RtspHall) -> list[float]:
    """Milliseconds from the sending of each picture by the camera to its being shown."""
    page.evaluate(OPEN)
    page.evaluate(READ, CAMERA)
    page.wait_for_timeout(WATCHED_MS)
    read = cast("list[tuple[int, float]]", page.evaluate("window.readClock"))
    switches = [cameras.show(CAMERA, SCENE) for _ in range(3)]
    # The camera is late now and then, never early: the earliest tells when picture 0 was due.
    epoch = min(switch.at.timestamp() - switch.number / RATE for switch in switches)
    return [_late(number, shown / 1000, epoch) * 1000 for number, shown in read]


def _late(number: int, shown: float, epoch: float) -> float:
    """How late a picture was shown, in seconds, by its number in the reel. No delay is as long as that."""
    length = PICTURES / RATE
    return (shown - epoch - number / RATE) % length


def _viewer_cpu(page: Page, hall: RunningHall) -> float:
    """What one of several viewers of a camera costs all roles together, as a share of one core."""
    idle = _share(hall)
    page.evaluate(VIEW, [CAMERA, VIEWERS])
    page.wait_for_timeout(2_000)
    before = page.evaluate(RECEIVED)
    busy = _share(hall)
    received = page.evaluate(RECEIVED) - before
    if received < 0.9 * RATE * COUNTED_SECONDS:
        raise RuntimeError(f"a viewer got {received} pictures in {COUNTED_SECONDS:.0f} s")
    return (busy - idle) / VIEWERS


def _share(hall: RunningHall) -> float:
    """How much of one core the roles take that a live view concerns."""
    roles = [process for name in ROLES if (process := _role(hall, name)) is not None]
    before = sum(sum(process.cpu_times()[:2]) for process in roles)
    time.sleep(COUNTED_SECONDS)
    return (sum(sum(process.cpu_times()[:2]) for process in roles) - before) / COUNTED_SECONDS


def _role(hall: RunningHall, name: str) -> psutil.Process | None:
    for child in psutil.Process(hall.process.pid).children(recursive=True):
        words = child.cmdline()
        if "--role" in words and words[words.index("--role") + 1] == name:
            return child
    return None


def _transcoder_cpu(url: str) -> float:
    """What ffmpeg takes to transcode the camera for one viewer; it neither sends nor encrypts."""
    command = ["ffmpeg", "-v", "error", "-rtsp_transport", "tcp", "-i", url, "-an", "-c:v", "libx264"]
    command += ["-preset", "veryfast", "-tune", "zerolatency", "-b:v", "1M", "-f", "null", "-"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
        try:
            time.sleep(3)
            counted = psutil.Process(process.pid)
            before = sum(counted.cpu_times()[:2])
            time.sleep(COUNTED_SECONDS)
            return (sum(counted.cpu_times()[:2]) - before) / COUNTED_SECONDS
        finally:
            process.terminate()


def _report(figures: Figures) -> Report:
    first, glass = median(figures.first_frames), median(figures.glass)
    ratio = figures.viewer_cpu / figures.transcoder_cpu
    rows = [
        ("first picture ms", len(figures.first_frames), first, max(figures.first_frames), AIM_FIRST_MS),
        ("glass to glass ms", len(figures.glass), glass, percentile(figures.glass, 0.99), AIM_GLASS_MS),
        ("a viewer, % of a core", VIEWERS, 100 * figures.viewer_cpu, None, None),
        ("a transcoder, % of a core", 1, 100 * figures.transcoder_cpu, None, None),
    ]
    return Report(
        title="Live view",
        header=("what", "n", "median", "p99 or most", "aim"),
        rows=tuple(rows),
        keys={
            "live_first_frame_ms": round(first, 1),
            "live_first_frame_most_ms": round(max(figures.first_frames), 1),
            "live_glass_ms": round(glass, 1),
            "live_glass_p99_ms": round(percentile(figures.glass, 0.99), 1),
            "viewer_cpu_ratio": round(ratio, 3),
        },
        notes=(
            "640×360, 25 pictures a second, 1 Mbit/s, over loopback, in headless Chromium without a graphics "
            "card. First picture: from the click that opens the wall, with nobody watching before. Glass to "
            "glass: from the sending of a picture by the camera to its being shown; a camera's own exposure "
            "and coding come on top. A viewer: one of eight of one camera, all roles together, with "
            "encryption. A transcoder: ffmpeg (libx264 veryfast, zerolatency) for one; it sends nothing.",
        ),
    )
