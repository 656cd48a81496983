"""A real hall for a benchmark: RTSP cameras, `hallwatch run` as its own process, and a WebSocket client."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import httpx
import yaml
from websockets.sync.client import ClientConnection, connect

from fixtures.rtsp import RtspHall
from fixtures.scenes import VIEWS, zones
from hall.names import CameraId

READY_LIMIT = 90.0
USER, PASSWORD = "benchmark", "a long benchmark password"


@dataclass(frozen=True, slots=True)
class RunningHall:
    """A started hall: where its console is, who is logged in, and the key of its queue system."""

    url: str
    client: httpx.Client
    api_key: str
    process: subprocess.Popen[bytes]

    def push(self, after: int) -> ClientConnection:
        """A WebSocket that follows the journal after a seq."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.client.cookies.items())
        address = self.url.replace("http://", "ws://")
        return connect(
            f"{address}/api/v1/push?after={after}",
            additional_headers={"Cookie": cookie},
            origin=cast("None", self.url),
        )

    def post_event(self, event: dict[str, str]) -> None:
        """Post one queue event. Raises httpx.HTTPStatusError when it is refused."""
        answer = self.client.post("/api/v1/queue-events", json=event, headers={"X-API-Key": self.api_key})
        answer.raise_for_status()


def hall_file(
    folder: Path, cameras: RtspHall, which: Sequence[CameraId], site: dict[str, object], rules: list[object]
) -> Path:
    """A hall.yaml for some of the demo hall's cameras."""
    views = [VIEWS[camera] for camera in which]
    windows = [counter for view in views for counter in view.counters]
    content = {
        "version": 1,
        "site": {"data": str(folder / "data"), "console": {"port": 0}, **site},
        "halls": [
            {
                "id": "demo",
                "name": {"zh": "测量", "en": "Benchmark"},
                "schedule": {"always": True},
                "units": [{"id": "unit", "name": {"zh": "单位", "en": "Unit"}}],
                "staff": [
                    {"id": f"s{w.window[1:]}", "name": {"zh": "员", "en": "Staff"}, "unit": "unit"}
                    for w in windows
                ],
                "windows": [
                    {"id": w.window, "number": w.number, "name": {"zh": "窗", "en": "Window"}, "unit": "unit"}
                    for w in windows
                ],
                "cameras": [
                    {
                        "id": view.camera,
                        "name": {"zh": "机", "en": "Camera"},
                        "url": cameras.url(view.camera),
                        "sample_every": 2.0,
                        "zones": [zone.model_dump(mode="json", exclude_none=True) for zone in zones(view)],
                    }
                    for view in views
                ],
                "rules": rules,
            }
        ],
    }
    path = folder / "hall.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


@contextmanager
def running(file: Path) -> Iterator[RunningHall]:
    """Run a hall.yaml until the block ends; gives it once the console is ready."""
    command = [sys.executable, "-m", "hallwatch"]
    subprocess.run([*command, "apply", str(file)], check=True, timeout=60)
    user = [*command, "user", "add", USER, "--file", str(file), "--json"]
    subprocess.run(user, input=PASSWORD.encode(), check=True, timeout=60, stdout=subprocess.DEVNULL)
    key_command = [*command, "key", "add", "benchmark", "--file", str(file), "--json"]
    key = subprocess.run(key_command, check=True, timeout=60, capture_output=True)
    process = subprocess.Popen(
        [*command, "run", str(file)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        url = _url(process)
        with httpx.Client(base_url=url, timeout=30) as client:
            login = client.post("/api/v1/session", json={"user": USER, "password": PASSWORD})
            login.raise_for_status()
            yield RunningHall(url, client, cast(str, json.loads(key.stdout)["key"]), process)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(15)


def _url(process: subprocess.Popen[bytes]) -> str:
    """The console's address, which `hallwatch run` prints once it is ready."""
    assert process.stdout is not None
    limit = time.monotonic() + READY_LIMIT
    while time.monotonic() < limit:
        line = process.stdout.readline().decode()
        if not line and process.poll() is not None:
            break
        for word in line.split():
            if word.startswith("http://"):
                return word.rstrip("/.")
    raise TimeoutError("the console did not become ready")
