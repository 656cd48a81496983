"""Whether the alerts of a store are exactly those that the written-down causes call for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from hall.finding import Actor, Alert, AlertStatus, Flip
from hall.names import AlertId
from store import alerting
from tests.torture.alerts.alerts_hall import AlertsHall
from tests.torture.alerts.causes import Book, Cause, Matter

MOST = 1_000_000


@dataclass
class Judged:
    """What is wrong with the alerts of a store. `taken_back` are those of causes that were too short."""

    alerts: int = 0
    flips: int = 0
    taken_back: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def complaints(self) -> list[str]:
        """All of them."""
        return [*self.lost, *self.doubled, *self.wrong]


def judged(hall: AlertsHall, book: Book) -> Judged:
    """Hold what is stored against the book. Nothing happens any more, and every limit has passed."""
    with hall.database.read() as tx:
        alerts = alerting.alerts_of(tx, limit=MOST)[::-1]
    flips: dict[AlertId, list[Flip]] = defaultdict(list)
    for _, flip in hall.flips():
        flips[flip.alert].append(flip)
    found = Judged(len(alerts), sum(map(len, flips.values())))
    causes = {cause.key: cause for cause in book.causes()}
    told = Counter(_key(alert) for alert in alerts)
    now = hall.clock.now()
    for key, cause in causes.items():
        if cause.must_be_found(now) and not told[key]:
            found.lost.append(f"lost: nobody was told of {cause}")
    found.doubled += [f"doubled: {number} alerts about {key}" for key, number in told.items() if number > 1]
    for alert in alerts:
        known = causes.get(_key(alert))
        if known is None:
            found.doubled.append(f"doubled: no cause began then: {alert}")
            continue
        if not known.must_be_found(now):
            found.taken_back += 1
            if not known.may_be_found:
                found.wrong.append(f"wrong: {known} was too short, and known in time to be over: {alert}")
        found.wrong += _wrong(alert, known, book)
        found.wrong += _untrue_story(alert, flips[alert.id], book)
    missing = book.acts - {(flip.alert, flip.revision) for each in flips.values() for flip in each}
    found.wrong += [f"wrong: what an officer did is not there: {act}" for act in missing]
    found.wrong += [
        f"wrong: a flip of no alert: {one}" for one in flips.keys() - {alert.id for alert in alerts}
    ]
    return found


def _key(alert: Alert) -> tuple[Matter, datetime]:
    return Matter(alert.kind, alert.subject.hall, alert.subject.name), alert.interval.start


def _wrong(alert: Alert, cause: Cause, book: Book) -> Iterator[str]:
    """What does not fit the cause: the end of the interval, or the status."""
    if alert.interval != cause.interval:
        yield f"wrong: {alert.id} lasts {alert.interval}, its cause {cause}"
    if (alert.status is AlertStatus.DISMISSED) != (alert.id in book.dismissed):
        yield f"wrong: {alert.id} is {alert.status}, and an officer said otherwise"
    if alert.stands and cause.interval.end is not None:
        yield f"wrong: {alert.id} stands, and {cause} is over"
    if alert.status is AlertStatus.RESOLVED and cause.interval.end is None:
        yield f"wrong: {alert.id} is resolved, and {cause} lasts"


def _untrue_story(alert: Alert, flips: Sequence[Flip], book: Book) -> Iterator[str]:
    """What is wrong with the flips of an alert: gaps, steps that do not fit, changes that nobody made."""
    if [flip.revision for flip in flips] != list(range(1, alert.revision + 1)):
        yield f"wrong: {alert.id} has the revisions {[flip.revision for flip in flips]}"
        return
    if flips[0].before is not None or any(one.after is not other.before for one, other in pairwise(flips)):
        yield f"wrong: the flips of {alert.id} do not follow from one another: {flips}"
    if flips[-1].after is not alert.status:
        yield f"wrong: {alert.id} is {alert.status}, its last flip says {flips[-1].after}"
    own = [flip for flip in flips if flip.actor is Actor.EVALUATOR]
    if len(own) != (1 if alert.interval.is_open else 2):
        yield f"wrong: the evaluator changed {alert.id} {len(own)} times: {own}"
    for flip in flips:
        if not flip.reason.zh or not flip.reason.en or not flip.reason.key:
            yield f"wrong: a flip without a reason: {flip}"
        if flip.actor is Actor.OFFICER and (flip.alert, flip.revision) not in book.acts:
            yield f"wrong: no officer did this: {flip}"
