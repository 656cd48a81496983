"""What is to be analysed: stretches of each camera's recordings, and where the results of done ones lie.

A stretch has a name made of everything that its result depends on: camera, settings and recordings. So a
result is used again only where nothing changed, and a command that was broken off goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from analysis.afterwards.piece import Done, with_surroundings
from hall.config.settings import AnalysisSettings, Configuration
from hall.errors import NotFound
from hall.interval import Interval
from hall.media import Segment
from hall.names import CameraId
from hall.place import Camera
from store import recording
from store.database import Database

STRETCH = timedelta(hours=1)
KEPT = timedelta(days=7)
"""For so long results wait for a command that was broken off."""
FORM = 1
"""Counts up when the same recordings would give another result, or the file has another form."""
_DONE = TypeAdapter(Done)


@dataclass(frozen=True, slots=True)
class Stretch:
    """One camera over one closed time; `segments` are those that must be read, warm-up included."""

    camera: Camera
    whole: Interval
    segments: tuple[Segment, ...]
    name: str

    @property
    def seconds(self) -> float:
        """How much time it tells of."""
        return self.whole.duration(self.whole.start).total_seconds()


def stretches(
    configuration: Configuration, database: Database, cameras: Sequence[CameraId], whole: Interval
) -> list[Stretch]:
    """All that is to be done for a closed time; without `cameras` for all. Raises NotFound, StoreBusy."""
    known = [camera for hall in configuration.halls for camera in hall.cameras]
    for wanted in cameras:
        if all(camera.id != wanted for camera in known):
            raise NotFound(f"the configuration has no camera '{wanted}'")
    settings = configuration.site.analysis
    return [
        _stretch(database, camera, settings, part)
        for camera in known
        if not cameras or camera.id in cameras
        for part in _parts(whole)
    ]


def _parts(whole: Interval) -> Iterator[Interval]:
    start, end = whole.start, whole.end or whole.start
    while start < end:
        yield Interval(start, min(start + STRETCH, end))
        start += STRETCH


def _stretch(database: Database, camera: Camera, settings: AnalysisSettings, part: Interval) -> Stretch:
    around = with_surroundings(camera, settings, part)
    with database.read() as tx:
        found = recording.segments_between(
            tx, camera.id, around.start, around.end or around.start, fragments=False
        )
    depends = {
        "form": FORM,
        "camera": camera.model_dump(mode="json", include={"id", "sample_every", "zones", "microphone"}),
        "settings": settings.model_dump(mode="json"),
        "time": [part.start.isoformat(), (part.end or part.start).isoformat()],
        "segments": [[segment.id, segment.sha256.hex()] for segment in found],
    }
    name = hashlib.sha256(json.dumps(depends, sort_keys=True).encode()).hexdigest()
    return Stretch(camera, part, tuple(found), name)


class DoneStretches:
    """The results of done stretches, one file each in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, stretch: Stretch) -> Done | None:
        """The result; None when the stretch was not done, or its file is not whole."""
        try:
            return _DONE.validate_json(self._path(stretch).read_bytes())
        except (OSError, ValidationError):
            return None

    def put(self, stretch: Stretch, done: Done) -> None:
        """Keep a result, so that a kill at any moment leaves it whole or absent. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(stretch)
        partial = path.with_suffix(f".{os.getpid()}.partial")
        partial.write_bytes(_DONE.dump_json(done))
        partial.replace(path)

    def tidy(self, now: datetime) -> None:
        """Remove what commands that were broken off and never given again left behind."""
        oldest = (now - KEPT).timestamp()
        for path in self._folder.glob("*.*"):
            with suppress(FileNotFoundError):  # another command was faster
                if path.suffix in (".json", ".partial") and path.stat().st_mtime < oldest:
                    path.unlink()

    def forget(self, stretch: Stretch) -> None:
        """The result was told; it is not needed any more."""
        self._path(stretch).unlink(missing_ok=True)

    def _path(self, stretch: Stretch) -> Path:
        return self._folder / f"{stretch.name}.json"
