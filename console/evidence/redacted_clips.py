"""The clips of a redacted package: each is cut out as it was recorded, redacted, and only then packed.

What was recorded lies beside the package meanwhile, in a folder that goes with the work, whatever ends it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from console.evidence.clips import CHUNK, Write
from console.evidence.contents import Clip, Marks
from console.evidence.package import Package
from console.evidence.redacting.process import redact
from console.evidence.redacting.task import Redacted, Share, Task
from console.evidence.stills import Still, stills_of_clip
from hall.config.settings import AnalysisSettings, HallSettings
from hall.errors import EvidenceError
from hall.names import CameraId
from hall.place import Zone, ZoneRole
from hall.redacting import Heads, Redaction

WORK = ".work"
AT_A_WINDOW = frozenset({ZoneRole.STAFF, ZoneRole.CUSTOMER})

Redact = Callable[[Task, Share], Redacted]


@dataclass(frozen=True, slots=True)
class Redactor:
    """Who redacts, and the detector that is asked. `do` raises EvidenceError when it cannot be done."""

    analysis: AnalysisSettings
    do: Redact = redact


def work_folder(package: Path) -> Path:
    """Where the clips of a package lie while it is made."""
    return package.with_name(package.name + WORK)


def visible_zones(hall: HallSettings, camera: CameraId, redaction: Redaction) -> tuple[Zone, ...]:
    """The zones of a camera whose people stay visible: those of staff and customers of the chosen windows."""
    if redaction.heads is not Heads.BY_STANDERS:
        return ()
    return tuple(
        zone
        for known in hall.cameras
        if known.id == camera
        for zone in known.zones
        if zone.role in AT_A_WINDOW and zone.window in redaction.windows
    )


class RedactedClips:
    """Takes clips as they were recorded, and packs them redacted. Leaving it removes what was recorded."""

    def __init__(self, package: Package, path: Path, redactor: Redactor, hall: HallSettings) -> None:
        """`path` is the package's. Raises EvidenceError when there is no room beside it."""
        self._package = package
        self._redactor = redactor
        self._hall = hall
        self._folder = work_folder(path)
        try:
            self._folder.mkdir()
        except OSError as error:
            raise EvidenceError(f"{self._folder.name} cannot be made: {error.strerror or error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    @contextmanager
    def adding(self, path: str) -> Iterator[Write]:
        """Take the bytes of a clip as it was recorded."""
        with self._draft(path).open("wb") as file:
            yield file.write

    def packed(self, clip: Clip, redaction: Redaction, share: Share) -> Clip | None:
        """Redact a clip that was taken, and pack it. None when nothing of it is left."""
        draft, output = self._draft(clip.path), self._draft(clip.path).with_suffix(".redacted")
        if not clip.has_picture and redaction.mutes_sound:
            draft.unlink()
            return None
        if not clip.has_picture or not (redaction.heads is not Heads.KEPT or clip.has_sound):
            self._pack(draft, clip.path)
            return clip
        visible = visible_zones(self._hall, clip.camera, redaction)
        redacted = self._redactor.do(Task(draft, output, redaction, self._redactor.analysis, visible), share)
        draft.unlink()
        self._pack(output, clip.path)
        return replace(clip, has_sound=clip.has_sound and not redaction.mutes_sound, redacted=redacted)

    def stills(self, clips: list[Clip], marks: Marks) -> list[Still]:
        """Pictures of the redacted clips of one camera."""
        found: list[Still] = []
        for clip in clips:
            path = self._draft(clip.path).with_suffix(".redacted")
            if path.exists():
                found += stills_of_clip(clip, path, marks.start, marks.end)
        return found

    def _draft(self, path: str) -> Path:
        return self._folder / Path(path).name

    def _pack(self, file: Path, path: str) -> None:
        with self._package.adding(path) as write, file.open("rb") as content:
            while piece := content.read(CHUNK):
                write(piece)
