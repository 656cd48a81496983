"""Recorded files on the local disks."""

from __future__ import annotations

import errno
import io
import os
import shutil
import threading
from pathlib import Path
from typing import BinaryIO

from hall.errors import DiskFull, NotFound, RecordingError
from hall.names import CameraId, ObjectKey

PARTIAL = ".partial"
"""What the name of a file that is still being written ends with."""


class LocalObjects:
    """An ObjectStore over one folder a disk; a key is a path below one of them.

    Which disk holds a file is asked of the disks, and nowhere written down: a disk may be moved or replaced.
    """

    def __init__(self, *disks: Path) -> None:
        """At least one folder; they need not exist yet."""
        if not disks:
            raise ValueError("recordings need a disk")
        self.disks = tuple(disk.resolve() for disk in disks)
        self.ran_full = threading.Event()
        """Set by who could not write for lack of space; retention waits for it, and clears it."""

    def path(self, key: ObjectKey) -> Path:
        """Where the file of a key lies. Raises NotFound when no disk has it, or the key leads out of them."""
        for disk in self.disks:
            path = _below(disk, key)
            if path.is_file():
                return path
        raise NotFound(f"there is no recorded file {key}")

    def places(self, key: ObjectKey) -> tuple[tuple[Path, Path], ...]:
        """Every disk that has the file of a key, with the file's path; none is no error."""
        paths = ((disk, _below(disk, key)) for disk in self.disks)
        return tuple((disk, path) for disk, path in paths if path.is_file())

    def key(self, path: Path) -> ObjectKey:
        """The key of a file that lies on one of the disks. Raises NotFound for any other."""
        for disk in self.disks:
            if path.is_relative_to(disk):
                return ObjectKey(str(path.relative_to(disk)))
        raise NotFound(f"{path.name} lies on none of the disks")

    def folders(self, camera: CameraId) -> tuple[Path, ...]:
        """The folders of a camera, one a disk that has one."""
        return tuple(disk / camera for disk in self.disks if (disk / camera).is_dir())

    def partial(self, key: ObjectKey) -> Path:
        """Where to write the file of a key before it is finished: on the disk with the most free space.

        Its folder is made. Raises RecordingError when no disk can be written to.
        """
        failed: OSError | None = None
        for disk in sorted(self.disks, key=_free, reverse=True):
            path = _below(disk, key)
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                failed = failed or error
            else:
                return path.with_name(path.name + PARTIAL)
        assert failed is not None
        raise writing_failed(failed) from failed

    def put(self, key: ObjectKey, path: Path) -> None:
        """Take the finished file at `path` under `key`, so that a power cut can no longer undo it.

        A file on one of the disks stays on it; any other is moved to the first.
        """
        home = next((disk for disk in self.disks if path.resolve().is_relative_to(disk)), self.disks[0])
        target = _below(home, key)
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
        for disk in self.disks:
            _below(disk, key).unlink(missing_ok=True)


def _below(disk: Path, key: ObjectKey) -> Path:
    path = (disk / key).resolve()
    if not path.is_relative_to(disk):
        raise NotFound(f"there is no recorded file {key}")
    return path


def _free(disk: Path) -> int:
    """Bytes free on a disk; none for one that cannot be asked. A folder that is still to be made counts."""
    folder = disk
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0


def writing_failed(error: OSError) -> RecordingError:
    """The error of the tree for a failed write."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull("no space is left for recordings")
    return RecordingError(f"a recording could not be written: {error.strerror or error}")
