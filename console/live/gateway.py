"""The console's way to the live role: offers and farewells as requests on the bus."""

from __future__ import annotations

from bus.connection import Bus
from bus.subjects import LIVE_OFFER
from console.live.exchange import Answer, Begin, End, Ended, Refusal, read_answered
from hall.errors import BusError, MediaError, SourceStalled
from hall.names import CameraId

OFFER_SECONDS = 10.0
END_SECONDS = 3.0


class BusLiveGateway:
    """Asks whichever live role answers."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    @property
    def connected(self) -> bool:
        """Whether the bus answers."""
        return self._bus.connected

    async def offer(self, camera: CameraId, session: str, sdp: str, *, sound: bool) -> str:
        """The SDP answer, of the picture alone without `sound`.

        Raises BusError, MediaError (the offer) or SourceStalled (the camera).
        """
        question = Begin(camera=camera, session=session, sdp=sdp, sound=sound).model_dump_json().encode()
        answer = read_answered((await self._bus.request(LIVE_OFFER, question, OFFER_SECONDS)).payload)
        if isinstance(answer, Answer):
            return answer.sdp
        if isinstance(answer, Refusal):
            kinds = {"media": MediaError, "source": SourceStalled, "full": BusError}
            raise kinds[answer.cause](answer.message)
        raise BusError("the live role answered something else")

    async def end(self, session: str) -> bool:
        """End a session; False when the live role does not know it. Raises BusError."""
        question = End(session=session).model_dump_json().encode()
        answer = read_answered((await self._bus.request(LIVE_OFFER, question, END_SECONDS)).payload)
        return isinstance(answer, Ended) and answer.known
