"""Cases (办理件): what a serial number stands for, from its acceptance to its close, over days and weeks.

A transaction is what happens at a window within minutes; a case lasts until the decision, most of the time
where no camera and no queue sees it. Its limits are counted in working days.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from hall.interval import Interval
from hall.names import HallId, StaffId, WindowId


@dataclass(frozen=True, slots=True)
class Extension:
    """A decision (延期) of `at` that adds working days to the limits of a case."""

    at: datetime
    days: int


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a hall.

    `suspended` are the stretches in which its limits do not run (特别程序, 补正); the last one is open
    while it lasts. `extended_days` are working days added to its limits in all, `extensions` the decisions
    about them, in order; of what was told long ago only the sum may be known. `withdrawn`: its acceptance was
    corrected away, there never was such a case; it is closed then, at its beginning.
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
    extensions: tuple[Extension, ...] = ()

    @property
    def is_known_in_time(self) -> bool:
        """Whether it is known of each extension when it was decided."""
        return self.extended_days == sum(one.days for one in self.extensions)

    def then(self, at: datetime) -> Case:
        """The case as it stood at a moment, by all that is known now.

        An extension of which it is not known when it was decided stood all the time.
        """
        later = tuple(one for one in self.extensions if one.at > at)
        begun = [one for one in self.suspended if one.start <= at]
        return replace(
            self,
            suspended=tuple(Interval(one.start) if one.end is None or one.end > at else one for one in begun),
            extended_days=self.extended_days - sum(one.days for one in later),
            extensions=self.extensions[: len(self.extensions) - len(later)],
            closed_at=None if self.closed_at is None or self.closed_at > at else self.closed_at,
        )

    @property
    def suspension(self) -> Interval | None:
        """The suspension that lasts, or None."""
        last = self.suspended[-1:]
        return last[0] if last and last[0].is_open and self.closed_at is None else None
