"""The audit trail over a real socket: what stands in it, who reads it, and what is said before looking."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hall.config.access import AccessSettings
from hall.roles import Role
from store import audit
from store import configuration as configurations
from tests.integration.console_hall import CAMERA, NOW, USER, Console, console, recorded
from tests.integration.test_console_api import before, errors_of, served
from tests.integration.visitors import visiting


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Console]:
    with console(tmp_path) as running:
        yield running


@pytest.fixture
def officer(hall: Console) -> Iterator[httpx.Client]:
    with hall.officer() as client:
        yield client


@pytest.fixture
def auditor(hall: Console) -> Iterator[httpx.Client]:
    with visiting(hall, Role.AUDITOR, name="wu") as client:
        yield client


def found(auditor: httpx.Client, **asked: str | int) -> list[dict[str, str]]:
    answer = auditor.get("/api/v1/audit", params=asked)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, str]] = answer.json()["items"]
    return items


def test_an_auditor_finds_who_saw_which_recording_and_when(
    hall: Console, officer: httpx.Client, auditor: httpx.Client
) -> None:
    transaction, segment = served(hall), recorded(hall, before(62))
    officer.get(f"/api/v1/transactions/{transaction.id}/playlist.m3u8?camera=c1")
    officer.get(f"/api/v1/segments/{segment.id}/media", headers={"Range": "bytes=0-99"})
    played, listed = found(auditor, who=USER, action="playback")
    assert played["subject"] == f"segment:{segment.id}"
    assert segment.interval.end is not None
    seen = f"{segment.interval.start.isoformat()} to {segment.interval.end.isoformat()}"
    assert played["detail"] == f"c1 {seen}"
    assert listed["subject"] == f"transaction:{transaction.id}/c1"
    assert (played["address"], played["at"]) == ("127.0.0.1", "2026-03-02T02:00:00Z")
    assert [entry["action"] for entry in found(auditor, subject="segment:")] == ["playback"]
    assert [entry["action"] for entry in found(auditor, text=seen)] == ["playback"]
    assert found(auditor, text="%") == []
    assert found(auditor, to="2026-03-02T02:00:00Z") == []
    assert {entry["action"] for entry in found(auditor, who="wu")} == {"audit_search"}
    names = auditor.get("/api/v1/audit/names").json()
    assert (names["who"], "playback" in names["actions"]) == ([USER, "wu"], True)


def test_a_long_trail_goes_on_where_it_stopped(hall: Console, auditor: httpx.Client) -> None:
    with hall.database.write() as tx:
        for number in range(5):
            audit.record(tx, at=NOW, who="li", action="playback", subject=f"segment:{number}")
    seen: list[str] = []
    asked: dict[str, str | int] = {"who": "li", "limit": 2}
    for _ in range(3):
        page = auditor.get("/api/v1/audit", params=asked).json()
        seen += [entry["subject"] for entry in page["items"]]
        asked["before"] = page["next"] or 0
    assert seen == [f"segment:{number}" for number in (4, 3, 2, 1, 0)]
    assert page["next"] is None


def test_nobody_but_an_auditor_reads_the_trail_and_nobody_changes_it(hall: Console) -> None:
    for role in set(Role) - {Role.AUDITOR}:
        with visiting(hall, role) as client:
            assert client.get("/api/v1/audit").status_code == 403, role
    with visiting(hall, Role.AUDITOR, halls=["h1"]) as limited, visiting(hall, Role.AUDITOR) as auditor:
        assert limited.get("/api/v1/audit").status_code == 403
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            for path in ("/api/v1/audit", "/api/v1/audit/1"):
                assert auditor.request(method, path).status_code in (404, 405)


def ask_reasons(hall: Console, access: AccessSettings) -> None:
    """Put a policy in force that asks for reasons."""
    site = hall.configuration.site.model_copy(update={"access": access})
    with hall.database.write() as tx:
        configurations.apply(tx, hall.configuration.model_copy(update={"site": site}), NOW)


def test_where_policy_asks_nothing_is_shown_before_a_reason_is_stated(
    hall: Console, officer: httpx.Client, auditor: httpx.Client
) -> None:
    transaction, segment = served(hall), recorded(hall, before(62))
    ask_reasons(hall, AccessSettings(reason_for=("replay",), reason_minutes=30))
    path = f"/api/v1/segments/{segment.id}/media"
    assert officer.get("/api/v1/session").json()["reason_for"] == ["replay"]
    refused = officer.get(path)
    assert refused.status_code == 403
    assert errors_of(refused) == {"reason": "is owed"}
    assert officer.get(f"/api/v1/transactions/{transaction.id}").status_code == 200, "only replay asks"
    stated = officer.post("/api/v1/session/reason", json={"reason": "complaint 17"})
    assert (stated.json()["reason"], stated.json()["reason_for"]) == ("complaint 17", [])
    assert officer.get(path).status_code == 200
    assert found(auditor, action="playback")[0]["reason"] == "complaint 17"
    assert [entry["action"] for entry in found(auditor, text="complaint 17")] == [
        "playback",
        "reason_stated",
    ]
    hall.clock.advance(30 * 60)
    assert officer.get(path).status_code == 403, "a reason runs out"
    with hall.officer() as other:
        assert other.get(path).status_code == 403, "nobody else's reason counts"


def test_a_stated_reason_cannot_be_changed_afterwards_unnoticed(hall: Console, officer: httpx.Client) -> None:
    officer.post("/api/v1/session/reason", json={"reason": "complaint 17"})
    with hall.database.write() as tx:
        assert audit.first_broken_link(tx) is None
        (entry,) = [entry for entry in audit.entries(tx) if entry.reason]
        tx.connection.exec_driver_sql("UPDATE audit_entries SET reason = 'none' WHERE reason <> ''")
        assert audit.first_broken_link(tx) == entry.seq


def test_an_order_of_evidence_states_its_reason(
    hall: Console, officer: httpx.Client, auditor: httpx.Client
) -> None:
    span = {"from": before(60).isoformat(), "to": before(30).isoformat()}
    asked = {"cameras": [CAMERA], "case": "17", "reason": "asked for by the court", **span}
    assert officer.post("/api/v1/evidence", json=asked).status_code == 202
    (entry,) = found(auditor, action="evidence_order")
    assert (entry["who"], entry["reason"]) == (USER, "asked for by the court")
