"""The thread that makes ordered packages, one after the other, and never two of one order.

Of several consoles one makes packages: the one with the lease. A package that was being made when a console
was killed is made again by the next.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from capture.archive.recorded import RecordedFiles
from console.evidence.contents import Manifest, Marks
from console.evidence.making import Order, Workshop, make
from console.evidence.package import PARTIAL
from console.evidence.redacted_clips import Redactor, work_folder
from console.evidence.signing import signing_key
from console.metrics import EXPORTS
from hall.clock import Clock
from hall.config import Configuration, HallSettings
from hall.errors import Conflict, EvidenceError, HallwatchError, NotFound, StoreBusy
from hall.exporting import Export, ExportState
from store import configuration as store_configuration
from store import exporting, leases, recording
from store.database import Database, Read

FOLDER = "evidence"
KEY_FILE = "signing.pem"
LEASE = "evidence"
TTL = timedelta(seconds=30)
"""How long after its last sign a console that makes a package counts as gone."""
TOLD_EVERY = 1.0
"""Seconds between two notes of how far a package is."""
CLOSED_AFTER = 2.0
"""Lengths of a segment after which a camera that recorded anything has closed its file."""
PATIENCE = 2.0
"""Seconds between two looks for orders; an order of this console is seen at once."""

log = structlog.get_logger(__name__)


def package_path(configuration: Configuration, export: Export) -> Path:
    """Where the package of an export lies."""
    return configuration.site.data / FOLDER / f"{export.id}.zip"


def key_of(configuration: Configuration) -> Ed25519PrivateKey:
    """The key of this installation. Raises EvidenceError."""
    return signing_key(configuration.site.data / FOLDER / KEY_FILE)


class ExportThread:
    """Makes packages until told to stop. `wake` when something was ordered."""

    def __init__(self, configuration: Configuration, database: Database, clock: Clock, holder: str) -> None:
        """`holder` names this process."""
        self._configuration = configuration
        self._database = database
        self._clock = clock
        self._holder = holder
        self._woken = threading.Event()

    def wake(self) -> None:
        """Look for orders now."""
        self._woken.set()

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop, whatever happens to single packages."""
        while not stop.is_set():
            try:
                self.step(stop.is_set)
            except StoreBusy as error:
                log.warning("orders cannot be read now", error=str(error))
            self._woken.wait(PATIENCE)
            self._woken.clear()

    def step(self, stopped: Callable[[], bool] = lambda: False) -> None:
        """Make everything that waits and is recorded. Raises StoreBusy."""
        while not stopped():
            with self._database.read() as tx:
                orders = [export for export in exporting.waiting(tx) if self._is_recorded(tx, export)]
            # The lease is a write: it is asked for only where there is something to make.
            if not orders or not self._holds():
                return
            self._do(orders[0], stopped)

    def _holds(self) -> bool:
        with self._database.write() as tx:
            return leases.acquire(tx, LEASE, self._holder, self._clock.now(), TTL) is not None

    def _is_recorded(self, tx: Read, export: Export) -> bool:
        """Whether the footage is complete: what is recorded now lies in a file that is not closed yet."""
        end = export.interval.end
        assert end is not None
        patience = timedelta(seconds=CLOSED_AFTER * self._configuration.site.capture.segment_seconds)
        if self._clock.now() >= end + patience:
            return True
        ends = [recording.last_segment_end(tx, camera) for camera in export.cameras]
        return all(recorded is not None and recorded >= end for recorded in ends)

    def _do(self, export: Export, stopped: Callable[[], bool]) -> None:
        export = replace(export, state=ExportState.MAKING, files_read=0, files=0)
        if not self._changed(export, ExportState.QUEUED, ExportState.MAKING):
            return
        told = self._clock.monotonic()

        def progress(done: int, total: int) -> None:
            nonlocal told
            if stopped():
                raise _Stopped
            now = self._clock.monotonic()
            if now - told < TOLD_EVERY and done < total:
                return
            told = now
            if not self._holds():
                raise _Stopped
            with self._database.write() as tx:
                if not exporting.advance(tx, replace(export, files_read=done, files=total)):
                    raise _Cancelled

        try:
            manifest = self._make(export, progress)
        except _Stopped:
            log.info("a package is left to whoever goes on", export=export.id)
            return
        except _Cancelled:
            log.info("a package is not wanted any more", export=export.id)
            return
        except StoreBusy:
            raise
        except Exception as error:
            expected = isinstance(error, HallwatchError | OSError)
            log.error("a package cannot be made", export=export.id, error=str(error), exc_info=not expected)
            failed = replace(export, state=ExportState.FAILED, error=str(error) or type(error).__name__)
            self._changed(failed, ExportState.MAKING)
            EXPORTS.labels("failed").inc()
            return
        self._made(export, manifest)

    def _make(self, export: Export, progress: Callable[[int, int], None]) -> Manifest:
        with self._database.read() as tx:
            configuration = store_configuration.current(tx) or self._configuration
        end = export.interval.end
        assert end is not None
        order = Order(
            export.id,
            Marks(export.interval.start, end, export.cameras),
            export.case,
            export.reason,
            export.ordered_by,
            self._clock.now(),
            export.redaction,
        )
        workshop = Workshop(
            self._database,
            _hall(configuration, export),
            RecordedFiles(configuration, self._database).open,
            key_of(self._configuration),
            f"hallwatch {version('hallwatch')}",
            configuration.site.evidence,
            Redactor(configuration.site.analysis),
        )
        path = package_path(self._configuration, export)
        path.with_name(path.name + PARTIAL).unlink(missing_ok=True)
        shutil.rmtree(work_folder(path), ignore_errors=True)
        return make(order, workshop, path, progress).manifest

    def _made(self, export: Export, manifest: Manifest) -> None:
        files = sum(len(clip.sources) for clip in manifest.clips)
        changed = tuple(
            source.segment for clip in manifest.clips for source in clip.sources if not source.is_whole
        )
        passes = 1 if export.redaction is None else 2
        whole = [clip.redacted.frames_covered_whole for clip in manifest.clips if clip.redacted is not None]
        made = replace(
            export,
            state=ExportState.MADE,
            files_read=passes * files,
            files=passes * files,
            covered_whole=sum(whole),
            size=package_path(self._configuration, export).stat().st_size,
            key=manifest.key,
            changed_recordings=changed,
        )
        if not self._changed(made, ExportState.MAKING):
            package_path(self._configuration, export).unlink(missing_ok=True)
            return
        EXPORTS.labels("made").inc()
        log.info("a package is made", export=export.id, bytes=made.size)

    def _changed(self, export: Export, *before: ExportState) -> bool:
        """Enter a state; False when somebody else has changed it meanwhile."""
        at = self._clock.now()
        is_over = export.state in (ExportState.MADE, ExportState.FAILED)
        try:
            with self._database.write() as tx:
                exporting.change(tx, replace(export, finished_at=at if is_over else None), before, at)
        except (Conflict, NotFound):
            return False
        return True


class _Cancelled(Exception):
    """Somebody has taken the order back while it was made."""


class _Stopped(Exception):
    """The process is to end, or another makes packages now."""


def _hall(configuration: Configuration, export: Export) -> HallSettings:
    for hall in configuration.halls:
        if hall.id == export.hall:
            return hall
    raise EvidenceError(f"the configuration has no hall '{export.hall}' any more")
