"""Silences: alerts that are found and shown, but that nobody outside is told of for a while.

Who may silence what stands here as well. A silence ends by itself; whoever may make one may end any, because
that only makes things louder.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from hall.errors import NotPermitted, RequestRefused
from hall.finding import Alert, AlertKind, Severity
from hall.interval import Interval
from hall.names import CameraId, HallId, SilenceId, WindowId
from hall.roles import Role

LONGEST = timedelta(days=31)
LONGEST_OF_OFFICERS = timedelta(hours=24)
MAY = frozenset({Role.OFFICER, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Matcher:
    """Alerts of one hall that fit every member that is given; an empty member fits all.

    `cameras` mean alerts about such a camera, and alerts whose subject no other camera shows: a camera that
    is being cleaned hides nothing that another one sees as well.
    """

    hall: HallId
    windows: tuple[WindowId, ...] = ()
    cameras: tuple[CameraId, ...] = ()
    kinds: tuple[AlertKind, ...] = ()
    severities: tuple[Severity, ...] = ()

    def matches(self, alert: Alert) -> bool:
        """Whether an alert is meant."""
        return (
            alert.subject.hall == self.hall
            and (not self.windows or alert.subject.window in self.windows)
            and (not self.cameras or self._is_seen_by_these_alone(alert))
            and (not self.kinds or alert.kind in self.kinds)
            and (not self.severities or alert.severity in self.severities)
        )

    def _is_seen_by_these_alone(self, alert: Alert) -> bool:
        if alert.subject.camera is not None:
            return alert.subject.camera in self.cameras
        return bool(alert.cameras) and set(alert.cameras) <= set(self.cameras)


@dataclass(frozen=True, slots=True)
class Silence:
    """What `matcher` means is told to nobody over `interval` (closed), or until `ended_at`."""

    id: SilenceId
    matcher: Matcher
    interval: Interval
    author: str
    reason: str
    created_at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None

    @property
    def in_force(self) -> Interval:
        """When it really held or will hold. Empty where it was ended before it began."""
        start, end = self.interval.start, self.interval.end
        if end is None:
            raise ValueError("a silence needs an end")
        if self.ended_at is not None:
            end = max(start, min(end, self.ended_at))
        return Interval(start, end)

    def holds(self, at: datetime) -> bool:
        """True at a moment at which it holds."""
        return self.in_force.contains(at)


def silence_of(alert: Alert, silences: Iterable[Silence], at: datetime) -> Silence | None:
    """The silence that covers an alert at a moment: of several the one that holds longest."""
    found = [silence for silence in silences if silence.holds(at) and silence.matcher.matches(alert)]
    return max(found, key=lambda silence: (silence.in_force.end or at, silence.id), default=None)


def is_silenced(alert: Alert, silences: Iterable[Silence], at: datetime) -> bool:
    """Whether an alert is told to nobody at a moment."""
    return silence_of(alert, silences, at) is not None


def check(silence: Silence, role: Role, now: datetime) -> None:
    """Whether a user of this role may make this silence now. Raises NotPermitted or RequestRefused."""
    _check_role(role)
    start, end = silence.in_force.start, silence.interval.end
    if start < now:
        raise RequestRefused("from", "lies in the past: what was told cannot be taken back")
    if end is None or end <= start:
        raise RequestRefused("to", "must lie after 'from'")
    if end - start > LONGEST:
        raise RequestRefused("to", f"must lie within {LONGEST} of 'from'")
    if role is Role.ADMINISTRATOR:
        return
    if end - now > LONGEST_OF_OFFICERS:
        raise NotPermitted("only an administrator may silence further than 24 hours ahead")
    if not silence.matcher.severities or Severity.SERIOUS in silence.matcher.severities:
        raise NotPermitted("only an administrator may silence serious alerts: name the other severities")


def check_ending(role: Role) -> None:
    """Whether a user of this role may end a silence. Raises NotPermitted."""
    _check_role(role)


def _check_role(role: Role) -> None:
    if role not in MAY:
        raise NotPermitted(f"a user of role {role} may not silence alerts")
