"""Every kind of stream is recorded correctly: from real cameras with their oddities, examined by decoding.

All cameras are recorded at the same time, once; each test then looks at the files of one of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread

import av
import numpy as np
import pytest
from av.audio.frame import AudioFrame
from av.subtitles.subtitle import SubtitleSet
from av.video.frame import VideoFrame

from capture.role import run_capture
from fixtures.rtsp import AUDIO, Habits, RtspHall, SceneSwitch, make_certificate
from fixtures.rtsp.reel import load
from hall.clock import SystemClock
from hall.config import parse_configuration
from hall.interval import Interval, uncovered
from hall.media import Gap, Run, Segment
from hall.names import CameraId
from store import catalogue, recording
from store import configuration as configurations
from store.database import Database
from tests.media import RATE, film

NOWHERE = "nats://127.0.0.1:9"
"""No bus listens here: recording does not need one."""
IN_STEP = 0.04
OVER_UDP = {"h264_udp", "late_udp", "repeating"}

PLAIN = ["h264", "h264_udp", "aggregated", "untold", "no_key", "late", "late_udp", "changing", "repeating"]
FILMS: dict[str, dict[str, object]] = {
    **{name: {} for name in PLAIN},
    "h265": {"video": "hevc"},
    "h265_b": {"video": "hevc", "b_frames": 2},
    "b_frames": {"b_frames": 2},
    "stereo": {"audio": "stereo"},
    "opus": {"audio": "opus"},
    "opus_stereo": {"audio": "opus_stereo"},
    "alaw": {"audio": "pcm_alaw"},
    "mulaw": {"audio": "pcm_mulaw"},
    "silent": {"audio": ""},
    "sound_only": {"video": "", "audio": "aac"},
    "sound_g711": {"video": "", "audio": "pcm_alaw"},
    "late_untold": {"audio": "pcm_alaw"},
    "leaping": {"audio": "pcm_alaw"},
    "silent_leap": {"audio": "stereo"},
}
WITH_BOTH = [
    "h264", "h264_udp", "h265", "h265_b", "b_frames", "stereo", "opus", "opus_stereo", "alaw", "mulaw",
    "secure", "aggregated", "untold", "no_key", "late", "late_udp", "late_untold",
]  # fmt: skip
"""The cameras whose one run is as good as any."""
HABITS = {
    "aggregated": Habits(aggregates=True),
    "untold": Habits(tells_sets=False),
    "no_key": Habits(joins_anywhere=True),
    "late": Habits(sound_after=1.5),
    "late_udp": Habits(sound_after=1.5),
    "late_untold": Habits(sound_after=1.5, reports=False),
    "leaping": Habits(reports=False),
    "silent_leap": Habits(reports=False),
}
CHANGED = {"size": (480, 270)}


@dataclass(frozen=True)
class Recorded:
    """What was recorded of one camera, and the reels that it played."""

    folder: Path
    segments: list[Segment]
    gaps: list[Gap]
    runs: list[Run]
    reels: dict[str, Path]

    def path(self, segment: Segment) -> Path:
        return self.folder / segment.key


@dataclass(frozen=True)
class Campaign:
    """All that was recorded, and when the scene of `changing` changed."""

    database: Database
    folder: Path
    reels: dict[CameraId, dict[str, Path]]
    switch: SceneSwitch

    def of(self, name: str) -> Recorded:
        camera = CameraId(name)
        now, day = SystemClock().now(), timedelta(days=1)
        with self.database.read() as tx:
            segments = recording.segments_between(tx, camera, now - day, now + day)
            gaps = recording.gaps_between(tx, camera, now - day, now + day)
            runs = [catalogue.run(tx, one) for one in dict.fromkeys(segment.run for segment in segments)]
        return Recorded(
            self.folder, segments, gaps, [run for run in runs if run is not None], self.reels[camera]
        )


@pytest.fixture(scope="module")
def reels(tmp_path_factory: pytest.TempPathFactory) -> dict[CameraId, dict[str, Path]]:
    """Each film once, whoever plays it."""
    folder = tmp_path_factory.mktemp("reels")
    made: dict[str, Path] = {}

    def reel(film_: Mapping[str, object]) -> Path:
        key = repr(sorted(film_.items()))
        if key not in made:
            suffix = "mp4" if str(film_.get("audio", "")).startswith("opus") else "mov"
            made[key] = film(folder / f"{len(made)}.{suffix}", **film_)  # type: ignore[arg-type] # as FILMS says
        return made[key]

    found = {CameraId(name): {"one": reel(film_)} for name, film_ in FILMS.items()}
    found[CameraId("changing")]["other"] = reel(CHANGED)
    return found


@pytest.fixture(scope="module")
def campaign(
    reels: dict[CameraId, dict[str, Path]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Campaign]:
    folder = tmp_path_factory.mktemp("site")
    habits = {CameraId(name): habit for name, habit in HABITS.items()}
    with (
        RtspHall(reels, habits=habits) as hall,
        RtspHall(
            {CameraId("secure"): reels[CameraId("h265")]}, certificate=make_certificate(folder)
        ) as secure,
    ):
        urls = {camera: hall.url(camera) for camera in hall.cameras}
        urls[CameraId("secure")] = secure.url(CameraId("secure"))
        database, recordings, capturing = site(folder, urls)
        with_reels = {**reels, CameraId("secure"): reels[CameraId("h265")]}
        stop = Event()
        thread = Thread(target=capturing, args=(stop,))
        thread.start()
        try:
            wait_until(lambda: all(kept(database, camera) >= 2.5 for camera in urls), "the first seconds")
            hall.leap(CameraId("leaping"), 30.0)
            hall.leap(CameraId("silent_leap"), -20.0, (AUDIO,))
            hall.repeat(CameraId("repeating"))
            switch = hall.show(CameraId("changing"), "other")
            wait_until(lambda: all(kept(database, camera) >= 8.0 for camera in urls), "the rest")
        finally:
            stop.set()
            thread.join(15)
        assert not thread.is_alive()
        yield Campaign(database, recordings, with_reels, switch)
        database.close()


def site(folder: Path, urls: dict[CameraId, str]) -> tuple[Database, Path, Callable[[Event], None]]:
    """A configured site, and what records it."""
    cameras = "".join(
        f"      - {{id: {camera}, name: {{zh: 摄像机, en: Camera}}, url: '{url}',"
        f" transport: {'udp' if camera in OVER_UDP else 'tcp'}}}\n"
        for camera, url in urls.items()
    )
    configuration = parse_configuration(
        f"""
