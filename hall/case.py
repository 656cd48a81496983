"""Cases (办理件): what a serial number stands for, from its acceptance to its close, over days and weeks.

A transaction is what happens at a window within minutes; a case lasts until the decision, most of the time
where no camera and no queue sees it. Its limits are counted in working days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hall.interval import Interval
from hall.names import HallId, StaffId, WindowId


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a hall.

    `suspended` are the stretches in which its limits do not run (特别程序, 补正); the last one is open
    while it lasts. `extended_days` are working days added to its limits by decision (延期). `withdrawn`: its
    acceptance was corrected away, there never was such a case; it is closed then, at its beginning.
    """

    hall: HallId
    serial: str
    item: str | None
    accepted_at: datetime
    window: WindowId | None = None
    staff: StaffId | None = None
    suspended: tuple[Interval, ...] = ()
    extended_days: int = 0
    closed_at: datetime | None = None
    withdrawn: bool = False

    @property
    def suspension(self) -> Interval | None:
        """The suspension that lasts, or None."""
        last = self.suspended[-1:]
        return last[0] if last and last[0].is_open and self.closed_at is None else None
