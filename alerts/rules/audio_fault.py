"""Audio fault (声音异常): a microphone that is silent to the last bit, clips, hums, or has become too low.

What nobody heard is no fault. A fault that was found outlasts an hour of it: a recorder or an analysis that
was off has mended nothing, but a source that has no sound any more would else be faulty for ever.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts.facts import Outage
from alerts.rules.faults import Patience, faulty_stretches
from alerts.rules.together import Cause
from hall.observing import UNKNOWN
from hall.rule import AudioFaultRule

MICROPHONE_FAULTS = frozenset({"digital_silence", "clipping", "hum", "level_drop"})
"""What a microphone may have wrong, as analysis states it."""
OUTLASTS = timedelta(hours=1)


def causes(outage: Outage, at: datetime, rule: AudioFaultRule) -> list[Cause]:
    """Why and when the microphone was out of order, in order."""
    if outage.microphone is None:
        return []
    patience = Patience(timedelta(seconds=rule.limit_seconds), OUTLASTS)
    return faulty_stretches(outage.microphone, at, rule.stale_seconds, MICROPHONE_FAULTS, patience)


def has_sound(outage: Outage) -> bool:
    """Whether anything has been heard of the camera of late."""
    known = outage.microphone.observations if outage.microphone is not None else ()
    return any(heard.state != UNKNOWN for heard in known)
