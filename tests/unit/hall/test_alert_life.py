"""The life of an alert: what may be done from where, by whom, with which reason, and where it leads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hall import alert_life
from hall.alert_life import LONGEST_SNOOZE, OWES_REASON, Act, Action
from hall.errors import Conflict, NotPermitted, RequestRefused
from hall.finding import Actor, Alert, AlertStatus, FlipKind, Reason
from hall.interval import Interval
from hall.roles import Role
from hall.testing_notifiers import a_flip

TEN = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
LATER = TEN + timedelta(minutes=30)
OPEN, ACKNOWLEDGED = AlertStatus.OPEN, AlertStatus.ACKNOWLEDGED
RESOLVED, DISMISSED = AlertStatus.RESOLVED, AlertStatus.DISMISSED


def an_alert(status: AlertStatus = OPEN, *, ended: bool = False) -> Alert:
    alert, _ = a_flip()
    interval = Interval(TEN, TEN + timedelta(minutes=5) if ended or status is RESOLVED else None)
    return replace(alert, status=status, interval=interval)


def done(action: Action, role: Role = Role.OFFICER, **members: object) -> Act:
    act = Act(action, "wang", role, TEN, "checked" if action in OWES_REASON else "")
    if action is Action.SNOOZE:
        act = replace(act, until=LATER)
    if action is Action.ASSIGN:
        act = replace(act, assignee="li")
    return replace(act, **members)  # type: ignore[arg-type]  # members of Act, by name


def after(action: Action, alert: Alert) -> AlertStatus | None:
    """Where an action leads, None where it cannot be taken."""
    try:
        return alert_life.act(alert, done(action), SHANGHAI)[0].status
    except Conflict:
        return None


@pytest.mark.parametrize(
    (
        "action",
        "from_open",
        "from_acknowledged",
        "from_resolved",
        "from_dismissed",
        "from_dismissed_over",
    ),
    [
        (Action.ACKNOWLEDGE, ACKNOWLEDGED, None, None, None, None),
        (Action.DISMISS, DISMISSED, DISMISSED, DISMISSED, None, None),
        (Action.ASSIGN, OPEN, ACKNOWLEDGED, RESOLVED, None, None),
        (Action.COMMENT, OPEN, ACKNOWLEDGED, RESOLVED, DISMISSED, DISMISSED),
        (Action.SNOOZE, OPEN, ACKNOWLEDGED, None, None, None),
        (Action.REOPEN, None, OPEN, None, OPEN, RESOLVED),
    ],
)
def test_an_action_leads_from_each_status_to_one_other_or_is_refused(
    action: Action,
    from_open: AlertStatus | None,
    from_acknowledged: AlertStatus | None,
    from_resolved: AlertStatus | None,
    from_dismissed: AlertStatus | None,
    from_dismissed_over: AlertStatus | None,
) -> None:
    assert after(action, an_alert(OPEN)) == from_open
    assert after(action, an_alert(ACKNOWLEDGED)) == from_acknowledged
    assert after(action, an_alert(RESOLVED)) == from_resolved
    assert after(action, an_alert(DISMISSED)) == from_dismissed
    assert after(action, an_alert(DISMISSED, ended=True)) == from_dismissed_over


@pytest.mark.parametrize("action", list(Action))
def test_each_act_is_one_flip_that_says_who_and_why_and_leaves_the_alert_as_it_tells(action: Action) -> None:
    alert = an_alert(ACKNOWLEDGED)
    if action is Action.ACKNOWLEDGE:
        alert = an_alert(OPEN)
    changed, flip = alert_life.act(alert, done(action), SHANGHAI)
    assert (changed.revision, flip.revision) == (2, 2)
    assert (flip.before, flip.after) == (alert.status, changed.status)
    assert (flip.assignee, flip.snoozed_until, flip.level) == (
        changed.assignee,
        changed.snoozed_until,
        changed.level,
    )
    assert (flip.actor, flip.who, flip.at) == (Actor.OFFICER, "wang", TEN)
    assert "wang" in flip.reason.zh
    assert "wang" in flip.reason.en
    assert flip.reason.key == f"officer.{action}"


@pytest.mark.parametrize("action", sorted(OWES_REASON))
def test_what_owes_a_reason_is_refused_without_one(action: Action) -> None:
    with pytest.raises(RequestRefused) as refused:
        alert_life.act(an_alert(ACKNOWLEDGED), done(action, text="  "), SHANGHAI)
    assert refused.value.field == "reason"


def test_the_reason_and_the_halls_time_stand_in_the_words_of_the_flip() -> None:
    _, flip = alert_life.act(an_alert(), done(Action.SNOOZE, text="交接班"), SHANGHAI)
    assert flip.reason.zh == "wang暂缓至 03-02 10:30：交接班"
    assert flip.reason.en == "Snoozed until 03-02 10:30 by wang: 交接班"


@pytest.mark.parametrize("until", [None, TEN, TEN - timedelta(seconds=1), TEN + 2 * LONGEST_SNOOZE])
def test_a_snooze_ends_in_the_near_future(until: datetime | None) -> None:
    with pytest.raises(RequestRefused) as refused:
        alert_life.act(an_alert(), done(Action.SNOOZE, until=until), SHANGHAI)
    assert refused.value.field == "until"


def test_an_investigator_comments_and_does_nothing_else() -> None:
    for action in Action:
        act = done(action, Role.INVESTIGATOR)
        if action is Action.COMMENT:
            assert alert_life.act(an_alert(), act, SHANGHAI)[1].kind is FlipKind.COMMENT
        else:
            with pytest.raises(NotPermitted):
                alert_life.act(an_alert(), act, SHANGHAI)


def test_a_conflict_tells_the_alert_as_it_stands() -> None:
    alert = an_alert(DISMISSED)
    with pytest.raises(Conflict) as conflict:
        alert_life.act(alert, done(Action.ACKNOWLEDGE), SHANGHAI)
    assert conflict.value.current == alert


def test_acting_on_a_snoozed_alert_ends_its_snooze() -> None:
    snoozed, _ = alert_life.act(an_alert(), done(Action.SNOOZE), SHANGHAI)
    for action in (Action.ACKNOWLEDGE, Action.DISMISS, Action.REOPEN):
        assert alert_life.act(snoozed, done(action), SHANGHAI)[0].snoozed_until is None
    for action in (Action.ASSIGN, Action.COMMENT):
        assert alert_life.act(snoozed, done(action), SHANGHAI)[0].snoozed_until == LATER


def test_what_was_acknowledged_and_snoozed_comes_back_open() -> None:
    snoozed, _ = alert_life.act(an_alert(ACKNOWLEDGED), done(Action.SNOOZE), SHANGHAI)
    back, flip = alert_life.snooze_ended(snoozed, LATER)
    assert (back.status, back.snoozed_until) == (OPEN, None)
    assert (flip.before, flip.after, flip.actor, flip.kind) == (
        ACKNOWLEDGED,
        OPEN,
        Actor.EVALUATOR,
        FlipKind.SNOOZE,
    )


def test_a_cause_that_ends_resolves_what_is_snoozed_and_assigned_and_keeps_its_interval() -> None:
    alert, _ = alert_life.act(an_alert(), done(Action.ASSIGN), SHANGHAI)
    alert, _ = alert_life.act(alert, done(Action.SNOOZE), SHANGHAI)
    reason = Reason("over", {}, "结束", "over")
    ended, flip = alert_life.ended(alert, reason, TEN + timedelta(minutes=9), LATER)
    assert (ended.status, ended.snoozed_until, ended.assignee) == (RESOLVED, None, "li")
    assert ended.interval == Interval(TEN, TEN + timedelta(minutes=9))
    assert (flip.after, flip.reason) == (RESOLVED, reason)


def test_a_cause_that_ends_leaves_a_dismissed_alert_dismissed() -> None:
    ended, flip = alert_life.ended(an_alert(DISMISSED), Reason("over", {}, "结束", "over"), LATER, LATER)
    assert (ended.status, flip.before, flip.after) == (DISMISSED, DISMISSED, DISMISSED)
    assert ended.interval.end == LATER


def test_an_assigned_alert_can_be_taken_back_from_its_assignee() -> None:
    alert, _ = alert_life.act(an_alert(), done(Action.ASSIGN), SHANGHAI)
    changed, flip = alert_life.act(alert, done(Action.ASSIGN, assignee=None), SHANGHAI)
    assert changed.assignee is None
    assert flip.reason.en == "Taken from its assignee by wang"
