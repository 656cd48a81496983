"""How screens are sent many facts at once: WebSocket frames made once and written as they are.

A message to a thousand screens would otherwise pass a thousand times through the framing of text, and each
of several messages through a system call of its own. The server of every console speaks this protocol.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent

FRAMES: Final = "frames"
"""Member of an ASGI message `websocket.send` that holds whole frames, one after the other."""


def frame_of(text: str) -> bytes:
    """The frame by which a server sends a text."""
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)


class ScreenProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol, which also takes ready frames."""

    async def send(self, message: ASGISendEvent) -> None:
        """Send an ASGI message. Waits, as for every message, while the client has not taken what was sent."""
        frames = cast("bytes | None", message.get(FRAMES))
        if frames is None:
            await super().send(message)
            return
        await self.writable.wait()
        if self.disconnected or self.close_sent or not self.handshake_complete:
            raise ClientDisconnected
        self.transport.write(frames)
