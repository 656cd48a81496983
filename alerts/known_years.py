"""Whether the calendar knows the days that limits and opening hours rest on; said when it does not."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import structlog

from alerts.metrics import CALENDAR_ASSUMED
from hall.calendar import WorkCalendar

AHEAD = timedelta(days=30)
"""How long before a year begins it should be known: its arrangement is published in November."""

log = structlog.get_logger(__name__)


class KnownYears:
    """Warns once a day, and keeps the metric. Looking again on the same day costs nothing."""

    def __init__(self) -> None:
        self._looked_at: tuple[WorkCalendar, date] | None = None

    def look(self, calendar: WorkCalendar, at: datetime) -> None:
        """Say which of the years that matter at `at` are not completely known."""
        if self._looked_at is not None and self._looked_at[1] == at.date() and self._looked_at[0] is calendar:
            return
        self._looked_at = calendar, at.date()
        assumed = calendar.assumed(at.date(), (at + AHEAD).date())
        CALENDAR_ASSUMED.set(len(assumed))
        for year in assumed:
            log.warning(
                "the calendar does not know this year completely; enter it with 'hallwatch calendar import'",
                year=year,
                known=calendar.completeness(year).value,
            )
