"""Heartbeats of the screens: every ten seconds one, and the end of those whose session is over."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog
from starlette.concurrency import run_in_threadpool

from console.access.gate import visitors_of
from console.access.visitor import Visitor
from console.dependencies import Dependencies
from console.push.hub import Client
from hall.errors import HallwatchError, NotAuthenticated, NotPermitted
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
    """Why each of the clients may not stay. Those that may have from now on the rights of their user.

    One look into the database for all of them: a look for each, hundreds a second, would hold up the facts.
    """
    try:
        visitors = visitors_of(given, [(client.token, client.address) for client in clients])
    except HallwatchError as error:
        return [error] * len(clients)
    return [_error(client, visitor) for client, visitor in zip(clients, visitors, strict=True)]


def _error(client: Client, visitor: Visitor | None) -> HallwatchError | None:
    if visitor is None:
        return NotAuthenticated("the session is over: log in again")
    if not visitor.may(Permission.BOARD):
        return NotPermitted(f"this needs the permission {Permission.BOARD}")
    client.rights = visitor.rights
    return None
