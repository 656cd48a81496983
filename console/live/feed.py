"""One camera's packets, from the bus to all of its viewers.

Capture sends every packet only while somebody wants the camera; the feed keeps wanting it while it has
viewers. Whoever comes second starts from the group of pictures that is kept here.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from fractions import Fraction

import structlog

from bus.connection import Bus, Message, Subscription
from bus.metrics import REFUSED
from bus.subjects import live_want, tap_live
from bus.tap import TapMessage
from console.live.annexb import access_unit
from console.live.outlet import Outlet
from console.live.sound import OPUS_RATE, OpusTranscoder, passes
from hall.errors import BusError, MediaError
from hall.media import Packet, Track, TrackKind
from hall.names import CameraId

WANT_SECONDS = 2.0
LARGEST_GROUP = 16 * 1024 * 1024
MOST_MESSAGES = 1000
PICTURES = "h264"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ready:
    """One packet in the form in which viewers get it."""

    kind: TrackKind
    data: bytes
    pts: int
    time_base: Fraction
    is_key: bool


class Feed:
    """The live packets of one camera. `open` before use, `close` when the last viewer has left."""

    def __init__(self, bus: Bus, camera: CameraId) -> None:
        self.camera = camera
        self.tracks: dict[TrackKind, Track] = {}
        self._bus = bus
        self._outlets: set[Outlet] = set()
        self._group: deque[Ready] = deque()
        self._group_bytes = 0
        self._transcoder: OpusTranscoder | None = None
        self._silent = False
        self._subscription: Subscription | None = None
        self._wanting: asyncio.Task[None] | None = None
        self._began = asyncio.Event()
        self._began_at: float | None = None

    async def open(self) -> None:
        """Begin to want the camera."""
        self._subscription = await self._bus.subscribe(tap_live(self.camera), self._take, bound=MOST_MESSAGES)
        self._wanting = asyncio.get_running_loop().create_task(self._keep_wanting())

    async def close(self) -> None:
        """Want it no longer."""
        if self._wanting is not None:
            self._wanting.cancel()
        if self._subscription is not None:
            await self._subscription.close()

    async def began(self, seconds: float) -> bool:
        """Wait for a key frame, or pictures of another kind, at most `seconds`; says whether any came."""
        try:
            await asyncio.wait_for(self._began.wait(), seconds)
        except TimeoutError:
            return False
        return True

    @property
    def age(self) -> float:
        """Seconds since the first picture came; 0 before."""
        return 0.0 if self._began_at is None else asyncio.get_running_loop().time() - self._began_at

    @property
    def has_viewers(self) -> bool:
        """True while an outlet is attached."""
        return bool(self._outlets)

    def attach(self, *outlets: Outlet) -> None:
        """Feed these outlets too, from the kept group of pictures on."""
        for ready in self._group:
            for outlet in outlets:
                _give(outlet, ready)
        self._outlets.update(outlets)

    def detach(self, *outlets: Outlet) -> None:
        """Feed these outlets no longer."""
        self._outlets.difference_update(outlets)

    async def _keep_wanting(self) -> None:
        while True:
            await self._bus.publish(live_want(self.camera))
            await asyncio.sleep(WANT_SECONDS)

    async def _take(self, message: Message) -> None:
        try:
            tapped = TapMessage.decode(message.payload)
        except BusError:
            REFUSED.labels("tap.live").inc()
            return
        self._know(tapped.track)
        for packet in tapped.packets:
            try:
                for ready in self._prepare(tapped.track, packet):
                    self._keep(ready)
                    for outlet in self._outlets:
                        _give(outlet, ready)
            except MediaError as error:
                log.warning("a live packet is damaged", camera=self.camera, error=str(error))

    def _begin(self) -> None:
        self._began.set()
        if self._began_at is None:
            self._began_at = asyncio.get_running_loop().time()

    def _know(self, track: Track) -> None:
        """Note the track; another one than before means a new run, with new times."""
        before = self.tracks.get(track.kind)
        if before == track:
            return
        self.tracks[track.kind] = track
        if track.kind is TrackKind.VIDEO:
            self._group.clear()
            self._group_bytes = 0
            if track.codec != PICTURES:
                self._begin()
        else:
            self._transcoder, self._silent = None, False

    def _prepare(self, track: Track, packet: Packet) -> list[Ready]:
        base = Fraction(*track.time_base)
        if packet.kind is TrackKind.VIDEO:
            if track.codec != PICTURES:
                return []
            data = access_unit(packet.data, track.extradata, is_key=packet.is_key)
            return [Ready(packet.kind, data, packet.pts, base, packet.is_key)]
        if passes(track):
            return [Ready(packet.kind, packet.data, packet.pts, base, is_key=True)]
        return self._transcode(track, packet)

    def _transcode(self, track: Track, packet: Packet) -> list[Ready]:
        if self._silent:
            return []
        try:
            if self._transcoder is None:
                self._transcoder = OpusTranscoder(track)
            return [
                Ready(packet.kind, bytes(opus), opus.pts or 0, Fraction(1, OPUS_RATE), is_key=True)
                for opus in self._transcoder.convert(packet)
            ]
        except MediaError as error:
            # The picture goes on without sound until the next run.
            log.warning("a camera's sound cannot be sent live", camera=self.camera, error=str(error))
            self._silent = True
            return []

    def _keep(self, ready: Ready) -> None:
        starts = ready.kind is TrackKind.VIDEO and ready.is_key
        if starts:
            self._group.clear()
            self._group_bytes = 0
            self._begin()
        if not starts and (not self._group or self._group_bytes > LARGEST_GROUP):
            return
        self._group.append(ready)
        self._group_bytes += len(ready.data)


def _give(outlet: Outlet, ready: Ready) -> None:
    if outlet.kind == ready.kind.value:
        outlet.put(ready.data, ready.pts, ready.time_base, is_key=ready.is_key)
