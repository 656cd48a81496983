"""Notifiers: where each stands, what receivers refused for good, and trials."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from console.access.gate import may
from console.access.visitor import Visitor
from console.api.asked import Name
from console.dependencies import Given
from hall.config.notifiers import NotifierSettings
from hall.errors import NotFound
from hall.names import AlertId, NotifierId
from hall.permissions import Permission
from store import audit, notifying
from store.database import Read
from store.notifying import FailedDelivery, Failure, Trial

router = APIRouter(tags=["notifications"])

MOST_FAILURES = 200

Keeper = Annotated[Visitor, may(Permission.NOTIFIERS)]


class TrialView(BaseModel):
    """The latest trial: who asked for it; `failure` is null when the receiver took it by `done_at`."""

    asked_at: datetime
    asked_by: str
    done_at: datetime | None
    failure: Failure | None

    @classmethod
    def of(cls, trial: Trial) -> TrialView:
        """The view of a trial."""
        return cls(
            asked_at=trial.asked_at, asked_by=trial.asked_by, done_at=trial.done_at, failure=trial.failure
        )


class NotifierView(BaseModel):
    """A notifier without its addresses.

    `waiting` counts the flips that it has not been told yet, up to 1,000. While nothing can be told
    `failing_since` and `failure` say since when and why; then it is tried again by itself.
    """

    id: NotifierId
    kind: Literal["webhook", "email", "wecom", "dingtalk", "feishu", "sms", "signal", "foreign"]
    waiting: int
    told_at: datetime | None
    failing_since: datetime | None
    failure: Failure | None
    trial: TrialView | None


class FailedDeliveryView(BaseModel):
    """A flip, by its alert and revision, that a receiver will never take."""

    notifier: NotifierId
    alert: AlertId
    revision: int
    at: datetime
    reason: Failure

    @classmethod
    def of(cls, failed: FailedDelivery) -> FailedDeliveryView:
        """The view of a failed delivery."""
        return cls(
            notifier=failed.notifier,
            alert=failed.alert,
            revision=failed.revision,
            at=failed.at,
            reason=failed.reason,
        )


class Notifications(BaseModel):
    """How notifiers fare. `failures` are what was refused for good, the newest first."""

    notifiers: list[NotifierView]
    failures: list[FailedDeliveryView]


@router.get("/notifications", response_model=Notifications)
def read_notifications(
    visitor: Keeper, given: Given, limit: Annotated[int, Query(ge=1, le=MOST_FAILURES)] = 50
) -> Notifications:
    """Where each notifier stands, and the latest `limit` messages that were refused for good."""
    with given.database.read() as tx:
        notifiers = given.halls.current(tx).site.notifiers
        halls = visitor.rights.halls
        return Notifications(
            notifiers=[_view(tx, settings) for settings in notifiers],
            failures=[
                FailedDeliveryView.of(failed) for failed in notifying.failed(tx, limit=limit, halls=halls)
            ],
        )


@router.post("/notifiers/{notifier}/test", status_code=202, response_model=TrialView)
def try_out(visitor: Keeper, given: Given, notifier: Name) -> TrialView:
    """Have a trial message sent by the role that sends alerts; `GET /notifications` tells what became of it.

    409 while the last trial is still on its way.
    """
    now = given.clock.now()
    with given.database.write() as tx:
        known = [settings.id for settings in given.halls.current(tx).site.notifiers]
        if NotifierId(notifier) not in known:
            raise NotFound(f"notifier: there is no notifier '{notifier}'")
        trial = notifying.ask_trial(tx, NotifierId(notifier), now, visitor.user.name)
        audit.record(
            tx,
            at=now,
            who=visitor.user.name,
            action="notifier_test",
            subject=f"notifier:{notifier}",
            detail="",
            address=visitor.address,
        )
    return TrialView.of(trial)


def _view(tx: Read, settings: NotifierSettings) -> NotifierView:
    standing, trial = notifying.standing(tx, settings.id), notifying.trial(tx, settings.id)
    return NotifierView(
        id=settings.id,
        kind=settings.kind,
        waiting=0 if standing is None else notifying.waiting(tx, standing.seq, settings.wants),
        told_at=None if standing is None else standing.told_at,
        failing_since=None if standing is None else standing.failing_since,
        failure=None if standing is None else standing.failure,
        trial=None if trial is None else TrialView.of(trial),
    )
