"""How recordings are kept and how far a hall is set up, over a real socket: facts, and nothing but facts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from hall.interval import Interval
from hall.locking import Lock, LockKind
from hall.names import LockId
from hall.place import Keep
from hall.roles import Role
from store import configuration as configurations
from store import locks
from tests.integration.console_hall import CAMERA, HALL, KEY, NOW, Console, console, recorded
from tests.integration.test_console_api import EVENT, before
from tests.integration.visitors import visiting


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Console]:
    with console(tmp_path) as running:
        yield running


def told(
    hall: Console,
    path: str,
    role: Role = Role.ADMINISTRATOR,
    *,
    halls: tuple[str, ...] = (),
    cameras: tuple[str, ...] = (),
) -> dict[str, Any]:
    with visiting(hall, role, halls=halls, cameras=cameras) as client:
        answer = client.get(f"/api/v1/system/{path}")
    assert answer.status_code == 200, answer.text
    return cast(dict[str, Any], answer.json())


def keep(hall: Console, keep: Keep) -> None:
    """Put limits in force for the site."""
    site = hall.configuration.site.model_copy(update={"keep": keep})
    with hall.database.write() as tx:
        configurations.apply(tx, hall.configuration.model_copy(update={"site": site}), NOW)


def locked(hall: Console, name: str, start: float, end: float) -> None:
    span = Interval(before(start), before(end))
    with hall.database.write() as tx:
        lock = Lock(LockId(name), HALL, "li", LockKind.CASE, "7", "a complaint", span, (CAMERA,), NOW)
        locks.add_lock(tx, lock)


def test_what_goes_next_is_the_oldest_that_no_lock_holds_and_when_its_age_is_reached(hall: Console) -> None:
    (nothing,) = told(hall, "storage")["cameras"]
    assert (nothing["next"], nothing["oldest"], nothing["bytes"]) == (None, None, 0)

    first, second = recorded(hall, before(600)), recorded(hall, before(300), sequence=1)
    (free,) = told(hall, "storage")["cameras"]
    assert free["next"]["rule"] == "disk"
    assert free["next"]["at"] is None
    assert (free["bytes"], free["is_counted"]) == (first.size + second.size, True)
    assert (free["bytes_per_day"], free["locks"], free["locked_bytes"]) == (None, 0, 0)

    keep(hall, Keep(picture_days=30, gigabytes=5))
    (aged,) = told(hall, "storage")["cameras"]
    end = cast(Any, first.interval.end) + timedelta(days=30)
    assert (aged["next"]["rule"], aged["next"]["at"]) == ("age", end.isoformat().replace("+00:00", "Z"))
    assert aged["next"]["takes"] == "all"

    locked(hall, "lock-1", 610, 590)
    locked(hall, "lock-2", 605, 580)
    (held,) = told(hall, "storage")["cameras"]
    assert held["next"]["interval"]["start"] == second.interval.start.isoformat().replace("+00:00", "Z")
    assert (held["locks"], held["locked_bytes"]) == (2, first.size)

    locked(hall, "lock-3", 310, 290)
    (all_held,) = told(hall, "storage")["cameras"]
    assert (all_held["next"]["rule"], all_held["locked_bytes"]) == (None, first.size + second.size)


def test_the_share_of_a_camera_decides_where_no_age_does(hall: Console) -> None:
    recorded(hall, before(600))
    keep(hall, Keep(gigabytes=1))
    (camera,) = told(hall, "storage", Role.AUDITOR)["cameras"]
    assert (camera["next"]["rule"], camera["keep"]["gigabytes"]) == ("space", 1.0)
    assert told(hall, "storage", halls=("another",))["cameras"] == []


def test_the_guide_counts_what_is_there_and_calls_nothing_done_that_is_not(hall: Console) -> None:
    fresh = told(hall, "guide")
    # The officer is there; windows have zones; nothing was recorded, told or tried yet.
    assert {
        name: fresh[name]["done"] for name in ("cameras", "zones", "places", "queue", "rules", "users")
    } == {
        "cameras": False,
        "zones": True,
        "places": True,
        "queue": False,
        "rules": False,
        "users": True,
    }
    assert (fresh["done"], fresh["cameras"]["cameras"], fresh["queue"]["keys"]) == (3, 1, 1)
    recorded(hall, before(60))
    with hall.visitor() as machine:
        assert machine.post("/api/v1/queue-events", json=EVENT, headers={"X-API-Key": KEY}).status_code == 202
    later = told(hall, "guide")
    assert later["cameras"]["done"]
    assert later["queue"] == {"done": True, "keys": 1, "asked": 0, "first_event_at": EVENT["at"]}
    blind = told(hall, "guide", cameras=("c9",))
    assert (blind["cameras"]["cameras"], blind["zones"]["windows_unseen"]) == (0, 2)


def test_the_guide_is_for_who_may_configure_this_hall(hall: Console) -> None:
    with visiting(hall, Role.AUDITOR) as auditor:
        assert auditor.get("/api/v1/system/guide").status_code == 403
    with visiting(hall, Role.ADMINISTRATOR, halls=["another"]) as stranger:
        assert stranger.get("/api/v1/system/guide", params={"hall": HALL}).status_code == 404
