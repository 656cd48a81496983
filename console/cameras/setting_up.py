"""What the console needs to set cameras up, put together: paces, pictures, and work in threads of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

from bus.tap import TapMessage
from capture.sources.stored import StoredSecrets
from console.cameras.pace import Pace
from console.cameras.picture import Still
from console.cameras.shelf import Shelf
from hall.clock import Clock
from hall.config.settings import SiteSettings
from hall.examining import Examined
from hall.names import CameraId, UserId
from hall.place import Zone
from store.database import Database

Result = TypeVar("Result")

LONGEST_SECONDS = 45.0
"""How long finding or trying may take at most; each step has shorter limits of its own."""
TRIALS_A_MINUTE, SEARCHES_A_MINUTE, PICTURES_A_MINUTE = 10, 6, 90


class Asking(Protocol):
    """The way to capture and analysis."""

    async def newest_picture(self, camera: CameraId) -> TapMessage | None:
        """The next key frame of a camera; None when none comes in time."""
        ...

    async def examine(self, still: Still, zones: tuple[Zone, ...]) -> Examined:
        """What the running detector finds of zones in a picture. Raises BusError."""
        ...


class SettingUp:
    """Everything that the handlers of camera set-up share."""

    def __init__(self, site: SiteSettings, database: Database, clock: Clock, asking: Asking) -> None:
        """`clock` is a real one: networks keep real time."""
        self.asking = asking
        self.shelf = Shelf()
        self.secrets = StoredSecrets(site, database)
        self.trials = Pace(TRIALS_A_MINUTE, 60.0, at_once=2)
        self.searches = Pace(SEARCHES_A_MINUTE, 60.0, at_once=1)
        self.pictures = Pace(PICTURES_A_MINUTE, 60.0, at_once=4)
        self.clock = clock

    async def paced(self, pace: Pace, user: UserId, work: Callable[[threading.Event], Result]) -> Result:
        """Run work in a thread that holds nothing up, not even the end of the process.

        `work` is given an event that tells it to stop. Raises TooOften, TimeoutError and what `work` raises.
        """
        pace.begin(user, self.clock.monotonic())
        stop, loop = threading.Event(), asyncio.get_running_loop()
        outcome: asyncio.Future[Result] = loop.create_future()

        def tell(set_outcome: Callable[[], None]) -> None:
            def told() -> None:
                if not outcome.done():
                    set_outcome()

            if not loop.is_closed():
                loop.call_soon_threadsafe(told)

        def run() -> None:
            try:
                result = work(stop)
            except Exception as error:  # noqa: BLE001 - told to whoever asked
                failure = error
                tell(lambda: outcome.set_exception(failure))
            else:
                tell(lambda: outcome.set_result(result))
            finally:
                pace.end()

        threading.Thread(target=run, name="camera-setup", daemon=True).start()
        try:
            return await asyncio.wait_for(outcome, LONGEST_SECONDS)
        finally:
            stop.set()
