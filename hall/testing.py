"""Conformance suites: what everybody's implementation of a port must do, built in or foreign.

A suite is a class of tests. Derive from it under a name that begins with `Test`, say how to make the thing,
and any test runner that knows pytest's naming runs it:

    class TestMySource(StreamSourceSuite):
        def source(self) -> StreamSource: return MySource()
        def camera(self) -> Camera: ...            # delivers at least three seconds of picture
        def missing_camera(self) -> Camera: ...    # is not there
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from threading import Event, Timer
from typing import TYPE_CHECKING

from hall.clock import Clock, SystemClock
from hall.errors import DetectorError, NotFound, RecordingError, SourceEnded, SourceError
from hall.media import Packet, Track, TrackKind
from hall.names import ObjectKey
from hall.place import Camera
from hall.ports import Detection, Detector, ObjectStore, StreamSource

if TYPE_CHECKING:
    from hall.ports import Picture

LONGEST_OPEN = 20.0
PROMPT = 2.0


class StreamSourceSuite(ABC):
    """What a StreamSource must do."""

    tracks: Sequence[Track]
    packets: list[Packet]
    looked_at: tuple[float, float]

    @abstractmethod
    def source(self) -> StreamSource:
        """A new source."""

    @abstractmethod
    def camera(self) -> Camera:
        """A camera that delivers pictures for three seconds or longer."""

    @abstractmethod
    def missing_camera(self) -> Camera:
        """A camera that this source cannot open, because it is not there."""

    def clock(self) -> Clock:
        """The clock by which packets arrive."""
        return SystemClock()

    def test_tracks_are_known_before_the_first_packet(self) -> None:
        """Recording needs the codecs and sizes at once."""
        with self.source().open(self.camera(), Event()) as stream:
            tracks = list(stream.tracks)
        assert tracks
        assert len({track.index for track in tracks}) == len(tracks)
        for track in tracks:
            assert track.codec
            assert min(track.time_base) > 0
            if track.kind is TrackKind.VIDEO:
                assert track.width > 0
                assert track.height > 0
            else:
                assert track.sample_rate > 0
                assert track.channels > 0

    def test_every_packet_belongs_to_a_track_and_holds_data(self) -> None:
        """And its kind is that of its track."""
        tracks, packets = self._some()
        kinds = {track.index: track.kind for track in tracks}
        assert packets
        for packet in packets:
            assert packet.data
            assert kinds[packet.track] is packet.kind

    def test_pictures_begin_with_start_codes_and_some_are_keys(self) -> None:
        """H.264 and H.265 travel as Annex B."""
        tracks, packets = self._some()
        coded = {track.index for track in tracks if track.codec in ("h264", "hevc")}
        pictures = [packet for packet in packets if packet.track in coded]
        assert all(packet.data.startswith((b"\0\0\1", b"\0\0\0\1")) for packet in pictures)
        assert not pictures or any(packet.is_key for packet in pictures)

    def test_decoding_times_grow_within_a_track(self) -> None:
        """The first ones may repeat, before a camera has told its clock."""
        tracks, packets = self._some()
        for track in tracks:
            times = [packet.dts for packet in packets if packet.track == track.index]
            assert times == sorted(times)

    def test_arrivals_are_monotonic_and_now(self) -> None:
        """By the clock of durations, not that of the wall."""
        _, packets = self._some()
        arrivals = [packet.arrived for packet in packets]
        before, after = self.looked_at
        assert arrivals == sorted(arrivals)
        assert before <= arrivals[0]
        assert arrivals[-1] <= after

    def test_stop_ends_a_stream_promptly_and_without_an_error(self) -> None:
        """A process has seconds to end, not minutes."""
        stop = Event()
        with self.source().open(self.camera(), stop) as stream:
            timer = Timer(0.5, stop.set)
            timer.start()
            for _ in stream:
                pass
            began = self.clock().monotonic()
        timer.join()
        assert stop.is_set()
        assert self.clock().monotonic() - began < PROMPT

    def test_a_camera_that_is_not_there_is_a_source_error(self) -> None:
        """In bounded time, and with words that hold no secret."""
        camera = self.missing_camera()
        began = self.clock().monotonic()
        refusal: SourceError | None = None
        try:
            with self.source().open(camera, Event()):
                pass
        except SourceError as error:
            refusal = error
        assert refusal is not None
        assert str(refusal)
        assert camera.url not in str(refusal)
        assert self.clock().monotonic() - began < LONGEST_OPEN

    def test_ten_connections_in_a_row_all_deliver(self) -> None:
        """Cameras come and go."""
        source, camera = self.source(), self.camera()
        for _ in range(10):
            with source.open(camera, Event()) as stream:
                assert next(iter(stream)).data

    def _some(self, count: int = 40) -> tuple[Sequence[Track], list[Packet]]:
        """The same first packets for every test of a suite: opening a camera takes seconds."""
        suite = type(self)
        if "looked_at" not in vars(suite):
            before = self.clock().monotonic()
            suite.tracks, suite.packets = self._look(count)
            suite.looked_at = (before, self.clock().monotonic())
        return suite.tracks, suite.packets

    def _look(self, count: int) -> tuple[Sequence[Track], list[Packet]]:
        packets: list[Packet] = []
        with self.source().open(self.camera(), Event()) as stream:
            tracks = list(stream.tracks)
            try:
                packets.extend(islice(stream, count))
            except SourceEnded:
                assert packets, "the source ended before its first packet"
        return tracks, packets


KEY_POINTS = 17
"""Of the COCO model, when a detector gives key points at all."""


class DetectorSuite(ABC):
    """What a Detector must do."""

    @abstractmethod
    def detector(self) -> Detector:
        """The detector, ready to work."""

    @abstractmethod
    def one_person(self) -> Picture:
        """A picture (H×W×3, uint8, BGR) that shows one person, easy to find, in its middle."""

    @abstractmethod
    def nobody(self) -> Picture:
        """A picture of the same form that shows things, but nobody."""

    def test_it_names_itself_and_its_version(self) -> None:
        """The name is stored with every observation."""
        name, at, version = self.detector().name.partition("@")
        assert name
        assert at
        assert version

    def test_a_person_is_found_where_they_are(self) -> None:
        """The box holds the middle of the picture."""
        found = self._asked([self.one_person()])[0]
        assert len(found) == 1
        left, top, right, bottom = found[0].box
        assert left < 0.5 < right
        assert top < 0.5 < bottom

    def test_nobody_is_found_where_nobody_is(self) -> None:
        """Furniture is no clerk."""
        assert self._asked([self.nobody()]) == [[]]

    def test_every_crop_has_its_own_answer_in_order(self) -> None:
        """Whatever stands beside it in the batch."""
        crops = [self.nobody(), self.one_person(), self.nobody(), self.one_person()]
        assert [len(found) for found in self._asked(crops)] == [0, 1, 0, 1]

    def test_no_crops_have_no_answers(self) -> None:
        """A picture without change asks nothing."""
        assert self.detector().detect([]) == []

    def test_the_same_picture_gives_the_same_answer(self) -> None:
        """Whatever was asked in between."""
        detector = self.detector()
        first = detector.detect([self.one_person()])
        detector.detect([self.nobody()])
        assert detector.detect([self.one_person()]) == first

    def test_a_picture_stays_as_it_was(self) -> None:
        """Others look at it too."""
        picture = self.one_person()
        before = picture.copy()
        self.detector().detect([picture])
        assert (picture == before).all()

    def test_crops_of_any_size_and_shape_are_answered(self) -> None:
        """A single pixel, a narrow strip, a view into a larger picture."""
        picture = self.one_person()
        crops = [picture[:1, :1], picture[:, :3], picture[:2], picture[::2, 1::2]]
        assert len(self._asked(crops)) == len(crops)

    def test_a_crop_without_pixels_is_a_detector_error(self) -> None:
        """Rather than an answer that looks like an empty zone."""
        refused = ""
        try:
            self.detector().detect([self.nobody()[:0]])
        except DetectorError as error:
            refused = str(error)
        assert refused

    def _asked(self, crops: Sequence[Picture]) -> list[list[Detection]]:
        answers = self.detector().detect(crops)
        assert len(answers) == len(crops)
        for found in answers:
            plausible(found)
        return answers


def plausible(found: Sequence[Detection]) -> None:
    """Assert that all this can be true of one crop."""
    for person in found:
        left, top, right, bottom = person.box
        assert 0 <= left <= right <= 1
        assert 0 <= top <= bottom <= 1
        assert 0 < person.score <= 1
        assert len(person.key_points) in (0, KEY_POINTS)
        assert all(0 <= point.x <= 1 and 0 <= point.y <= 1 for point in person.key_points)


class ObjectStoreSuite(ABC):
    """What an ObjectStore must do."""

    KEY = ObjectKey("cam-1/2026/03/05/one.mp4")
    CONTENT = bytes(range(256)) * 40

    @abstractmethod
    def store(self) -> ObjectStore:
        """A store that holds nothing yet, or none of what this suite puts into it."""

    @abstractmethod
    def finished(self, content: bytes) -> Path:
        """A finished local file, where the store takes files from."""

    def test_what_was_put_is_read_back(self) -> None:
        """To the last byte."""
        with self._holding(self.CONTENT).open(self.KEY) as file:
            assert file.read() == self.CONTENT

    def test_a_byte_range_is_half_open(self) -> None:
        """Its end is the first byte that is not read."""
        store = self._holding(self.CONTENT)
        for start, end in ((0, 1), (100, 300), (5, 5), (0, len(self.CONTENT))):
            with store.open(self.KEY, (start, end)) as part:
                assert part.read() == self.CONTENT[start:end]

    def test_a_byte_range_beyond_the_end_gives_what_is_there(self) -> None:
        """A file may be shorter than a reader believes."""
        size = len(self.CONTENT)
        with self._holding(self.CONTENT).open(self.KEY, (size - 3, size + 50)) as part:
            assert part.read() == self.CONTENT[-3:]

    def test_putting_again_replaces(self) -> None:
        """Whole: nothing of the longer one before it stays."""
        store = self._holding(self.CONTENT)
        store.put(self.KEY, self.finished(b"shorter"))
        with store.open(self.KEY) as file:
            assert file.read() == b"shorter"

    def test_a_deleted_file_is_gone_and_others_stay(self) -> None:
        """And deleting what is not there is no error."""
        store, other = self._holding(self.CONTENT), ObjectKey(f"{self.KEY}.other")
        store.put(other, self.finished(b"other"))
        store.delete(self.KEY)
        store.delete(self.KEY)
        assert not self._has(store, self.KEY)
        with store.open(other) as file:
            assert file.read() == b"other"

    def test_what_was_never_put_is_not_found(self) -> None:
        """Nor is a part of it."""
        store = self.store()
        assert not self._has(store, self.KEY)
        assert not self._has(store, self.KEY, (0, 10))

    def test_a_file_that_is_not_there_cannot_be_put(self) -> None:
        """And leaves nothing under its key."""
        store, path = self.store(), self.finished(b"gone")
        path.unlink()
        refused = ""
        try:
            store.put(self.KEY, path)
        except RecordingError as error:
            refused = str(error)
        assert refused
        assert not self._has(store, self.KEY)

    def _holding(self, content: bytes) -> ObjectStore:
        store = self.store()
        store.put(self.KEY, self.finished(content))
        return store

    @staticmethod
    def _has(store: ObjectStore, key: ObjectKey, byte_range: tuple[int, int] | None = None) -> bool:
        try:
            store.open(key, byte_range).close()
        except NotFound:
            return False
        return True
