"""What officers do with alerts through the API: one consistent story, whoever acts and however many."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest

from console.access.passwords import hash_password
from hall.finding import Actor, Alert, AlertKind, AlertStatus, Flip, Reason, Severity, Subject
from hall.interval import Interval
from hall.names import AlertId, RuleId, WindowId
from hall.roles import Role
from store import accounts, alerting, audit
from tests.integration.console_hall import CAMERA, HALL, NOW, PASSWORD, USER, Console, console

REASON = Reason("absence.found", {"window": "1"}, "一号窗口无人", "Nobody at window 1")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with console(tmp_path_factory.mktemp("actions")) as running:
        with running.database.write() as tx:
            hashed = hash_password(PASSWORD)
            accounts.save_user(tx, "li", Role.OFFICER, hashed, NOW)
            accounts.save_user(tx, "chen", Role.INVESTIGATOR, hashed, NOW)
        yield running


@pytest.fixture(scope="module")
def officer(running: Console) -> Iterator[httpx.Client]:
    with running.officer() as client:
        yield client


@pytest.fixture(scope="module")
def investigator(running: Console) -> Iterator[httpx.Client]:
    with running.visitor() as client:
        answer = client.post("/api/v1/session", json={"user": "chen", "password": PASSWORD})
        client.headers["X-CSRF-Token"] = answer.json()["csrf"]
        yield client


@pytest.fixture
def alert(running: Console, request: pytest.FixtureRequest) -> Alert:
    """An absence that lasts, of a rule of its own."""
    return absence(running, request.node.name[:60])


def absence(running: Console, name: str) -> Alert:
    """Enter an absence at window w1 that lasts, under a rule of this name."""
    found = Alert(
        AlertId(name),
        AlertKind.ABSENCE,
        RuleId(name),
        1,
        Severity.WARNING,
        AlertStatus.OPEN,
        Subject(HALL, window=WindowId("w1")),
        Interval(NOW - timedelta(seconds=55)),
        NOW - timedelta(seconds=50),
        REASON,
        1,
        (CAMERA,),
    )
    flip = Flip(
        found.id,
        1,
        found.opened_at,
        None,
        AlertStatus.OPEN,
        found.severity,
        Actor.EVALUATOR,
        "alerts",
        REASON,
    )
    with running.database.write() as tx:
        assert alerting.open_alert(tx, found, flip)
    return found


def act(client: httpx.Client, alert: Alert, action: str, revision: int, **members: object) -> httpx.Response:
    body = {"action": action, "revision": revision, **members}
    return client.post(f"/api/v1/alerts/{alert.id}/actions", json=body)


def test_an_alert_is_assigned_commented_snoozed_and_reopened_and_tells_it_all(
    running: Console, officer: httpx.Client, alert: Alert
) -> None:
    until = (NOW + timedelta(hours=1)).isoformat()
    assert act(officer, alert, "assign", 1, assignee="li").json()["assignee"] == "li"
    assert act(officer, alert, "comment", 2, reason="已电话询问").json()["revision"] == 3
    snoozed = act(officer, alert, "snooze", 3, until=until, reason="交接班").json()
    assert (snoozed["status"], snoozed["snoozed_until"]) == ("open", "2026-03-02T03:00:00Z")
    assert act(officer, alert, "acknowledge", 4).json()["snoozed_until"] is None
    assert act(officer, alert, "reopen", 5, reason="还没到岗").json()["status"] == "open"
    flips = officer.get(f"/api/v1/alerts/{alert.id}").json()["flips"]
    assert [flip["kind"] for flip in flips] == [
        "status",
        "assignment",
        "comment",
        "snooze",
        "status",
        "status",
    ]
    assert [flip["revision"] for flip in flips] == [1, 2, 3, 4, 5, 6]
    assert "11:00" in flips[3]["reason"]["zh"]  # the hall's time, not UTC
    with running.database.read() as tx:
        about = [entry for entry in audit.entries(tx) if entry.subject == f"alert:{alert.id}"]
    assert [entry.action for entry in about] == [
        "alert_assign",
        "alert_comment",
        "alert_snooze",
        "alert_acknowledge",
        "alert_reopen",
    ]
    assert about[0].detail == "li"
    assert "交接班" in about[2].detail


def test_who_comes_second_is_told_how_the_alert_stands(officer: httpx.Client, alert: Alert) -> None:
    assert act(officer, alert, "acknowledge", 1).status_code == 200
    for action, revision in (("acknowledge", 1), ("acknowledge", 2)):
        answer = act(officer, alert, action, revision)
        assert answer.status_code == 409
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["current"]["id"] == alert.id
        assert (answer.json()["current"]["status"], answer.json()["current"]["revision"]) == (
            "acknowledged",
            2,
        )


def test_of_many_officers_at_the_same_moment_one_acts_and_the_others_are_told(
    running: Console, officer: httpx.Client, alert: Alert
) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda number: act(officer, alert, "comment", 1, reason=f"no. {number}"), range(12))
        )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 11
    with running.database.read() as tx:
        assert [flip.revision for flip in alerting.flips_of(tx, alert.id)] == [1, 2]


def test_an_act_that_lacks_what_it_needs_is_refused_naming_the_member(
    officer: httpx.Client, alert: Alert
) -> None:
    for member, action, members in (
        ("reason", "snooze", {"until": (NOW + timedelta(hours=1)).isoformat()}),
        ("reason", "comment", {}),
        ("reason", "comment", {"reason": " "}),
        ("reason", "reopen", {}),
        ("until", "snooze", {"reason": "x"}),
        ("until", "snooze", {"reason": "x", "until": (NOW + timedelta(hours=25)).isoformat()}),
        ("until", "snooze", {"reason": "x", "until": "2026-03-02T03:00:00"}),
        ("assignee", "assign", {"assignee": "nobody"}),
        ("assignee", "assign", {"assignee": "chen"}),  # may only comment
        ("assignee", "acknowledge", {"assignee": "li"}),
    ):
        answer = act(officer, alert, action, 1, **members)
        assert answer.status_code == 422, (action, members)
        assert [error["field"] for error in answer.json()["errors"]] == [member], answer.text


def test_an_investigator_may_comment_and_settle_nothing(investigator: httpx.Client, alert: Alert) -> None:
    assert act(investigator, alert, "acknowledge", 1).status_code == 403
    assert act(investigator, alert, "dismiss", 1, reason="x").status_code == 403
    assert act(investigator, alert, "comment", 1, reason="see case 12").status_code == 200


def test_alerts_can_be_assigned_to_those_who_may_settle_them(officer: httpx.Client) -> None:
    assert officer.get("/api/v1/alerts/assignees").json() == {"items": ["li", USER], "next": None}


def test_the_rate_of_false_alarms_goes_with_its_number_and_says_when_that_is_small(
    officer: httpx.Client, alert: Alert
) -> None:
    assert act(officer, alert, "dismiss", 1, reason="camera moved").status_code == 200
    span = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-03T00:00:00Z"}
    items = officer.get("/api/v1/alerts/false-alarm-rate", params=span).json()["items"]
    whole, of_camera = [one for one in items if one["rule"] == alert.rule]
    assert (whole["camera"], of_camera["camera"]) == (None, CAMERA)
    for one in (whole, of_camera):
        assert (one["found"], one["dismissed"], one["rate"], one["few"]) == (1, 1, 1.0, True)
        assert one["low"] < 0.5 < one["high"]
    assert officer.get("/api/v1/alerts/false-alarm-rate").status_code == 422
    assert (
        officer.get("/api/v1/alerts/false-alarm-rate", params={**span, "hall": "nowhere"}).status_code == 404
    )
