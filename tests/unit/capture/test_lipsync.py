"""Sound is moved to where the picture of the same moment is, by reports or by arrivals, and never dropped."""

from __future__ import annotations

import pytest

from capture.time.lipsync import LipSync
from capture.writing.sound import SoundToAac
from hall.errors import SourceMalformed
from hall.media import Packet, Track, TrackKind

PICTURE = Track(0, TrackKind.VIDEO, "h264", (1, 1000))
SOUND = Track(1, TrackKind.AUDIO, "aac", (1, 1000))
WALL_US = 1_800_000_000_000_000


def packet(
    track: Track, at: float, ahead: float = 0.0, late: float = 0.0, told: float | None = None
) -> Packet:
    """A packet of the true time `at`, whose own time is `ahead`, that comes `late` (seconds)."""
    ticks = round((at + ahead) * 1000)
    sent = None if told is None else WALL_US + round(told * 1e6)
    return Packet(track.index, track.kind, b"x", ticks, ticks, 0, True, at + late, sent)


def shift_after(
    seconds: int, ahead: float, late: float = 0.0, *, reports: bool, told_wrong: float = 0.0
) -> tuple[float, int]:
    """By how much the last sound was moved, and how many were dropped, when times part after 20 s."""
    lipsync = LipSync([PICTURE, SOUND], PICTURE)
    lipsync.settle([packet(PICTURE, 0.0, told=0.0 if reports else None), packet(SOUND, 0.0, late=late)])
    moved, dropped = 0.0, 0
    for tenth in range(1, seconds * 10):
        at = tenth / 10
        parted = ahead if at > 20 else 0.0
        told = at if reports else None
        lipsync.take(packet(PICTURE, at, told=told))
        wrong = None if told is None else told + (told_wrong if at > 20 else 0.0)
        sound = packet(SOUND, at, parted, late, wrong)
        taken = lipsync.take(sound)
        if taken is None:
            dropped += 1
        else:
            moved = (taken.dts - sound.dts) / 1000
    return moved, dropped


@pytest.mark.parametrize("reports", [True, False])
def test_a_small_difference_is_worked_off_without_a_loss(reports: bool) -> None:
    moved, dropped = shift_after(120, ahead=0.05, late=0.2, reports=reports)
    assert moved == pytest.approx(-0.05, abs=0.003)
    assert dropped == 0


@pytest.mark.parametrize("reports", [True, False])
def test_a_large_difference_is_set_right_at_the_second_look(reports: bool) -> None:
    assert shift_after(60, ahead=0.4, late=0.2, reports=reports)[0] == pytest.approx(-0.4, abs=0.003)
    assert shift_after(60, ahead=-0.4, late=0.2, reports=reports)[0] == pytest.approx(0.4, abs=0.003)


def test_sound_that_only_takes_longer_is_left_where_its_times_say() -> None:
    assert shift_after(60, ahead=0.0, late=0.4, reports=False) == (0.0, 0)


def test_times_that_arrival_contradicts_from_the_start_are_not_believed() -> None:
    lipsync = LipSync([PICTURE, SOUND], PICTURE)
    waiting = [packet(PICTURE, 0.0), packet(PICTURE, 1.0), packet(SOUND, 1.5, ahead=-1.5)]
    lipsync.settle(waiting)
    taken = lipsync.take(packet(SOUND, 2.0, ahead=-1.5))
    assert taken is not None
    assert taken.dts == 2000


def test_reports_that_arrival_contradicts_are_not_believed() -> None:
    assert shift_after(60, ahead=0.0, late=0.1, reports=True, told_wrong=3600.0)[0] == pytest.approx(
        0.0, abs=0.01
    )


def test_decoded_sound_follows_a_crystal_that_runs_wrong() -> None:
    converter = SoundToAac(Track(0, TrackKind.AUDIO, "pcm_alaw", (1, 8000), sample_rate=8000, channels=1))
    last = Packet(0, TrackKind.AUDIO, b"", 0, 0, 0, True, 0.0)
    count = 0
    for number in range(3000):
        pts = round(number * 160 * (1 + 400e-6))
        for made in converter.convert(Packet(0, TrackKind.AUDIO, b"\xd5" * 160, pts, pts, 160, True, 0.0)):
            assert made.dts > last.dts or count == 0
            last, count = made, count + 1
    # So many blocks in, of 64 ms by the sound's own count, the encoder's first one before the start.
    assert last.pts / 16_000 == pytest.approx((count - 2) * 0.064 * (1 + 400e-6), abs=0.005)


@pytest.mark.parametrize("rate", [0, 1, 3_999, 384_001])
def test_sound_of_an_impossible_rate_is_refused(rate: int) -> None:
    with pytest.raises(SourceMalformed, match="samples a second"):
        SoundToAac(Track(0, TrackKind.AUDIO, "pcm_alaw", (1, 8000), sample_rate=rate, channels=1))
