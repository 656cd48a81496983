"""hall.yaml: what is wrong is named by field and line."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hall.config import load_configuration, parse_configuration
from hall.errors import ConfigurationError, Problem

GOOD = """\
version: 1
halls:
  - id: demo
    name: {zh: 大厅, en: Hall}
    units: [{id: tax, name: {zh: 税务, en: Tax}}]
    windows:
      - {id: w01, number: '1', name: {zh: 一, en: One}, unit: tax}
      - {id: w02, number: '2', name: {zh: 二, en: Two}, unit: tax}
    cameras:
      - id: cam-1
        name: {zh: 机, en: Cam}
        url: rtsp://127.0.0.1/1
        zones:
          - {id: left, role: staff, window: w01, polygon: [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]}
          - {id: right, role: staff, window: w02, polygon: [[0.5, 0], [1, 0], [1, 1], [0.5, 1]]}
"""


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(ConfigurationError) as error:
        parse_configuration(text)
    return error.value.problems


def test_a_good_file_is_read() -> None:
    hall = parse_configuration(GOOD).halls[0]
    assert hall.cameras_of(hall.windows[1].id) == ("cam-1",)
    assert [rule.kind for rule in hall.rules] == [
        "absence",
        "unattended_customer",
        "overlong_pause",
        "overlong_wait",
        "long_queue",
        "camera_fault",
        "recording_gap",
        "detector_stale",
        "disk",
        "overdue_transaction",
        "overdue_transaction",
    ]


WRONG = [
    ("unknown key", "    units:", "    colour: red\n    units:", "colour", 5),
    (
        "unknown key deep inside",
        "role: staff, window: w01",
        "role: staff, hue: 1, window: w01",
        "cameras[0].zones[0].hue",
        14,
    ),
    ("unknown window", "window: w02", "window: w09", "cameras[0].zones[1].window", 15),
    ("unknown unit", "en: Two}, unit: tax", "en: Two}, unit: police", "windows[1].unit", 8),
    (
        "zone outside the picture",
        "[1, 1], [0.5, 1]]",
        "[1.2, 1], [0.5, 1]]",
        "cameras[0].zones[1].polygon",
        15,
    ),
    ("overlapping staff zones", "[[0.5, 0], [1, 0]", "[[0.3, 0], [1, 0]", "cameras[0].zones[1].polygon", 15),
    (
        "outline that crosses itself",
        "[[0, 0], [0.5, 0], [0.5, 1], [0, 1]]",
        "[[0, 0], [0.5, 1], [0.5, 0], [0, 1]]",
        "cameras[0].zones[0].polygon",
        14,
    ),
    ("window number twice", "number: '2'", "number: '1'", "windows[1].number", 8),
    ("window id twice", "id: w02", "id: w01", "windows[1].id", 8),
    ("key twice", "  - id: demo\n", "  - id: demo\n    id: other\n", "id", 4),
    (
        "staff zone without a window",
        "role: staff, window: w01",
        "role: staff",
        "cameras[0].zones[0].window",
        14,
    ),
    (
        "waiting zone with a window",
        "role: staff, window: w01",
        "role: waiting, window: w01",
        "cameras[0].zones[0].window",
        14,
    ),
    ("time zone that is none", "    units:", "    timezone: Asia/Beijing\n    units:", "timezone", 5),
    ("wrong kind of value", "version: 1", "version: one", "version", 1),
    ("id with a slash", "id: cam-1", "id: cam/1", "cameras[0].id", 10),
    (
        "limit below zero",
        "    cameras:",
        "    rules: [{kind: absence, id: a, limit_seconds: -1}]\n    cameras:",
        "rules[0].limit_seconds",
        9,
    ),
    (
        "rule of an unknown kind",
        "    cameras:",
        "    rules: [{kind: nap, id: a}]\n    cameras:",
        "rules[0]",
        9,
    ),
    (
        "calm with more people than the limit",
        "    cameras:",
        "    rules: [{kind: crowding, id: a, limit_people: 20, calm_people: 30}]\n    cameras:",
        "rules[0].calm_people",
        9,
    ),
    (
        "a crowd where no camera counts",
        "    cameras:",
        "    rules: [{kind: crowding, id: a, limit_people: 20, cameras: [cam-1]}]\n    cameras:",
        "rules[0].cameras[0]",
        9,
    ),
    (
        "a crowd of no size",
        "    cameras:",
        "    rules: [{kind: crowding, id: a}]\n    cameras:",
        "rules[0].limit_people",
        9,
    ),
    (
        "closes before it opens",
        "    cameras:",
        "    schedule: {hours: [{open: '17:00', close: '09:00'}]}\n    cameras:",
        "schedule.hours[0]",
        9,
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "field", "line"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG]
)
def test_a_fault_is_named_by_field_and_line(old: str, new: str, field: str, line: int) -> None:
    assert old in GOOD
    found = problems(GOOD.replace(old, new, 1))
    assert (field, line) in [(problem.field.removeprefix("halls[0]."), problem.line) for problem in found], (
        found
    )


def test_every_fault_is_named_at_once() -> None:
    text = GOOD.replace("window: w02", "window: w09").replace("unit: tax", "unit: police", 1)
    assert len(problems(text)) == 2


@pytest.mark.parametrize("text", ["", "[]", "halls: {", "- : -", "\t", "a: &a [*a]", "halls: &h [*h]"])
def test_what_is_no_configuration_is_refused(text: str) -> None:
    assert problems(text)


@given(st.text(string.printable, max_size=200))
def test_no_text_makes_the_reader_fail_otherwise(text: str) -> None:
    try:
        parse_configuration(text)
    except ConfigurationError as error:
        assert error.problems  # noqa: PT017 - most texts are refused, a few might be good


def test_a_bomb_of_aliases_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    assert problems("\n".join(lines))


def test_a_file_that_is_missing_or_no_text_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(ConfigurationError, match=r"file: cannot be read"):
            load_configuration(path)
    (tmp_path / "hall.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="UTF-8"):
        load_configuration(tmp_path / "hall.yaml")


def test_a_relative_data_folder_is_meant_from_the_file(tmp_path: Path) -> None:
    (tmp_path / "hall.yaml").write_text(GOOD, encoding="utf-8")
    assert load_configuration(tmp_path / "hall.yaml").site.data == (tmp_path / "data").resolve()


@pytest.mark.parametrize(
    ("setting", "field"),
    [
        ("window_samples: 0", "window_samples"),
        ("window_samples: 61", "window_samples"),
        ("window_samples: 2.5", "window_samples"),
        ("on_ratio: 0", "on_ratio"),
        ("on_ratio: 1.1", "on_ratio"),
        ("off_ratio: -0.1", "off_ratio"),
        ("off_ratio: 0.6", "off_ratio"),
        ("on_ratio: 0.1", "off_ratio"),
        ("blind_samples: 0.5", "blind_samples"),
        ("score: 0", "score"),
        ("crop_size: 64", "crop_size"),
    ],
)
def test_parameters_of_presence_that_cannot_be_meant_are_named(setting: str, field: str) -> None:
    text = GOOD.replace("version: 1\n", f"version: 1\nsite: {{analysis: {{{setting}}}}}\n")
    assert [(problem.field, problem.line) for problem in problems(text)] == [(f"site.analysis.{field}", 2)]