site:
  data: {folder / "data"}
  capture: {{segment_seconds: 3, stall_seconds: 5, retry_first_seconds: 0.2, retry_longest_seconds: 1}}
halls:
  - id: h
    name: {{zh: 大厅, en: Hall}}
    units: [{{id: u, name: {{zh: 单位, en: Unit}}}}]
    windows: [{{id: w01, number: "1", name: {{zh: 窗口, en: Window}}, unit: u}}]
    cameras:
{cameras}"""
    )
    database = Database(configuration.site.database_url)
    database.migrate()
    with database.write() as tx:
        configurations.apply(tx, configuration, SystemClock().now())

    def capturing(stop: Event) -> None:
        run_capture(configuration, database, NOWHERE, SystemClock(), stop)

    return database, configuration.site.disks[0], capturing


def kept(database: Database, camera: CameraId) -> float:
    """How many seconds of a camera are in finished segments."""
    now, day = SystemClock().now(), timedelta(days=1)
    with database.read() as tx:
        return sum(
            segment.media_duration for segment in recording.segments_between(tx, camera, now - day, now + day)
        )


def wait_until(happened: Callable[[], object], what: str, seconds: float = 30.0) -> None:
    limit = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < limit, f"not within {seconds:g} s: {what}"
        time.sleep(0.05)


def pictures(path: Path) -> list[tuple[float, bytes, bool]]:
    """Time of showing, data and whether it is a key frame, of each picture in a file."""
    with av.open(str(path)) as container:
        return [
            (float((packet.pts or 0) * packet.time_base), bytes(packet), packet.is_keyframe)
            for packet in container.demux(container.streams.video[0])
            if packet.size
        ]


def frames(path: Path, kind: str) -> list[VideoFrame | AudioFrame | SubtitleSet]:
    """Everything of one kind in a file, decoded; an error of any decoder ends the test."""
    with av.open(str(path)) as container:
        stream = next(stream for stream in container.streams if stream.type == kind)
        stream.codec_context.thread_count = 1
        return list(container.decode(stream))


def units(data: bytes) -> list[bytes]:
    """The NAL units of the picture itself behind their lengths; the test cameras leave remarks (SEI) out."""
    found, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 4])
        found.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    return [unit for unit in found if unit[0] & 0x1F in (1, 5) or unit[0] >> 1 in (0, 1, 8, 9, 19, 20, 21)]


def onsets(path: Path) -> list[float]:
    """When the beeps in a file begin, in seconds of its media time."""
    decoded = [frame for frame in frames(path, "audio") if isinstance(frame, AudioFrame)]
    found: list[float] = []
    quiet_until = -1.0
    for frame in decoded:
        samples = frame.to_ndarray().astype(np.float64)
        if not frame.format.is_planar:
            samples = samples.reshape(-1, len(frame.layout.channels)).T
        scale = 32768.0 if frame.format.name.startswith("s16") else 1.0
        loud = np.flatnonzero(np.abs(samples[0]) > 0.1 * scale) / frame.sample_rate + float(frame.time or 0.0)
        for at in loud:
            if at - quiet_until > 0.5:
                found.append(float(at))
            quiet_until = float(at)
    return found


def assert_unbroken(recorded: Recorded) -> None:
    """No overlap, no second without a segment or a gap, seamless within a run."""
    segments = recorded.segments
    assert len(segments) >= 3
    for before, after in pairwise(segments):
        assert before.interval.end is not None
        assert after.interval.start >= before.interval.end
        if before.run == after.run:
            assert after.interval.start == before.interval.end
    covered = [segment.interval for segment in segments] + [gap.interval for gap in recorded.gaps]
    whole = Interval(segments[0].interval.start, segments[-1].interval.end)
    assert list(uncovered(whole, covered)) == []


def assert_pictures_untouched(recorded: Recorded, reel: str = "one", run: int = 0) -> None:
    """The pictures of a run are those of the reel, each once, in order, and all decode."""
    sent = load(recorded.reels[reel])
    segments = [one for one in recorded.segments if one.run == recorded.runs[run].id]
    kept: list[list[bytes]] = []
    for segment in segments:
        path = recorded.path(segment)
        found = pictures(path)
        assert found[0][2], "a segment begins with a key frame"
        assert len(frames(path, "video")) == len(found)
        times = sorted(at for at, _, _ in found)
        if segment is segments[-1] and sent.reorder:
            # The stream ended before the pictures that are shown before the last one came.
            times = times[: -1 - sent.reorder]
        assert [after - before for before, after in pairwise(times)] == pytest.approx(
            [1 / RATE] * (len(times) - 1), abs=0.01
        )
        kept += [units(data) for _, data, _ in found]
    assert len(kept) == round(sum(segment.media_duration for segment in segments) * RATE)
    reel_units = [units(data) for data in reel_pictures(recorded.reels[reel])]
    assert len(reel_units) == len(sent.pictures)
    first = reel_units.index(kept[0])
    assert kept == [reel_units[(first + place) % len(reel_units)] for place in range(len(kept))]


def reel_pictures(path: Path) -> list[bytes]:
    return [data for _, data, _ in pictures(path)]


def assert_in_step(recorded: Recorded, run: int = 0) -> int:
    """Each beep is heard at the key frame with which its second begins; how many were found."""
    heard: list[float] = []
    for segment in recorded.segments:
        if segment.run != recorded.runs[run].id or not segment.has_audio:
            continue
        path = recorded.path(segment)
        keys = [at for at, _, is_key in pictures(path) if is_key]
        for onset in onsets(path):
            nearest = min((onset - key for key in keys), key=abs)
            if onset > 0.2 and abs(nearest) < 0.5:
                heard.append(nearest)
    assert all(abs(apart) < IN_STEP for apart in heard), heard
    return len(heard)


@pytest.mark.slow
@pytest.mark.parametrize("name", WITH_BOTH)
def test_picture_and_sound_are_kept_as_they_were_and_in_step(campaign: Campaign, name: str) -> None:
    recorded = campaign.of(name)
    assert_unbroken(recorded)
    assert_pictures_untouched(recorded)
    assert assert_in_step(recorded) >= 3
    assert all(segment.has_picture for segment in recorded.segments)
    assert len(recorded.runs) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "codec", "layout", "rate"),
    [
        ("stereo", "aac", "stereo", 48_000),
        ("opus_stereo", "opus", "stereo", 48_000),
        ("alaw", "aac", "mono", 16_000),
        ("mulaw", "aac", "mono", 16_000),
    ],
)
def test_sound_is_what_the_camera_sent(
    campaign: Campaign, name: str, codec: str, layout: str, rate: int
) -> None:
    recorded = campaign.of(name)
    with av.open(str(recorded.path(recorded.segments[1]))) as container:
        context = container.streams.audio[0].codec_context
        assert (context.name, context.layout.name, context.sample_rate) == (codec, layout, rate)


@pytest.mark.slow
def test_a_camera_without_sound_is_recorded(campaign: Campaign) -> None:
    recorded = campaign.of("silent")
    assert_unbroken(recorded)
    assert_pictures_untouched(recorded)
    assert not any(segment.has_audio for segment in recorded.segments)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sound_only", "sound_g711"])
def test_sound_without_a_picture_is_recorded_in_segments(campaign: Campaign, name: str) -> None:
    recorded = campaign.of(name)
    assert_unbroken(recorded)
    for segment in recorded.segments:
        assert segment.has_audio
        assert not segment.has_picture
        decoded = [
            frame for frame in frames(recorded.path(segment), "audio") if isinstance(frame, AudioFrame)
        ]
        heard = sum(frame.samples for frame in decoded) / decoded[0].sample_rate
        assert heard == pytest.approx(segment.media_duration, abs=0.07)
        assert [part.duration for part in segment.fragments[:-1]] == pytest.approx(
            [2.0] * (len(segment.fragments) - 1), abs=0.1
        )
    middle = recorded.segments[1]
    assert middle.media_duration == pytest.approx(3.0, abs=1.1)


@pytest.mark.slow
def test_nothing_is_recorded_before_the_first_key_frame(campaign: Campaign) -> None:
    recorded = campaign.of("no_key")
    first = pictures(recorded.path(recorded.segments[0]))[0]
    assert first[2]
    assert recorded.runs[0].interval.start == recorded.segments[0].interval.start


@pytest.mark.slow
@pytest.mark.parametrize("name", ["late", "late_untold"])
def test_sound_that_starts_later_is_not_shifted_to_the_start(campaign: Campaign, name: str) -> None:
    recorded = campaign.of(name)
    with av.open(str(recorded.path(recorded.segments[0]))) as container:
        packet = next(packet for packet in container.demux(container.streams.audio[0]) if packet.size)
        begins = float((packet.pts or 0) * packet.time_base)
    assert begins == pytest.approx(1.5, abs=0.25)


@pytest.mark.slow
def test_a_picture_that_changes_in_the_middle_begins_a_new_run_without_a_loss(campaign: Campaign) -> None:
    recorded = campaign.of("changing")
    assert_unbroken(recorded)
    old, new = recorded.runs
    assert old.ended_because == "picture_changed"
    assert old.interval.end == new.interval.start
    assert abs((new.interval.start - campaign.switch.at).total_seconds()) < 0.1
    assert_pictures_untouched(recorded, "one", 0)
    assert_pictures_untouched(recorded, "other", 1)
    assert assert_in_step(recorded, 0) + assert_in_step(recorded, 1) >= 4
    assert [(run.tracks[0].width, run.tracks[0].height) for run in (old, new)] == [(320, 180), (480, 270)]
    after = next(segment for segment in recorded.segments if segment.run == new.id)
    with av.open(str(recorded.path(after))) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (480, 270)


@pytest.mark.slow
def test_times_that_leap_begin_a_new_run_at_the_right_time(campaign: Campaign) -> None:
    recorded = campaign.of("leaping")
    assert_unbroken(recorded)
    old, new = recorded.runs[0], recorded.runs[-1]
    assert old.ended_because == "timestamp_jump"
    lost = (new.interval.start - ended(old)).total_seconds()
    assert 0 <= lost < 1.3  # up to the next key frame
    for place in range(len(recorded.runs)):
        assert_pictures_untouched(recorded, run=place)
    assert assert_in_step(recorded, 0) >= 2
    assert assert_in_step(recorded, len(recorded.runs) - 1) >= 1


@pytest.mark.slow
def test_sound_whose_times_alone_leap_stays_with_the_picture(campaign: Campaign) -> None:
    recorded = campaign.of("silent_leap")
    assert_unbroken(recorded)
    assert recorded.runs[0].ended_because == "timestamp_jump"
    assert assert_in_step(recorded, 0) >= 2
    assert assert_in_step(recorded, len(recorded.runs) - 1) >= 1


@pytest.mark.slow
def test_times_that_repeat_lose_no_picture(campaign: Campaign) -> None:
    recorded = campaign.of("repeating")
    assert_unbroken(recorded)
    kept = [units(data) for one in recorded.segments for _, data, _ in pictures(recorded.path(one))]
    reel_units = [units(data) for data in reel_pictures(recorded.reels["one"])]
    first = reel_units.index(kept[0])
    assert kept == [reel_units[(first + place) % len(reel_units)] for place in range(len(kept))]
    assert len(recorded.runs) == 1


def ended(run: Run) -> datetime:
    assert run.interval.end is not None
    return run.interval.end
