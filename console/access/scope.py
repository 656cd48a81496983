"""Halls, cameras and alerts as far as a visitor's rights reach.

What lies beyond is answered exactly like what is not there: whether it exists is nobody's business.
"""

from __future__ import annotations

from console.access.visitor import Visitor
from console.dependencies import Dependencies
from hall.config import HallSettings
from hall.errors import NotFound
from hall.exporting import Export
from hall.finding import Alert
from hall.locking import Lock
from hall.media import Segment
from hall.names import AlertId, CameraId, ExportId, HallId, LockId, SegmentId, TransactionId
from hall.place import Camera
from hall.queueing import Transaction
from store import alerting, exporting, locks, queueing, recording
from store.database import Read


def halls(visitor: Visitor, given: Dependencies, tx: Read) -> list[HallSettings]:
    """The halls within reach."""
    return [hall for hall in given.halls.current(tx).halls if visitor.rights.sees_hall(hall.id)]


def hall(visitor: Visitor, given: Dependencies, tx: Read, asked: str | None) -> HallSettings:
    """The hall of this id, or the first one within reach for None. Raises NotFound."""
    within = halls(visitor, given, tx)
    if asked is None and within:
        return within[0]
    for known in within:
        if known.id == asked:
            return known
    raise NotFound(f"hall: there is no hall '{asked}'" if asked is not None else "hall: there is none")


def wanted(visitor: Visitor, asked: str | None) -> frozenset[HallId] | None:
    """The halls that a list is to be of: those asked for and within reach; None means every one."""
    within = visitor.rights.halls
    if asked is None:
        return within
    return frozenset({HallId(asked)}) if visitor.rights.sees_hall(HallId(asked)) else frozenset()


def camera(visitor: Visitor, given: Dependencies, tx: Read, asked: str) -> tuple[HallSettings, Camera]:
    """The camera of this id and its hall. Raises NotFound."""
    found, known = given.halls.camera(tx, asked)
    if not (visitor.rights.sees_hall(found.id) and visitor.rights.sees_camera(known.id)):
        raise NotFound(f"camera: there is no camera '{asked}'")
    return found, known


def cameras(visitor: Visitor, given: Dependencies, tx: Read) -> frozenset[CameraId] | None:
    """The cameras within reach; None means every one, also those that left the configuration."""
    if visitor.rights.halls is None and visitor.rights.cameras is None:
        return None
    within = [known.id for place in halls(visitor, given, tx) for known in place.cameras]
    return frozenset(known for known in within if visitor.rights.sees_camera(known))


def sees_alert(visitor: Visitor, found: Alert) -> bool:
    """Whether an alert is within reach."""
    about = found.subject.camera
    return visitor.rights.sees_hall(found.subject.hall) and (
        about is None or visitor.rights.sees_camera(about)
    )


def alert(visitor: Visitor, tx: Read, identifier: str) -> Alert:
    """One alert. Raises NotFound."""
    found = alerting.alert(tx, AlertId(identifier))
    if not sees_alert(visitor, found):
        raise NotFound(f"there is no alert {identifier}")
    return found


def transaction(visitor: Visitor, tx: Read, identifier: str) -> Transaction:
    """One transaction. Raises NotFound."""
    found = queueing.transaction(tx, TransactionId(identifier))
    if not visitor.rights.sees_hall(found.hall):
        raise NotFound(f"there is no transaction {identifier}")
    return found


def segment(visitor: Visitor, given: Dependencies, tx: Read, identifier: str) -> Segment:
    """One recorded file. Raises NotFound."""
    found = recording.segment(tx, SegmentId(identifier))
    within = cameras(visitor, given, tx)
    if within is not None and found.camera not in within:
        raise NotFound(f"there is no segment {identifier}")
    return found


def sees_cameras_of(visitor: Visitor, kept: Export | Lock) -> bool:
    """Whether an export or a lock is within reach, with every camera of it."""
    return visitor.rights.sees_hall(kept.hall) and all(
        visitor.rights.sees_camera(one) for one in kept.cameras
    )


def export(visitor: Visitor, tx: Read, identifier: str) -> Export:
    """One export. Raises NotFound."""
    found = exporting.get(tx, ExportId(identifier))
    if not sees_cameras_of(visitor, found):
        raise NotFound(f"there is no export {identifier}")
    return found


def lock(visitor: Visitor, tx: Read, identifier: str) -> Lock:
    """One lock. Raises NotFound."""
    found = locks.lock(tx, LockId(identifier))
    if not sees_cameras_of(visitor, found):
        raise NotFound(f"there is no lock {identifier}")
    return found
