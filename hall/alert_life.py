"""The life of an alert: which action leads from where to where, who may take it, and what reason it owes.

    found ─▶ open ─▶ acknowledged ─▶ resolved      dismissed: it was false
              ▲ ▲        │  │           ▲ │            │  ▲
              │ └─reopen─┘  └──────ends─┘ └──dismiss──▶│──┘
              └──────────────reopen, the cause lasts───┘

A cause ends by itself; nobody resolves an alert by hand. Reopening leads to where the facts alone would have
it: `open` while its cause lasts, `resolved` when that is over. So a wrong dismissal can always be taken back,
and no alert is ever opened that nothing could close again.

Assigning, commenting and snoozing leave the status as it is. A snoozed alert comes back as `open`, also one
that had been acknowledged: whoever asked to be reminded has not settled it.

Pure: the alert as it was, and what is done, give the alert as it is then and the flip that tells of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from hall.errors import Conflict, NotPermitted, RequestRefused
from hall.finding import Actor, Alert, AlertStatus, Flip, FlipKind, Reason, Severity, Standing, Verdict
from hall.interval import Interval
from hall.names import CameraId
from hall.place import Text
from hall.roles import Role

EVALUATOR = "alerts"
"""Who a flip of the evaluator names."""
LONGEST_SNOOZE = timedelta(hours=24)
"""What is to be quiet for longer needs a silence, which everybody sees in one place."""


class Action(StrEnum):
    """What an officer can do with an alert."""

    ACKNOWLEDGE = "acknowledge"
    DISMISS = "dismiss"
    ASSIGN = "assign"
    COMMENT = "comment"
    SNOOZE = "snooze"
    REOPEN = "reopen"


STANDING = frozenset({AlertStatus.OPEN, AlertStatus.ACKNOWLEDGED})
FROM = MappingProxyType(
    {
        Action.ACKNOWLEDGE: frozenset({AlertStatus.OPEN}),
        # One that ended by itself can still turn out to have been false.
        Action.DISMISS: STANDING | {AlertStatus.RESOLVED},
        Action.ASSIGN: STANDING | {AlertStatus.RESOLVED},
        Action.COMMENT: frozenset(AlertStatus),
        Action.SNOOZE: STANDING,
        Action.REOPEN: frozenset(AlertStatus),
    }
)
"""From which status each action can be taken. Reopening must also change something."""

SEVERITIES = tuple(Severity)
"""From the least to the most serious."""

OWES_REASON = frozenset({Action.DISMISS, Action.COMMENT, Action.SNOOZE, Action.REOPEN})

MAY = MappingProxyType(
    {
        Role.OFFICER: frozenset(Action),
        Role.ADMINISTRATOR: frozenset(Action),
        # Investigators look into what was; what stands is the officers' to settle.
        Role.INVESTIGATOR: frozenset({Action.COMMENT}),
        Role.MANAGER: frozenset({Action.COMMENT}),
        Role.AUDITOR: frozenset(),
    }
)
"""What each role may do. Alerts are assigned to those who may acknowledge them."""


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody does with an alert: `text` is the reason, `assignee` for ASSIGN, `until` for SNOOZE."""

    action: Action
    who: str
    role: Role
    at: datetime
    text: str = ""
    assignee: str | None = None
    until: datetime | None = None


def act(alert: Alert, done: Act, zone: ZoneInfo) -> tuple[Alert, Flip]:
    """What an officer's act makes of an alert; times in the words of the flip are told in `zone`.

    Raises NotPermitted, RequestRefused naming the member that is wrong, or Conflict when the alert stands
    where this action cannot be taken.
    """
    _check(alert, done)
    changed = _acted(alert, done)
    if done.action is not Action.COMMENT and changed == alert:
        raise Conflict(f"action: {done.action} would change nothing: the alert is {alert.status}", alert)
    kinds = {
        Action.ASSIGN: FlipKind.ASSIGNMENT,
        Action.COMMENT: FlipKind.COMMENT,
        Action.SNOOZE: FlipKind.SNOOZE,
    }
    kind = kinds.get(done.action, FlipKind.STATUS)
    reason = _in_words(done, changed, zone)
    return _flipped(alert, changed, kind, done.at, reason, who=done.who, actor=Actor.OFFICER)


