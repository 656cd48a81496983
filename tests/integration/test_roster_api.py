"""The roster over a real socket: entered, changed, imported and undone, by whom it concerns alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from hall.permissions import ROLES, Permission
from hall.roles import Role
from store import audit
from tests.integration.console_hall import NOW, YAML, Console, console
from tests.integration.visitors import visiting

PATH = "/api/v1/halls/h1/roster"
TWO = YAML.replace(
    "staff: [{id: s1, name: {zh: 王芳, en: Wang Fang}, unit: u1}]",
    "staff: [{id: s1, name: {zh: 王芳, en: Wang Fang}, unit: u1}, "
    "{id: s2, name: {zh: 李明, en: Li Ming}, unit: u1}]",
)
DAY = {"from": "2026-03-01T16:00:00Z", "to": "2026-03-02T16:00:00Z"}
"""2 March 2026 in the hall."""


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Console]:
    with console(tmp_path, yaml=TWO) as running:
        yield running


def shift(staff: str, window: str, start: int, end: int, **more: object) -> dict[str, object]:
    """A shift by hours from 9:00 of the hall."""
    begins = NOW - timedelta(hours=1)
    return {
        "staff": staff,
        "window": window,
        "from": (begins + timedelta(hours=start)).isoformat().replace("+00:00", "Z"),
        "to": (begins + timedelta(hours=end)).isoformat().replace("+00:00", "Z"),
        "cover": False,
        **more,
    }


def change(client: httpx.Client, **asked: object) -> httpx.Response:
    return client.post(f"{PATH}/changes", json=asked)


def due(client: httpx.Client) -> list[tuple[str, str, str, str]]:
    found = client.get(PATH, params=DAY).json()["shifts"]
    return [(one["staff"], one["window"], one["from"][11:16], one["to"][11:16]) for one in found]


def test_a_shift_is_entered_changed_undone_and_removed_and_each_is_in_the_trail(hall: Console) -> None:
    with visiting(hall, Role.MANAGER, name="chief", halls=["h1"]) as chief:
        morning, longer = shift("s1", "w1", 0, 3), shift("s1", "w2", 0, 4, cover=True)
        done = change(chief, add={"shifts": [morning]}).json()
        assert (done["shifts"], done["by"]) == ({"added": 1, "changed": 0, "removed": 0}, "chief")
        done = change(chief, remove={"shifts": [morning]}, add={"shifts": [longer]}).json()
        assert done["shifts"]["changed"] == 1
        (stands,) = chief.get(PATH, params=DAY).json()["shifts"]
        assert stands == {
            **longer,
            "entered_by": "chief",
            "entered_at": NOW.isoformat().replace("+00:00", "Z"),
        }

        undone = chief.post(f"{PATH}/changes/{done['id']}/undo").json()
        assert (undone["origin"], undone["note"]) == ("undo", str(done["id"]))
        assert due(chief) == [("s1", "w1", "01:00", "04:00")]
        assert chief.post(f"{PATH}/changes/{done['id']}/undo").status_code == 409
        assert change(chief, remove={"shifts": [morning]}).json()["shifts"]["removed"] == 1
        assert due(chief) == []
        history = chief.get(f"{PATH}/changes").json()["items"]
        assert [one["undone_by"] for one in history] == [None, None, undone["id"], None]
        assert chief.post(f"{PATH}/changes/{history[-1]['id']}/undo").status_code == 409, (
            "it is removed since"
        )
    with hall.database.read() as tx:
        told = [(one.who, one.action, one.subject) for one in audit.entries(tx)]
        first = json.loads(audit.entries(tx)[0].detail)
    assert told == [("chief", f"roster_{what}", "hall:h1") for what in ("change", "change", "undo", "change")]
    assert first["added_shifts"][0]["staff"] == "s1"


def test_every_fault_is_named_by_its_field_and_nothing_is_taken(hall: Console) -> None:
    with visiting(hall, Role.ADMINISTRATOR) as client:
        backwards = {**shift("s1", "w1", 3, 3), "to": shift("s1", "w1", 0, 1)["to"]}
        leave = {"staff": "s9", "from": DAY["to"], "to": DAY["from"], "reason": ""}
        long = shift("s1", "w1", 0, 30)
        wrong = {"shifts": [shift("s9", "w9", 0, 1), backwards, long], "leaves": [leave]}
        answer = change(client, add=wrong)
        assert answer.status_code == 422
        assert [one["field"] for one in answer.json()["errors"]] == [
            "add.shifts.0.staff",
            "add.shifts.0.window",
            "add.shifts.1.to",
            "add.shifts.2.to",
            "add.leaves.0.staff",
            "add.leaves.0.to",
        ]
        twice = change(client, add={"shifts": [shift("s1", "w1", 0, 1), shift("s1", "w2", 0, 2)]})
        assert twice.json()["errors"] == [
            {"field": "add.shifts.1.from", "message": "begins together with number 0"}
        ]
        assert change(client, add={"shifts": [shift("s1", "w1", 0, 3)]}).status_code == 200
        clash = change(client, add={"shifts": [shift("s2", "w1", 0, 1), shift("s1", "w2", 2, 4)]}).json()
        assert clash["errors"] == [
            {"field": "add.shifts.1.from", "message": "s1 is due at w1 from 2026-03-02 09:00 to 12:00"}
        ]
        assert len(due(client)) == 1
        assert client.get(PATH).json()["errors"][0]["field"] == "from"


def test_of_two_who_change_one_shift_the_second_is_told_who_was_first(hall: Console) -> None:
    with (
        visiting(hall, Role.MANAGER, name="first") as first,
        visiting(hall, Role.MANAGER, name="second") as second,
    ):
        seen = shift("s1", "w1", 0, 3)
        assert change(first, add={"shifts": [seen]}).status_code == 200
        assert (
            change(first, remove={"shifts": [seen]}, add={"shifts": [shift("s1", "w1", 0, 4)]}).status_code
            == 200
        )
        late = change(second, remove={"shifts": [seen]}, add={"shifts": [shift("s1", "w2", 0, 3)]})
        assert (late.status_code, late.json()["changed_by"]) == (412, "first")
        assert late.json()["current"]["window"] == "w1"
        # Another entry of the same day is no conflict.
        assert change(second, add={"shifts": [shift("s2", "w2", 0, 3)]}).status_code == 200


ROWS = (
    "类型,人员,窗口,开始,结束,事由\n"
    "班次,王芳,1,2026-03-02 9:00,2026-03-02 12:00,\n"
    "请假,李明,,2026-03-02,2026-03-03,年假\n"
)


def test_a_file_is_tried_then_taken_and_the_same_again_changes_nothing(hall: Console) -> None:
    with visiting(hall, Role.MANAGER) as client:
        assert change(client, add={"shifts": [shift("s2", "w1", 5, 8)]}).status_code == 200
        content = ROWS.encode("gb18030")
        trial = client.post(f"{PATH}/trials", content=content).json()
        assert (trial["faults"], trial["shifts"], trial["leaves"]["added"]) == (
            [],
            {"added": 1, "changed": 0, "removed": 1},
            1,
        )
        assert [line["before"] is None for line in trial["shift_lines"]] == [True, False]
        assert len(due(client)) == 1, "a trial takes nothing"

        def take(match: str | None) -> httpx.Response:
            headers = {} if match is None else {"If-Match": match}
            params = {"name": "三月.csv"}
            return client.post(f"{PATH}/imports", content=content, headers=headers, params=params)

        assert take(None).status_code == 428
        assert take("0" * 32 + "-" + "0" * 32).json()["errors"][0]["field"] == "If-Match"
        taken = take(trial["digest"]).json()
        assert (taken["origin"], taken["note"], taken["shifts"]) == ("file", "三月.csv", trial["shifts"])
        assert due(client) == [("s1", "w1", "01:00", "04:00")]
        assert take(trial["digest"]).status_code == 412, "it would do nothing any more: that was not tried"
        again = client.post(f"{PATH}/trials", content=content).json()
        assert again["shifts"] == {"added": 0, "changed": 0, "removed": 0}
        assert take(again["digest"]).json()["id"] is None
        assert len(client.get(f"{PATH}/changes").json()["items"]) == 2
        assert client.post(f"{PATH}/changes/{taken['id']}/undo").status_code == 200
        assert due(client) == [("s2", "w1", "06:00", "09:00")]


def test_what_changed_since_the_trial_or_cannot_stand_is_not_taken(hall: Console) -> None:
    with visiting(hall, Role.MANAGER, name="li") as client:
        content = ROWS.encode()
        digest = client.post(f"{PATH}/trials", content=content).json()["digest"]
        assert change(client, add={"shifts": [shift("s2", "w1", 5, 8)]}).status_code == 200
        late = client.post(f"{PATH}/imports", content=content, headers={"If-Match": digest})
        assert (late.status_code, late.json()["changed_by"]) == (412, "li")
        assert change(client, add={"shifts": [shift("s1", "w2", 1, 2)]}).status_code == 200
        trial = client.post(f"{PATH}/trials", content=content).json()
        assert [(one["row"], one["column"]) for one in trial["faults"]] == [(2, "开始")]
        assert trial["faults"][0]["message"] == {
            "zh": "排班表中此人2026-03-02 10:00–11:00在二号窗口已有班次",
            "en": "by the roster this person is due at Window Two 2026-03-02 10:00–11:00 already",
        }
        refused = client.post(f"{PATH}/imports", content=content, headers={"If-Match": trial["digest"]})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "row 2 开始")
        wrong = client.post(f"{PATH}/trials", content=b"PK\x03\x04 no workbook").json()
        assert [one["message"]["en"] for one in wrong["faults"]] == ["is no .xlsx file that can be read"]
        assert client.post(f"{PATH}/trials", content=bytes(5 * 1024 * 1024)).status_code == 413


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_is_given_out_as_a_file_can_be_taken_again(hall: Console, form: str) -> None:
    with visiting(hall, Role.MANAGER) as client:
        example = client.get(f"{PATH}/table", params={"format": form, "language": "en"})
        assert f'filename="roster-example.{form}"' in example.headers["content-disposition"]
        trial = client.post(f"{PATH}/trials", content=example.content).json()
        assert (trial["faults"], trial["shifts"]["added"], trial["leaves"]["added"]) == ([], 4, 1)
        assert change(client, add={"shifts": [shift("s1", "w1", 0, 3)]}).status_code == 200
        whole = client.get(f"{PATH}/table", params={"format": form, **DAY})
        same = client.post(f"{PATH}/trials", content=whole.content).json()
        assert (same["faults"], same["shifts"]) == ([], {"added": 0, "changed": 0, "removed": 0})


def test_a_roster_is_for_who_runs_it_and_for_the_own_hall_alone(hall: Console) -> None:
    assert {role for role in Role if Permission.ROSTER in ROLES[role]} == {Role.MANAGER, Role.ADMINISTRATOR}
    with visiting(hall, Role.OFFICER) as officer, visiting(hall, Role.MANAGER, halls=["h2"]) as stranger:
        assert officer.get(PATH, params=DAY).status_code == 403
        assert stranger.get(PATH, params=DAY).status_code == 404
        assert change(stranger, add={"shifts": [shift("s1", "w1", 0, 3)]}).status_code == 404
