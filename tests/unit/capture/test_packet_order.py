"""Times are mended, leaps are noticed, picture and sound come in one order; waiting grows and is spread."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.backoff import Backoff
from capture.time.timeline import SourceJumped, Timeline
from capture.writing.interleave import Interleaver
from hall.media import Packet, Track, TrackKind

PICTURE = Track(0, TrackKind.VIDEO, "h264", (1, 1000))
SOUND = Track(1, TrackKind.AUDIO, "aac", (1, 1000))


def picture(dts: int, arrived: float | None = None, pts: int | None = None) -> Packet:
    shown = dts if pts is None else pts
    return Packet(0, TrackKind.VIDEO, b"x", shown, dts, 0, False, dts / 1000 if arrived is None else arrived)


def sound(dts: int, arrived: float | None = None) -> Packet:
    return Packet(1, TrackKind.AUDIO, b"x", dts, dts, 0, True, dts / 1000 if arrived is None else arrived)


def test_pictures_that_go_back_a_little_are_set_behind_the_one_before() -> None:
    timeline = Timeline([PICTURE, SOUND])
    taken = [timeline.take(packet) for packet in (picture(1000), picture(960), picture(960), picture(1040))]
    assert [(packet.dts, packet.pts) for packet in taken if packet] == [
        (1000, 1000),
        (1001, 1001),
        (1002, 1002),
        (1040, 1040),
    ]


def test_sound_that_goes_back_a_little_is_dropped() -> None:
    timeline = Timeline([PICTURE, SOUND])
    taken = [timeline.take(packet) for packet in (sound(1000), sound(900), sound(1064))]
    assert [packet.dts if packet else None for packet in taken] == [1000, None, 1064]


def test_no_picture_is_shown_before_it_is_decoded() -> None:
    taken = Timeline([PICTURE]).take(picture(1000, pts=900))
    assert taken is not None
    assert taken.pts == 1000


@pytest.mark.parametrize("leap", [-5000, 5000, 90_000_000])
def test_a_leap_that_the_clock_did_not_see_is_noticed(leap: int) -> None:
    timeline = Timeline([PICTURE])
    timeline.take(picture(100_000_000))
    with pytest.raises(SourceJumped):
        timeline.take(picture(100_000_000 + leap, arrived=100_000.04))


def test_a_hole_in_the_stream_that_lasted_as_long_is_no_leap() -> None:
    timeline = Timeline([PICTURE])
    timeline.take(picture(1000, arrived=1.0))
    assert timeline.take(picture(8000, arrived=8.0)) is not None


def test_a_burst_after_a_delay_of_the_network_is_no_leap() -> None:
    timeline = Timeline([PICTURE])
    timeline.take(picture(1000, arrived=1.0))
    assert timeline.take(picture(1040, arrived=9.0)) is not None
    assert timeline.take(picture(1080, arrived=9.0)) is not None


def test_sound_that_arrives_late_still_comes_before_later_pictures() -> None:
    interleaver = Interleaver([PICTURE, SOUND])
    arriving = [
        picture(0),
        picture(66),
        picture(133),
        sound(0),
        sound(64),
        picture(200),
        sound(128),
        sound(192),
    ]
    out = [packet for arrived in arriving for packet, _ in interleaver.push(arrived)]
    out += [packet for packet, _ in interleaver.flush()]
    assert [packet.dts for packet in out] == [0, 0, 64, 66, 128, 133, 192, 200]


def test_each_packet_lasts_until_the_next_of_its_track() -> None:
    interleaver = Interleaver([PICTURE])
    out = [lasts for dts in (0, 66, 133, 400) for _, lasts in interleaver.push(picture(dts))]
    assert out == [66, 67, 267]


def test_pictures_go_on_when_the_sound_has_stopped() -> None:
    interleaver = Interleaver([PICTURE, SOUND], hold_seconds=1.0)
    list(interleaver.push(sound(0)))
    out = [packet.dts for dts in range(0, 3000, 100) for packet, _ in interleaver.push(picture(dts))]
    assert out[-1] >= 1800


@given(
    st.lists(st.integers(0, 3000), unique=True, max_size=40),
    st.lists(st.integers(0, 3000), unique=True, max_size=40),
)
def test_nothing_is_lost_or_doubled_whatever_arrives(pictures: list[int], sounds: list[int]) -> None:
    arriving = [*map(picture, sorted(pictures)), *map(sound, sorted(sounds))]
    Random(len(pictures)).shuffle(arriving)
    for track in (0, 1):
        places = [place for place, packet in enumerate(arriving) if packet.track == track]
        for place, packet in zip(
            places, sorted((arriving[p] for p in places), key=lambda p: p.dts), strict=True
        ):
            arriving[place] = packet
    interleaver = Interleaver([PICTURE, SOUND])
    out = [packet for arrived in arriving for packet, _ in interleaver.push(arrived)]
    out += [packet for packet, _ in interleaver.flush()]
    assert sorted((packet.track, packet.dts) for packet in out) == sorted((p.track, p.dts) for p in arriving)
    for track in (0, 1):
        times = [packet.dts for packet in out if packet.track == track]
        assert times == sorted(times)


def test_waiting_doubles_up_to_the_longest_and_is_spread() -> None:
    backoff = Backoff(1.0, 30.0, Random(4))
    waits = [backoff.failed() for _ in range(8)]
    for wait, expected in zip(waits, [1, 2, 4, 8, 16, 30, 30, 30], strict=True):
        assert 0.8 * expected <= wait <= min(30.0, 1.2 * expected)
    assert len(set(waits[:5])) == 5
    backoff.worked()
    assert backoff.failed() <= 1.2


def test_what_a_person_has_to_mend_is_tried_slowly_from_the_start() -> None:
    assert Backoff(1.0, 30.0, Random(4)).failed(slowly=True) >= 24.0
