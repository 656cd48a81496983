"""Problem documents: the error tree as statuses and words, and nothing of an unexpected error."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from console.problems import TooManyAttempts, of_error
from hall.errors import (
    ArchiveUnreachable,
    BusError,
    Conflict,
    EventRefused,
    HallwatchError,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    RecordingError,
    RequestRefused,
    SourceStalled,
    StoreBusy,
)


def document(error: HallwatchError) -> dict[str, Any]:
    return cast(dict[str, Any], json.loads(bytes(of_error(error).body)))


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotAuthenticated("who"), 401),
        (NotPermitted("no"), 403),
        (NotFound("none"), 404),
        (Conflict("moved on"), 409),
        (EventRefused("window", "there is no window 'w9'"), 422),
        (RequestRefused("from", "is needed"), 422),
        (StoreBusy("locked"), 503),
        (ArchiveUnreachable("away"), 503),
        (BusError("away"), 503),
        (SourceStalled("dark"), 503),
        (TooManyAttempts(300), 429),
    ],
)
def test_each_error_of_the_tree_has_its_status(error: HallwatchError, status: int) -> None:
    answer = of_error(error)
    assert answer.status_code == status == document(error)["status"]
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_refused_member_is_named() -> None:
    assert document(RequestRefused("from", "is needed"))["errors"] == [
        {"field": "from", "message": "is needed"}
    ]


def test_who_should_come_back_is_told_when() -> None:
    assert of_error(StoreBusy("locked")).headers["retry-after"] == "2"
    assert of_error(TooManyAttempts(300)).headers["retry-after"] == "300"


def test_an_unexpected_error_keeps_its_words_to_itself() -> None:
    found = document(RecordingError("/srv/secret/place"))
    assert found["status"] == 500
    assert "secret" not in json.dumps(found)
