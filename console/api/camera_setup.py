"""Setting cameras up: finding devices, trying a stream before it is saved, pictures to draw zones on."""

from __future__ import annotations

import threading
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from capture.onvif import discovery
from capture.onvif.device import Device, Found
from capture.onvif.profiles import read_devices
from capture.record.objects import LocalObjects
from console.access import scope
from console.access.gate import may
from console.access.visitor import Visitor
from console.api import camera_setup_answers as answers
from console.api.asked import Name
from console.api.camera_setup_shapes import (
    DeviceAnswer,
    DeviceOrder,
    DiscoveredDevice,
    DiscoveredDevices,
    DiscoveryOrder,
    ExaminationAnswer,
    ExaminationOrder,
    SetupStill,
    TrialAnswer,
    TrialOrder,
)
from console.cameras.kept import filled_from
from console.cameras.picture import WIDEST, Still, of_jpeg, still_of
from console.cameras.trial import Findings, tried
from console.dependencies import Dependencies, Given
from console.replay.media import reader
from console.replay.stills import MOMENT, make, place_of
from hall.address_secrets import MARK
from hall.errors import MediaError, NotFound, RequestRefused, SourceError, SourceStalled
from hall.names import CameraId
from hall.permissions import Permission
from hall.place import Camera, Text
from hall.secrets import PLACE
from store import copies, recording

router = APIRouter(prefix="/camera-setup", tags=["camera-setup"])

Configurer = Annotated[Visitor, may(Permission.CONFIGURE)]
Watcher = Annotated[Visitor, may(Permission.CONFIGURE, Permission.LIVE)]
"""Who may configure sees pictures of cameras only with the permission to see live ones."""

JPEG = "image/jpeg"
JPEG_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {JPEG: {"schema": {"type": "string", "format": "binary"}}},
        "description": "The picture.",
    }
}
ANSWER_SECONDS = 2.0
DEVICE_SECONDS = 20.0


@router.post("/discoveries", response_model=DiscoveredDevices)
async def discover(visitor: Configurer, given: Given, order: DiscoveryOrder) -> DiscoveredDevices:
    """Ask every network of the server for ONVIF devices (WS-Discovery). 429 when asked too often."""
    await _enter(given, visitor, "camera_discover", "network", f"{order.seconds:g} s")
    setting_up = given.setting_up

    def work(_stop: threading.Event) -> list[Found]:
        return discovery.discover(order.seconds, setting_up.clock)

    found = await setting_up.paced(setting_up.searches, visitor.user.id, work)
    return DiscoveredDevices(
        items=[
            DiscoveredDevice(host=one.host, address=one.service, name=one.name, model=one.model)
            for one in found
        ]
    )


@router.post("/devices", response_model=DeviceAnswer)
async def read_device(visitor: Configurer, given: Given, order: DeviceOrder) -> DeviceAnswer:
    """Ask one device for its streams, and say which to record and to watch. 429 when asked too often."""
    host = urlsplit(order.address if "://" in order.address else f"//{order.address}").hostname or ""
    await _enter(given, visitor, "camera_device", f"host:{host}", f"as {order.user or 'nobody'}")
    setting_up = given.setting_up

    def work(_stop: threading.Event) -> Device | SourceError:
        found = discovery.ask(order.address, ANSWER_SECONDS, setting_up.clock)
        return read_devices([found], order.user, order.password, DEVICE_SECONDS)[0]

    outcome = await setting_up.paced(setting_up.trials, visitor.user.id, work)
    if isinstance(outcome, SourceError):
        return DeviceAnswer(fault=answers.device_fault(outcome))
    return answers.offered(outcome, order)


@router.post("/trials", response_model=TrialAnswer)
async def try_camera(visitor: Configurer, given: Given, order: TrialOrder) -> TrialAnswer:
    """Connect to a stream as a recording would, for some seconds, and say what comes. 429 when too often.

    Only `rtsp://` and `rtsps://`, and never where a camera redirects to. The picture is among the answers of
    those who may see live pictures.
    """
    camera, known = await run_in_threadpool(_camera_to_try, visitor, given, order)
    subject = f"camera:{known}" if known is not None else "camera:new"
    place = urlsplit(camera.url).netloc.rpartition("@")[2]
    await _enter(given, visitor, "camera_try", subject, place)
    setting_up = given.setting_up
    work = partial(_tried, given, visitor, camera, known)
    try:
        findings = await setting_up.paced(setting_up.trials, visitor.user.id, work)
    except SourceError as error:
        return TrialAnswer(fault=answers.fault(error))
    except TimeoutError:
        return TrialAnswer(fault=answers.fault(SourceStalled("the camera took too long")))
    still = findings.still if visitor.may(Permission.LIVE) else None
    return TrialAnswer(findings=answers.found(findings), still=_shelved(given, still, "trial"))


