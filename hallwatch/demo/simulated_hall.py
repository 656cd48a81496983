"""The process of the simulated hall: cameras from the start, the story once everything is up.

`python -m hallwatch.demo.simulated_hall FOLDER PORT CONSOLE-URL` with HALLWATCH_DEMO_KEY in the environment.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import structlog

from fixtures.demo_hall import DemoHall, DemoSettings
from hall.errors import HallwatchError
from hallwatch.demo.place import HOST, KEY, DemoPlace
from hallwatch.logs import configure_logging

log = structlog.get_logger(__name__)


def main() -> int:
    """Serve until SIGTERM. 1 when the cameras cannot be served."""
    configure_logging("demo-hall")
    folder, port, console = sys.argv[1:]
    place = DemoPlace(Path(folder))
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    settings = DemoSettings(place.reels, console, os.environ[KEY], HOST, int(port))
    try:
        with DemoHall(settings) as hall:
            log.info("the cameras are on", port=port)
            while not place.begin.exists():
                if stop.wait(0.1):
                    return 0
            log.info("the story begins")
            hall.run(stop)
    except (HallwatchError, OSError) as error:
        log.error("the simulated hall failed", error=str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
