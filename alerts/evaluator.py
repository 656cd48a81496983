"""The evaluator: judges whom a new fact or the passing of time concerns, and writes what follows.

Everything it knows can be read from the store again, and each alert's id follows from rule, subject and
the beginning of its cause. It may therefore be killed at any point: its successor judges the same facts,
finds what was written, and adds what was not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from alerts import judging, reasons, rules
from alerts.dues import Dues
from alerts.facts import Facts, Post, WaitingArea
from alerts.leadership import Leadership
from alerts.metrics import ENDED, JUDGED, LATENESS, OPENED
from alerts.picture import Picture, SubjectKey, key_of
from alerts.revising import (
    TAKEN_BACK,
    Ended,
    confirmed,
    earlier,
    is_revised,
    revisions,
    severity_of,
    unfounded,
    with_what_it_was_lost_by,
)
from alerts.rules.attendance import earliest
from hall import alert_life
from hall.clock import Clock, to_microseconds
from hall.errors import Conflict
from hall.finding import Actor, Alert, AlertKind, AlertStatus, Flip, FlipKind, Standing, Subject, Verdict
from hall.interval import Interval
from hall.names import AlertId, HallId, RuleId
from hall.rule import Rule
from store import alerting
from store.database import Database, Write

LOOK_EVERY = timedelta(seconds=1)
MOST_PASSES = 20
"""How often what was revised is judged again at once; two or three times are usual."""

log = structlog.get_logger(__name__)


def alert_id(rule: RuleId, subject: Subject, since: datetime) -> AlertId:
    """The id of the alert about a cause: the same whoever finds it, and however often."""
    text = f"{rule}\n{subject.hall}\n{subject.name}\n{to_microseconds(since)}"
    return AlertId(hashlib.sha256(text.encode()).hexdigest()[:32])


class Evaluator:
    """Keeps the alerts of a store in step with its facts. Used by one thread."""

    def __init__(self, database: Database, clock: Clock, leadership: Leadership) -> None:
        self._database = database
        self._clock = clock
        self._leadership = leadership
        self._picture: Picture | None = None
        self._dues = Dues[SubjectKey]()
        self._began_at = self._looked_at = clock.now()
        self._stepped_at: datetime | None = None
        self._counted_from: dict[tuple[RuleId, SubjectKey], datetime] = {}
        self._settled: dict[tuple[RuleId, SubjectKey], datetime] = {}
        self._ended: list[Alert] = []
        """The alerts that ended in this pass, as they were before."""

    def forget(self) -> None:
        """Know nothing: the next step reads everything anew."""
        self._picture, self._dues = None, Dues[SubjectKey]()
        self._counted_from.clear()
        self._settled.clear()

    def step(self) -> datetime | None:
        """Bring the alerts up to date, and say when time alone makes the next step due.

        Raises StoreBusy, and NotLeading when another instance writes the alerts; call `forget` then.
        """
        for _ in range(MOST_PASSES):
            due, revised = self._pass()
            if not revised:
                return due
        # A fault of a rule. No other alert may wait for it, and it must not write flips without end.
        log.error("alerts do not settle", subjects=sorted("/".join(key) for key in revised)[:10])
        at = self._clock.now()
        if self._picture is not None:
            self._picture.tell_no_more()
        for key in revised:
            self._dues.put(key, at + LOOK_EVERY)
        return at + LOOK_EVERY

    def _pass(self) -> tuple[datetime | None, set[SubjectKey]]:
        """Judge once whom it concerns. Gives the next due, and whose alerts were revised."""
        at = self._clock.now()
        due = frozenset(self._dues.take(at))
        concerned = set(due)
        with self._database.read() as tx:
            if self._picture is None:
                judged = [self._leadership.away_since, *([self._stepped_at] if self._stepped_at else [])]
                reached = self._leadership.reached
                self._picture = Picture(tx, at, max(judged), reached.seq if reached is not None else None)
                changed = self._picture.keys() | self._picture.follow(tx, at)
                self._began_at = self._looked_at = at
            else:
                changed = self._picture.follow(tx, at)
            concerned |= changed
            if not at - LOOK_EVERY < self._looked_at <= at:
                concerned |= self._picture.look(tx, at)
                self._looked_at = at
            unread = concerned
            while unread:  # what another camera shows of those that it concerns besides
                unread = self._picture.read_watermarks(tx, unread) - concerned
                concerned |= unread
        revised: set[SubjectKey] = set()
        self._ended.clear()
        for key in sorted(concerned, key=_halls_first):
            if key in changed:
                # What an officer had settled may have been taken back.
                for rule in self._picture.rules(key[0]):
                    self._settled.pop((rule.id, key), None)
            if self._judge_once(self._picture, key, at):
                revised.add(key)
            if key in changed or key in due:  # this pass may come late: what was due may be over
                self._catch_up(self._picture, key, at)
            self._picture.forget(key)
        self._stepped_at = at
        if self._picture.is_settled(at) and not self._picture.has_untold:
            self._leadership.has_judged(at, self._picture.seq)
        return earliest(self._dues.next(), self._picture.due()), revised

    def _evaluate(self, picture: Picture, key: SubjectKey, at: datetime) -> datetime | None:
        """Judge one subject under every rule about it; the earliest due."""
        facts = picture.facts(key)
        lasting = picture.lasting(key)
        dues: list[datetime | None] = []
        unsettled, settles_at = picture.unsettled(key[0], at)
        if unsettled:
            lasting = {rule: alert for rule, alert in lasting.items() if rule not in unsettled}
            dues.append(settles_at)
        judged = [rule for rule in picture.rules(key[0]) if rule.id not in unsettled]
        for each in facts:
            about = [rule for rule in judged if rules.applies(rule, each)]
            dues += [self._apply(each, rule, lasting.pop(rule.id, None), at) for rule in about]
        for alert in lasting.values():
            gone = Verdict(Standing.CLEAR, reasons.not_judged_any_more(alert.kind), ended_at=at)
            dues.append(None if self._end(alert, gone, at) else at)
        return min((due for due in dues if due is not None), default=None)

    def _revise(self, picture: Picture, key: SubjectKey, at: datetime, told: datetime) -> bool:
        """Judge alerts that are over again, where late facts tell of their time; says whether any changed."""
        lasting, known = picture.lasting(key), picture.over(key)
        if not any(told < one.changed_at for one in known) and not any(
            told < one.opened_at for one in lasting.values()
        ):
            return False
        with self._database.read() as tx:
            flips = {one.alert.id: _end_of_cause(alerting.flips_of(tx, one.alert.id)) for one in known}
        ended = [Ended(one.alert, by) for one in known if (by := flips[one.alert.id]) is not None]
        unsettled, _ = picture.unsettled(key[0], at)
        is_changed = False
        for facts in picture.facts(key):
            known_from = picture.known_from(key, facts)
            for rule in picture.rules(key[0]):
                if not (is_revised(rule) and rules.applies(rule, facts)):
                    continue
                if rule.id in unsettled:
                    picture.tell_again(key, told)
                    continue
                own = [one for one in ended if one.alert.rule == rule.id]
                alert = lasting.get(rule.id)
                gone = set[AlertId]()
                for before, revised in revisions(own, alert, facts, at, rule, known_from):
                    is_changed |= self._change(picture, before, revised, told)
                    gone |= {before.id} if revised[1].reason.key.endswith(TAKEN_BACK) else set()
                if alert is not None and told < alert.opened_at:
                    left = [one for one in own if one.alert.id not in gone]
                    after = unfounded(alert, facts, at, rule) or earlier(alert, left, facts, at, rule)
                    is_changed |= after is not None and self._change(picture, alert, after, told)
        return is_changed

    def _judge_once(self, picture: Picture, key: SubjectKey, at: datetime) -> bool:
        """Judge one subject; says whether it is to be judged once more, with what the journal tells then."""
        told = picture.tells_of(key)
        if told is not None and self._revise(picture, key, at, told):
            self._dues.put(key, at)
            picture.tell_again(key, told)  # what ends now may belong to what was revised
            return True
        self._dues.put(key, self._evaluate(picture, key, at))
        if told is None or not self._has_ended(picture, key, told):
            return False
        picture.tell_again(key, told)
        return True

    def _has_ended(self, picture: Picture, key: SubjectKey, told: datetime) -> bool:
        """Whether an alert has just ended that is to be judged again.

        So it is when facts may also tell of an earlier beginning, or another alert tells of it already.
        """
        own = [alert for alert in self._ended if key_of(alert.subject) == key]
        return any(told < alert.opened_at for alert in own) or any(
            one.alert.rule == alert.rule and one.alert.interval.contains(alert.interval.start)
            for alert in own
            for one in picture.over(key)
            if one.alert.id != alert.id
        )

    def _change(self, picture: Picture, alert: Alert, changed: tuple[Alert, Flip], told: datetime) -> bool:
        """Write what became of an alert. True also when it had just changed: it is judged again then."""
        try:
            with self._database.write() as tx:
                self._leadership.confirm(tx)
                alerting.change_alert(tx, alert.revision, *changed)
        except Conflict:
            picture.tell_again(key_of(alert.subject), told)
            return True
        log.info("an alert is revised", alert=alert.id, reason=changed[1].reason.en)
        return True

    def _catch_up(self, picture: Picture, key: SubjectKey, at: datetime) -> None:
        """Find what reached its limit and ended before it could be judged: while nobody was there, or untold.

        Only since there has been a leader and the rules are what they are. A fact that came late is judged as
        if it had come in time, whoever led then.
        """
        after = min(self._leadership.away_since, picture.tells_of(key) or at)
        after = max(after, self._leadership.began, picture.configured_at)
        unsettled, _ = picture.unsettled(key[0], at)
        for facts in picture.facts(key):
            since = max(after, picture.known_from(key, facts))
            for rule in picture.rules(key[0]):
                if rule.id not in unsettled and rules.applies(rule, facts):
                    for past in judging.finished(facts, since, at, rule):
                        self._enter_finished(facts, rule, past, at)

    def _apply(self, facts: Facts, rule: Rule, alert: Alert | None, at: datetime) -> datetime | None:
        JUDGED.labels(rule.kind).inc()
        if alert is not None:
            ended = judging.ending(facts, alert.interval.start, at, rule)
            if ended is None:
                verdict = judging.judge(facts, at, rule, alert)
                return verdict.due if self._weigh_anew(alert, verdict, at) else at
            ended = with_what_it_was_lost_by(ended, alert.interval.start, facts, at, rule)
            ended = confirmed(alert, ended, facts, at, rule)
            if ended.ended_at is not None:
                causes = judging.finished(facts, alert.interval.start, at, rule)
                alert = replace(alert, severity=severity_of(alert, ended.ended_at, causes, rule))
            if not self._end(alert, ended, at):
                return at
        key = rule.id, key_of(facts.subject)
        verdict = judging.judge(self._counted(facts, rule), at, rule)
        while verdict.since is not None and self._settled.get(key) != verdict.since:
            if self._open(facts, rule, verdict, verdict.since, at):
                self._settled[key] = verdict.since
            else:
                verdict = judging.judge(self._counted(facts, rule), at, rule)
        return verdict.due

    def _counted(self, facts: Facts, rule: Rule) -> Facts:
        """The facts with the moment from which emptiness counts, where an alert of the same cause ended."""
        counted_from = self._counted_from.get((rule.id, key_of(facts.subject)))
        if isinstance(facts, Post | WaitingArea) and counted_from is not None:
            return replace(facts, counted_from=counted_from)
        return facts

    def _open(self, facts: Facts, rule: Rule, verdict: Verdict, since: datetime, at: datetime) -> bool:
        """Enter the alert of a cause. False when it had been entered, and ended, before."""
        subject = facts.subject
        alert = _alert(facts, rule, verdict, Interval(since), at)
        with self._database.write() as tx:
            self._leadership.confirm(tx)
            if alerting.open_alert(tx, alert, _found(alert, at)):
                known = None
            elif (known := alerting.find_alert(tx, alert.id)) is None or known.interval.is_open:
                return True  # it stands, and the journal is about to say so
            else:
                ended = _end_of_cause(alerting.flips_of(tx, known.id))
                if known.status is not AlertStatus.RESOLVED or ended is None:
                    return True  # an officer has settled this cause
                if Ended(known, ended).is_lost:
                    # What was seen between that end and this instance's own beginning nobody remembers.
                    self._counted_from[rule.id, key_of(subject)] = max(ended.at, self._began_at)
                    return False
                alerting.change_alert(tx, known.revision, *alert_life.found_again(known, verdict, at, since))
        OPENED.labels(rule.kind).inc()
        reached = verdict.reached_at or since + timedelta(seconds=rule.limit_seconds)
        LATENESS.labels(rule.kind).observe(max(0.0, (self._clock.now() - reached).total_seconds()))
        log.info("an alert is open", alert=alert.id, subject=subject.name, reason=verdict.reason.en)
        return True

    def _weigh_anew(self, alert: Alert, verdict: Verdict, at: datetime) -> bool:
        """Give an alert that stands what its rule now says of it. False when it has just changed."""
        if not alert.stands or verdict.standing is not Standing.FOUND:
            return True
        severity = verdict.severity or alert.severity
        if severity is not alert.severity:
            weighed = alert_life.weighed_anew(alert, severity, verdict.reason, at)
        elif verdict.reason.values.get("told") != alert.reason.values.get("told"):
            cameras = alert.cameras if verdict.cameras is None else verdict.cameras
            weighed = alert_life.told_anew(alert, verdict.reason, cameras, at)
        else:
            return True
        try:
            with self._database.write() as tx:
                self._leadership.confirm(tx)
                alerting.change_alert(tx, alert.revision, *weighed)
        except Conflict:
            return False
        log.info("an alert is told anew", alert=alert.id, severity=severity.value)
        return True

    def _enter_finished(self, facts: Facts, rule: Rule, past: rules.Finished, at: datetime) -> None:
        """Enter the alert of a cause that is over, unless an alert tells of it already."""
        since, end = past.found.since, past.ended.ended_at
        if since is None or end is None:
            return
        ended = with_what_it_was_lost_by(past.ended, since, facts, at, rule)
        alert = _alert(facts, rule, past.found, Interval(since, end), at)
        kinds = [alert.kind]
        with self._database.read() as tx:
            near = alerting.alerts_of(
                tx, hall=alert.subject.hall, kinds=kinds, start=since, end=end, limit=1000
            )
            own = [one for one in near if (one.rule, one.subject.name) == (rule.id, alert.subject.name)]
            if any(not _is_taken_back(one, alerting.flips_of(tx, one.id)) for one in own):
                return
        with self._database.write() as tx:
            self._leadership.confirm(tx)
            if alerting.open_alert(tx, alert, _found(alert, at)):
                alerting.change_alert(tx, alert.revision, *alert_life.ended(alert, ended.reason, end, at))
            elif (known := self._taken_back(tx, alert)) is not None:
                # It got another beginning since it was opened, and was taken back with that.
                known = replace(known, severity=alert.severity)
                revised = alert_life.revised(known, alert.interval, ended.reason, at)
                alerting.change_alert(tx, known.revision, *revised)
            else:
                return
        OPENED.labels(rule.kind).inc()
        ENDED.labels(rule.kind).inc()
        log.info("an alert was found late", alert=alert.id, reason=past.ended.reason.en)

    def _taken_back(self, tx: Write, alert: Alert) -> Alert | None:
        """The alert that has the id of `alert` already, if the evaluator has taken it back."""
        known = alerting.find_alert(tx, alert.id)
        if known is None or known.interval.is_open or known.rule_version != alert.rule_version:
            return None
        return known if _is_taken_back(known, alerting.flips_of(tx, known.id)) else None

    def _end(self, alert: Alert, verdict: Verdict, at: datetime) -> bool:
        """Close the interval of an alert; what stands is resolved. False when it has just changed."""
        ended, flip = alert_life.ended(alert, verdict.reason, verdict.ended_at or at, at)
        try:
            with self._database.write() as tx:
                self._leadership.confirm(tx)
                alerting.change_alert(tx, alert.revision, ended, flip)
        except Conflict:
            return False
        self._settled.pop((alert.rule, key_of(alert.subject)), None)
        self._ended.append(alert)
        ENDED.labels(alert.kind).inc()
        log.info("an alert has ended", alert=alert.id, subject=alert.subject.name, reason=verdict.reason.en)
        return True


def _halls_first(key: SubjectKey) -> tuple[HallId, bool, str]:
    """A hall's alert is opened before those of single cameras end that it goes on with."""
    return key[0], not key[1].startswith("hall:"), key[1]


