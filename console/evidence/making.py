"""Making a package: clips of every camera, the still sheet, the facts, and a page that plays it all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.evidence.clips import ClipWriter, Open, Piece, unbroken
from console.evidence.contents import Clip, Manifest, Marks, canonical
from console.evidence.facts import facts_of
from console.evidence.package import Package
from console.evidence.page import page
from console.evidence.signing import fingerprint
from console.evidence.stamping import Stamping
from console.evidence.stills import Still, sheet, stills
from hall.config import HallSettings
from hall.config.evidence import EvidenceSettings
from hall.errors import EvidenceError
from hall.journal import Json
from hall.names import CameraId
from store import recording
from store.database import Database

FACTS, STILLS, PAGE = "facts.json", "stills.jpg", "index.html"
NO_STAMP = EvidenceSettings()
Progress = Callable[[int, int], None]
"""Is told how many of how many recorded files were read."""


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody asked for: the marks, and why."""

    id: str
    marks: Marks
    case: str
    reason: str
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Workshop:
    """What packages are made with."""

    database: Database
    hall: HallSettings
    opened: Open
    key: Ed25519PrivateKey
    program: str
    evidence: EvidenceSettings = NO_STAMP


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
    with Package(path, order.made_at) as package:
        clips: list[Clip] = []
        read = 0

        def advance() -> None:
            nonlocal read
            read += 1
            progress(read, total)

        progress(0, total)
        for camera, of_camera in parts.items():
            clips += _clips(package, camera, of_camera, marks, workshop.opened, advance)
        package.add(FACTS, canonical(facts))
        pictures = [
            still
            for found in segments.values()
            for still in stills(found, workshop.opened, marks.start, marks.end)
        ]
        _add_stills(package, pictures, workshop.hall)
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
        )
        stamping = Stamping(workshop.evidence)
        package.finish(manifest, workshop.key, stamping.stamp)
    return Made(manifest, stamping.failure)


def _clips(
    package: Package,
    camera: CameraId,
    parts: Sequence[Sequence[Piece]],
    marks: Marks,
    opened: Open,
    advance: Callable[[], None],
) -> Iterator[Clip]:
    """Write the clips of a camera. A part in which the tracks change gives several."""
    waiting = [piece for part in parts for piece in (*part, None)]
    number = 0
    while waiting:
        number += 1
        path = f"clips/{camera}-{number}.mp4"
        with package.adding(path) as write:
            writer = ClipWriter(write)
            while (piece := waiting[0]) is not None:
                with opened(piece.segment) as file:
                    if not writer.add(piece, file):
                        break
                del waiting[0]
                advance()
            else:
                del waiting[0]
        yield writer.clip(path, marks.start, marks.end)


def _add_stills(package: Package, pictures: Sequence[Still], hall: HallSettings) -> None:
    if pictures:
        package.add(STILLS, sheet(pictures, hall.zone_info))


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
            }
            for clip in clips
        ],
        "facts": facts,
    }
