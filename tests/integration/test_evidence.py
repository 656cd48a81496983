"""Evidence over the API: ordered, made in the background, fetched, removed; each act accounted for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from console.evidence.signing import read_public
from console.evidence.verifying import verify
from hall.locking import LockKind
from store import audit, locks
from tests.integration.console_hall import CAMERA, NOW, USER, Console, console, recorded

ORDER = {
    "cameras": [CAMERA],
    "from": (NOW - timedelta(seconds=58)).isoformat(),
    "to": (NOW - timedelta(seconds=50)).isoformat(),
    "case": "2026-17",
    "reason": "投诉：窗口无人",
}


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Console]:
    with console(tmp_path) as running:
        recorded(running, NOW - timedelta(seconds=60))
        yield running


@pytest.fixture
def officer(hall: Console) -> Iterator[httpx.Client]:
    with hall.officer() as client:
        yield client


def ordered(officer: httpx.Client, **changes: object) -> dict[str, Any]:
    answer = officer.post("/api/v1/evidence", json={**ORDER, **changes})
    assert answer.status_code == 202, answer.text
    export: dict[str, Any] = answer.json()
    return export


def finished(officer: httpx.Client, export: str) -> dict[str, Any]:
    """The export once it is made or has failed."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        answer: dict[str, Any] = officer.get(f"/api/v1/evidence/{export}").json()
        if answer["state"] not in ("queued", "making"):
            return answer
        time.sleep(0.05)
    pytest.fail("the package was not made in time")


def test_a_package_is_ordered_made_fetched_and_holds(
    hall: Console, officer: httpx.Client, tmp_path: Path
) -> None:
    export = ordered(officer)
    assert export["state"] == "queued"
    made = finished(officer, export["id"])
    assert made["state"] == "made", made
    answer = officer.get(f"/api/v1/evidence/{export['id']}/package")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    assert f"evidence-{export['id']}.zip" in answer.headers["content-disposition"]
    (tmp_path / "fetched.zip").write_bytes(answer.content)
    key = officer.get("/api/v1/evidence/signing-key").json()
    verified = verify(tmp_path / "fetched.zip", read_public(key["pem"].encode()))
    assert verified.holds
    assert verified.key == key["fingerprint"] == made["key"]
    assert verified.manifest.made_by == USER
    assert verified.manifest.reason == "投诉：窗口无人"
    assert verified.manifest.clips[0].has_picture


def test_a_part_of_a_package_can_be_fetched(officer: httpx.Client) -> None:
    export = ordered(officer)["id"]
    finished(officer, export)
    answer = officer.get(f"/api/v1/evidence/{export}/package", headers={"Range": "bytes=0-3"})
    assert (answer.status_code, answer.content) == (206, b"PK\x03\x04")


def test_the_footage_is_locked_from_the_order_on(hall: Console, officer: httpx.Client) -> None:
    export = ordered(officer, keep_until=(NOW + timedelta(days=400)).isoformat())["id"]
    with hall.database.read() as tx:
        [lock] = locks.locks_of(tx)
    assert (lock.kind, lock.reference, lock.owner) == (LockKind.EVIDENCE, export, USER)
    assert lock.expires_at == NOW + timedelta(days=400)
    assert lock.cameras == (CAMERA,)


def test_every_act_stands_in_the_audit_trail(hall: Console, officer: httpx.Client) -> None:
    export = ordered(officer)["id"]
    finished(officer, export)
    officer.get(f"/api/v1/evidence/{export}/package")
    assert officer.delete(f"/api/v1/evidence/{export}").json()["state"] == "removed"
    with hall.database.read() as tx:
        acts = [entry for entry in audit.entries(tx) if entry.subject == f"evidence:{export}"]
    assert [entry.action for entry in acts] == ["evidence_order", "evidence_fetch", "evidence_remove"]
    assert acts[0].reason == "投诉：窗口无人"
    assert acts[0].detail.startswith("case 2026-17; c1 ")


def test_a_removed_package_is_gone_and_stays_known(hall: Console, officer: httpx.Client) -> None:
    export = ordered(officer)["id"]
    finished(officer, export)
    officer.delete(f"/api/v1/evidence/{export}")
    assert officer.get(f"/api/v1/evidence/{export}/package").status_code == 409
    assert officer.delete(f"/api/v1/evidence/{export}").status_code == 409
    [known] = officer.get("/api/v1/evidence").json()["items"]
    assert (known["state"], known["case"]) == ("removed", "2026-17")
    assert list((hall.configuration.site.data / "evidence").glob("*.zip")) == []


