"""Rules that contradict themselves, or name what the hall has not, are refused by the field that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from hall.config import load_rules, parse_configuration
from hall.errors import ConfigurationError
from hall.finding import Severity
from hall.queueing import Step

HALL = """
halls:
- id: gulou
  name: {zh: 鼓楼区政务服务中心, en: Gulou service hall}
  units: [{id: civil, name: {zh: 民政局, en: Civil affairs}}, {id: tax, name: {zh: 税务局, en: Tax}}]
  windows:
  - {id: w01, number: "1", name: {zh: 婚姻登记, en: Marriage}, unit: civil}
  - {id: w03, number: "3", name: {zh: 社会保险, en: Social insurance}, unit: civil}
  items: [{id: marriage, name: {zh: 婚姻登记, en: Marriage}}]
  cameras:
  - id: c01
    name: {zh: 东侧, en: East side}
    url: rtsp://127.0.0.1/c01
    zones:
    - {id: s1, role: staff, window: w01, polygon: [[0, 0], [0.4, 0], [0.4, 1], [0, 1]]}
    - {id: wait, role: waiting, polygon: [[0.5, 0], [1, 0], [1, 1], [0.5, 1]]}
  - {id: c02, name: {zh: 西侧, en: West side}, url: rtsp://127.0.0.1/c02}
"""
ABSENCE = "id: a, kind: absence"
STEP = "id: a, kind: overdue_step"
CROWD = "id: a, kind: crowding, limit_people: 40"


def rules(*texts: str) -> str:
    return HALL + "  rules:\n" + "".join(f"  - {{{text}}}\n" for text in texts)


def told(text: str) -> list[str]:
    """Every problem of a configuration, without its line."""
    with pytest.raises(ConfigurationError) as refused:
        parse_configuration(text)
    return [f"{problem.field}: {problem.message}" for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (f"{ABSENCE}, scope: {{units: [fire]}}", "scope.units[0]: there is no unit 'fire' in this hall"),
        (
            f"{ABSENCE}, scope: {{windows: [w01, w09]}}",
            "scope.windows[1]: there is no window 'w09' in this hall",
        ),
        (f"{STEP}, scope: {{items: [visa]}}", "scope.items[0]: there is no item 'visa' in this hall"),
        (
            f"{ABSENCE}, exempt: {{cameras: [c09]}}",
            "exempt.cameras[0]: there is no camera 'c09' in this hall",
        ),
        (
            f"{ABSENCE}, scope: {{windows: [w01, w01]}}",
            "scope.windows[1]: 'w01' stands here for the second time",
        ),
        (
            f"{ABSENCE}, scope: {{items: [marriage]}}",
            "scope.items: a rule of the kind absence knows units, windows, cameras only",
        ),
        (
            "id: a, kind: disk, scope: {cameras: [c01]}",
            "scope.cameras: a rule of the kind disk is about the whole hall",
        ),
        (f"{ABSENCE}, exempt: {{}}", "exempt: exempts everything: name what is exempt, or leave it out"),
        (
            f"{ABSENCE}, scope: {{units: [tax]}}",
            "scope: leaves nothing in this hall that the rule could be about",
        ),
        (
            f"{ABSENCE}, scope: {{windows: [w01]}}, exempt: {{units: [civil]}}",
            "exempt: leaves nothing in this hall that the rule could be about",
        ),
        (
            f"{STEP}, scope: {{items: [marriage], steps: [handle]}}, exempt: {{steps: [handle]}}",
            "exempt: leaves nothing in this hall that the rule could be about",
        ),
        (
            f"{CROWD}, scope: {{cameras: [c02]}}",
            "scope.cameras[0]: no camera 'c02' here has a waiting zone",
        ),
        (
            f"{CROWD}, cameras: [c01], scope: {{cameras: [c01]}}",
            "scope.cameras: the cameras are named here or under cameras, not both",
        ),
    ],
)
def test_a_scope_that_cannot_be_meant_is_refused(rule: str, says: str) -> None:
    assert f"halls[0].rules[0].{says}" in told(rules(rule))


def test_a_step_that_does_not_exist_is_refused() -> None:
    (problem,) = told(rules(f"{STEP}, scope: {{steps: [dance]}}"))
    assert problem.startswith("halls[0].rules[0].scope.steps[0]: Input should be 'accept'")


def test_an_unknown_key_of_a_scope_is_refused() -> None:
    assert told(rules(f"{ABSENCE}, scope: {{floors: [f1]}}")) == [
        "halls[0].rules[0].scope.floors: unknown key"
    ]


def test_what_is_left_of_a_scope_may_be_little() -> None:
    hall = parse_configuration(
        rules(
            f"{ABSENCE}, scope: {{units: [civil]}}, exempt: {{windows: [w03]}}",
            "id: b, kind: overdue_step, exempt: {items: [marriage], steps: [handle]}",
            "id: c, kind: overlong_wait, exempt: {items: [marriage]}",
            "id: d, kind: camera_fault, exempt: {cameras: [c02]}",
        )
    ).halls[0]
    steps = hall.rules[1]
    assert steps.is_about({"items": {"marriage"}, "steps": {Step.REVIEW}})
    assert not steps.is_about({"items": {"marriage"}, "steps": {Step.HANDLE}})
    assert steps.is_about({"items": {"visa"}, "steps": {Step.HANDLE}})


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (
            f"{ABSENCE}, raises: [{{severity: serious, after_seconds: 300}}]",
            "raises[0].after_seconds: is not above the limit, which is 300 s",
        ),
        (
            f"{ABSENCE}, raises: [{{severity: warning, after_seconds: 400}}]",
            "raises[0].severity: is not above the rule's own, which is warning",
        ),
        (
            f"{ABSENCE}, severity: attention, raises: [{{severity: warning, after_seconds: 900}}, "
            "{severity: serious, after_seconds: 900}]",
            "raises[1].after_seconds: is not above that of the step before: write them in order",
        ),
        (
            f"{ABSENCE}, severity: attention, raises: [{{severity: serious, after_seconds: 600}}, "
            "{severity: warning, after_seconds: 900}]",
            "raises[1].severity: is not above serious, that of the step before",
        ),
        (
            f"{ABSENCE}, raises: [{{severity: serious, people: 10}}]",
            "raises[0].people: this kind of rule counts nobody: use after_seconds",
        ),
        (
            f"{CROWD}, raises: [{{severity: serious, people: 40}}]",
            "raises[0].people: is not above limit_people, which is 40",
        ),
        (
            f"{STEP}, items: {{marriage: {{handle: 7200}}}}, "
            "raises: [{severity: serious, after_seconds: 3600}]",
            "raises[0].after_seconds: is not above the limit, which is 7200 s",
        ),
        (f"{ABSENCE}, raises: [{{severity: serious}}]", "raises[0]: needs one of after_seconds and people"),
        (
            f"{CROWD}, raises: [{{severity: serious, people: 80, after_seconds: 900}}]",
            "raises[0]: needs one of after_seconds and people",
        ),
        ("id: a, kind: disk, raises: [{severity: serious, after_seconds: 9}]", "raises: unknown key"),
        ("id: a, kind: overdue_transaction, raises: []", "raises: unknown key"),
    ],
)
def test_a_ladder_that_does_not_rise_is_refused(rule: str, says: str) -> None:
    assert told(rules(rule)) == [f"halls[0].rules[0].{says}"]


def test_a_ladder_may_rise_by_time_and_by_size() -> None:
    crowd = parse_configuration(
        rules(
            f"{CROWD}, severity: attention, raises: [{{severity: warning, people: 60}}, "
            "{severity: serious, people: 80}, {severity: serious, after_seconds: 1800}]"
        )
    ).halls[0].rules[0]  # fmt: skip
    assert crowd.kind == "crowding"
    assert [each.severity for each in crowd.raises] == [Severity.WARNING, Severity.SERIOUS, Severity.SERIOUS]


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (f"{CROWD}, calm_people: 41", "calm_people: is above limit_people, which is 40"),
        (
            "id: a, kind: unattended_customer, limit_seconds: 15, gap_seconds: 15",
            "gap_seconds: is not below limit_seconds, which is 15: nobody need stand there at all",
        ),
        (
            f"{ABSENCE}, schedule: {{days: []}}",
            "schedule.days: it would never open: name days and hours, or exceptions with hours",
        ),
        (
            f"{ABSENCE}, schedule: {{hours: [], exceptions: [{{date: 2026-03-02}}]}}",
            "schedule.hours: it would never open: name days and hours, or exceptions with hours",
        ),
    ],
)
def test_limits_and_hours_that_contradict_themselves_are_refused(rule: str, says: str) -> None:
    assert told(rules(rule)) == [f"halls[0].rules[0].{says}"]


def test_a_hall_that_never_opens_is_refused() -> None:
    assert told(HALL + "  schedule: {days: []}\n") == [
        "halls[0].schedule.days: it would never open: name days and hours, or exceptions with hours"
    ]


@pytest.mark.parametrize(
    "hours",
    [
        "{always: true, days: []}",
        "{days: [], exceptions: [{date: 2026-03-07, hours: [{open: '09:00', close: '12:00'}]}]}",
    ],
)
def test_hours_on_single_days_are_hours(hours: str) -> None:
    assert parse_configuration(HALL + f"  schedule: {hours}\n").halls[0].schedule.ever_opens


def test_a_file_of_rules_is_checked_against_the_halls_that_it_is_for(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(f"rules:\n- {{{ABSENCE}, scope: {{windows: [w09]}}}}\n", encoding="utf-8")
    assert load_rules(file)[0].scope.windows == ("w09",)
    with pytest.raises(
        ConfigurationError, match=r"line 2: rules\[0\]\.scope\.windows\[0\]: there is no window"
    ):
        load_rules(file, parse_configuration(HALL).halls)
