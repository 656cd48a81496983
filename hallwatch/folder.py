"""Holding the data folder: one supervisor at a time, and an empty folder for metrics.

To be done before anything that counts is imported: prometheus_client decides at its import, by a variable,
whether the processes' metrics are added up.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hall.errors import RoleError
from hallwatch import environment


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a folder, which is made when missing. Raises RoleError when another process holds it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "supervisor.lock").open("a+")
    except OSError as error:
        raise RoleError(f"{folder}: cannot be written: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            raise RoleError(
                f"{folder}: Hallwatch runs here already, as process {lock.read().strip()}"
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        metrics = folder / "metrics"
        shutil.rmtree(metrics, ignore_errors=True)
        metrics.mkdir()
        os.environ[environment.METRICS] = str(metrics.resolve())
        yield


def holder(folder: Path) -> int | None:
    """The process that holds a folder, or None."""
    try:
        lock = (folder / "supervisor.lock").open()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RoleError(f"{folder}: cannot be read: {error.strerror}") from error
    with lock:
        written = lock.read().strip()
        # A process that is gone holds nothing; looking at the lock itself would disturb one that starts.
        if not written.isdecimal() or not Path("/proc", written).exists():
            return None
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return int(written)
    return None
