"""Recordings: playlists, the files they name, and what was observed meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import inf
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from capture.record.objects import LocalObjects
from console.access import scope
from console.access.gate import may
from console.access.pacing import paced
from console.access.rates import Cost
from console.access.visitor import Visitor
from console.api.asked import Cursor, From, Limit, Name, To, bounds, decode_cursor, encode_cursor
from console.api.shapes import ObservationList, SegmentList, SegmentView
from console.dependencies import Dependencies, Given
from console.replay.media import serve_file, serve_picture
from console.replay.playlist import compose
from hall.errors import NotFound, RequestRefused
from hall.interval import Interval
from hall.names import CameraId, WindowId
from hall.observing import ObservationKind
from hall.permissions import Permission
from store import copies, observing, recording

router = APIRouter(tags=["recordings"])

Viewer = Annotated[Visitor, may(Permission.REPLAY)]

PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
PLAYLIST_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"content": {PLAYLIST_TYPE: {"schema": {"type": "string"}}}, "description": "The playlist."}
}
MEDIA_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"content": {"video/mp4": {"schema": {"type": "string", "format": "binary"}}}},
    206: {
        "content": {"video/mp4": {"schema": {"type": "string", "format": "binary"}}},
        "description": "The wanted range.",
    },
}
LONGEST_PLAYLIST = timedelta(hours=24)
PARTS = ((timedelta(hours=12), inf), (timedelta(hours=2), 6.0))
"""Playlists over more than a time have parts of about so many seconds, or whole files: a day in parts of a
second is ten megabytes. What the console itself asks for is shorter."""
LONGEST_LIST = timedelta(days=366)
MOST_OBSERVATIONS = 5000


@router.get("/segments", response_model=SegmentList, dependencies=[paced(Cost.SEARCHES)])
def list_segments(
    visitor: Viewer,
    given: Given,
    camera: Name,
    start: From = None,
    end: To = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> SegmentList:
    """The recorded files of a camera that overlap the time, oldest first."""
    first, last = bounds(start, end, LONGEST_LIST)
    after = decode_cursor(cursor)
    with given.database.read() as tx:
        known = scope.camera(visitor, given, tx, camera)[1].id
        resumed = max(first, after[0]) if after is not None else first
        found = recording.segments_between(tx, known, resumed, max(resumed, last), limit + 1, fragments=False)
    following = encode_cursor(found[limit].interval.start, found[limit].id) if len(found) > limit else None
    return SegmentList(items=[SegmentView.of(segment) for segment in found[:limit]], next=following)


@router.head("/segments/{segment}/media", include_in_schema=False)
@router.get("/segments/{segment}/media", response_class=Response, responses=MEDIA_ANSWER)
def read_media(request: Request, visitor: Viewer, given: Given, segment: Name) -> Response:
    """A recorded file, or a range of it. Its ETag is the SHA-256 that was computed as it was written.

    For who may not hear it the sound is left out: the same length, and silence where it was.
    """
    with given.database.read() as tx:
        found = scope.segment(visitor, given, tx, segment)
        in_force = given.halls.current(tx)
        archive = given.archive.of(in_force)
        copy = copies.copy_of(tx, found.id, archive.name) if archive is not None else None
    span = f"{found.camera} {_span(found.interval)}"
    given.trail.viewed(visitor, given.clock.now(), "playback", f"segment:{found.id}", span)
    disks = LocalObjects(*in_force.site.disks)
    is_head = request.method == "HEAD"
    is_heard = visitor.may(Permission.SOUND) or not found.has_audio
    serve = serve_file if is_heard else serve_picture
    return serve(disks, found, request.headers, archive, copy, only_headers=is_head)


@router.get(
    "/cameras/{camera}/playlist.m3u8",
    response_class=Response,
    responses=PLAYLIST_ANSWER,
    dependencies=[paced(Cost.PLAYLISTS)],
)
def read_playlist(
    visitor: Viewer, given: Given, camera: Name, start: From = None, end: To = None
) -> Response:
    """An HLS playlist of a camera over a time of at most a day."""
    first, last = bounds(start, end, LONGEST_PLAYLIST)
    with given.database.read() as tx:
        known = scope.camera(visitor, given, tx, camera)[1].id
    return playlist_answer(given, visitor, known, first, last, f"camera:{known}")


@router.get("/observations", response_model=ObservationList)
def list_observations(
    visitor: Annotated[Visitor, may(Permission.BOARD)],
    given: Given,
    camera: Name | None = None,
    window: Name | None = None,
    kind: Annotated[list[ObservationKind] | None, Query()] = None,
    start: From = None,
    end: To = None,
) -> ObservationList:
    """What was observed over a time, or, without a time, what holds now."""
    seen_by = CameraId(camera) if camera is not None else None
    seen_at = WindowId(window) if window is not None else None
    with given.database.read() as tx:
        within = scope.cameras(visitor, given, tx)
        if start is None and end is None:
            return ObservationList(
                items=[
                    seen
                    for seen in observing.current(tx)
                    if (within is None or seen.camera in within)
                    and seen_by in (None, seen.camera)
                    and seen_at in (None, seen.window)
                    and (kind is None or seen.kind in kind)
                ]
            )
        first, last = bounds(start, end, LONGEST_LIST)
        found = observing.between(
            tx,
            first,
            last,
            camera=seen_by,
            window=seen_at,
            kinds=kind,
            cameras=within,
            limit=MOST_OBSERVATIONS + 1,
        )
    if len(found) > MOST_OBSERVATIONS:
        raise RequestRefused("to", f"the time holds more than {MOST_OBSERVATIONS} observations: ask for less")
    return ObservationList(items=found)


def _span(interval: Interval) -> str:
    """A file's time, for the audit trail: what was seen of a playlist, to the file."""
    return f"{interval.start.isoformat()} to {interval.end.isoformat() if interval.end else 'now'}"


def playlist_answer(
    given: Dependencies, visitor: Visitor, camera: CameraId, start: datetime, end: datetime, subject: str
) -> Response:
    """The playlist of a camera over `[start, end)`. Raises NotFound when nothing of it is recorded."""
    now = given.clock.now()
    with given.database.read() as tx:
        least = next((seconds for longer, seconds in PARTS if end - start > longer), 0.0)
        files = recording.played_between(tx, camera, start, end, parts_of=least)
        recorded_until = recording.last_segment_end(tx, camera)
        blocked = any(gap.camera == camera for gap in recording.open_gaps(tx))
    patience = timedelta(seconds=2 * given.configuration.site.capture.segment_seconds)
    growing = not blocked and now < end + patience and (recorded_until is None or recorded_until < end)
    text = compose(files, start, end, growing=growing)
    if text is None:
        raise NotFound(f"camera: nothing is recorded of '{camera}' over this time yet")
    detail = f"{camera} {start.isoformat()} to {end.isoformat()}"
    given.trail.viewed(visitor, now, "playback", f"{subject}/{camera}", detail)
    return Response(text, media_type=PLAYLIST_TYPE)
