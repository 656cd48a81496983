"""How the system is, over a real socket: who may know what, and that nothing is claimed that is not known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from hall.interval import Interval
from hall.media import Gap, GapReason
from hall.permissions import Permission
from hall.roles import Role
from hall.storage import Disk, DiskState
from store import disks, judged, leases, observing, recording, refused_events
from store.judged import Judged
from tests.integration.console_hall import CAMERA, HALL, NOW, Console, console, recorded
from tests.integration.test_console_api import before
from tests.integration.visitors import visiting

PATH = "/api/v1/system"


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Console]:
    with console(tmp_path) as running:
        yield running


def told(hall: Console, role: Role = Role.ADMINISTRATOR, halls: tuple[str, ...] = ()) -> dict[str, Any]:
    with visiting(hall, role, halls=halls) as client:
        answer = client.get(PATH)
    assert answer.status_code == 200, answer.text
    return cast(dict[str, Any], answer.json())


def test_of_a_hall_in_which_nothing_happened_nothing_is_claimed(hall: Console) -> None:
    found = told(hall)
    site = found["site"]
    assert not site["bus_connected"]
    names = {one["name"]: (one["state"], one["why"]) for one in site["processes"]}
    assert names == dict.fromkeys(
        ("capture", "analysis", "alerts", "live", "console"), ("unknown", "bus_away")
    )
    assert site["evaluation"]["pace"] == "unknown"
    assert (found["figures_known"], site["dropped"], site["disks"]) == (False, None, [])
    (camera,) = found["cameras"]
    assert (camera["recording"]["pace"], camera["analysis"]["pace"]) == ("unknown", "unknown")
    assert camera["clock_offset_seconds"] is None
    assert site["database"]["kind"] == "sqlite"
    assert site["database"]["bytes"] > 10_000
    assert site["configuration"]["of_file"]
    assert site["configuration"]["other_file_at"] is None


def test_what_was_measured_is_told_as_it_was(hall: Console) -> None:
    recorded(hall, before(62))
    with hall.database.write() as tx:
        full = Disk(
            "/rec", 1000, 150, 2.0, NOW + timedelta(hours=9), DiskState.SHORT_SOON, before(9), before(9)
        )
        disks.measured(tx, HALL, full)
        disks.measured(tx, HALL, Disk("/old", 1000, 150, None, None, DiskState.OK, before(600), before(600)))
        observing.watched(tx, CAMERA, before(3))
        recording.open_gap(tx, HALL, Gap(CAMERA, Interval(before(20), None), GapReason.OFFLINE, ""))
        leases.acquire(tx, "alerts", "alerts-1", NOW, timedelta(seconds=5))
        judged.note(tx, "alerts", Judged(before(900), before(1), 1))
        refused_events.refuse_event(tx, HALL, b"{}", "id", "is missing", NOW)
    found = told(hall)
    old, new = found["site"]["disks"]
    assert (old["path"], old["is_stale"], old["fills_in_seconds"]) == ("/old", True, None)
    assert (new["kept_free"], new["fills_in_seconds"], new["is_stale"]) == (50, 50.0, False)
    assert new["state"] == "short_soon"
    (camera,) = found["cameras"]
    assert camera["recording"]["gap"]["reason"] == "offline"
    assert camera["recording"]["pace"] == "stopped"
    assert (camera["analysis"]["pace"], camera["analysis"]["late_seconds"]) == ("keeps_up", 3.0)
    evaluation = found["site"]["evaluation"]
    assert (evaluation["pace"], evaluation["leader"]) == ("keeps_up", "alerts-1")
    assert evaluation["waiting"] > 0
    assert found["waiting"]["refused_events"] == 1


def test_who_sees_one_hall_hears_of_its_cameras_and_nothing_of_the_site(hall: Console) -> None:
    with hall.database.write() as tx:
        refused_events.refuse_event(tx, HALL, b"{}", "id", "is missing", NOW)
    own, other = (told(hall, halls=(name,)) for name in (HALL, "another"))
    assert (own["site"], other["site"]) == (None, None)
    assert [one["camera"] for one in own["cameras"]] == [CAMERA]
    assert other["cameras"] == []
    assert (own["waiting"]["refused_events"], other["waiting"]["refused_events"]) == (1, 0)


def test_auditors_look_and_officers_do_not(hall: Console) -> None:
    assert told(hall, Role.AUDITOR)["site"] is not None
    with visiting(hall, Role.OFFICER) as officer:
        assert officer.get(PATH).status_code == 403
    with visiting(hall, Role.ADMINISTRATOR, withheld=[Permission.SYSTEM]) as client:
        assert client.get(PATH).status_code == 403