@router.post("/cameras/{camera}/stills", response_model=SetupStill, status_code=201)
async def take_still(visitor: Watcher, given: Given, camera: Name) -> SetupStill:
    """Take the newest picture of a camera: the next key frame, or where none comes the last recorded one.

    404 when there is neither.
    """
    known = await run_in_threadpool(_known_camera, visitor, given, camera)
    await run_in_threadpool(
        given.trail.viewed, visitor, given.clock.now(), "camera_still", f"camera:{known}", ""
    )
    setting_up = given.setting_up
    message = await setting_up.asking.newest_picture(known)

    def work(_stop: threading.Event) -> tuple[Still, bool]:
        if message is not None:
            try:
                still = still_of(message.track, message.packets, message.at, visitor.user.id, known)
            except MediaError:
                pass  # a damaged picture: the recording has another
            else:
                return still, True
        return _recorded(given, visitor, known), False

    still, is_live = await setting_up.paced(setting_up.pictures, visitor.user.id, work)
    shelved = _shelved(given, still, "live" if is_live else "recorded")
    assert shelved is not None
    return shelved


@router.get("/stills/{still}", response_class=Response, responses=JPEG_ANSWER)
def read_setup_still(visitor: Watcher, given: Given, still: Name) -> Response:
    """A picture that this user took before. 404 when it is no longer kept."""
    found = given.setting_up.shelf.get(still, visitor.user.id, given.clock.now())
    headers = {"Cache-Control": "private, no-store"}
    return Response(found.jpeg, media_type=JPEG, headers=headers)


@router.post("/examinations", response_model=ExaminationAnswer)
async def examine(visitor: Watcher, given: Given, order: ExaminationOrder) -> ExaminationAnswer:
    """Try zones on a picture with the detector that runs. 503 without analysis, 429 when asked too often.

    It says what this one picture shows; analysis itself judges over several.
    """
    setting_up = given.setting_up
    still = setting_up.shelf.get(order.still, visitor.user.id, given.clock.now())
    setting_up.pictures.begin(visitor.user.id, setting_up.clock.monotonic())
    try:
        examined = await setting_up.asking.examine(still, order.zones)
    finally:
        setting_up.pictures.end()
    return answers.tried_zones(examined)


async def _enter(given: Dependencies, visitor: Visitor, action: str, subject: str, detail: str) -> None:
    await run_in_threadpool(given.trail.record, visitor, given.clock.now(), action, subject, detail)


def _known_camera(visitor: Visitor, given: Dependencies, camera: str) -> CameraId:
    with given.database.read() as tx:
        return scope.camera(visitor, given, tx, camera)[1].id


def _camera_to_try(
    visitor: Visitor, given: Dependencies, order: TrialOrder
) -> tuple[Camera, CameraId | None]:
    """The camera as it would be, and its id when it is configured. Raises NotFound, RequestRefused."""
    url, known = order.url, None
    if order.camera is not None:
        with given.database.read() as tx:
            known = scope.camera(visitor, given, tx, order.camera)[1]
        url = _with_kept(url, known)
    own = () if known is None else (known.url, known.substream)
    if PLACE.search(url) and url not in own:
        # A variable of the server must not be sent to whatever host somebody enters.
        raise RequestRefused("url", "a variable ${NAME} can be tried only where it is saved already")
    try:
        camera = Camera(
            id=known.id if known is not None else CameraId("new"),
            name=Text(zh="试", en="trial"),
            url=url,
            transport=order.transport,
            certificate=order.certificate,
        )
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        raise RequestRefused(str(detail["loc"][0]), detail["msg"].removeprefix("Value error, ")) from None
    return camera, known.id if known is not None else None


def _with_kept(url: str, known: Camera) -> str:
    """The address with the place of a kept password where the mark stands. Raises RequestRefused."""
    if MARK not in url:
        return url
    for kept in (known.url, known.substream or ""):
        whole = filled_from(url, kept)
        if whole is not None:
            return whole
    raise RequestRefused("url", "write the password again: none is kept for this address")


def _tried(
    given: Dependencies, visitor: Visitor, camera: Camera, known: CameraId | None, stop: threading.Event
) -> Findings:
    return tried(camera, given.setting_up.secrets, given.setting_up.clock, stop, visitor.user.id, known)


def _recorded(given: Dependencies, visitor: Visitor, camera: CameraId) -> Still:
    """The last recorded picture of a camera. Raises NotFound, MediaError, ArchiveUnreachable."""
    with given.database.read() as tx:
        end = recording.last_segment_end(tx, camera)
        segments = recording.segments_between(tx, camera, end - MOMENT, end) if end is not None else []
        place = place_of(segments, end) if end is not None else None
        if place is None:
            raise NotFound("camera: it sends no picture at present, and none is recorded")
        in_force = given.halls.current(tx)
        archive = given.archive.of(in_force)
        copy = copies.copy_of(tx, place.segment.id, archive.name) if archive is not None else None
    read = reader(LocalObjects(*in_force.site.disks), place.segment, archive, copy)
    found, jpeg = make(place, read, WIDEST)
    return of_jpeg(jpeg, found.at, visitor.user.id, camera)


def _shelved(given: Dependencies, still: Still | None, source: str) -> SetupStill | None:
    if still is None:
        return None
    name = given.setting_up.shelf.put(still, given.clock.now())
    return SetupStill.model_validate(
        {"id": name, "width": still.width, "height": still.height, "at": still.at, "source": source}
    )
