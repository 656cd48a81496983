"""Rights over a real socket: every route by every role; what is beyond reach is as if it were not there."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import av
import httpx
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from websockets.sync.client import connect

from capture.books.books import Books
from capture.books.facts import FactWriter
from capture.books.logbook import Logbook
from capture.record.objects import LocalObjects
from console import health
from console.access.gate import event_sender
from console.app import PREFIX, ROUTERS
from hall.announcement import Announcement, AnnouncementKind
from hall.exporting import Export
from hall.interval import Interval
from hall.journal import FactKind, Json
from hall.locking import Lock, LockKind
from hall.media import Segment
from hall.names import AnnouncementId, ExportId, HallId, LockId, SilenceId, StaffId, WindowId
from hall.permissions import ROLES, Permission
from hall.roles import Role
from hall.roster import Shift
from hall.roster_change import RosterDifference
from hall.silencing import Matcher, Silence
from store import (
    announcing,
    exporting,
    journal,
    locks,
    recording,
    refused_events,
    roster,
    roster_history,
    silencing,
)
from tests.integration.console_hall import CAMERA, HALL, NOW, Console, console, recorded
from tests.integration.test_console_api import before, found, served
from tests.integration.visitors import visiting
from tests.media import film
from tests.recorded import packets_of, record
from tests.recordings import AtOnce

OPEN = {
    "GET /healthz",
    "GET /readyz",
    "GET /metrics",
    "POST /api/v1/session",
    "POST /api/v1/session/code",
    "GET /api/v1/session/ways",
    "GET /api/v1/session/oidc",
    "GET /api/v1/session/oidc/callback",
    "GET /api/v1/session/oidc/end",
}
"""Doors that need nothing: health, and the log-in itself."""
NEITHER = "zz"
"""The name of nothing."""


def routes() -> list[APIRoute]:
    """Every route of the API."""
    return [
        route
        for prefix, router in [("", health.router), *((PREFIX, router) for router in ROUTERS)]
        for route in router.routes
        if isinstance(route, APIRoute)
    ]


def calls() -> list[tuple[str, str, APIRoute]]:
    """Every method and path, with its route."""
    return [
        (method, path if route in health.router.routes else PREFIX + path, route)
        for route in routes()
        for path in [route.path]
        for method in sorted(route.methods or ())
    ]


def declared(dependant: Dependant) -> list[tuple[Permission, ...]]:
    """The permissions that a route, or what it depends on, declares."""
    own = [vars(dependant.call)["declared"]] if "declared" in getattr(dependant.call, "__dict__", {}) else []
    return own + [more for inner in dependant.dependencies for more in declared(inner)]


def takes_key(dependant: Dependant) -> bool:
    """Whether a route is for machines, by their key."""
    return dependant.call is event_sender or any(takes_key(inner) for inner in dependant.dependencies)


def needed(route: APIRoute) -> frozenset[Permission]:
    return frozenset(permission for some in declared(route.dependant) for permission in some)


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Console]:
    with console(tmp_path) as running:
        yield running


def test_every_route_declares_what_it_needs() -> None:
    undeclared = [
        f"{method} {path}"
        for method, path, route in calls()
        if not declared(route.dependant) and not takes_key(route.dependant)
    ]
    assert set(undeclared) == OPEN
    assert len(calls()) > 40


def filled(path: str, names: dict[str, str]) -> str:
    """A path with its parameters filled in. A parameter that no test knows yet is a KeyError."""
    return path.replace(":path}", "}").format(**names)


NOTHING = {
    "alert": NEITHER,
    "transaction": NEITHER,
    "segment": NEITHER,
    "export": NEITHER,
    "lock": NEITHER,
    "silence": NEITHER,
    "announcement": NEITHER,
    "hall": NEITHER,
    "rule": NEITHER,
    "camera": NEITHER,
    "still": NEITHER,
    "notifier": NEITHER,
    "identifier": "999",
    "session": "a-session-that-nobody-began",
    "year": "2026",
    "user": NEITHER,
    "key": NEITHER,
    "layout": NEITHER,
    "collection": NEITHER,
    "part": NEITHER,
    "version": "999",
    "change": "999",
}


def test_each_role_comes_through_the_doors_of_its_permissions_and_no_other(hall: Console) -> None:
    checked = 0
    for role in Role:
        with visiting(hall, role) as client:
            for method, path, route in calls():
                if f"{method} {path}" in OPEN or takes_key(route.dependant):
                    continue
                if method == "DELETE" and path == f"{PREFIX}/session":
                    continue  # it would end the session of the calls that follow
                answer = client.request(method, filled(path, NOTHING))
                said = f"{role}: {method} {path} is {answer.status_code}"
                if needed(route) <= ROLES[role]:
                    assert answer.status_code not in (401, 403), said
                    assert answer.status_code < 500 or "/whep" in path, said
                else:
                    assert answer.status_code == 403, said
                checked += 1
    assert checked > 200


def test_nobody_comes_through_without_a_session(hall: Console) -> None:
    with hall.visitor() as client:
        for method, path, _ in calls():
            if f"{method} {path}" not in OPEN:
                assert client.request(method, filled(path, NOTHING)).status_code == 401, f"{method} {path}"


def test_a_withheld_permission_is_missing_from_the_role(hall: Console) -> None:
    with visiting(hall, Role.OFFICER, withheld=[Permission.EXPORT]) as client:
        assert client.post("/api/v1/evidence", json={}).status_code == 403
        assert client.get("/api/v1/evidence").status_code == 200


# --- halls


def of_hall_one(hall: Console) -> dict[str, str]:
    """One of everything in hall h1, by the names of path parameters."""
    transaction, alert, segment = served(hall), found(hall), recorded(hall, before(62))
    span = Interval(before(60), before(30))
    with hall.database.write() as tx:
        locks.add_lock(
            tx, Lock(LockId("lock-1"), HALL, "li", LockKind.MANUAL, "", "why", span, (CAMERA,), NOW)
        )
        exporting.order(tx, Export(ExportId("e1"), HALL, (CAMERA,), span, "case", "why", "li", NOW))
        quiet = Interval(NOW, NOW + timedelta(hours=1))
        silencing.add_silence(tx, Silence(SilenceId("s-1"), Matcher(HALL), quiet, "li", "why", NOW))
        drill = Announcement(AnnouncementId("n-1"), HALL, AnnouncementKind.DRILL, quiet, "li", "why", NOW)
        announcing.add_announcement(tx, drill)
        refused_events.refuse_event(tx, HALL, b"{}", "id", "is missing", NOW)
        (event,) = refused_events.refused(tx)
        shift = Shift(StaffId("s1"), WindowId("w1"), Interval(before(60), before(30)))
        changed = RosterDifference(added_shifts=(shift,))
        change = roster.take(tx, HALL, ZoneInfo("Asia/Shanghai"), changed, NOW, roster_history.NOBODY)
    return {
        **NOTHING,
        "alert": alert.id,
        "transaction": transaction.id,
        "segment": segment.id,
        "export": "e1",
        "lock": "lock-1",
        "silence": "s-1",
        "announcement": "n-1",
        "hall": HALL,
        "rule": "absence",
        "collection": "windows",
        "part": "w1",
        "version": "1",
        "camera": CAMERA,
        "identifier": str(event.id),
        "change": str(change),
    }


BODIES: dict[str, dict[str, object]] = {
    "/alerts/{alert}/actions": {"action": "acknowledge", "revision": 1},
    "/queue-events/refused/{identifier}/discard": {"reason": "not needed"},
    "/locks": {"kind": "manual", "reason": "why", "cameras": ["CAMERA"]},
    "/locks/{lock}/prolong": {"expires_at": None, "reason": "why"},
    "/locks/{lock}/release": {"reason": "why"},
    "/evidence": {"case": "1", "reason": "why", "cameras": ["CAMERA"]},
    "/silences": {"hall": "HALL", "reason": "why"},
    "/announcements": {"hall": "HALL", "kind": "drill", "reason": "why"},
}
SPAN = {"from": before(90).isoformat(), "to": before(1).isoformat()}
AHEAD = {"to": (NOW + timedelta(hours=1)).isoformat()}
SITE_WIDE = {
    "/configuration/schema",
    "/calendar/{year}",
    "/notifiers/{notifier}/test",
    "/evidence/signing-key",
    "/session",
}
"""What belongs to no hall."""


def asked(client: httpx.Client, method: str, path: str, names: dict[str, str], where: dict[str, str]) -> str:
    """Status and body of a call that names hall and camera wherever it can, with these names struck out."""
    headers, content = {}, None
    body = BODIES.get(path.removeprefix(PREFIX))
    if path.endswith("/whep"):
        headers, content = {"Content-Type": "application/sdp"}, "v=0"
    elif body is not None:
        more = AHEAD if "hall" in body else SPAN if "cameras" in body else {}
        content = (
            json.dumps({**body, **more}).replace("CAMERA", where["camera"]).replace("HALL", where["hall"])
        )
        headers = {"Content-Type": "application/json"}
    query = (
        {**where, **SPAN, "at": before(60).isoformat(), "serial": "S-A012", "holding": "false"}
        if method == "GET"
        else {}
    )
    answer = client.request(method, filled(path, names), params=query, content=content, headers=headers)
    text = answer.text
    for name in sorted({*names.values(), *where.values()}, key=len, reverse=True):
        text = text.replace(f" {name}", " NAME").replace(f"'{name}'", "'NAME'")
    return f"{answer.status_code} {text}"


def test_another_hall_is_as_if_it_were_not_there(hall: Console) -> None:
    """Over every route, by roles that together may do all: what exists in h1 answers like what is nowhere."""
    real = of_hall_one(hall)
    here, nowhere = {"hall": HALL, "camera": CAMERA}, {"hall": NEITHER, "camera": NEITHER}
    checked = 0
    for role in (Role.ADMINISTRATOR, Role.AUDITOR):
        with visiting(hall, role, halls=["another"]) as stranger:
            for method, path, route in calls():
                inner = path.removeprefix(PREFIX)
                if f"{method} {path}" in OPEN or takes_key(route.dependant) or inner in SITE_WIDE:
                    continue
                named = asked(stranger, method, path, real, here)
                unknown = asked(stranger, method, path, NOTHING, nowhere)
                assert named == unknown, f"{role}: {method} {path}"
                assert not named.startswith("5"), f"{role}: {method} {path}: {named}"
                checked += 1
    assert checked > 70
    with visiting(hall, Role.ADMINISTRATOR, halls=["another"]) as stranger:
        for path in ("halls", "windows", "cameras", "alerts", "transactions", "evidence", "locks"):
            assert stranger.get(f"/api/v1/{path}").json()["items"] == [], path
        assert stranger.get("/api/v1/observations").json()["items"] == []
        assert stranger.get("/api/v1/queue-events/refused").json()["items"] == []


def test_what_is_hidden_from_another_hall_is_there_for_its_own(hall: Console) -> None:
    """The same calls by somebody of hall h1: else the test above could not fail."""
    real = of_hall_one(hall)
    with visiting(hall, Role.ADMINISTRATOR, halls=[HALL]) as own:
        for path in ("alerts/{alert}", "transactions/{transaction}", "segments/{segment}/media"):
            assert own.get(filled(f"/api/v1/{path}", real)).status_code == 200, path
        for path in ("halls", "windows", "cameras", "alerts", "transactions", "evidence", "locks"):
            assert own.get(f"/api/v1/{path}").json()["items"], path
        assert own.get("/api/v1/queue-events/refused").json()["items"]
        assert own.get("/api/v1/board").json()["hall"] == HALL
        assert own.get("/api/v1/silences?hall=h1").json()["items"]
        assert own.get("/api/v1/announcements?hall=h1").json()["items"]
        assert own.get("/api/v1/halls/h1/rules/absence/versions").json()["items"]


def test_who_is_limited_to_another_camera_sees_the_window_but_not_this_one(hall: Console) -> None:
    real = of_hall_one(hall)
    with visiting(hall, Role.OFFICER, cameras=["c9"]) as client:
        assert client.get("/api/v1/cameras").json()["items"] == []
        board = client.get("/api/v1/board").json()
        assert board["cameras"] == []
        assert [window["cameras"] for window in board["windows"]] == [[], []]
        assert client.get(filled("/api/v1/segments/{segment}/media", real)).status_code == 404
        assert client.get("/api/v1/segments", params={"camera": CAMERA, **SPAN}).status_code == 404
        (item,) = client.get("/api/v1/transactions").json()["items"]
        assert item["cameras"] == []
        assert client.get("/api/v1/evidence").json()["items"] == []
        order = {"cameras": [CAMERA], "case": "1", "reason": "why", **SPAN}
        assert client.post("/api/v1/evidence", json=order).status_code == 422


def told(hall: Console, client: httpx.Client, after: int, count: int) -> list[str]:
    """The kinds of the first facts that a screen is told after a seq."""
    headers = {"Cookie": client.headers["Cookie"]}
    with connect(f"{hall.push_url}?after={after}", additional_headers=headers, proxy=None) as screen:
        kinds: list[str] = []
        while len(kinds) < count:
            message = json.loads(screen.recv(10))
            if message["kind"] not in ("hello", "tick"):
                kinds.append(f"{message['kind']} {message['body'].get('n')}")
        return kinds


def test_a_screen_hears_of_its_own_hall_and_of_what_its_role_may_know(hall: Console) -> None:
    facts: list[tuple[FactKind, str | None, dict[str, Json]]] = [
        (FactKind.TICKET, "h1", {}),
        (FactKind.TICKET, "h2", {}),
        (FactKind.EVENT_REFUSED, "h1", {}),
        (FactKind.EVENT_REFUSED, None, {}),
        (FactKind.SEGMENT, "h1", {"camera": "c1"}),
        (FactKind.SEGMENT, "h1", {"camera": "c9"}),
        (FactKind.ALERT, "h1", {"subject": {"hall": "h1", "camera": "c9"}}),
        (FactKind.EXPORT, "h1", {"cameras": ["c1", "c9"]}),
        (FactKind.CALENDAR, None, {}),
    ]
    with hall.database.write() as tx:
        after = journal.last_seq(tx)
        for number, (kind, of, body) in enumerate(facts):
            journal.append(tx, kind, HallId(of) if of else None, NOW, {"n": number, **body})
    with ExitStack() as stack:
        everywhere = stack.enter_context(visiting(hall, Role.OFFICER))
        own = stack.enter_context(visiting(hall, Role.OFFICER, halls=["h1"]))
        narrow = stack.enter_context(visiting(hall, Role.OFFICER, halls=["h1"], cameras=["c1"]))
        auditor = stack.enter_context(visiting(hall, Role.AUDITOR, halls=["h1"]))
        assert len(told(hall, everywhere, after, 9)) == 9
        heard = ["ticket 0", "event_refused 2", "segment 4", "segment 5", "alert 6", "export 7", "calendar 8"]
        assert told(hall, own, after, 7) == heard
        assert told(hall, narrow, after, 4) == ["ticket 0", "event_refused 2", "segment 4", "calendar 8"]
        assert told(hall, auditor, after, 4) == ["ticket 0", "alert 6", "export 7", "calendar 8"]
        # The same for what happens while the screen is open.
        headers = {"Cookie": own.headers["Cookie"]}
        with connect(hall.push_url, additional_headers=headers, proxy=None) as screen:
            assert json.loads(screen.recv(10))["kind"] == "hello"
            with hall.database.write() as tx:
                journal.append(tx, FactKind.TICKET, HallId("h2"), NOW, {"n": 10})
                journal.append(tx, FactKind.TICKET, HALL, NOW, {"n": 11})
            assert json.loads(screen.recv(10))["body"]["n"] == 11


# --- sound


def heard_segment(hall: Console) -> Segment:
    """A recorded file of camera c1 with picture and sound, of our own writer."""
    folder = hall.configuration.site.data
    folder.mkdir(parents=True, exist_ok=True)
    objects = LocalObjects(*hall.configuration.site.disks)
    books = Books(cast(FactWriter, AtOnce(hall.database)), Logbook(objects.disks, hall.clock), HALL)
    record(objects, books, CAMERA, packets_of(film(folder / "reel.mp4", seconds=3)), before(60), 10)
    with hall.database.read() as tx:
        (segment,) = recording.segments_between(tx, CAMERA, before(90), NOW)
    assert segment.has_audio
    return segment


def test_who_may_not_hear_is_given_the_same_picture_without_its_sound(hall: Console) -> None:
    segment = heard_segment(hall)
    path = f"/api/v1/segments/{segment.id}/media"
    with visiting(hall, Role.OFFICER) as officer, visiting(hall, Role.MANAGER) as manager:
        loud, quiet = officer.get(path), manager.get(path)
        assert (loud.status_code, quiet.status_code) == (200, 200)
        assert len(loud.content) == len(quiet.content) == segment.size
        with av.open(io.BytesIO(loud.content), "r") as file:
            assert len(file.streams.audio) == 1
        with av.open(io.BytesIO(quiet.content), "r") as file:
            assert len(file.streams.audio) == 0
            pictures = len(list(file.decode(video=0)))
        with av.open(io.BytesIO(loud.content), "r") as file:
            assert pictures == len(list(file.decode(video=0))) > 0
        assert loud.headers["etag"] != quiet.headers["etag"]
        assert quiet.headers["vary"] == "Cookie"
        # Any range is that part of the same bytes: playlists name them.
        head, end = segment.header_size, segment.size
        for first, last in ((0, 99), (head - 7, head + 500), (end - 9, end - 1)):
            part = manager.get(path, headers={"Range": f"bytes={first}-{last}"})
            assert part.status_code == 206
            assert part.content == quiet.content[first : last + 1]
        assert manager.get(path, headers={"If-None-Match": quiet.headers["etag"]}).status_code == 304
        assert manager.get(path, headers={"Range": "bytes=999999999-"}).status_code == 416
        assert manager.head(path).headers["content-length"] == str(end)
