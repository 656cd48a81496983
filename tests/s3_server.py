"""A real S3 server for tests (SeaweedFS), and a way to it that can be cut or can damage what comes back."""

from __future__ import annotations

import json
import os
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from hall.config.archive import ArchiveSettings

BUCKET, ACCESS, SECRET = "hall-archive", "hall", "the-secret-of-the-hall"
ENVIRONMENT = {"ARCHIVE_SECRET": SECRET}
START_SECONDS = 60.0


class S3Server:
    """Runs until `stop`. Its one bucket comes into being with the first object."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="hallwatch-s3-"))
        self._ports = _free_ports(8)
        self.port = self._ports[6]
        keys = [{"accessKey": ACCESS, "secretKey": SECRET}]
        actions = ["Admin", "Read", "Write", "List"]
        configuration = {"identities": [{"name": "hall", "credentials": keys, "actions": actions}]}
        (self._folder / "s3.json").write_text(json.dumps(configuration))
        names = [
            f"{part}.port{kind}" for part in ("master", "volume", "filer", "s3") for kind in ("", ".grpc")
        ]
        options = {
            **dict(zip(names, self._ports, strict=True)),
            "dir": self._folder,
            "ip": "127.0.0.1",
            "ip.bind": "127.0.0.1",
            "filer": "true",
            "filer.localSocket": self._folder / "filer.sock",
            "master.electionTimeout": "1s",
            "master.volumeSizeLimitMB": 64,
            "volume.max": 12,
            "s3": "true",
            "s3.config": self._folder / "s3.json",
            "s3.iam": "false",
            "s3.localSocket": self._folder / "s3.sock",
            "s3.port.iceberg": 0,
            "s3.port.lance": 0,
        }
        program = str(Path(sys.executable).parent / "weed")
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [
                    program,
                    "-logtostderr=true",
                    "server",
                    *(f"-{name}={value}" for name, value in options.items()),
                ],
                cwd=self._folder,
                env={"PATH": os.environ["PATH"], "HOME": str(self._folder)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._wait()

    def settings(self, port: int | None = None) -> ArchiveSettings:
        """An archive on this server, or on a way to it; under a prefix that nobody else has."""
        return ArchiveSettings(
            bucket=BUCKET,
            endpoint=f"http://127.0.0.1:{port or self.port}",
            prefix=f"hall-{uuid4().hex[:12]}",
            access_key=ACCESS,
            secret_key="${ARCHIVE_SECRET}",
        )

    def client(self, settings: ArchiveSettings | None = None) -> S3Store:
        """The place of an archive in the bucket, without anything of ours in between."""
        return S3Store(
            BUCKET,
            prefix=settings.prefix if settings is not None else None,
            endpoint=f"http://127.0.0.1:{self.port}",
            region="us-east-1",
            access_key_id=ACCESS,
            secret_access_key=SECRET,
            client_options={"allow_http": True},
            retry_config={"max_retries": 0},
        )

    def keys(self, settings: ArchiveSettings) -> list[str]:
        """Every key under the prefix of an archive."""
        return sorted(meta["path"] for page in obstore.list(self.client(settings)) for meta in page)

    def stop(self) -> None:
        """End at once: asked politely it takes minutes."""
        self._process.kill()
        self._process.wait(10)
        shutil.rmtree(self._folder, ignore_errors=True)
        for port in self._ports:
            for left in Path(tempfile.gettempdir()).glob(f"seaweedfs-*-{port}.sock"):
                left.unlink(missing_ok=True)

    def _wait(self) -> None:
        """Until an object can be kept: the parts of the server find each other a while after it listens."""
        store, deadline = self.client(), time.monotonic() + START_SECONDS
        while True:
            try:
                obstore.put(store, "first", b"object")
            except BaseError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    log = (self._folder / "log").read_text(errors="replace")[-2000:]
                    self.stop()
                    raise AssertionError(f"the S3 server did not start: {log}") from None
                time.sleep(0.1)
            else:
                return


@contextmanager
def running() -> Iterator[S3Server]:
    """A server that ends with the block."""
    server = S3Server()
    try:
        yield server
    finally:
        server.stop()


class Way:
    """A TCP relay to a server. `cut` ends and refuses connections; `damage` replaces bytes of answers."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._cut = threading.Event()
        self._damage: tuple[bytes, bytes] | None = None
        self._ending = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.2)
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, name="way")]
        self._threads[0].start()

    def cut(self, *, cut: bool = True) -> None:
        """Take the server off the network, or put it back."""
        if cut:
            self._cut.set()
        else:
            self._cut.clear()

    def damage(self, old: bytes, new: bytes) -> None:
        """Replace these bytes in every answer, by as many others; the same twice ends it."""
        assert len(old) == len(new)
        self._damage = (old, new) if old != new else None

    def close(self) -> None:
        """End every connection."""
        self._ending.set()
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def _accept(self) -> None:
        while not self._ending.is_set():
            with suppress(TimeoutError):
                client, _ = self._listener.accept()
                if self._cut.is_set():
                    client.close()
                    continue
                thread = threading.Thread(target=self._relay, args=(client,), name="way")
                self._threads.append(thread)
                thread.start()

    def _relay(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self._to)) as server:
            other = {client: server, server: client}
            with selectors.DefaultSelector() as ready, suppress(OSError):
                for end in other:
                    ready.register(end, selectors.EVENT_READ)
                while not self._ending.is_set() and not self._cut.is_set():
                    for key, _ in ready.select(0.1):
                        came_from = server if key.fileobj is server else client
                        content = came_from.recv(1 << 16)
                        if not content:
                            return
                        if came_from is server and self._damage is not None:
                            content = content.replace(*self._damage)
                        other[came_from].sendall(content)


@contextmanager
def way(server: S3Server) -> Iterator[Way]:
    """A way to the server that ends with the block."""
    opened = Way(server.port)
    try:
        yield opened
    finally:
        opened.close()


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
