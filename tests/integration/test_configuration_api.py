"""The configuration on the console over a real socket: changed part by part, with versions and conflicts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from hall.address_secrets import host_of, literal_passwords, with_stored
from hall.interval import Interval
from hall.names import StaffId, WindowId
from hall.roles import Role
from hall.roster import Shift
from hall.roster_change import RosterChange
from store import audit, camera_secrets, keyring
from store import configuration as configurations
from store import roster as rosters
from tests.integration.console_hall import HALL, NOW, Console, console
from tests.integration.visitors import visiting

UNITS = "/api/v1/configuration/halls/h1/units"
WINDOWS = "/api/v1/configuration/halls/h1/windows"
TAX = {"name": {"zh": "税务", "en": "Tax"}}
THIRD = {"number": "3", "name": {"zh": "三号窗口", "en": "Window Three"}, "unit": "u1"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with console(tmp_path_factory.mktemp("hall")) as running:
        yield running


@pytest.fixture
def hall(running: Console) -> Console:
    """The console, with what hall.yaml says in force."""
    with running.database.write() as tx:
        configurations.apply(tx, running.configuration, NOW)
    return running


def latest(client: httpx.Client) -> int:
    """The number of the version in force."""
    number = client.get("/api/v1/configuration").json()["version"]
    assert isinstance(number, int)
    return number


@pytest.fixture
def admin(hall: Console) -> Iterator[httpx.Client]:
    with visiting(hall, Role.ADMINISTRATOR, name="li") as client:
        yield client


def match(client: httpx.Client) -> dict[str, str]:
    """The header that says: made upon what is in force now."""
    return {"If-Match": client.get("/api/v1/configuration").headers["ETag"]}


def change(client: httpx.Client, path: str, value: object) -> httpx.Response:
    return client.put(path, json=value, headers=match(client))


def fields(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    return {fault["field"]: fault["message"] for fault in answer.json()["errors"]}


def test_a_window_that_is_added_is_there_for_everybody(hall: Console, admin: httpx.Client) -> None:
    before = latest(admin)
    made = change(admin, f"{WINDOWS}/w3", THIRD)
    assert made.status_code == 200, made.text
    assert made.json()["part"] == "halls/h1/windows/w3"
    assert made.json()["value"] == {"id": "w3", **THIRD}
    assert made.headers["ETag"] == f'"{made.json()["etag"]}"' == match(admin)["If-Match"]
    with hall.officer() as officer:
        shown = officer.get("/api/v1/windows").json()["items"]
    assert [window["id"] for window in shown] == ["w1", "w2", "w3"]
    state = admin.get("/api/v1/configuration").json()
    assert (state["by"], state["of_file"], state["version"]) == ("li", False, before + 1)


def test_a_change_of_an_object_leaves_it_in_its_place(admin: httpx.Client) -> None:
    first = admin.get(WINDOWS).json()["value"][0]
    change(admin, f"{WINDOWS}/w1", {**first, "number": "01"})
    assert [(each["id"], each["number"]) for each in admin.get(WINDOWS).json()["value"]] == [
        ("w1", "01"),
        ("w2", "2"),
    ]


def test_every_fault_is_told_with_its_field(admin: httpx.Client) -> None:
    wrong = {"number": "123456789", "name": {"zh": "三"}, "unit": "u9", "colour": "red"}
    assert set(fields(change(admin, f"{WINDOWS}/w3", wrong))) == {"number", "name.en", "colour"}
    told = fields(change(admin, f"{WINDOWS}/w3", {**THIRD, "number": "2", "unit": "u9"}))
    assert set(told) == {"number", "unit"}
    assert told["unit"] == "there is no unit 'u9'"
    assert "does not change" in fields(change(admin, f"{WINDOWS}/w3", {**THIRD, "id": "w4"}))["id"]
    assert set(fields(change(admin, f"{WINDOWS}/W 3", THIRD))) == {"id"}
    assert fields(change(admin, f"{WINDOWS}/w3", "a window")) == {"windows": "must be an object"}
    assert len(admin.get(WINDOWS).json()["value"]) == 2


def test_a_rule_is_told_its_faults_by_its_own_fields(admin: httpx.Client) -> None:
    rules = "/api/v1/configuration/halls/h1/rules"
    (absence,) = [rule for rule in admin.get(rules).json()["value"] if rule["id"] == "absence"]
    faults = fields(change(admin, f"{rules}/absence", {**absence, "limit_seconds": -1}))
    assert set(faults) == {"limit_seconds"}
    raised = [{"severity": "serious", "after_seconds": 900, "people": 3}]
    assert set(fields(change(admin, f"{rules}/absence", {**absence, "raises": raised}))) == {"raises[0]"}


def test_a_changed_rule_gets_its_next_version_whatever_is_sent(admin: httpx.Client) -> None:
    rules = "/api/v1/configuration/halls/h1/rules"
    (absence,) = [rule for rule in admin.get(rules).json()["value"] if rule["id"] == "absence"]
    made = change(admin, f"{rules}/absence", {**absence, "limit_seconds": 120, "version": 40})
    changed = made.json()["value"]
    assert (changed["version"], changed["limit_seconds"]) == (absence["version"] + 1, 120)
    versions = admin.get("/api/v1/halls/h1/rules/absence/versions").json()["items"]
    assert [each["rule"]["limit_seconds"] for each in versions][-2:] == [300, 120]


def test_what_refers_to_a_removed_object_is_named(hall: Console, admin: httpx.Client) -> None:
    assert set(fields(admin.delete(f"{UNITS}/u1", headers=match(admin)))) == {"units"}, "the last one"
    change(admin, f"{UNITS}/tax", TAX)
    faults = fields(admin.delete(f"{UNITS}/u1", headers=match(admin)))
    assert {"windows.w1.unit", "windows.w2.unit", "staff.s1.unit"} <= set(faults)
    faults = fields(admin.delete(f"{WINDOWS}/w1", headers=match(admin)))
    assert faults == {"cameras.c1.zones.z1.window": "there is no window 'w1' in this hall"}
    change(admin, f"{WINDOWS}/w3", THIRD)
    due = Shift(StaffId("s1"), WindowId("w3"), Interval(NOW, NOW + timedelta(hours=3)))
    with hall.database.write() as tx:
        zone = hall.configuration.halls[0].zone_info
        rosters.change(tx, HALL, zone, RosterChange(shifts=(due,)), NOW)
    told = fields(admin.delete(f"{WINDOWS}/w3", headers=match(admin)))
    assert told == {"roster": "1 shifts from 2026-03-02 on name 'w3'"}


def test_what_stands_in_the_way_of_a_removal_is_told_before_it_is_tried(
    hall: Console, admin: httpx.Client
) -> None:
    def told(path: str) -> dict[str, Any]:
        answer = admin.get(f"{path}/references")
        assert answer.status_code == 200, answer.text
        known: dict[str, Any] = answer.json()
        return known

    def named(path: str) -> list[tuple[str, str | None]]:
        return [(one["collection"], one["id"]) for one in told(path)["items"]]

    assert named(f"{UNITS}/u1") == [("units", None)], "the last one"
    change(admin, f"{UNITS}/tax", TAX)
    assert named(f"{UNITS}/u1") == [("windows", "w1"), ("windows", "w2"), ("staff", "s1")]
    assert told(f"{UNITS}/tax") == {"items": [], "shifts": 0, "shifts_from": None, "leaves": 0}
    change(admin, f"{WINDOWS}/w4", {**THIRD, "number": "4"})
    tomorrow = NOW + timedelta(days=1)
    due = Shift(StaffId("s1"), WindowId("w4"), Interval(tomorrow, tomorrow + timedelta(hours=3)))
    with hall.database.write() as tx:
        rosters.change(tx, HALL, hall.configuration.halls[0].zone_info, RosterChange(shifts=(due,)), NOW)
    assert told(f"{WINDOWS}/w4") == {"items": [], "shifts": 1, "shifts_from": "2026-03-03", "leaves": 0}
    assert named(f"{WINDOWS}/w1") == [("cameras", "c1")]
    with visiting(hall, Role.ADMINISTRATOR, cameras=("c2",)) as limited:
        hidden = limited.get(f"{WINDOWS}/w1/references").json()["items"]
    assert hidden == [{"collection": "cameras", "id": None, "message": ""}]
    assert admin.get(f"{WINDOWS}/w9/references").status_code == 404
    assert admin.get("/api/v1/configuration/halls/h1/schedule/x/references").status_code == 404


def test_what_nothing_refers_to_is_removed(admin: httpx.Client) -> None:
    change(admin, f"{UNITS}/tax", TAX)
    assert [unit["id"] for unit in admin.get(UNITS).json()["value"]] == ["u1", "tax"]
    assert admin.delete(f"{UNITS}/tax", headers=match(admin)).status_code == 204
    assert [unit["id"] for unit in admin.get(UNITS).json()["value"]] == ["u1"]
    assert admin.delete(f"{UNITS}/tax", headers=match(admin)).status_code == 404


def test_two_who_change_the_same_object_meet_and_two_others_do_not(
    hall: Console, admin: httpx.Client
) -> None:
    upon = match(admin)
    with visiting(hall, Role.ADMINISTRATOR, name="zhao") as other:
        made = other.put(f"{WINDOWS}/w3", json=THIRD, headers=upon)
        assert made.status_code == 200
        assert other.put(f"{UNITS}/tax", json=TAX, headers=upon).status_code == 200, "another object"
    conflict = admin.put(f"{WINDOWS}/w3", json={**THIRD, "number": "33"}, headers=upon)
    assert conflict.status_code == 412
    told = conflict.json()
    assert (told["changed_by"], told["current"]["number"]) == ("zhao", "3")
    assert told["changed_at"].startswith("2026-03-02T02:00")
    assert admin.delete(f"{WINDOWS}/w3", headers=upon).status_code == 412
    assert admin.put(f"{WINDOWS}/w3", json=THIRD).status_code == 428
    assert admin.put(f"{WINDOWS}/w3", json=THIRD, headers={"If-Match": '"0"'}).status_code == 412


def test_a_password_never_leaves_and_stays_when_it_is_not_changed(hall: Console, admin: httpx.Client) -> None:
    cameras = "/api/v1/configuration/halls/h1/cameras"
    (camera,) = admin.get(cameras).json()["value"]
    assert camera["url"] == "rtsp://admin:•••@127.0.0.1/1"
    made = change(admin, f"{cameras}/c1", {**camera, "name": {"zh": "甲", "en": "A"}, "url": camera["url"]})
    assert made.json()["value"]["url"] == "rtsp://admin:•••@127.0.0.1/1"
    assert address(hall) == "rtsp://admin:secret@127.0.0.1/1"
    change(admin, f"{cameras}/c1", {**camera, "url": "rtsp://admin:•••@127.0.0.1/2"})
    assert address(hall) == "rtsp://admin:secret@127.0.0.1/2"
    elsewhere = change(admin, f"{cameras}/c1", {**camera, "url": "rtsp://admin:•••@192.0.2.9/1"})
    assert "write the password again" in fields(elsewhere)["url"]
    renamed = {**camera, "name": {"zh": "乙", "en": "B"}}
    change(admin, f"{cameras}/c1", {**renamed, "url": "rtsp://admin:other@127.0.0.1/1"})
    assert address(hall) == "rtsp://admin:other@127.0.0.1/1"
    with hall.database.read() as tx:
        assert [entry.subject for entry in audit.entries(tx) if entry.action == "camera_password"] == [
            "camera:c1"
        ]
    for stolen in ("rtsp://admin:${secret:password}@192.0.2.9/1", "rtsp://192.0.2.9/${HOME}"):
        assert "url" in fields(change(admin, f"{cameras}/c1", {**renamed, "url": stolen}))
    assert address(hall) == "rtsp://admin:other@127.0.0.1/1"
    versions = admin.get("/api/v1/configuration/versions").json()["items"]
    texts = [admin.get(f"/api/v1/configuration/versions/{each['version']}").text for each in versions]
    with hall.database.read() as tx:
        texts += [entry.detail for entry in audit.entries(tx)]
    assert not [text for text in texts if "secret@" in text or ":other@" in text]


def address(hall: Console) -> str:
    """The camera's address as capture opens it."""
    with hall.database.read() as tx:
        in_force = configurations.current(tx)
        assert in_force is not None
        camera = in_force.halls[0].cameras[0]
        assert literal_passwords(camera.url) == ()
        keys = keyring.read(in_force.site, {})
        return with_stored(
            camera.url,
            lambda name: camera_secrets.open_secret(tx, keys, camera.id, name, host_of(camera.url)),
        )


