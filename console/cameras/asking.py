"""What setting up asks over the bus: the newest picture of a camera, zones tried on a picture."""

from __future__ import annotations

import asyncio
import base64
import json

from pydantic import ValidationError

from bus.connection import Bus, Message
from bus.subjects import ANALYSIS_EXAMINE, tap_key
from bus.tap import TapMessage
from console.cameras.picture import Still
from hall.errors import BusError
from hall.examining import Examine, Examined
from hall.names import CameraId
from hall.place import Zone
from hall.wire import from_json, to_wire

PICTURE_SECONDS = 5.0
"""How long the next key frame is waited for: cameras send one every second or two."""
EXAMINE_SECONDS = 12.0


class CameraAsking:
    """Asks capture and analysis. Everything on it belongs to the console's event loop."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def newest_picture(self, camera: CameraId) -> TapMessage | None:
        """The next key frame that capture samples of a camera; None when none comes in time."""
        if not self._bus.connected:
            return None
        came: asyncio.Future[Message] = asyncio.get_running_loop().create_future()

        async def take(message: Message) -> None:
            if not came.done():
                came.set_result(message)

        subscription = await self._bus.subscribe(tap_key(camera), take)
        try:
            message = await asyncio.wait_for(came, PICTURE_SECONDS)
            return TapMessage.decode(message.payload)
        except (TimeoutError, BusError):
            return None
        finally:
            await subscription.close()

    async def examine(self, still: Still, zones: tuple[Zone, ...]) -> Examined:
        """What the running detector finds of zones in a picture. Raises BusError without analysis."""
        question = Examine(base64.b64encode(still.jpeg).decode(), zones)
        payload = json.dumps(to_wire(question)).encode()
        answer = await self._bus.request(ANALYSIS_EXAMINE, payload, EXAMINE_SECONDS)
        try:
            return from_json(Examined, answer.payload)
        except ValidationError as error:
            raise BusError("analysis answered something else") from error
