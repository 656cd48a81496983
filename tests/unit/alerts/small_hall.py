"""A small hall and short ways to write its facts, for the tests of alerts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hall.config import Configuration, HallSettings, parse_configuration
from hall.interval import Interval
from hall.media import Gap, GapReason
from hall.names import CameraId, HallId, RuleId, TicketId, WindowId, ZoneId
from hall.observing import Observation, ObservationKind, Presence
from hall.queueing import PauseReason, Ticket, TicketStatus, WindowState, WindowStatus
from hall.rule import AbsenceRule

TEN = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
"""Monday 10:00 in Shanghai: the hall has been open for an hour."""
HALL = HallId("gulou")
W1, W3 = WindowId("w01"), WindowId("w03")
C1, C2 = CameraId("c01"), CameraId("c02")
ALL = Interval(datetime(2026, 1, 1, tzinfo=UTC))

YAML = """
halls:
- id: gulou
  name: {zh: 鼓楼区政务服务中心, en: Gulou service hall}
  units: [{id: civil, name: {zh: 民政局, en: Civil affairs}}]
  windows:
  - {id: w01, number: "1", name: {zh: 婚姻登记, en: Marriage}, unit: civil}
  - {id: w03, number: "3", name: {zh: 社会保险, en: Social insurance}, unit: civil}
  cameras:
  - id: c01
    name: {zh: 东侧, en: East side}
    url: rtsp://127.0.0.1/c01
    zones:
    - {id: s1, role: staff, window: w01, polygon: [[0, 0], [0.4, 0], [0.4, 1], [0, 1]]}
    - {id: s3, role: staff, window: w03, polygon: [[0.5, 0], [1, 0], [1, 1], [0.5, 1]]}
  - id: c02
    name: {zh: 西侧, en: West side}
    url: rtsp://127.0.0.1/c02
    zones:
    - {id: s3, role: staff, window: w03, polygon: [[0, 0], [1, 0], [1, 1], [0, 1]]}
  rules:
  - {id: absence, kind: absence, limit_seconds: 15, stale_seconds: 10, allowed_pauses: {break: 60}}
  - {id: overlong-wait, kind: overlong_wait, limit_seconds: 600}
  - {id: camera-fault, kind: camera_fault, limit_seconds: 30}
"""


def configuration(**changes: object) -> Configuration:
    """The hall above; `changes` replace members of the hall (as `rules` or `schedule`)."""
    settings = parse_configuration(YAML)
    return settings.model_copy(update={"halls": (settings.halls[0].model_copy(update=changes),)})


def settings(**changes: object) -> HallSettings:
    """The only hall of `configuration`."""
    return configuration(**changes).halls[0]


ABSENCE = AbsenceRule(
    id=RuleId("absence"), limit_seconds=15, stale_seconds=10, allowed_pauses={PauseReason.BREAK: 60.0}
)


def after(seconds: float) -> datetime:
    """So many seconds after ten o'clock."""
    return TEN + timedelta(seconds=seconds)


def over(start: float, end: float | None = None) -> Interval:
    """From and to, in seconds after ten o'clock."""
    return Interval(after(start), None if end is None else after(end))


def seen(
    state: Presence,
    start: float,
    end: float | None = None,
    *,
    camera: CameraId = C1,
    zone: str = "s3",
    window: WindowId = W3,
) -> Observation:
    """Presence in a staff zone, of window 3 unless said otherwise."""
    return Observation(
        ObservationKind.PRESENCE, camera, ZoneId(zone), window, over(start, end), state.value, source="test@1"
    )


def status(
    state: WindowState,
    start: float,
    end: float | None = None,
    *,
    reason: PauseReason | None = None,
    window: WindowId = W3,
) -> WindowStatus:
    """A state of window 3 unless said otherwise."""
    return WindowStatus(HALL, window, state, over(start, end), reason=reason)


def ticket(
    number: str = "A012", taken: float = 0, called: float | None = None, state: TicketStatus | None = None
) -> Ticket:
    """A ticket; one that was called is `called` unless said otherwise."""
    waiting = Ticket(
        TicketId(f"gulou-20260302-{number}"),
        HALL,
        number,
        None,
        TicketStatus.WAITING,
        taken_at=after(taken),
        waiting_since=after(taken),
    )
    if called is not None:
        waiting = replace(waiting, called_at=after(called), status=TicketStatus.CALLED, window=W3)
    return replace(waiting, status=state) if state is not None else waiting


def gap(reason: GapReason, start: float, end: float | None = None, camera: CameraId = C1) -> Gap:
    """Time without a recording."""
    return Gap(camera, over(start, end), reason)