def test_a_version_says_what_it_changed_and_can_be_undone(hall: Console, admin: httpx.Client) -> None:
    change(admin, f"{WINDOWS}/w3", THIRD)
    first, before = admin.get("/api/v1/configuration/versions").json()["items"][:2]
    assert first["changed"] == [{"part": "halls/h1/windows/w3", "change": "added"}]
    assert (first["by"], first["origin"], before["origin"]) == ("li", "console", "file")
    told = admin.get(f"/api/v1/configuration/versions/{first['version']}").json()
    assert [(each["part"], each["before"]) for each in told["items"]] == [("halls/h1/windows/w3", None)]
    undoing = f"/api/v1/configuration/versions/{before['version']}"
    ahead = admin.get(undoing, params={"against": "current"}).json()["items"]
    assert [(each["part"], each["change"]) for each in ahead] == [("halls/h1/windows/w3", "removed")]
    restored = admin.post(f"{undoing}/restore", headers=match(admin))
    assert restored.status_code == 200, restored.text
    assert (restored.json()["origin"], restored.json()["restored"]) == ("restore", before["version"])
    assert restored.json()["of_file"], "it says what the file said again"
    assert len(admin.get(WINDOWS).json()["value"]) == 2
    assert admin.post(f"{undoing}/restore", headers=match(admin)).status_code == 409
    assert admin.post("/api/v1/configuration/versions/9999/restore", headers=match(admin)).status_code == 404


