"""What does recording cost? Our capture role against `ffmpeg -c copy`, from the same RTSP server."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import av
import psutil
import yaml
from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector

from benchmarks.load.film import PICTURES_A_SECOND, SOUND_BLOCKS_A_SECOND, check_programs, make_film, playing
from benchmarks.report import Figure, Report
from bus.server import running as running_bus
from hall.config import load_configuration
from hallwatch import environment
from store.database import Database

SIZES = (1, 8, 32, 64)
SETTLE = 12.0
"""Seconds until all cameras are connected and their first packets' burst is over."""
MEASURED = 40.0
CAMERAS_A_PROCESS = 32
SEGMENT_SECONDS = 60
END_SECONDS = 20.0
LATENESS = "hallwatch_capture_lateness_seconds_bucket"


@dataclass(frozen=True, slots=True)
class Cost:
    """What recording some cameras cost.

    `cpu` is processor seconds per camera and hour, `memory` the peak in MiB per camera, `lost` the pictures
    and blocks of sound that are missing in what was recorded, `lateness` the milliseconds that 99 of 100
    packets stay under (None where nobody measures it).
    """

    cameras: int
    cpu: float
    memory: float
    lost: int
    lateness: float | None = None


def run() -> Report:
    """Record the same film with both, for each number of cameras."""
    check_programs()
    ours: dict[int, Cost] = {}
    theirs: dict[int, Cost] = {}
    with tempfile.TemporaryDirectory(prefix="hallwatch-capture-") as name:
        film = make_film(Path(name))
        for cameras in SIZES:
            for record, costs in ((_hallwatch, ours), (_ffmpeg, theirs)):
                with tempfile.TemporaryDirectory(dir=name) as folder, playing(film) as url:
                    costs[cameras] = record(url, cameras, Path(folder))
    return _report(ours, theirs)


