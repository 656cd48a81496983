"""The role `live`: answers offers from the bus and feeds the viewers."""

from __future__ import annotations

import asyncio

import structlog

from bus.connection import Bus, Message, connect
from bus.subjects import LIVE_OFFER
from console.live.exchange import Answer, Begin, Ended, Refusal, read_asked
from console.live.feed import PICTURES, Feed
from console.live.session import Session
from console.metrics import LIVE_VIEWERS
from hall.clock import Clock
from hall.config import Configuration
from hall.errors import MediaError, SourceStalled
from hall.media import TrackKind
from hall.names import CameraId
from store.database import Database

FIRST_PICTURE_SECONDS = 5.0
SOUND_SECONDS = 0.3
"""How long after the first picture sound may still turn up before a view begins without it."""
MOST_SESSIONS = 64
END_SECONDS = 2.0

log = structlog.get_logger(__name__)


async def run_live(
    _configuration: Configuration, _database: Database, bus_url: str, _clock: Clock, stop: asyncio.Event
) -> None:
    """Serve live views until `stop` is set."""
    bus = await connect(bus_url, "live")
    views = Views(bus)
    try:
        await bus.respond(LIVE_OFFER, views.serve)
        await stop.wait()
    finally:
        await views.close()
        await bus.close()


class Views:
    """All live views of this process, and the feeds that they share."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._feeds: dict[CameraId, Feed] = {}
        self._users: dict[CameraId, int] = {}
        self._sessions: dict[str, Session] = {}
        self._closing: set[asyncio.Task[None]] = set()

    async def serve(self, message: Message) -> bytes:
        """Answer one question of the console."""
        asked = read_asked(message.payload)
        if isinstance(asked, Begin):
            answer = await self._begin(asked)
            return answer.model_dump_json().encode()
        session = self._sessions.get(asked.session)
        if session is not None:
            await session.close()
        return Ended(known=session is not None).model_dump_json().encode()

    async def close(self) -> None:
        """End every view."""
        sessions = [session.close() for session in tuple(self._sessions.values())]
        try:
            async with asyncio.timeout(END_SECONDS):
                await asyncio.gather(*sessions, return_exceptions=True)
                await asyncio.gather(*self._closing, return_exceptions=True)
        except TimeoutError:
            log.warning("live views did not end in time", count=len(self._sessions))

    async def _begin(self, asked: Begin) -> Answer | Refusal:
        if len(self._sessions) >= MOST_SESSIONS or asked.session in self._sessions:
            return Refusal(cause="full", message="too many live views")
        feed = await self._use(asked.camera)
        session = Session(asked.session, feed, self._ended)
        self._sessions[asked.session] = session
        LIVE_VIEWERS.inc()
        try:
            await _wait_for_picture(feed, with_sound=asked.sound)
            return Answer(sdp=await session.answer(asked.sdp, with_sound=asked.sound))
        except (MediaError, SourceStalled) as error:
            await session.close()
            cause = "media" if isinstance(error, MediaError) else "source"
            return Refusal.model_validate({"cause": cause, "message": str(error)})

    async def _use(self, camera: CameraId) -> Feed:
        """The feed of a camera, opened for its first user."""
        self._users[camera] = self._users.get(camera, 0) + 1
        feed = self._feeds.get(camera)
        if feed is None:
            feed = self._feeds[camera] = Feed(self._bus, camera)
            await feed.open()
        return feed

    def _ended(self, session: Session) -> None:
        if self._sessions.pop(session.id, None) is None:
            return
        LIVE_VIEWERS.dec()
        camera = session.feed.camera
        self._users[camera] -= 1
        if self._users[camera] == 0:
            del self._users[camera]
            closing = asyncio.get_running_loop().create_task(self._feeds.pop(camera).close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)


async def _wait_for_picture(feed: Feed, *, with_sound: bool) -> None:
    """Wait until the feed's tracks are known. Raises SourceStalled, or MediaError for other pictures."""
    if not await feed.began(FIRST_PICTURE_SECONDS):
        raise SourceStalled("the camera delivers no picture at present")
    codec = feed.tracks[TrackKind.VIDEO].codec
    if codec != PICTURES:
        raise MediaError(f"the camera sends {codec}: browsers show only H.264 without transcoding")
    if with_sound and TrackKind.AUDIO not in feed.tracks:
        await asyncio.sleep(max(0.0, SOUND_SECONDS - feed.age))
