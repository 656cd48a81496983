"""When the alerts of a hall are not told: in quiet hours, silenced, or told of by one of their hall.

Pure. Between two edges (a silence begins or ends, hours begin or end, the hall opens or closes) nothing
changes, so all is judged at edges.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from alerts.inhibition import Cover, is_covered
from hall.config import HallSettings
from hall.finding import Alert, Severity
from hall.silencing import Silence, is_silenced

FURTHEST = timedelta(days=60)
"""Nothing is looked for further ahead: a hall that stays closed for longer is looked at again by then."""
A_DAY = timedelta(days=1)
RANK = {severity: rank for rank, severity in enumerate(Severity)}
"""How serious each severity is: they stand in this order."""


@dataclass(frozen=True, slots=True)
class Mutes:
    """What keeps the alerts of one hall from being told; `hall` is None when it left the configuration."""

    hall: HallSettings | None
    silences: tuple[Silence, ...] = ()
    covers: tuple[Cover, ...] = ()

    def is_muted(self, alert: Alert, at: datetime) -> bool:
        """Whether nobody is told of an alert at a moment."""
        if is_silenced(alert, self.silences, at) or is_covered(alert, self.covers, at):
            return True
        return self._is_quiet(alert.severity, at)

    def end(self, alert: Alert, at: datetime) -> datetime | None:
        """The first moment from `at` on at which an alert is told; None: none is in sight."""
        if not self.is_muted(alert, at):
            return at
        return next((edge for edge in self._edges(at) if not self.is_muted(alert, edge)), None)

    def after(self, alert: Alert, since: datetime, length: timedelta) -> datetime | None:
        """When an alert has stood for so long since a moment, muted time not counted; None: not in sight."""
        begun = since
        for edge in self._edges(since):
            if not self.is_muted(alert, begun):
                if edge - begun >= length:
                    return begun + length
                length -= edge - begun
            begun = edge
        return None if self.is_muted(alert, begun) else begun + length

    def _is_quiet(self, severity: Severity, at: datetime) -> bool:
        if self.hall is None or RANK[severity] >= RANK[self.hall.quiet.unless]:
            return False
        quiet, zone = self.hall.quiet, self.hall.zone_info
        if any(hours.holds(at.astimezone(zone).time()) for hours in quiet.hours):
            return True
        return quiet.when_closed and self.hall.schedule.open_at(at, zone) is None

    def _edges(self, after: datetime) -> Iterator[datetime]:
        """Every moment after `after` at which something may change, in order, up to FURTHEST ahead."""
        stretches = [silence.in_force for silence in self.silences]
        stretches += [cover.interval for cover in self.covers]
        bounds = {edge for stretch in stretches for edge in (stretch.start, stretch.end) if edge}
        last = after + FURTHEST
        if self.hall is None or not (self.hall.quiet.hours or self.hall.quiet.when_closed):
            yield from sorted(edge for edge in bounds if after < edge <= last)
            return
        day, at = after.astimezone(self.hall.zone_info).date() - A_DAY, after
        while at < last:
            following = day + A_DAY
            until = datetime.combine(following, datetime.min.time(), self.hall.zone_info).astimezone(UTC)
            today = {edge for edge in bounds | self._edges_of(self.hall, day) if at < edge <= until}
            yield from sorted(edge for edge in today if edge <= last)
            day, at = following, max(at, until)

    @staticmethod
    def _edges_of(hall: HallSettings, day: date) -> set[datetime]:
        """The edges of a local day's hours and opening times, in UTC."""
        zone = hall.zone_info
        times = {time for hours in hall.quiet.hours for time in (hours.start, hours.end)}
        edges = {datetime.combine(day, time, zone).astimezone(UTC) for time in times}
        if hall.quiet.when_closed:
            for opening in hall.schedule.intervals_on(day, zone):
                edges |= {opening.start, opening.end or opening.start}
        return edges
