"""Recorded files over HTTP: whole or by range, never from outside the folder of recordings."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import FileResponse, Response

from capture.objects import LocalObjects
from hall.media import Segment

CACHE = "private, max-age=86400, immutable"
"""A finished file never changes; only this user's browser may keep it."""


def serve_file(objects: LocalObjects, segment: Segment, headers: Mapping[str, str]) -> Response:
    """The file of a segment, or the range that the request's headers ask for. Raises NotFound."""
    path = objects.path(segment.key)
    tag = f'"{segment.sha256.hex()}"'
    known = {"ETag": tag, "Cache-Control": CACHE}
    wanted = [value.strip() for value in headers.get("if-none-match", "").split(",")]
    if tag in wanted or "*" in wanted:
        return Response(status_code=304, headers=known)
    return FileResponse(path, headers=known, media_type="video/mp4", content_disposition_type="inline")
