"""Recorded files in a local folder."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path
from typing import BinaryIO

from hall.errors import DiskFull, NotFound, RecordingError
from hall.names import ObjectKey

PARTIAL = ".partial"
"""What the name of a file that is still being written ends with."""


class LocalObjects:
    """An ObjectStore in a folder; a key is a path below it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, key: ObjectKey) -> Path:
        """Where the file of a key lies. Raises NotFound for a key that leads out of the folder."""
        path = (self.root / key).resolve()
        if not path.is_relative_to(self.root.resolve()):
            raise NotFound(f"there is no recorded file {key}")
        return path

    def partial(self, key: ObjectKey) -> Path:
        """Where to write the file of a key before it is finished; its folder is made."""
        path = self.path(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise writing_failed(error) from error
        return path.with_name(path.name + PARTIAL)

    def put(self, key: ObjectKey, path: Path) -> None:
        """Take the finished file at `path` under `key`, so that a power cut can no longer undo it."""
        target = self.path(key)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
            folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise writing_failed(error) from error

    def open(self, key: ObjectKey, byte_range: tuple[int, int] | None = None) -> BinaryIO:
        """Read a file, or the half-open byte range of it. Raises NotFound."""
        try:
            file = self.path(key).open("rb")
        except OSError as error:
            raise NotFound(f"there is no recorded file {key}") from error
        if byte_range is None:
            return file
        with file:
            file.seek(byte_range[0])
            return io.BytesIO(file.read(max(0, byte_range[1] - byte_range[0])))

    def delete(self, key: ObjectKey) -> None:
        """Remove a file; removing what is not there is no error."""
        self.path(key).unlink(missing_ok=True)


def writing_failed(error: OSError) -> RecordingError:
    """The error of the tree for a failed write."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull("no space is left for recordings")
    return RecordingError(f"a recording could not be written: {error.strerror or error}")
