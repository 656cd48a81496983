"""A hall that is watched live and recorded at once, in simulated time: the same packets go both ways."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from analysis.detectors import open_detector
from analysis.facts import FactWriter
from analysis.picture.condition.watch import PictureWatch
from analysis.picture.frames import KeyFrameDecoder
from analysis.picture.watcher import CameraWatch
from analysis.picture.watching import PictureThread, WatchedCamera
from analysis.sound.hearing import SoundWatch
from analysis.sound.listening import HeardCamera, SoundThread
from analysis.sound.silero import Silero
from bus.subjects import tap_key
from capture.record.objects import LocalObjects
from capture.tapping.tap import Tap
from capture.time.anchor import Anchor, Arrival
from capture.writing.open_segment import OpenSegment
from capture.writing.segment_file import Inscription, SegmentFile
from hall.clock import SimulatedClock
from hall.config import load_configuration
from hall.interval import Interval
from hall.media import Packet, Run, Track, TrackKind
from hall.names import CameraId, HallId, ObjectKey, RunId, SegmentId
from store import recording
from store.database import Database
from tests.recordings import new_database
from tests.unit.analysis.pictures import empty_counter, key_frame, with_person
from tests.unit.analysis.sounds import encoded, noise, spoken

CAMERA, HALL = CameraId("cam-1"), HallId("hall")
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HALL_YAML = """\
site: {data: data, MOREanalysis: {window_samples: 3}}
halls:
  - id: hall
    name: {zh: 大厅, en: Hall}
    units: [{id: unit, name: {zh: 单位, en: Unit}}]
    windows: [{id: w01, number: "1", name: {zh: 一号, en: One}, unit: unit}]
    cameras:
      - &camera
        id: cam-1
        name: {zh: 一, en: One}
        url: rtsp://127.0.0.1/1
        sample_every: 1.0
        zones: [{id: desk, role: staff, window: w01, polygon: [[0, 0], [1, 0], [1, 1], [0, 1]]}]
      - {<<: *camera, id: cam-2, url: "rtsp://127.0.0.1/2"}
