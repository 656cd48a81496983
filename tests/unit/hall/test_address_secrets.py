"""Passwords in addresses: found where cameras take them, replaced by places, filled in again."""

from __future__ import annotations

import pytest

from hall.address_secrets import host_of, literal_passwords, places_in, with_places, with_stored


@pytest.mark.parametrize(
    ("address", "password", "shown"),
    [
        ("rtsp://u:pw@10.0.0.1/a", "pw", "rtsp://u:${secret:password}@10.0.0.1/a"),
        ("rtsp://u:p@ss@10.0.0.1:554/a@b", "p@ss", "rtsp://u:${secret:password}@10.0.0.1:554/a@b"),
        ("rtsps://u:p%2Fw:d@h/a", "p/w:d", "rtsps://u:${secret:password}@h/a"),
        ("rtsp://:pw@h", "pw", "rtsp://:${secret:password}@h"),
        ("rtsp://h/a?user=u&pwd=p%26w&x=1", "p&w", "rtsp://h/a?user=u&pwd=${secret:parameter}&x=1"),
        (
            "rtsp://h/user=u_password=p_w_channel=1_stream=0",
            "p_w",
            "rtsp://h/user=u_password=${secret:parameter}_channel=1_stream=0",
        ),
    ],
)
def test_a_password_is_found_and_leaves_a_place(address: str, password: str, shown: str) -> None:
    assert [literal.text for literal in literal_passwords(address)] == [password]
    assert with_places(address) == shown
    assert literal_passwords(shown) == ()
    assert host_of(shown) == host_of(address)


@pytest.mark.parametrize(
    "address",
    [
        "rtsp://u:${CAMERA}@h/a",
        "rtsp://u:pre${CAMERA}@h/a",
        "rtsp://u@h/a",
        "rtsp://u:@h/a",
        "rtsp://h/a?compass=x&pwd=",
        "file:/media/a:b@c.mp4",
        "/media/a.mp4",
        "v4l2:/dev/video0",
    ],
)
def test_what_holds_no_password_stays_as_it_is(address: str) -> None:
    assert with_places(address) == address


def test_a_place_is_filled_in_so_that_nothing_in_the_password_is_read_as_address_or_variable() -> None:
    address = with_places("rtsp://u:old@h/a?pwd=old2", "substream-")
    assert places_in(address) == ("substream-password", "substream-parameter")
    filled = with_stored(
        address, {"substream-password": "${HOME}@/", "substream-parameter": "a&b"}.__getitem__
    )
    assert filled == "rtsp://u:%24%7BHOME%7D%40%2F@h/a?pwd=a%26b"


def test_a_host_is_told_whatever_stands_before_it() -> None:
    assert host_of("rtsp://u:${secret:password}@Camera.Example:554/x") == "camera.example"
    assert host_of("rtsp://${USER}:${PASSWORD}@[fe80::1]/x") == "fe80::1"
    assert host_of("rtsp://[fe80/x") == ""
