"""A sub-stream by itself: begun again after every fault, described as it is, and counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from threading import Event, Thread
from typing import cast

import pytest
from prometheus_client import Counter

from capture import metrics
from capture.books.books import Books
from capture.camera import Camera
from capture.record.objects import LocalObjects
from capture.tapping.substream import SubStream, substream_of
from capture.tapping.tap import TapInput
from capture.time.anchor import Anchor
from hall.clock import SimulatedClock
from hall.config.settings import CaptureSettings
from hall.errors import SourceEnded, SourceError, SourceRefused
from hall.media import Packet, Track, TrackKind
from hall.names import CameraId, HallId
from hall.place import Camera as CameraSettings
from hall.place import Text
from hall.ports import OpenStream
from tests.media import film
from tests.unit.capture.test_recorder import packets_of

SETTINGS = CaptureSettings(retry_first_seconds=0.01, retry_longest_seconds=0.02)
CAMERA = CameraSettings(
    id=CameraId("cam-1"), name=Text(zh="一", en="one"), url="rtsp://large", substream="rtsp://small"
)
Connection = Sequence[Packet] | SourceError


class Script:
    """A source that plays prepared connections in turn, moves the clock, and stops after the last."""

    def __init__(
        self, clock: SimulatedClock, tracks: Sequence[Track], connections: Sequence[Connection]
    ) -> None:
        self.tracks = tracks
        self.asked: list[str] = []
        self._clock = clock
        self._connections = iter(connections)
        self._packets: Sequence[Packet] = ()

    @contextmanager
    def open(self, camera: CameraSettings, stop: Event) -> Iterator[OpenStream]:
        self.asked.append(camera.url)
        connection = next(self._connections, None)
        if connection is None:
            stop.set()
            connection = ()
        if isinstance(connection, SourceError):
            raise connection
        self._packets = connection
        yield self

    def __iter__(self) -> Iterator[Packet]:
        began = self._clock.monotonic()
        for packet in self._packets:
            self._clock.advance(max(0.0, began + packet.arrived - self._clock.monotonic()))
            yield replace(packet, arrived=self._clock.monotonic())
        if self._packets:
            raise SourceEnded("the script ended")


class Input:
    """Where the packets go."""

    def __init__(self) -> None:
        self.runs: list[tuple[Track, ...]] = []
        self.packets: list[list[Packet]] = []

    def begin(self, tracks: Sequence[Track], anchor: Anchor) -> None:
        assert anchor is not None
        self.runs.append(tuple(tracks))
        self.packets.append([])

    def take(self, packet: Packet) -> None:
        self.packets[-1].append(packet)


@pytest.fixture(scope="module")
def reels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[list[Track], list[Packet]]]:
    """Two reels of different sizes, their packets as they would arrive from 0 s on."""
    folder, found = tmp_path_factory.mktemp("reels"), {}
    for name, size in (("small", (320, 180)), ("other", (192, 144))):
        tracks, packets = packets_of(film(folder / f"{name}.mov", "aac", 4, size=size))
        found[name] = (tracks, [replace(packet, arrived=packet.arrived - 10) for packet in packets])
    return found


def total(counter: Counter) -> float:
    return sum(
        sample.value
        for metric in counter.collect()
        for sample in metric.samples
        if sample.name.endswith("_total") and sample.labels["camera"] == CAMERA.id
    )


def ended(thread: Thread) -> bool:
    thread.start()
    thread.join(20)
    return not thread.is_alive()


def follow(tracks: Sequence[Track], connections: Sequence[Connection]) -> tuple[Input, Script]:
    clock, taken = SimulatedClock(), Input()
    small = substream_of(CAMERA)
    assert small is not None
    script = Script(clock, tracks, connections)
    assert ended(Thread(target=SubStream(small, SETTINGS, script, taken, clock).run, args=(Event(),)))
    return taken, script


def test_every_packet_is_passed_on_in_every_connection(
    reels: dict[str, tuple[list[Track], list[Packet]]],
) -> None:
    tracks, packets = reels["small"]
    before = total(metrics.SUBSTREAM_FAILURES)
    taken, script = follow(tracks, [SourceRefused("away"), packets, SourceRefused("away"), packets])
    assert [len(run) for run in taken.packets] == [len(packets), len(packets)]
    assert set(script.asked) == {"rtsp://small"}
    assert total(metrics.SUBSTREAM_FAILURES) - before == 4


def test_a_stream_that_changes_its_picture_is_described_anew_from_the_key_frame_on(
    reels: dict[str, tuple[list[Track], list[Packet]]],
) -> None:
    tracks, first = reels["small"]
    later_tracks, second = reels["other"]
    sets = {track.index: track.extradata for track in later_tracks}
    seconds = 4
    moved = []
    for packet in second:
        base = tracks[packet.track].time_base
        ticks = seconds * base[1] // base[0]
        with_sets = packet.kind is TrackKind.VIDEO and packet.is_key
        data = (sets[packet.track] if with_sets else b"") + packet.data
        moved.append(
            replace(
                packet, data=data, pts=packet.pts + ticks, dts=packet.dts + ticks,
                arrived=packet.arrived + seconds,
            )
        )  # fmt: skip
    taken, _ = follow(tracks, [[*first, *moved]])
    pictures = [next(one for one in run if one.kind is TrackKind.VIDEO) for run in taken.runs]
    assert [picture.width for picture in pictures] == [320, 192]
    begins = next(packet for packet in taken.packets[1] if packet.kind is TrackKind.VIDEO)
    assert begins.is_key


def test_a_camera_without_a_sub_stream_has_none() -> None:
    assert substream_of(CAMERA.model_copy(update={"substream": None})) is None


def test_connections_made_again_are_counted(reels: dict[str, tuple[list[Track], list[Packet]]]) -> None:
    tracks, packets = reels["small"]
    clock, before = SimulatedClock(), total(metrics.RECONNECTS)
    script = Script(clock, tracks, [SourceRefused("away"), packets, packets, SourceRefused("away"), packets])
    watched = CAMERA.model_copy(update={"record": False})
    taken: TapInput = Input()
    camera = Camera(
        HallId("h"), watched, SETTINGS, script, cast(LocalObjects, None), cast(Books, None), taken, clock
    )
    assert ended(Thread(target=camera.run, args=(Event(),)))
    assert total(metrics.RECONNECTS) - before == 3  # the last is the script's own, which only stops