def ended(alert: Alert, reason: Reason, end: datetime, at: datetime) -> tuple[Alert, Flip]:
    """The cause is over: the interval is closed, and what stands is resolved. A dismissed one stays so."""
    after = AlertStatus.RESOLVED if alert.stands else alert.status
    interval = Interval(alert.interval.start, max(end, alert.interval.start))
    changed = replace(alert, status=after, interval=interval, snoozed_until=None)
    return _flipped(alert, changed, FlipKind.STATUS, at, reason)


def found_again(
    alert: Alert, verdict: Verdict, at: datetime, since: datetime | None = None
) -> tuple[Alert, Flip]:
    """The cause of a resolved alert turns out to go on, and, with `since`, to have begun earlier.

    It stands again for what `verdict` finds now; where that finds nothing at the moment, for what it did.
    """
    interval = Interval(alert.interval.start if since is None else since)
    changed = replace(alert, status=AlertStatus.OPEN, interval=interval)
    if verdict.standing is Standing.FOUND:
        changed = replace(
            changed,
            reason=verdict.reason,
            severity=verdict.severity or alert.severity,
            cameras=alert.cameras if verdict.cameras is None else verdict.cameras,
        )
    return _flipped(alert, changed, FlipKind.STATUS, at, verdict.reason)


def revised(alert: Alert, interval: Interval, reason: Reason, at: datetime) -> tuple[Alert, Flip]:
    """Facts that came late say that the cause of an alert that is over had another interval, or none."""
    return _flipped(alert, replace(alert, interval=interval), FlipKind.STATUS, at, reason)


def begun_earlier(alert: Alert, since: datetime, reason: Reason, at: datetime) -> tuple[Alert, Flip]:
    """Facts that came late say that the cause, which lasts, began earlier. Nobody is told again."""
    changed = replace(alert, interval=Interval(since, alert.interval.end), reason=reason)
    return _flipped(alert, changed, FlipKind.COMMENT, at, reason)


def weighed_anew(alert: Alert, severity: Severity, reason: Reason, at: datetime) -> tuple[Alert, Flip]:
    """An alert that stands is more or less serious now.

    One that somebody has acknowledged or snoozed is open again when it becomes more serious than they knew.
    """
    changed = replace(alert, severity=severity, reason=reason)
    if SEVERITIES.index(severity) > SEVERITIES.index(alert.severity):
        changed = replace(changed, status=AlertStatus.OPEN, snoozed_until=None)
    return _flipped(alert, changed, FlipKind.SEVERITY, at, reason)


def told_anew(
    alert: Alert, reason: Reason, cameras: tuple[CameraId, ...], at: datetime
) -> tuple[Alert, Flip]:
    """What is wrong has changed while it lasts. Nobody is told again: how the alert stands has not."""
    changed = replace(alert, reason=reason, cameras=cameras)
    return _flipped(alert, changed, FlipKind.COMMENT, at, reason)


def snooze_ended(alert: Alert, at: datetime) -> tuple[Alert, Flip]:
    """A snoozed alert comes back."""
    reason = Reason(
        "snooze.ended", {}, "暂缓时间已到，告警仍在", "The snooze is over and the alert still stands"
    )
    changed = replace(alert, status=AlertStatus.OPEN, snoozed_until=None)
    return _flipped(alert, changed, FlipKind.SNOOZE, at, reason)


def escalated(alert: Alert, level: int, role: Text, at: datetime) -> tuple[Alert, Flip]:
    """Nobody has acknowledged an alert: step `level` of the chain is told, behind which stands `role`."""
    reason = Reason(
        "escalation.told",
        {"level": str(level), "role_zh": role.zh, "role_en": role.en},
        f"无人确认，升级至第 {level} 级：{role.zh}",
        f"Not acknowledged by anybody: escalated to level {level}, {role.en}",
    )
    return _flipped(alert, replace(alert, level=level), FlipKind.ESCALATION, at, reason)


class Kept(StrEnum):
    """What kept an alert from being told."""

    SILENCE = "silence"
    QUIET = "quiet"
    COVER = "cover"


KEPT_WORDS = {
    Kept.SILENCE: ("免打扰已结束", "The silence is over"),
    Kept.QUIET: ("安静时段已结束", "The quiet hours are over"),
    Kept.COVER: ("大厅的总告警已结束", "The alert of the whole hall is over"),
}