def test_every_change_is_in_the_trail_with_before_and_after(hall: Console, admin: httpx.Client) -> None:
    with hall.database.read() as tx:
        seen = len(audit.entries(tx))
    change(admin, f"{UNITS}/tax", TAX)
    entered = latest(admin)
    change(admin, f"{UNITS}/tax", TAX)
    change(admin, f"{UNITS}/tax", {"name": {"zh": "税务局", "en": "Tax Office"}})
    admin.delete(f"{UNITS}/tax", headers=match(admin))
    admin.post(f"/api/v1/configuration/versions/{entered}/restore", headers=match(admin))
    with hall.database.read() as tx:
        told = [entry for entry in audit.entries(tx)[seen:] if entry.action.startswith("configuration")]
    assert [(entry.who, entry.action, entry.subject) for entry in told] == [
        ("li", "configuration_change", "configuration:halls/h1/units/tax"),
        ("li", "configuration_change", "configuration:halls/h1/units/tax"),
        ("li", "configuration_remove", "configuration:halls/h1/units/tax"),
        ("li", "configuration_restore", f"configuration:version {entered}"),
    ], "what changes nothing is no change"
    names = [[json.loads(entry.detail)[when] for when in ("before", "after")] for entry in told[:3]]
    office = {"zh": "税务局", "en": "Tax Office"}
    assert [[side and side["name"] for side in pair] for pair in names] == [
        [None, TAX["name"]],
        [TAX["name"], office],
        [office, None],
    ]


