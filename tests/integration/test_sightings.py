"""Boxes around people, from the bus to the screens that show the camera, over real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from bus.connection import Bus
from bus.connection import connect as connect_bus
from bus.server import running
from bus.subjects import analysis_sighting
from hall.config.access import AccessSettings
from hall.names import CameraId, ZoneId
from hall.permissions import Permission
from hall.roles import Role
from hall.sighting import Sighting, ZoneSighting
from hall.wire import to_wire
from store import audit
from tests.integration.console_hall import CAMERA, HALL, NOW, YAML, Console, console
from tests.integration.test_audit import ask_reasons
from tests.integration.visitors import visiting

SECONDS = 15
ELSEWHERE = CameraId("c9")
OTHER_HALL = """
  - id: h2
    name: {zh: 二号大厅, en: Hall Two}
    units: [{id: u9, name: {zh: 税务, en: Tax}}]
    windows: [{id: w9, number: "9", name: {zh: 九号窗口, en: Window Nine}, unit: u9}]
    cameras:
      - {id: c9, name: {zh: 九号机, en: Camera Nine}, url: "rtsp://127.0.0.1/9"}
"""


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    folder = tmp_path_factory.mktemp("sightings")
    with running(folder / "bus") as server, console(folder, server.url, yaml=YAML + OTHER_HALL) as hall:
        yield hall


def screen(hall: Console, client: httpx.Client) -> connect:
    headers = {"Cookie": client.headers["Cookie"]}
    return connect(hall.push_url, additional_headers=headers, proxy=None, compression=None)


async def watch(connection: ClientConnection, *cameras: CameraId) -> None:
    await connection.send(json.dumps({"watch": cameras}))


async def told(connection: ClientConnection, seconds: float = SECONDS) -> dict[str, Any]:
    """The next sighting. Raises TimeoutError when none comes."""
    async with asyncio.timeout(seconds):
        while True:
            message: dict[str, Any] = json.loads(await connection.recv())
            if message["kind"] == "sighting":
                return message


async def show(bus: Bus, camera: CameraId, at: datetime = NOW) -> None:
    """Say on the bus, as analysis does, that one person is in front of a camera."""
    sighting = Sighting(camera, at, (ZoneSighting(ZoneId("z1"), ((0.1, 0.2, 0.3, 0.4),)),))
    assert await bus.publish(analysis_sighting(camera), json.dumps(to_wire(sighting)).encode())


async def shown_at_last(bus: Bus, connection: ClientConnection, camera: CameraId) -> dict[str, Any]:
    """A sighting that reaches the screen; the wish for it may take a moment to arrive."""
    for number in range(100):
        await show(bus, camera, NOW + timedelta(seconds=number))
        try:
            return await told(connection, 0.2)
        except TimeoutError:
            continue
    raise AssertionError(f"nobody was shown of {camera}")


async def test_a_screen_is_told_where_people_are_in_the_cameras_that_it_shows_and_in_no_other(
    hall: Console,
) -> None:
    bus = await connect_bus(hall.bus_url, "analysis")
    with visiting(hall, Role.OFFICER, name="watching") as client:
        async with screen(hall, client) as one, screen(hall, client) as other:
            await watch(one, CAMERA)
            await watch(other, ELSEWHERE)
            found = await shown_at_last(bus, one, CAMERA)
            assert found["body"]["camera"] == CAMERA
            assert found["body"]["zones"] == [{"zone": "z1", "boxes": [[0.1, 0.2, 0.3, 0.4]]}]
            assert found["at"] == found["body"]["at"]
            assert (await shown_at_last(bus, other, ELSEWHERE))["body"]["camera"] == ELSEWHERE
            # What it shows now is in place of what it showed before.
            await watch(one, ELSEWHERE)
            assert (await shown_at_last(bus, one, ELSEWHERE))["body"]["camera"] == ELSEWHERE
            await show(bus, CAMERA)
            await show(bus, ELSEWHERE)
            assert (await told(one))["body"]["camera"] == ELSEWHERE
    await bus.close()
    with hall.database.read() as tx:
        entered = [entry for entry in audit.entries(tx) if entry.who == "watching"]
    assert sorted((entry.action, entry.subject) for entry in entered) == [
        ("live_detections", f"camera:{CAMERA}"),
        ("live_detections", f"camera:{ELSEWHERE}"),
    ]


@pytest.mark.parametrize(
    ("halls", "cameras", "withheld"),
    [((HALL,), (), ()), ((), (CAMERA,), ()), ((), (), (Permission.LIVE,))],
    ids=["another hall", "another camera", "no live pictures"],
)
async def test_what_may_not_be_viewed_live_shows_nobody(
    hall: Console, halls: Sequence[str], cameras: Sequence[str], withheld: Sequence[Permission]
) -> None:
    bus = await connect_bus(hall.bus_url, "analysis")
    with (
        visiting(hall, Role.OFFICER, halls=halls, cameras=cameras, withheld=withheld) as limited,
        visiting(hall, Role.OFFICER) as free,
    ):
        async with screen(hall, limited) as one, screen(hall, free) as other:
            await watch(one, ELSEWHERE)
            await watch(other, ELSEWHERE)
            await shown_at_last(bus, other, ELSEWHERE)
            with pytest.raises(TimeoutError):
                await told(one, 0.3)
    await bus.close()


async def test_while_a_reason_is_owed_nobody_is_shown(hall: Console) -> None:
    bus = await connect_bus(hall.bus_url, "analysis")
    with visiting(hall, Role.OFFICER) as client:
        ask_reasons(hall, AccessSettings(reason_for=("live",)))
        try:
            async with screen(hall, client) as one:
                await watch(one, CAMERA)
                for _ in range(3):
                    await show(bus, CAMERA)
                with pytest.raises(TimeoutError):
                    await told(one, 0.5)
        finally:
            ask_reasons(hall, AccessSettings())
    await bus.close()


async def test_what_is_no_wish_and_no_sighting_ends_nothing(hall: Console) -> None:
    bus = await connect_bus(hall.bus_url, "analysis")
    with visiting(hall, Role.OFFICER) as client:
        async with screen(hall, client) as one:
            for nonsense in ("", "[]", '{"watch": 5}', '{"watch": ["c1"], "more": 1}', b"\x00"):
                await one.send(nonsense)
            await one.send(json.dumps({"watch": [f"c{number}" for number in range(100)]}))
            await watch(one, CAMERA, CameraId("nowhere"))
            await bus.publish(analysis_sighting(CAMERA), b"no sighting")
            assert (await shown_at_last(bus, one, CAMERA))["body"]["camera"] == CAMERA
    await bus.close()
