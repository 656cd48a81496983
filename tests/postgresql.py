"""A PostgreSQL server of the test's own: Debian's binaries, a temporary folder, a socket in it, no port."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_LIMIT = 30.0


@contextmanager
def running() -> Iterator[Path]:
    """A server that ends with the block; gives the folder of its socket, which is its host in URLs."""
    tools = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    folder = Path(tempfile.mkdtemp(prefix="hallwatch-postgresql-"))
    # The server refuses to run as root.
    as_owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_owner:
        shutil.chown(folder, "postgres")
    data = folder / "data"
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    initialise = [*as_owner, str(tools / "initdb"), "-D", str(data), "-A", "trust", "-U", "hall"]
    subprocess.run(initialise, check=True, timeout=60, cwd=folder, **quiet)
    control = [*as_owner, str(tools / "pg_ctl"), "-D", str(data), "-w", "-t", str(int(START_LIMIT))]
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    log = str(folder / "log")
    subprocess.run([*control, "-l", log, "-o", options, "start"], check=True, timeout=60, cwd=folder, **quiet)
    try:
        yield folder
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, timeout=60, cwd=folder, **quiet)
        shutil.rmtree(folder, ignore_errors=True)


def new_database(server: Path) -> str:
    """The URL of a database that is new and empty."""
    name = f"hall{time.monotonic_ns()}"
    tools = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    command = [str(tools / "createdb"), "-h", str(server), "-U", "hall", name]
    subprocess.run(command, check=True, timeout=30, stdin=subprocess.DEVNULL)
    return f"postgresql+psycopg://hall@/{name}?host={server}"
