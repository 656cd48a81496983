"""Accounts over a real socket: passwords, sessions, users and keys, and that each change holds at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from console.access.gate import SCOPES
from hall.names import HallId
from hall.permissions import Permission
from hall.roles import Role
from hallwatch.cli import keys
from store import accounts, api_keys, audit
from tests.integration.console_hall import HALL, KEY, PASSWORD, USER, Console, console
from tests.integration.test_console_api import before, errors_of, found
from tests.integration.visitors import visiting

NEW = "a longer word than before"


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Console]:
    with console(tmp_path) as running:
        yield running


@pytest.fixture
def administrator(hall: Console) -> Iterator[httpx.Client]:
    with visiting(hall, Role.ADMINISTRATOR, name="root") as client:
        yield client


def log_in(client: httpx.Client, user: str = USER, password: str = PASSWORD) -> httpx.Response:
    return client.post("/api/v1/session", json={"user": user, "password": password})


def acts(hall: Console) -> list[tuple[str, str, str]]:
    with hall.database.read() as tx:
        assert audit.first_broken_link(tx) is None
        return [(entry.who, entry.action, entry.subject) for entry in audit.entries(tx)]


def test_a_session_tells_what_its_user_may_do(hall: Console) -> None:
    with visiting(hall, Role.MANAGER, halls=[HALL], withheld=[Permission.LOCK]) as client:
        told = client.get("/api/v1/session").json()
    assert "board" in told["permissions"]
    assert {"sound", "lock", "audit"} & set(told["permissions"]) == set()
    assert (told["halls"], told["cameras"]) == ([HALL], [])


def test_each_wrong_password_behind_the_tenth_makes_the_wait_longer(hall: Console) -> None:
    with hall.database.write() as tx:
        for _ in range(9):
            accounts.note_failed_login(tx, USER, "127.0.0.1", hall.clock.now(), before(60))
    with hall.visitor() as client:
        assert log_in(client, password="wrong").status_code == 401
        assert int(log_in(client).headers["retry-after"]) == 300
        hall.clock.advance(301)
        assert log_in(client, password="wrong").status_code == 401
        assert int(log_in(client).headers["retry-after"]) == 600
        hall.clock.advance(601)
        assert log_in(client).status_code == 200
        assert log_in(client, password="wrong").status_code == 401
        assert log_in(client).status_code == 200, "a right password ends the row of wrong ones"


def test_who_takes_another_password_ends_the_other_sessions_and_stays(hall: Console) -> None:
    with hall.officer() as here, hall.officer() as elsewhere, hall.visitor() as stranger:
        change = {"old": PASSWORD, "new": NEW}
        wrong = here.post("/api/v1/session/password", json={**change, "old": "wrong"})
        assert errors_of(wrong) == {"old": "is wrong"}
        short = here.post("/api/v1/session/password", json={**change, "new": "short"})
        assert set(errors_of(short)) == {"new"}
        assert here.post("/api/v1/session/password", json=change).status_code == 204
        assert here.get("/api/v1/session").status_code == 200
        assert elsewhere.get("/api/v1/session").status_code == 401
        assert log_in(stranger).status_code == 401
        assert log_in(stranger, password=NEW).status_code == 200
    assert (USER, "password_change", f"user:{USER}") in acts(hall)


def test_a_forgotten_screen_can_be_logged_out_from_another(hall: Console) -> None:
    with hall.officer() as here, hall.officer() as forgotten:
        items = here.get("/api/v1/session/all").json()["items"]
        assert sorted(item["current"] for item in items) == [False, True]
        (other,) = [item["id"] for item in items if not item["current"]]
        assert here.delete(f"/api/v1/session/all/{other}").status_code == 204
        assert forgotten.get("/api/v1/session").status_code == 401
        assert here.delete(f"/api/v1/session/all/{other}").status_code == 404
        assert here.delete("/api/v1/session/all/%25").status_code == 404
    with hall.officer() as own, visiting(hall, Role.OFFICER) as stranger:
        (item,) = [one for one in own.get("/api/v1/session/all").json()["items"] if one["current"]]
        assert stranger.delete(f"/api/v1/session/all/{item['id']}").status_code == 404, "nobody else's"


def test_a_user_is_entered_changed_and_disabled(hall: Console, administrator: httpx.Client) -> None:
    asked = {"name": "chen", "password": NEW, "role": "officer", "halls": [HALL], "withheld": ["sound"]}
    made = administrator.post("/api/v1/users", json=asked)
    assert made.status_code == 201
    assert "sound" not in made.json()["permissions"]
    assert NEW not in made.text
    assert administrator.post("/api/v1/users", json=asked).status_code == 409
    path = f"/api/v1/users/{made.json()['id']}"
    with hall.visitor() as chen:
        assert log_in(chen, "chen", NEW).json()["halls"] == [HALL]
        assert len(administrator.get(f"{path}/sessions").json()["items"]) == 1
        changed = administrator.patch(path, json={"role": "auditor", "halls": []})
        assert (changed.json()["role"], changed.json()["halls"]) == ("auditor", [])
        assert changed.json()["withheld"] == ["sound"], "what is left out stays"
        assert chen.get("/api/v1/session").status_code == 401, "a change ends the sessions"
        assert log_in(chen, "chen", NEW).status_code == 200
        assert administrator.delete(f"{path}/sessions").status_code == 204
        assert chen.get("/api/v1/session").status_code == 401
        assert administrator.patch(path, json={"disabled": True}).json()["disabled"] is True
        assert log_in(chen, "chen", NEW).status_code == 401
    names = [user["name"] for user in administrator.get("/api/v1/users").json()["items"]]
    assert names == ["chen", USER, "root"]
    did = [(action, subject) for who, action, subject in acts(hall) if who == "root"]
    assert did == [
        ("user_add", "user:chen"),
        ("user_change", "user:chen"),
        ("sessions_end", "user:chen"),
        ("user_change", "user:chen"),
    ]


@pytest.mark.parametrize(
    ("more", "field"),
    [({"halls": ["h9"]}, "halls"), ({"cameras": ["c9"]}, "cameras"), ({"name": "key:x"}, "name")],
)
def test_what_cannot_be_is_refused(administrator: httpx.Client, more: dict[str, object], field: str) -> None:
    asked = {"name": "chen", "password": NEW, "role": "officer", **more}
    assert set(errors_of(administrator.post("/api/v1/users", json=asked))) == {field}


def test_nobody_takes_the_administration_from_themselves(administrator: httpx.Client) -> None:
    (own,) = [one for one in administrator.get("/api/v1/users").json()["items"] if one["name"] == "root"]
    for change in ({"disabled": True}, {"role": "officer"}, {"withheld": ["users"]}):
        assert administrator.patch(f"/api/v1/users/{own['id']}", json=change).status_code == 409


def test_an_administrator_of_one_hall_gives_no_more_than_that_reaches(hall: Console) -> None:
    with visiting(hall, Role.ADMINISTRATOR, halls=[HALL]) as limited:
        asked = {"name": "chen", "password": NEW, "role": "officer"}
        assert limited.get("/api/v1/users").json()["items"][0]["role"] == "administrator"
        assert len(limited.get("/api/v1/users").json()["items"]) == 1, "who sees all halls is out of reach"
        assert limited.post("/api/v1/users", json=asked).status_code == 403
        assert limited.post("/api/v1/users", json={**asked, "halls": [HALL]}).status_code == 201
        auditor = {**asked, "name": "wu", "role": "auditor", "halls": [HALL]}
        assert limited.post("/api/v1/users", json=auditor).status_code == 403
        assert limited.post("/api/v1/keys", json={"name": "k", "scopes": ["board"]}).status_code == 403
        assert limited.get("/api/v1/keys").json()["items"] == []
        assert limited.delete("/api/v1/keys/queue").status_code == 404


def test_a_key_opens_its_scopes_in_its_halls_and_nothing_after_it_is_withdrawn(
    hall: Console, administrator: httpx.Client
) -> None:
    found(hall)
    asked = {"name": "display", "scopes": ["board", "queue-events"], "halls": [HALL]}
    made = administrator.post("/api/v1/keys", json=asked)
    assert made.status_code == 201
    (listed,) = [key for key in administrator.get("/api/v1/keys").json()["items"] if key["name"] == "display"]
    assert "key" not in listed
    assert administrator.post("/api/v1/keys", json={**asked, "scopes": ["export"]}).status_code == 422
    with hall.visitor() as machine:
        machine.headers["X-API-Key"] = made.json()["key"]
        assert machine.get("/api/v1/board").status_code == 200
        assert machine.get("/api/v1/alerts").status_code == 403
        assert machine.get("/api/v1/session").status_code == 403
        assert machine.post("/api/v1/cameras/c1/reference-view").status_code == 403
        event = {
            "id": "e1",
            "hall": HALL,
            "at": "2026-03-02T01:59:00Z",
            "type": "ticket_taken",
            "ticket": "A1",
        }
        assert machine.post("/api/v1/queue-events", json=event).status_code == 202
        assert administrator.delete("/api/v1/keys/display").status_code == 204
        assert machine.get("/api/v1/board").status_code == 401
        assert machine.post("/api/v1/queue-events", json=event).status_code == 401
        machine.headers["X-API-Key"] = KEY
        assert machine.get("/api/v1/board").status_code == 403, "a key for events reads nothing"


def test_a_key_of_another_hall_posts_no_event_here(hall: Console) -> None:
    with hall.database.write() as tx:
        api_keys.add(tx, "other", ["queue-events"], "the other key", hall.clock.now(), [HallId("h2")])
    event = {"id": "e1", "hall": HALL, "at": "2026-03-02T01:59:00Z", "type": "ticket_taken", "ticket": "A1"}
    with hall.visitor() as machine:
        answer = machine.post("/api/v1/queue-events", json=event, headers={"X-API-Key": "the other key"})
    assert set(errors_of(answer)) == {"hall"}


def test_the_command_line_knows_the_same_scopes() -> None:
    assert set(keys.SCOPES) == set(SCOPES)
