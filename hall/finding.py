"""Rules, verdicts, alerts and flips: from a limit in a regulation to a finding with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from hall.interval import Interval
from hall.names import AlertId, CameraId, HallId, RuleId, TransactionId, WindowId
from hall.place import Strict, Text
from hall.queueing import PauseReason, Step

LONGEST_NAME = 120
"""Characters of a folder in a subject's name: its end tells it apart."""
CALM_SHARE = 0.9
"""Of a limit of people: a crowd whose count moves about its limit is one crowd."""


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


class RuleBase(Strict):
    """What every rule has. `version` grows with each change; `basis` says where the number comes from."""

    id: RuleId
    version: Annotated[int, Field(ge=1)] = 1
    severity: Severity = Severity.WARNING
    enabled: bool = True
    basis: Text | None = None


class WatchedRule(RuleBase):
    """What rules have that are judged by cameras: one without a sample for `stale_seconds` cannot see."""

    stale_seconds: Annotated[float, Field(gt=0, le=3600)] = 30


class StaffedRule(WatchedRule):
    """What rules about windows that are due to be staffed have.

    `allowed_pauses` gives, per permitted reason, how many seconds a pause excuses an empty post.
    """

    allowed_pauses: dict[PauseReason, Annotated[float, Field(gt=0, le=86400)]] = Field(
        default_factory=lambda: {PauseReason.BREAK: 600.0, PauseReason.BACK_OFFICE: 1800.0}
    )


class AbsenceRule(StaffedRule):
    """An attended window without staff for longer than `limit_seconds`, unless excused."""

    kind: Literal["absence"] = "absence"
    limit_seconds: Annotated[float, Field(gt=0, le=86400)] = 300


class UnattendedCustomerRule(StaffedRule):
    """A customer who has stood at an attended window without staff for `limit_seconds`, unless excused.

    The place in front of the window may be seen empty for less than `gap_seconds` in between: whether it is
    the same person is not known, and people turn away, step aside or change places.
    """

    kind: Literal["unattended_customer"] = "unattended_customer"
    limit_seconds: Annotated[float, Field(gt=0, le=86400)] = 180
    gap_seconds: Annotated[float, Field(ge=0, le=300)] = 15


class OverlongWaitRule(RuleBase):
    """A ticket that has waited for its call longer than `limit_seconds`."""

    kind: Literal["overlong_wait"] = "overlong_wait"
    limit_seconds: Annotated[float, Field(gt=0, le=86400)] = 1800


class CrowdingRule(WatchedRule):
    """At least `limit_people` in the waiting zones for `limit_seconds`, until fewer than `calm_people`.

    Without `calm_people`: fewer than nine tenths of the limit. With `cameras` only their zones are added up,
    else all of the hall.
    """

    kind: Literal["crowding"] = "crowding"
    limit_people: Annotated[int, Field(ge=1, le=10_000)]
    calm_people: Annotated[int | None, Field(ge=1, le=10_000)] = None
    limit_seconds: Annotated[float, Field(gt=0, le=86400)] = 300
    cameras: tuple[CameraId, ...] = ()

    @property
    def calm_below(self) -> float:
        """Fewer people than this end a finding."""
        return CALM_SHARE * self.limit_people if self.calm_people is None else float(self.calm_people)


class CameraFaultRule(RuleBase):
    """A camera that has delivered nothing for longer than `limit_seconds`."""

    kind: Literal["camera_fault"] = "camera_fault"
    limit_seconds: Annotated[float, Field(gt=0, le=86400)] = 30


class DiskRule(RuleBase):
    """A disk of recordings that is running short, full or out of reach for longer than `limit_seconds`.

    Disks belong to no hall: the alert is one of the first hall of the configuration, under its rules.
    """

    kind: Literal["disk"] = "disk"
    limit_seconds: Annotated[float, Field(ge=0, le=86400)] = 0


Seconds = Annotated[float, Field(gt=0, le=86400)]


class CalledNotServedRule(RuleBase):
    """A ticket whose call stands for longer than `limit_seconds`: not served, passed over or put on hold."""

    kind: Literal["called_not_served"] = "called_not_served"
    limit_seconds: Seconds = 300


class OverdueStepRule(RuleBase):
    """A step of a transaction at a window that lasts longer than its limit.

    `items` has the limits for the steps of single items, `steps` for those of all others; where neither names
    the step it is `limit_seconds`.
    """

    kind: Literal["overdue_step"] = "overdue_step"
    limit_seconds: Seconds = 1800
    steps: dict[Step, Seconds] = Field(default_factory=dict)
    items: dict[str, dict[Step, Seconds]] = Field(default_factory=dict)

    def limit_of(self, step: Step, item: str | None) -> timedelta:
        """How long a step of an item may last."""
        of_item = self.items.get(item, {}) if item is not None else {}
        return timedelta(seconds=of_item.get(step, self.steps.get(step, self.limit_seconds)))


class LimitKind(StrEnum):
    """Which of an item's two limits."""

    PROMISED = "promised"
    STATUTORY = "statutory"


class OverdueTransactionRule(RuleBase):
    """A case whose `limit`, in working days as its item says, comes to its end or is over.

    It is found as `attention` from `attention_days` working days before the last one on, but in the second
    half of the limit only (0: not then), as `warning` on the last day (unless `last_day` is false), and with
    the rule's `severity` once the limit is over.
    """

    kind: Literal["overdue_transaction"] = "overdue_transaction"
    limit: LimitKind = LimitKind.PROMISED
    severity: Severity = Severity.SERIOUS
    attention_days: Annotated[int, Field(ge=0, le=100)] = 2
    last_day: bool = True

    @property
    def limit_seconds(self) -> float:
        """None of its own: each verdict says itself when what it found began."""
        return 0.0


OverdueRule: TypeAlias = CalledNotServedRule | OverdueStepRule | OverdueTransactionRule

Rule = Annotated[
    AbsenceRule
    | UnattendedCustomerRule
    | OverlongWaitRule
    | CrowdingRule
    | CameraFaultRule
    | DiskRule
    | OverdueRule,
    Field(discriminator="kind"),
]


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
    not the rule's `limit_seconds` after `since`.
    """

    standing: Standing
    reason: Reason
    since: datetime | None = None
    due: datetime | None = None
    ended_at: datetime | None = None
    severity: Severity | None = None
    reached_at: datetime | None = None


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
