"""Where the views of all cameras are kept: read at the start, written now and then, forgotten when told to.

The thread that looks never waits for the database: it leaves views here and takes resets from here; `step`,
called by the thread that writes, does the rest.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from analysis.picture.condition.view import View
from analysis.picture.condition.watch import PictureWatch
from hall.errors import MediaError, StoreBusy
from hall.names import CameraId
from store import reference_views
from store.database import Database
from store.reference_views import ReferenceView

POLL_SECONDS = 3.0
"""How soon a reset is heard of."""
KEEP_SECONDS = 60.0
"""How often a view that still learns is kept; the first usable one at once."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class ViewKeeper:
    """Views by camera. `put` and `take_resets` are for the thread that looks, `step` for the writing one."""

    database: Database
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _waiting: dict[CameraId, tuple[View, datetime]] = field(default_factory=dict)
    _kept: dict[CameraId, float] = field(default_factory=dict)
    _heard: dict[CameraId, datetime] | None = None
    _reset: dict[CameraId, datetime] = field(default_factory=dict)
    _polled: float = float("-inf")

    def open(self, camera: CameraId, stored: dict[CameraId, ReferenceView]) -> PictureWatch:
        """The watch of a camera with what is kept of its view; an unreadable one is learnt anew."""
        kept = stored.get(camera)
        is_confirmed = kept is not None and kept.reset_at is not None
        if kept is None or kept.view is None:
            return PictureWatch(camera, is_trusted=is_confirmed)
        try:
            return PictureWatch(camera, View.decode(kept.view), kept.begun, is_trusted=is_confirmed)
        except MediaError as error:
            log.warning("reference view is learnt anew", camera=camera, error=str(error))
            return PictureWatch(camera, is_trusted=is_confirmed)

    def put(self, watch: PictureWatch, now: float) -> None:
        """Leave the view to be kept, if it is usable and was not kept lately. `now` is monotonic."""
        if watch.view is None or watch.begun is None or not watch.view.is_usable:
            return
        if now - self._kept.get(watch.camera, float("-inf")) < KEEP_SECONDS:
            return
        self._kept[watch.camera] = now
        with self._lock:
            self._waiting[watch.camera] = (watch.view, watch.begun)

    def take_resets(self, watches: dict[CameraId, PictureWatch]) -> None:
        """Make the watches forget views that were reset since."""
        with self._lock:
            resets, self._reset = self._reset, {}
        for camera, at in resets.items():
            watch = watches.get(camera)
            if watch is not None and (watch.begun is None or watch.begun < at):
                watch.forget_view()
                self._kept.pop(camera, None)
                log.info("reference view reset", camera=camera)

    def step(self, now: float) -> None:
        """Write what waits and ask for resets, at most every `POLL_SECONDS`; a busy database waits."""
        if now - self._polled < POLL_SECONDS:
            return
        self._polled = now
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        try:
            if waiting:
                with self.database.write() as tx:
                    for camera, (view, begun) in waiting.items():
                        reference_views.learnt(tx, camera, view.encode(), begun)
            with self.database.read() as tx:
                resets = reference_views.resets(tx)
        except StoreBusy as error:
            log.warning("database busy, reference views wait", error=str(error))
            with self._lock:
                self._waiting = waiting | self._waiting
            return
        known, self._heard = self._heard, resets
        fresh = {camera: at for camera, at in resets.items() if known is None or known.get(camera) != at}
        with self._lock:
            self._reset |= fresh
