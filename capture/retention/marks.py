"""What retention is in the middle of, kept on the disk itself: a small folder beside the recordings.

A file that has to go is first moved into this folder, which takes one rename, no space and cannot happen by
half. From then on everybody knows that it was not lost but deleted, whatever is killed when. The folder is
read at the start; recordings are never searched for what was left undone.

    <disk>/.retention/id-<hex>                  who this disk is, wherever it is mounted
    <disk>/.retention/<segment>.<rule>.deleted  a segment that goes; empty once its space is free
    <disk>/.retention/<segment>.strip           a segment is being stripped (an empty note)
    <disk>/.retention/<segment>.stripping       what stays of it, while it is written
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from capture.retention.policy import Rule
from hall.names import SegmentId

FOLDER = ".retention"
DELETED, STRIP, STRIPPING = ".deleted", ".strip", ".stripping"
IDENTITY = "id-"
RULES = frozenset(rule.value for rule in Rule)


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A segment's file that goes, under a rule. `path` is where it lies now."""

    segment: SegmentId
    rule: Rule
    path: Path


class Marks:
    """The marks of one disk."""

    def __init__(self, disk: Path) -> None:
        """Nothing is read or made yet."""
        self.disk = disk
        self.folder = disk / FOLDER

    def identity(self) -> str:
        """The name that this disk keeps wherever it is mounted; made when it has none. Raises OSError."""
        known = sorted(self.folder.glob(f"{IDENTITY}*")) if self.folder.is_dir() else []
        if known:
            return known[0].name.removeprefix(IDENTITY)
        self.folder.mkdir(parents=True, exist_ok=True)
        name = secrets.token_hex(8)
        # An empty file: its name takes no block of a disk that may be full.
        (self.folder / f"{IDENTITY}{name}").touch()
        sync_folder(self.folder)
        return name

    def tombstone(self, segment: SegmentId, rule: Rule) -> Path:
        """Where the file of a segment that goes is moved."""
        return self.folder / f"{segment}.{rule.value}{DELETED}"

    def tombstones(self) -> list[Tombstone]:
        """The segments of this disk that are on their way out, by name."""
        found: list[Tombstone] = []
        for path in self._all(f"*{DELETED}"):
            segment, _, rule = path.name.removesuffix(DELETED).rpartition(".")
            if segment and rule in RULES:
                found.append(Tombstone(SegmentId(segment), Rule(rule), path))
        return found

    def note(self, segment: SegmentId) -> Path:
        """The note that a segment is being stripped."""
        return self.folder / f"{segment}{STRIP}"

    def notes(self) -> list[SegmentId]:
        """The segments that are being stripped, by name."""
        return [SegmentId(path.name.removesuffix(STRIP)) for path in self._all(f"*{STRIP}")]

    def stripping(self, segment: SegmentId) -> Path:
        """Where what stays of a segment is written."""
        return self.folder / f"{segment}{STRIPPING}"

    def _all(self, pattern: str) -> list[Path]:
        return sorted(self.folder.glob(pattern)) if self.folder.is_dir() else []


def on_their_way(disks: Iterable[Path]) -> set[SegmentId]:
    """The segments whose file retention has already taken away while the catalogue still has their row."""
    return {tombstone.segment for disk in disks for tombstone in Marks(disk).tombstones()}


def sync_folder(folder: Path) -> None:
    """What was made, moved or removed in a folder outlasts a power cut. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
