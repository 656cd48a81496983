"""Stills: one picture of a camera at a moment, out of the recorded files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from capture.record.objects import LocalObjects
from console.access import scope
from console.access.gate import may
from console.access.pacing import paced
from console.access.rates import Cost
from console.access.visitor import Visitor
from console.api.asked import Moment, Name
from console.dependencies import Dependencies, Given
from console.replay.media import CACHED, is_known, reader
from console.replay.stills import MOMENT, make, place_of, why_nothing
from hall.errors import NotFound, NothingRecorded
from hall.media import GapReason
from hall.names import CameraId
from hall.permissions import Permission
from store import copies, recording

router = APIRouter(tags=["recordings"])

NARROWEST, WIDEST = 80, 1920
JPEG = "image/jpeg"
TAKEN_AT = "X-Picture-At"
ENTERED_BY = timedelta(hours=1)
"""Stills of one camera and one hour are one viewing in the audit trail: who scrubs sees hundreds of them."""
STILL_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {JPEG: {"schema": {"type": "string", "format": "binary"}}},
        "description": f"The picture; `{TAKEN_AT}` says when it was taken.",
    },
    304: {"description": "The picture that the browser has already."},
}


@router.get(
    "/cameras/{camera}/still.jpg",
    response_class=Response,
    responses=STILL_ANSWER,
    dependencies=[paced(Cost.STILLS)],
)
async def read_still(
    request: Request,
    visitor: Annotated[Visitor, may(Permission.REPLAY)],
    given: Given,
    camera: Name,
    at: Moment,
    width: Annotated[int, Query(ge=NARROWEST, le=WIDEST)] = 640,
) -> Response:
    """The recorded picture of a camera at a moment: the last key frame at or before it.

    404 where there is none; the member `reason` says why in one word: a reason of a gap, `sound_only`,
    `not_yet`, `being_recorded` or `not_recorded`.
    """
    work = partial(still_answer, request, visitor, given, camera, at, width)
    # A still that waits for its turn takes no thread of those that answer everything else.
    return await to_thread.run_sync(work, limiter=given.stills_at_once)


def still_answer(
    request: Request, visitor: Visitor, given: Dependencies, camera: str, at: datetime, width: int
) -> Response:
    """The answer, made in a thread. Raises NotFound, NothingRecorded, MediaError, ArchiveUnreachable."""
    now = given.clock.now()
    with given.database.read() as tx:
        known = scope.camera(visitor, given, tx, camera)[1].id
        segments = recording.segments_between(tx, known, at, at + MOMENT)
        place = place_of(segments, at)
        if place is None:
            gaps = recording.gaps_between(tx, known, at, at + MOMENT)
            raise why_nothing(segments, gaps, recording.open_runs(tx, known), at, now)
        in_force = given.halls.current(tx)
        archive = given.archive.of(in_force)
        copy = copies.copy_of(tx, place.segment.id, archive.name) if archive is not None else None
    _enter(given, visitor, known, at, now)
    tag = place.tag(width)
    if is_known(request.headers, tag):
        return Response(status_code=304, headers={"ETag": tag, **CACHED})
    kept = given.stills.get(tag)
    if kept is None:
        disks = LocalObjects(*in_force.site.disks)
        try:
            read = reader(disks, place.segment, archive, copy)
        except NotFound as error:
            raise NothingRecorded(GapReason.LOST, "the recording of this time is lost") from error
        kept = make(place, read, width)
        given.stills.put(tag, kept)
    found, jpeg = kept
    taken = found.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Response(jpeg, headers={"ETag": tag, TAKEN_AT: taken, **CACHED}, media_type=JPEG)


def _enter(given: Dependencies, visitor: Visitor, camera: CameraId, at: datetime, now: datetime) -> None:
    hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    detail = f"{camera} {hour.isoformat()} to {(hour + ENTERED_BY).isoformat()}"
    given.trail.viewed(visitor, now, "stills", f"camera:{camera}", detail)