def reminded(alert: Alert, at: datetime, kept: Kept) -> tuple[Alert, Flip]:
    """What kept an alert from being told is over, and it still stands."""
    zh, en = KEPT_WORDS[kept]
    zh, en = f"{zh}，告警仍在：{alert.reason.zh}", f"{en} and it still stands: {alert.reason.en}"
    return _flipped(alert, alert, FlipKind.REMINDER, at, Reason(f"reminder.{kept}", {}, zh, en))


def _check(alert: Alert, done: Act) -> None:
    if done.action not in MAY[done.role]:
        raise NotPermitted(f"a user of role {done.role} may not {done.action} an alert")
    if done.action in OWES_REASON and not done.text.strip():
        raise RequestRefused("reason", f"is needed to {done.action} an alert")
    if done.action is Action.SNOOZE:
        if done.until is None:
            raise RequestRefused("until", "is needed to snooze an alert")
        if not done.at < done.until <= done.at + LONGEST_SNOOZE:
            raise RequestRefused("until", f"must lie in the future, within {LONGEST_SNOOZE}")
    if alert.status not in FROM[done.action]:
        raise Conflict(f"action: {done.action} cannot be done with an alert that is {alert.status}", alert)


def _acted(alert: Alert, done: Act) -> Alert:
    match done.action:
        case Action.ACKNOWLEDGE:
            return replace(alert, status=AlertStatus.ACKNOWLEDGED, snoozed_until=None)
        case Action.DISMISS:
            return replace(alert, status=AlertStatus.DISMISSED, snoozed_until=None)
        case Action.ASSIGN:
            return replace(alert, assignee=done.assignee)
        case Action.SNOOZE:
            return replace(alert, snoozed_until=done.until)
        case Action.REOPEN:
            after = AlertStatus.OPEN if alert.interval.is_open else AlertStatus.RESOLVED
            return replace(alert, status=after, snoozed_until=None)
        case Action.COMMENT:
            return alert


def _flipped(
    before: Alert,
    changed: Alert,
    kind: FlipKind,
    at: datetime,
    reason: Reason,
    *,
    who: str = EVALUATOR,
    actor: Actor = Actor.EVALUATOR,
) -> tuple[Alert, Flip]:
    changed = replace(changed, revision=before.revision + 1)
    flip = Flip(
        alert=before.id,
        revision=changed.revision,
        at=at,
        before=before.status,
        after=changed.status,
        severity=changed.severity,
        actor=actor,
        who=who,
        reason=reason,
        kind=kind,
        assignee=changed.assignee,
        snoozed_until=changed.snoozed_until,
        level=changed.level,
    )
    return changed, flip


def _in_words(done: Act, changed: Alert, zone: ZoneInfo) -> Reason:
    who, values = done.who, {"who": done.who, "text": done.text}
    match done.action:
        case Action.ACKNOWLEDGE:
            zh, en = f"{who}已确认", f"Acknowledged by {who}"
        case Action.DISMISS:
            zh, en = f"{who}判定为误报", f"Dismissed by {who}"
        case Action.ASSIGN if done.assignee is not None:
            values["assignee"] = done.assignee
            zh, en = f"{who}指派给{done.assignee}", f"Assigned to {done.assignee} by {who}"
        case Action.ASSIGN:
            zh, en = f"{who}取消指派", f"Taken from its assignee by {who}"
        case Action.SNOOZE:
            until = (changed.snoozed_until or done.at).astimezone(zone)
            values["until"] = until.isoformat()
            zh, en = f"{who}暂缓至 {until:%m-%d %H:%M}", f"Snoozed until {until:%m-%d %H:%M} by {who}"
        case Action.REOPEN if changed.status is AlertStatus.RESOLVED:
            zh, en = f"{who}撤销误报判定", f"The dismissal is taken back by {who}"
        case Action.REOPEN:
            zh, en = f"{who}重新打开", f"Reopened by {who}"
        case Action.COMMENT:
            zh, en = f"{who}备注", f"Comment by {who}"
    key = f"officer.{done.action}"
    return Reason(key, values, *((f"{zh}：{done.text}", f"{en}: {done.text}") if done.text else (zh, en)))
