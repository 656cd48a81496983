"""Clips: what was recorded, not a byte of picture or sound changed, and where in it the marks lie."""

from __future__ import annotations

import io
from pathlib import Path

import av
import pytest

from console.evidence.clips import ClipWriter, Piece, unbroken
from hall.errors import EvidenceError
from hall.media import Packet, Track, TrackKind
from tests.media import film
from tests.recorded import packets_of
from tests.unit.console.evidence.filmed import Filmed, after, clips, samples

Reel = tuple[list[Track], list[Packet]]


@pytest.fixture(scope="module")
def reel(tmp_path_factory: pytest.TempPathFactory) -> Reel:
    """Eight seconds, with a key frame every second."""
    return packets_of(film(tmp_path_factory.mktemp("reel") / "reel.mp4"))


@pytest.fixture(scope="module")
def larger(tmp_path_factory: pytest.TempPathFactory) -> Reel:
    """Another four seconds, of another size."""
    path = tmp_path_factory.mktemp("larger") / "larger.mp4"
    return packets_of(film(path, seconds=4, size=(640, 360)))


@pytest.mark.parametrize(
    ("audio", "b_frames", "video"), [("aac", 0, "h264"), ("opus", 2, "h264"), ("aac", 2, "hevc")]
)
def test_a_clip_over_several_files_holds_every_sample_as_recorded_and_in_step(
    tmp_path: Path, audio: str, b_frames: int, video: str
) -> None:
    filmed = Filmed(tmp_path)
    filmed.record(packets_of(film(tmp_path / "reel.mp4", audio, b_frames=b_frames, video=video)))
    [(whole, everything)] = clips(filmed.segments(), filmed.open, 0, 20)
    [(clip, data)] = clips(filmed.segments(), filmed.open, 2.3, 6.2)
    assert len(clip.sources) == 3, "segments of two seconds"
    assert 0 <= clip.mark_in < 1.1, "the next key frame before lies no further back than a second"
    shift = (clip.begins - whole.begins).total_seconds()
    for kind, tick in ((TrackKind.VIDEO, 1 / 90_000), (TrackKind.AUDIO, 1 / 8_000)):
        cut, known = samples(data, kind), samples(everything, kind)
        place = known.index(next(one for one in known if one[0] == cut[0][0]))
        assert [one[0] for one in cut] == [one[0] for one in known[place : place + len(cut)]]
        shifts = [there[1] - here[1] for here, there in zip(cut, known[place:], strict=False)]
        assert max(shifts) - min(shifts) < 2 * tick, "nothing is shown earlier or later than its neighbours"
        assert shifts[0] == pytest.approx(shift, abs=0.005)


def test_the_whole_recording_holds_every_packet_of_the_source(tmp_path: Path, reel: Reel) -> None:
    filmed = Filmed(tmp_path)
    filmed.record(reel)
    [(clip, data)] = clips(filmed.segments(), filmed.open, 0, 20)
    assert clip.mark_in == 0
    assert clip.mark_out == clip.duration == pytest.approx(8, abs=0.1)
    pictures = [one.data for one in reel[1] if one.kind is TrackKind.VIDEO]
    assert len(samples(data, TrackKind.VIDEO)) == len(pictures)
    with av.open(io.BytesIO(data), "r") as container:
        assert sum(1 for _ in container.decode(video=0)) == len(pictures)


def test_the_marks_lie_in_the_clip_where_the_wall_clock_says(tmp_path: Path, reel: Reel) -> None:
    filmed = Filmed(tmp_path)
    filmed.record(reel)
    [(clip, _)] = clips(filmed.segments(), filmed.open, 3.4, 5.5)
    assert (clip.begins - after(0)).total_seconds() == pytest.approx(3.4 - clip.mark_in, abs=0.002)
    assert clip.mark_out - clip.mark_in == pytest.approx(2.1, abs=0.002)
    assert clip.begins <= after(3.4)
    assert clip.ends >= after(5.5)


def test_after_a_gap_another_clip_begins(tmp_path: Path, reel: Reel) -> None:
    filmed = Filmed(tmp_path)
    filmed.record(reel)
    filmed.record(reel, 20)
    made = clips(filmed.segments(), filmed.open, 5, 22.5)
    assert [clip.mark_out == clip.duration for clip, _ in made] == [True, False]
    assert made[1][0].begins == after(20)
    assert made[1][0].mark_in == 0


def test_a_lost_file_in_the_middle_parts_the_clip(tmp_path: Path, reel: Reel) -> None:
    filmed = Filmed(tmp_path)
    filmed.record(reel)
    segments = filmed.segments()
    del segments[1]
    assert len(clips(segments, filmed.open, 0, 20)) == 2


def test_a_camera_that_changed_its_picture_begins_another_clip(
    tmp_path: Path, reel: Reel, larger: Reel
) -> None:
    filmed = Filmed(tmp_path)
    filmed.record(reel)
    filmed.record(larger, 8)
    first, second = filmed.segments()[0], filmed.segments()[-1]
    writer = ClipWriter(io.BytesIO().write)
    with filmed.open(first) as file, filmed.open(second) as other:
        assert writer.add(Piece(first, first.fragments), file)
        assert not writer.add(Piece(second, second.fragments), other)


def test_every_byte_that_was_taken_is_named_with_its_file(tmp_path: Path, reel: Reel) -> None:
    filmed = Filmed(tmp_path)
    filmed.record(reel)
    [(clip, data)] = clips(filmed.segments(), filmed.open, 2.3, 3.1)
    [source] = clip.sources
    assert source.is_whole
    assert source.found_sha256 is None
    segment = next(one for one in filmed.segments() if one.id == source.segment)
    recorded = filmed.objects.path(segment.key).read_bytes()
    taken = b"".join(recorded[start : start + length] for start, length in source.ranges)
    assert len(taken) == len(data)
    assert recorded.startswith(data[: segment.header_size])
    last = segment.fragments[-1]
    assert data[-100:] in recorded, "media are never rewritten"
    assert sum(source.ranges[-1]) <= last.offset + last.size


def test_a_recording_that_was_changed_since_is_told_as_such(tmp_path: Path, reel: Reel) -> None:
    filmed = Filmed(tmp_path)
    filmed.record(reel)
    path = filmed.objects.path(filmed.segments()[0].key)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    [(clip, _)] = clips(filmed.segments(), filmed.open, 0, 20)
    assert [source.is_whole for source in clip.sources] == [False, True, True, True]
    assert clip.sources[0].found_sha256 not in (None, clip.sources[0].sha256)


def test_a_recording_that_is_shorter_than_it_was_is_an_error(tmp_path: Path, reel: Reel) -> None:
    filmed = Filmed(tmp_path)
    filmed.record(reel)
    segment = filmed.segments()[0]
    path = filmed.objects.path(segment.key)
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(EvidenceError, match=f"{segment.key} ends at byte"):
        clips(filmed.segments(), filmed.open, 0, 20)


def test_nothing_recorded_gives_no_clip(tmp_path: Path) -> None:
    assert unbroken([], after(0), after(10)) == []
