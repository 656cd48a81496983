"""Zones tried on one picture: judged as live, everybody told, and nothing believed that cannot be known."""

from __future__ import annotations

import base64
import json

import cv2
import numpy as np
import pytest

from analysis.detectors.asking import Asking
from analysis.detectors.motion import Motion
from analysis.picture.trials import BUSY, MOST_WAITING, NO_DETECTOR, Trials
from hall.clock import SimulatedClock
from hall.examining import Examine, Examined, ZoneVerdict
from hall.names import WindowId, ZoneId
from hall.place import Zone, ZoneRole
from hall.wire import from_json, to_wire
from tests.unit.analysis.test_watcher import EMPTY, LEFT, RIGHT, STAFFED, BrightThings

LEFT_ZONE = Zone(id=ZoneId("left"), role=ZoneRole.STAFF, window=WindowId("w1"), polygon=LEFT)
RIGHT_ZONE = Zone(id=ZoneId("right"), role=ZoneRole.STAFF, window=WindowId("w2"), polygon=RIGHT)
ABOVE = Zone(
    id=ZoneId("above"),
    role=ZoneRole.STAFF,
    window=WindowId("w1"),
    polygon=((0, 0), (0.5, 0), (0.5, 0.3), (0, 0.3)),
)


def question(picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], *zones: Zone) -> bytes:
    jpeg = base64.b64encode(cv2.imencode(".png", picture)[1].tobytes()).decode()
    return json.dumps(to_wire(Examine(jpeg, zones))).encode()


def asked(payload: bytes, asking: Asking | None) -> Examined:
    trials, answers = Trials(192, SimulatedClock()), list[bytes]()
    trials.put(payload, answers.append)
    trials.serve(asking)
    (answer,) = answers
    return from_json(Examined, answer)


def test_each_zone_is_judged_by_the_picture_and_everybody_is_told_where_they_are() -> None:
    answer = asked(question(STAFFED, LEFT_ZONE, RIGHT_ZONE), Asking(BrightThings()))
    left, right = answer.zones
    assert (answer.detector, answer.refusal) == ("bright@1", "")
    assert (left.verdict, right.verdict) == (ZoneVerdict.SOMEBODY, ZoneVerdict.NOBODY)
    (seen,) = left.people
    assert seen.counts
    assert seen.person.box == pytest.approx((100 / 640, 100 / 360, 220 / 640, 260 / 360), abs=0.01)


def test_who_stands_beside_a_zone_is_told_and_does_not_count() -> None:
    (above,) = asked(question(STAFFED, ABOVE), Asking(BrightThings())).zones
    assert above.verdict is ZoneVerdict.NOBODY
    assert [seen.counts for seen in above.people] == [False]


def test_a_waiting_zone_is_looked_at_piece_by_piece() -> None:
    waiting = Zone(id=ZoneId("hall"), role=ZoneRole.WAITING, polygon=((0, 0), (1, 0), (1, 1), (0, 1)))
    (tried,) = asked(question(STAFFED, waiting), Asking(BrightThings())).zones
    assert tried.verdict is ZoneVerdict.SOMEBODY
    (empty,) = asked(question(EMPTY, waiting), Asking(BrightThings())).zones
    assert empty.verdict is ZoneVerdict.NOBODY


def test_what_a_detector_cannot_say_is_unclear_and_says_why() -> None:
    (broken,) = asked(question(STAFFED, LEFT_ZONE), Asking(BrightThings(broken=True))).zones
    assert (broken.verdict, broken.why) == (ZoneVerdict.UNCLEAR, "out of order")
    (moving,) = asked(question(STAFFED, LEFT_ZONE), Asking(Motion())).zones
    assert moving.verdict is ZoneVerdict.UNCLEAR
    assert "compares pictures" in moving.why


@pytest.mark.parametrize("payload", [b"", b"{}", json.dumps({"picture": "AAAA", "zones": []}).encode()])
def test_what_is_no_question_is_refused(payload: bytes) -> None:
    assert asked(payload, Asking(BrightThings())).refusal
    assert asked(payload, None).refusal == NO_DETECTOR


def test_few_questions_wait_and_the_next_is_told_so() -> None:
    trials, answers = Trials(192, SimulatedClock()), list[bytes]()
    for _ in range(MOST_WAITING + 1):
        trials.put(question(EMPTY, LEFT_ZONE), answers.append)
    assert [from_json(Examined, answer).refusal for answer in answers] == [BUSY]
