"""Which roles have to start again for a new configuration: a recording is not cut for a name that changed.

Alerts, the console and the live view follow by themselves what is not named here. Everything that is not
known to be of no concern to a role is taken to concern it.
"""

from __future__ import annotations

from hall.config import Configuration, HallSettings
from hallwatch.roles import RoleName

SITE_OF_OTHERS = {"console", "access", "notifiers"}
"""Settings of `site` that concern neither capture nor analysis."""
HALL_OF_OTHERS = {"name", "level", "rules", "quiet", "escalation", "schedule"}
"""What of a hall concerns neither: it is judged and told, not recorded or seen."""
PEOPLE = {"units", "staff", "windows", "items"}
"""What of a hall concerns capture only where a queue is asked: events name these."""
CAMERA_OF_ANALYSIS = {"name", "zones", "microphone"}
"""What of a camera does not concern its recording."""
CAMERA_OF_CAPTURE = {"name", "record", "keep"}
"""What of a camera does not concern what is seen in its pictures."""


def concerned_roles(before: Configuration, after: Configuration) -> frozenset[RoleName]:
    """The roles whose processes have to start again when `after` follows `before`."""
    concerned = set()
    if _of_capture(before) != _of_capture(after):
        concerned.add(RoleName.CAPTURE)
    if _of_analysis(before) != _of_analysis(after):
        concerned.add(RoleName.ANALYSIS)
    if before.site.notifiers != after.site.notifiers:
        concerned.add(RoleName.ALERTS)
    return frozenset(concerned)


def _of_capture(configuration: Configuration) -> object:
    site = configuration.site.model_dump(exclude=SITE_OF_OTHERS | {"analysis"})
    halls = []
    for hall in configuration.halls:
        others = HALL_OF_OTHERS if hall.queues else HALL_OF_OTHERS | PEOPLE
        halls.append(_hall(hall, others, CAMERA_OF_ANALYSIS))
    return site, halls


def _of_analysis(configuration: Configuration) -> object:
    site = configuration.site.model_dump(exclude=SITE_OF_OTHERS | {"capture", "storage", "keep"})
    others = HALL_OF_OTHERS | PEOPLE | {"queues"}
    return site, [_hall(hall, others, CAMERA_OF_CAPTURE) for hall in configuration.halls]


def _hall(hall: HallSettings, others: set[str], of_cameras: set[str]) -> object:
    told = hall.model_dump(exclude=others | {"cameras"})
    return told, [camera.model_dump(exclude=of_cameras) for camera in hall.cameras]
