"""The still sheet: pictures of each camera at even distances, with camera and wall time under each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast
from zoneinfo import ZoneInfo

import av
import cv2
import numpy as np

from console.evidence.clips import Open
from console.evidence.contents import Clip
from console.replay import pictures
from console.replay.playlist import wall_time
from hall.errors import EvidenceError, MediaError
from hall.media import Fragment, Segment
from hall.names import CameraId

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

EACH = 6
"""Pictures of a camera, three in a row."""
ACROSS = 3
WIDTH, HEIGHT, CAPTION = 480, 270, 28
QUALITY = 88
BAND = 34
REDACTED = "REDACTED - NOT THE PICTURE THAT WAS RECORDED"
"""Over the sheet, in the one script that OpenCV writes; the page says it in both languages."""


@dataclass(frozen=True, slots=True)
class Still:
    """One picture (H×W×3, uint8, BGR), and when it was."""

    camera: CameraId
    at: datetime
    picture: Picture


def stills(segments: Sequence[Segment], opened: Open, start: datetime, end: datetime) -> list[Still]:
    """Key frames of one camera, spread evenly over `[start, end)`; fewer where little is recorded."""
    fragments = [
        (segment, fragment)
        for segment in segments
        if segment.has_picture
        for fragment in segment.fragments
        if start <= wall_time(segment, fragment.start) < end
    ]
    found: list[Still] = []
    for number in range(EACH):
        wanted = start + (end - start) * ((number + 0.5) / EACH)
        nearest = min(
            fragments, key=lambda each: abs(wall_time(each[0], each[1].start) - wanted), default=None
        )
        if nearest is None:
            return []
        at = wall_time(nearest[0], nearest[1].start)
        if all(still.at != at for still in found):
            with opened(nearest[0]) as file:
                picture = first_picture(file, *nearest)
            if picture is not None:
                found.append(Still(nearest[0].camera, at, picture))
    return sorted(found, key=lambda still: still.at)


def first_picture(file: BinaryIO, segment: Segment, fragment: Fragment) -> Picture | None:
    """The key frame with which a fragment begins, or None when it has none, or it cannot be decoded."""
    header = file.read(segment.header_size)
    file.seek(fragment.offset)
    try:
        return pictures.first_picture(header + file.read(fragment.size))
    except MediaError:
        return None


def stills_of_clip(clip: Clip, path: Path, start: datetime, end: datetime) -> list[Still]:
    """Pictures of one clip as the file `path` shows them, at the same even distances over `[start, end)`."""
    rate = clip.duration / max(0.001, (clip.ends - clip.begins).total_seconds())
    wanted = [start + (end - start) * ((number + 0.5) / EACH) for number in range(EACH)]
    places = [(at - clip.begins).total_seconds() * rate for at in wanted if clip.begins <= at < clip.ends]
    found: list[Still] = []
    try:
        with av.open(str(path), "r", format="mp4") as container:
            for place in places:
                container.seek(int(place * av.time_base))
                for frame in container.decode(container.streams.video[0]):
                    if frame.time >= place - 0.001:
                        at = clip.begins + timedelta(seconds=frame.time / rate)
                        found.append(
                            Still(clip.camera, at, cast("Picture", frame.to_ndarray(format="bgr24")))
                        )
                        break
    except av.FFmpegError as error:
        raise MediaError(f"the clip {clip.path} cannot be decoded again") from error
    return found


def sheet(found: Sequence[Still], zone: ZoneInfo, *, is_redacted: bool = False) -> bytes:
    """All stills as one JPEG, marked where they are redacted. Raises EvidenceError without any."""
    if not found:
        raise EvidenceError("there is no picture for the still sheet")
    cells = [_cell(still, zone) for still in found]
    rows = []
    for first in range(0, len(cells), ACROSS):
        row = cells[first : first + ACROSS]
        row += [np.full_like(cells[0], 255)] * (ACROSS - len(row))
        rows.append(np.hstack(row))
    if is_redacted:
        rows.insert(0, _band(rows[0].shape[1]))
    is_encoded, jpeg = cv2.imencode(".jpg", np.vstack(rows), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not is_encoded:
        raise MediaError("the still sheet cannot be encoded")
    return jpeg.tobytes()


def _band(width: int) -> Picture:
    band: Picture = np.full((BAND, width, 3), (30, 30, 180), np.uint8)
    cv2.putText(
        band, REDACTED, (12, BAND - 11), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (255, 255, 255), 1, cv2.LINE_AA
    )
    return band


def _cell(still: Still, zone: ZoneInfo) -> Picture:
    height, width = still.picture.shape[:2]
    scale = min(WIDTH / width, HEIGHT / height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    cell: Picture = np.full((HEIGHT + CAPTION, WIDTH, 3), 255, np.uint8)
    left, top = (WIDTH - size[0]) // 2, (HEIGHT - size[1]) // 2
    cell[top : top + size[1], left : left + size[0]] = cv2.resize(
        still.picture, size, interpolation=cv2.INTER_AREA
    )
    local = still.at.astimezone(zone) + timedelta(microseconds=500)
    text = f"{still.camera}   {local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 1000:03d}"
    cv2.putText(
        cell, text, (8, HEIGHT + CAPTION - 9), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (30, 30, 30), 1, cv2.LINE_AA
    )
    return cell
