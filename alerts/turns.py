"""When time alone says otherwise of what was wrong with a camera before: a turn. Pure.

A recorder that restarts in an outage is taken to be back in a moment. Once that has taken too long, the
outage was over when the restart began. A fault that was not found yet is forgotten once its picture could
not be seen for as long as the limit; and an interruption turns out to be an outage, from its beginning, when
that reaches its limit. What was judged of that time is to be judged again then, as if a fact had come late.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.facts import Outage, Sight
from alerts.rules import audio_fault, camera_fault
from alerts.rules.together import Cause
from hall.rule import AudioFaultRule, CameraFaultRule, Rule

WATCHED_FOR = timedelta(days=1)
"""That nobody looks is known by watermarks, which are judged as they stand: turns do without them."""


@dataclass(frozen=True, slots=True)
class Turn:
    """At `at` something becomes so that was so since `tells_of`, if nothing more happens."""

    at: datetime
    tells_of: datetime


def turns(outage: Outage, rules: Sequence[Rule], since: datetime) -> list[Turn]:
    """The turns of one camera after `since`, as what is known now stood then."""
    watched = replace(
        outage,
        picture=_watched(outage.picture, since),
        microphone=_watched(outage.microphone, since),
    )
    found = {Turn(moment, cause.interval.start) for cause, moment in _each(watched, rules, since)}
    return sorted((turn for turn in found if turn.at > since), key=lambda turn: (turn.at, turn.tells_of))


def _watched(sight: Sight | None, since: datetime) -> Sight | None:
    return None if sight is None else replace(sight, watched=since + WATCHED_FOR, unseen=())


def _each(outage: Outage, rules: Sequence[Rule], since: datetime) -> Iterator[tuple[Cause, datetime]]:
    for rule in rules:
        causes: list[Cause] = []
        if isinstance(rule, CameraFaultRule) and rule.enabled:
            causes = [*camera_fault.causes(outage, since, rule), *camera_fault.outages(outage, since, rule)]
        elif isinstance(rule, AudioFaultRule) and rule.enabled:
            causes = audio_fault.causes(outage, since, rule)
        for cause in causes:
            for moment in (cause.turns, cause.reached):
                if moment is not None:
                    yield cause, moment