def test_wholes_of_hall_and_site_are_changed_as_one(admin: httpx.Client) -> None:
    about = "/api/v1/configuration/halls/h1/about"
    shown = admin.get(about).json()["value"]
    assert shown["timezone"] == "Asia/Shanghai"
    assert change(admin, about, {**shown, "level": "city"}).json()["value"]["level"] == "city"
    assert set(fields(change(admin, about, {**shown, "timezone": "Mars"}))) == {"timezone"}
    assert set(fields(change(admin, about, {**shown, "windows": []}))) == {"windows"}
    keep = "/api/v1/configuration/site/keep"
    assert change(admin, keep, {"picture_days": 90}).json()["value"]["picture_days"] == 90
    storage = "/api/v1/configuration/site/storage"
    assert set(fields(change(admin, storage, {"disks": ["here"]}))) == {"disks[0]"}
    steps = [{"after_minutes": 5, "role": {"zh": "长", "en": "Chief"}, "notifiers": ["nobody"]}]
    told = fields(change(admin, "/api/v1/configuration/halls/h1/escalation", steps))
    assert told == {"[0].notifiers[0]": "there is no notifier 'nobody' in site.notifiers"}
    assert admin.get("/api/v1/configuration/site/bus").status_code == 404
    assert change(admin, "/api/v1/configuration/site/notifiers", []).status_code == 404
    assert change(admin, "/api/v1/configuration/halls/h1/schedule/x", {}).status_code == 404


def test_who_is_limited_to_a_hall_configures_that_hall_alone(hall: Console, admin: httpx.Client) -> None:
    change(admin, "/api/v1/configuration/site/keep", {"picture_days": 90})
    with visiting(hall, Role.ADMINISTRATOR, halls=["h1"]) as own:
        assert change(own, f"{UNITS}/tax", TAX).status_code == 200
        assert own.get("/api/v1/configuration/site/keep").status_code == 403
        items = own.get("/api/v1/configuration/versions").json()["items"]
        assert [part["part"] for part in items[0]["changed"]] == ["halls/h1/units/tax"]
        assert not any("site/" in part["part"] for each in items for part in each["changed"])
        assert own.post("/api/v1/configuration/versions/1/restore", headers=match(own)).status_code == 403
    with visiting(hall, Role.ADMINISTRATOR, halls=["h1"], cameras=["c9"]) as narrow:
        assert narrow.get("/api/v1/configuration/halls/h1/cameras").json()["value"] == []
        gone = narrow.delete("/api/v1/configuration/halls/h1/cameras/c1", headers=match(narrow))
        assert gone.status_code == 404
    with visiting(hall, Role.OFFICER) as officer:
        assert officer.get(UNITS).status_code == 403


def test_the_schema_of_each_collection_is_told(admin: httpx.Client) -> None:
    told: dict[str, Any] = admin.get("/api/v1/configuration/schema").json()
    assert set(told["hall"]) == {
        *("units", "staff", "windows", "cameras", "items", "queues", "rules"),
        *("schedule", "quiet", "escalation", "about"),
    }
    assert set(told["site"]) == {"notifiers", "storage", "keep", "access"}
    window = told["hall"]["windows"]["$defs"]["Window"]
    assert window["properties"]["number"]["maxLength"] == 8
    assert "AbsenceRule" not in told["hall"]["windows"]["$defs"]
