"""The names of everything that travels on the bus.

A camera's id is a slug (hall.names.SLUG), so it is one token of a subject.
"""

from __future__ import annotations

from hall.names import CameraId

TAP_KEY = "tap.key"
"""Sampled key frames of a camera (bus.tap.TapMessage)."""
TAP_SOUND = "tap.sound"
"""About one second of a camera's sound packets (bus.tap.TapMessage)."""
TAP_LIVE = "tap.live"
"""Every packet of one camera, only while somebody wants it (bus.tap.TapMessage)."""
LIVE_WANT = "live.want"
"""Sent every two seconds by whoever wants `tap.live` of a camera; no payload."""
LIVE_OFFER = "live.offer"
"""Request and reply: a viewer's WebRTC offer, from the console to the live role."""
ANALYSIS_EXAMINE = "analysis.examine"
"""Request and reply: zones to be tried on one picture (hall.examining), from the console to analysis."""
ANALYSIS_SIGHTING = "analysis.sighting"
"""Where people were in a camera's picture: JSON of hall.sighting.Sighting. Dropped where nobody listens."""
JOURNAL_WAKE = "journal.wake"
"""A hint that the journal grew; payload is the last sequence number in decimal digits."""
ROLE_BEAT = "role.beat"
"""A role lives: JSON of bus.heartbeat.Beat."""
SUPERVISOR_REPORT = "supervisor.report"
"""Every two seconds, how all processes of a supervisor are: JSON of bus.supervision.SupervisorReport."""


def tap_key(camera: CameraId) -> str:
    """Where sampled key frames of a camera go."""
    return f"{TAP_KEY}.{camera}"


def tap_sound(camera: CameraId) -> str:
    """Where a camera's sound goes."""
    return f"{TAP_SOUND}.{camera}"


def tap_live(camera: CameraId) -> str:
    """Where every packet of a camera goes while it is wanted."""
    return f"{TAP_LIVE}.{camera}"


def live_want(camera: CameraId) -> str:
    """Where a wish for `tap_live` is sent."""
    return f"{LIVE_WANT}.{camera}"


def analysis_sighting(camera: CameraId) -> str:
    """Where the sightings of a camera go."""
    return f"{ANALYSIS_SIGHTING}.{camera}"


def role_beat(role: str) -> str:
    """Where a role's heartbeats go."""
    return f"{ROLE_BEAT}.{role}"


def every(prefix: str) -> str:
    """The pattern that takes all subjects one token below `prefix`, as `tap.key.*`."""
    return f"{prefix}.*"


def last_token(subject: str) -> str:
    """The camera or role that a subject ends with."""
    return subject.rpartition(".")[2]


def family(subject: str) -> str:
    """The first two tokens of a subject: few enough to be a label of a metric."""
    if subject.startswith("_INBOX"):
        return "reply"
    return ".".join(subject.split(".", 2)[:2])
