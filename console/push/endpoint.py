"""The WebSocket of the screens: hello, what was missed, what happens, and a heartbeat."""

from __future__ import annotations

import asyncio
import contextlib
from urllib.parse import urlsplit

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from console.access.gate import COOKIE, address_of, visitor_of
from console.api.shapes import PushHello, PushReset, PushTick, ServerTime
from console.dependencies import Dependencies, Given
from console.metrics import PUSH_CLOSED
from console.problems import SecondFactorOwed, of_error
from console.push.batch import Batch
from console.push.hub import Client, PushHub
from console.push.screen_protocol import FRAMES
from console.push.watching import wish, wish_of
from hall.errors import HallwatchError, NotAuthenticated, NotPermitted, RequestRefused, StoreBusy
from hall.permissions import Permission

router = APIRouter()

CLOSE_SECONDS = 5.0
TOO_SLOW = 4008
LOGGED_OUT = 4401
LARGEST_SEQ = 2**63 - 1


@router.websocket("/push")
async def push(websocket: WebSocket, given: Given) -> None:
    """Serve one screen until it goes, falls behind (4008) or its session ends (4401)."""
    token = websocket.cookies.get(COOKIE)
    try:
        _check_origin(websocket)
        visitor = await run_in_threadpool(visitor_of, given, token, address_of(websocket))
        if visitor.owes_second_factor:
            raise SecondFactorOwed
        if not visitor.may(Permission.BOARD):
            raise NotPermitted(f"this needs the permission {Permission.BOARD}")
        after = _after(websocket.query_params.get("after"))
        async with given.push.client(visitor.rights, token, address_of(websocket)) as client:
            floor, is_reset = await _start(given.push, client, after)
            await websocket.accept()
            await _serve(websocket, given, client, floor, is_reset)
    except HallwatchError as error:
        await _refuse(websocket, of_error(error))


async def _start(hub: PushHub, client: Client, after: int | None) -> tuple[int, bool]:
    """After which seq the client is sent everything, and whether it has to read the board again."""
    if after is None:
        return client.joined_at, False
    if await hub.continues(after, client.joined_at):
        return after, False
    return client.joined_at, True


async def _serve(
    websocket: WebSocket, given: Dependencies, client: Client, floor: int, is_reset: bool
) -> None:
    sending = asyncio.create_task(_send(websocket, given, client, floor, is_reset))
    watching = asyncio.create_task(_until_gone(websocket, given, client))
    lagging = asyncio.create_task(client.slow.wait())
    tasks = (sending, watching, lagging)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    if watching.done() and not watching.cancelled():
        return
    if client.slow.is_set():
        PUSH_CLOSED.inc()
        await _close(websocket, TOO_SLOW, "too slow: go on after the last seq")
    elif isinstance(results[0], NotAuthenticated):
        await _close(websocket, LOGGED_OUT, "the session is over")
    elif isinstance(results[0], StoreBusy):
        await _close(websocket, 1013, "try again later")
    elif isinstance(results[0], Exception) and not isinstance(results[0], WebSocketDisconnect):
        raise results[0]


async def _send(
    websocket: WebSocket, given: Dependencies, client: Client, floor: int, is_reset: bool
) -> None:
    """Send until cancelled. Raises NotAuthenticated once the session is over."""
    now = given.clock.now()
    body = ServerTime(server_time=now)
    await websocket.send_text(PushHello(seq=floor, at=now, body=body).model_dump_json())
    if is_reset:
        await websocket.send_text(PushReset(seq=floor, at=now, body=body).model_dump_json())
    sent = floor
    async for batch in given.push.replay(floor, client.joined_at):
        if (heard := batch.heard_by(client.rights)) is not None:
            sent = await _send_batch(websocket, given.push, heard)
    while True:
        taken = await client.take()
        if taken is None:
            now = given.clock.now()
            tick = PushTick(seq=sent, at=now, body=ServerTime(server_time=now))
            await websocket.send_text(tick.model_dump_json())
        elif isinstance(taken, bytes):
            await websocket.send({"type": "websocket.send", FRAMES: taken})
        elif (rest := taken.after(sent)) is not None:
            sent = await _send_batch(websocket, given.push, rest)


async def _send_batch(websocket: WebSocket, hub: PushHub, batch: Batch) -> int:
    """Send ready frames; gives the last seq."""
    await websocket.send({"type": "websocket.send", FRAMES: batch.frames})
    hub.sent(len(batch))
    return batch.last


async def _until_gone(websocket: WebSocket, given: Dependencies, client: Client) -> None:
    """Take which cameras the client shows, until it leaves; whatever else it sends means nothing."""
    while (message := await websocket.receive())["type"] != "websocket.disconnect":
        cameras = wish_of(message.get("text"))
        if cameras is not None:
            await wish(given, client, cameras)


async def _close(websocket: WebSocket, code: int, reason: str) -> None:
    """Close; a client that does not even take the close frame is dropped."""
    with contextlib.suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
        await asyncio.wait_for(websocket.close(code, reason), CLOSE_SECONDS)


async def _refuse(websocket: WebSocket, answer: Response) -> None:
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        await websocket.send_denial_response(answer)


def _check_origin(websocket: WebSocket) -> None:
    """Browsers name the page that opens a WebSocket; only our own pages may. Raises NotPermitted."""
    origin = websocket.headers.get("origin")
    if origin is None:
        return
    try:
        host = urlsplit(origin).netloc
    except ValueError:
        host = ""
    if not host or host.lower() != websocket.headers.get("host", "").lower():
        raise NotPermitted("the page comes from another origin")


def _after(value: str | None) -> int | None:
    """The seq in the query. Raises RequestRefused."""
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= 19) or int(value) > LARGEST_SEQ:
        raise RequestRefused("after", "must be a seq of the journal")
    return int(value)
