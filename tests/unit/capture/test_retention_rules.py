"""What has to go and when a disk runs short: decided from plain values alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.retention.forecast import Flow, short_at, state_of
from capture.retention.policy import Removal, Rule, by_age, limits, missing_bytes, promised, to_free
from hall.interval import Interval
from hall.locking import Lock, LockKind
from hall.media import TrackKind
from hall.names import CameraId, HallId, LockId, ObjectKey, RunId, SegmentId
from hall.place import Keep
from hall.storage import DiskState
from store.holdings import Holding

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CAMERA = CameraId("cam-1")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def holding(age: timedelta, *, picture: bool = True, sound: bool = True, size: int = 100) -> Holding:
    """A segment of a minute that ended `age` ago."""
    end = NOW - age
    name = f"{CAMERA}-{end:%Y%m%dT%H%M%S%f}Z-000000"
    return Holding(
        SegmentId(name),
        RunId("run"),
        CAMERA,
        Interval(end - MINUTE, end),
        size,
        ObjectKey(name),
        picture,
        sound,
        has_copy=False,
    )


def lock(
    start: timedelta, end: timedelta, released_at: datetime | None = None, expires_at: datetime | None = None
) -> Lock:
    """A lock over footage from `start` ago to `end` ago."""
    span = Interval(NOW - start, NOW - end)
    name, hall = LockId("l"), HallId("h")
    return Lock(name, hall, "li", LockKind.CASE, "", "", span, (CAMERA,), NOW, expires_at, released_at)


def ages(*days: float) -> list[Holding]:
    return [holding(timedelta(days=one)) for one in days]


def aged(
    keep: Keep, *held: Holding, locks: list[Lock] | None = None
) -> list[tuple[Holding, TrackKind | None]]:
    return [(one.holding, one.takes) for one in by_age(held, keep, locks or [], NOW)]


def test_footage_goes_when_its_end_is_as_old_as_it_may_get_and_not_before() -> None:
    old, young = ages(30, 29.999)
    assert aged(Keep(picture_days=30), old, young) == [(old, None)]


def test_sound_that_is_kept_shorter_is_taken_out_and_the_picture_stays() -> None:
    (middle,) = ages(10)
    assert aged(Keep(picture_days=30, sound_days=7), middle) == [(middle, TrackKind.AUDIO)]


def test_a_picture_that_is_kept_shorter_is_taken_out_and_the_sound_stays() -> None:
    (middle,) = ages(10)
    assert aged(Keep(picture_days=7, sound_days=30), middle) == [(middle, TrackKind.VIDEO)]


def test_a_picture_that_the_archive_has_too_goes_from_the_disk_alone() -> None:
    copied = replace(ages(10)[0], has_copy=True)
    assert aged(Keep(picture_days=7, sound_days=30), copied) == [(copied, None)]
    assert aged(Keep(picture_days=30, sound_days=7), copied) == [(copied, TrackKind.AUDIO)]


def test_what_was_stripped_is_not_stripped_again_and_goes_when_the_rest_is_due() -> None:
    keep = Keep(picture_days=30, sound_days=7)
    stripped, rest = holding(10 * DAY, sound=False), holding(30 * DAY, sound=False)
    assert aged(keep, stripped, rest) == [(rest, None)]


def test_footage_without_sound_is_not_touched_by_a_limit_of_sound() -> None:
    silent = holding(100 * DAY, sound=False)
    assert aged(Keep(sound_days=7), silent) == []


def test_sound_without_a_limit_of_its_own_goes_with_its_picture() -> None:
    whole, only_sound = ages(40)[0], holding(40 * DAY, picture=False)
    assert aged(Keep(picture_days=30), whole, only_sound) == [(whole, None), (only_sound, None)]


def test_without_limits_nothing_grows_too_old() -> None:
    assert aged(Keep(), *ages(10_000)) == []
    assert (limits(Keep()), promised(Keep())) == ([], None)


def test_what_is_promised_is_the_longer_of_both_ages() -> None:
    assert promised(Keep(picture_days=30, sound_days=7)) == 30 * DAY
    assert limits(Keep(picture_days=30, sound_days=7)) == [7 * DAY, 30 * DAY]


def test_a_lock_that_touches_a_segment_keeps_all_of_it() -> None:
    keep = Keep(picture_days=30, sound_days=7)
    old, middle = ages(31, 10)
    touching = [lock(31 * DAY + 2 * MINUTE, 31 * DAY + MINUTE / 2), lock(10 * DAY + MINUTE / 2, 9 * DAY)]
    assert aged(keep, old, middle, locks=touching) == []


@pytest.mark.parametrize("over", [{"released_at": NOW - MINUTE}, {"expires_at": NOW}])
def test_a_lock_that_is_over_keeps_nothing(over: dict[str, datetime]) -> None:
    (old,) = ages(31)
    assert aged(Keep(picture_days=30), old, locks=[lock(40 * DAY, DAY, **over)]) == [(old, None)]


def test_a_lock_of_another_camera_keeps_nothing() -> None:
    (old,) = ages(31)
    other = Lock(
        LockId("l"),
        HallId("h"),
        "li",
        LockKind.CASE,
        "",
        "",
        Interval(NOW - 40 * DAY, NOW),
        (CameraId("cam-2"),),
        NOW,
    )
    assert aged(Keep(picture_days=30), old, locks=[other]) == [(old, None)]


@given(
    sizes=st.lists(st.integers(1, 1000), max_size=30),
    locked=st.sets(st.integers(0, 29)),
    wanted=st.integers(-10, 20_000),
)
def test_room_is_made_by_the_oldest_unlocked_and_by_no_more_than_it_takes(
    sizes: list[int], locked: set[int], wanted: int
) -> None:
    held = [holding((len(sizes) - place) * 2 * MINUTE, size=size) for place, size in enumerate(sizes)]
    kept = [held[place] for place in sorted(locked) if place < len(held)]
    locks = [lock(NOW - one.interval.start, NOW - one.interval.start - MINUTE) for one in kept]
    going = [removal.holding for removal in to_free(held, wanted, Rule.DISK, locks, NOW)]
    free_to_go = [one for one in held if one not in kept]
    assert going == free_to_go[: len(going)]
    freed = sum(one.size for one in going)
    assert freed >= wanted or going == free_to_go
    assert not going or freed - going[-1].size < wanted


def test_a_removal_to_make_room_takes_the_whole_file_and_says_why() -> None:
    (old,) = ages(1)
    assert list(to_free([old], 1, Rule.SPACE, [], NOW)) == [Removal(old, Rule.SPACE)]


@pytest.mark.parametrize(("free", "missing"), [(60, 0), (50, 0), (49, 1), (0, 50)])
def test_a_disk_lacks_what_is_below_its_share(free: int, missing: int) -> None:
    assert missing_bytes(1000, free, 5) == missing


def test_a_disk_that_fills_before_footage_grows_old_will_be_short() -> None:
    assert short_at(3600, [Flow(1.0, NOW + DAY, is_promised=True)], NOW) == NOW + timedelta(hours=1)


def test_a_disk_whose_cameras_level_off_before_it_fills_is_not_short() -> None:
    assert short_at(3601, [Flow(1.0, NOW + timedelta(hours=1), is_promised=True)], NOW) is None


def test_a_camera_that_levels_off_gives_the_others_more_time() -> None:
    flows = [
        Flow(1.0, NOW + timedelta(hours=1), is_promised=True),
        Flow(1.0, NOW + 10 * DAY, is_promised=True),
    ]
    assert short_at(3 * 3600, flows, NOW) == NOW + timedelta(hours=2)


def test_without_a_promise_there_is_no_shortage() -> None:
    assert short_at(0, [Flow(1.0, None, is_promised=False)], NOW) is None


def test_a_promise_is_broken_by_whoever_fills_the_disk() -> None:
    flows = [Flow(9.0, None, is_promised=False), Flow(1.0, NOW + DAY, is_promised=True)]
    assert short_at(3600, flows, NOW) == NOW + timedelta(minutes=6)


def test_a_disk_that_has_nothing_to_spare_is_short_now() -> None:
    assert short_at(-5, [Flow(1.0, NOW + DAY, is_promised=True)], NOW) == NOW


def test_nothing_written_fills_nothing() -> None:
    assert short_at(10, [Flow(0.0, NOW + DAY, is_promised=True)], NOW) is None


def state(
    before: DiskState | None, hours: float | None, *, written: bool = True, full: bool = False
) -> DiskState:
    short = None if hours is None else NOW + timedelta(hours=hours)
    return state_of(before, short, timedelta(hours=72), NOW, can_be_written=written, is_full=full)


def test_the_state_follows_the_time_that_is_left() -> None:
    assert state(None, None) is DiskState.OK
    assert state(None, 73) is DiskState.OK
    assert state(None, 72) is DiskState.SHORT_SOON
    assert state(None, 0) is DiskState.SHORT


def test_a_state_stays_until_it_is_clearly_over() -> None:
    assert state(DiskState.SHORT_SOON, 75) is DiskState.SHORT_SOON
    assert state(DiskState.SHORT_SOON, 80) is DiskState.OK
    assert state(DiskState.SHORT, 0.5) is DiskState.SHORT
    assert state(DiskState.SHORT, 2) is DiskState.SHORT_SOON
    assert state(DiskState.SHORT, None) is DiskState.OK


def test_a_disk_that_cannot_be_used_is_worse_than_any_forecast() -> None:
    assert state(DiskState.SHORT, 0, full=True) is DiskState.FULL
    assert state(DiskState.OK, None, written=False, full=True) is DiskState.UNREACHABLE
