"""Live view by WHEP: the browser's offer goes to the live role over the bus, its answer comes back."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from console.access import scope
from console.access.gate import may
from console.access.visitor import Visitor
from console.api.asked import Name
from console.dependencies import Dependencies, Given
from hall.errors import NotFound, RequestRefused
from hall.media import Run, TrackKind
from hall.names import CameraId
from hall.permissions import Permission
from hall.place import Camera
from store import recording

router = APIRouter(prefix="/live", tags=["live"])

Viewer = Annotated[Visitor, may(Permission.LIVE)]

SDP = "application/sdp"
OFFER: dict[str, Any] = {
    "requestBody": {"required": True, "content": {SDP: {"schema": {"type": "string"}}}},
}
ANSWER: dict[int | str, dict[str, Any]] = {
    201: {
        "content": {SDP: {"schema": {"type": "string"}}},
        "description": "The SDP answer; `Location` is the session, which DELETE ends.",
        "headers": {"Location": {"schema": {"type": "string"}}},
    }
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be viewed: with `sound` only by those who may hear it, and where there may be any."""

    camera: CameraId
    sound: bool


def live_camera(camera: Name, visitor: Viewer, given: Given) -> Wanted:
    """The camera to be viewed, entered in the trail. Raises NotFound."""
    with given.database.read() as tx:
        known = scope.camera(visitor, given, tx, camera)[1]
        run = recording.run_now(tx, known.id)
    hears = visitor.may(Permission.SOUND)
    detail = "" if hears else "without sound"
    given.trail.record(visitor, given.clock.now(), "live_view", f"camera:{known.id}", detail)
    return Wanted(known.id, hears and not _is_silent(known, run))


def _is_silent(camera: Camera, run: Run | None) -> bool:
    """Whether a camera surely has no sound, so that a view need not wait for any."""
    if run is None or camera.substream is not None:
        return False
    return all(track.kind is not TrackKind.AUDIO for track in run.tracks)


async def sdp_offer(request: Request) -> str:
    """The offer in the body. Raises RequestRefused."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != SDP:
        raise RequestRefused("Content-Type", f"must be {SDP}")
    try:
        offer = (await request.body()).decode()
    except UnicodeDecodeError as error:
        raise RequestRefused("body", "is not UTF-8 text") from error
    if not offer.startswith("v=0"):
        raise RequestRefused("body", "is not an SDP offer")
    return offer


@router.post(
    "/{camera}/whep", status_code=201, response_class=Response, responses=ANSWER, openapi_extra=OFFER
)
async def begin(
    _visitor: Viewer,
    offer: Annotated[str, Depends(sdp_offer)],
    wanted: Annotated[Wanted, Depends(live_camera)],
    given: Given,
) -> Response:
    """Begin to view a camera. 503 while no live role answers."""
    session = secrets.token_urlsafe(16)
    answer = await given.live.offer(wanted.camera, session, offer, sound=wanted.sound)
    location = f"/api/v1/live/{wanted.camera}/whep/{session}"
    return Response(answer, 201, {"Location": location}, SDP)


def _check_camera(visitor: Visitor, given: Dependencies, camera: str) -> None:
    """Raises NotFound for a camera beyond reach."""
    with given.database.read() as tx:
        scope.camera(visitor, given, tx, camera)


@router.delete("/{camera}/whep/{session}", status_code=204)
async def end(
    visitor: Viewer, given: Given, camera: Name, session: Annotated[str, Path(pattern=r"^[\w-]{16,64}$")]
) -> None:
    """End a live view. 404 when it has ended already."""
    await run_in_threadpool(_check_camera, visitor, given, camera)
    if not await given.live.end(session):
        raise NotFound("session: there is no such live view")
    await run_in_threadpool(
        given.trail.record, visitor, given.clock.now(), "live_view_end", f"camera:{camera[:63]}"
    )
