"""Recording from a real RTSP server: untouched packets, an unbroken chain, gaps with reasons, and no loss."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread

import av
import pytest

from capture.books.logbook import Logbook
from capture.record.check import Check
from capture.record.invariants import Fault
from capture.record.objects import LocalObjects
from capture.record.reindex import reindex
from capture.role import run_capture
from fixtures.rtsp import RtspHall, Unplugged
from hall.clock import SystemClock
from hall.config import Configuration, parse_configuration
from hall.interval import Interval, uncovered
from hall.media import Gap, GapReason, Segment
from hall.names import CameraId
from store import configuration as configurations
from store import recording
from store.database import Database
from tests.media import RATE, film
from tests.recordings import new_database, whole

FIRST, SECOND = CameraId("cam-1"), CameraId("cam-2")
LIMIT = 30.0
NOWHERE = "nats://127.0.0.1:9"
"""No bus listens here: recording does not need one."""

PROCESS = """
import sys, threading
from pathlib import Path
from capture.role import run_capture
from hall.clock import SystemClock
from hall.config import load_configuration
from store.database import Database
configuration = load_configuration(Path(sys.argv[1]))
database = Database(configuration.site.database_url)
run_capture(configuration, database, sys.argv[2], SystemClock(), threading.Event())
"""


@pytest.fixture(scope="module")
def reels(tmp_path_factory: pytest.TempPathFactory) -> dict[CameraId, dict[str, Path]]:
    folder = tmp_path_factory.mktemp("reels")
    return {
        FIRST: {"one": film(folder / "one.mov", "aac")},
        SECOND: {"one": film(folder / "two.mov", "pcm_alaw")},
    }


@pytest.fixture
def hall(reels: dict[CameraId, dict[str, Path]]) -> Iterator[RtspHall]:
    with RtspHall(reels) as hall:
        yield hall


@dataclass
class Site:
    """A configured site with its database."""

    file: Path
    configuration: Configuration
    database: Database

    def segments(self, camera: CameraId) -> list[Segment]:
        now, day = SystemClock().now(), timedelta(days=1)
        with self.database.read() as tx:
            return recording.segments_between(tx, camera, now - day, now + day)

    def gaps(self, camera: CameraId) -> list[Gap]:
        now, day = SystemClock().now(), timedelta(days=1)
        with self.database.read() as tx:
            return recording.gaps_between(tx, camera, now - day, now + day)

    def path(self, segment: Segment) -> Path:
        return self.configuration.site.disks[0] / segment.key

    def faults(self) -> list[Fault]:
        """What `hallwatch check` says of it an hour later."""
        objects, later = (
            LocalObjects(*self.configuration.site.disks),
            SystemClock().now() + timedelta(hours=1),
        )
        logbook = Logbook(objects.disks, SystemClock())
        check = Check(self.database, objects, logbook, self.configuration, later, running=False)
        return list(check.faults())

    def open_reason(self, camera: CameraId) -> str:
        """Why the camera is not recorded now; empty while it is."""
        return next((gap.reason.value for gap in self.gaps(camera) if gap.interval.is_open), "")

    @contextmanager
    def capturing(self) -> Iterator[None]:
        stop = Event()
        thread = Thread(
            target=run_capture,
            args=(self.configuration, self.database, NOWHERE, SystemClock(), stop),
        )
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def make_site(tmp_path: Path) -> Iterator[Callable[[dict[CameraId, str]], Site]]:
    opened: list[Database] = []

    def make(urls: dict[CameraId, str]) -> Site:
        cameras = "".join(
            f"      - {{id: {camera}, name: {{zh: 摄像机, en: Camera}}, url: '{url}'}}\n"
            for camera, url in urls.items()
        )
        file = tmp_path / "hall.yaml"
        file.write_text(
            f"""
site:
  data: {tmp_path / "data"}
  capture: {{segment_seconds: 4, stall_seconds: 3, retry_first_seconds: 0.2, retry_longest_seconds: 1}}
