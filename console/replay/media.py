"""Recorded files over HTTP, whole or by range: from a local disk, or else from the archive."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import BinaryIO, Final

from starlette.responses import FileResponse, Response, StreamingResponse

from capture.archive.objects import S3Objects
from capture.archive.reading import CHUNK
from capture.record.objects import LocalObjects
from console.replay.ranges import Unsatisfiable, wanted_range
from hall.errors import ArchiveUnreachable, NotFound
from hall.media import Segment
from store.copies import Copy

CACHE: Final = "private, max-age=86400, immutable"
"""A finished file never changes; only this user's browser may keep it."""
TYPE: Final = "video/mp4"


def serve_file(
    objects: LocalObjects,
    segment: Segment,
    headers: Mapping[str, str],
    archive: S3Objects | None = None,
    copy: Copy | None = None,
    *,
    only_headers: bool = False,
) -> Response:
    """The file of a segment, or the range that the request's headers ask for.

    `copy` is what `archive` has of the segment, asked only when no local disk has the file, and not for
    `only_headers`. Raises NotFound, and ArchiveUnreachable.
    """
    tag = f'"{segment.sha256.hex()}"'
    known = {"ETag": tag, "Cache-Control": CACHE}
    try:
        path = objects.path(segment.key)
    except NotFound:
        if archive is None or copy is None or not copy.is_of(segment):
            raise
        path = None
    wanted = [value.strip() for value in headers.get("if-none-match", "").split(",")]
    if tag in wanted or "*" in wanted:
        return Response(status_code=304, headers=known)
    if path is not None:
        return FileResponse(path, headers=known, media_type=TYPE, content_disposition_type="inline")
    assert archive is not None
    assert copy is not None
    try:
        range_wanted = wanted_range(headers, tag, segment.size)
    except Unsatisfiable:
        return Response(status_code=416, headers={**known, "Content-Range": f"bytes */{segment.size}"})
    first, last = range_wanted if range_wanted is not None else (0, segment.size)
    answer = {
        **known,
        "Accept-Ranges": "bytes",
        "Content-Length": str(last - first),
        "Content-Disposition": "inline",
    }
    if range_wanted is not None:
        answer["Content-Range"] = f"bytes {first}-{last - 1}/{segment.size}"
    status = 200 if range_wanted is None else 206
    if only_headers:
        return Response(status_code=status, headers=answer, media_type=TYPE)
    return StreamingResponse(_pieces(_opened(archive, copy, first, last)), status, answer, TYPE)


def _opened(archive: S3Objects, copy: Copy, first: int, last: int) -> BinaryIO:
    """A part of a copy; its first bytes are here before the answer begins, which can still be an error."""
    file = archive.open(copy.key, (first, last))
    if file.seek(0, os.SEEK_END) != last - first:
        raise ArchiveUnreachable("the archive's copy of this recording has another size than was verified")
    file.seek(0)
    return file


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    """Read in the thread pool, one piece at a time: a slow browser holds one piece and no connection."""
    with file:
        while piece := file.read(CHUNK):
            yield piece
