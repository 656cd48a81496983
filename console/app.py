"""The console's application: routes, errors and headers put together, and served with what they need."""

from __future__ import annotations

import asyncio
import os
import secrets
import threading
from pathlib import Path

from anyio import CapacityLimiter
from fastapi import FastAPI
from fastapi.routing import APIRoute

from bus.connection import Message, connect
from bus.subjects import ANALYSIS_SIGHTING, JOURNAL_WAKE, every
from capture.queueing import accept
from console import health, openapi, problems, webapp
from console.access.trail import Trail
from console.api import (
    alerts,
    announcements,
    audit,
    board,
    calendar,
    camera_setup,
    cases,
    configuration,
    evidence,
    live,
    live_layouts,
    locks,
    notifications,
    places,
    queue,
    recordings,
    roster,
    rules,
    search,
    second_factor,
    session,
    silences,
    single_sign_on,
    stills,
    system,
    timeline,
    transactions,
    users,
)
from console.cameras.asking import CameraAsking
from console.cameras.setting_up import SettingUp
from console.dependencies import Dependencies
from console.evidence.exporting import ExportThread
from console.halls import Halls
from console.headers import SecurityHeaders
from console.live.gateway import BusLiveGateway
from console.push import endpoint as push
from console.push.heartbeat import beat
from console.push.hub import PushHub
from console.push.watching import SightingRelay
from console.replay.archive import ReplayArchive
from console.replay.stills import AT_ONCE, StillShelf
from console.server import Listening, serve_until
from console.system.hearing import Hearing
from hall.clock import Clock, SystemClock
from hall.config import Configuration
from store.database import Database

PREFIX = "/api/v1"
STATIC = Path(__file__).parent / "static"
LARGEST_BODY = 64 * 1024
LONGEST_FILE_SECONDS = 10.0
"""How long the reading of one recorded file for a package may hold up the end."""
ROUTERS = (
    session.router,
    second_factor.router,
    single_sign_on.router,
    places.router,
    rules.router,
    configuration.router,
    board.router,
    queue.router,
    transactions.router,
    search.router,
    timeline.router,
    recordings.router,
    stills.router,
    alerts.router,
    silences.router,
    announcements.router,
    locks.router,
    evidence.router,
    notifications.router,
    calendar.router,
    roster.router,
    cases.router,
    live_layouts.router,
    live.router,
    camera_setup.router,
    users.router,
    system.router,
    audit.router,
    push.router,
)


def create_app(dependencies: Dependencies | None) -> FastAPI:
    """The application. Without dependencies it can only describe itself."""
    app = FastAPI(
        title=openapi.TITLE,
        version=openapi.VERSION,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        max_body_size=LARGEST_BODY,
        separate_input_output_schemas=False,
        generate_unique_id_function=_operation,
        responses={"default": openapi.PROBLEM_ANSWER},
    )
    app.state.dependencies = dependencies
    problems.install(app)
    app.include_router(health.router)
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)
    app.include_router(webapp.router)
    app.add_middleware(SecurityHeaders)
    openapi.install(app)
    return app


def _operation(route: APIRoute) -> str:
    return f"{(route.tags or ['root'])[0]}_{route.name}"


async def serve(
    configuration: Configuration,
    database: Database,
    bus_url: str,
    clock: Clock,
    stop: asyncio.Event,
    listening: Listening | None = None,
    static: Path = STATIC,
) -> None:
    """Serve the console until `stop` is set; `listening` is told the host and port once it listens.

    Raises RoleError when the port is taken.
    """
    bus = await connect(bus_url, "console", patience=0)
    hub = PushHub(database)
    loop = asyncio.get_running_loop()

    async def wake(_message: Message) -> None:
        hub.wake()

    def wake_from_thread(_seq: int) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(hub.wake)

    await bus.subscribe(JOURNAL_WAKE, wake)
    await bus.subscribe(every(ANALYSIS_SIGHTING), SightingRelay(hub).take)
    hearing = Hearing(clock)
    await hearing.listen(bus)
    # What this process writes itself reaches its screens even while the bus is away.
    database.on_commit(wake_from_thread)
    exports = ExportThread(configuration, database, clock, f"console-{os.getpid()}-{secrets.token_hex(4)}")
    dependencies = Dependencies(
        configuration=configuration,
        database=database,
        clock=clock,
        halls=Halls(configuration),
        trail=Trail(database),
        push=hub,
        live=BusLiveGateway(bus),
        accept=accept,
        static=static,
        archive=ReplayArchive(),
        exports=exports,
        setting_up=SettingUp(configuration.site, database, SystemClock(), CameraAsking(bus)),
        stills=StillShelf(),
        stills_at_once=CapacityLimiter(AT_ONCE),
        hearing=hearing,
    )
    app = create_app(dependencies)
    following = (loop.create_task(hub.follow()), loop.create_task(beat(dependencies)))
    ending = threading.Event()
    exporting = threading.Thread(target=exports.run, args=(ending,), name="exports", daemon=True)
    exporting.start()
    console = configuration.site.console
    try:
        await serve_until(app, console.host, console.port, stop, listening)
    finally:
        ending.set()
        exports.wake()
        await asyncio.to_thread(exporting.join, LONGEST_FILE_SECONDS)
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)
        await bus.close()
