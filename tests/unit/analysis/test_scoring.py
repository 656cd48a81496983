"""What counts as right: labels and statements made by hand, compared."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.accuracy.clips import Stated
from analysis.accuracy.fault_names import faults_meant
from analysis.accuracy.judging import score_of
from analysis.accuracy.labels import ClipLabels
from analysis.accuracy.scoring import (
    CountError,
    FaultStated,
    FaultThere,
    Hits,
    PeopleThere,
    SecondKnown,
    absence_hits,
    count_error,
    fault_hits,
    spans_of,
    speech_hits,
)


def seconds(told: str, first: int = 0) -> list[SecondKnown]:
    """A letter a second: `p` present, `a` absent, capital where nobody is sure; `.` is not labelled."""
    return [
        SecondKnown(float(first + at), letter in "aA", letter in "pa")
        for at, letter in enumerate(told)
        if letter != "."
    ]


def test_a_count_within_the_range_is_right_and_one_beside_it_is_off_by_the_distance() -> None:
    there = [PeopleThere(0.0, 5, 5, 6), PeopleThere(10.0, 8, 7, 8), PeopleThere(20.0, 3, 3, 3)]
    error = count_error(there, [(0.0, 6), (9.0, 4), (19.0, None)])
    assert (error.moments, error.off, error.off_best, error.people, error.near) == (3, 6, 8, 16, 1)
    assert error.mean == pytest.approx(2.0)
    assert error.ratio == pytest.approx(6 / 16)
    assert CountError().mean is None


@pytest.mark.parametrize(
    ("labels", "found", "hits"),
    [
        ("pppaaaaaaapp", [(4, 10)], Hits(1, 0, 0)),
        ("pppaaaaaaapp", [], Hits(0, 0, 1)),
        ("pppppppppppp", [(4, 10)], Hits(0, 1, 0)),
        ("pppaaaaapppppp", [(9, 14)], Hits(0, 1, 1)),
        ("aaaaaaaaaaaa", [(0, 12)], Hits(1, 0, 0)),  # begins and ends empty
        ("aaaaaaaaaaaa", [(0, 5), (6, 12)], Hits(1, 0, 0)),  # could not see for a second
        ("aaaaaaaaaaaa", [(0, 4)], Hits(0, 0, 1)),  # most of it was not found
        ("aaaappppppppppppaaaa", [(0, 20)], Hits(0, 1, 2)),  # who was there is accused
        ("aaaaappaaaaaaa", [(0, 14)], Hits(1, 0, 1)),  # two absences told as one: the shorter is not told
        ("aa", [(0, 2)], Hits()),  # too short to be asked for
        ("ppappp", [(2, 3)], Hits()),
        ("pppaaaPPPP", [(3, 10)], Hits(1, 0, 0)),
    ],
)
def test_absences_are_compared_one_by_one(labels: str, found: list[tuple[float, float]], hits: Hits) -> None:
    assert absence_hits(seconds(labels), found) == hits


@pytest.mark.parametrize(
    ("labels", "found", "hits"),
    [
        ("pp........pp", [(2, 10)], Hits()),  # nobody says what was between
        ("p....p....p....p....", [(1, 20)], Hits(0, 1, 0)),  # seen again and again, and called absent
        ("a....a....a....a....", [(0, 20)], Hits()),  # never labelled for as long as an absence lasts
        ("PPPPPPPP", [(0, 8)], Hits()),
        ("pPAAAApp", [(1, 6)], Hits()),  # nobody is sure of any of it
        ("aaaa....aaaa", [(0, 12)], Hits(2, 0, 0)),
    ],
)
def test_time_that_is_not_labelled_surely_holds_nothing_against_a_finding(
    labels: str, found: list[tuple[float, float]], hits: Hits
) -> None:
    assert absence_hits(seconds(labels), found) == hits


def test_seconds_that_are_half_speech_or_of_which_nobody_says_are_not_scored() -> None:
    spoken = [True, True, True, False, False, True]
    assert speech_hits([1.0, 0.5, 0.0, 0.9, 0.05, None], spoken) == Hits(1, 1, 1)
    assert speech_hits([0.1, 0.6], [True, False]) == Hits()


def told(kind: str, since: float, at: float) -> FaultStated:
    return FaultStated(kind, (since, 60.0), at)


@pytest.mark.parametrize(
    ("found", "hits"),
    [
        ([told("black", 22, 24)], Hits(1, 0, 0)),
        ([told("black", 19, 24)], Hits(1, 0, 0)),  # while it changes
        ([told("black", 22, 31)], Hits(0, 0, 1)),  # since when it stands was told too late
        ([told("moved", 22, 24)], Hits(0, 1, 1)),
        ([told("black", 3, 8)], Hits(0, 1, 1)),  # all was well
        ([told("moved", 21, 22), told("black", 23, 25)], Hits(1, 1, 0)),
        ([], Hits(0, 0, 1)),
    ],
)
def test_a_fault_is_found_when_its_kind_is_told_in_time(found: list[FaultStated], hits: Hits) -> None:
    assert fault_hits(FaultThere(frozenset({"black"}), 18.0, 20.0), found, 10) == hits


def test_any_fault_of_a_picture_without_one_is_wrong() -> None:
    assert fault_hits(None, [told("frozen", 3, 8)], 10) == Hits(0, 1, 0)
    assert fault_hits(None, [], 10) == Hits()


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("covered", {"covered"}),
        ("lens_covered", {"covered"}),
        ("Occlusion", {"covered"}),
        ("defocus", {"blurred"}),
        ("Out of focus", {"blurred"}),
        ("out-of-focus", {"blurred"}),
        ("camera turned", {"moved"}),
        ("scene_change", {"moved"}),
        ("redirected", {"moved"}),
        ("freeze", {"frozen"}),
        ("blackout", {"black"}),
        ("no_signal", {"black"}),
        ("underExposed", {"black"}),
        ("OverExposed", {"washed_out"}),
        ("over-exposure", {"washed_out"}),
        ("washed out", {"washed_out"}),
        ("white", {"washed_out"}),
        ("covered (dark)", {"covered", "black"}),
        ("gremlins", set()),
    ],
)
def test_faults_are_known_by_their_other_names(name: str, meant: set[str]) -> None:
    assert faults_meant(name) == meant


@given(st.lists(st.booleans(), max_size=30))
def test_spans_hold_exactly_the_seconds_that_hold(truths: list[bool]) -> None:
    spans = spans_of((float(at), holds) for at, holds in enumerate(truths))
    inside = [any(start <= at < end for start, end in spans) for at in range(len(truths))]
    assert inside == truths
    assert all(before[1] < after[0] for before, after in pairwise(spans))


def test_precision_and_recall_say_nothing_where_there_is_nothing() -> None:
    assert (Hits().precision, Hits().recall, Hits().f1) == (None, None, None)
    assert (Hits(0, 0, 2).precision, Hits(0, 0, 2).recall) == (0.0, 0.0)
    assert Hits(3, 1, 2).f1 == pytest.approx(2 / 3)


def labels(**more: object) -> ClipLabels:
    return ClipLabels.model_validate(
        {
            "file": "clip.mp4",
            "zones": [{"name": "desk", "x": 0.0, "y": 0.0, "w": 1.0, "h": 1.0}],
            "per_second": [
                {"t": second, "persons": int(second < 5), "sure": second != 5, "zones": {
                    "desk": {"state": "present" if second < 5 else "absent", "sure": second != 5}}}
                for second in range(10)
            ],
            **more,
        }
    )  # fmt: skip


def test_a_second_counts_as_what_was_said_of_it_in_the_end() -> None:
    stated = Stated(
        10.0, {"desk": [(0.0, "on_post"), (5.0, "leaving"), (7.0, "absent")]}, [(0.0, 1), (5.0, 0)]
    )
    score = score_of(labels(), stated)
    assert (score.scored, score.right) == (9, 9)
    assert score.absences == Hits(1, 0, 0)
    assert score.counts.off == 0


def test_unknown_is_not_right() -> None:
    score = score_of(labels(), Stated(10.0, {"desk": [(0.0, "unknown")]}, [(0.0, None)]))
    assert score.right == 0
    assert score.absences == Hits(0, 0, 1)


def test_a_second_is_judged_in_its_middle_and_the_last_one_in_the_middle_of_what_there_is() -> None:
    stated = Stated(9.3, {"desk": [(0.0, "on_post"), (4.6, "absent"), (9.2, "on_post")]}, [])
    score = score_of(labels(), stated)
    assert (score.scored, score.right) == (9, 9)


def test_labels_beyond_the_end_of_a_clip_are_not_scored_and_told() -> None:
    score = score_of(labels(), Stated(4.0, {"desk": [(0.0, "on_post")]}, [(0.0, 1)]))
    assert (score.scored, score.right, score.counts.moments) == (4, 4, 4)
    assert score.absences == Hits()
    assert score.notes == ("6 labelled seconds lie beyond its end",)


def test_each_of_several_zones_is_scored_by_itself() -> None:
    box = {"x": 0.0, "y": 0.0, "w": 0.6, "h": 1.0}
    both = ClipLabels.model_validate(
        {
            "file": "clip.mp4",
            "zones": [{"name": "left", **box}, {"name": "right", **box, "x": 0.4}],
            "per_second": [{"t": t, "zones": {"left": "present", "right": "absent"}} for t in range(8)],
        }
    )
    stated = Stated(8.0, {"left": [(0.0, "absent")], "right": [(0.0, "absent")]}, [])
    score = score_of(both, stated)
    assert (score.scored, score.right) == (16, 8)
    assert score.absences == Hits(1, 1, 0)


def test_a_fault_that_nobody_here_knows_is_missed_and_told() -> None:
    strange = labels(tamper="gremlins", tampered_from=4)
    score = score_of(strange, Stated(10.0, faults=[told("blurred", 4, 6)]))
    assert score.faults == Hits(0, 1, 1)
    assert "'gremlins' is no fault that is known here" in score.notes


@pytest.mark.parametrize("none", ["", "none", "None", None, False])
def test_a_clip_may_say_that_it_has_no_fault(none: object) -> None:
    score = score_of(labels(tamper=none, normal_until=3), Stated(10.0))
    assert (score.has_fault, score.faults) == (False, Hits())


def test_a_fault_begins_when_the_picture_is_surely_tampered_with() -> None:
    assert labels(tamper="black", normal_until=3, tampered_from=6).fault_from == 6
    assert labels(tamper="black", normal_until=3).fault_from == 3
    assert labels(tamper="black").fault_from == 0
    assert labels(normal_until=3).fault_from is None
