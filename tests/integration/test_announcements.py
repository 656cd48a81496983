"""Announcements through the API: who may enter which, what they excuse, and that every act is on record."""

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

PATH = "/api/v1/announcements"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with console(tmp_path_factory.mktemp("announcements")) as running:
        with running.database.write() as tx:
            accounts.save_user(tx, "chen", Role.INVESTIGATOR, hash_password(PASSWORD), NOW)
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


def asked(hours: float = 1, since: float | None = None, **members: object) -> dict[str, object]:
    end = (NOW + timedelta(hours=hours)).isoformat()
    start = {} if since is None else {"from": (NOW + timedelta(hours=since)).isoformat()}
    return {"hall": "h1", "kind": "drill", "to": end, "reason": "年度消防演练", **start, **members}


def test_an_announcement_is_listed_until_it_is_ended_and_each_act_is_on_record(
    running: Console, officer: httpx.Client
) -> None:
    made = officer.post(PATH, json=asked(windows=["w1"]))
    assert made.status_code == 201, made.text
    entered = made.json()
    assert (entered["author"], entered["kind"], entered["windows"]) == (USER, "drill", ["w1"])
    assert entered["interval"]["start"] == "2026-03-02T02:00:00Z"
    assert [one["id"] for one in officer.get(f"{PATH}?holding=true").json()["items"]] == [entered["id"]]
    assert officer.post(f"{PATH}/{entered['id']}/end").json()["ended_by"] == USER
    assert officer.post(f"{PATH}/{entered['id']}/end").status_code == 409
    assert officer.get(f"{PATH}?holding=true").json()["items"] == []
    assert [one["id"] for one in officer.get(PATH).json()["items"]] == [entered["id"]]
    with running.database.read() as tx:
        facts = [entry.body["ended_by"] for entry in journal.tail(tx, 0, 5000, [FactKind.ANNOUNCEMENT])]
        about = [entry for entry in audit.entries(tx) if entry.subject == f"announcement:{entered['id']}"]
    assert facts == [None, USER]
    assert [entry.action for entry in about] == ["announcement_add", "announcement_end"]
    assert "w1" in about[0].detail
    assert "年度消防演练" in about[0].detail


def test_one_that_is_over_may_be_entered_up_to_a_day_later(officer: httpx.Client) -> None:
    made = officer.post(PATH, json=asked(-22, since=-23.5))
    assert made.status_code == 201, made.text
    assert officer.post(f"{PATH}/{made.json()['id']}/end").status_code == 409


def test_only_officers_and_administrators_enter_and_end_announcements(
    running: Console, officer: httpx.Client
) -> None:
    made = officer.post(PATH, json=asked()).json()
    with logged_in(running, "chen") as investigator:
        assert investigator.post(PATH, json=asked()).status_code == 403
        assert investigator.post(f"{PATH}/{made['id']}/end").status_code == 403
        assert investigator.get(PATH).status_code == 200
    with running.visitor() as stranger:
        assert stranger.get(PATH).status_code == 401
    assert officer.post(f"{PATH}/{made['id']}/end").status_code == 200


def test_an_announcement_that_cannot_be_is_refused_naming_the_member_and_nothing_is_entered(
    officer: httpx.Client,
) -> None:
    before = officer.get(PATH).json()["items"]
    for member, body in (
        ("to", asked(-1)),
        ("to", asked(0)),
        ("to", asked(24.1)),
        ("from", asked(-20, since=-25)),
        ("from", asked(32 * 24, since=32 * 24 - 1)),
        ("hall", asked(hall="nowhere")),
        ("windows", asked(windows=["w1", "w9"])),
        ("kind", asked(kind="picnic")),
        ("reason", asked(reason="")),
    ):
        answer = officer.post(PATH, json=body)
        assert answer.status_code == 422, (member, answer.text)
        assert [error["field"] for error in answer.json()["errors"]] == [member]
    assert officer.post(f"{PATH}/none/end").status_code == 404
    assert officer.get(PATH).json()["items"] == before