halls:
  - id: h
    name: {{zh: 大厅, en: Hall}}
    units: [{{id: u, name: {{zh: 单位, en: Unit}}}}]
    windows: [{{id: w01, number: "1", name: {{zh: 窗口, en: Window}}, unit: u}}]
    cameras:
{cameras}"""
        )
        configuration = parse_configuration(file.read_text())
        database = Database(configuration.site.database_url)
        opened.append(database)
        database.migrate()
        with database.write() as tx:
            configurations.apply(tx, configuration, SystemClock().now())
        return Site(file, configuration, database)

    yield make
    for database in opened:
        database.close()


def wait_until(happened: Callable[[], object], what: str, seconds: float = LIMIT) -> None:
    limit = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < limit, f"not within {seconds:g} s: {what}"
        time.sleep(0.05)


def nal_units(data: bytes) -> list[bytes]:
    """What the lengths of an MP4 sample enclose, without parameter sets, which a camera may repeat."""
    units = []
    place = 0
    while place < len(data):
        size = int.from_bytes(data[place : place + 4], "big")
        units.append(data[place + 4 : place + 4 + size])
        place += 4 + size
    return [unit for unit in units if unit[0] & 0x1F in (1, 5)]


def packets(path: Path, kind: str) -> list[tuple[float, bytes]]:
    with av.open(str(path)) as container:
        streams = [stream for stream in container.streams if stream.type == kind]
        return [
            (float(packet.dts * packet.time_base), bytes(packet))
            for packet in container.demux(streams)
            if packet.size and packet.dts is not None
        ]


def parameters(path: Path) -> tuple[object, ...]:
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        return (context.name, context.profile, context.width, context.height, bytes(context.extradata or b""))


@pytest.mark.slow
def test_two_cameras_are_recorded_untouched_and_without_a_break(
    hall: RtspHall, reels: dict[CameraId, dict[str, Path]], make_site: Callable[[dict[CameraId, str]], Site]
) -> None:
    site = make_site({camera: hall.url(camera) for camera in (FIRST, SECOND)})
    with site.capturing():
        wait_until(
            lambda: min(len(site.segments(FIRST)), len(site.segments(SECOND))) >= 3, "three segments each"
        )
    for camera in (FIRST, SECOND):
        segments, reel = site.segments(camera), reels[camera]["one"]
        for before, after in pairwise(segments):
            assert before.interval.end == after.interval.start
        source = [nal_units(data) for _, data in packets(reel, "video")]
        at = [
            source.index(nal_units(data))
            for segment in segments
            for _, data in packets(site.path(segment), "video")
        ]
        assert all(after == (before + 1) % len(source) for before, after in pairwise(at))
        for segment in segments:
            path = site.path(segment)
            assert parameters(path)[:4] == parameters(reel)[:4]
            assert segment.sha256 == hashlib.sha256(path.read_bytes()).digest()
            assert segment.has_audio
            for kind in ("video", "audio"):
                times = [at for at, _ in packets(path, kind)]
                assert times == sorted(set(times))
                assert times[0] < 0.13
                # A block of 128 ms, and what was still on its way when recording ended.
                assert times[-1] > segment.media_duration - 0.45
            done = subprocess.run(
                ["ffprobe", "-v", "warning", "-show_streams", str(path)],
                capture_output=True,
                timeout=20,
                check=True,
            )
            assert done.stderr == b""
        assert [gap.reason for gap in site.gaps(camera)] == [GapReason.STARTING]
        assert site.gaps(camera)[0].interval.end == segments[0].interval.start


@pytest.mark.slow
def test_sound_is_recorded_within_40_ms_of_its_picture(
    hall: RtspHall, reels: dict[CameraId, dict[str, Path]], make_site: Callable[[dict[CameraId, str]], Site]
) -> None:
    site = make_site({FIRST: hall.url(FIRST)})
    with site.capturing():
        wait_until(lambda: len(site.segments(FIRST)) >= 2, "two segments")
    reel = reels[FIRST]["one"]
    pictures = [nal_units(data) for _, data in packets(reel, "video")]
    # The reel's first block of sound is the encoder's priming, which the server leaves out.
    blocks = [data for _, data in packets(reel, "audio")][-8 * 16_000 // 1024 :]
    for segment in site.segments(FIRST):
        path = site.path(segment)
        shown = [(at - pictures.index(nal_units(data)) / RATE) % 8 for at, data in packets(path, "video")]
        heard = [(at - blocks.index(data) * 1024 / 16_000) % 8 for at, data in packets(path, "audio")]
        assert max(shown) - min(shown) < 0.01
        for offset in heard:
            assert abs((offset - shown[0] + 4) % 8 - 4) < 0.04


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "reason"), [(Unplugged.REFUSE, GapReason.OFFLINE), (Unplugged.STALL, GapReason.STALLED)]
)
def test_an_unplugged_camera_leaves_a_gap_with_its_reason_and_goes_on(
    hall: RtspHall, make_site: Callable[[dict[CameraId, str]], Site], how: Unplugged, reason: GapReason
) -> None:
    site = make_site({FIRST: hall.url(FIRST), SECOND: hall.url(SECOND)})
    with site.capturing():
        wait_until(lambda: site.segments(FIRST), "a segment")
        hall.unplug(FIRST, how)
        unplugged_at = SystemClock().now()
        wait_until(lambda: site.open_reason(FIRST) == reason, "an open gap")
        before = len(site.segments(FIRST))
        hall.plug(FIRST)
        wait_until(lambda: not site.open_reason(FIRST), "the gap's end")
        wait_until(lambda: len(site.segments(FIRST)) > before, "a segment after the gap")
    segments, gaps = site.segments(FIRST), site.gaps(FIRST)
    lost = next(gap for gap in gaps if gap.reason is reason)
    assert lost.interval.start in {segment.interval.end for segment in segments}
    assert abs((lost.interval.start - unplugged_at).total_seconds()) < 1.0
    assert is_whole(segments, gaps)
    assert site.faults() == []
    other = site.segments(SECOND)
    assert all(before.interval.end == after.interval.start for before, after in pairwise(other))


def is_whole(segments: list[Segment], gaps: list[Gap]) -> bool:
    """True when segments and gaps cover all from the first gap to the last segment, without overlap."""
    start: datetime = gaps[0].interval.start
    end = segments[-1].interval.end
    parts = sorted(
        [segment.interval for segment in segments] + [gap.interval for gap in gaps],
        key=lambda part: part.start,
    )
    overlaps = any(before.end is None or before.end > after.start for before, after in pairwise(parts))
    return not overlaps and not uncovered(Interval(start, end), parts)


@pytest.mark.slow
def test_a_killed_process_loses_no_more_than_the_last_fragment(
    hall: RtspHall, make_site: Callable[[dict[CameraId, str]], Site], tmp_path: Path
) -> None:
    site = make_site({FIRST: hall.url(FIRST)})
    process = subprocess.Popen(
        [sys.executable, "-c", PROCESS, str(site.file), NOWHERE],
        cwd=Path(__file__).parents[2],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: len(site.segments(FIRST)) >= 1, "a segment")
        recordings = site.configuration.site.disks[0]
        started = next(iter(site.segments(FIRST))).interval.end
        wait_until(
            lambda: any(path.stat().st_size > 20_000 for path in recordings.rglob("*.partial")), "a fragment"
        )
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    killed_at = SystemClock().now()
    partial = next(recordings.rglob("*.partial"))
    known = {segment.id for segment in site.segments(FIRST)}
    with partial.open("ab") as file:
        file.write(b"\0\0\x40\0moof half a fragment")
    with site.capturing():
        wait_until(
            lambda: not site.open_reason(FIRST) and len(site.segments(FIRST)) > len(known) + 1, "going on"
        )
    segments = site.segments(FIRST)
    salvaged = next(segment for segment in segments if segment.id not in known)
    assert salvaged.key == str(partial.relative_to(recordings)).removesuffix(".partial")
    assert salvaged.interval.start == started
    assert salvaged.interval.end is not None
    # A fragment of one second, and up to one second that waits for the sound.
    assert (killed_at - salvaged.interval.end).total_seconds() < 2.5
    assert salvaged.sha256 == hashlib.sha256(site.path(salvaged).read_bytes()).digest()
    assert sum(1 for _ in packets(site.path(salvaged), "video")) == round(salvaged.media_duration * RATE)
    restart = next(gap for gap in site.gaps(FIRST) if gap.reason is GapReason.PROCESS_RESTART)
    assert restart.interval.start == salvaged.interval.end
    assert is_whole(segments, site.gaps(FIRST))
    assert not list(recordings.rglob("*.partial"))
    with site.database.read() as tx:
        assert recording.open_runs(tx, FIRST) == []
    assert site.faults() == []
    again = new_database(tmp_path / "again.db")
    reindex(again, LocalObjects(recordings), Logbook([recordings], SystemClock()), processes=0)
    assert whole(again) == whole(site.database)
    again.close()


@pytest.mark.slow
def test_files_without_rows_are_adopted_at_the_next_start(
    hall: RtspHall, make_site: Callable[[dict[CameraId, str]], Site], tmp_path: Path
) -> None:
    site = make_site({FIRST: hall.url(FIRST)})
    with site.capturing():
        wait_until(lambda: len(site.segments(FIRST)) >= 2, "two segments")
    before = site.segments(FIRST)
    site.database.close()
    for path in (tmp_path / "data").glob("hallwatch.db*"):
        path.unlink()
    again = make_site({FIRST: hall.url(FIRST)})
    with again.capturing():
        wait_until(lambda: len(again.segments(FIRST)) >= len(before), "the old files' rows")
    assert [(one.id, one.sha256, one.size, one.key) for one in again.segments(FIRST)[: len(before)]] == [
        (one.id, one.sha256, one.size, one.key) for one in before
    ]


@pytest.mark.slow
def test_a_locked_database_holds_up_facts_but_not_recording(
    hall: RtspHall, make_site: Callable[[dict[CameraId, str]], Site]
) -> None:
    site = make_site({FIRST: hall.url(FIRST)})
    other = Database(site.database.url)
    recordings = site.configuration.site.disks[0]
    with site.capturing():
        wait_until(lambda: site.segments(FIRST), "a segment")
        with other.write():
            known = len(site.segments(FIRST))
            files = len(list(recordings.rglob("*.mp4")))
            wait_until(lambda: len(list(recordings.rglob("*.mp4"))) >= files + 2, "files without rows")
            assert len(site.segments(FIRST)) == known
        wait_until(lambda: len(site.segments(FIRST)) >= known + 2, "the rows")
    other.close()
    segments = site.segments(FIRST)
    assert all(before.interval.end == after.interval.start for before, after in pairwise(segments))


@pytest.mark.slow
def test_a_camera_that_cannot_be_opened_stops_nothing_else(
    hall: RtspHall, make_site: Callable[[dict[CameraId, str]], Site]
) -> None:
    bad = hall.url(FIRST).replace(FIRST, "cam-9")
    site = make_site({FIRST: bad, SECOND: hall.url(SECOND), CameraId("cam-3"): "ftp://127.0.0.1/x"})
    with site.capturing():
        wait_until(lambda: site.segments(SECOND), "a segment of the camera that works")
        wait_until(lambda: site.open_reason(FIRST) == "not_found", "the reason")
        wait_until(lambda: site.open_reason(CameraId("cam-3")) == "malformed", "the reason")
    assert "path" in site.gaps(FIRST)[-1].detail
    assert site.segments(FIRST) == []
