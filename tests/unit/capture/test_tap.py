"""The tap: samples, sound and watched cameras on the bus, with the last group of pictures first."""

from __future__ import annotations

from bus.tap import TapMessage
from capture.tapping.tap import LARGEST_GROUP, Tap
from capture.time.anchor import Anchor, Arrival
from hall.clock import SimulatedClock
from hall.media import Packet, Track, TrackKind
from hall.names import CameraId
from hall.place import Camera, Text

PICTURE = Track(0, TrackKind.VIDEO, "h264", (1, 1000), width=640, height=360)
SOUND = Track(1, TrackKind.AUDIO, "pcm_alaw", (1, 1000), sample_rate=8000, channels=1)
CAMERA = Camera(id=CameraId("cam-1"), name=Text(zh="一", en="one"), url="rtsp://x", sample_every=2.0)


class Collected:
    """A publisher that keeps what it is given."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, TapMessage]] = []

    def publish(self, subject: str, payload: bytes = b"") -> None:
        self.messages.append((subject, TapMessage.decode(payload)))

    def on(self, subject: str) -> list[TapMessage]:
        return [message for known, message in self.messages if known == subject]


def setting() -> tuple[SimulatedClock, Collected, Tap]:
    clock, collected = SimulatedClock(), Collected()
    tap = Tap(collected, CAMERA, clock)
    tap.begin([PICTURE, SOUND], Anchor(clock, [Arrival(0.0, 0.0)]))
    return clock, collected, tap


def picture(at: int, *, is_key: bool = False, size: int = 10) -> Packet:
    return Packet(0, TrackKind.VIDEO, bytes(size), at, at, 40, is_key, at / 1000)


def sound(at: int) -> Packet:
    return Packet(1, TrackKind.AUDIO, b"s", at, at, 20, True, at / 1000)


def test_key_frames_are_sampled_at_the_cameras_period() -> None:
    clock, collected, tap = setting()
    began = clock.now()
    for at in range(0, 10_000, 200):
        tap.take(picture(at, is_key=at % 1000 == 0))
    samples = collected.on("tap.key.cam-1")
    assert [message.packets[0].pts for message in samples] == [0, 2000, 4000, 6000, 8000]
    assert (samples[1].at - began).total_seconds() == 2.0
    assert samples[0].track == PICTURE


def test_sound_travels_in_batches_of_a_second() -> None:
    _, collected, tap = setting()
    for at in range(0, 3100, 20):
        tap.take(sound(at))
    batches = collected.on("tap.sound.cam-1")
    assert len(batches) == 3
    times = [packet.pts for message in batches for packet in message.packets]
    assert times == list(range(0, times[-1] + 20, 20))


def test_every_packet_travels_only_while_somebody_watches() -> None:
    clock, collected, tap = setting()
    tap.take(picture(0, is_key=True))
    tap.take(picture(40))
    assert collected.on("tap.live.cam-1") == []
    tap.want()
    tap.take(picture(80))
    clock.advance(6.5)
    tap.take(picture(120))
    live = collected.on("tap.live.cam-1")
    assert [(message.packets[0].pts, message.cached) for message in live] == [
        (0, True),
        (40, True),
        (80, False),
    ]


def test_a_new_viewer_starts_with_the_last_group_of_pictures_only() -> None:
    _, collected, tap = setting()
    for at in range(0, 3000, 100):
        tap.take(picture(at, is_key=at % 1000 == 0))
    tap.want()
    tap.take(picture(3000, is_key=True))
    cached = [message.packets[0].pts for message in collected.on("tap.live.cam-1") if message.cached]
    assert cached == list(range(2000, 3000, 100))


def test_a_group_of_pictures_beyond_the_limit_is_given_up_until_the_next() -> None:
    _, collected, tap = setting()
    tap.take(picture(0, is_key=True))
    tap.take(picture(40, size=LARGEST_GROUP))
    tap.take(picture(80))
    tap.want()
    tap.take(picture(120))
    live = collected.on("tap.live.cam-1")
    assert [message.packets[0].pts for message in live] == [120]
