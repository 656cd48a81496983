"""Search over a real socket: what is found and shown of it, by whom, and what stands in the trail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from hall.case import Case
from hall.interval import Interval
from hall.media import Gap, GapReason
from hall.names import TicketId
from hall.permissions import Permission
from hall.queueing import Ticket, TicketStatus
from hall.roles import Role
from store import audit, cases, queueing, recording
from tests.integration.console_hall import CAMERA, HALL, NOW, Console, console, recorded
from tests.integration.test_console_api import S1, W1, before, errors_of, found, served
from tests.integration.visitors import visiting


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Console]:
    with console(tmp_path) as running:
        yield running


@pytest.fixture
def officer(hall: Console) -> Iterator[httpx.Client]:
    with hall.officer() as client:
        yield client


def sought(client: httpx.Client, q: str = "", **filters: str | list[str]) -> list[dict[str, Any]]:
    answer = client.get("/api/v1/search", params={"q": q, **filters})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def names(items: list[dict[str, Any]]) -> list[str]:
    return [f"{item['kind']} {item['id']}" for item in items]


def unserved(hall: Console, number: str = "B007") -> None:
    """A ticket that was called at window w1, and nobody came."""
    ticket = Ticket(
        TicketId(f"h1-{number}"), HALL, number, "passport", TicketStatus.NO_SHOW,
        before(200), before(200), before(90), finished_at=before(80), window=W1,
        calling=Interval(before(90), before(80)),
    )  # fmt: skip
    with hall.database.write() as tx:
        queueing.save_ticket(tx, ticket)


def accepted(hall: Console, serial: str = "S-A012") -> None:
    with hall.database.write() as tx:
        cases.save_case(tx, Case(HALL, serial, "passport", before(50), W1, S1))


def comment(client: httpx.Client, text: str) -> None:
    act = {"action": "comment", "revision": 1, "reason": text}
    assert client.post("/api/v1/alerts/a1/actions", json=act).status_code == 200


def searches(hall: Console) -> list[str]:
    with hall.database.read() as tx:
        return [entry.detail for entry in audit.entries(tx) if entry.action == "search"]


def test_one_list_holds_all_that_fits_the_newest_first(hall: Console, officer: httpx.Client) -> None:
    served(hall)
    found(hall)
    unserved(hall)
    accepted(hall)
    everything = ["case h1/S-A012", "alert a1", "transaction t-A012", "ticket h1-B007"]
    assert names(sought(officer)) == everything
    assert names(sought(officer, "1号窗口")) == everything
    assert names(sought(officer, "王芳")) == ["case h1/S-A012", "transaction t-A012"]
    assert names(sought(officer, "Wang")) == ["case h1/S-A012", "transaction t-A012"]
    assert names(sought(officer, "passport")) == ["case h1/S-A012", "transaction t-A012", "ticket h1-B007"]
    assert names(sought(officer, "a012")) == ["transaction t-A012"]
    assert names(sought(officer, "A0")) == ["transaction t-A012"]
    assert names(sought(officer, "S-A012")) == ["case h1/S-A012", "transaction t-A012"]
    assert names(sought(officer, "b007")) == ["ticket h1-B007"]
    assert names(sought(officer, "离岗")) == ["alert a1"]
    assert names(sought(officer, "a1")) == ["alert a1"]
    assert names(sought(officer, "公安")) == everything
    assert sought(officer, "2号窗口") == sought(officer, "yesterday") == sought(officer, "qqq") == []
    assert names(sought(officer, "今天")) == everything
    assert names(sought(officer, "2026-03-02 10:00 王芳")) == ["case h1/S-A012", "transaction t-A012"]


def test_filters_narrow_what_was_typed(hall: Console, officer: httpx.Client) -> None:
    served(hall)
    found(hall)
    unserved(hall)
    assert names(sought(officer, kind="alert")) == ["alert a1"]
    assert names(sought(officer, "1号窗口", kind=["ticket", "transaction"])) == [
        "transaction t-A012",
        "ticket h1-B007",
    ]
    assert sought(officer, "1号窗口", window="w2") == []
    assert names(sought(officer, staff="s1", unit="u1", item="passport")) == ["transaction t-A012"]
    assert names(sought(officer, alert="absence")) == ["alert a1"]
    assert sought(officer, "今天", to="2026-03-01T00:00:00Z") == []
    assert sought(officer, hall="h9") == []


def test_what_people_wrote_about_an_alert_finds_it(hall: Console, officer: httpx.Client) -> None:
    found(hall)
    comment(officer, "横幅挡住了镜头, the banner covers the lens")
    for words in ("挡住", "横幅 镜头", "banner", "LENS covers", "挡住 离岗"):
        assert names(sought(officer, words)) == ["alert a1"], words
    for words in ("挡住 打印机", "banners", "无人"):
        assert sought(officer, words) == [], words


def test_it_is_told_how_the_words_were_understood(hall: Console, officer: httpx.Client) -> None:
    served(hall)
    understood = officer.get("/api/v1/search", params={"q": "昨天 王 A01 qqq"}).json()["understood"]
    assert understood["time"] == {
        "text": "昨天", "from": "2026-02-28T16:00:00Z", "to": "2026-03-01T16:00:00Z",
    }  # fmt: skip
    staff, number, unknown = understood["words"]
    assert staff["senses"][0]["names"] == [{"zh": "王芳", "en": "Wang Fang"}]
    assert [(one["kind"], one["numbers"]) for one in number["senses"]][:1] == [("ticket", ["A012"])]
    assert [one["kind"] for one in unknown["senses"]] == ["text"]


def test_a_result_says_whether_its_footage_is_kept_and_leads_to_it(
    hall: Console, officer: httpx.Client
) -> None:
    served(hall, start=12, end=1)
    recorded(hall, before(13), 0)
    recorded(hall, before(7), 1)
    served(hall, "A013", start=900, end=880)
    recorded(hall, before(900), 2, run="c1-early")
    gap = Gap(CAMERA, Interval(before(890), before(880)), GapReason.OFFLINE, "cable")
    with hall.database.write() as tx:
        recording.add_gap(tx, HALL, gap)
    served(hall, "A014", start=5000, end=4990)
    whole, part, none = sought(officer, kind="transaction")
    assert (whole["footage"]["state"], whole["footage"]["gaps"]) == ("whole", [])
    assert part["footage"]["state"] == "part"
    assert [one["reason"] for one in part["footage"]["gaps"]] == ["offline"]
    assert none["footage"] == {"state": "none", "cameras": ["c1"], "gaps": []}
    assert whole["replay"]["transaction"] == "t-A012"
    unserved(hall)
    (ticket,) = sought(officer, kind="ticket")
    look = {"transaction": None, "camera": "c1", "from": "2026-03-02T01:58:20Z", "to": "2026-03-02T01:58:50Z"}
    assert (ticket["replay"], ticket["ticket_status"]) == (look, "no_show")
    accepted(hall)
    (case,) = sought(officer, kind="case")
    assert case["replay"]["transaction"] == "t-A012"


def test_a_list_of_several_kinds_goes_on_where_it_stopped(hall: Console, officer: httpx.Client) -> None:
    for number in range(4):
        served(hall, f"A{number:03d}", start=100 - number * 10, end=95 - number * 10)
        accepted(hall, f"S-{number}")
        unserved(hall, f"B{number:03d}")
    whole = names(sought(officer))
    assert len(whole) == 12
    told: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(12):
        page = officer.get("/api/v1/search", params={"limit": 1, **cursor}).json()
        told += names(page["items"])
        cursor = {"cursor": page["next"]}
    assert told == whole
    assert page["next"] is None
    answer = officer.get("/api/v1/search?cursor=MTIzOng6eQ")
    assert (answer.status_code, list(errors_of(answer))) == (422, ["cursor"])


def test_every_search_is_entered_and_typing_once(hall: Console, officer: httpx.Client) -> None:
    for number in range(3):
        served(hall, f"A{number:03d}", start=100 - number * 10, end=95 - number * 10)
    for typed in ("A", "A0", "A00", "A000"):
        officer.get("/api/v1/search/suggestions", params={"q": typed})
    for _ in range(2):
        page = officer.get("/api/v1/search?q=A00&limit=1&window=w1").json()
    for _ in range(2):
        officer.get(f"/api/v1/search?q=A00&limit=1&window=w1&cursor={page['next']}")
    words = "window=w1, q=A00"
    assert searches(hall) == [words, words, f"further: {words}"]
    with hall.database.read() as tx:
        assert [entry.action for entry in audit.entries(tx)].count("search_typing") == 1


def test_suggestions_name_what_may_be_meant(hall: Console, officer: httpx.Client) -> None:
    served(hall)
    accepted(hall, "S-A0999")

    def suggested(q: str) -> list[tuple[str, str]]:
        items = officer.get("/api/v1/search/suggestions", params={"q": q}).json()["items"]
        return [(item["kind"], item["value"]) for item in items]

    assert suggested("王") == [("staff", "s1")]
    assert suggested("昨天 wan") == [("staff", "s1")]
    assert suggested("A0") == [("ticket", "A012")]
    assert suggested("S-A0") == [("serial", "S-A012"), ("serial", "S-A0999")]
    assert suggested("离岗") == [("alert_kind", "absence")]
    assert suggested("1") == [("window", "w1")]
    assert suggested("一号") == [("window", "w1")]
    assert suggested("") == []


def test_who_may_not_see_alerts_or_recordings_finds_neither(hall: Console) -> None:
    served(hall)
    found(hall)
    recorded(hall, before(62))
    withheld = (Permission.ALERTS, Permission.REPLAY)
    with visiting(hall, Role.OFFICER, withheld=withheld) as client:
        (hit,) = sought(client)
        assert (hit["kind"], hit["footage"], hit["replay"], hit["alerts"]) == ("transaction", None, None, 0)
        assert sought(client, "离岗") == []
        assert client.get("/api/v1/search/suggestions?q=离岗").json()["items"] == []
    with visiting(hall, Role.OFFICER, halls=["another"]) as stranger:
        assert sought(stranger, "A012") == []
        assert stranger.get("/api/v1/search/suggestions?q=A0").json()["items"] == []
    with visiting(hall, Role.AUDITOR) as auditor:
        assert auditor.get("/api/v1/search").status_code == 403


def test_what_goes_on_is_not_said_to_be_missing(hall: Console, officer: httpx.Client) -> None:
    served(hall, start=6, end=0.001)
    recorded(hall, NOW - timedelta(seconds=25))
    (hit,) = sought(officer)
    assert hit["footage"]["state"] == "whole", "the file of the last seconds is still being written"
