"""Layouts of the live wall: an officer's own, kept on the server, so that any desk shows them.

A camera out of reach is left out, whether there is such a camera or not: a pane is then empty.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field, StringConstraints

from console.access import scope
from console.access.gate import may
from console.access.visitor import Visitor
from console.api.asked import Name
from console.api.shapes import PRINTABLE, Page
from console.dependencies import Dependencies, Given
from hall.config import HallSettings
from hall.errors import NotFound, RequestRefused
from hall.live_layout import LiveLayout, Panes, arranged
from hall.names import CameraId, HallId
from hall.permissions import Permission
from hall.place import Strict
from store import audit, live_layouts
from store.database import Read, Write

router = APIRouter(prefix="/live/layouts", tags=["live"])

Viewer = Annotated[Visitor, may(Permission.LIVE)]

LayoutName = Annotated[
    str, StringConstraints(min_length=1, max_length=60, pattern=PRINTABLE, strip_whitespace=True)
]
Named = Annotated[str, Path(min_length=1, max_length=60, pattern=PRINTABLE)]


class LayoutRequest(Strict):
    """A wall of a hall. `cameras` row by row from the top left, null for an empty pane."""

    hall: Name
    panes: Panes
    cameras: Annotated[list[Name | None], Field(max_length=16)]


class ShownRequest(LayoutRequest):
    """What is on the wall now, and the saved layout that it was begun from, if any."""

    shown_as: LayoutName | None = None


class LayoutView(BaseModel):
    """A layout: `cameras` has `panes` members, and only cameras within reach."""

    name: str
    hall: HallId
    panes: Panes
    cameras: list[CameraId | None]
    changed_at: datetime

    @classmethod
    def of(cls, layout: LiveLayout, within: frozenset[CameraId]) -> LayoutView:
        """The view of a layout for who may see these cameras."""
        return cls.model_validate(
            {
                "name": layout.name or layout.shown_as,
                "hall": layout.hall,
                "panes": layout.panes,
                "cameras": [camera if camera in within else None for camera in layout.cameras],
                "changed_at": layout.changed_at,
            }
        )


class LayoutList(Page[LayoutView]):
    """Saved layouts by name. `shown` is what was on the wall last, under the name it was begun from."""

    shown: LayoutView | None


@router.get("", response_model=LayoutList)
def list_layouts(visitor: Viewer, given: Given, hall: Name | None = None) -> LayoutList:
    """The own layouts of a hall, or of the first one."""
    with given.database.read() as tx:
        place = scope.hall(visitor, given, tx, hall)
        found = live_layouts.layouts_of(tx, visitor.user.id, place.id)
    within = _within(visitor, place)
    shown = next((LayoutView.of(layout, within) for layout in found if not layout.name), None)
    return LayoutList(items=[LayoutView.of(layout, within) for layout in found if layout.name], shown=shown)


@router.put("", response_model=LayoutView)
def keep_shown(visitor: Viewer, given: Given, asked: ShownRequest) -> LayoutView:
    """Remember what is on the wall. It is no change of anything but that, and stands in no audit trail."""
    with given.database.write() as tx:
        place = _hall(visitor, given, tx, asked.hall)
        layout = _asked(visitor, place, asked, given.clock.now(), shown_as=asked.shown_as or "")
        live_layouts.keep(tx, visitor.user.id, layout)
    return LayoutView.of(layout, _within(visitor, place))


@router.put("/{layout}", response_model=LayoutView)
def save_layout(visitor: Viewer, given: Given, layout: Named, asked: LayoutRequest) -> LayoutView:
    """Save a layout under a name, in the place of the one that has it. 409 beyond fifty of a hall."""
    name = layout.strip()
    if not name:
        raise RequestRefused("layout", "needs a name")
    with given.database.write() as tx:
        place = _hall(visitor, given, tx, asked.hall)
        kept = _asked(visitor, place, asked, given.clock.now(), name=name)
        live_layouts.keep(tx, visitor.user.id, kept)
        _note(tx, visitor, kept.changed_at, "live_layout_save", place, name)
    return LayoutView.of(kept, _within(visitor, place))


@router.delete("/{layout}", status_code=204)
def remove_layout(visitor: Viewer, given: Given, layout: Named, hall: Name | None = None) -> None:
    """Remove a saved layout of a hall, or of the first one."""
    name = layout.strip()
    with given.database.write() as tx:
        place = scope.hall(visitor, given, tx, hall)
        live_layouts.remove(tx, visitor.user.id, place.id, name)
        _note(tx, visitor, given.clock.now(), "live_layout_remove", place, name)


def _hall(visitor: Visitor, given: Dependencies, tx: Read, asked: str) -> HallSettings:
    """The hall that a request names. Raises RequestRefused for one out of reach, as for none."""
    try:
        return scope.hall(visitor, given, tx, asked)
    except NotFound as error:
        raise RequestRefused("hall", f"there is no hall '{asked}'") from error


def _within(visitor: Visitor, hall: HallSettings) -> frozenset[CameraId]:
    """The cameras of a hall that the visitor may see."""
    return frozenset(camera.id for camera in hall.cameras if visitor.rights.sees_camera(camera.id))


def _asked(
    visitor: Visitor,
    hall: HallSettings,
    asked: LayoutRequest,
    now: datetime,
    *,
    name: str = "",
    shown_as: str = "",
) -> LiveLayout:
    """The layout of a request, without the cameras out of reach."""
    within = _within(visitor, hall)
    named = [CameraId(camera) if camera in within else None for camera in asked.cameras]
    return LiveLayout(hall.id, asked.panes, arranged(named, asked.panes), now, name, shown_as)


def _note(tx: Write, visitor: Visitor, at: datetime, action: str, hall: HallSettings, name: str) -> None:
    audit.record(
        tx,
        at=at,
        who=visitor.user.name,
        action=action,
        subject=f"layout:{name}",
        detail=f"hall {hall.id}",
        address=visitor.address,
    )