def test_what_cannot_be_made_says_why(officer: httpx.Client) -> None:
    early = (NOW - timedelta(hours=3)).isoformat(), (NOW - timedelta(hours=2)).isoformat()
    failed = finished(officer, ordered(officer, **{"from": early[0], "to": early[1]})["id"])
    assert failed["state"] == "failed"
    assert "nothing is recorded" in failed["error"]
    assert officer.get(f"/api/v1/evidence/{failed['id']}/package").status_code == 409


def test_orders_are_listed_newest_first_page_by_page(hall: Console, officer: httpx.Client) -> None:
    names = []
    for number in range(3):
        hall.clock.wall = NOW + timedelta(seconds=number)
        names.append(ordered(officer, case=str(number))["id"])
    first = officer.get("/api/v1/evidence", params={"limit": 2}).json()
    second = officer.get("/api/v1/evidence", params={"limit": 2, "cursor": first["next"]}).json()
    assert [each["id"] for each in (*first["items"], *second["items"])] == names[::-1]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"cameras": []}, "cameras"),
        ({"cameras": ["c9"]}, "cameras"),
        ({"reason": ""}, "reason"),
        ({"case": "a\nb"}, "case"),
        ({"to": ORDER["from"]}, "to"),
        ({"from": (NOW - timedelta(days=2)).isoformat()}, "to"),
        (
            {
                "from": (NOW + timedelta(seconds=5)).isoformat(),
                "to": (NOW + timedelta(seconds=9)).isoformat(),
            },
            "from",
        ),
        ({"colour": "red"}, "colour"),
        ({"redaction": {"heads": "by_standers", "windows": ["w9"]}}, "redaction.windows"),
    ],
)
def test_an_order_that_cannot_be_is_refused_with_its_field(
    officer: httpx.Client, changes: dict[str, object], field: str
) -> None:
    answer = officer.post("/api/v1/evidence", json={**ORDER, **changes})
    assert answer.status_code == 422, answer.text
    assert field in answer.text
    assert officer.get("/api/v1/evidence").json()["items"] == []


@pytest.mark.parametrize("method", ["get", "delete"])
def test_strangers_get_nothing(hall: Console, method: str) -> None:
    with hall.visitor() as stranger:
        assert stranger.request(method, "/api/v1/evidence/e1").status_code == 401
        assert stranger.post("/api/v1/evidence", json=ORDER).status_code == 401
        assert stranger.get("/api/v1/evidence/e1/package").status_code == 401


@pytest.mark.parametrize("name", ["nothing", "..%2F..%2Fhall.db", "x" * 300])
def test_what_was_never_ordered_is_not_found(officer: httpx.Client, name: str) -> None:
    assert officer.get(f"/api/v1/evidence/{name}/package").status_code in (404, 422)
    assert officer.get(f"/api/v1/evidence/{name}").status_code in (404, 422)


# --- redaction


def test_a_package_without_sound_is_made_by_the_redacting_process_and_says_so(
    hall: Console, officer: httpx.Client, tmp_path: Path
) -> None:
    muted = {"heads": "kept", "windows": [], "mutes_sound": True}
    export = ordered(officer, redaction=muted)
    assert export["redaction"] == muted
    made = finished(officer, export["id"])
    assert made["state"] == "made", made
    answer = officer.get(f"/api/v1/evidence/{export['id']}/package")
    (tmp_path / "fetched.zip").write_bytes(answer.content)
    verified = verify(tmp_path / "fetched.zip")
    assert verified.holds
    assert verified.manifest.redaction is not None
    assert verified.manifest.redaction.mutes_sound
    with hall.database.read() as tx:
        [order] = [entry for entry in audit.entries(tx) if entry.action == "evidence_order"]
    assert order.detail.endswith("; redacted: sound left out")


def test_an_order_is_taken_back_before_it_is_made(officer: httpx.Client) -> None:
    """What is still being recorded is waited for: the order stands in the queue until then."""
    export = ordered(officer, to=NOW.isoformat())["id"]
    assert officer.delete(f"/api/v1/evidence/{export}").json()["state"] == "removed"
    assert officer.get(f"/api/v1/evidence/{export}").json()["state"] == "removed"
