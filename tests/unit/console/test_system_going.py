"""What retention takes next of a segment is what retention itself decides, at the moment that is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from capture.retention.policy import Rule, by_age
from console.system.going import Takes, going_of
from hall.interval import Interval
from hall.media import TrackKind
from hall.names import CameraId, ObjectKey, RunId, SegmentId
from hall.place import Keep
from store.holdings import Holding

END = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
TAKEN = {
    Takes.ALL: None,
    Takes.LOCAL_FILE: None,
    Takes.SOUND: TrackKind.AUDIO,
    Takes.PICTURE: TrackKind.VIDEO,
}


def holding(*, picture: bool = True, audio: bool = True, copy: bool = False) -> Holding:
    span = Interval(END - timedelta(minutes=1), END)
    return Holding(SegmentId("s"), RunId("r"), CameraId("c1"), span, 1, ObjectKey("k"), picture, audio, copy)


@pytest.mark.parametrize("copy", [False, True])
@pytest.mark.parametrize("parts", [(True, True), (True, False), (False, True)])
@pytest.mark.parametrize(
    "keep",
    [
        Keep(picture_days=30),
        Keep(picture_days=30, sound_days=7),
        Keep(picture_days=7, sound_days=30),
        Keep(sound_days=7),
        Keep(picture_days=7, sound_days=7, gigabytes=1),
    ],
)
def test_it_goes_at_the_told_moment_not_before_and_as_told(
    keep: Keep, parts: tuple[bool, bool], copy: bool
) -> None:
    segment = holding(picture=parts[0], audio=parts[1], copy=copy)
    found = going_of(segment, keep)
    if found.at is None:
        assert found.rule is Rule.DISK
        assert list(by_age([segment], keep, [], END + timedelta(days=9999))) == []
        return
    assert list(by_age([segment], keep, [], found.at - timedelta(seconds=1))) == []
    (removal,) = by_age([segment], keep, [], found.at)
    assert removal.takes is TAKEN[found.takes]
    assert (found.takes is Takes.LOCAL_FILE) is (copy and removal.takes is None)


def test_where_no_age_is_set_the_share_decides_and_else_the_disk() -> None:
    assert going_of(holding(), Keep(gigabytes=5)).rule is Rule.SPACE
    assert going_of(holding(), Keep()).rule is Rule.DISK
    assert going_of(holding(copy=True), Keep()).takes is Takes.LOCAL_FILE
