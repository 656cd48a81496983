"""Heads followed over time: covered between looks, while lost, before they were found; clear at a window."""

from __future__ import annotations

from math import hypot

import pytest

from analysis.heads.finding import FoundHead
from analysis.heads.following import HOLD, LOST, Cover, Covers, Look
from analysis.heads.head import Head

RADIUS = 10.0


def head(x: float, y: float = 50.0, *, inside: bool = False) -> FoundHead:
    return FoundHead(Head(x, y, RADIUS), inside)


def looks(found: dict[float, list[FoundHead] | None], every: float = 0.2, until: float = 3.0) -> list[Look]:
    """Looks at even moments; nobody is found at those that are not named."""
    moments = [round(number * every, 3) for number in range(round(until / every) + 1)]
    assert set(found) <= set(moments)
    return [Look(at, None if (heads := found.get(at, [])) is None else tuple(heads)) for at in moments]


def covers(found: list[Look], *, covers_all: bool = False) -> Covers:
    return Covers(found, covers_all=covers_all)


def is_covered(cover: Cover, x: float, y: float = 50.0) -> bool:
    """Whether a head's whole circle lies within a cover."""
    (x0, y0), (x1, y1) = cover.start, cover.end
    length = hypot(x1 - x0, y1 - y0)
    along = 0.0 if length == 0 else ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length**2
    along = min(1.0, max(0.0, along))
    apart = hypot(x - (x0 + along * (x1 - x0)), y - (y0 + along * (y1 - y0)))
    return apart + RADIUS <= cover.radius


def hides(found: Covers, at: float, x: float, y: float = 50.0) -> bool:
    covered = found.at(at)
    return covered is None or any(is_covered(cover, x, y) for cover in covered)


def test_who_walks_is_covered_at_every_moment_between_two_looks() -> None:
    """100 pixels a second: two heads between two looks."""
    walk = covers(looks({round(n * 0.2, 3): [head(20 + n * 20)] for n in range(16)}))
    for hundredth in range(301):
        at = hundredth / 100
        assert hides(walk, at, 20 + 100 * at), at
    assert walk.tracks == 1


def test_a_head_is_covered_before_it_was_first_found_and_after_it_was_last_found() -> None:
    found = covers(looks({1.4: [head(50)], 1.6: [head(50)]}))
    for at in (1.4 - HOLD, 1.0, 1.5, 2.0, 1.6 + HOLD):
        assert hides(found, at, 50), at
    assert found.at(1.4 - HOLD - 0.05) == found.at(1.6 + HOLD + 0.05) == []
    [just_after], [later] = found.at(1.7) or [], found.at(2.5) or []
    assert later.radius > just_after.radius > RADIUS, "nobody knows where it went: more and more is covered"


@pytest.mark.parametrize("lost_for", [0.6, LOST - 0.2])
def test_who_is_lost_while_walking_stays_covered_until_found_again(lost_for: float) -> None:
    """The detector loses somebody in the middle of a slow walk."""
    start = 0.8
    end = round(start + lost_for, 3)
    walk = {round(n * 0.2, 3): [head(20 + n * 4)] for n in range(16)}
    kept = {at: heads for at, heads in walk.items() if at <= start or at >= end}
    found = covers(looks(dict(kept)))
    for hundredth in range(301):
        assert hides(found, hundredth / 100, 20 + 20 * hundredth / 100), hundredth


def test_who_sits_still_and_is_lost_for_long_stays_covered() -> None:
    found = covers(looks({0.4: [head(50)], 8.0: [head(52)]}, until=9.0))
    assert all(hides(found, hundredth / 10, 51) for hundredth in range(4, 80))


def test_a_picture_of_which_nothing_is_known_is_covered_whole_until_the_next_look() -> None:
    found = covers(looks({1.0: None}))
    assert [found.at(at) is None for at in (0.8, 0.85, 1.0, 1.15, 1.2)] == [False, True, True, True, False]


def test_beyond_the_last_look_the_last_answer_holds_if_there_was_one() -> None:
    assert covers([Look(0.0, ()), Look(0.2, None)]).at(0.3) is None
    assert covers([Look(0.0, ()), Look(0.2, ())]).at(0.3) == []
    assert covers([]).at(0.0) is None


def test_who_is_at_the_window_all_the_time_is_clear() -> None:
    found = covers(looks({round(n * 0.2, 3): [head(50, inside=True)] for n in range(16)}))
    assert all(found.at(hundredth / 100) == [] for hundredth in range(301))
    assert found.tracks == 0


def test_all_heads_are_covered_where_that_is_wanted() -> None:
    at_window = looks({round(n * 0.2, 3): [head(50, inside=True)] for n in range(16)})
    found = covers(at_window, covers_all=True)
    assert all(hides(found, hundredth / 100, 50) for hundredth in range(301))


def test_who_comes_to_the_window_is_covered_until_surely_there() -> None:
    found = covers(looks({round(n * 0.2, 3): [head(50, inside=n >= 5)] for n in range(51)}, until=10.0))
    assert all(hides(found, tenth / 10, 50) for tenth in range(9))
    assert hides(found, 0.8 + HOLD - 0.05, 50), "for a while longer: the line may have been crossed back"
    assert found.at(3.0) == []


def test_who_passes_through_a_window_s_zone_is_covered_all_along() -> None:
    """Somebody who walks behind the chair looks for a moment as if at the window."""
    found = covers(looks({round(n * 0.2, 3): [head(20 + n * 10, inside=4 <= n < 10)] for n in range(16)}))
    assert all(hides(found, hundredth / 100, 20 + 50 * hundredth / 100) for hundredth in range(301))


def test_a_by_stander_beside_somebody_at_the_window_is_covered_alone() -> None:
    both = looks({round(n * 0.2, 3): [head(50, inside=True), head(200 + n * 5)] for n in range(16)})
    found = covers(both)
    for hundredth in range(301):
        at = hundredth / 100
        assert hides(found, at, 200 + 25 * at)
        assert not hides(found, at, 50)
