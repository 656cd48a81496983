"""How the recordings are kept, put together for one visitor: what each camera takes, holds and will lose."""

from __future__ import annotations

from console.access import scope
from console.access.visitor import Visitor
from console.api.storage_shapes import CameraStorage, GoingNext, Storage
from console.dependencies import Dependencies
from console.system import going
from console.system.going import Going
from store import locks

DAY_SECONDS = 86_400


def storage(visitor: Visitor, given: Dependencies) -> Storage:
    """What the cameras within reach take and hold. Raises StoreBusy."""
    now, figures = given.clock.now(), given.figures()
    rates = figures.rates if figures is not None else {}
    cameras: list[CameraStorage] = []
    with given.database.read() as tx:
        site = given.halls.current(tx).site
        holding = locks.holding(tx, now)
        for hall in scope.halls(visitor, given, tx):
            for camera in hall.cameras:
                if not visitor.rights.sees_camera(camera.id):
                    continue
                keep, rate = site.keep_of(camera), rates.get(camera.id)
                held = going.held(tx, camera.id, rate, now)
                mine = [lock for lock in holding if camera.id in lock.cameras]
                cameras.append(
                    CameraStorage(
                        hall=hall.id,
                        camera=camera.id,
                        name=camera.name,
                        record=camera.record,
                        keep=keep,
                        has_own_keep=camera.keep is not None,
                        bytes_per_day=None if rate is None else round(rate * DAY_SECONDS),
                        oldest=held.oldest,
                        bytes=held.bytes,
                        is_counted=held.is_counted,
                        locks=len(mine),
                        locked_bytes=going.locked_bytes(tx, camera.id, mine, now),
                        next=_view(going.next_of(tx, camera.id, keep, mine, now)),
                    )
                )
    archive = site.storage.archive
    return Storage(
        at=now,
        figures_known=figures is not None,
        keep=site.keep,
        keep_free_percent=site.storage.keep_free_percent,
        warn_hours=site.storage.warn_hours,
        has_archive=archive is not None,
        archive_days=None if archive is None else archive.days,
        cameras=cameras,
    )


def _view(next_: Going | None) -> GoingNext | None:
    if next_ is None:
        return None
    return GoingNext(
        rule=None if next_.rule is None else next_.rule.value,
        at=next_.at,
        takes=next_.takes,
        interval=next_.interval,
    )
