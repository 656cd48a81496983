"""Making a package: clips of every camera, the still sheet, the facts, and a page that plays it all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.evidence.clips import ClipWriter, Open, Piece, Write, unbroken
from console.evidence.contents import REDACTED_VERSION, VERSION, Clip, Manifest, Marks, canonical
from console.evidence.facts import facts_of
from console.evidence.package import Package
from console.evidence.page import page
from console.evidence.redacted_clips import RedactedClips, Redactor
from console.evidence.signing import fingerprint
from console.evidence.stamping import Stamping
from console.evidence.stills import Still, sheet, stills
from hall.config import HallSettings
from hall.config.evidence import EvidenceSettings
from hall.config.settings import AnalysisSettings
from hall.errors import EvidenceError
from hall.journal import Json
from hall.names import CameraId
from hall.redacting import Heads, Redaction
from hall.wire import to_wire
from store import recording
from store.database import Database

FACTS, STILLS, PAGE = "facts.json", "stills.jpg", "index.html"
NO_STAMP = EvidenceSettings()
REDACTOR = Redactor(AnalysisSettings())
Progress = Callable[[int, int], None]
"""Is told how many of how many recorded files were read; each counts twice where it is redacted then."""


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody asked for: the marks, and why."""

    id: str
    marks: Marks
    case: str
    reason: str
    made_by: str
    made_at: datetime
    redaction: Redaction | None = None


@dataclass(frozen=True, slots=True)
class Workshop:
    """What packages are made with."""

    database: Database
    hall: HallSettings
    opened: Open
    key: Ed25519PrivateKey
    program: str
    evidence: EvidenceSettings = NO_STAMP
    redactor: Redactor = REDACTOR


@dataclass(frozen=True, slots=True)
class Made:
    """A package that was made. `unstamped` says why it has no time stamp although one was asked for."""

    manifest: Manifest
    unstamped: str | None = None


def make(order: Order, workshop: Workshop, path: Path, progress: Progress) -> Made:
    """Make the package `path`. It appears whole or not at all; without a time stamp where none is to be had.

    Raises EvidenceError when nothing of the marked time is recorded, and what `Open` raises when a recording
    cannot be read.
    """
    marks = order.marks
    with workshop.database.read() as tx:
        segments = {
            camera: recording.segments_between(tx, camera, marks.start, marks.end) for camera in marks.cameras
        }
        facts = facts_of(tx, workshop.hall, marks)
    parts = {camera: unbroken(found, marks.start, marks.end) for camera, found in segments.items()}
    total = sum(len(part) for of_camera in parts.values() for part in of_camera)
    if total == 0:
        raise EvidenceError("nothing is recorded of these cameras over this time")
    redaction = order.redaction
    with Package(path, order.made_at) as package:
        counted = _Counted(progress, total if redaction is None else 2 * total)
        if redaction is None:
            clips = [
                clip
                for camera, of_camera in parts.items()
                for clip in _clips(package.adding, camera, of_camera, marks, workshop.opened, counted)
            ]
            pictures: list[Still] = []
        else:
            with RedactedClips(package, path, workshop.redactor, workshop.hall) as redacted:
                clips, pictures = _redacted(redacted, redaction, parts, marks, workshop.opened, counted)
        package.add(FACTS, canonical(facts))
        if redaction is None or redaction.heads is Heads.KEPT:
            pictures = [
                still
                for found in segments.values()
                for still in stills(found, workshop.opened, marks.start, marks.end)
            ]
        _add_stills(package, pictures, workshop.hall, is_redacted=redaction is not None and hides(redaction))
        package.add(PAGE, page(_told(order, workshop, clips, facts, has_stills=bool(pictures))))
        manifest = Manifest(
            id=order.id,
            hall=workshop.hall.id,
            hall_name=workshop.hall.name,
            case=order.case,
            reason=order.reason,
            made_by=order.made_by,
            made_at=order.made_at,
            marks=marks,
            clips=tuple(clips),
            files=tuple(package.files),
            key=fingerprint(workshop.key.public_key()),
            program=workshop.program,
            time_stamp_server=workshop.evidence.time_stamp_server,
            redaction=redaction,
            version=VERSION if redaction is None else REDACTED_VERSION,
        )
        stamping = Stamping(workshop.evidence)
        package.finish(manifest, workshop.key, stamping.stamp)
    return Made(manifest, stamping.failure)


