"""The demo's folder: its files, its hall.yaml, and what is thrown away when it grows old or large."""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import yaml

from fixtures.scenes import VIEWS, zones
from hall.clock import from_microseconds
from hall.config import Configuration, load_configuration
from hall.errors import RoleError

HOST: Final = "127.0.0.1"
KEY: Final = "HALLWATCH_DEMO_KEY"
"""The environment variable that hands the simulated queue system its API key."""
FIRST_CAMERA_PORT: Final = 8554
CONSOLE_PORT: Final = 8080
OLDEST: Final = timedelta(days=1)
LARGEST: Final = 2 * 1024**3
SAMPLE_EVERY: Final = 1.0
"""Seconds; the demo shows an absence after a few, so it looks more often than a real hall needs."""


@dataclass(frozen=True, slots=True)
class DemoPlace:
    """Where everything of the demo lies."""

    directory: Path

    @property
    def file(self) -> Path:
        """The demo's hall.yaml, written anew at each start."""
        return self.directory / "hall.yaml"

    @property
    def data(self) -> Path:
        """Database and recordings."""
        return self.directory / "data"

    @property
    def reels(self) -> Path:
        """The generated pictures and sound, kept between starts."""
        return self.directory / "reels"

    @property
    def ready(self) -> Path:
        """Address, users with their passwords and API key, there once everything is up."""
        return self.directory / "ready.json"

    @property
    def begin(self) -> Path:
        """Its presence tells the simulated hall to begin the story."""
        return self.directory / "story-begins"

    def prepare(self) -> None:
        """Make the folder, and remove what an earlier start left for others to wait for."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.ready.unlink(missing_ok=True)
        self.begin.unlink(missing_ok=True)

    def prune(self, now: datetime) -> str | None:
        """Remove database and recordings when they are too old or too large; says so in words."""
        if not self.data.exists():
            return None
        paths = [path for path in self.data.rglob("*") if path.is_file()]
        size = sum(path.stat().st_size for path in paths)
        begun = [path.stat().st_mtime for path in paths if path.suffix == ".mp4"]
        oldest = from_microseconds(round(min(begun) * 1e6)) if begun else now
        if size <= LARGEST and now - oldest <= OLDEST:
            return None
        shutil.rmtree(self.data)
        return f"removed the demo's data: {size / 1024**2:.0f} MiB, from {oldest:%Y-%m-%d %H:%M} UTC on"

    def write_configuration(self, camera_port: int, console_port: int) -> Configuration:
        """Fill in the template and write it; the cameras listen on `camera_port` and the ports after it."""
        content = yaml.safe_load((Path(__file__).parent / "hall.yaml").read_text(encoding="utf-8"))
        content["site"]["data"] = str(self.data.resolve())
        content["site"]["console"]["port"] = console_port
        content["halls"][0]["cameras"] = [
            {
                "id": view.camera,
                "name": {"zh": f"{number} 号摄像机", "en": f"Camera {number}"},
                "url": f"rtsp://{HOST}:{camera_port + number - 1}/{view.camera}",
                "sample_every": SAMPLE_EVERY,
                "zones": [
                    zone.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
                    for zone in zones(view)
                ],
            }
            for number, view in enumerate(VIEWS.values(), 1)
        ]
        self.file.write_text(
            "# Written anew at each start of the demo.\n"
            + yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=110),
            encoding="utf-8",
        )
        return load_configuration(self.file)

    def announce(self, content: Mapping[str, object]) -> None:
        """Write ready.json for its owner alone, whole or not at all."""
        partial = self.ready.with_suffix(".partial")
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            json.dump(content, out, indent=1)
            out.write("\n")
        partial.replace(self.ready)


def free_ports(wanted: int, count: int) -> int:
    """The first of `count` free ports in a row: `wanted` if they are free, else some others."""
    if wanted and _all_free(wanted, count):
        return wanted
    for _ in range(50):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.bind((HOST, 0))
            start = int(probe.getsockname()[1])
        if start + count < 65536 and _all_free(start, count):
            return start
    raise RoleError(f"no {count} free ports in a row were found")


def _all_free(start: int, count: int) -> bool:
    with ExitStack() as held:
        for port in range(start, start + count):
            probe = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                return False
    return True
