"""Locks over the API: found, prolonged and released with a reason, by whom they concern."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest

from console.access.passwords import hash_password
from hall.roles import Role
from store import accounts, audit
from tests.integration.console_hall import NOW, PASSWORD, USER, Console, console

REASON: dict[str, object] = {"reason": "the complaint goes on"}


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with console(tmp_path_factory.mktemp("hall")) as running:
        with running.database.write() as tx:
            accounts.save_user(tx, "manager", Role.MANAGER, hash_password(PASSWORD), NOW)
        yield running


@pytest.fixture(scope="module")
def officer(hall: Console) -> Iterator[httpx.Client]:
    with hall.officer() as client:
        yield client


def ago(minutes: float) -> str:
    return (NOW - timedelta(minutes=minutes)).isoformat()


def placed(client: httpx.Client, **members: object) -> dict[str, Any]:
    body = {"kind": "manual", "reason": "why", "cameras": ["c1"], "from": ago(30), "to": ago(20), **members}
    answer = client.post("/api/v1/locks", json=body)
    assert answer.status_code == 201, answer.text
    lock: dict[str, Any] = answer.json()
    return lock


def found(client: httpx.Client, **sought: str) -> list[str]:
    answer = client.get("/api/v1/locks", params=sought)
    assert answer.status_code == 200, answer.text
    return [lock["id"] for lock in answer.json()["items"]]


def changed(client: httpx.Client, lock: str, act: str, body: dict[str, object]) -> httpx.Response:
    return client.post(f"/api/v1/locks/{lock}/{act}", json=body)


@contextmanager
def manager(hall: Console) -> Iterator[httpx.Client]:
    with hall.visitor() as client:
        session = client.post("/api/v1/session", json={"user": "manager", "password": PASSWORD}).json()
        client.headers["X-CSRF-Token"] = session["csrf"]
        yield client


def test_locks_are_found_by_what_they_keep_and_what_was_written(officer: httpx.Client) -> None:
    case = placed(officer, kind="case", reference="2026-100%", reason="Complaint by hotline")["id"]
    alert = placed(officer, kind="alert", reference="alert-7", **{"from": ago(120), "to": ago(110)})["id"]
    assert found(officer, kind="case") == [case]
    assert found(officer, text="HOTLINE") == [case]
    assert found(officer, text="100%") == [case]
    assert found(officer, text="1_0") == [], "signs of the database's patterns mean nothing"
    assert found(officer, text="alert-7") == [alert]
    assert {alert, case} <= set(found(officer, text=USER.upper()))
    assert found(officer, camera="c1", **{"from": ago(25), "to": ago(24)}) == [case]
    assert found(officer, camera="c1", **{"from": ago(110), "to": ago(30)}) == []
    assert found(officer, camera="c9") == []
    assert found(officer, text="nobody wrote this") == []
    assert officer.get("/api/v1/locks", params={"from": ago(1)}).status_code == 422


def test_a_lock_is_prolonged_with_a_reason_and_never_shortened(hall: Console, officer: httpx.Client) -> None:
    until, later = NOW + timedelta(days=7), NOW + timedelta(days=30)
    lock = placed(officer, expires_at=until.isoformat())["id"]
    answer = changed(officer, lock, "prolong", {"expires_at": later.isoformat(), **REASON})
    assert answer.status_code == 200, answer.text
    assert answer.json()["expires_at"] == later.isoformat().replace("+00:00", "Z")
    assert changed(officer, lock, "prolong", {"expires_at": until.isoformat(), **REASON}).status_code == 409
    assert changed(officer, lock, "prolong", {"expires_at": None, **REASON}).json()["expires_at"] is None
    assert changed(officer, lock, "prolong", {"expires_at": None, **REASON}).status_code == 409
    assert changed(officer, lock, "prolong", {"expires_at": None}).status_code == 422
    with hall.database.read() as tx:
        told = [entry for entry in audit.entries(tx) if entry.subject == f"lock:{lock}"]
    assert [entry.action for entry in told] == ["lock_add", "lock_prolong", "lock_prolong"]
    assert [entry.reason for entry in told] == ["why", REASON["reason"], REASON["reason"]]
    assert told[1].detail == f"until {later.isoformat()}"


def test_an_expired_lock_is_not_prolonged_because_its_footage_may_be_gone(
    hall: Console, officer: httpx.Client
) -> None:
    lock = placed(officer, expires_at=(NOW + timedelta(minutes=1)).isoformat())["id"]
    hall.clock.wall = NOW + timedelta(minutes=2)
    try:
        answer = changed(officer, lock, "prolong", {"expires_at": None, **REASON})
        assert answer.status_code == 409
        assert "does not hold any more" in answer.text
        assert lock not in found(officer, holding="true")
    finally:
        hall.clock.wall = NOW


def test_who_is_supervised_ends_no_lock_but_the_own(hall: Console, officer: httpx.Client) -> None:
    of_officer = placed(officer)["id"]
    with manager(hall) as client:
        own = placed(client)["id"]
        assert changed(client, of_officer, "release", REASON).status_code == 403
        assert changed(client, of_officer, "prolong", {"expires_at": None, **REASON}).status_code == 403
        assert changed(client, own, "release", REASON).status_code == 200
    assert of_officer in found(officer, holding="true")
    assert changed(officer, of_officer, "release", {"reason": ""}).status_code == 422
    assert changed(officer, of_officer, "release", REASON).json()["release_reason"] == REASON["reason"]
