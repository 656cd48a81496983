"""Recorded files wherever they lie: on a local disk, or else in the archive."""

from __future__ import annotations

from typing import BinaryIO

from capture.archive.objects import S3Objects
from capture.record.objects import LocalObjects
from hall.config import Configuration
from hall.errors import NotFound
from hall.media import Segment
from store import copies
from store.database import Database


class RecordedFiles:
    """Opens segments' files. The archive, if there is one, is asked only where no disk has a file."""

    def __init__(self, configuration: Configuration, database: Database) -> None:
        """Nothing is opened or asked yet."""
        self._objects = LocalObjects(*configuration.site.disks)
        self._database = database
        archive = configuration.site.storage.archive
        self._archive = (archive.name, S3Objects(archive)) if archive is not None else None

    def open(self, segment: Segment) -> BinaryIO:
        """The file of a segment. Raises NotFound, ArchiveUnreachable."""
        try:
            return self._objects.open(segment.key)
        except NotFound:
            if self._archive is None:
                raise
        name, objects = self._archive
        with self._database.read() as tx:
            copy = copies.copy_of(tx, segment.id, name)
        if copy is None or not copy.is_of(segment):
            raise NotFound(f"neither a disk nor the archive has {segment.key}")
        return objects.open(copy.key)
