"""What several cameras of one window say together: fair to the clerk whose camera went blind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hall.fused_presence import View, believed, fused
from hall.observing import Presence

TEN = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
HERE, LEAVING, ABSENT, BLIND = Presence.ON_POST, Presence.LEAVING, Presence.ABSENT, Presence.UNKNOWN


def view(presence: Presence, last_on_post: float | None = None) -> View:
    """A zone that showed somebody last so many seconds after ten."""
    return View(presence, None if last_on_post is None else TEN + timedelta(seconds=last_on_post))


@pytest.mark.parametrize(
    ("name", "views", "together"),
    [
        ("no zone", [], BLIND),
        ("one empty zone", [view(ABSENT)], ABSENT),
        ("two that see nobody", [view(ABSENT), view(ABSENT, 0)], ABSENT),
        ("one that is not sure yet", [view(ABSENT), view(LEAVING, 0)], LEAVING),
        ("somebody seen by one", [view(ABSENT), view(HERE, 0), view(BLIND)], HERE),
        ("all blind", [view(BLIND, 0), view(BLIND)], BLIND),
        ("both saw the clerk leave", [view(BLIND, 0), view(ABSENT, -8)], ABSENT),
        ("the blind one showed the clerk longer", [view(BLIND, 0), view(ABSENT, -11)], BLIND),
        ("the other has shown nobody", [view(BLIND, 0), view(ABSENT)], BLIND),
        ("nobody has been shown by either", [view(BLIND), view(ABSENT)], BLIND),
        ("only the one that sees has shown somebody", [view(BLIND), view(ABSENT, 0)], ABSENT),
        ("somebody came after the other went blind", [view(BLIND, 0), view(ABSENT, 600)], ABSENT),
        ("one of two that see saw the clerk", [view(BLIND, 0), view(ABSENT), view(ABSENT, 0)], ABSENT),
        ("one that is not believed is not sure", [view(BLIND, 0), view(LEAVING), view(ABSENT, 0)], LEAVING),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_cameras_of_one_window_say_together(name: str, views: list[View], together: Presence) -> None:
    assert fused(views) is together, name


def test_cameras_that_are_sampled_rarely_may_lose_somebody_two_samples_apart() -> None:
    rarely = View(ABSENT, TEN - timedelta(seconds=38), sample_every=20)
    assert fused([view(BLIND, 0), rarely]) is ABSENT


VIEWS = st.builds(
    view, st.sampled_from(list(Presence)), st.one_of(st.none(), st.floats(-7200, 0, allow_nan=False))
)


@given(st.lists(VIEWS, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_cameras_does_not_matter(views: list[View], random: Random) -> None:
    mixed = list(views)
    random.shuffle(mixed)
    assert fused(mixed) is fused(views)


@given(st.lists(VIEWS, max_size=5))
def test_nobody_is_called_away_whom_a_camera_sees_and_nobody_by_blind_cameras_alone(
    views: list[View],
) -> None:
    shown = {each.presence for each in views}
    together = fused(views)
    if HERE in shown:
        assert together is HERE
    if shown <= {BLIND}:
        assert together is BLIND
    assert together is BLIND or together in {each.presence for each in views}


@given(st.lists(VIEWS, max_size=4), st.one_of(st.none(), st.floats(-7200, 0, allow_nan=False)))
def test_a_blind_camera_more_makes_nothing_emptier_or_surer(views: list[View], last: float | None) -> None:
    assert fused([*views, view(BLIND, last)]) in (fused(views), BLIND)


@given(st.lists(VIEWS, min_size=1, max_size=4))
def test_a_camera_more_that_sees_somebody_settles_it(views: list[View]) -> None:
    assert fused([*views, view(HERE, 0)]) is HERE


@given(st.lists(VIEWS, max_size=5))
def test_with_every_camera_seeing_all_are_believed(views: list[View]) -> None:
    seeing = [each for each in views if each.presence is not BLIND]
    assert believed(seeing) == seeing
