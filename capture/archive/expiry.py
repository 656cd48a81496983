"""What has to leave the archive because of its age: copies after `archive.days`, sound after `sound_days`.

Sound that is still on a local disk is taken out there, and its copy follows like any other change. Where only
the archive has the file, it is fetched, stripped and put back under the same key, in one request that
replaces it: the archive holds the one version or the other, and which one a hash tells.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Final

import structlog

from capture.archive.alignment import Alignment, Point
from capture.archive.metrics import REFUSED, STRIPPED
from capture.archive.objects import S3Objects
from capture.archive.pace import Pace, Stopped
from capture.archive.reading import CHUNK
from capture.mp4.read import read_index
from capture.mp4.strip import strip
from hall.clock import EPOCH, Clock
from hall.config import Configuration
from hall.errors import Conflict, MediaError, NotFound
from hall.media import Segment, TrackKind
from hall.names import CameraId
from hall.place import Keep
from hall.pulse import renew
from store import copies, deletion, holdings, locks
from store.copies import Copy
from store.database import Database

AT_ONCE: Final = 50
WHY: Final = "age"

log = structlog.get_logger(__name__)


class Expiry:
    """Looks through the copies of every camera, the oldest first."""

    def __init__(
        self,
        configuration: Configuration,
        database: Database,
        archive: S3Objects,
        alignment: Alignment,
        folder: Path,
        clock: Clock,
        point: Point = lambda _name: None,
    ) -> None:
        """`folder` takes one file at a time while it is taken apart. `point`: see `Alignment`."""
        self._configuration = configuration
        self._database = database
        self._archive = archive
        self._alignment = alignment
        self._folder = folder
        self._clock = clock
        self._point = point

    def run_once(self, stop: Event) -> None:
        """Take out what is too old now. Raises RecordingError, StoreBusy or OSError."""
        settings = self._configuration.site.storage.archive
        assert settings is not None
        pace = Pace(settings.megabits_per_second, self._clock, stop)

        def moving(count: int) -> None:
            renew()
            pace(count)

        with suppress(Stopped):
            self._go_round(settings.days, stop, moving)

    def _go_round(self, days: float | None, stop: Event, pace: Callable[[int], None]) -> None:
        with self._database.read() as tx:
            cameras = holdings.cameras(tx)
        for camera in cameras:
            if days is not None:
                for segment, copy in self._older_than(camera, days, stop, sound=False):
                    self._alignment.expire(segment, copy)
            sound_days = self._keep_of(camera).sound_days
            if sound_days is not None:
                for segment, copy in self._older_than(camera, sound_days, stop, sound=True):
                    self._silence(segment, copy, pace)

    def _keep_of(self, camera: CameraId) -> Keep:
        known = self._configuration.camera(camera)
        return self._configuration.site.keep if known is None else self._configuration.site.keep_of(known[1])

    def _older_than(
        self, camera: CameraId, days: float, stop: Event, *, sound: bool
    ) -> Iterator[tuple[Segment, Copy]]:
        start, end = EPOCH, self._clock.now() - timedelta(days=days)
        while not stop.is_set():
            with self._database.read() as tx:
                found = copies.copied(
                    tx, self._archive.name, camera, start, end, AT_ONCE, only_sound_elsewhere=sound
                )
            for segment, copy in found:
                if stop.is_set():
                    return
                renew()
                yield segment, copy
            if len(found) < AT_ONCE:
                return
            start = found[-1][0].interval.start + timedelta(microseconds=1)

    def _silence(self, before: Segment, copy: Copy, pace: Callable[[int], None]) -> None:
        """Take the sound out of a file that only the archive has. Nothing else in it: the whole file goes."""
        if self._is_locked(before):
            return
        if not copy.sha256:
            self._alignment.restore(before, copy)
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            fetched, stripped = Path(folder) / "fetched", Path(folder) / "stripped"
            try:
                self._fetch(copy, fetched, pace)
                if _hash(fetched) == before.sha256:
                    if not _strip(fetched, stripped):
                        self._drop(before, copy)
                        return
                    self._archive.put_verified(copy.key, stripped, _hash(stripped), pace)
                    self._point("silenced")
                else:  # an earlier attempt came as far as this
                    stripped = fetched
                after = _described(before, stripped)
            except (MediaError, NotFound) as error:
                REFUSED.inc()
                log.error("sound cannot be taken out of a copy", segment=before.id, because=str(error))
                return
        with self._database.write() as tx:
            try:
                deletion.change_segment(tx, before, after, WHY, self._clock.now())
            except (Conflict, NotFound):
                return
            copies.record(tx, after, copy.archive, self._clock.now())
        STRIPPED.inc()

    def _drop(self, segment: Segment, copy: Copy) -> None:
        with self._database.write() as tx:
            copies.begin(tx, segment.id, copy.archive, copy.key, self._clock.now())
        self._alignment.take_out(segment, copy)

    def _is_locked(self, segment: Segment) -> bool:
        end = segment.interval.end
        assert end is not None
        with self._database.read() as tx:
            return locks.locked_between(tx, segment.camera, segment.interval.start, end, self._clock.now())

    def _fetch(self, copy: Copy, target: Path, pace: Callable[[int], None]) -> None:
        with self._archive.open(copy.key) as source, target.open("wb") as file:
            while piece := source.read(CHUNK):
                file.write(piece)
                pace(0)


def _strip(source: Path, target: Path) -> bool:
    with source.open("rb") as whole, target.open("wb") as file:
        return strip(whole, TrackKind.AUDIO, lambda piece: _write(file.write, piece))


def _write(write: Callable[[bytes], int], piece: bytes) -> None:
    write(piece)


def _described(before: Segment, path: Path) -> Segment:
    """The segment as its file without sound is. Raises MediaError when the file is something else."""
    with path.open("rb") as file:
        index = read_index(file)
    if index.has_audio or not index.fragments:
        raise MediaError("the copy is neither the segment nor the segment without its sound")
    return replace(
        before,
        size=path.stat().st_size,
        sha256=_hash(path),
        header_size=index.header_size,
        fragments=index.fragments,
        has_audio=False,
    )


def _hash(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
