"""Names of subjects and heartbeats."""

from __future__ import annotations

import pytest

from bus.heartbeat import Beat
from bus.subjects import every, family, last_token, live_want, role_beat, tap_key
from hall.errors import BusError
from hall.names import CameraId


def test_a_camera_is_found_again_in_its_subject() -> None:
    assert last_token(tap_key(CameraId("hall-3_east"))) == "hall-3_east"


def test_a_family_has_no_camera_in_it() -> None:
    assert family(tap_key(CameraId("cam1"))) == "tap.key"
    assert family(live_want(CameraId("cam1"))) == "live.want"
    assert family("_INBOX.abc.def") == "reply"


def test_the_pattern_for_all_roles_takes_one_token() -> None:
    assert every("role.beat") == "role.beat.*"
    assert role_beat("capture").startswith("role.beat.")


def test_a_heartbeat_comes_out_as_it_went_in() -> None:
    beat = Beat("capture-1-of-2", 4711)
    assert Beat.decode(beat.encode()) == beat


@pytest.mark.parametrize(
    "garbage", [b"", b"7", b"[]", b'{"name": 1, "process": 2}', b'{"name": "a", "process": true}']
)
def test_a_heartbeat_of_another_form_is_refused(garbage: bytes) -> None:
    with pytest.raises(BusError):
        Beat.decode(garbage)
