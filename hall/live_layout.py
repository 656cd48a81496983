"""Layouts of the live wall: which camera stands in which pane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, get_args

from hall.names import CameraId, HallId

Panes = Literal[1, 4, 9, 16]
PANES: Final[tuple[int, ...]] = get_args(Panes)
"""How many pictures a wall may show at once."""


@dataclass(frozen=True, slots=True)
class LiveLayout:
    """One officer's arrangement of a hall's cameras.

    `cameras` has exactly `panes` members, row by row from the top left; None is an empty pane. `name` is
    empty for what the officer has on the wall now; `shown_as` is then the saved layout it was begun from,
    or empty.
    """

    hall: HallId
    panes: int
    cameras: tuple[CameraId | None, ...]
    changed_at: datetime
    name: str = ""
    shown_as: str = field(default="")

    def __post_init__(self) -> None:
        """Raises ValueError for a wall of another size, or another number of cameras."""
        if self.panes not in PANES or len(self.cameras) != self.panes:
            raise ValueError(f"a wall of {self.panes} panes does not hold {len(self.cameras)} cameras")


def arranged(cameras: Sequence[CameraId | None], panes: int) -> tuple[CameraId | None, ...]:
    """Exactly `panes` members: each camera where it stands first, what lies beyond left out."""
    seen: set[CameraId] = set()
    kept: list[CameraId | None] = []
    for camera in cameras[:panes]:
        is_new = camera is not None and camera not in seen
        kept.append(camera if is_new else None)
        if camera is not None:
            seen.add(camera)
    return (*kept, *(None,) * (panes - len(kept)))
