"""A rate of false alarms tells how little it is worth."""

from __future__ import annotations

import pytest

from hall.false_alarms import FEW, FalseAlarms
from hall.finding import AlertKind
from hall.names import RuleId


def counted(found: int, dismissed: int) -> FalseAlarms:
    return FalseAlarms(RuleId("absence"), AlertKind.ABSENCE, None, found, dismissed)


@pytest.mark.parametrize(
    ("dismissed", "found", "low", "high"),
    [(0, 10, 0.0, 0.2775), (1, 10, 0.0179, 0.4042), (5, 10, 0.2366, 0.7634), (15, 148, 0.0624, 0.1605)],
)
def test_the_bounds_are_those_of_the_score_interval(
    dismissed: int, found: int, low: float, high: float
) -> None:
    assert counted(found, dismissed).bounds == pytest.approx((low, high), abs=5e-4)


def test_two_of_two_are_no_certainty() -> None:
    two = counted(2, 2)
    assert two.is_few
    assert two.rate == 1.0
    assert two.bounds[0] < 0.35


def test_from_some_number_on_a_rate_is_more_than_a_hint() -> None:
    assert counted(FEW - 1, 3).is_few
    assert not counted(FEW, 3).is_few
