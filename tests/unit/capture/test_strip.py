"""Stripping: one kind of track goes, and of the other not a byte or a tick changes."""

from __future__ import annotations

import io

import av
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capture.mp4.fragment import TrackPart, fragment
from capture.mp4.header import file_header
from capture.mp4.read import read_index
from capture.mp4.strip import strip
from hall.errors import MediaError
from hall.media import Track, TrackKind
from tests.media import film
from tests.recorded import packets_of

COMMENT = '{"camera":"cam-1"}'
Samples = list[tuple[bytes, int | None, int | None, int | None, bool]]


@pytest.fixture(scope="module")
def tracks(tmp_path_factory: pytest.TempPathFactory) -> list[Track]:
    return packets_of(film(tmp_path_factory.mktemp("reel") / "reel.mov", seconds=1))[0]


def stripped(data: bytes, taken: TrackKind) -> bytes | None:
    pieces: list[bytes] = []
    return b"".join(pieces) if strip(io.BytesIO(data), taken, pieces.append) else None


def samples(data: bytes, kind: TrackKind) -> Samples:
    """What another program reads of one kind of track."""
    with av.open(io.BytesIO(data), "r") as container:
        streams = container.streams.video if kind is TrackKind.VIDEO else container.streams.audio
        return [
            (bytes(packet), packet.pts, packet.dts, packet.duration, packet.is_keyframe)
            for packet in (container.demux(streams[0]) if streams else ())
            if packet.size
        ]


def whole(tracks: list[Track], fragments: list[list[list[tuple[bytes, int, int]]]]) -> bytes:
    """A segment file: per fragment and track its samples (data, duration, shift)."""
    data = file_header(tracks, COMMENT)
    starts = [0] * len(tracks)
    for number, of_tracks in enumerate(fragments, start=1):
        parts: list[TrackPart] = []
        for place, listed in enumerate(of_tracks):
            part = TrackPart(place + 1, starts[place])
            for position, (content, duration, shift) in enumerate(listed):
                part.add([content], duration, position == 0, shift)
                starts[place] += duration
            parts.append(part)
        data += b"".join(fragment(number, parts))
    return data


def pictures() -> st.SearchStrategy[list[tuple[bytes, int, int]]]:
    unit = st.binary(min_size=5, max_size=300).map(lambda data: len(data).to_bytes(4, "big") + data)
    return st.lists(st.tuples(unit, st.integers(1, 5000), st.integers(0, 900)), min_size=1, max_size=6)


def sounds(fewest: int) -> st.SearchStrategy[list[tuple[bytes, int, int]]]:
    unit = st.tuples(st.binary(min_size=1, max_size=200), st.integers(1, 2048), st.just(0))
    return st.lists(unit, min_size=fewest, max_size=6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fragments=st.lists(st.tuples(pictures(), sounds(0)).map(list), min_size=1, max_size=6))
def test_what_stays_is_the_same_to_the_byte_and_the_tick(
    tracks: list[Track], fragments: list[list[list[tuple[bytes, int, int]]]]
) -> None:
    data = whole(tracks, fragments)
    has_sound = any(listed for _, listed in fragments)
    silent = stripped(data, TrackKind.AUDIO)
    assert silent is not None
    assert samples(silent, TrackKind.VIDEO) == samples(data, TrackKind.VIDEO)
    assert samples(silent, TrackKind.AUDIO) == []
    blind = stripped(data, TrackKind.VIDEO)
    assert (blind is not None) is has_sound
    if blind is not None:
        assert samples(blind, TrackKind.AUDIO) == samples(data, TrackKind.AUDIO)
        assert samples(blind, TrackKind.VIDEO) == []


def test_the_index_of_a_stripped_file_leads_to_its_fragments_and_keeps_the_comment(
    tracks: list[Track],
) -> None:
    data = whole(
        tracks,
        [
            [[(b"\0\0\0\1p" * 20, 1000, 0)], [(b"s" * 50, 1024, 0)]],
            [[(b"\0\0\0\1q" * 10, 1000, 0)], []],
        ],
    )
    before = read_index(io.BytesIO(data))
    silent = stripped(data, TrackKind.AUDIO)
    assert silent is not None
    after = read_index(io.BytesIO(silent))
    assert (after.comment, after.end, after.has_audio) == (COMMENT, len(silent), False)
    assert [(one.start, one.duration) for one in after.fragments] == [
        (one.start, one.duration) for one in before.fragments
    ]
    blind = stripped(data, TrackKind.VIDEO)
    assert blind is not None
    sound = read_index(io.BytesIO(blind))
    assert (sound.comment, sound.end, sound.has_audio, len(sound.fragments)) == (COMMENT, len(blind), True, 1)


def test_taking_all_there_is_leaves_nothing(tracks: list[Track]) -> None:
    picture = [track for track in tracks if track.kind is TrackKind.VIDEO]
    assert stripped(whole(picture, [[[(b"\0\0\0\1p", 1, 0)]]]), TrackKind.VIDEO) is None


@pytest.mark.parametrize("cut", [3, 600, -1])
def test_a_file_that_is_not_whole_is_refused(tracks: list[Track], cut: int) -> None:
    data = whole(tracks, [[[(b"\0\0\0\1p" * 20, 1000, 0)], [(b"s" * 50, 1024, 0)]]])
    with pytest.raises(MediaError):
        stripped(data[:cut], TrackKind.AUDIO)


def test_a_place_that_leads_out_of_the_fragment_is_refused(tracks: list[Track]) -> None:
    data = bytearray(whole(tracks, [[[(b"\0\0\0\1p" * 20, 1000, 0)], [(b"s" * 50, 1024, 0)]]]))
    trun = data.index(b"trun")
    data[trun + 12 : trun + 16] = (1 << 20).to_bytes(4, "big")
    with pytest.raises(MediaError):
        stripped(bytes(data), TrackKind.AUDIO)