def _alert(facts: Facts, rule: Rule, verdict: Verdict, interval: Interval, at: datetime) -> Alert:
    """A new alert as a rule found it."""
    return Alert(
        id=alert_id(rule.id, facts.subject, interval.start),
        kind=AlertKind(rule.kind),
        rule=rule.id,
        rule_version=rule.version,
        severity=verdict.severity or rule.severity,
        status=AlertStatus.OPEN,
        subject=facts.subject,
        interval=interval,
        opened_at=at,
        reason=verdict.reason,
        revision=1,
        cameras=facts.cameras if verdict.cameras is None else verdict.cameras,
    )


def _found(alert: Alert, at: datetime) -> Flip:
    """The first flip of an alert."""
    return Flip(
        alert=alert.id,
        revision=alert.revision,
        at=at,
        before=None,
        after=alert.status,
        severity=alert.severity,
        actor=Actor.EVALUATOR,
        who=alert_life.EVALUATOR,
        reason=alert.reason,
    )


def _is_taken_back(alert: Alert, flips: Sequence[Flip]) -> bool:
    by = _end_of_cause(flips)
    return alert.status is AlertStatus.RESOLVED and by is not None and Ended(alert, by).is_taken_back


def _end_of_cause(flips: Sequence[Flip]) -> Flip | None:
    """The flip by which the evaluator saw the cause end; None when somebody else closed the alert.

    What officers said or took back since then settles nothing.
    """
    own = (f for f in reversed(flips) if f.kind is FlipKind.STATUS and f.actor is Actor.EVALUATOR)
    last = next(own, None)
    return last if last is not None and last.after is not AlertStatus.OPEN else None
