"""Passwords in addresses of cameras are hidden, and come back only where they belong."""

from __future__ import annotations

import pytest

from hall.config.parts import Part
from hall.config.redaction import hidden, redacted, with_secrets
from hall.errors import ConfigurationError
from hall.names import HallId

CAMERA = Part(HallId("h1"), "cameras", "c1")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtsp://u:pw@host/1", "rtsp://u:•••@host/1"),
        ("rtsp://u:p@w@host:554/1?x=1", "rtsp://u:•••@host:554/1?x=1"),
        ("rtsp://u:p/w@host/1", "rtsp://u:•••@host/1"),
        ("rtsp://u:${CAMERA_PASSWORD}@host/1", "rtsp://u:${CAMERA_PASSWORD}@host/1"),
        ("rtsp://u@host/1", "rtsp://u@host/1"),
        ("rtsp://host/1?user=u&password=pw&channel=1", "rtsp://host/1?user=u&password=•••&channel=1"),
        (
            "rtsp://host/user=u_password=p_w_channel=1_stream=0.sdp",
            "rtsp://host/user=u_password=•••_channel=1_stream=0.sdp",
        ),
        ("file:/var/film.mp4", "file:/var/film.mp4"),
    ],
)
def test_an_address_is_shown_without_its_password(address: str, shown: str) -> None:
    assert hidden(address) == shown
    kept = with_secrets(CAMERA, {"url": shown}, {"url": address})
    assert kept == {"url": address}, "what comes back as it was shown is what it was"


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("rtsp://u:•••@host/2", "rtsp://u:pw@host/2"),
        ("rtsp://admin:•••@host/1", "rtsp://admin:pw@host/1"),
        ("rtsp://u:new@host/1", "rtsp://u:new@host/1"),
    ],
)
def test_a_changed_address_of_the_same_host_keeps_its_password(told: str, meant: str) -> None:
    assert with_secrets(CAMERA, {"url": told}, {"url": "rtsp://u:pw@host/1"}) == {"url": meant}


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("rtsp://u:•••@elsewhere/1", {"url": "rtsp://u:pw@host/1"}),
        ("rtsp://u:•••@host:8554/1", {"url": "rtsp://u:pw@host/1"}),
        ("http://u:•••@host/1", {"url": "rtsp://u:pw@host/1"}),
        ("rtsp://u:•••@host/1", {"url": "rtsp://host/1"}),
        ("rtsp://host/1?password=•••", {"url": "rtsp://u:pw@host/1"}),
        ("rtsp://u:•••@host/1", None),
    ],
)
def test_a_password_goes_nowhere_else(told: str, kept: object) -> None:
    with pytest.raises(ConfigurationError, match="write the password again"):
        with_secrets(CAMERA, {"url": told}, kept)


def test_both_streams_of_every_camera_of_a_list_are_hidden() -> None:
    cameras = [{"id": "c1", "url": "rtsp://u:a@h/1", "substream": "rtsp://u:b@h/2", "record": True}]
    assert redacted(Part(HallId("h1"), "cameras"), cameras) == [
        {"id": "c1", "url": "rtsp://u:•••@h/1", "substream": "rtsp://u:•••@h/2", "record": True}
    ]
