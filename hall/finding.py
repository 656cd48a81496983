"""Verdicts, alerts and flips: what a rule finds, of whom, with its reason, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from hall.interval import Interval
from hall.names import AlertId, CameraId, HallId, RuleId, TransactionId, WindowId

LONGEST_NAME = 120
"""Characters of a folder in a subject's name: its end tells it apart."""


class AlertKind(StrEnum):
    """What is found."""

    ABSENCE = "absence"
    UNATTENDED_CUSTOMER = "unattended_customer"
    OVERLONG_WAIT = "overlong_wait"
    CROWDING = "crowding"
    CAMERA_FAULT = "camera_fault"
    DISK = "disk"
    CALLED_NOT_SERVED = "called_not_served"
    OVERDUE_STEP = "overdue_step"
    OVERDUE_TRANSACTION = "overdue_transaction"
    OVERLONG_PAUSE = "overlong_pause"
    LONG_QUEUE = "long_queue"
    DISPUTE = "dispute"
    AUDIO_FAULT = "audio_fault"
    RECORDING_GAP = "recording_gap"
    DETECTOR_STALE = "detector_stale"


class Severity(StrEnum):
    """How serious a finding is: 提醒, 预警, 严重."""

    ATTENTION = "attention"
    WARNING = "warning"
    SERIOUS = "serious"


class AlertStatus(StrEnum):
    """Where an alert stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, in words: a message key of the screens, its values, and the finished sentence in both languages.

    `key` and `values` let a screen or a notifier write its own sentence; `zh` and `en` are shown as
    they are.
    """

    key: str
    values: dict[str, str]
    zh: str
    en: str


class Standing(StrEnum):
    """What a rule says of a subject at one moment."""

    CLEAR = "clear"
    FOUND = "found"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of one subject at one moment, with its reason.

    `since` is when the cause began (for FOUND). `due` is the earliest moment at which the verdict can
    change by the passing of time alone; None when only a new fact can change it. `ended_at` is when a
    cause that had been found ended, if the facts tell (for CLEAR). `severity` is that of the finding where it
    is not the rule's, and may change while it lasts. `reached_at` is when the limit was reached where that is
    not the rule's `limit_seconds` after `since`. `cameras` are those that show it, where these are not all of
    the subject's.
    """

    standing: Standing
    reason: Reason
    since: datetime | None = None
    due: datetime | None = None
    ended_at: datetime | None = None
    severity: Severity | None = None
    reached_at: datetime | None = None
    cameras: tuple[CameraId, ...] | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What an alert is about: a window, a ticket (by its number and id), a camera, or a disk (its folder).

    Or a transaction, beside which its ticket and window are named, or a case (by its serial number). Without
    any of them it is about the hall.
    """

    hall: HallId
    window: WindowId | None = None
    camera: CameraId | None = None
    ticket: str | None = None
    ticket_number: str | None = None
    disk: str | None = None
    transaction: TransactionId | None = None
    serial: str | None = None

    @property
    def name(self) -> str:
        """A stable text for uniqueness, as `window:w03`."""
        if self.serial is not None:
            return f"case:{self.serial}"
        if self.transaction is not None:
            return f"transaction:{self.transaction}"
        if self.ticket is not None:
            return f"ticket:{self.ticket}"
        if self.window is not None:
            return f"window:{self.window}"
        if self.disk is not None:
            return f"disk:{self.disk[-LONGEST_NAME:]}"
        if self.camera is not None:
            return f"camera:{self.camera}"
        return f"hall:{self.hall}"


@dataclass(frozen=True, slots=True)
class Alert:
    """A finding under a rule over an interval (open while its cause lasts).

    `cameras` are those that show the subject, for jumping to the picture. `revision` grows with each
    flip: a change made against an older revision is refused. `assignee` is the name of the user who follows
    it up. Until `snoozed_until` it is out of sight. `level` is the highest step of the escalation chain that
    was told, 0 for none; it never falls.
    """

    id: AlertId
    kind: AlertKind
    rule: RuleId
    rule_version: int
    severity: Severity
    status: AlertStatus
    subject: Subject
    interval: Interval
    opened_at: datetime
    reason: Reason
    revision: int
    cameras: tuple[CameraId, ...] = field(default=())
    assignee: str | None = None
    snoozed_until: datetime | None = None
    level: int = 0

    @property
    def stands(self) -> bool:
        """True while an officer has to know of it: open or acknowledged."""
        return self.status in (AlertStatus.OPEN, AlertStatus.ACKNOWLEDGED)


class Actor(StrEnum):
    """Who or what changed an alert."""

    EVALUATOR = "evaluator"
    OFFICER = "officer"


class FlipKind(StrEnum):
    """What a flip changed. The end of a cause is told by `status`, also when a dismissed alert stays so."""

    STATUS = "status"
    SEVERITY = "severity"
    ASSIGNMENT = "assignment"
    COMMENT = "comment"
    SNOOZE = "snooze"
    ESCALATION = "escalation"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True)
class Flip:
    """One change of an alert: from what to what, who, when and why.

    `after`, `severity`, `assignee`, `snoozed_until` and `level` are the alert's from this flip on: an alert
    is as its last flip left it.
    """

    alert: AlertId
    revision: int
    at: datetime
    before: AlertStatus | None
    after: AlertStatus
    severity: Severity
    actor: Actor
    who: str
    reason: Reason
    kind: FlipKind = FlipKind.STATUS
    assignee: str | None = None
    snoozed_until: datetime | None = None
    level: int = 0
