"""Whether somebody is on post, out of what all staff zones of one window show.

Somebody whom one camera sees is there, whatever the others fail to see. While all of them see, they are
believed together that nobody is there. While one is blind, another is believed that nobody is there only if
it had seen, too, whoever was seen there last: the blind one may be the one that shows the seat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hall.observing import Presence

TOGETHER_SECONDS = 10.0
"""Two cameras saw the same person leave if they lost them within this time (or two of their samples): one may
have missed the last looks that the other had."""


@dataclass(frozen=True, slots=True)
class View:
    """What one staff zone shows of a post at one moment; `unknown` where its camera is blind.

    `last_on_post` is the last moment, up to then, at which it showed somebody; None when that is not known.
    """

    presence: Presence
    last_on_post: datetime | None = None
    sample_every: float = 2.0


def fused(views: Sequence[View]) -> Presence:
    """What the zones of one window say together; their order does not matter.

    `leaving` as long as one that sees says so: absence is then not sure. Unknown without any zone.
    """
    told = {view.presence for view in views}
    if Presence.ON_POST in told:
        return Presence.ON_POST
    if not believed(views):
        return Presence.UNKNOWN
    return Presence.LEAVING if Presence.LEAVING in told else Presence.ABSENT


def believed(views: Sequence[View]) -> list[View]:
    """The zones that see and are believed, also where they show nobody."""
    blind = [view for view in views if view.presence is Presence.UNKNOWN]
    seeing = [view for view in views if view.presence is not Presence.UNKNOWN]
    if not blind:
        return seeing
    return [
        view
        for view in seeing
        if view.presence is Presence.ON_POST or all(_saw_the_last(view, other) for other in blind)
    ]


def _saw_the_last(view: View, blind: View) -> bool:
    """True when `view` has shown somebody, and not notably earlier than the blind one did last."""
    if view.last_on_post is None:
        return False
    if blind.last_on_post is None:
        return True
    together = max(TOGETHER_SECONDS, 2 * view.sample_every, 2 * blind.sample_every)
    return view.last_on_post >= blind.last_on_post - timedelta(seconds=together)
