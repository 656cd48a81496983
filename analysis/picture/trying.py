"""Trying zones on one picture for who draws them: the detector that runs, its crops, and the same judgement.

What analysis makes of a zone over time needs several pictures (analysis.picture.presence); this says what a
single one shows, and shows everybody who was found, also those who do not count.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np
from pydantic import ValidationError

from analysis.detectors.asking import Asking
from analysis.picture.crowd import Crowd
from analysis.picture.frames import KeyFrameDecoder
from analysis.picture.looking import Wanted, answered, answered_together, lengthwise, looked_at, whole
from analysis.picture.merging import merged
from analysis.picture.zones import Crop, crop_of, people_inside, rivals_of
from hall.errors import DetectorError, MediaError
from hall.examining import Examine, Examined, PersonSeen, ZoneTried, ZoneVerdict
from hall.place import Zone, ZoneRole
from hall.ports import Detection, KeyPoint
from hall.wire import from_json

if TYPE_CHECKING:
    from analysis.picture.looking import Looking
    from hall.ports import Picture

LARGEST_PICTURE = 4096
"""Pixels along a side."""
MOST_ZONES = 32


def question_of(payload: bytes) -> Examine:
    """What the console asks. Raises MediaError for anything else."""
    try:
        question = from_json(Examine, payload)
    except ValidationError as error:
        raise MediaError("not a question about a picture") from error
    if len(question.zones) > MOST_ZONES:
        raise MediaError(f"more than {MOST_ZONES} zones")
    return question


def tried(question: Examine, detail: int, asking: Asking, now: float) -> Examined:
    """What one picture shows in each zone. `detail` as for cameras (side of a crop in pixels).

    Raises MediaError for what is no picture; whatever the detector does is an answer.
    """
    picture = _as_cameras_are_seen(_decoded(question.picture), question.zones, detail)
    if asking.remembers:
        why = f"{asking.name} compares pictures with those before, and cannot judge a single one"
        unclear = tuple(ZoneTried(zone.id, ZoneVerdict.UNCLEAR, (), why) for zone in question.zones)
        return Examined(asking.name, unclear)
    lookings = [_look(zone, question.zones, picture, now) for zone in question.zones]
    outcomes = answered_together(lookings, asking, now)
    return Examined(
        asking.name,
        tuple(
            ZoneTried(zone.id, ZoneVerdict.UNCLEAR, (), str(outcome))
            if isinstance(outcome, DetectorError)
            else outcome
            for zone, outcome in zip(question.zones, outcomes, strict=True)
        ),
    )


def _look(zone: Zone, zones: Sequence[Zone], picture: Picture, now: float) -> Looking[ZoneTried]:
    crop = crop_of(zone)
    if zone.role is ZoneRole.WAITING:
        pieces = tuple(piece.crop for piece in Crowd(zone).due(picture, now))
    else:
        pieces = lengthwise(crop, picture)
    answers = yield from looked_at([Wanted(f"try/{zone.id}", crop, pieces)], picture)
    known = answered(answers[0])
    if isinstance(known, DetectorError):
        raise known
    if known is None:
        return ZoneTried(zone.id, ZoneVerdict.UNCLEAR, (), "the detector cannot tell")
    if zone.role is ZoneRole.WAITING:
        height, width = crop.cut(picture).shape[:2]
        found = merged(crop, list(zip(pieces, known, strict=True)), width / height)
    else:
        found = whole(crop, pieces, known)
    inside = people_inside(zone, crop, found, rivals_of(zone, zones))
    people = tuple(
        PersonSeen(_in_picture(person, crop), any(person is one for one in inside)) for person in found
    )
    return ZoneTried(zone.id, ZoneVerdict.SOMEBODY if inside else ZoneVerdict.NOBODY, people)


def _in_picture(person: Detection, crop: Crop) -> Detection:
    left, top = crop.to_picture(person.box[0], person.box[1])
    right, bottom = crop.to_picture(person.box[2], person.box[3])
    points = tuple(KeyPoint(*crop.to_picture(each.x, each.y), each.score) for each in person.key_points)
    return Detection((left, top, right, bottom), person.score, points)


def _decoded(text: str) -> Picture:
    try:
        data = np.frombuffer(base64.b64decode(text, validate=True), np.uint8)
        picture = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    except (binascii.Error, ValueError, cv2.error) as error:
        raise MediaError("the picture cannot be decoded") from error
    if picture is None or max(picture.shape[:2]) > LARGEST_PICTURE:
        raise MediaError("the picture cannot be decoded, or is too large")
    return picture.astype(np.uint8, copy=False)


def _as_cameras_are_seen(picture: Picture, zones: Sequence[Zone], detail: int) -> Picture:
    """The picture in the size in which one of a camera with these zones is examined."""
    return KeyFrameDecoder(zones, detail).scaled(av.VideoFrame.from_ndarray(picture, format="bgr24"))
