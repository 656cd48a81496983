"""A redaction is taken as it is meant, or refused: a slip must neither cover the wrong people nor nobody."""

from __future__ import annotations

import pytest

from console.api.redaction import RedactionRequest, redaction_of, words_of
from hall.errors import RequestRefused
from hall.names import CameraId, WindowId
from hall.redacting import Heads, Redaction
from tests.unit.console.evidence.test_making import hall

CAMERA = CameraId("cam-1")


def asked(heads: str, *windows: str, mutes_sound: bool = False) -> Redaction | None:
    request = RedactionRequest(heads=Heads(heads), windows=windows, mutes_sound=mutes_sound)
    return redaction_of(request, hall(), [CAMERA])


def test_by_standers_are_those_who_are_at_none_of_the_windows() -> None:
    redaction = asked("by_standers", "w01", "w01")
    assert redaction == Redaction(Heads.BY_STANDERS, (WindowId("w01"),))
    assert words_of(redaction) == "; redacted: heads covered but at w01"


def test_heads_and_sound_are_chosen_apart() -> None:
    assert asked("all") == Redaction(Heads.ALL)
    assert words_of(asked("all", mutes_sound=True)) == "; redacted: all heads covered, sound left out"
    assert words_of(asked("kept", mutes_sound=True)) == "; redacted: sound left out"
    assert (redaction_of(None, hall(), [CAMERA]), words_of(None)) == (None, "")


@pytest.mark.parametrize(
    ("heads", "windows", "why"),
    [
        ("kept", (), "changes nothing"),
        ("by_standers", (), "whose people are to stay visible"),
        ("by_standers", ("w01", "w02"), "none of the cameras has a staff or customer zone of w02"),
        ("by_standers", ("nothing",), "zone of nothing"),
        ("all", ("w01",), "by-standers alone"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_reason(
    heads: str, windows: tuple[str, ...], why: str
) -> None:
    with pytest.raises(RequestRefused, match=why):
        asked(heads, *windows)
