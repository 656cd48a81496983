"""A PostgreSQL server of the test's own: Debian's binaries, a temporary folder, a socket in it, no port."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def running(
    parent: Path | None = None, kept: Path | None = None, settings: Sequence[str] = ()
) -> Iterator[Path]:
    """A server that ends with the block; gives the folder of its socket, which is its host in URLs.

    Everything lies in a new folder below `parent`, by default where temporary files go; with `kept` its data
    lie there, and are there again the next time. `settings` are as in `shared_buffers=2GB`.
    """
    folder = Path(tempfile.mkdtemp(prefix="hallwatch-postgresql-", dir=parent))
    # The server refuses to run as root.
    as_owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_owner:
        shutil.chown(folder, "postgres")
    data = str(kept if kept is not None else folder / "data")
    if kept is None or not kept.exists():
        if kept is not None:
            kept.mkdir(mode=0o700)
            if as_owner:
                shutil.chown(kept, "postgres")
        _run([*as_owner, _tool("initdb"), "-D", data, "-A", "trust", "-U", "hall"], folder)
    control = [*as_owner, _tool("pg_ctl"), "-D", data, "-w", "-t", "30"]
    options = " ".join(
        (f"-k {folder} -c listen_addresses='' -c fsync=off", *(f"-c {one}" for one in settings))
    )
    _run([*control, "-l", str(folder / "log"), "-o", options, "start"], folder)
    try:
        yield folder
    finally:
        _run([*control, "-m", "immediate" if kept is None else "fast", "stop"], folder)
        shutil.rmtree(folder, ignore_errors=True)


def new_database(server: Path) -> str:
    """The URL of a database that is new and empty."""
    return named_database(server, f"hall{time.monotonic_ns()}")


def named_database(server: Path, name: str) -> str:
    """The URL of a database of this name, which is made."""
    _run([_tool("createdb"), "-h", str(server), "-U", "hall", name], server)
    return url_of(server, name)


def url_of(server: Path, name: str) -> str:
    """The URL of a database that is there."""
    return f"postgresql+psycopg://hall@/{name}?host={server}"


def is_installed() -> bool:
    """Whether there is a PostgreSQL server to start."""
    return any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def _tool(name: str) -> str:
    return str(max(Path("/usr/lib/postgresql").glob("*/bin")) / name)


def _run(command: list[str], folder: Path) -> None:
    """No pipe is left open: the server that `pg_ctl` starts would hold it."""
    null = subprocess.DEVNULL
    subprocess.run(command, check=True, timeout=60, cwd=folder, stdin=null, stdout=null, stderr=null)
