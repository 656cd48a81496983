"""How the system is: for who looks after it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from console.access.gate import may
from console.access.visitor import Visitor
from console.api.system_shapes import SystemHealth
from console.dependencies import Given
from console.system import reading
from hall.permissions import Permission

router = APIRouter(prefix="/system", tags=["system"])

Looker = Annotated[Visitor, may(Permission.SYSTEM)]


@router.get("", response_model=SystemHealth)
def read_system(visitor: Looker, given: Given) -> SystemHealth:
    """Processes, lateness, drops, clocks, disks, what waits, and what is in force."""
    return reading.health(visitor, given)
