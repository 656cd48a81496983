"""What the console asks of the live role for a viewer, over a real bus."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bus.connection import Message, connect
from bus.server import running
from bus.subjects import LIVE_OFFER
from console.live.exchange import Answer, Begin, Refusal, read_asked
from hall.interval import Interval
from hall.media import Run, Track, TrackKind
from hall.names import RunId
from hall.permissions import Permission
from hall.roles import Role
from store import recording
from tests.integration.console_hall import CAMERA, HALL, NOW, Console, console, picture_track
from tests.integration.visitors import visiting

SOUND = Track(1, TrackKind.AUDIO, "aac", (1, 16_000), sample_rate=16_000, channels=1)


@pytest.fixture(scope="module")
def bus_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(tmp_path_factory.mktemp("bus")) as server:
        yield server.url


@pytest.fixture
def hall(tmp_path: Path, bus_url: str) -> Iterator[Console]:
    with console(tmp_path, bus_url) as hall:
        yield hall


async def asked(bus_url: str, client: httpx.Client, answer: Answer | Refusal) -> tuple[Begin, httpx.Response]:
    """What the live role was asked when a viewer offered, and what the viewer was answered."""
    taken: list[Begin] = []

    async def serve(message: Message) -> bytes:
        question = read_asked(message.payload)
        assert isinstance(question, Begin)
        taken.append(question)
        return answer.model_dump_json().encode()

    bus = await connect(bus_url, "live")
    try:
        await bus.respond(LIVE_OFFER, serve)
        headers = {"Content-Type": "application/sdp"}
        path = f"/api/v1/live/{CAMERA}/whep"
        answered = await asyncio.to_thread(client.post, path, content="v=0", headers=headers)
    finally:
        await bus.close()
    return taken[0], answered


def runs(hall: Console, *tracks: Track, since: float) -> None:
    """Let the camera deliver these tracks from so many seconds before now on."""
    start = NOW - timedelta(seconds=since)
    with hall.database.write() as tx:
        recording.begin_run(tx, HALL, Run(RunId(f"run-{since}"), CAMERA, Interval(start), tracks))


async def test_sound_is_asked_for_unless_the_camera_surely_has_none_or_the_viewer_may_not_hear(
    hall: Console, bus_url: str
) -> None:
    with visiting(hall, Role.OFFICER) as officer, visiting(hall, Role.MANAGER) as manager:
        question, answered = await asked(bus_url, officer, Answer(sdp="v=0 answer"))
        assert (answered.status_code, answered.text) == (201, "v=0 answer")
        assert question.sound, "nothing is known of the camera yet"
        runs(hall, picture_track(), since=60)
        assert not (await asked(bus_url, officer, Answer(sdp="v=0")))[0].sound
        runs(hall, picture_track(), SOUND, since=30)
        assert (await asked(bus_url, officer, Answer(sdp="v=0")))[0].sound
        assert Permission.SOUND not in manager.get("/api/v1/session").json()["permissions"]
        assert not (await asked(bus_url, manager, Answer(sdp="v=0")))[0].sound


@pytest.mark.parametrize(
    ("cause", "status", "reason"), [("media", 422, None), ("source", 503, "stalled"), ("full", 503, None)]
)
async def test_a_refusal_says_whether_the_camera_is_to_blame(
    hall: Console, bus_url: str, cause: str, status: int, reason: str | None
) -> None:
    refusal = Refusal.model_validate({"cause": cause, "message": "why"})
    with visiting(hall, Role.OFFICER) as officer:
        _, answered = await asked(bus_url, officer, refusal)
    assert (answered.status_code, answered.json().get("reason")) == (status, reason)
