"""HLS playlists over the recorded files: pure, from segments and bounds to text.

Every recorded file is a fragmented MP4 whose media time starts at 0: each becomes a run of byte ranges
behind its own initialisation part, with a discontinuity before it and the wall time of its first
fragment. Gaps need no entry of their own: the wall times on both sides of a discontinuity tell them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from hall.media import Fragment, PlayedFile, Segment
from hall.names import SegmentId


def media_url(segment: SegmentId) -> str:
    """Where the console serves a segment's file."""
    return f"/api/v1/segments/{quote(segment, safe='')}/media"


def compose(files: Iterable[PlayedFile], start: datetime, end: datetime, *, growing: bool) -> str | None:
    """The playlist of one camera over `[start, end)`, or None when nothing of it is recorded.

    `files` are in order of time. Only fragments that overlap the bounds are listed. A `growing`
    playlist is of type EVENT and has no end yet: players ask for it again.
    """
    parts = [(played, fragments) for played in files if (fragments := fragments_within(played, start, end))]
    if not parts:
        return None
    longest = max(fragment.duration for _, fragments in parts for fragment in fragments)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{max(1, math.ceil(longest))}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        f"#EXT-X-PLAYLIST-TYPE:{'EVENT' if growing else 'VOD'}",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        "#EXT-X-START:TIME-OFFSET=0,PRECISE=YES",
    ]
    for place, (played, fragments) in enumerate(parts):
        if place > 0:
            lines.append("#EXT-X-DISCONTINUITY")
        lines.extend(_file(played, fragments))
    if not growing:
        lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"


def wall_time(played: PlayedFile | Segment, media_time: float) -> datetime:
    """When a moment of a file's media time was: the file's drift spread evenly over it."""
    start, end = played.interval.start, played.interval.end
    if end is None or played.media_duration <= 0:
        return start + timedelta(seconds=media_time)
    return start + (end - start) * (media_time / played.media_duration)


def fragments_within(played: PlayedFile | Segment, start: datetime, end: datetime) -> list[Fragment]:
    """The fragments of a file that overlap `[start, end)`, in order."""
    begun, ended = played.interval.start, played.interval.end
    if begun >= start and ended is not None and ended <= end:
        return list(played.fragments)  # none lies outside its file: of most files that is all there is to ask
    return [
        fragment
        for fragment in played.fragments
        if wall_time(played, fragment.start) < end
        and wall_time(played, fragment.start + fragment.duration) > start
    ]


def _file(played: PlayedFile, fragments: Sequence[Fragment]) -> Iterator[str]:
    url = media_url(played.id)
    yield f'#EXT-X-MAP:URI="{url}",BYTERANGE="{played.header_size}@0"'
    began = wall_time(played, fragments[0].start).astimezone(UTC)
    yield f"#EXT-X-PROGRAM-DATE-TIME:{began.isoformat(timespec='milliseconds').replace('+00:00', 'Z')}"
    for part in fragments:
        yield f"#EXTINF:{part.duration:.6f},\n#EXT-X-BYTERANGE:{part.size}@{part.offset}\n{url}"
