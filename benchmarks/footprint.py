"""What does each role cost? Memory and processor time while the demo hall plays."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.report import Figure, Report

MEASURED = 60.0
READY_LIMIT = 240.0
SETTLE = 10.0


@dataclass(frozen=True, slots=True)
class Sample:
    """Processor seconds and memory of one process at one moment (bytes; unique: not shared with others)."""

    seconds: float
    resident: int
    unique: int


def run() -> Report:
    """Run the demo for a minute and report every process."""
    with tempfile.TemporaryDirectory(prefix="hallwatch-footprint-") as name:
        folder = Path(name)
        command = [sys.executable, "-m", "hallwatch", "demo", "--directory", str(folder), "--port", "0"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait_until_ready(folder / "ready.json", process)
            time.sleep(SETTLE)
            before, began = _samples(process.pid), time.monotonic()
            time.sleep(MEASURED)
            after, lasted = _samples(process.pid), time.monotonic() - began
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(15)
    return _report(before, after, lasted)


def _wait_until_ready(ready: Path, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + READY_LIMIT
    while time.monotonic() < until and process.poll() is None:
        if ready.exists():
            json.loads(ready.read_text())
            return
        time.sleep(0.2)
    raise TimeoutError("the demo did not become ready")


def _samples(supervisor: int) -> dict[str, Sample]:
    root = psutil.Process(supervisor)
    found: dict[str, Sample] = {}
    for process in (root, *root.children(recursive=True)):
        try:
            times, memory = process.cpu_times(), process.memory_full_info()
            name = _name(process, supervisor)
        except psutil.NoSuchProcess:
            continue
        found[name] = Sample(times.user + times.system, memory.rss, memory.uss)
    return found


def _name(process: psutil.Process, supervisor: int) -> str:
    words = process.cmdline()
    if process.pid == supervisor:
        return "supervisor"
    if "--role" in words:
        return words[words.index("--role") + 1]
    if any("nats-server" in word for word in words):
        return "bus"
    return "demo hall (cameras and queue)"


def _report(before: dict[str, Sample], after: dict[str, Sample], lasted: float) -> Report:
    rows: list[tuple[Figure, ...]] = []
    keys: dict[str, dict[str, Figure]] = {}
    for name in sorted(set(before) & set(after)):
        share = (after[name].seconds - before[name].seconds) / lasted * 100
        resident, unique = after[name].resident / 2**20, after[name].unique / 2**20
        rows.append((name, share, resident, unique))
        keys[name.split(" ")[0]] = {
            "cpu_percent": round(share, 2),
            "rss_mb": round(resident, 1),
            "uss_mb": round(unique, 1),
        }
    return Report(
        title="Cost of each role during the demo",
        header=("role", "% of one core", "resident MB", "unique MB"),
        rows=tuple(rows),
        keys={"seconds": round(lasted, 1), **keys},
        notes=(
            "Four cameras (two 1280×720, two 640×360, 15 pictures a second) with sound, sampled once a "
            "second, no viewer connected.",
        ),
    )
