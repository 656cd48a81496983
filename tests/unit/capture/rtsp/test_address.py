"""Addresses of cameras: where to connect and what to ask for, never with the password in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.rtsp.address import controlled, parse, redirected
from hall.errors import SourceMalformed

CAMERA = parse("rtsp://viewer:p%40ss@camera:8554/main?profile=1")


def test_user_and_password_are_taken_out_of_what_is_asked_for() -> None:
    assert (CAMERA.host, CAMERA.port, CAMERA.user, CAMERA.password) == ("camera", 8554, "viewer", "p@ss")
    assert CAMERA.url == "rtsp://camera:8554/main?profile=1"
    assert "p@ss" not in repr(CAMERA)


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("rtsp://camera", "camera", 554), ("rtsps://camera/x", "camera", 322),
        ("RTSP://[fe80::1]:55/x", "fe80::1", 55),
    ],
)  # fmt: skip
def test_ports_have_their_defaults(url: str, host: str, port: int) -> None:
    assert (parse(url).host, parse(url).port) == (host, port)


@pytest.mark.parametrize(
    "url", ["rtsp://", "rtsp://:554/x", "http://camera/", "rtsp://camera:x/", "rtsp://[::1/"]
)
def test_what_is_no_address_is_malformed(url: str) -> None:
    with pytest.raises(SourceMalformed):
        parse(url)


def test_line_ends_and_blanks_never_reach_a_request() -> None:
    assert parse("rtsp://camera/a b\r\nX: 1/ö").url == "rtsp://camera/a%20bX:%201/%C3%B6"
    assert "\r" not in controlled(CAMERA.url, "track 1\r\nX: 1")


@pytest.mark.parametrize(
    ("control", "url"),
    [
        ("*", "rtsp://camera:8554/main?profile=1"), ("", "rtsp://camera:8554/main?profile=1"),
        ("trackID=1", "rtsp://camera:8554/main?profile=1/trackID=1"),
        ("rtsp://viewer:secret@10.0.0.1/main/1", "rtsp://10.0.0.1/main/1"),
    ],
)  # fmt: skip
def test_a_track_is_a_part_of_its_camera_or_an_address_itself(control: str, url: str) -> None:
    assert controlled(CAMERA.url, control) == url


@pytest.mark.parametrize(
    ("location", "url", "user"),
    [
        ("/other", "rtsp://camera:8554/other", "viewer"),
        ("rtsp://camera:99/x", "rtsp://camera:99/x", "viewer"),
        ("rtsp://elsewhere/x", "rtsp://elsewhere/x", None),
        ("rtsp://you:too@elsewhere/x", "rtsp://elsewhere/x", "you"),
    ],
)
def test_a_redirection_takes_the_password_to_no_other_host(location: str, url: str, user: str | None) -> None:
    target = redirected(CAMERA, location)
    assert (target.url, target.user) == (url, user)


def test_a_redirection_does_not_give_up_encryption() -> None:
    with pytest.raises(SourceMalformed):
        redirected(parse("rtsps://camera/x"), "rtsp://camera/x")


@given(text=st.one_of(st.text(max_size=60), st.text(max_size=40).map("rtsp://{}".format)))
def test_any_text_is_an_address_or_malformed(text: str) -> None:
    for judge in (parse, lambda text: controlled(CAMERA.url, text), lambda text: redirected(CAMERA, text)):
        try:
            found = judge(text)
        except SourceMalformed:
            continue
        url = found if isinstance(found, str) else found.url
        assert url.isascii()
        assert "\r" not in url
        assert "\n" not in url
        assert " " not in url
