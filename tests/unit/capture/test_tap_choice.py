"""Which stream feeds the tap: the sub-stream while it comes, the main stream while it does not."""

from __future__ import annotations

from itertools import pairwise

from bus.tap import TapMessage
from capture.tapping.tap import Tap
from capture.tapping.tap_choice import FALL_BACK_SECONDS, TapChoice
from capture.time.anchor import Anchor, Arrival
from hall.clock import SimulatedClock
from hall.media import Packet, Track, TrackKind
from hall.names import CameraId
from hall.place import Camera, Text

MAIN = Track(0, TrackKind.VIDEO, "hevc", (1, 1000), width=1920, height=1080)
SUB = Track(0, TrackKind.VIDEO, "h264", (1, 1000), width=640, height=360)
MAIN_SOUND = Track(1, TrackKind.AUDIO, "aac", (1, 1000), sample_rate=16000, channels=1)
SUB_SOUND = Track(1, TrackKind.AUDIO, "pcm_alaw", (1, 1000), sample_rate=8000, channels=1)
CAMERA = Camera(id=CameraId("cam-1"), name=Text(zh="一", en="one"), url="rtsp://x", sample_every=1.0)


class Setting:
    """A camera with two streams that play in step, 10 pictures a second and a key frame every second."""

    def __init__(self, main: list[Track], substream: list[Track]) -> None:
        self.clock = SimulatedClock()
        self.messages: list[tuple[str, TapMessage]] = []
        self.tap = Tap(self, CAMERA, self.clock)
        self.choice = TapChoice(CAMERA.id, self.tap, self.clock)
        self.main, self.substream = main, substream

    def publish(self, subject: str, payload: bytes = b"") -> None:
        self.messages.append((subject, TapMessage.decode(payload)))

    def begin(self, *, main: bool = True, substream: bool = True) -> None:
        anchor = Anchor(self.clock, [Arrival(self.clock.monotonic(), self.clock.monotonic())])
        if main:
            self.choice.main.begin(self.main, anchor)
        if substream:
            self.choice.substream.begin(self.substream, anchor)

    def play(self, seconds: float, *, main: bool = True, substream: bool = True) -> None:
        for _ in range(round(seconds * 10)):
            at = round(self.clock.monotonic() * 1000)
            for comes, side, tracks in (
                (main, self.choice.main, self.main),
                (substream, self.choice.substream, self.substream),
            ):
                for track in tracks if comes else ():
                    is_key = track.kind is TrackKind.AUDIO or at % 1000 == 0
                    side.take(Packet(track.index, track.kind, b"x", at, at, 100, is_key, at / 1000))
            self.clock.advance(0.1)

    def tracks_on(self, subject: str) -> list[Track]:
        """The tracks of the messages on a subject, each change once, in order."""
        found: list[Track] = []
        for known, message in self.messages:
            if known == subject and (not found or found[-1] != message.track):
                found.append(message.track)
        return found


def test_the_picture_is_the_sub_streams_and_the_sound_the_main_streams() -> None:
    setting = Setting([MAIN, MAIN_SOUND], [SUB, SUB_SOUND])
    setting.begin()
    setting.play(5)
    assert setting.tracks_on("tap.key.cam-1") == [SUB]
    assert setting.tracks_on("tap.sound.cam-1") == [MAIN_SOUND]


def test_a_main_stream_without_sound_leaves_it_to_the_sub_stream() -> None:
    setting = Setting([MAIN], [SUB, SUB_SOUND])
    setting.begin()
    setting.play(5)
    assert setting.tracks_on("tap.sound.cam-1") == [SUB_SOUND]


def test_the_main_stream_takes_the_place_of_one_that_fails_and_gives_it_back() -> None:
    setting = Setting([MAIN, MAIN_SOUND], [SUB])
    setting.begin()
    setting.play(5)
    setting.play(FALL_BACK_SECONDS + 3, substream=False)
    assert setting.tracks_on("tap.key.cam-1") == [SUB, MAIN]
    setting.begin(main=False)
    setting.play(3)
    assert setting.tracks_on("tap.key.cam-1") == [SUB, MAIN, SUB]
    keys = [message for subject, message in setting.messages if subject == "tap.key.cam-1"]
    times = [message.at for message in keys]
    assert times == sorted(times)
    longest = max((b - a).total_seconds() for a, b in pairwise(times))
    assert longest <= FALL_BACK_SECONDS + 1


def test_a_short_silence_of_the_sub_stream_changes_nothing() -> None:
    setting = Setting([MAIN], [SUB])
    setting.begin()
    setting.play(5)
    setting.play(FALL_BACK_SECONDS - 1, substream=False)
    setting.play(3)
    assert setting.tracks_on("tap.key.cam-1") == [SUB]


def test_a_sub_stream_that_never_comes_is_not_waited_for() -> None:
    setting = Setting([MAIN], [SUB])
    setting.begin(substream=False)
    setting.play(FALL_BACK_SECONDS + 2, substream=False)
    assert setting.tracks_on("tap.key.cam-1") == [MAIN]


def test_a_sub_stream_without_key_frames_does_not_keep_the_main_stream_away() -> None:
    setting = Setting([MAIN], [SUB])
    setting.begin()
    for number in range(100):
        if number == 50:
            setting.begin(main=False)
        at = number * 100
        setting.choice.main.take(Packet(0, TrackKind.VIDEO, b"x", at, at, 100, at % 1000 == 0, at / 1000))
        setting.choice.substream.take(Packet(0, TrackKind.VIDEO, b"x", at, at, 100, number == 0, at / 1000))
        setting.clock.advance(0.1)
    assert setting.tracks_on("tap.key.cam-1") == [SUB, MAIN]


def test_a_viewer_gets_no_picture_of_one_stream_after_the_key_frame_of_the_other() -> None:
    setting = Setting([MAIN, MAIN_SOUND], [SUB])
    setting.begin()
    setting.tap.want()
    for second in range(20):
        setting.tap.want()
        setting.play(1, substream=not 5 <= second < 15)
    live = [message for subject, message in setting.messages if subject == "tap.live.cam-1"]
    pictures = [message for message in live if message.track.kind is TrackKind.VIDEO]
    firsts = [after for before, after in pairwise(pictures) if before.track != after.track]
    assert [message.track for message in firsts] == [MAIN, SUB]
    assert all(message.packets[0].is_key for message in firsts)


def test_a_new_run_of_the_stream_in_use_goes_on_from_its_next_key_frame() -> None:
    setting = Setting([MAIN], [SUB])
    setting.begin()
    setting.play(2)
    changed = Track(0, TrackKind.VIDEO, "h264", (1, 1000), width=704, height=576)
    setting.substream = [changed]
    setting.begin(main=False)
    setting.play(2)
    assert setting.tracks_on("tap.key.cam-1") == [SUB, changed]
