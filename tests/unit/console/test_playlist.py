"""Playlists: which byte ranges of which files, in which order, at which wall time."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from console.replay.playlist import compose, media_url, wall_time
from hall.interval import Interval
from hall.media import Fragment, PlayedFile
from hall.names import SegmentId
from store.recording import pack_fragments, unpack_fragments

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def played(number: int, start: float, seconds: float = 10, *, slower: float = 1.0) -> PlayedFile:
    """A file of 2 s fragments of 100 bytes behind a header of 50."""
    return PlayedFile(
        id=SegmentId(f"c1-{number}"),
        interval=Interval(after(start), after(start + seconds * slower)),
        media_duration=seconds,
        header_size=50,
        fragments=tuple(
            Fragment(50 + place * 100, 100, place * 2.0, 2.0) for place in range(int(seconds // 2))
        ),
    )


def test_only_fragments_that_overlap_the_bounds_are_listed() -> None:
    text = compose([played(0, 0), played(1, 10)], after(7), after(12), growing=False)
    assert text is not None
    assert re.findall(r"BYTERANGE:(\d+@\d+)", text) == ["100@350", "100@450", "100@50"]


def test_each_file_brings_its_header_its_wall_time_and_a_discontinuity() -> None:
    text = compose([played(0, 0), played(1, 40)], after(0), after(60), growing=False)
    assert text is not None
    lines = text.splitlines()
    assert lines.count("#EXT-X-DISCONTINUITY") == 1
    assert f'#EXT-X-MAP:URI="{media_url(SegmentId("c1-0"))}",BYTERANGE="50@0"' in lines
    assert [line for line in lines if "DATE-TIME" in line] == [
        "#EXT-X-PROGRAM-DATE-TIME:2026-03-02T01:00:00.000Z",
        "#EXT-X-PROGRAM-DATE-TIME:2026-03-02T01:00:40.000Z",
    ]
    assert lines[-1] == "#EXT-X-ENDLIST"


def test_wall_time_follows_the_drift_of_the_file() -> None:
    drifted = played(0, 0, 10, slower=1.0005)
    assert wall_time(drifted, 10.0) == drifted.interval.end
    assert wall_time(drifted, 5.0) == after(5.0025)


def test_a_growing_playlist_has_no_end() -> None:
    text = compose([played(0, 0)], after(0), after(60), growing=True)
    assert text is not None
    assert "#EXT-X-PLAYLIST-TYPE:EVENT" in text
    assert "ENDLIST" not in text


def test_nothing_recorded_makes_no_playlist() -> None:
    assert compose([], after(0), after(10), growing=False) is None
    assert compose([played(0, 0)], after(10), after(20), growing=False) is None
    assert compose([played(0, 0, 0)], after(0), after(20), growing=False) is None


def test_an_identifier_cannot_break_out_of_its_address() -> None:
    assert media_url(SegmentId('a"/../b')) == "/api/v1/segments/a%22%2F..%2Fb/media"


@given(st.floats(0, 50), st.floats(0.1, 50))
def test_what_is_listed_covers_what_is_recorded_of_the_bounds(start: float, length: float) -> None:
    files = [played(0, 0), played(1, 10), played(2, 30)]
    text = compose(files, after(start), after(start + length), growing=False)
    listed = sum(float(seconds) for seconds in re.findall(r"#EXTINF:([\d.]+)", text or ""))
    recorded = sum(max(0.0, min(start + length, begin + 10) - max(start, begin)) for begin in (0, 10, 30))
    assert listed >= recorded - 1e-3
    assert listed <= recorded + 3 * 4


def test_fragments_told_as_one_are_the_same_bytes_and_the_same_time() -> None:
    parts = (Fragment(50, 100, 0.0, 2.0), Fragment(150, 70, 2.0, 2.5), Fragment(220, 30, 4.5, 1.5))
    apart = (*parts, Fragment(300, 10, 6.0, 2.0), Fragment(310, 10, 8.0, 2.0))
    packed = pack_fragments(apart)
    assert unpack_fragments(packed) == apart
    assert unpack_fragments(packed, 4.0) == (
        Fragment(50, 170, 0.0, 4.5),
        Fragment(220, 30, 4.5, 1.5),
        Fragment(300, 20, 6.0, 4.0),
    )
    assert unpack_fragments(packed, 60.0) == (Fragment(50, 200, 0.0, 6.0), Fragment(300, 20, 6.0, 4.0))
    assert unpack_fragments("[]", 6.0) == ()


@given(
    st.lists(st.tuples(st.integers(1, 999), st.integers(0, 1), st.integers(1, 80)), max_size=40),
    st.integers(1, 90),
)
def test_however_fragments_are_told_they_are_the_same_bytes_and_the_same_time(
    drawn: list[tuple[int, int, int]], least: int
) -> None:
    """Each part but the last before a hole lasts as long as asked, and at most one fragment longer."""
    apart: list[Fragment] = []
    offset, start = 50, 0.0
    for size, hole, eighths in drawn:
        apart.append(Fragment(offset + hole, size, start, eighths / 8))
        offset, start = offset + hole + size, start + eighths / 8
    parts = unpack_fragments(pack_fragments(tuple(apart)), least / 8)

    def bytes_of(told: Iterable[Fragment]) -> list[int]:
        return [byte for one in told for byte in range(one.offset, one.offset + one.size)]

    assert bytes_of(parts) == bytes_of(apart)
    assert sum(part.duration for part in parts) == sum(one.duration for one in apart)
    begins = {one.offset: one for one in apart}
    assert all(begins[part.offset].start == part.start for part in parts)
    for part, behind in itertools.pairwise(parts):
        is_before_a_hole = part.offset + part.size != behind.offset
        assert is_before_a_hole or part.duration >= least / 8
    for part in parts:
        last = max((one for one in apart if one.offset < part.offset + part.size), key=lambda one: one.offset)
        assert part.duration - last.duration < least / 8
