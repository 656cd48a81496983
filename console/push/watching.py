"""Boxes around people, for the screens that show a camera live just now.

A screen says over its push connection which cameras it shows. What analysis tells of these passes on to it.
It is no fact: nothing is repeated after an interruption, and a slow screen is told the newest only.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from bus.connection import Message
from bus.subjects import last_token
from console.access import scope
from console.access.gate import visitor_of
from console.api.asked import Name
from console.api.shapes import PushSighting
from console.dependencies import Dependencies
from console.push.hub import Client, PushHub
from console.push.screen_protocol import frame_of
from hall.errors import HallwatchError, NotFound
from hall.names import CameraId, HallId
from hall.permissions import Permission, Rights
from hall.sighting import Sighting
from hall.wire import from_json

MOST_WATCHED = 32
"""Cameras of one screen: twice the panes of the largest wall."""

log = structlog.get_logger(__name__)


class Watch(BaseModel):
    """What a screen says: the cameras whose people it wants to draw, in place of those it named before."""

    model_config = ConfigDict(extra="forbid")

    watch: list[Name] = Field(max_length=MOST_WATCHED)


def wish_of(text: str | None) -> frozenset[CameraId] | None:
    """The cameras that a screen's message names; None for any other message."""
    try:
        return frozenset(map(CameraId, Watch.model_validate_json(text or "").watch))
    except ValidationError:
        return None


async def wish(given: Dependencies, client: Client, cameras: Collection[CameraId]) -> None:
    """Let a client see the people of these cameras from now on, as far as it may see them live.

    What begins is entered in the trail. Nothing is shown to a session that is over, nor while a reason is
    owed or the store is busy: the screen says the same again with every heartbeat.
    """
    try:
        client.watched = await run_in_threadpool(_within_reach, given, client, cameras)
    except HallwatchError as error:
        log.debug("people are not shown", error=str(error))
        client.watched = {}


def _within_reach(
    given: Dependencies, client: Client, cameras: Collection[CameraId]
) -> dict[CameraId, HallId]:
    visitor = visitor_of(given, client.token, client.address)
    if not visitor.may(Permission.LIVE) or Permission.LIVE in visitor.owes_reason_for:
        return {}
    found: dict[CameraId, HallId] = {}
    with given.database.read() as tx:
        for camera in cameras:
            try:
                hall, known = scope.camera(visitor, given, tx, camera)
            except NotFound:
                continue  # a camera that is gone, or beyond reach, has nobody to show
            found[known.id] = hall.id
    for camera in found.keys() - client.watched.keys():
        given.trail.viewed(visitor, given.clock.now(), "live_detections", f"camera:{camera}")
    return found


@dataclass(frozen=True, slots=True)
class SightingRelay:
    """Hands what analysis tells to the clients that watch the camera. Belongs to the hub's event loop."""

    hub: PushHub

    async def take(self, message: Message) -> None:
        """A sighting from the bus. One that cannot be read raises pydantic.ValidationError."""
        camera = CameraId(last_token(message.subject))
        clients = [client for client in self.hub.clients if watches(client.rights, client.watched, camera)]
        if not clients:
            return
        sighting = from_json(Sighting, message.payload)
        told = PushSighting(at=sighting.at, body=sighting).model_dump(mode="json")
        frame = frame_of(json.dumps(told, separators=(",", ":")))
        for client in clients:
            client.show(camera, frame)


def watches(rights: Rights, watched: Mapping[CameraId, HallId], camera: CameraId) -> bool:
    """Whether somebody with these rights is shown the people of a camera, out of those watched."""
    return (
        camera in watched
        and rights.may(Permission.LIVE)
        and rights.sees_hall(watched[camera])
        and rights.sees_camera(camera)
    )
