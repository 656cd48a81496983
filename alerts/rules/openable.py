"""Which windows could be opened for those who wait, and why each is named."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.desks import Work
from alerts.facts import HallQueue
from alerts.rules.queue_sights import presence_at
from hall.names import RuleId
from hall.observing import Presence
from hall.place import Window
from hall.queueing import PauseReason
from hall.rule import AbsenceRule, StaffedRule

USUAL = AbsenceRule(id=RuleId("usual"))
"""Its pauses are permitted where a hall has no rule about its posts."""


class Opening(StrEnum):
    """Why a window is named as one that could be opened, the best first."""

    PAUSE_OVER = "pause_over"
    BACK_OFFICE = "back_office"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Openable:
    """A window that could be opened, and why it is named."""

    window: Window
    why: Opening
    on_post: bool = False
    """Surely somebody is on post there; False also where nobody could see."""


def openable(queue: HallQueue, at: datetime) -> list[Openable]:
    """Windows that are not at work and could be, the best first: those where somebody is on post.

    Never one whose staff is on approved leave, that has an equipment fault, or that has a break within what
    is permitted.
    """
    allowed = _permitted(queue)
    found: list[Openable] = []
    for desk in queue.desks:
        work = desk.work(queue.hall, at)
        if work.work is Work.CLOSED:
            found.append(Openable(desk.window, Opening.CLOSED))
        elif work.work is Work.PAUSED and work.reason not in (PauseReason.FAULT, PauseReason.LEAVE):
            since = desk.paused_since(queue.hall, at)
            longest = allowed.get(work.reason) if work.reason is not None else None
            if since is not None and (longest is None or at - since >= longest):
                found.append(Openable(desk.window, Opening.PAUSE_OVER))
            elif work.reason is PauseReason.BACK_OFFICE:
                found.append(Openable(desk.window, Opening.BACK_OFFICE))
    order = list(Opening)
    seen = [replace(one, on_post=presence_at(queue, one.window.id, at) is Presence.ON_POST) for one in found]
    return sorted(seen, key=lambda one: (not one.on_post, order.index(one.why), one.window.number))


def _permitted(queue: HallQueue) -> dict[PauseReason, timedelta]:
    """How long a pause may last by its reason: the shortest that a rule in force says, else the defaults.

    Without a rule nobody decided otherwise, and no pause may be said to be over what is permitted for that.
    """
    asked = [rule for rule in queue.hall.rules if isinstance(rule, StaffedRule) and rule.enabled]
    shortest: dict[PauseReason, float] = {}
    for rule in asked or [USUAL]:
        for reason, seconds in rule.allowed_pauses.items():
            shortest[reason] = min(seconds, shortest.get(reason, seconds))
    return {reason: timedelta(seconds=seconds) for reason, seconds in shortest.items()}
