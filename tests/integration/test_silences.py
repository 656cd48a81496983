"""Silences through the API: who may make which, what they cover, and that every act is on record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx
import pytest

from console.access.passwords import hash_password
from hall.journal import FactKind
from hall.roles import Role
from store import accounts, audit, journal
from tests.integration.console_hall import NOW, PASSWORD, USER, Console, console
from tests.integration.test_alert_actions import absence

MILD = ["attention", "warning"]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with console(tmp_path_factory.mktemp("silences")) as running:
        with running.database.write() as tx:
            hashed = hash_password(PASSWORD)
            accounts.save_user(tx, "root", Role.ADMINISTRATOR, hashed, NOW)
            accounts.save_user(tx, "chen", Role.INVESTIGATOR, hashed, NOW)
        yield running


@contextmanager
def logged_in(running: Console, user: str) -> Iterator[httpx.Client]:
    with running.visitor() as client:
        answer = client.post("/api/v1/session", json={"user": user, "password": PASSWORD})
        client.headers["X-CSRF-Token"] = answer.json()["csrf"]
        yield client


@pytest.fixture(scope="module")
def officer(running: Console) -> Iterator[httpx.Client]:
    with logged_in(running, USER) as client:
        yield client


def asked(hours: float = 2, **members: object) -> dict[str, object]:
    end = (NOW + timedelta(hours=hours)).isoformat()
    return {"hall": "h1", "severities": MILD, "to": end, "reason": "擦拭镜头", **members}


def test_a_silence_covers_what_it_means_until_it_is_ended(running: Console, officer: httpx.Client) -> None:
    alert = absence(running, "covered")
    made = officer.post("/api/v1/silences", json=asked(windows=["w1"], kinds=["absence"]))
    assert made.status_code == 201, made.text
    silence = made.json()
    assert (silence["author"], silence["interval"]["start"]) == (USER, "2026-03-02T02:00:00Z")
    assert officer.get("/api/v1/alerts").json()["silenced"] == {alert.id: silence["id"]}
    assert officer.get(f"/api/v1/alerts/{alert.id}").json()["silence"]["reason"] == "擦拭镜头"
    path = f"/api/v1/silences/{silence['id']}"
    assert officer.delete(path).json()["ended_by"] == USER
    assert officer.delete(path).status_code == 409
    assert officer.get("/api/v1/alerts").json()["silenced"] == {}
    assert officer.get("/api/v1/silences?holding=true").json()["items"] == []
    assert [one["id"] for one in officer.get("/api/v1/silences").json()["items"]] == [silence["id"]]
    with running.database.read() as tx:
        facts = [entry.body["ended_by"] for entry in journal.tail(tx, 0, 5000, [FactKind.SILENCE])]
        about = [entry for entry in audit.entries(tx) if entry.subject == f"silence:{silence['id']}"]
    assert facts == [None, USER]
    assert [entry.action for entry in about] == ["silence_add", "silence_end"]
    assert "w1" in about[0].detail
    assert "擦拭镜头" in about[0].detail


def test_a_silence_ends_by_itself(running: Console, officer: httpx.Client) -> None:
    before = running.clock.now()
    made = officer.post("/api/v1/silences", json=asked(1, windows=["w2"])).json()
    holding = officer.get("/api/v1/silences?holding=true").json()["items"]
    assert [one["id"] for one in holding] == [made["id"]]
    running.clock.wall = before + timedelta(hours=1)
    try:
        assert officer.get("/api/v1/silences?holding=true").json()["items"] == []
        assert officer.delete(f"/api/v1/silences/{made['id']}").status_code == 409
    finally:
        running.clock.wall = before


def test_who_may_silence_what(running: Console, officer: httpx.Client) -> None:
    with logged_in(running, "root") as administrator, logged_in(running, "chen") as investigator:
        for body in (asked(25), asked(severities=[]), asked(severities=["serious"])):
            assert officer.post("/api/v1/silences", json=body).status_code == 403
            assert administrator.post("/api/v1/silences", json=body).status_code == 201
        assert investigator.post("/api/v1/silences", json=asked()).status_code == 403
        for one in officer.get("/api/v1/silences?holding=true").json()["items"]:
            assert investigator.delete(f"/api/v1/silences/{one['id']}").status_code == 403
            assert officer.delete(f"/api/v1/silences/{one['id']}").status_code == 200


def test_a_silence_that_cannot_be_is_refused_naming_the_member(officer: httpx.Client) -> None:
    for member, body in (
        ("to", asked(-1)),
        ("to", asked(0)),
        ("from", {**asked(), "from": (NOW - timedelta(hours=1)).isoformat()}),
        ("hall", asked(hall="nowhere")),
        ("windows", asked(windows=["w9"])),
        ("cameras", asked(cameras=["c9"])),
        ("reason", asked(reason="")),
        ("kinds.0", asked(kinds=["boredom"])),
    ):
        answer = officer.post("/api/v1/silences", json=body)
        assert answer.status_code == 422, (member, answer.text)
        assert [error["field"] for error in answer.json()["errors"]] == [member]
    assert officer.delete("/api/v1/silences/none").status_code == 404