def _hallwatch(url: str, cameras: int, folder: Path) -> Cost:
    file = _hall_file(url, cameras, folder)
    Database(load_configuration(file).site.database_url).migrate()
    metrics = folder / "metrics"
    metrics.mkdir()
    processes = -(-cameras // CAMERAS_A_PROCESS)
    with running_bus(folder / "bus") as bus:
        surroundings = {**os.environ, environment.METRICS: str(metrics), environment.BUS_URL: bus.url}
        commands = [
            [
                *(sys.executable, "-m", "hallwatch", "run", str(file)),
                *("--role", "capture", "--share", f"{number}/{processes}"),
            ]
            for number in range(1, processes + 1)
        ]
        with _running(commands, surroundings) as started:
            cpu, memory = _measure(started)
    files = [sorted((folder / "data").rglob(f"cam-{number}-*.mp4")) for number in range(cameras)]
    return Cost(
        cameras,
        cpu / cameras * 3600 / MEASURED,
        memory / cameras,
        sum(_missing(own) for own in files),
        _lateness(metrics),
    )


def _hall_file(url: str, cameras: int, folder: Path) -> Path:
    content = {
        "version": 1,
        "site": {
            "data": str(folder / "data"),
            "capture": {"segment_seconds": SEGMENT_SECONDS, "cameras_per_process": CAMERAS_A_PROCESS},
        },
        "halls": [
            {
                "id": "hall",
                "name": {"zh": "测量", "en": "Benchmark"},
                "schedule": {"always": True},
                "units": [{"id": "unit", "name": {"zh": "单位", "en": "Unit"}}],
                "windows": [
                    {"id": "w01", "number": "01", "name": {"zh": "窗", "en": "Window"}, "unit": "unit"}
                ],
                "cameras": [
                    {"id": f"cam-{number}", "name": {"zh": "机", "en": "Camera"}, "url": url}
                    for number in range(cameras)
                ],
            }
        ],
    }
    path = folder / "hall.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


def _ffmpeg(url: str, cameras: int, folder: Path) -> Cost:
    commands = [
        [
            *("ffmpeg", "-v", "error", "-nostdin", "-rtsp_transport", "tcp", "-i", url, "-c", "copy"),
            *("-f", "segment", "-segment_time", str(SEGMENT_SECONDS), "-segment_format", "mp4"),
            *("-segment_format_options", "movflags=frag_keyframe+empty_moov+default_base_moof"),
            str(folder / f"cam-{number}-%03d.mp4"),
        ]
        for number in range(cameras)
    ]
    with _running(commands, dict(os.environ)) as started:
        cpu, memory = _measure(started)
    files = [sorted(folder.glob(f"cam-{number}-*.mp4")) for number in range(cameras)]
    return Cost(
        cameras, cpu / cameras * 3600 / MEASURED, memory / cameras, sum(_missing(own) for own in files)
    )


@contextmanager
def _running(
    commands: Sequence[Sequence[str]], surroundings: dict[str, str]
) -> Iterator[list[psutil.Process]]:
    """The commands as processes, ended in order at the end of the block."""
    children = [
        subprocess.Popen(command, env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for command in commands
    ]
    try:
        yield [psutil.Process(child.pid) for child in children]
        for child in children:
            if child.poll() is not None:
                raise RuntimeError(f"a recorder ended by itself with {child.returncode}")
    finally:
        for child in children:
            child.terminate()
        for child in children:
            try:
                child.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def _measure(processes: Sequence[psutil.Process]) -> tuple[float, float]:
    """Processor seconds over the measured time, and the sum of peak memory in MiB."""
    time.sleep(SETTLE)
    before = sum(_processor_seconds(process) for process in processes)
    time.sleep(MEASURED)
    used = sum(_processor_seconds(process) for process in processes) - before
    return used, sum(_peak(process) for process in processes)


def _processor_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _peak(process: psutil.Process) -> float:
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _missing(files: Sequence[Path]) -> int:
    """Pictures and blocks of sound that are missing between the first and the last of a camera's files."""
    if not files:
        raise RuntimeError("a camera was not recorded at all")
    missing = 0
    for file in files:
        with av.open(str(file)) as container:
            for stream, rate in (
                (container.streams.video[0], PICTURES_A_SECOND),
                (container.streams.audio[0], SOUND_BLOCKS_A_SECOND),
            ):
                missing += sum(
                    max(0, round((after - before) * rate) - 1)
                    for before, after in pairwise(_times(file, stream.index))
                )
    return missing


def _times(file: Path, stream: int) -> list[float]:
    with av.open(str(file)) as container:
        return sorted(
            float(packet.pts * packet.time_base)
            for packet in container.demux(container.streams[stream])
            if packet.size and packet.pts is not None and packet.time_base is not None
        )


def _lateness(metrics: Path) -> float | None:
    """The bound in milliseconds under which 99 of 100 packets came, out of the role's own histogram."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(metrics))  # type: ignore[no-untyped-call]  # the library has no types here
    counts: dict[float, float] = {}
    for family in registry.collect():
        for sample in family.samples:
            if sample.name == LATENESS:
                bound = float(sample.labels["le"])
                counts[bound] = counts.get(bound, 0.0) + sample.value
    if not counts:
        return None
    everything = max(counts.values())
    return 1000 * min(bound for bound, count in counts.items() if count >= 0.99 * everything)


def _report(ours: dict[int, Cost], theirs: dict[int, Cost]) -> Report:
    keys: dict[str, Figure] = {f"cpu_ratio_{size}": _ratio(ours[size].cpu, theirs[size].cpu) for size in ours}
    if 64 in ours:
        keys["lost_packets_64"] = ours[64].lost
        keys["lateness_p99_ms_64"] = ours[64].lateness
        keys["rss_mb_per_camera_64"] = round(ours[64].memory, 1)
        if 8 in ours:
            keys["growth_64_over_8"] = _ratio(ours[64].cpu, ours[8].cpu)
    rows = [
        (
            *(size, ours[size].cpu, theirs[size].cpu, _ratio(ours[size].cpu, theirs[size].cpu)),
            *(
                ours[size].memory,
                theirs[size].memory,
                ours[size].lost,
                theirs[size].lost,
                ours[size].lateness,
            ),
        )
        for size in ours
    ]
    return Report(
        title="Cost of recording",
        header=(
            *("cameras", "CPU s a camera-hour", "ffmpeg", "ratio", "peak MiB a camera", "ffmpeg"),
            *("missing", "ffmpeg", "lateness p99 ms"),
        ),
        rows=tuple(rows),
        keys=keys,
        notes=(
            "1080p25 H.264 of 4 Mbit/s with AAC from one GStreamer server on the same machine, "
            f"{MEASURED:g} s measured after {SETTLE:g} s. Ours: the capture role as it runs in a hall "
            f"({CAMERAS_A_PROCESS} cameras a process), with database, fragments synced to the disk and key "
            "frames sent to the bus. ffmpeg: `-c copy -f segment`, fragmented MP4, one process a camera. "
            "Missing: pictures and blocks of sound within the files that were recorded.",
        ),
    )


def _ratio(ours: float, theirs: float) -> float:
    return round(ours / theirs, 3)
