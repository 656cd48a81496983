"""One viewer: a peer connection that is sent a camera's packets until it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.rtcrtpparameters import RTCRtpCodecCapability

from console.live.feed import Feed
from console.live.outlet import Outlet
from console.live.sound import mime_type
from hall.errors import MediaError
from hall.media import Track, TrackKind

CONNECT_SECONDS = 30.0
SETTLE_SECONDS = 0.1
"""The other side needs a moment after the handshake; a key frame sent into it would be lost."""
ENDED = frozenset({"failed", "closed"})

log = structlog.get_logger(__name__)


class Session:
    """A viewer of a feed. Ends by `close`, when the connection fails, or when there is none in 30 s."""

    def __init__(self, identifier: str, feed: Feed, on_end: Callable[[Session], None]) -> None:
        self.id = identifier
        self.feed = feed
        self._on_end = on_end
        # Without this aiortc asks a foreign STUN server.
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._outlets: list[Outlet] = []
        self._watch: asyncio.TimerHandle | None = None
        self._start: asyncio.TimerHandle | None = None
        self._ended = False

    async def answer(self, offer: str, *, with_sound: bool) -> str:
        """Take the offer; sending begins once connected. Raises MediaError for one that cannot be served.

        Without sound no packet of it is ever sent, whatever the offer asks for.
        """
        self._add("video", "video/H264")
        sound: Track | None = self.feed.tracks.get(TrackKind.AUDIO)
        if with_sound and sound is not None and "\nm=audio" in offer:
            self._add("audio", mime_type(sound))
        self._peer.on("connectionstatechange", self._on_state)
        try:
            # Preferences must stand before the offer is taken: aiortc would agree on VP8.
            await self._peer.setRemoteDescription(
                RTCSessionDescription(_without_secret_names(offer), "offer")
            )
            await self._peer.setLocalDescription(await self._peer.createAnswer())
        except Exception as error:
            # aiortc raises whatever its parser trips over: ValueError, KeyError, AssertionError…
            raise MediaError(f"the offer cannot be answered: {type(error).__name__}: {error}") from error
        answer = self._peer.localDescription.sdp
        if "h264" not in answer.lower():
            raise MediaError("the offer does not take H.264, and pictures are never transcoded")
        self._watch = asyncio.get_running_loop().call_later(CONNECT_SECONDS, self._give_up)
        return answer

    async def close(self) -> None:
        """End the view. Ending it twice is no error."""
        if self._ended:
            return
        self._ended = True
        for timer in (self._watch, self._start):
            if timer is not None:
                timer.cancel()
        self.feed.detach(*self._outlets)
        for outlet in self._outlets:
            outlet.stop()
        await self._peer.close()
        self._on_end(self)

    def _add(self, kind: str, wanted: str) -> None:
        outlet = Outlet(kind)
        transceiver = self._peer.addTransceiver(outlet, "sendonly")
        transceiver.setCodecPreferences(_codecs(kind, wanted))
        self._outlets.append(outlet)

    def _give_up(self) -> None:
        if self._peer.connectionState != "connected":
            log.info("a live view never connected", camera=self.feed.camera, session=self.id)
            self._end_soon()

    async def _on_state(self) -> None:
        if self._peer.connectionState in ENDED:
            await self.close()
        elif self._peer.connectionState == "connected" and self._start is None:
            self._start = asyncio.get_running_loop().call_later(SETTLE_SECONDS, self._begin)

    def _begin(self) -> None:
        if not self._ended:
            self.feed.attach(*self._outlets)

    def _end_soon(self) -> None:
        self._closing = asyncio.get_running_loop().create_task(self.close())


def _without_secret_names(offer: str) -> str:
    """The offer without candidates whose address a browser hides behind a name of its own (`….local`).

    Only multicast could tell the address, and asking for it in vain takes a second. The browser finds this
    side by the addresses in the answer, and its own is known from the first packet that comes: so the list
    of its candidates is not at its end either.
    """
    lines = offer.splitlines(keepends=True)
    kept = [line for line in lines if not (line.startswith("a=candidate:") and ".local " in line)]
    if len(kept) == len(lines):
        return offer
    return "".join(line for line in kept if line.strip() != "a=end-of-candidates")


def _codecs(kind: str, wanted: str) -> list[RTCRtpCodecCapability]:
    known = RTCRtpSender.getCapabilities(kind).codecs
    return [codec for codec in known if codec.mimeType.lower() == wanted.lower()]
