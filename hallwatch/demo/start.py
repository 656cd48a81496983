"""Starting the demo: everything that `hallwatch run` does, plus the simulated hall and accounts for it."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

import fixtures
from fixtures.scenes import VIEWS
from hall.clock import Clock
from hall.config import Configuration
from hall.errors import RoleError, StoreBusy
from hallwatch.demo import people
from hallwatch.demo.earlier import close_earlier
from hallwatch.demo.place import CONSOLE_PORT, FIRST_CAMERA_PORT, KEY, DemoPlace, free_ports
from hallwatch.processes import ProcessPlan
from hallwatch.site_run import RunningHall, run_site
from store import api_keys, observing, recording
from store.database import Database

KEY_NAME: Final = "demo-queue"
LOOK_EVERY: Final = 0.2

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Secrets:
    """Made up at each start."""

    passwords: dict[str, str] = field(default_factory=people.made_up_passwords, repr=False)
    api_key: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)


def prepare(directory: Path, port: int | None, clock: Clock, say: Say) -> tuple[DemoPlace, Configuration]:
    """Make the folder, the pictures and the configuration. Raises RoleError and ConfigurationError."""
    place = DemoPlace(directory.resolve())
    place.prepare()
    removed = place.prune(clock.now())
    if removed is not None:
        say(removed)
    make_reels(place, say)
    console_port = port if port is not None else free_ports(CONSOLE_PORT, 1)
    return place, place.write_configuration(free_ports(FIRST_CAMERA_PORT, len(VIEWS)), console_port)


async def run_demo(
    place: DemoPlace, configuration: Configuration, clock: Clock, stop: asyncio.Event, say: Say
) -> None:
    """Run until `stop` is set. The story begins, and ready.json appears, once everything is up."""
    own = Secrets()
    started = clock.now()
    tasks: list[asyncio.Task[None]] = []

    def others(url: str) -> list[ProcessPlan]:
        command = (sys.executable, "-m", "hallwatch.demo.simulated_hall")
        camera_port = _camera_port(configuration)
        return [
            ProcessPlan(
                "demo-hall",
                (*command, str(place.directory), str(camera_port), url),
                {KEY: own.api_key},
                beats=False,
            )
        ]

    def when_ready(hall: RunningHall) -> None:
        tasks.append(asyncio.get_running_loop().create_task(_begin(place, hall, own, started, say)))

    try:
        await run_site(
            configuration,
            place.file,
            clock,
            stop,
            file_wins=True,  # it names the ports of this start's cameras
            others=others,
            when_started=lambda hall: _enter(hall, own, clock.now()),
            when_ready=when_ready,
        )
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        place.ready.unlink(missing_ok=True)


def _camera_port(configuration: Configuration) -> int:
    return int(configuration.halls[0].cameras[0].url.rpartition(":")[2].partition("/")[0])


def _enter(hall: RunningHall, own: Secrets, now: datetime) -> None:
    """Give the demo's people and the queue system their access, and close what an earlier start left open."""
    with hall.database.write() as tx:
        people.enter(tx, own.passwords, now)
        api_keys.remove(tx, KEY_NAME)
        api_keys.add(tx, KEY_NAME, ["queue-events"], own.api_key, now)
    close_earlier(hall.database, hall.configuration, now)


async def _begin(place: DemoPlace, hall: RunningHall, own: Secrets, started: datetime, say: Say) -> None:
    while await asyncio.to_thread(missing, hall.database, hall.configuration, started):  # noqa: ASYNC110
        await asyncio.sleep(LOOK_EVERY)
    place.announce(
        {
            "url": hall.url,
            "user": people.OFFICER,
            "password": own.passwords[people.OFFICER],
            "api_key": own.api_key,
            "passwords": own.passwords,
        }
    )
    place.begin.touch()
    say(f"Console: {hall.url}\nUsers and their passwords:\n{people.told(own.passwords)}\nStop with Ctrl-C.")


def missing(database: Database, configuration: Configuration, started: datetime) -> list[str]:
    """What is not yet up: cameras that are not recorded or not seen by analysis since `started`."""
    found: list[str] = []
    try:
        with database.read() as tx:
            seen = observing.watermarks_now(tx)
            cut = {gap.camera for gap in recording.open_gaps(tx)}
            for settings in configuration.halls:
                for camera in settings.cameras:
                    runs = recording.open_runs(tx, camera.id)
                    if camera.id in cut or not any(run.interval.start >= started for run in runs):
                        found.append(f"{camera.id} is not recorded")
                    elif seen.get(camera.id, started) <= started:
                        found.append(f"{camera.id} is not seen by analysis")
    except StoreBusy:
        found.append("the database is busy")
    return found


def make_reels(place: DemoPlace, say: Say) -> None:
    """Generate pictures and sound in a process of its own, unless this version of the code did already."""
    stamp = place.reels / f"complete-{_version_of_fixtures()}"
    if stamp.exists():
        return
    say("Generating the demo hall's pictures and sound, once; this takes a minute or two …")
    command = [sys.executable, "-m", "fixtures", "reels", "--cache", str(place.reels)]
    made = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise RoleError(
            f"the demo's pictures and sound could not be generated: {made.stderr.strip()[-2000:]}"
        )
    for old in place.reels.glob("complete-*"):
        old.unlink()
    stamp.touch()


def _version_of_fixtures() -> str:
    digest = hashlib.sha256()
    for path in sorted(Path(fixtures.__file__ or "").parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
