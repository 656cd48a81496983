"""What the rules about transactions and cases judge: the steps of a service, and the days of a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from hall.calendar import WorkCalendar
from hall.case import Case
from hall.config import HallSettings
from hall.finding import Subject
from hall.names import CameraId
from hall.queueing import Period, Transaction
from hall.time_limit import HallDays


def day_end(hall: HallSettings, began: datetime) -> datetime:
    """When what began at a window counts as over though nobody ended it: with its local day.

    In a hall that never closes: after 24 hours.
    """
    if hall.schedule.always:
        return began + timedelta(days=1)
    zone = hall.zone_info
    next_day = began.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(next_day, time(0), zone).astimezone(began.tzinfo)


@dataclass(frozen=True, slots=True)
class Service:
    """One transaction at a window and its periods, in any order."""

    hall: HallSettings
    transaction: Transaction
    periods: tuple[Period, ...] = ()

    @property
    def subject(self) -> Subject:
        """What an alert about this transaction names: also its ticket and its window."""
        transaction = self.transaction
        return Subject(
            self.hall.id,
            window=transaction.window,
            ticket=transaction.ticket,
            ticket_number=transaction.ticket_number,
            transaction=transaction.id,
        )

    @property
    def cameras(self) -> tuple[CameraId, ...]:
        """The cameras that show the window."""
        return self.hall.cameras_of(self.transaction.window)

    @property
    def expires(self) -> datetime:
        """When it counts as over though nobody ended it."""
        return day_end(self.hall, self.transaction.interval.start)


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One case and the calendar that its limits are counted by."""

    hall: HallSettings
    case: Case
    calendar: WorkCalendar

    @property
    def subject(self) -> Subject:
        """What an alert about this case names."""
        return Subject(self.hall.id, serial=self.case.serial)

    @property
    def cameras(self) -> tuple[CameraId, ...]:
        """None: most of it happens where no camera is."""
        return ()

    @property
    def days(self) -> HallDays:
        """The days of its hall, whose opening hours follow the calendar already."""
        return HallDays(self.calendar, self.hall.schedule, self.hall.zone_info)
