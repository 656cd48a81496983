"""Which cameras are watched: their watermarks, as far as judging needs them, and when nobody watched.

Thousands of watermarks move on every other second and change nothing. Only those that stand still are looked
for, and of the others those are read whose windows are about to be judged: what it costs does not grow with
the number of cameras.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from alerts.rules import detector_stale
from hall.config import HallSettings
from hall.interval import Interval
from hall.names import CameraId
from hall.place import Camera
from hall.rule import DetectorStaleRule, SourceRule, WatchedRule
from store import observing
from store.database import Read

KEPT = timedelta(days=1)
"""How far back stretches in which nobody watched are remembered."""


class Watermarks:
    """The watermarks of all cameras as of the last reading. No thread safety."""

    def __init__(self, tx: Read, at: datetime) -> None:
        """Read them all."""
        self._known = observing.watermarks_now(tx)
        self._count = len(self._known)
        self._looked_at = at
        self._limits: dict[CameraId, tuple[timedelta, ...]] = {}
        self._cameras: frozenset[CameraId] = frozenset()
        self._shortest: timedelta | None = None
        self._old: frozenset[CameraId] = frozenset()
        self._still: dict[CameraId, datetime] = {}
        self._unseen: dict[CameraId, tuple[Interval, ...]] = {}

    @property
    def known(self) -> Mapping[CameraId, datetime]:
        """Up to date for cameras of the last `read`, and for those that are not watched any more."""
        return self._known

    @property
    def old(self) -> frozenset[CameraId]:
        """The cameras that might stand still under some rule; the watermarks of all others move."""
        return self._old

    @property
    def unseen(self) -> Mapping[CameraId, tuple[Interval, ...]]:
        """Stretches in which a watermark stood still for too long, whatever observations say."""
        return self._unseen

    def attend(self, tx: Read, halls: Collection[HallSettings], at: datetime) -> None:
        """Look after the cameras of these halls, under the limits of their rules: a look at all of them."""
        self._take(observing.watermarks_now(tx))
        self._limits = {
            camera.id: limits
            for hall in halls
            for camera in hall.cameras
            if (limits := _limits(hall, camera))
        }
        self._cameras = frozenset(camera.id for hall in halls for camera in hall.cameras)
        self._shortest = min(
            (shortest for hall in halls for camera in hall.cameras for shortest in _shortest(hall, camera)),
            default=None,
        )
        self._note_still(self._known, at)

    def look(self, tx: Read, at: datetime) -> set[CameraId]:
        """The cameras that are not watched any more, and those that are watched again.

        To be asked every second: that a watermark stood still is known of moments only at which it was
        looked at.
        """
        found = self.read(tx, self._still)
        count = observing.count_watermarks(tx)
        if count != self._count:
            self._count = count
            found |= self.read(tx, self._cameras)
        still = observing.watched_until(tx, at - self._shortest) if self._shortest is not None else {}
        self._known.update(still)
        self._old = frozenset(still)
        found |= self._passed(still, at)
        self._note_still(still, at)
        return found

    def read(self, tx: Read, cameras: Iterable[CameraId]) -> set[CameraId]:
        """Read the watermarks of some cameras anew. Gives those of them that are watched again."""
        return self._take(observing.watermarks_of(tx, tuple(cameras)))

    def _take(self, watermarks: Mapping[CameraId, datetime]) -> set[CameraId]:
        again: set[CameraId] = set()
        for camera, seen in watermarks.items():
            before, self._known[camera] = self._known.get(camera), seen
            if before is None and camera in self._limits:
                again.add(camera)
            elif (stood := self._still.get(camera)) is not None and seen != stood:
                del self._still[camera]
                again.add(camera)
                # It stood still until the last look at least; later than that is not known.
                parts = self._unseen.get(camera, ())
                kept = [part for part in parts if part.end is None or part.end > self._looked_at - KEPT]
                self._unseen[camera] = (*kept, Interval(stood, self._looked_at))
        return again

    def _passed(self, still: Mapping[CameraId, datetime], at: datetime) -> set[CameraId]:
        """The cameras that a rule has come to call blind since the last look."""
        return {
            camera
            for camera, seen in still.items()
            if any(self._looked_at < seen + limit <= at for limit in self._limits.get(camera, ()))
        }

    def _note_still(self, watermarks: Mapping[CameraId, datetime], at: datetime) -> None:
        self._looked_at = at
        self._still = {
            camera: seen
            for camera, seen in watermarks.items()
            if (limits := self._limits.get(camera)) is not None and at - seen >= limits[0]
        }


def _limits(hall: HallSettings, camera: Camera) -> tuple[timedelta, ...]:
    """After which times without a sample rules call a camera blind, the shortest first."""
    stales = {rule.stale_seconds for rule in hall.rules if isinstance(rule, WatchedRule | SourceRule)}
    # A camera that is sampled rarely is not blind between two samples.
    return tuple(sorted({timedelta(seconds=max(stale, 2 * camera.sample_every)) for stale in stales}))


def _shortest(hall: HallSettings, camera: Camera) -> tuple[timedelta, ...]:
    """How old a watermark has to be at least for any rule to ask whether it stands still."""
    stales = [rule for rule in hall.rules if isinstance(rule, DetectorStaleRule) and rule.enabled]
    return (*_limits(hall, camera)[:1], *(detector_stale.asked_after(camera, rule) for rule in stales))
