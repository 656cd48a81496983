"""Decoding key frames: both codecs, both framings, and what is damaged."""

from __future__ import annotations

import random

import numpy as np
import pytest

from analysis.picture.frames import KeyFrameDecoder
from hall.errors import MediaError
from hall.media import Track, TrackKind
from hall.names import WindowId, ZoneId
from hall.place import Zone, ZoneRole
from tests.unit.analysis.pictures import empty_counter, key_frame, packet_of, with_person


def difference(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.abs(first.astype(int) - second.astype(int)).mean())


@pytest.mark.parametrize("encoder", ["libx264", "libx265"])
@pytest.mark.parametrize("annex_b", [True, False])
def test_a_key_frame_is_decoded_as_it_comes_and_at_once(encoder: str, annex_b: bool) -> None:
    picture = with_person(360, 640)
    track, packet = key_frame(picture, encoder, annex_b)
    decoder = KeyFrameDecoder((), 192)
    for _ in range(3):
        decoded = decoder.decode(track, [packet])
        assert decoded.shape == (360, 640, 3)
        assert difference(decoded, picture) < 6


def test_a_damaged_key_frame_is_an_error_and_the_next_good_one_is_decoded() -> None:
    chance = random.Random(4)
    picture = with_person(360, 640)
    track, packet = key_frame(picture)
    decoder = KeyFrameDecoder((), 192)
    for _ in range(20):
        raw = bytearray(packet.data)
        for _ in range(30):
            raw[chance.randrange(len(raw))] = chance.randrange(256)
        for damaged in (bytes(raw), packet.data[: len(raw) // 2], chance.randbytes(300), b"\0", b""):
            with pytest.raises(MediaError):
                decoder.decode(track, [packet_of(damaged)])
    assert difference(decoder.decode(track, [packet]), picture) < 6


def test_a_message_without_packets_is_an_error() -> None:
    track, _ = key_frame(empty_counter(64, 64))
    with pytest.raises(MediaError):
        KeyFrameDecoder((), 192).decode(track, [])


@pytest.mark.parametrize(
    "track",
    [
        Track(0, TrackKind.VIDEO, "no-such-codec", (1, 90000)),
        Track(0, TrackKind.AUDIO, "aac", (1, 16000)),
        Track(0, TrackKind.VIDEO, "aac", (1, 16000)),
    ],
)
def test_a_track_that_is_no_picture_is_an_error(track: Track) -> None:
    with pytest.raises(MediaError):
        KeyFrameDecoder((), 192).decode(track, [packet_of(bytes(100))])


def test_a_camera_that_changes_its_picture_size_is_followed() -> None:
    decoder = KeyFrameDecoder((), 192)
    for height, width in ((360, 640), (240, 320), (640, 360)):
        track, packet = key_frame(empty_counter(height, width))
        assert decoder.decode(track, [packet]).shape == (height, width, 3)


def test_a_large_picture_is_made_no_larger_than_its_zones_need() -> None:
    half = Zone(
        id=ZoneId("z"),
        role=ZoneRole.STAFF,
        window=WindowId("w"),
        polygon=((0.2, 0.2), (0.6, 0.2), (0.6, 0.8)),
    )
    track, packet = key_frame(empty_counter(2160, 3840))
    height, width, _ = KeyFrameDecoder((half,), 192).decode(track, [packet]).shape
    assert width == 640
    assert height == 360
