"""Recorded files over HTTP, whole or by range: from a local disk, or else from the archive."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import BinaryIO, Final

from starlette.responses import Response, StreamingResponse

from capture.archive.objects import S3Objects
from capture.archive.reading import CHUNK
from capture.record.objects import LocalObjects
from console.replay import picture_only
from console.replay.ranged_file import RangedFile
from console.replay.ranges import Unsatisfiable, wanted_range
from hall.errors import ArchiveUnreachable, MediaError, NotFound, NotPermitted
from hall.media import Segment
from store.copies import Copy

CACHED: Final = {"Cache-Control": "private, max-age=86400, immutable", "Vary": "Cookie"}
"""A finished file never changes; only this user's browser may keep it, for this session: the next user of the
same browser may not be allowed to hear what is in it."""
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
    known = {"ETag": tag, **CACHED}
    try:
        path = objects.path(segment.key)
    except NotFound:
        if archive is None or copy is None or not copy.is_of(segment):
            raise
        path = None
    if is_known(headers, tag):
        return Response(status_code=304, headers=known)
    try:
        range_wanted = wanted_range(headers, tag, segment.size)
    except Unsatisfiable:
        return Response(status_code=416, headers={**known, "Content-Range": f"bytes */{segment.size}"})
    if path is not None:
        return RangedFile(path, range_wanted, known, TYPE)
    assert archive is not None
    assert copy is not None
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


def serve_picture(
    objects: LocalObjects,
    segment: Segment,
    headers: Mapping[str, str],
    archive: S3Objects | None = None,
    copy: Copy | None = None,
    *,
    only_headers: bool = False,
) -> Response:
    """Like `serve_file`, of the same length, for who may not hear what the file holds: without the sound.

    Raises NotPermitted for a file in which there is nothing but sound, or that cannot be taken apart.
    """
    if not segment.has_picture:
        raise NotPermitted("this recording is only sound, which needs the permission sound")
    tag = f'"{segment.sha256.hex()}-picture"'
    known = {"ETag": tag, **CACHED}
    if is_known(headers, tag):
        return Response(status_code=304, headers=known)
    try:
        range_wanted = wanted_range(headers, tag, segment.size)
    except Unsatisfiable:
        return Response(status_code=416, headers={**known, "Content-Range": f"bytes */{segment.size}"})
    first, last = range_wanted if range_wanted is not None else (0, segment.size)
    answer = {**known, "Accept-Ranges": "bytes", "Content-Length": str(last - first)}
    if range_wanted is not None:
        answer["Content-Range"] = f"bytes {first}-{last - 1}/{segment.size}"
    status = 200 if range_wanted is None else 206
    muted = picture_only.pieces(segment, reader(objects, segment, archive, copy), first, last)
    try:
        # The header is taken apart before the answer begins, which can still be an error.
        begun = next(muted, b"")
    except MediaError as error:
        raise NotPermitted("this recording cannot be shown without its sound") from error
    if only_headers:
        return Response(status_code=status, headers=answer, media_type=TYPE)
    return StreamingResponse(chain((begun,), muted), status, answer, TYPE)


def is_known(headers: Mapping[str, str], tag: str) -> bool:
    """Whether the browser has this version already."""
    wanted = [value.strip() for value in headers.get("if-none-match", "").split(",")]
    return tag in wanted or "*" in wanted


def reader(
    objects: LocalObjects, segment: Segment, archive: S3Objects | None, copy: Copy | None
) -> Callable[[int, int], bytes]:
    """Reads bytes `[first, last)` of a segment's file, wherever it lies.

    Raises NotFound, and when it reads ArchiveUnreachable.
    """
    try:
        path = objects.path(segment.key)
    except NotFound:
        if archive is None or copy is None or not copy.is_of(segment):
            raise
        far, key = archive, copy.key

        def read_far(first: int, last: int) -> bytes:
            with far.open(key, (first, last)) as file:
                return file.read()

        return read_far

    def read(first: int, last: int) -> bytes:
        with path.open("rb") as file:
            file.seek(first)
            return file.read(last - first)

    return read


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
