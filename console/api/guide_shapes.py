"""The first steps of a hall, as the API shows them."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from hall.names import CameraId, HallId


class CamerasStep(BaseModel):
    """Done once something of a camera is recorded."""

    done: bool
    cameras: int
    recorded: int


class ZonesStep(BaseModel):
    """Done once every window has a staff zone. `camera` is the first one without any zone."""

    done: bool
    windows_unseen: int
    camera: CameraId | None


class PlacesStep(BaseModel):
    """Always done: a hall has a window and a unit. The counts say whether that is all."""

    done: bool
    windows: int
    units: int
    staff: int


class QueueStep(BaseModel):
    """Done once an event came. `keys` may post events of this hall, `asked` queue systems are asked."""

    done: bool
    keys: int
    asked: int
    first_event_at: datetime | None


class RulesStep(BaseModel):
    """Done once a rule is in force and a notifier's trial reached its receiver."""

    done: bool
    rules: int
    notifiers: int
    tried: int


class UsersStep(BaseModel):
    """Done once somebody else may log in."""

    done: bool
    others: int


class Guide(BaseModel):
    """How far a hall is set up, by facts; `done` of six steps."""

    hall: HallId
    done: int
    cameras: CamerasStep
    zones: ZonesStep
    places: PlacesStep
    queue: QueueStep
    rules: RulesStep
    users: UsersStep
