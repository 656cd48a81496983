"""Stills of a camera over a real socket: the right picture, or why there is none, and one entry an hour."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest
from numpy.typing import NDArray

from hall.interval import Interval
from hall.media import Gap, GapReason
from hall.permissions import Permission
from hall.roles import Role
from store import audit, recording
from tests.integration.console_hall import CAMERA, HALL, NOW, Console, console, recorded
from tests.integration.visitors import visiting

START = NOW - timedelta(minutes=5)
STILL = f"/api/v1/cameras/{CAMERA}/still.jpg"


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Console]:
    with console(tmp_path) as running:
        yield running


@pytest.fixture
def officer(hall: Console) -> Iterator[httpx.Client]:
    with hall.officer() as client:
        yield client


def asked(client: httpx.Client, at: datetime, width: int | None = None, known: str = "") -> httpx.Response:
    params = {"at": at.isoformat(), **({"width": str(width)} if width is not None else {})}
    return client.get(STILL, params=params, headers={"If-None-Match": known} if known else {})


def decoded(answer: httpx.Response) -> NDArray[np.uint8]:
    picture = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return picture.astype(np.uint8)


def stripe(answer: httpx.Response) -> float:
    """Where the stripe of the made film stands, in its 160 pixels: two more with each tenth of a second."""
    pixels = decoded(answer)
    columns = [column for column in range(pixels.shape[1]) if float(np.mean(pixels[:, column, 2])) > 100]
    return float(sum(columns) / len(columns) * 160 / pixels.shape[1])


def test_the_still_is_the_last_key_frame_at_or_before_the_moment(
    hall: Console, officer: httpx.Client
) -> None:
    recorded(hall, START)
    for second in (0, 2.4, 2.9, 5.99):
        answer = asked(officer, START + timedelta(seconds=second))
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/jpeg"
        taken = datetime.fromisoformat(answer.headers["x-picture-at"])
        assert taken == START + timedelta(seconds=int(second))
        assert stripe(answer) == pytest.approx(20 * int(second) + 9.5, abs=1.5)


def test_the_still_is_as_wide_as_asked_and_never_enlarged(hall: Console, officer: httpx.Client) -> None:
    recorded(hall, START)
    sizes = {width: decoded(asked(officer, START, width)).shape[:2] for width in (80, 160, 1920)}
    assert sizes == {80: (60, 80), 160: (120, 160), 1920: (120, 160)}
    for width in (79, 1921, 0):
        refused = asked(officer, START, width)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "width")


def test_a_still_that_the_browser_has_is_not_sent_again(hall: Console, officer: httpx.Client) -> None:
    recorded(hall, START)
    first = asked(officer, START + timedelta(seconds=1.2))
    assert "private" in first.headers["cache-control"]
    assert first.headers["vary"] == "Cookie"
    same = asked(officer, START + timedelta(seconds=1.7), known=first.headers["etag"])
    assert (same.status_code, same.content) == (304, b"")
    other = asked(officer, START + timedelta(seconds=2.1), known=first.headers["etag"])
    assert other.status_code == 200
    assert asked(officer, START + timedelta(seconds=1.2), 80).headers["etag"] != first.headers["etag"]


def test_where_there_is_no_picture_the_answer_says_why(hall: Console, officer: httpx.Client) -> None:
    def reason(at: datetime) -> str:
        answer = asked(officer, at)
        assert answer.status_code == 404
        assert answer.headers["cache-control"] == "no-store"
        return str(answer.json()["reason"])

    assert reason(START) == "not_recorded"
    segment = recorded(hall, START)
    gone = Interval(START - timedelta(minutes=2), START - timedelta(minutes=1))
    with hall.database.write() as tx:
        recording.add_gap(tx, HALL, Gap(CAMERA, gone, GapReason.DISK_FULL))
    assert reason(gone.start) == "disk_full"
    assert reason(START - timedelta(seconds=30)) == "not_recorded"
    assert reason(START + timedelta(seconds=8)) == "being_recorded"
    assert reason(NOW + timedelta(seconds=1)) == "not_yet"
    (hall.configuration.site.disks[0] / segment.key).unlink()
    assert reason(START) == "lost"


def test_a_damaged_recording_gives_a_refusal_and_no_wrong_picture(
    hall: Console, officer: httpx.Client
) -> None:
    segment = recorded(hall, START)
    path = hall.configuration.site.disks[0] / segment.key
    content = bytearray(path.read_bytes())
    third = segment.fragments[3]
    content[third.offset : third.offset + third.size] = bytes(third.size)
    path.write_bytes(content)
    assert asked(officer, START + timedelta(seconds=3.5)).status_code == 422
    assert asked(officer, START + timedelta(seconds=2.5)).status_code == 200


def test_many_who_scrub_at_once_are_all_answered_and_are_one_entry_each_hour(hall: Console) -> None:
    recorded(hall, START)
    with hall.officer() as client, ThreadPoolExecutor(12) as pool:
        moments = [START + timedelta(seconds=number / 10) for number in range(60)]
        answers = list(pool.map(lambda at: asked(client, at, 96), moments))
        assert [answer.status_code for answer in answers] == [200] * 60
        assert len({answer.content for answer in answers}) == 6
    with hall.database.read() as tx:
        entries = [entry for entry in audit.entries(tx) if entry.action == "stills"]
    assert 1 <= len(entries) <= 12  # those that ran before the first was entered
    assert {(entry.who, entry.subject) for entry in entries} == {("officer", f"camera:{CAMERA}")}
    assert {entry.detail for entry in entries} == {
        "c1 2026-03-02T01:00:00+00:00 to 2026-03-02T02:00:00+00:00"
    }


def test_who_may_not_replay_sees_no_still(hall: Console) -> None:
    recorded(hall, START)
    with visiting(hall, Role.OFFICER, withheld=[Permission.REPLAY]) as client:
        assert asked(client, START).status_code == 403
    with visiting(hall, Role.AUDITOR) as client:
        assert asked(client, START).status_code == 403
    with visiting(hall, Role.OFFICER, cameras=["c9"]) as client:
        answer = asked(client, START)
        assert (answer.status_code, "reason" in answer.json()) == (404, False)
