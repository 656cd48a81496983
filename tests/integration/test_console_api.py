"""The console's API over a real socket: access, the board, transactions, recordings, alerts, queue events."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import av
import httpx
import pytest

from hall.case import Case
from hall.finding import Actor, Alert, AlertKind, AlertStatus, Flip, Reason, Severity, Subject
from hall.interval import Interval
from hall.item import Item
from hall.media import Gap, GapReason
from hall.names import AlertId, PeriodId, RuleId, StaffId, TicketId, TransactionId, WindowId, ZoneId
from hall.observing import Observation, ObservationKind, Presence
from hall.place import Text
from hall.queueing import (
    Period,
    Step,
    Ticket,
    TicketStatus,
    Transaction,
    WindowState,
    WindowStatus,
)
from hall.watching import WatchHealth, ZoneHealth
from hall.wire import from_wire
from store import (
    accounts,
    alerting,
    audit,
    cases,
    locks,
    observing,
    queueing,
    recording,
    reference_views,
    watching,
)
from store import configuration as configurations
from tests.integration.console_hall import CAMERA, HALL, KEY, NOW, PASSWORD, USER, Console, console, recorded

W1, S1 = WindowId("w1"), StaffId("s1")
REASON = Reason("absence.found", {"window": "1"}, "一号窗口无人", "Nobody at window 1")


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Console]:
    with console(tmp_path) as running:
        yield running


@pytest.fixture
def officer(hall: Console) -> Iterator[httpx.Client]:
    with hall.officer() as client:
        yield client


def before(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def served(hall: Console, number: str = "A012", start: float = 60, end: float = 40) -> Transaction:
    """A ticket that was served at window w1."""
    ticket = TicketId(f"h1-{number}")
    interval = Interval(before(start), before(end))
    transaction = Transaction(
        TransactionId(f"t-{number}"), HALL, ticket, number, f"S-{number}", "passport", W1, S1, interval
    )
    period = Period(PeriodId(""), transaction.id, W1, S1, Step.ACCEPT, interval)
    with hall.database.write() as tx:
        queueing.save_ticket(
            tx,
            Ticket(
                ticket,
                HALL,
                number,
                "passport",
                TicketStatus.SERVED,
                before(300),
                before(300),
                before(start),
                window=W1,
            ),
        )
        queueing.save_transaction(tx, transaction, (period,), NOW)
    return transaction


def found(hall: Console, identifier: str = "a1", start: float = 55) -> Alert:
    """An absence at window w1 that still lasts."""
    alert = Alert(
        AlertId(identifier),
        AlertKind.ABSENCE,
        RuleId("absence"),
        1,
        Severity.WARNING,
        AlertStatus.OPEN,
        Subject(HALL, window=W1),
        Interval(before(start)),
        before(start - 5),
        REASON,
        1,
        (CAMERA,),
    )
    flip = Flip(
        alert.id,
        1,
        alert.opened_at,
        None,
        AlertStatus.OPEN,
        alert.severity,
        Actor.EVALUATOR,
        "alerts",
        REASON,
    )
    with hall.database.write() as tx:
        assert alerting.open_alert(tx, alert, flip)
    return alert


def trail(hall: Console) -> list[tuple[str, str, str]]:
    with hall.database.read() as tx:
        assert audit.first_broken_link(tx) is None
        return [(entry.who, entry.action, entry.subject) for entry in audit.entries(tx)]


def errors_of(answer: httpx.Response) -> dict[str, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    return {error["field"]: error["message"] for error in body["errors"]}


# --- access


def test_nothing_is_shown_without_a_session(hall: Console) -> None:
    with hall.visitor() as client:
        for path in ("halls", "board", "alerts", "transactions", "segments?camera=c1", "session"):
            answer = client.get(f"/api/v1/{path}")
            assert answer.status_code == 401, path
            errors_of(answer)


def test_a_session_cookie_is_out_of_reach_of_scripts(hall: Console) -> None:
    with hall.visitor() as client:
        answer = client.post("/api/v1/session", json={"user": USER, "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert answer.json()["user"]["role"] == "officer"
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    assert answer.headers["cache-control"] == "no-store"


def test_log_in_is_locked_after_ten_wrong_passwords_and_opens_again(hall: Console) -> None:
    with hall.database.write() as tx:
        for _ in range(9):
            accounts.note_failed_login(tx, USER, "127.0.0.1", NOW, before(60))
    with hall.visitor() as client:
        answer = client.post("/api/v1/session", json={"user": USER, "password": "wrong"})
        assert answer.status_code == 401
        locked = client.post("/api/v1/session", json={"user": USER, "password": PASSWORD})
        assert locked.status_code == 429
        assert int(locked.headers["retry-after"]) > 0
        other = client.post("/api/v1/session", json={"user": "somebody", "password": PASSWORD})
        assert other.status_code == 401
        hall.clock.advance(301)
        assert client.post("/api/v1/session", json={"user": USER, "password": PASSWORD}).status_code == 200


def test_an_unsafe_request_needs_the_csrf_token(hall: Console, officer: httpx.Client) -> None:
    alert = found(hall)
    action = {"action": "acknowledge", "revision": 1}
    path = f"/api/v1/alerts/{alert.id}/actions"
    assert officer.post(path, json=action, headers={"X-CSRF-Token": "other"}).status_code == 403
    del officer.headers["X-CSRF-Token"]
    assert officer.post(path, json=action).status_code == 403
    token = officer.get("/api/v1/session").json()["csrf"]
    assert officer.post(path, json=action, headers={"X-CSRF-Token": token}).status_code == 200


def test_a_session_ends_by_logging_out_and_by_time(hall: Console) -> None:
    with hall.officer() as first, hall.officer() as second:
        assert first.delete("/api/v1/session").status_code == 204
        assert first.get("/api/v1/session").status_code == 401
        assert second.get("/api/v1/session").status_code == 200
        hall.clock.advance(12 * 3600 + 1)
        assert second.get("/api/v1/session").status_code == 401


# --- places and the board


def test_a_camera_s_address_never_leaves_the_server(officer: httpx.Client) -> None:
    for path in ("halls", "cameras", "board"):
        text = officer.get(f"/api/v1/{path}").text
        assert "rtsp://" not in text
        assert "admin:" not in text


def test_the_board_shows_each_window_as_it_stands(hall: Console, officer: httpx.Client) -> None:
    alert = found(hall)
    with hall.database.write() as tx:
        status = WindowStatus(HALL, W1, WindowState.OPEN, Interval(before(100)), staff=S1)
        queueing.save_window_statuses(tx, HALL, W1, before(100), (status,), NOW)
        seen = Observation(
            ObservationKind.PRESENCE, CAMERA, ZoneId("z1"), W1, Interval(before(50)), Presence.ABSENT
        )
        observing.change(tx, HALL, seen)
        observing.watched(tx, CAMERA, before(1))
        recording.open_gap(tx, HALL, Gap(CAMERA, Interval(before(20)), GapReason.STALLED))
        queueing.save_ticket(
            tx,
            Ticket(TicketId("h1-A001"), HALL, "A001", None, TicketStatus.WAITING, before(700), before(600)),
        )
    board = officer.get("/api/v1/board").json()
    first, second = board["windows"]
    assert first["status"]["state"] == "open"
    assert first["staff"]["name"]["en"] == "Wang Fang"
    assert (first["presence"], first["alerts"], first["cameras"]) == ("absent", [alert.id], ["c1"])
    assert (second["status"], second["presence"], second["alerts"]) == (None, None, [])
    assert board["waiting"]["tickets"] == 1
    assert board["waiting"]["longest_since"] == "2026-03-02T01:50:00Z"
    assert board["cameras"][0]["gap"]["reason"] == "stalled"
    assert board["cameras"][0]["recording"] is False
    assert board["allowed_pauses"] == {"back_office": 1800, "break": 600}
    assert board["seq"] > 0


def test_what_analysis_said_long_ago_is_unknown_now(hall: Console, officer: httpx.Client) -> None:
    with hall.database.write() as tx:
        seen = Observation(
            ObservationKind.PRESENCE, CAMERA, ZoneId("z1"), W1, Interval(before(500)), Presence.ON_POST
        )
        observing.change(tx, HALL, seen)
        observing.watched(tx, CAMERA, before(120))
    window = officer.get("/api/v1/board?hall=h1").json()["windows"][0]
    assert window["presence"] == "unknown"
    assert window["presence_since"] == "2026-03-02T01:58:00Z"


def test_a_window_whose_seat_went_out_of_sight_is_unknown_whatever_another_zone_fails_to_see(
    hall: Console, officer: httpx.Client
) -> None:
    def presence(zone: str, start: float, state: Presence) -> Observation:
        return Observation(ObservationKind.PRESENCE, CAMERA, ZoneId(zone), W1, Interval(before(start)), state)

    with hall.database.write() as tx:
        observing.watched(tx, CAMERA, before(1))
        for seen in (
            presence("seat", 500, Presence.ON_POST),
            presence("aisle", 500, Presence.ABSENT),
            presence("seat", 100, Presence.UNKNOWN),
        ):
            observing.change(tx, HALL, seen)
    window = officer.get("/api/v1/board?hall=h1").json()["windows"][0]
    assert (window["presence"], window["presence_since"]) == ("unknown", "2026-03-02T01:58:20Z")
    last = {sight["zone"]: sight["last_on_post"] for sight in window["sights"]}
    assert last == {"seat": "2026-03-02T01:58:20Z", "aisle": None}
    with hall.database.write() as tx:
        observing.change(tx, HALL, presence("aisle", 60, Presence.ON_POST))
        observing.change(tx, HALL, presence("aisle", 30, Presence.ABSENT))
    window = officer.get("/api/v1/board?hall=h1").json()["windows"][0]
    assert (window["presence"], window["presence_since"]) == ("absent", "2026-03-02T01:59:30Z")


# --- transactions


def test_a_ticket_number_finds_its_transaction_with_all_that_belongs_to_it(
    hall: Console, officer: httpx.Client
) -> None:
    transaction, alert = served(hall), found(hall)
    segment = recorded(hall, before(62))
    items = officer.get("/api/v1/transactions?ticket=A012").json()["items"]
    assert [item["transaction"]["id"] for item in items] == [transaction.id]
    (item,) = items
    assert item["periods"][0]["step"] == "accept"
    assert item["ticket"]["number"] == "A012"
    assert [one["id"] for one in item["alerts"]] == [alert.id]
    (camera,) = item["cameras"]
    assert camera["camera"] == "c1"
    assert camera["segments"][0]["sha256"] == segment.sha256.hex()
    assert "fragments" not in camera["segments"][0]
    assert officer.get("/api/v1/transactions?ticket=A999").json()["items"] == []
    assert (USER, "search", "transactions") in trail(hall)


def test_a_list_of_transactions_goes_on_where_it_stopped(hall: Console, officer: httpx.Client) -> None:
    for number in range(5):
        served(hall, f"A{number:03d}", start=100 - number * 10, end=95 - number * 10)
    seen: list[str] = []
    cursor = ""
    for _ in range(5):
        page = officer.get(f"/api/v1/transactions?limit=2{cursor}").json()
        seen += [item["transaction"]["ticket_number"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == ["A004", "A003", "A002", "A001", "A000"]


def test_a_replay_reaches_a_little_beyond_its_transaction(hall: Console, officer: httpx.Client) -> None:
    transaction = served(hall)
    body = officer.get(f"/api/v1/transactions/{transaction.id}").json()
    assert (body["from"], body["to"]) == ("2026-03-02T01:58:50Z", "2026-03-02T01:59:30Z")
    assert (USER, "open_transaction", f"transaction:{transaction.id}") in trail(hall)
    assert officer.get("/api/v1/transactions/none").status_code == 404


# --- recordings


def test_a_playlist_plays_the_recorded_bytes(hall: Console, officer: httpx.Client) -> None:
    transaction = served(hall)
    recorded(hall, before(68), 0)
    recorded(hall, before(62), 1)
    answer = officer.get(f"/api/v1/transactions/{transaction.id}/playlist.m3u8?camera=c1")
    assert answer.headers["content-type"].startswith("application/vnd.apple.mpegurl")
    text = answer.text
    assert text.count("#EXT-X-MAP") == 2
    assert text.count("#EXT-X-DISCONTINUITY\n") == 1
    played = 0
    for part in text.split("#EXT-X-MAP")[1:]:
        url = re.findall(r'URI="([^"]+)"', part)[0]
        ranges = [(int(size), int(at)) for size, at in re.findall(r"(\d+)@(\d+)", part)]
        data = b""
        for size, at in ranges:
            got = officer.get(url, headers={"Range": f"bytes={at}-{at + size - 1}"})
            assert got.status_code == 206
            assert len(got.content) == size
            data += got.content
        with av.open(io.BytesIO(data), "r") as film:
            played += sum(1 for _ in film.decode(video=0))
    assert played == 120
    assert (USER, "playback", f"transaction:{transaction.id}/c1") in trail(hall)


def test_a_playlist_of_nothing_is_not_found(hall: Console, officer: httpx.Client) -> None:
    transaction = served(hall)
    assert officer.get(f"/api/v1/transactions/{transaction.id}/playlist.m3u8").status_code == 404
    assert officer.get(f"/api/v1/transactions/{transaction.id}/playlist.m3u8?camera=c9").status_code == 404


def test_a_whole_file_carries_its_hash_and_is_not_sent_twice(hall: Console, officer: httpx.Client) -> None:
    segment = recorded(hall, before(60))
    answer = officer.get(f"/api/v1/segments/{segment.id}/media")
    assert hashlib.sha256(answer.content).hexdigest() == segment.sha256.hex()
    tag = answer.headers["etag"]
    assert segment.sha256.hex() in tag
    again = officer.get(f"/api/v1/segments/{segment.id}/media", headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert again.content == b""
    beyond = officer.get(f"/api/v1/segments/{segment.id}/media", headers={"Range": "bytes=99999999-"})
    assert beyond.status_code == 416


def test_segments_page_in_order_of_time(hall: Console, officer: httpx.Client) -> None:
    for number in range(3):
        recorded(hall, before(60 - number * 6), number)
    asked = "/api/v1/segments?camera=c1&from=2026-03-02T01:00:00Z&to=2026-03-02T02:00:00Z&limit=2"
    first = officer.get(asked).json()
    second = officer.get(f"{asked}&cursor={first['next']}").json()
    assert [item["sequence"] for item in first["items"] + second["items"]] == [0, 1, 2]
    assert second["next"] is None


# --- alerts


def test_an_alert_tells_its_history_and_where_to_look(hall: Console, officer: httpx.Client) -> None:
    transaction, alert = served(hall), found(hall)
    body = officer.get(f"/api/v1/alerts/{alert.id}").json()
    assert body["flips"][0]["after"] == "open"
    assert body["transaction"] == transaction.id
    assert body["replay"]["camera"] == "c1"
    assert body["replay"]["from"] == "2026-03-02T01:58:35Z"


def test_an_action_on_an_alert_that_moved_on_is_a_conflict(hall: Console, officer: httpx.Client) -> None:
    alert = found(hall)
    path = f"/api/v1/alerts/{alert.id}/actions"
    taken = officer.post(path, json={"action": "acknowledge", "revision": 1})
    assert taken.status_code == 200
    assert (taken.json()["status"], taken.json()["revision"]) == ("acknowledged", 2)
    assert officer.post(path, json={"action": "dismiss", "revision": 1, "reason": "x"}).status_code == 409
    assert officer.post(path, json={"action": "acknowledge", "revision": 2}).status_code == 409
    assert "reason" in errors_of(officer.post(path, json={"action": "dismiss", "revision": 2}))
    dismissed = officer.post(path, json={"action": "dismiss", "revision": 2, "reason": "shift change"})
    assert dismissed.json()["status"] == "dismissed"
    flips = officer.get(f"/api/v1/alerts/{alert.id}").json()["flips"]
    assert [flip["after"] for flip in flips] == ["open", "acknowledged", "dismissed"]
    assert flips[-1]["who"] == USER
    assert "shift change" in flips[-1]["reason"]["zh"]
    assert (USER, "alert_dismiss", f"alert:{alert.id}") in trail(hall)


def test_alerts_are_filtered_by_every_given_member(hall: Console, officer: httpx.Client) -> None:
    found(hall)
    for query, expected in (
        ("", 1),
        ("?status=open&kind=absence&window=w1&hall=h1", 1),
        ("?status=resolved&status=dismissed", 0),
        ("?window=w2", 0),
        ("?from=2026-03-02T01:59:00Z&to=2026-03-02T01:59:30Z", 1),
        ("?to=2026-03-02T01:00:00Z", 0),
    ):
        assert len(officer.get(f"/api/v1/alerts{query}").json()["items"]) == expected, query


# --- queue events


EVENT = {
    "id": "e1",
    "hall": "h1",
    "at": "2026-03-02T01:59:00Z",
    "type": "ticket_taken",
    "ticket": "A077",
    "item": "passport",
}


def test_a_queue_event_is_accepted_once(hall: Console, officer: httpx.Client) -> None:
    key = {"X-API-Key": KEY}
    with hall.visitor() as machine:
        accepted = machine.post("/api/v1/queue-events", json=EVENT, headers=key)
        repeated = machine.post("/api/v1/queue-events", json=EVENT, headers=key)
        other = machine.post("/api/v1/queue-events", json={**EVENT, "ticket": "A078"}, headers=key)
    assert (accepted.status_code, accepted.json()) == (202, {"status": "accepted"})
    assert (repeated.status_code, repeated.json()) == (202, {"status": "repeated"})
    assert other.status_code == 409
    assert [ticket["number"] for ticket in officer.get("/api/v1/tickets").json()["items"]] == ["A077"]


def test_a_bad_queue_event_is_refused_by_field_and_kept(hall: Console, officer: httpx.Client) -> None:
    key = {"X-API-Key": KEY}
    bad: tuple[tuple[bytes | dict[str, object], str | None], ...] = (
        ({**EVENT, "window": "w9", "type": "window_opened"}, "window"),
        ({**EVENT, "at": "2026-03-02T05:00:00Z"}, "at"),
        ({**EVENT, "colour": "red"}, "colour"),
        (b"{", None),
        (b"\xff\xfe", None),
    )
    with hall.visitor() as machine:
        for body, field in bad:
            if isinstance(body, bytes):
                answer = machine.post("/api/v1/queue-events", content=body, headers=key)
            else:
                answer = machine.post("/api/v1/queue-events", json=body, headers=key)
            assert answer.status_code == 422, answer.text
            named = errors_of(answer)
            assert field is None or field in named, named
        assert machine.post("/api/v1/queue-events", json=EVENT).status_code == 401
        assert (
            machine.post("/api/v1/queue-events", json=EVENT, headers={"X-API-Key": "no"}).status_code == 401
        )
    refused = officer.get("/api/v1/queue-events/refused").json()["items"]
    assert len(refused) == len(bad)
    assert refused[-1]["field"] == "window"


def test_a_batch_is_answered_event_by_event(hall: Console, officer: httpx.Client) -> None:
    batch = [EVENT, {**EVENT, "id": "e2", "ticket": "A078"}, {**EVENT, "id": "e3", "hall": "h9"}]
    lines = "\n".join(json.dumps(event) for event in batch)
    key = {"X-API-Key": KEY}
    with hall.visitor() as machine:
        listed = machine.post("/api/v1/queue-events", json=batch, headers=key)
        lined = machine.post(
            "/api/v1/queue-events", content=lines, headers={**key, "Content-Type": "application/x-ndjson"}
        )
        long = machine.post("/api/v1/queue-events", json=[EVENT] * 501, headers=key)
    assert (listed.status_code, lined.status_code, long.status_code) == (200, 200, 422)
    assert [event["status"] for event in listed.json()["items"]] == ["accepted", "accepted", "refused"]
    assert {name: lined.json()[name] for name in ("accepted", "repeated", "refused", "not_taken")} == {
        "accepted": 0,
        "repeated": 2,
        "refused": 1,
        "not_taken": 0,
    }
    assert listed.json()["items"][2]["field"] == "hall"
    assert "at most 500" in errors_of(long)["body"]


def test_a_refused_event_is_settled_by_an_officer(hall: Console, officer: httpx.Client) -> None:
    path, key = "/api/v1/queue-events/refused", {"X-API-Key": KEY}
    with hall.visitor() as machine:
        for number in range(3):
            wrong = {**EVENT, "id": f"e{number}", "item": "x" * 2500}
            assert machine.post("/api/v1/queue-events", json=wrong, headers=key).status_code == 422
        assert machine.get(path).status_code == 401
    first = officer.get(path, params={"limit": 2, "state": "open"}).json()
    second = officer.get(path, params={"limit": 2, "cursor": first["next"]}).json()
    newest, middle, oldest = [event["id"] for event in [*first["items"], *second["items"]]]
    assert second["next"] is None
    assert len(first["items"][0]["raw"]) == 2000
    whole = officer.get(f"{path}/{newest}").json()
    assert json.loads(whole["raw"])["item"] == "x" * 2500
    assert officer.post(f"{path}/{newest}/replay").status_code == 422
    mended = officer.post(f"{path}/{newest}/replay", json={"event": EVENT})
    assert (mended.status_code, mended.json()) == (200, {"status": "accepted"})
    assert officer.post(f"{path}/{newest}/replay").status_code == 409
    assert officer.post(f"{path}/{middle}/discard", json={}).status_code == 422
    gone = officer.post(f"{path}/{middle}/discard", json={"reason": "a test"}).json()
    assert (gone["settlement"], gone["settled_by"], gone["note"]) == ("discarded", "officer", "a test")
    assert officer.post(f"{path}/999/discard", json={"reason": "a test"}).status_code == 404
    left = officer.get(path, params={"state": "open"}).json()["items"]
    assert [event["id"] for event in left] == [oldest]
    assert len(officer.get(path, params={"state": "settled"}).json()["items"]) == 2
    assert officer.get(path, params={"cursor": "nonsense"}).status_code == 422


def test_a_body_that_is_too_large_is_refused(hall: Console) -> None:
    with hall.visitor() as machine:
        answer = machine.post("/api/v1/queue-events", content=b"x" * 70_000, headers={"X-API-Key": KEY})
    assert answer.status_code == 413


# --- the reference view


def test_an_officer_has_the_view_of_a_camera_learnt_anew_and_the_trail_tells_who(
    hall: Console, officer: httpx.Client
) -> None:
    with hall.database.write() as tx:
        reference_views.learnt(tx, CAMERA, b"view", before(60))
    assert officer.post(f"/api/v1/cameras/{CAMERA}/reference-view").status_code == 204
    with hall.database.read() as tx:
        assert reference_views.all_views(tx)[CAMERA].view is None
        assert set(reference_views.resets(tx)) == {CAMERA}
    assert (USER, "reference_view_reset", f"camera:{CAMERA}") in trail(hall)
    assert officer.post("/api/v1/cameras/nothing/reference-view").status_code == 404
    with hall.visitor() as machine:
        assert machine.post(f"/api/v1/cameras/{CAMERA}/reference-view").status_code == 401


# --- locks

LOCK = {
    "kind": "case",
    "reference": "2026-17",
    "reason": "A complaint is looked into",
    "cameras": ["c1"],
    "from": "2026-03-02T01:00:00Z",
    "to": "2026-03-02T01:30:00Z",
}


def test_a_lock_is_placed_listed_and_released_and_the_trail_tells_who(
    hall: Console, officer: httpx.Client
) -> None:
    placed = officer.post("/api/v1/locks", json=LOCK)
    assert placed.status_code == 201, placed.text
    lock = placed.json()
    assert (lock["owner"], lock["hall"], lock["cameras"]) == (USER, HALL, ["c1"])
    assert officer.get("/api/v1/locks?holding=true").json()["items"] == [lock]
    with hall.database.read() as tx:
        assert locks.locked_between(tx, CAMERA, before(3600), before(3000), NOW)
    why = {"reason": "The complaint is settled"}
    released = officer.post(f"/api/v1/locks/{lock['id']}/release", json=why)
    assert (released.status_code, released.json()["released_by"]) == (200, USER)
    assert released.json()["release_reason"] == why["reason"]
    assert officer.get("/api/v1/locks?holding=true").json()["items"] == []
    assert [one["id"] for one in officer.get("/api/v1/locks").json()["items"]] == [lock["id"]]
    assert officer.post(f"/api/v1/locks/{lock['id']}/release", json=why).status_code == 409
    assert officer.post("/api/v1/locks/nothing/release", json=why).status_code == 404
    told = [entry for entry in trail(hall) if entry[1].startswith("lock_")]
    assert told == [(USER, "lock_add", f"lock:{lock['id']}"), (USER, "lock_release", f"lock:{lock['id']}")]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"cameras": []}, "cameras"),
        ({"cameras": ["nowhere"]}, "cameras"),
        ({"reason": ""}, "reason"),
        ({"kind": "whim"}, "kind"),
        ({"from": "2026-03-02T01:00:00"}, "from"),
        ({"to": "2026-03-02T01:00:00Z"}, "to"),
        ({"expires_at": "2026-03-02T01:00:00Z"}, "expires_at"),
        ({"owner": "somebody"}, "owner"),
    ],
)
def test_a_bad_lock_is_refused_by_field(officer: httpx.Client, change: dict[str, object], field: str) -> None:
    answer = officer.post("/api/v1/locks", json={**LOCK, **change})
    assert answer.status_code == 422, answer.text
    assert field in errors_of(answer)


# --- whatever comes


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("alerts?from=yesterday", "from"),
        ("alerts?from=2026-03-02T01:00:00", "from"),
        ("alerts?from=0001-01-01T00:00:00%2B14:00", "from"),
        ("alerts?from=9999-12-31T23:59:59-14:00", "from"),
        ("alerts?cursor=%21%21", "cursor"),
        ("alerts?cursor=OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTphYQ", "cursor"),
        ("alerts?limit=0", "limit"),
        ("alerts?limit=100000", "limit"),
        ("alerts?status=asleep", "status.0"),
        ("transactions?ticket=%00", "ticket"),
        ("transactions?limit=-1", "limit"),
        ("segments?camera=c1", "from"),
        ("segments?camera=c1&from=2026-03-02T01:00:00Z&to=2026-03-02T01:00:00Z", "to"),
        ("cameras/c1/playlist.m3u8?from=2026-03-01T01:00:00Z&to=2026-03-09T01:00:00Z", "to"),
        ("observations?kind=smell", "kind.0"),
        ("observations?from=2026-03-02T01:00:00Z", "to"),
    ],
)
def test_a_bad_request_names_its_field(officer: httpx.Client, path: str, field: str) -> None:
    answer = officer.get(f"/api/v1/{path}")
    assert answer.status_code == 422, answer.text
    assert field in errors_of(answer)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b'{"user": "a\\u0000", "password": "x"}',
        b'{"user": "\\ud800", "password": "x"}',
        b'{"user": {"a": 1}, "password": "x"}',
        b'{"user": "a", "password": "x", "more": 1}',
        b'{"user": "' + b"a" * 2000 + b'", "password": "x"}',
        b"[" * 20_000,
    ],
)
def test_a_strange_log_in_is_refused_in_words(hall: Console, body: bytes) -> None:
    with hall.visitor() as client:
        answer = client.post("/api/v1/session", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422), answer.text
    errors_of(answer)


def test_a_strange_action_is_refused_in_words(hall: Console, officer: httpx.Client) -> None:
    path = f"/api/v1/alerts/{found(hall).id}/actions"
    for change in (
        {"revision": 10**400},
        {"revision": -1},
        {"revision": None},
        {"action": "resolve"},
        {"reason": "a\0b"},
        {"reason": "a" * 501},
        {"who": "me"},
    ):
        answer = officer.post(path, json={"action": "dismiss", "revision": 1, "reason": "x", **change})
        assert answer.status_code == 422, change
        assert set(change) & set(errors_of(answer)), answer.text
    assert officer.post("/api/v1/live/c1/whep", content=b"v=0").status_code == 422
    sdp = {"Content-Type": "application/sdp"}
    assert officer.post("/api/v1/live/c1/whep", content=b"\xff", headers=sdp).status_code == 422
    assert officer.post("/api/v1/live/c9/whep", content=b"v=0", headers=sdp).status_code == 404
    assert officer.post("/api/v1/live/c1/whep", content=b"v=0", headers=sdp).status_code == 503


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/board?hall=nowhere", 404),
        ("/api/v1/segments/..%2F..%2Fetc%2Fpasswd/media", 404),
        ("/api/v1/segments/none/media", 404),
        ("/api/v1/alerts/none", 404),
        ("/api/v1/nothing", 404),
        ("/healthz", 200),
        ("/readyz", 503),
    ],
)
def test_an_address_that_leads_nowhere_is_no_failure(officer: httpx.Client, path: str, status: int) -> None:
    assert officer.get(path).status_code == status


def test_the_web_app_is_served_and_nothing_beside_it(officer: httpx.Client) -> None:
    page = officer.get("/replay/t-1")
    assert "the page" in page.text
    assert page.headers["cache-control"] == "no-cache"
    script = officer.get("/assets/app-1a2b.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert "immutable" in script.headers["cache-control"]
    assert "frame-ancestors 'none'" in script.headers["content-security-policy"]
    for path in ("/%2e%2e/beside.txt", "/assets/..%2f..%2fbeside.txt", "/assets/%00", "/x" * 3000):
        answer = officer.get(path)
        assert answer.status_code in (200, 404), path
        assert "not for browsers" not in answer.text


def test_metrics_are_served_for_prometheus(officer: httpx.Client) -> None:
    officer.get("/api/v1/session")
    text = officer.get("/metrics").text
    assert 'hallwatch_console_requests_total{method="GET",status="2xx"}' in text


A_YEAR = {
    "source": "国办发明电〔2026〕1号",
    "days": [
        {"date": "2027-10-01", "kind": "holiday", "name": "国庆节"},
        {"date": "2027-09-26", "kind": "workday", "name": "国庆节调休"},
    ],
}


def administrator(hall: Console) -> None:
    """The user of these tests becomes one; her session stands."""
    with hall.database.write() as tx:
        tx.connection.exec_driver_sql("UPDATE users SET role = 'administrator'")


def test_an_unknown_year_of_the_calendar_is_answered_with_a_warning(officer: httpx.Client) -> None:
    answer = officer.get("/api/v1/calendar/2027")
    assert answer.status_code == 200
    assert (answer.json()["completeness"], answer.json()["days"]) == ("unknown", [])
    assert "only weekends" in answer.json()["warning"]["en"]


def test_only_an_administrator_changes_the_calendar_and_the_trail_tells_who(
    hall: Console, officer: httpx.Client
) -> None:
    assert officer.put("/api/v1/calendar/2027", json=A_YEAR).status_code == 403
    administrator(hall)
    changed = officer.put("/api/v1/calendar/2027", json=A_YEAR)
    assert (changed.status_code, changed.json()["completeness"]) == (200, "complete")
    read = officer.get("/api/v1/calendar/2027").json()
    assert read == changed.json()
    assert ([day["date"] for day in read["days"]], read["entered_by"], read["warning"]) == (
        ["2027-09-26", "2027-10-01"],
        USER,
        None,
    )
    with hall.database.read() as tx:
        entry = audit.entries(tx)[-1]
    assert (entry.who, entry.action, entry.subject) == (USER, "calendar_change", "calendar:2027")


def test_a_day_of_the_calendar_has_its_basis_and_no_change_is_overwritten_unseen(
    hall: Console, officer: httpx.Client
) -> None:
    administrator(hall)
    etag = officer.put("/api/v1/calendar/2027", json=A_YEAR).headers["ETag"]
    local = {"date": "2027-03-03", "kind": "holiday", "name": "搬迁", "basis": "区政府办〔2027〕3号"}
    more = {**A_YEAR, "days": [*A_YEAR["days"], local]}
    changed = officer.put("/api/v1/calendar/2027", json=more, headers={"If-Match": etag})
    assert (changed.status_code, changed.json()["days"][0]) == (200, local)
    assert changed.headers["ETag"] == f'"{changed.json()["etag"]}"' != etag
    late = officer.put("/api/v1/calendar/2027", json=A_YEAR, headers={"If-Match": etag})
    assert (late.status_code, late.json()["changed_by"]) == (412, USER)
    assert len(officer.get("/api/v1/calendar/2027").json()["days"]) == 3
    with hall.database.read() as tx:
        entry = audit.entries(tx)[-1]
    assert entry.detail.endswith("; +2027-03-03 holiday 搬迁 (区政府办〔2027〕3号)")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"days": [{"date": "2026-10-01", "kind": "holiday", "name": "x"}]}, "days"),
        ({"days": [{"date": "2027-10-01", "kind": "holiday", "name": "x"}] * 2}, "days"),
        ({"days": [{"date": "2027-10-01", "kind": "free", "name": "x"}]}, "days.0.kind"),
        ({"source": ""}, "source"),
    ],
)
def test_a_bad_calendar_is_refused_by_field(
    hall: Console, officer: httpx.Client, change: dict[str, object], field: str
) -> None:
    administrator(hall)
    answer = officer.put("/api/v1/calendar/2027", json=A_YEAR | change)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert officer.get("/api/v1/calendar/2027").json()["completeness"] == "unknown"


def test_a_case_tells_its_limits(hall: Console, officer: httpx.Client) -> None:
    item = Item(id="id-card", name=Text(zh="居民身份证", en="Identity card"), promised_days=5)
    changed = hall.configuration.halls[0].model_copy(update={"items": (item,)})
    with hall.database.write() as tx:
        configurations.apply(tx, hall.configuration.model_copy(update={"halls": (changed,)}), NOW)
        cases.save_case(tx, Case(HALL, "2026/1 号", "id-card", NOW, extended_days=1))
        cases.save_case(tx, Case(HALL, "gone", "id-card", NOW, closed_at=NOW, withdrawn=True))
    told = officer.get("/api/v1/cases", params={"serial": "2026/1 号"})
    assert told.status_code == 200
    assert (told.json()["suspended"], told.json()["case"]["serial"]) == (False, "2026/1 号")
    assert told.json()["limits"] == [
        {
            "kind": "promised",
            "days": 6,
            "last_day": "2026-03-10",
            "ends_at": "2026-03-10T16:00:00Z",
            "assumed": [2026],
        }
    ]
    for serial in ("gone", "none"):
        assert officer.get("/api/v1/cases", params={"serial": serial}).status_code == 404


def test_a_camera_tells_how_it_is_watched(hall: Console, officer: httpx.Client) -> None:
    assert [one["watching"] for one in officer.get("/api/v1/cameras").json()["items"]] == [None]
    told = WatchHealth(
        CAMERA, NOW, 0.4, 9, 2, 1, 0, 0.005, 0.02, 4.0, is_rare=True, zones=(ZoneHealth(ZoneId("z1"), NOW),)
    )
    with hall.database.write() as tx:
        watching.tell(tx, told)
    (camera,) = officer.get("/api/v1/cameras").json()["items"]
    assert from_wire(WatchHealth, camera["watching"]) == told
