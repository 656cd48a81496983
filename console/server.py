"""Running uvicorn inside a role: told to stop by an event, done within three seconds."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Generator

import structlog
import uvicorn
from fastapi import FastAPI

from console.push.screen_protocol import ScreenProtocol
from hall.errors import RoleError

GRACE_SECONDS = 2
"""How long requests under way, and open WebSockets, may take to end."""
LARGEST_FROM_CLIENT = 4096
"""Bytes: screens have little to say over the push connection."""
BACKLOG = 2048
"""All screens come back at once when a console was restarted."""

Listening = Callable[[str, int], None]

log = structlog.get_logger(__name__)


class _Server(uvicorn.Server):
    """Leaves signals to the role that it runs in."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Take no signals."""
        yield


async def serve_until(
    app: FastAPI, host: str, port: int, stop: asyncio.Event, listening: Listening | None = None
) -> None:
    """Serve `app` until `stop` is set. Raises RoleError when it cannot listen."""
    listener = _listen(host, port)
    bound: tuple[str, int] = listener.getsockname()[:2]
    server = _Server(
        uvicorn.Config(
            app,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
            timeout_keep_alive=15,
            ws=ScreenProtocol,
            ws_max_size=LARGEST_FROM_CLIENT,
            ws_per_message_deflate=False,
        )
    )
    serving = asyncio.get_running_loop().create_task(server.serve([listener]))
    stopping = asyncio.get_running_loop().create_task(stop.wait())
    log.info("the console listens", host=bound[0], port=bound[1])
    if listening is not None:
        listening(bound[0], bound[1])
    try:
        await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await serving
    finally:
        stopping.cancel()
        serving.cancel()
        await asyncio.gather(serving, stopping, return_exceptions=True)
        listener.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named: asyncio turns Nagle's algorithm off for sockets alone that name it, and with it
    # every short answer waits 40 ms for the other side's delayed acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise RoleError(f"the console cannot listen on {host}:{port}: {error.strerror}") from error
    return listener