"""
TWIN = CameraId("cam-2")
KEY_EVERY = 0.5
"""Seconds between key frames: every other one is a sample."""


@dataclass
class RecordedHall:
    """The folder of a hall. Its clock, like that of the media, moves only by `show` and `nothing`.

    `url` is that of its database, by default a file in the folder; `more` stands in the site's settings.
    """

    folder: Path
    url: str = ""
    more: str = ""
    clock: SimulatedClock = field(default_factory=lambda: SimulatedClock(START))
    runs: int = 0

    def __post_init__(self) -> None:
        self.file = self.folder / "hall.yaml"
        more = f'database: "{self.url}", {self.more}' if self.url else self.more
        self.file.write_text(HALL_YAML.replace("MORE", more), encoding="utf-8")
        self.configuration = load_configuration(self.file)
        self.configuration.site.data.mkdir()
        self.objects = LocalObjects(*self.configuration.site.disks)
        self.database: Database
        if self.url:
            self.database = Database(self.url)
            self.database.migrate()
        else:
            self.database = new_database(self.configuration.site.data / "hallwatch.db")
        self._live()

    def _live(self) -> None:
        camera, settings = self.configuration.halls[0].cameras[0], self.configuration.site.analysis
        self.camera = camera
        self.facts = FactWriter(self.database, self.clock)
        watch = CameraWatch(camera, settings, settings.detector, PictureWatch(camera.id))
        self.facts.add(HALL, watch.begin([], None, self.clock.now(), self.clock.monotonic()))
        watched = {CAMERA: WatchedCamera(HALL, watch, KeyFrameDecoder(camera.zones, settings.detail))}
        self.pictures = PictureThread(watched, lambda: open_detector(settings), self.facts, self.clock)
        self.pictures._load()
        heard = SoundWatch(CAMERA, Silero(), settings.sound)
        heard.begin([], None, self.clock.monotonic())
        self.sound = SoundThread({CAMERA: HeardCamera(HALL, heard)}, self.facts, self.clock)

    def publish(self, subject: str, payload: bytes = b"") -> None:
        """What the tap sends arrives at once."""
        if subject == tap_key(CAMERA):
            self.pictures.examine([(CAMERA, payload)])
        else:
            self.sound.take(CAMERA, payload)

    def nothing(self, seconds: int) -> None:
        """The camera is away."""
        for _ in range(seconds):
            self.clock.advance(1)
            self._tick()

    def show(self, *scenes: tuple[bool, bool], seconds: int = 10, watched: int = 0) -> list[str]:
        """One connection that shows scenes (somebody there, somebody speaks), each a segment; their keys.

        Watched live is a sub-stream whose pictures are so many pixels large, if that is given.
        """
        pictures = {there: _picture(there) for there in (True, False)}
        sounds = {speaks: encoded(spoken() if speaks else noise(8, 0.003), "aac") for speaks in (True, False)}
        tracks = (pictures[True][0], _renumbered(sounds[True][0]))
        self.runs += 1
        start, zero = self.clock.now(), self.clock.monotonic()
        run = Run(RunId(f"cam-1-run-{self.runs}"), CAMERA, Interval(start), tracks)
        tap = Tap(self, self.camera, self.clock)
        small = {there: _picture(there, watched) for there in (True, False)} if watched else pictures
        tap.begin((small[True][0], tracks[1]), Anchor(self.clock, [Arrival(0.0, zero)]))
        with self.database.write() as tx:
            recording.begin_run(tx, HALL, run)
        keys = []
        for sequence, (there, speaks) in enumerate(scenes):
            packets = _packets(pictures[there][1], sounds[speaks][1], tracks, sequence * seconds, seconds)
            open_segment = self._segment(run, sequence, seconds, tracks)
            for packet in packets:
                base = tracks[packet.track].time_base
                media = packet.pts * base[0] / base[1]
                self.clock.advance(max(0.0, zero + media - self.clock.monotonic()))
                self._tick()
                tap.take(packet if packet.track else replace(packet, data=small[there][1].data))
                open_segment.add(packet, packet.duration)
            self.clock.advance(max(0.0, zero + (sequence + 1) * seconds - self.clock.monotonic()))
            keys.append(self._keep(run, open_segment))
        self.facts.write_waiting(finally_watermarks=True)
        return keys

    def _tick(self) -> None:
        self.pictures._tick()
        self.sound._tick()

    def _segment(self, run: Run, sequence: int, seconds: int, tracks: tuple[Track, ...]) -> OpenSegment:
        start = run.interval.start + timedelta(seconds=sequence * seconds)
        key = ObjectKey(f"{CAMERA}/2026/03/02/{run.id}-{sequence:06d}.mp4")
        inscription = Inscription(HALL, CAMERA, run.id, run.interval.start, sequence, start, 0.0, tracks)
        file = SegmentFile(self.objects.partial(key), tracks, inscription)
        identifier = SegmentId(f"{run.id}-{sequence:06d}")
        return OpenSegment(identifier, key, file, sequence, start, float(sequence * seconds), tracks)

    def _keep(self, run: Run, open_segment: OpenSegment) -> str:
        open_segment.write_fragment(0.0)
        segment = open_segment.finish(run.id, CAMERA, self.clock.now())
        self.objects.put(open_segment.key, open_segment.file.path)
        with self.database.write() as tx:
            recording.add_segment(tx, HALL, segment)
        return str(segment.key)

    def twin(self) -> None:
        """Another camera recorded the same, file by file."""
        start, end = START - timedelta(days=1), self.clock.now() + timedelta(days=1)
        with self.database.read() as tx:
            segments = recording.segments_between(tx, CAMERA, start, end)
        for segment in segments:
            run = RunId(segment.run.replace("cam-1", "cam-2"))
            own = replace(
                segment, id=SegmentId(f"{run}-{segment.sequence:06d}"), run=run, camera=TWIN,
                key=ObjectKey(segment.key.replace("cam-1", "cam-2")),
            )  # fmt: skip
            path = self.objects.disks[0] / own.key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.objects.path(segment.key).read_bytes())
            with self.database.write() as tx:
                if segment.sequence == 0:
                    recording.begin_run(tx, HALL, Run(run, TWIN, Interval(segment.interval.start), ()))
                recording.add_segment(tx, HALL, own)


def _picture(there: bool, side: int = 360) -> tuple[Track, Packet]:
    """A clerk fills a part of the picture; one who filled it would cover the lens."""
    return key_frame(with_person(side, side, size=0.4) if there else empty_counter(side, side))


def _renumbered(track: Track) -> Track:
    return Track(
        1,
        TrackKind.AUDIO,
        track.codec,
        track.time_base,
        track.extradata,
        sample_rate=track.sample_rate,
        channels=track.channels,
    )


def _packets(
    picture: Packet, sound: list[Packet], tracks: tuple[Track, ...], begin: int, seconds: int
) -> list[Packet]:
    """Pictures and sound of some seconds from `begin` (media time) on, in order of time."""
    made: list[tuple[float, Packet]] = []
    lasts = round(KEY_EVERY * 90_000)
    for number in range(round(seconds / KEY_EVERY)):
        pts = begin * 90_000 + number * lasts
        made.append((pts / 90_000, Packet(0, TrackKind.VIDEO, picture.data, pts, pts, lasts, True, 0.0)))
    rate = tracks[1].time_base[1]
    first = -(-begin * rate // 1024)
    for number in range(first, -(-(begin + seconds) * rate // 1024)):
        data = sound[(number - first) % len(sound)].data
        pts = number * 1024
        made.append((pts / rate, Packet(1, TrackKind.AUDIO, data, pts, pts, 1024, True, 0.0)))
    return [packet for _, packet in sorted(made, key=lambda each: each[0])]
