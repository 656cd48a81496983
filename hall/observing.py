"""Observations: what analysis saw and heard over an interval, stored only when it changes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hall.interval import Interval
from hall.names import CameraId, WindowId, ZoneId
from hall.place import ZoneRole


class ObservationKind(StrEnum):
    """What an observation is about."""

    PRESENCE = "presence"
    """Somebody in a staff zone; `state` is a Presence."""
    CUSTOMER = "customer"
    """Somebody in a customer zone; `state` is a Presence."""
    PEOPLE = "people"
    """People in a waiting zone; `measure` is the smoothed count, `state` is `counted` or `unknown`."""
    SPEECH = "speech"
    """`state` is `speech`, `quiet` or `unknown`."""
    LEVEL = "level"
    """Sound level of single seconds; `measure` is LAeq: in dBFS when `state` is `measured`, in dB(A) when it
    is `calibrated` (the camera has a `calibration_db`). Or `unknown`."""
    MINUTE_LEVEL = "minute_level"
    """The same of whole minutes by the wall's time."""
    VOICES = "voices"
    """`state` is `calm`, `raised` or `unknown`; `measure` of `raised` is how many dB over the usual talk."""
    MICROPHONE = "microphone"
    """`state` is `good`, `digital_silence`, `clipping`, `hum`, `level_drop` or `unknown`. `measure` of
    `level_drop` is the level, in dBFS, that the microphone never fell below."""
    PICTURE = "picture"
    """How a camera's whole picture is: `clear`, `covered`, `black`, `washed_out`, `frozen`, `blurred`,
    `moved` or `unknown`."""


KINDS = {
    ZoneRole.STAFF: ObservationKind.PRESENCE,
    ZoneRole.CUSTOMER: ObservationKind.CUSTOMER,
    ZoneRole.WAITING: ObservationKind.PEOPLE,
}
"""What is observed in a zone, by its role."""


class Presence(StrEnum):
    """Whether a zone is occupied. `leaving`: no longer surely there, not yet surely away."""

    ON_POST = "on_post"
    LEAVING = "leaving"
    ABSENT = "absent"
    UNKNOWN = "unknown"


UNKNOWN = "unknown"
"""The state of any observation while analysis cannot tell."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen or heard by one camera, in one zone (None: the whole source), over one interval.

    `measure` is a number in the unit of its kind. `source` names what judged it, as `movenet@1`.
    The interval is open while the observation is the current one.
    """

    kind: ObservationKind
    camera: CameraId
    zone: ZoneId | None
    window: WindowId | None
    interval: Interval
    state: str
    measure: float | None = None
    confidence: float | None = None
    source: str = ""
