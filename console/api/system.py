"""How the system is: for who looks after it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from console.access.gate import may
from console.access.visitor import Visitor
from console.api.asked import Name
from console.api.guide_shapes import Guide
from console.api.storage_shapes import Storage
from console.api.system_shapes import SystemHealth
from console.dependencies import Given
from console.system import beginning, keeping, reading
from hall.permissions import Permission

router = APIRouter(prefix="/system", tags=["system"])

Looker = Annotated[Visitor, may(Permission.SYSTEM)]


@router.get("", response_model=SystemHealth)
def read_system(visitor: Looker, given: Given) -> SystemHealth:
    """Processes, lateness, drops, clocks, disks, what waits, and what is in force."""
    return reading.health(visitor, given)


@router.get("/storage", response_model=Storage)
def read_storage(visitor: Looker, given: Given) -> Storage:
    """What each camera takes a day and holds, what locks keep, and what retention deletes next."""
    return keeping.storage(visitor, given)


@router.get("/guide", response_model=Guide)
def read_guide(
    visitor: Annotated[Visitor, may(Permission.CONFIGURE)], given: Given, hall: Name | None = None
) -> Guide:
    """How far a hall is set up: its first steps, each with what is there already."""
    return beginning.guide(visitor, given, hall)
