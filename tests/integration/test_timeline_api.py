"""The timeline over a real socket: single facts over a short time, figures over a year."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import httpx
import pytest

from hall.finding import Actor, AlertStatus, Flip
from hall.interval import Interval
from hall.media import Gap, GapReason
from hall.names import WindowId
from hall.observing import Observation, ObservationKind
from hall.permissions import Permission
from hall.queueing import QueueEvent, QueueEventType, WindowState, WindowStatus
from hall.roles import Role
from store import alerting, observing, queue_events, queueing, recording
from tests.integration.console_hall import CAMERA, HALL, NOW, Console, console, recorded
from tests.integration.test_console_api import REASON, W1, before, errors_of, found, served, trail
from tests.integration.visitors import visiting

YEAR = timedelta(days=365)
Json = dict[str, object]


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Console]:
    with console(tmp_path) as running:
        yield running


@pytest.fixture
def officer(hall: Console) -> Iterator[httpx.Client]:
    with hall.officer() as client:
        yield client


def asked(client: httpx.Client, path: str, start: datetime, end: datetime, **more: str) -> Json:
    bounds = {"from": start.isoformat(), "to": end.isoformat()}
    answer = client.get(f"/api/v1/{path}", params={"camera": CAMERA, **bounds, **more})
    assert answer.status_code == 200, answer.text
    return cast(Json, answer.json())


def seen(
    hall: Console, kind: ObservationKind, start: datetime, state: str, measure: float | None = None
) -> None:
    window = W1 if kind is ObservationKind.PRESENCE else None
    with hall.database.write() as tx:
        observing.change(tx, HALL, Observation(kind, CAMERA, None, window, Interval(start), state, measure))


def states(facts: Json) -> list[object]:
    return [one["state"] for one in cast(list[Json], facts["observations"])]


def test_a_short_time_is_told_fact_by_fact(hall: Console, officer: httpx.Client) -> None:
    transaction, alert = served(hall), found(hall)
    first = recorded(hall, before(62))
    assert first.interval.end is not None
    second = recorded(hall, first.interval.end + timedelta(seconds=0.5), sequence=1)
    gap = Gap(CAMERA, Interval(before(50), before(30)), GapReason.OFFLINE)
    called = QueueEvent(
        id="e1", hall=HALL, at=before(58), type=QueueEventType.TICKET_CALLED, window=W1, ticket="A012"
    )
    taken = QueueEvent(id="e2", hall=HALL, at=before(59), type=QueueEventType.WINDOW_OPENED, window=W1)
    with hall.database.write() as tx:
        recording.insert_gap(tx, HALL, gap)
        queue_events.record_event(tx, called, W1, NOW)
        queue_events.record_event(tx, taken, W1, NOW)
        status = WindowStatus(HALL, W1, WindowState.OPEN, Interval(before(59)))
        queueing.save_window_statuses(tx, HALL, W1, before(59), [status], NOW)
    seen(hall, ObservationKind.PRESENCE, before(3600 * 24 * 30), "on_post")
    seen(hall, ObservationKind.PRESENCE, before(45), "absent")
    seen(hall, ObservationKind.LEVEL, before(45), "measured", -40)
    facts = asked(officer, "timeline/facts", before(90), NOW)
    assert facts["windows"] == ["w1", "w2"]
    (camera,) = cast(list[Json], facts["cameras"])
    (stretch,) = cast(list[Json], camera["recorded"])
    assert datetime.fromisoformat(str(stretch["start"])) == before(62)
    assert datetime.fromisoformat(str(stretch["end"])) == second.interval.end
    assert [one["reason"] for one in cast(list[Json], camera["gaps"])] == ["offline"]
    (period,) = cast(list[Json], facts["periods"])
    assert period["ticket_number"] == "A012"
    assert cast(Json, period["period"])["transaction"] == transaction.id
    assert [(one["type"], one["ticket"]) for one in cast(list[Json], facts["moments"])] == [
        ("ticket_called", "A012")
    ]
    assert [one["state"] for one in cast(list[Json], facts["statuses"])] == ["open"]
    assert [one["id"] for one in cast(list[Json], facts["alerts"])] == [alert.id]
    assert states(facts) == ["on_post", "absent", "measured"]
    assert facts["whole"] is True


def test_what_lasts_for_long_is_found_at_any_moment_of_it(hall: Console, officer: httpx.Client) -> None:
    """And what was long over, or is yet to come, is not."""
    long_ago = NOW - timedelta(days=300)
    for day, state in enumerate(["on_post", "absent", "on_post"]):
        seen(hall, ObservationKind.PRESENCE, long_ago + timedelta(days=10 * day), state)
    middle = long_ago + timedelta(days=15)
    assert states(asked(officer, "timeline/facts", middle, middle + timedelta(hours=1))) == ["absent"]
    early = long_ago - timedelta(days=1)
    assert states(asked(officer, "timeline/facts", early, early + timedelta(hours=1))) == []


def test_a_year_is_told_in_buckets(hall: Console, officer: httpx.Client) -> None:
    start = NOW - YEAR
    recorded(hall, start + timedelta(days=73), run="early")
    recorded(hall, before(60), run="late")
    with hall.database.write() as tx:
        for run in recording.open_runs(tx, CAMERA)[:1]:
            recording.end_run(tx, run.id, start + timedelta(days=219), "offline")
        long = Interval(start + timedelta(days=140), start + timedelta(days=214))
        recording.insert_gap(tx, HALL, Gap(CAMERA, long, GapReason.DISK_FULL))
        for day in range(400):
            at = start + timedelta(days=75, minutes=day * 10)
            recording.insert_gap(
                tx, HALL, Gap(CAMERA, Interval(at, at + timedelta(seconds=day)), GapReason.STALLED)
            )
    served(hall)
    dismissed = found(hall, "a2", 50)
    lasting = replace(dismissed, interval=Interval(before(50), before(45)), status=AlertStatus.DISMISSED)
    flip = Flip(
        dismissed.id,
        2,
        NOW,
        AlertStatus.OPEN,
        AlertStatus.DISMISSED,
        dismissed.severity,
        Actor.OFFICER,
        "li",
        REASON,
    )
    with hall.database.write() as tx:
        alerting.change_alert(tx, 1, lasting, flip)
    found(hall)
    told = asked(officer, "timeline", start, NOW, buckets="5")
    (camera,) = cast(list[Json], told["cameras"])
    shares = cast(list[float], camera["recorded"])
    assert (shares[0], shares[3]) == (0.0, 0.0)
    assert 0.9 < shares[1] < 0.95
    assert 0 < shares[2] < 0.1
    assert shares[4] < 0.001
    assert camera["gaps_begun"] == [0, 401, 0, 0, 0]
    (kept,) = cast(list[Json], camera["gaps"])
    assert kept["reason"] == "disk_full"
    assert told["transactions"] == [0, 0, 0, 0, 1]
    assert told["alerts"] == [0, 0, 0, 0, 1]


def test_nobody_is_told_more_than_the_rights_reach(hall: Console) -> None:
    served(hall)
    found(hall)
    recorded(hall, before(62))
    seen(hall, ObservationKind.PRESENCE, before(45), "absent")
    withheld = [Permission.SEARCH, Permission.ALERTS, Permission.BOARD]
    with visiting(hall, Role.OFFICER, withheld=withheld) as client:
        facts = asked(client, "timeline/facts", before(90), NOW)
        assert [facts[kind] for kind in ("periods", "moments", "alerts", "observations")] == [[], [], [], []]
        told = asked(client, "timeline", before(90), NOW)
        assert (told["transactions"], told["alerts"]) == (None, None)
    bounds = {"from": before(90).isoformat(), "to": NOW.isoformat()}
    with visiting(hall, Role.OFFICER, cameras=["c9"]) as client:
        assert client.get("/api/v1/timeline", params={"camera": CAMERA, **bounds}).status_code == 404


def test_a_request_that_asks_for_too_much_is_refused_by_name(hall: Console, officer: httpx.Client) -> None:
    day = {"from": (NOW - timedelta(days=1)).isoformat(), "to": NOW.isoformat()}
    for path, query, field in (
        ("timeline/facts", {"camera": CAMERA, **day}, "to"),
        ("timeline", {**day}, "camera"),
        ("timeline", {"camera": CAMERA, **day, "buckets": "2001"}, "buckets"),
    ):
        assert field in errors_of(officer.get(f"/api/v1/{path}", params=query)), path
    nowhere = officer.get("/api/v1/timeline", params={"camera": CAMERA, "window": "w9", **day})
    assert nowhere.status_code == 404


def test_panning_and_zooming_is_one_entry_in_the_trail(hall: Console, officer: httpx.Client) -> None:
    for minutes in (1, 5, 20):
        asked(officer, "timeline/facts", before(60 * minutes), NOW)
    asked(officer, "timeline", NOW - YEAR, NOW)
    assert [subject for _, action, subject in trail(hall) if action == "view_timeline"] == ["camera:c1"]


def test_the_transactions_before_and_after_one_are_those_of_its_window(
    hall: Console, officer: httpx.Client
) -> None:
    first, second, third = (
        served(hall, f"A01{number}", 300 - number * 60, 260 - number * 60) for number in range(3)
    )
    with hall.database.write() as tx:
        elsewhere = replace(second, id=f"{second.id}-x", window=WindowId("w2"))  # type: ignore[arg-type]
        queueing.save_transaction(tx, elsewhere, (), NOW)
    answer = officer.get(f"/api/v1/transactions/{second.id}/neighbours").json()
    assert answer == {"previous": first.id, "next": third.id}
    answer = officer.get(f"/api/v1/transactions/{third.id}/neighbours").json()
    assert answer == {"previous": second.id, "next": None}


def test_a_long_time_tells_how_long_each_state_lasted_of_every_hour(
    hall: Console, officer: httpx.Client
) -> None:
    """What was not judged is in no state, and what a camera shows still counts up to its last picture."""
    start = NOW.replace(minute=0, second=0, microsecond=0) - timedelta(hours=6)
    for minutes, state in ((0, "on_post"), (90, "absent"), (100, "on_post")):
        seen(hall, ObservationKind.PRESENCE, start + timedelta(minutes=minutes), state)
    for minutes, level in ((0, -30.0), (1, -20.0), (2, None)):
        state = "unknown" if level is None else "measured"
        seen(hall, ObservationKind.MINUTE_LEVEL, start + timedelta(minutes=minutes), state, level)
    opened = WindowStatus(HALL, W1, WindowState.OPEN, Interval(start, start + timedelta(minutes=30)))
    with hall.database.write() as tx:
        observing.watched(tx, CAMERA, start + timedelta(minutes=130))
        queueing.save_window_statuses(tx, HALL, W1, start, [opened], NOW, start + timedelta(minutes=30))
    told = asked(officer, "timeline", start, start + timedelta(hours=5), buckets="100")
    lasting = cast(Json, told["lasting"])
    assert datetime.fromisoformat(str(lasting["from"])) == start
    assert (lasting["step_seconds"], lasting["steps"]) == (3600, 5)
    states = {
        (one["kind"], one["window"], one["state"]): one["seconds"]
        for one in cast(list[Json], lasting["states"])
    }
    assert states == {
        ("presence", "w1", "on_post"): [3600, 1800 + 1200, 600, 0, 0],
        ("presence", "w1", "absent"): [0, 600, 0, 0, 0],
        ("state", "w1", "open"): [1800, 0, 0, 0, 0],
    }
    (sound,) = cast(list[Json], lasting["levels"])
    assert (sound["camera"], sound["state"]) == (CAMERA, "measured")
    assert sound["highest"] == [-20.0, None, None, None, None]
    assert sound["mean"] == [-22.6, None, None, None, None]


def test_a_month_is_told_in_days(hall: Console, officer: httpx.Client) -> None:
    start = NOW - timedelta(days=40)
    seen(hall, ObservationKind.PRESENCE, start, "on_post")
    seen(hall, ObservationKind.PRESENCE, start + timedelta(days=3), "unknown")
    lasting = cast(Json, asked(officer, "timeline", start, NOW)["lasting"])
    assert lasting["step_seconds"] == 24 * 3600
    (on_post,) = [one for one in cast(list[Json], lasting["states"]) if one["state"] == "on_post"]
    assert sum(cast(list[float], on_post["seconds"])) == timedelta(days=3).total_seconds()


def test_who_may_not_see_the_board_is_told_what_the_queue_told_alone(hall: Console) -> None:
    seen(hall, ObservationKind.PRESENCE, before(7000), "on_post")
    seen(hall, ObservationKind.PRESENCE, before(60), "absent")
    status = WindowStatus(HALL, W1, WindowState.OPEN, Interval(before(6000)))
    with hall.database.write() as tx:
        queueing.save_window_statuses(tx, HALL, W1, before(6000), [status], NOW)
    with visiting(hall, Role.INVESTIGATOR, withheld=[Permission.BOARD]) as client:
        told = cast(Json, asked(client, "timeline", before(7200), NOW)["lasting"])
    assert {one["kind"] for one in cast(list[Json], told["states"])} == {"state"}
    assert sum(sum(cast(list[float], one["seconds"])) for one in cast(list[Json], told["states"])) == 6000