def hides(redaction: Redaction) -> bool:
    """Whether pictures are changed."""
    return redaction.heads is not Heads.KEPT


class _Counted:
    """How many files are done, of all; each is told on."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._total = total
        self.done = 0
        progress(0, total)

    def advance(self, files: int = 1) -> None:
        """So many more are done."""
        self.done += files
        self._progress(self.done, self._total)

    def part(self, files: int) -> Callable[[float], None]:
        """Takes the share of some files that is done, before they are."""
        return lambda share: self._progress(self.done + int(share * files), self._total)


def _clips(
    adding: Callable[[str], AbstractContextManager[Write]],
    camera: CameraId,
    parts: Sequence[Sequence[Piece]],
    marks: Marks,
    opened: Open,
    counted: _Counted,
) -> Iterator[Clip]:
    """Write the clips of a camera. A part in which the tracks change gives several."""
    waiting = [piece for part in parts for piece in (*part, None)]
    number = 0
    while waiting:
        number += 1
        path = f"clips/{camera}-{number}.mp4"
        with adding(path) as write:
            writer = ClipWriter(write)
            while (piece := waiting[0]) is not None:
                with opened(piece.segment) as file:
                    if not writer.add(piece, file):
                        break
                del waiting[0]
                counted.advance()
            else:
                del waiting[0]
        yield writer.clip(path, marks.start, marks.end)


def _redacted(
    redacted: RedactedClips,
    redaction: Redaction,
    parts: Mapping[CameraId, Sequence[Sequence[Piece]]],
    marks: Marks,
    opened: Open,
    counted: _Counted,
) -> tuple[list[Clip], list[Still]]:
    """The redacted clips of all cameras, and stills of them."""
    clips: list[Clip] = []
    pictures: list[Still] = []
    for camera, of_camera in parts.items():
        of_one: list[Clip] = []
        for clip in _clips(redacted.adding, camera, of_camera, marks, opened, counted):
            files = len(clip.sources)
            packed = redacted.packed(clip, redaction, counted.part(files))
            counted.advance(files)
            of_one += [packed] if packed is not None else []
        pictures += redacted.stills(of_one, marks)
        clips += of_one
    if not clips:
        raise EvidenceError("without the sound nothing is left of these recordings")
    return clips, pictures


def _add_stills(
    package: Package, pictures: Sequence[Still], hall: HallSettings, *, is_redacted: bool
) -> None:
    if pictures:
        package.add(STILLS, sheet(pictures, hall.zone_info, is_redacted=is_redacted))


def _told(
    order: Order, workshop: Workshop, clips: Sequence[Clip], facts: dict[str, Json], *, has_stills: bool
) -> dict[str, Json]:
    """What the page tells, beside the facts."""
    return {
        "id": order.id,
        "case": order.case,
        "reason": order.reason,
        "made_by": order.made_by,
        "made_at": order.made_at.isoformat(),
        "start": order.marks.start.isoformat(),
        "end": order.marks.end.isoformat(),
        "key": fingerprint(workshop.key.public_key()),
        "program": workshop.program,
        "stills": STILLS if has_stills else None,
        "redaction": to_wire(order.redaction) if order.redaction is not None else None,
        "clips": [
            {
                "path": clip.path,
                "camera": clip.camera,
                "begins": clip.begins.isoformat(),
                "ends": clip.ends.isoformat(),
                "duration": clip.duration,
                "mark_in": clip.mark_in,
                "mark_out": clip.mark_out,
                "has_picture": clip.has_picture,
                "is_whole": all(source.is_whole for source in clip.sources),
                "covered_whole": clip.redacted.frames_covered_whole if clip.redacted is not None else 0,
            }
            for clip in clips
        ],
        "facts": facts,
    }
