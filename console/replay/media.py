"""Recorded files over HTTP: whole or by range, never from outside the folder of recordings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from starlette.responses import FileResponse, Response

from hall.errors import NotFound
from hall.media import Segment
from hall.names import ObjectKey

CACHE = "private, max-age=86400, immutable"
"""A finished file never changes; only this user's browser may keep it."""


def file_of(recordings: Path, key: ObjectKey) -> Path:
    """The file of a key. Raises NotFound when it is gone, or when the key leads out of the folder."""
    root = recordings.resolve()
    path = (root / key).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        raise NotFound("segment: its file is not there")
    return path


def serve_file(recordings: Path, segment: Segment, headers: Mapping[str, str]) -> Response:
    """The file of a segment, or the range that the request's headers ask for. Raises NotFound."""
    path = file_of(recordings, segment.key)
    tag = f'"{segment.sha256.hex()}"'
    known = {"ETag": tag, "Cache-Control": CACHE}
    wanted = [value.strip() for value in headers.get("if-none-match", "").split(",")]
    if tag in wanted or "*" in wanted:
        return Response(status_code=304, headers=known)
    return FileResponse(path, headers=known, media_type="video/mp4", content_disposition_type="inline")
