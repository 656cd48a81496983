"""From what devices say to entries of hall.yaml: the right streams, free ids, and no secret."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml

from capture.onvif.device import Device, Found, Stream, plain
from capture.onvif.entries import Credentials, as_yaml, choose, entries, with_places
from hall.config import parse_configuration

CREDENTIALS = Credentials("admin", "p@ss:w/d", "CAMERA_USER", "CAMERA_PASSWORD")
LARGE = Stream("main", "lens-1", "h264", 1920, 1080, 25.0, 4096, "rtsp://192.168.1.64:554/main")
SMALL = Stream("sub", "lens-1", "h264", 704, 576, 15.0, 512, "rtsp://192.168.1.64:554/sub")
TINY = Stream("third", "lens-1", "h264", 176, 144, 15.0, 64, "rtsp://192.168.1.64:554/third")
FOUND = Found("192.168.1.64", "http://192.168.1.64/onvif/device_service", "Counter 5", "IPC-1")
DEVICE = Device(FOUND, "Acme", "IPC-1", "00-1", (SMALL, LARGE, TINY))

HALL = """
halls:
  - id: h
    name: {zh: 大厅, en: Hall}
    units: [{id: u, name: {zh: 单位, en: Unit}}]
    windows: [{id: w01, number: "1", name: {zh: 窗口, en: Window}, unit: u}]
"""


def test_the_largest_stream_is_recorded_and_the_one_nearest_to_640_by_360_watched() -> None:
    assert choose([SMALL, LARGE, TINY]) == (LARGE, SMALL)
    assert choose([TINY, LARGE]) == (LARGE, TINY)


def test_a_single_stream_serves_for_both() -> None:
    assert choose([LARGE]) == (LARGE, None)
    assert choose([LARGE, replace(LARGE, profile="twice")]) == (LARGE, None)


def test_an_h265_main_stream_is_watched_by_its_h264_stream_whatever_its_size() -> None:
    main = replace(LARGE, codec="hevc", width=2560, height=1440)
    small_hevc = replace(SMALL, codec="hevc", url="rtsp://192.168.1.64/third")
    same_size = replace(LARGE, width=2560, height=1440, frame_rate=10, url="rtsp://192.168.1.64/other")
    assert choose([main, small_hevc, SMALL]) == (main, SMALL)
    assert choose([main, small_hevc, same_size]) == (main, same_size)
    assert choose([main, small_hevc]) == (main, small_hevc)


def test_an_h264_main_stream_never_has_a_sub_stream_that_browsers_cannot_show() -> None:
    assert choose([LARGE, replace(SMALL, codec="hevc")]) == (LARGE, None)


def test_what_cannot_be_recorded_is_not_chosen() -> None:
    assert choose([replace(LARGE, codec=""), SMALL]) == (SMALL, None)
    assert choose([replace(LARGE, codec="")]) is None


def test_the_entries_are_accepted_in_a_hall_and_hold_no_password() -> None:
    text = as_yaml(entries([DEVICE], CREDENTIALS))
    (camera,) = parse_configuration(HALL + text).halls[0].cameras
    assert (camera.id, camera.name.zh, camera.name.en) == ("counter-5", "Counter 5", "Counter 5")
    assert camera.url == "rtsp://${CAMERA_USER}:${CAMERA_PASSWORD}@192.168.1.64:554/main"
    assert camera.substream == "rtsp://${CAMERA_USER}:${CAMERA_PASSWORD}@192.168.1.64:554/sub"
    assert CREDENTIALS.password not in text
    assert "1920×1080, 25 pictures/s, 4096 kbit/s" in text


def test_a_password_that_a_device_puts_into_its_addresses_does_not_come_out() -> None:
    for shown in ("p@ss:w/d", "p%40ss%3Aw%2Fd"):
        url = with_places(f"rtsp://192.168.1.64/user=admin_password={shown}_channel=1", CREDENTIALS)
        assert url == (
            "rtsp://${CAMERA_USER}:${CAMERA_PASSWORD}@192.168.1.64/user=admin_password=${CAMERA_PASSWORD}_channel=1"
        )


def test_every_lens_and_every_device_of_the_same_name_gets_an_id_of_its_own() -> None:
    other = replace(LARGE, source="lens-2", url="rtsp://192.168.1.64:554/second")
    two_lenses = replace(DEVICE, streams=(LARGE, SMALL, other))
    made = entries([two_lenses, DEVICE, DEVICE], CREDENTIALS)
    assert [entry.id for entry in made] == ["counter-5-1", "counter-5-2", "counter-5", "counter-5-3"]
    assert [entry.substream is None for entry in made] == [False, True, False, False]


@pytest.mark.parametrize(
    "name",
    ["五号窗口", "", "-", "'\"]}: &x *y !!z", "\u2028- id: evil\u0085\nurl: x", "x" * 500, "\x00\x07", "#"],
)
def test_whatever_a_device_calls_itself_the_entries_stay_sound(name: str) -> None:
    said = plain(name)
    device = replace(
        DEVICE, found=replace(FOUND, name=said, model=""), model=said, manufacturer=said, serial=said,
        streams=(replace(LARGE, profile=said), SMALL),
    )  # fmt: skip
    text = as_yaml(entries([device, device], CREDENTIALS))
    cameras = parse_configuration(HALL + text).halls[0].cameras
    assert len(cameras) == 2
    assert len({camera.id for camera in cameras}) == 2
    assert list(yaml.safe_load(text)) == ["cameras"]


def test_plain_text_is_one_line_of_bounded_length() -> None:
    assert plain("  two\n lines\tand \u202e more ") == "two lines and more"
    assert len(plain("x" * 10_000)) == 80
    assert plain(None) == ""
