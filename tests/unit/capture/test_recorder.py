"""Segments: cut on key frames, whole, in an unbroken chain, with every packet exactly once."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from threading import Event

import av
import numpy as np
import pytest

from capture.books.books import Books
from capture.books.facts import FactWriter
from capture.books.logbook import Logbook
from capture.mp4.read import read_index
from capture.record.objects import LocalObjects
from capture.sources.file import FileSource
from capture.time.anchor import Anchor, Arrival
from capture.time.timeline import Timeline
from capture.writing.recorder import Recorder
from capture.writing.segment_file import Inscription
from hall.clock import SimulatedClock, SystemClock
from hall.errors import SourceEnded
from hall.media import Packet, Segment, Track, TrackKind
from hall.names import CameraId, HallId
from hall.place import Camera, Text
from store import catalogue, recording
from store.database import Database
from tests.media import film

CAMERA = CameraId("cam-1")


@pytest.fixture(scope="module")
def reels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reels")
    return {
        "aac": film(folder / "aac.mov"),
        "g711": film(folder / "g711.mov", "pcm_alaw"),
        "silent": film(folder / "silent.mov", ""),
        "b_frames": film(folder / "b.mov", b_frames=2),
    }


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    database.migrate()
    yield database
    database.close()


def packets_of(path: Path) -> tuple[list[Track], list[Packet]]:
    camera = Camera(id=CAMERA, name=Text(zh="一", en="one"), url=str(path))
    packets: list[Packet] = []
    with FileSource(SystemClock(), speed=1e9).open(camera, Event()) as stream:
        tracks = list(stream.tracks)
        with suppress(SourceEnded):
            packets.extend(stream)
    ticks = {track.index: track.time_base[0] / track.time_base[1] for track in tracks}
    timed = [replace(packet, arrived=packet.dts * ticks[packet.track] + 10) for packet in packets]
    return tracks, timed


def record(
    database: Database, root: Path, tracks: list[Track], packets: list[Packet], segment_seconds: float = 3
) -> list[Segment]:
    clock = SimulatedClock()
    clock.advance(10)
    facts = FactWriter(database)
    anchor = Anchor(clock, [Arrival(0.0, 10.0)])
    books = Books(facts, Logbook((root,), clock), HallId("h"))
    recorder = Recorder(HallId("h"), CAMERA, tracks, anchor, LocalObjects(root), books, segment_seconds)
    timeline = Timeline(tracks)
    for packet in packets:
        if (mended := timeline.take(packet)) is not None:
            recorder.take(mended)
    recorder.finish("stopped")
    assert facts.close(5)
    with database.read() as tx:
        day = timedelta(days=1)
        return recording.segments_between(tx, CAMERA, clock.now() - day, clock.now() + day)


def probe(path: Path, entries: str) -> list[dict[str, str | int]]:
    command = ["ffprobe", "-v", "error", "-show_entries", f"packet={entries}", "-of", "json", str(path)]
    done = subprocess.run(command, capture_output=True, check=True, timeout=30)
    assert done.stderr == b""
    packets: list[dict[str, str | int]] = json.loads(done.stdout)["packets"]
    return packets


def media(path: Path, kind: str) -> list[tuple[int, bytes]]:
    with av.open(str(path)) as container:
        streams = [stream for stream in container.streams if stream.type == kind]
        return [(packet.dts or 0, bytes(packet)) for packet in container.demux(streams) if packet.size]


def payloads(tracks: list[Track], packets: list[Packet], kind: TrackKind) -> list[bytes]:
    return [packet.data for packet in packets if packet.kind is kind]


@pytest.mark.parametrize("reel", ["aac", "silent", "b_frames"])
def test_every_packet_is_recorded_once_and_untouched(
    reels: dict[str, Path], database: Database, tmp_path: Path, reel: str
) -> None:
    tracks, packets = packets_of(reels[reel])
    segments = record(database, tmp_path, tracks, packets)
    assert len(segments) >= 3
    pictures = [data for segment in segments for _, data in media(tmp_path / segment.key, "video")]
    expected = [data for _, data in media(reels[reel], "video")]
    assert pictures == expected
    if reel != "silent":
        blocks = [data for segment in segments for _, data in media(tmp_path / segment.key, "audio")]
        assert blocks == [data for _, data in media(reels[reel], "audio")][-len(blocks) :]
        assert len(blocks) >= 124


def test_the_chain_is_unbroken_and_cut_on_key_frames(
    reels: dict[str, Path], database: Database, tmp_path: Path
) -> None:
    segments = record(database, tmp_path, *packets_of(reels["aac"]))
    for before, after in pairwise(segments):
        assert before.interval.end == after.interval.start
        assert after.sequence == before.sequence + 1
    assert sum(segment.media_duration for segment in segments) == pytest.approx(8.0, abs=0.001)
    for segment in segments:
        path = tmp_path / segment.key
        assert segment.sha256 == hashlib.sha256(path.read_bytes()).digest()
        assert segment.size == path.stat().st_size
        first = probe(path, "stream_index,pts_time,flags")[0]
        assert str(first["flags"]).startswith("K")
        assert float(first["pts_time"]) == 0.0
        lasts = (segment.interval.duration()).total_seconds()
        assert lasts == pytest.approx(segment.media_duration, rel=500e-6, abs=2e-6)


def test_the_index_names_the_bytes_of_every_fragment(
    reels: dict[str, Path], database: Database, tmp_path: Path
) -> None:
    for segment in record(database, tmp_path, *packets_of(reels["aac"])):
        data = (tmp_path / segment.key).read_bytes()
        place = segment.header_size
        assert data[4:8] == b"ftyp"
        for fragment in segment.fragments:
            assert fragment.offset == place
            assert data[place + 4 : place + 8] == b"moof"
            place += fragment.size
        assert place == segment.size
        keys = [
            (int(packet["pos"]), float(packet["pts_time"]))
            for packet in probe(tmp_path / segment.key, "stream_index,pts_time,pos,flags")
            if packet["stream_index"] == 0 and str(packet["flags"]).startswith("K")
        ]
        assert len(keys) == len(segment.fragments)
        for (position, at), fragment in zip(keys, segment.fragments, strict=True):
            assert fragment.offset < position < fragment.offset + fragment.size
            assert at == pytest.approx(fragment.start, abs=0.001)
        with (tmp_path / segment.key).open("rb") as file:
            index = read_index(file)
        assert index.header_size == segment.header_size
        assert [(part.offset, part.size) for part in index.fragments] == [
            (part.offset, part.size) for part in segment.fragments
        ]
        assert index.media_duration == pytest.approx(segment.media_duration, abs=0.001)


def test_a_file_says_what_it_is(reels: dict[str, Path], database: Database, tmp_path: Path) -> None:
    tracks, packets = packets_of(reels["aac"])
    for segment in record(database, tmp_path, tracks, packets):
        with av.open(str(tmp_path / segment.key)) as container:
            inscription = Inscription.of(container.metadata["comment"])
        assert (inscription.hall, inscription.camera, inscription.run) == ("h", CAMERA, segment.run)
        assert inscription.sequence == segment.sequence
        assert inscription.start_utc == segment.interval.start
        assert [track.codec for track in inscription.tracks] == ["h264", "aac"]


def test_g711_becomes_aac_that_stays_with_the_picture(
    reels: dict[str, Path], database: Database, tmp_path: Path
) -> None:
    segments = record(database, tmp_path, *packets_of(reels["g711"]))
    assert all(segment.has_audio for segment in segments)
    for segment in segments:
        with av.open(str(tmp_path / segment.key)) as container:
            stream = container.streams.audio[0]
            assert (stream.codec_context.name, stream.codec_context.layout.name) == ("aac", "mono")
            frames = list(container.decode(stream))
            samples, rate = np.concatenate([frame.to_ndarray()[0] for frame in frames]), stream.sample_rate
            beginning = frames[0].time or 0.0
        loud = np.flatnonzero(np.abs(samples) > 0.1) / rate + beginning
        onsets = [at for before, at in pairwise(loud) if at - before > 0.5]
        assert len(onsets) >= int(segment.media_duration) - 1
        for onset in onsets:
            assert abs(onset - round(onset)) < 0.04


def test_a_run_is_known_and_ended_with_its_reason(
    reels: dict[str, Path], database: Database, tmp_path: Path
) -> None:
    segments = record(database, tmp_path, *packets_of(reels["silent"]))
    with database.read() as tx:
        assert recording.open_runs(tx, CAMERA) == []
    assert isinstance(segments[0].run, str)
    assert {segment.run for segment in segments} == {segments[0].run}


def test_a_changed_picture_begins_a_new_run_where_the_old_one_ends(
    reels: dict[str, Path], database: Database, tmp_path: Path
) -> None:
    tracks, packets = packets_of(reels["aac"])
    sets = tracks[0].extradata
    keys = [place for place, packet in enumerate(packets) if packet.is_key and packet.kind is TrackKind.VIDEO]
    inside = list(packets)
    for key in keys:
        inside[key] = replace(packets[key], data=sets + packets[key].data)
    changed = bytearray(sets)
    changed[-1] ^= 0x10
    inside[keys[4]] = replace(packets[keys[4]], data=bytes(changed) + packets[keys[4]].data)
    segments = record(database, tmp_path, tracks, inside, 60)
    assert [round(segment.media_duration, 3) for segment in segments] == [4.0, 1.0, 3.0]
    assert all(before.interval.end == after.interval.start for before, after in pairwise(segments))
    assert len({segment.run for segment in segments}) == 3
    assert {segment.sequence for segment in segments} == {0}
    for kind in ("video", "audio"):
        recorded = [data for segment in segments for _, data in media(tmp_path / segment.key, kind)]
        sent = payloads(tracks, packets, TrackKind(kind))
        assert len(recorded) == len(sent) - (kind == "audio")  # the encoder's first block is before the start
    with database.read() as tx:
        runs = [catalogue.run(tx, segment.run) for segment in segments]
    reasons = [run.ended_because if run else "" for run in runs]
    assert reasons == ["picture_changed", "picture_changed", "stopped"]


def test_a_camera_with_hardly_any_key_frames_is_on_the_disk_every_ten_seconds(
    reels: dict[str, Path], database: Database, tmp_path: Path
) -> None:
    tracks, packets = packets_of(reels["silent"])
    ticks = tracks[0].time_base[1] // tracks[0].time_base[0]
    long = []
    for number in range(35 * 2):
        packet = packets[number % 15] if number == 0 else packets[1 + number % 14]
        at = number * ticks // 2
        long.append(replace(packet, pts=at, dts=at, is_key=number == 0, arrived=number / 2))
    (segment,) = record(database, tmp_path, tracks, long)
    assert [round(fragment.duration) for fragment in segment.fragments] == [10, 10, 10, 5]


def test_nothing_is_recorded_before_the_first_key_frame(
    reels: dict[str, Path], database: Database, tmp_path: Path
) -> None:
    tracks, packets = packets_of(reels["aac"])
    begun = [packet for packet in packets if packet.kind is TrackKind.AUDIO or packet.pts > 0]
    segments = record(database, tmp_path, tracks, begun)
    assert sum(segment.media_duration for segment in segments) == pytest.approx(7.0, abs=0.001)
