"""A change starts those roles again that it concerns, and no recording is cut for a name."""

from __future__ import annotations

import pytest

from hall.config import Configuration, editing, parse_configuration
from hall.config.parts import Content, Part, content_of, read
from hall.names import HallId
from hallwatch.renewal import concerned_roles
from hallwatch.roles import RoleName

HALL = HallId("h1")
FILE = """\
site: {data: data}
halls:
  - id: h1
    name: {zh: 大厅, en: Hall}
    units: [{id: u1, name: {zh: 一, en: One}}]
    windows: [{id: w1, number: "1", name: {zh: 一, en: One}, unit: u1}]
    cameras: [{id: c1, name: {zh: 一, en: One}, url: "rtsp://127.0.0.1/1"}]
"""
QUEUE = "    queues: [{id: q1, kind: json_lines, path: /var/queue}]\n"
SAID = {"zh": "新", "en": "New"}
ZONE = {"id": "z1", "role": "staff", "window": "w1", "polygon": [[0, 0], [1, 0], [1, 1]]}


def concerned(file: str, part: Part, **told: object) -> set[str]:
    before = parse_configuration(file)
    after = editing.put(before, part, {**_now(before, part), **told})
    assert before != after
    return {role.value for role in concerned_roles(before, after)}


def _now(configuration: Configuration, part: Part) -> Content:
    known = read(content_of(configuration), part)
    return known if isinstance(known, dict) else {}


@pytest.mark.parametrize(
    ("part", "told", "roles"),
    [
        (Part(HALL, "units", "u1"), {"name": SAID}, set()),
        (Part(HALL, "windows", "w1"), {"number": "01"}, set()),
        (Part(HALL, "rules", "absence"), {"limit_seconds": 60}, set()),
        (Part(HALL, "schedule"), {"always": True}, set()),
        (Part(None, "access"), {"reason_for": ["live"]}, set()),
        (Part(HALL, "cameras", "c1"), {"name": SAID}, set()),
        (Part(HALL, "cameras", "c1"), {"zones": [ZONE]}, {"analysis"}),
        (Part(HALL, "cameras", "c1"), {"keep": {"picture_days": 3}}, {"capture"}),
        (Part(HALL, "cameras", "c1"), {"url": "rtsp://127.0.0.1/2"}, {"capture", "analysis"}),
        (Part(HALL, "cameras", "c1"), {"sample_every": 1}, {"capture", "analysis"}),
        (Part(None, "keep"), {"picture_days": 3}, {"capture"}),
        (Part(None, "notifiers", "n1"), {"kind": "webhook", "url": "http://127.0.0.1/"}, {"alerts"}),
    ],
)
def test_a_change_concerns_these_roles(part: Part, told: dict[str, object], roles: set[str]) -> None:
    assert concerned(FILE, part, **told) == roles


def test_windows_and_people_concern_capture_where_it_asks_a_queue() -> None:
    assert concerned(FILE + QUEUE, Part(HALL, "windows", "w1"), number="01") == {RoleName.CAPTURE}
