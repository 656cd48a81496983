"""Heartbeats of the screens: every ten seconds one, and the end of those whose session is over."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog
from starlette.concurrency import run_in_threadpool

from console.access.gate import visitor_of
from console.dependencies import Dependencies
from console.push.hub import Client
from hall.errors import HallwatchError, NotPermitted
from hall.permissions import Permission

TURN_SECONDS = 0.5

log = structlog.get_logger(__name__)


async def beat(given: Dependencies) -> None:
    """Look at the sessions of all screens in turn, many at a time, until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(TURN_SECONDS)
        clients = given.push.due(loop.time())
        if not clients:
            continue
        try:
            errors = await run_in_threadpool(_errors, given, clients)
        except Exception:
            # No fault of one turn may end the heartbeats of all screens for ever.
            log.exception("sessions could not be looked at")
            continue
        for client, error in zip(clients, errors, strict=True):
            if error is None:
                client.beat()
            else:
                client.end(error)


def _errors(given: Dependencies, clients: Sequence[Client]) -> list[HallwatchError | None]:
    """Why each of the clients may not stay. Those that may have from now on the rights of their user."""
    return [_error(given, client) for client in clients]


def _error(given: Dependencies, client: Client) -> HallwatchError | None:
    try:
        visitor = visitor_of(given, client.token, client.address)
        if not visitor.may(Permission.BOARD):
            raise NotPermitted(f"this needs the permission {Permission.BOARD}")
        client.rights = visitor.rights
    except HallwatchError as error:
        return error
    return None
