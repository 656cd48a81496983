"""A file without its sound: as long as it was, every picture where it was, and not a byte of the sound."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capture.mp4.read import read_index
from console.replay.picture_only import pieces
from hall.errors import MediaError
from hall.interval import Interval
from hall.media import Segment, Track, TrackKind
from hall.names import CameraId, ObjectKey, RunId, SegmentId
from tests.media import film
from tests.recorded import packets_of
from tests.unit.capture.test_strip import pictures, samples, whole

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
Fragments = list[list[list[tuple[bytes, int, int]]]]


@pytest.fixture(scope="module")
def tracks(tmp_path_factory: pytest.TempPathFactory) -> list[Track]:
    return packets_of(film(tmp_path_factory.mktemp("reel") / "reel.mov", seconds=1))[0]


def segment_of(data: bytes) -> Segment:
    index = read_index(io.BytesIO(data))
    return Segment(
        id=SegmentId("s"),
        run=RunId("r"),
        camera=CameraId("c"),
        sequence=0,
        interval=Interval(START, START + timedelta(seconds=1)),
        media_duration=1.0,
        size=len(data),
        sha256=b"",
        key=ObjectKey("k"),
        header_size=index.header_size,
        fragments=index.fragments,
        has_audio=True,
    )


def part(data: bytes, segment: Segment, first: int, last: int) -> bytes:
    return b"".join(pieces(segment, lambda start, end: data[start:end], first, last))


def heard() -> st.SearchStrategy[list[tuple[bytes, int, int]]]:
    """Sound that would be found anywhere: twelve bytes of it are like nothing else in the file."""
    unit = st.tuples(
        st.integers(12, 200).map(lambda length: b"\xa5" * length), st.integers(1, 2048), st.just(0)
    )
    return st.lists(unit, max_size=6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fragments=st.lists(st.tuples(pictures(), heard()).map(list), min_size=1, max_size=5),
    ends=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_not_a_byte_of_the_sound_is_left_and_no_picture_moves(
    tracks: list[Track], fragments: Fragments, ends: tuple[float, float]
) -> None:
    data = whole(tracks, fragments)
    segment = segment_of(data)
    silent = part(data, segment, 0, len(data))
    assert len(silent) == len(data)
    assert b"\xa5" * 12 not in silent
    assert samples(silent, TrackKind.VIDEO) == samples(data, TrackKind.VIDEO)
    assert samples(silent, TrackKind.AUDIO) == []
    first, last = sorted(round(end * len(data)) for end in ends)
    assert part(data, segment, first, last) == silent[first:last]


def test_what_the_index_does_not_know_is_not_given_out(tracks: list[Track]) -> None:
    data = whole(tracks, [[[(b"\0\0\0\1p", 1000, 0)], [(b"\xa5" * 12, 1024, 0)]]])
    segment, more = segment_of(data), data + b"a fragment that was broken off"
    assert part(more, segment, 0, len(more)) == part(data, segment, 0, len(data)) + bytes(30)


@pytest.mark.parametrize("cut", [5, 40])
def test_a_file_that_is_not_as_it_was_entered_gives_nothing(tracks: list[Track], cut: int) -> None:
    data = whole(tracks, [[[(b"\0\0\0\1p", 1000, 0)], [(b"\xa5" * 12, 1024, 0)]]])
    segment = segment_of(data)
    with pytest.raises(MediaError):
        list(pieces(segment, partial(slice_of, data[cut:]), 0, len(data)))


def slice_of(data: bytes, start: int, end: int) -> bytes:
    return data[start:end]
