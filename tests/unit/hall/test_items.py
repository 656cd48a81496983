"""Items and the rules about how long things may take, as they stand in hall.yaml."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hall.config import parse_configuration
from hall.errors import ConfigurationError
from hall.finding import Severity
from hall.queueing import Step
from hall.rule import LimitKind, OverdueStepRule, OverdueTransactionRule

HALL = """\
halls:
  - id: demo
    name: {zh: 大厅, en: Hall}
    units: [{id: tax, name: {zh: 税务, en: Tax}}]
    windows: [{id: w01, number: '1', name: {zh: 一, en: One}, unit: tax}]
    items:
      - {id: passport, name: {zh: 护照, en: Passport}, promised_days: 5, statutory_days: 20}
      - {id: 护照补发, name: {zh: 护照补发, en: Passport again}}
    rules:
      - {id: s, kind: overdue_step, limit_seconds: 900, steps: {review: 300}, items: {passport: {review: 60}}}
      - {id: law, kind: overdue_transaction, limit: statutory, attention_days: 5}
"""


def test_items_are_found_by_what_events_call_them() -> None:
    (hall,) = parse_configuration(HALL).halls
    known = hall.item("passport")
    assert known is not None
    assert (known.promised_days, known.statutory_days) == (5, 20)
    again = hall.item("护照补发")
    assert again is not None
    assert again.statutory_days is None
    assert hall.item("other") is None
    assert hall.item(None) is None


def test_the_limit_of_a_step_is_its_items_else_its_own_else_that_of_all() -> None:
    rule = parse_configuration(HALL).halls[0].rules[0]
    assert isinstance(rule, OverdueStepRule)
    assert [
        rule.limit_of(step, item)
        for step, item in (
            (Step.REVIEW, "passport"),
            (Step.REVIEW, "other"),
            (Step.REVIEW, None),
            (Step.CLOSE, "passport"),
        )
    ] == [timedelta(seconds=limit) for limit in (60, 300, 300, 900)]


def test_a_rule_about_cases_is_serious_unless_it_says_otherwise() -> None:
    rule = parse_configuration(HALL).halls[0].rules[1]
    assert isinstance(rule, OverdueTransactionRule)
    assert (rule.limit, rule.severity, rule.attention_days) == (LimitKind.STATUTORY, Severity.SERIOUS, 5)


@pytest.mark.parametrize(
    ("good", "bad", "line", "says"),
    [
        ("promised_days: 5", "promised_days: 21", 7, "promised_days (21) is more than statutory_days (20)"),
        ("promised_days: 5", "promised_days: 0", 7, "greater than or equal to 1"),
        ("id: 护照补发", "id: passport", 8, "'passport' stands here for the second time"),
        ("limit: statutory", "limit: statuary", 11, "'promised' or 'statutory'"),
        ("steps: {review: 300}", "steps: {reviews: 300}", 10, "'accept'"),
        ("steps: {review: 300}", "steps: {review: 0}", 10, "greater than 0"),
        ("attention_days: 5", "limit_seconds: 5", 11, "unknown key"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(good: str, bad: str, line: int, says: str) -> None:
    assert good in HALL
    with pytest.raises(ConfigurationError) as refused:
        parse_configuration(HALL.replace(good, bad))
    problem = refused.value.problems[0]
    assert problem.line == line
    assert says in problem.message
