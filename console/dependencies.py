"""What the console's handlers are given: the halls, the facts, the time and the ways to other roles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Protocol, cast

from anyio import CapacityLimiter
from fastapi import Depends
from starlette.requests import HTTPConnection

from console.access.provider import Providers
from console.access.rates import Rates
from console.access.trail import Trail
from console.cameras.setting_up import SettingUp
from console.halls import Halls
from console.push.hub import PushHub
from console.replay.archive import ReplayArchive
from console.replay.stills import StillShelf
from console.system.figures import Figures, shared_figures
from console.system.hearing import Hearing
from hall.clock import Clock
from hall.config import Configuration
from hall.names import CameraId
from store.database import Database


class Acceptance(Protocol):
    """What became of a queue event: `accepted`, or `repeated` when it had been accepted before."""

    @property
    def status(self) -> str:
        """`accepted` or `repeated`."""
        ...


AcceptEvent = Callable[[Database, Configuration, bytes, datetime], Acceptance]
"""Takes one queue event as it was posted. Raises EventRefused or Conflict."""


class LiveGateway(Protocol):
    """The way to the live role."""

    async def offer(self, camera: CameraId, session: str, sdp: str, *, sound: bool) -> str:
        """The SDP answer, of the picture alone without `sound`.

        Raises BusError without a live role, MediaError when the offer cannot be served.
        """
        ...

    async def end(self, session: str) -> bool:
        """End a session; False when no live role knows it. Raises BusError."""
        ...

    @property
    def connected(self) -> bool:
        """Whether the bus answers at this moment."""
        ...


class Exports(Protocol):
    """Whoever makes ordered packages."""

    def wake(self) -> None:
        """Something was ordered."""
        ...


@dataclass(frozen=True)
class Dependencies:
    """Everything that `create_app` needs from outside.

    `configuration` is what the process was started with (addresses, folders); `halls` follow the store.
    `static` is the folder of the built web app, which may be missing. `archive` has the files that no local
    disk has any more, where there is one. `stills` were made lately; `stills_at_once` bounds their making.
    `hearing` has what the bus told of processes, `figures` read what all roles count.
    """

    configuration: Configuration
    database: Database
    clock: Clock
    halls: Halls
    trail: Trail
    push: PushHub
    live: LiveGateway
    accept: AcceptEvent
    static: Path
    archive: ReplayArchive
    exports: Exports
    setting_up: SettingUp
    stills: StillShelf
    stills_at_once: CapacityLimiter
    hearing: Hearing
    figures: Callable[[], Figures | None] = shared_figures
    rates: Rates = field(default_factory=Rates)
    providers: Providers = field(default_factory=Providers)


async def dependencies(connection: HTTPConnection) -> Dependencies:
    """The dependencies that the app was created with."""
    return cast(Dependencies, connection.app.state.dependencies)


Given = Annotated[Dependencies, Depends(dependencies)]
