"""Halls, windows and cameras."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Response

from console.access import scope
from console.access.gate import may
from console.access.visitor import Visitor
from console.api.asked import Name
from console.api.shapes import (
    CameraHealth,
    CameraList,
    CameraState,
    CameraView,
    HallList,
    HallView,
    WindowList,
    WindowView,
)
from console.dependencies import Dependencies, Given
from hall.config import HallSettings
from hall.media import Gap, Run, TrackKind
from hall.names import CameraId
from hall.observing import ObservationKind
from hall.permissions import Permission, Rights
from hall.place import Camera
from store import audit, observing, recording, reference_views, watching
from store.database import Read

LIVE_CODEC = "h264"
"""What every browser shows over WebRTC without transcoding."""

Reader = Annotated[Visitor, may(Permission.BOARD)]

router = APIRouter(tags=["places"])


@router.get("/halls", response_model=HallList)
def list_halls(visitor: Reader, given: Given) -> HallList:
    """Every hall with its parts."""
    with given.database.read() as tx:
        halls = scope.halls(visitor, given, tx)
        runs = recording.runs_now(tx)
    return HallList(items=[_hall_view(hall, runs, visitor.rights) for hall in halls])


@router.get("/windows", response_model=WindowList)
def list_windows(visitor: Reader, given: Given, hall: Name | None = None) -> WindowList:
    """The windows of a hall, or of all."""
    with given.database.read() as tx:
        halls = _asked(visitor, given, tx, hall)
    return WindowList(
        items=[
            WindowView(**dict(window), hall=place.id, cameras=_seen(shown.get(window.id, ()), visitor.rights))
            for place in halls
            for shown in [place.cameras_by_window()]
            for window in place.windows
        ]
    )


@router.get("/cameras", response_model=CameraList)
def list_cameras(visitor: Reader, given: Given, hall: Name | None = None) -> CameraList:
    """The cameras of a hall, or of all, and how they are."""
    items = []
    with given.database.read() as tx:
        halls = _asked(visitor, given, tx, hall)
        runs = recording.runs_now(tx)
        pictures = {
            seen.camera: seen for seen in observing.current(tx) if seen.kind is ObservationKind.PICTURE
        }
        told = watching.told(tx)
        for place in halls:
            for camera, health in zip(place.cameras, camera_health(tx, place), strict=True):
                if not visitor.rights.sees_camera(camera.id):
                    continue
                view = _camera_view(place, camera, runs.get(camera.id))
                items.append(
                    CameraState(
                        **dict(view),
                        picture=pictures.get(camera.id),
                        recording=health.recording,
                        gap=health.gap,
                        last_seen=health.last_seen,
                        watching=told.get(camera.id),
                    )
                )
    return CameraList(items=items)


@router.post("/cameras/{camera}/reference-view", status_code=204, response_class=Response)
def reset_reference_view(
    visitor: Annotated[Visitor, may(Permission.CAMERAS)], given: Given, camera: Name
) -> None:
    """Confirm that a camera now shows what it should: its reference view is forgotten and learnt anew.

    Zones are judged again some seconds later. Draw them anew first if the camera shows another part.
    """
    now = given.clock.now()
    with given.database.write() as tx:
        hall, known = scope.camera(visitor, given, tx, camera)
        reference_views.reset(tx, known.id, now)
        audit.record(
            tx,
            at=now,
            who=visitor.user.name,
            action="reference_view_reset",
            subject=f"camera:{known.id}",
            detail=hall.id,
            address=visitor.address,
        )


def _asked(visitor: Visitor, given: Dependencies, tx: Read, hall: str | None) -> list[HallSettings]:
    """The hall that is asked for, or all within reach."""
    return scope.halls(visitor, given, tx) if hall is None else [scope.hall(visitor, given, tx, hall)]


def _seen(cameras: tuple[CameraId, ...], rights: Rights) -> tuple[CameraId, ...]:
    return tuple(camera for camera in cameras if rights.sees_camera(camera))


def camera_health(tx: Read, hall: HallSettings) -> list[CameraHealth]:
    """How each camera of a hall is, in the order of the configuration."""
    runs = recording.runs_now(tx)
    gaps = {gap.camera: gap for gap in recording.open_gaps(tx)}
    seen = observing.watermarks_now(tx)
    return [_health(camera, runs.get(camera.id), gaps.get(camera.id), seen) for camera in hall.cameras]


def _health(camera: Camera, run: Run | None, gap: Gap | None, seen: dict[CameraId, datetime]) -> CameraHealth:
    return CameraHealth(
        camera=camera.id,
        recording=camera.record and run is not None and gap is None,
        gap=gap,
        last_seen=seen.get(camera.id),
    )


def _hall_view(hall: HallSettings, runs: dict[CameraId, Run], rights: Rights) -> HallView:
    return HallView(
        id=hall.id,
        name=hall.name,
        level=hall.level,
        timezone=hall.timezone,
        schedule=hall.schedule,
        units=hall.units,
        staff=hall.staff,
        windows=hall.windows,
        cameras=tuple(
            _camera_view(hall, camera, runs.get(camera.id))
            for camera in hall.cameras
            if rights.sees_camera(camera.id)
        ),
        items=hall.items,
        rules=hall.rules,
    )


def _camera_view(hall: HallSettings, camera: Camera, run: Run | None) -> CameraView:
    pictures = [track.codec for track in run.tracks if track.kind is TrackKind.VIDEO] if run else [LIVE_CODEC]
    return CameraView(
        id=camera.id,
        hall=hall.id,
        name=camera.name,
        record=camera.record,
        sample_every=camera.sample_every,
        zones=camera.zones,
        windows=camera.windows,
        live=LIVE_CODEC in pictures,
    )
