"""What cameras tell of a window's zones or of a hall's waiting zones, read as far back as its rules reach."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from alerts.facts import Sight
from hall.config import HallSettings
from hall.interval import Interval
from hall.names import CameraId, WindowId
from hall.observing import KINDS, Observation, ObservationKind
from hall.place import Camera, Zone, ZoneRole
from hall.rule import CrowdingRule, StaffedRule
from store import observing
from store.database import Read

AT_WINDOWS = (ObservationKind.PRESENCE, ObservationKind.CUSTOMER)
BEFORE = timedelta(hours=1)
"""What may lie before a fact that still holds, and belong to it: leaving comes before absent."""
SEVERAL = timedelta(days=1)
"""How far back presences are read where several zones show a post: which of them saw staff last counts."""
MOST = 50_000


def seen_at_window(
    tx: Read, hall: HallSettings | None, window: WindowId, since: datetime, at: datetime
) -> tuple[Observation, ...]:
    """Staff and customers of a window: since `since` at least, and up to `at`."""
    if hall is not None:
        limits = [rule.limit_seconds for rule in hall.rules if isinstance(rule, StaffedRule)]
        since = min(since, at - timedelta(seconds=max(limits, default=0.0)) - BEFORE)
        zones = [zone for camera in hall.cameras for zone in camera.zones if zone.window == window]
        if len([zone for zone in zones if zone.role is ZoneRole.STAFF]) > 1:
            since = min(since, at - SEVERAL)
    return _since(tx, since, at, AT_WINDOWS, window=window)


def people_counted(
    tx: Read, hall: HallSettings | None, since: datetime, at: datetime
) -> tuple[Observation, ...]:
    """The counts of a hall's waiting zones: since `since` at least, and up to `at`."""
    if hall is None:
        return ()
    limits = [rule.limit_seconds for rule in hall.rules if isinstance(rule, CrowdingRule)]
    since = min(since, at - timedelta(seconds=max(limits, default=0.0)) - BEFORE)
    counting = [camera.id for camera in hall.cameras if counts_people(camera)]
    kinds = (ObservationKind.PEOPLE,)
    return tuple(seen for camera in counting for seen in _since(tx, since, at, kinds, camera=camera))


def counts_people(camera: Camera) -> bool:
    """Whether a camera shows a waiting zone."""
    return any(zone.role is ZoneRole.WAITING for zone in camera.zones)


def sights_of(
    hall: HallSettings,
    role: ZoneRole,
    window: WindowId | None,
    seen: Collection[Observation],
    watermarks: Mapping[CameraId, datetime],
    unseen: Mapping[CameraId, tuple[Interval, ...]],
    *,
    is_followed: bool = False,
) -> tuple[Sight, ...]:
    """The zones of a role, of a window or (None) of the hall, each with what was seen in it."""
    return tuple(
        Sight(
            camera.id,
            zone.id,
            _of_zone(seen, camera, zone),
            watermarks.get(camera.id),
            camera.sample_every,
            unseen.get(camera.id, ()),
            is_followed,
        )
        for camera in hall.cameras
        for zone in camera.zones
        if zone.role is role and zone.window == window
    )


def _of_zone(seen: Iterable[Observation], camera: Camera, zone: Zone) -> tuple[Observation, ...]:
    """Those of one zone, of the kind that belongs to its role."""
    wanted = camera.id, zone.id, KINDS[zone.role]
    return tuple(each for each in seen if (each.camera, each.zone, each.kind) == wanted)


def _since(
    tx: Read,
    since: datetime,
    at: datetime,
    kinds: Collection[ObservationKind],
    *,
    window: WindowId | None = None,
    camera: CameraId | None = None,
) -> tuple[Observation, ...]:
    """Further back where something that began before `since` still went on then."""
    end = at + timedelta(days=1)
    found = observing.between(tx, since, end, camera=camera, window=window, kinds=kinds, limit=MOST)
    if found and found[0].interval.start < since:
        since = found[0].interval.start - BEFORE
        found = observing.between(tx, since, end, camera=camera, window=window, kinds=kinds, limit=MOST)
    return tuple(found)
