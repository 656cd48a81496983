"""The first steps of a hall: what is done, told by facts and never by what somebody ticked."""

from __future__ import annotations

from console.access import administering, scope
from console.access.gate import EVENTS_SCOPE
from console.access.visitor import Visitor
from console.api.guide_shapes import (
    CamerasStep,
    Guide,
    PlacesStep,
    QueueStep,
    RulesStep,
    UsersStep,
    ZonesStep,
)
from console.dependencies import Dependencies
from hall.config import HallSettings
from hall.place import ZoneRole
from store import accounts, api_keys, beginnings, notifying, recording
from store.database import Read


def guide(visitor: Visitor, given: Dependencies, asked: str | None) -> Guide:
    """How far a hall is set up. Raises NotFound for a hall beyond reach."""
    with given.database.read() as tx:
        hall = scope.hall(visitor, given, tx, asked)
        steps = (
            _cameras(tx, visitor, hall),
            _zones(visitor, hall),
            _places(hall),
            _queue(tx, hall),
            _rules(tx, given, hall),
            _users(tx, visitor),
        )
    cameras, zones, places, queue, rules, users = steps
    return Guide(
        hall=hall.id,
        done=sum(step.done for step in steps),
        cameras=cameras,
        zones=zones,
        places=places,
        queue=queue,
        rules=rules,
        users=users,
    )


def _cameras(tx: Read, visitor: Visitor, hall: HallSettings) -> CamerasStep:
    seen = [camera.id for camera in hall.cameras if visitor.rights.sees_camera(camera.id)]
    recorded = sum(recording.last_segment_end(tx, camera) is not None for camera in seen)
    return CamerasStep(done=recorded > 0, cameras=len(seen), recorded=recorded)


def _zones(visitor: Visitor, hall: HallSettings) -> ZonesStep:
    seen = [camera for camera in hall.cameras if visitor.rights.sees_camera(camera.id)]
    staffed = {
        zone.window for camera in seen for zone in camera.zones if zone.role is ZoneRole.STAFF and zone.window
    }
    unseen = sum(window.id not in staffed for window in hall.windows)
    bare = next((camera.id for camera in seen if not camera.zones), None)
    return ZonesStep(done=unseen == 0, windows_unseen=unseen, camera=bare)


def _places(hall: HallSettings) -> PlacesStep:
    # A configuration cannot be without them: whether these are all, only people know.
    return PlacesStep(done=True, windows=len(hall.windows), units=len(hall.units), staff=len(hall.staff))


def _queue(tx: Read, hall: HallSettings) -> QueueStep:
    keys = sum(
        EVENTS_SCOPE in key.scopes and (not key.halls or hall.id in key.halls)
        for key in api_keys.all_keys(tx)
    )
    first = beginnings.first_queue_event(tx, hall.id)
    return QueueStep(done=first is not None, keys=keys, asked=len(hall.queues), first_event_at=first)


def _rules(tx: Read, given: Dependencies, hall: HallSettings) -> RulesStep:
    notifiers = given.halls.current(tx).site.notifiers
    trials = [notifying.trial(tx, one.id) for one in notifiers]
    tried = sum(one is not None and one.done_at is not None and one.failure is None for one in trials)
    rules = sum(rule.enabled for rule in hall.rules)
    return RulesStep(done=rules > 0 and tried > 0, rules=rules, notifiers=len(notifiers), tried=tried)


def _users(tx: Read, visitor: Visitor) -> UsersStep:
    others = [
        user
        for user in accounts.active_users(tx)
        if user.id != visitor.user.id and administering.reaches(visitor.rights, user.rights)
    ]
    return UsersStep(done=bool(others), others=len(others))
