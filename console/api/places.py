"""Halls, windows and cameras."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Response

from console.access.gate import Officer
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
from console.dependencies import Given
from hall.config import HallSettings
from hall.media import Gap, Run, TrackKind
from hall.names import CameraId
from hall.observing import ObservationKind
from hall.place import Camera
from store import audit, observing, recording, reference_views, watching
from store.database import Read

LIVE_CODEC = "h264"
"""What every browser shows over WebRTC without transcoding."""

router = APIRouter(tags=["places"])


@router.get("/halls", response_model=HallList)
def list_halls(_visitor: Officer, given: Given) -> HallList:
    """Every hall with its parts."""
    with given.database.read() as tx:
        configuration = given.halls.current(tx)
        runs = recording.runs_now(tx)
    return HallList(items=[_hall_view(hall, runs) for hall in configuration.halls])


@router.get("/windows", response_model=WindowList)
def list_windows(_visitor: Officer, given: Given, hall: Name | None = None) -> WindowList:
    """The windows of a hall, or of all."""
    with given.database.read() as tx:
        halls = given.halls.current(tx).halls if hall is None else (given.halls.hall(tx, hall),)
    return WindowList(
        items=[
            WindowView(**dict(window), hall=place.id, cameras=place.cameras_of(window.id))
            for place in halls
            for window in place.windows
        ]
    )


@router.get("/cameras", response_model=CameraList)
def list_cameras(_visitor: Officer, given: Given, hall: Name | None = None) -> CameraList:
    """The cameras of a hall, or of all, and how they are."""
    items = []
    with given.database.read() as tx:
        halls = given.halls.current(tx).halls if hall is None else (given.halls.hall(tx, hall),)
        runs = recording.runs_now(tx)
        pictures = {
            seen.camera: seen for seen in observing.current(tx) if seen.kind is ObservationKind.PICTURE
        }
        told = watching.told(tx)
        for place in halls:
            for camera, health in zip(place.cameras, camera_health(tx, place), strict=True):
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
def reset_reference_view(visitor: Officer, given: Given, camera: Name) -> None:
    """Confirm that a camera now shows what it should: its reference view is forgotten and learnt anew.

    Zones are judged again some seconds later. Draw them anew first if the camera shows another part.
    """
    now = given.clock.now()
    with given.database.write() as tx:
        hall, known = given.halls.camera(tx, camera)
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


def _hall_view(hall: HallSettings, runs: dict[CameraId, Run]) -> HallView:
    return HallView(
        id=hall.id,
        name=hall.name,
        level=hall.level,
        timezone=hall.timezone,
        schedule=hall.schedule,
        units=hall.units,
        staff=hall.staff,
        windows=hall.windows,
        cameras=tuple(_camera_view(hall, camera, runs.get(camera.id)) for camera in hall.cameras),
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
