"""When a microphone is out of order."""

from __future__ import annotations

import pytest

from alerts.facts import Outage
from alerts.rules.audio_fault import MICROPHONE_FAULTS
from alerts.rules.equipment import ending, judge
from hall.finding import Severity, Standing
from hall.names import RuleId
from hall.observing import Observation
from hall.rule import AudioFaultRule
from tests.unit.alerts.many_cameras import K1, K2, K3, SIX, hall_outage, microphone, outage_of
from tests.unit.alerts.small_hall import TEN, after

RULE = AudioFaultRule(id=RuleId("audio-fault"))


def facts(*known: Observation) -> Outage:
    return outage_of(hall_outage(*known, watched=100_000))


@pytest.mark.parametrize("state", sorted(MICROPHONE_FAULTS))
def test_a_fault_is_found_exactly_when_the_limit_is_reached(state: str) -> None:
    known = facts(microphone("good", -100, 0), microphone(state, 0))
    assert judge(known, after(119), RULE).standing is Standing.CLEAR
    assert judge(known, after(119), RULE).due == after(120)
    found = judge(known, after(120), RULE)
    assert (found.since, found.reason.values["fault"]) == (TEN, state)
    assert RULE.severity is Severity.ATTENTION


def test_every_fault_has_words_of_its_own_in_both_languages() -> None:
    reasons = [judge(facts(microphone(state, 0)), after(150), RULE).reason for state in MICROPHONE_FAULTS]
    assert len({reason.zh for reason in reasons}) == len({reason.en for reason in reasons}) == len(reasons)


def test_good_sound_ends_it_at_the_first_good_second() -> None:
    ended = ending(facts(microphone("hum", 0, 300), microphone("good", 300)), TEN, after(310), RULE)
    assert ended is not None
    assert ended.ended_at == after(300)


def test_a_camera_without_sound_has_no_fault_of_its_sound() -> None:
    assert judge(facts(), after(5000), RULE).standing is Standing.CLEAR
    assert judge(facts(microphone("unknown", 0)), after(5000), RULE).standing is Standing.CLEAR


def test_a_fault_outlasts_what_nobody_heard_but_not_a_source_that_has_no_sound_any_more() -> None:
    known = facts(microphone("hum", 0, 200), microphone("unknown", 200))
    assert ending(known, TEN, after(200 + 3599), RULE) is None
    assert judge(known, after(300), RULE).due == after(200 + 3600)
    ended = ending(known, TEN, after(200 + 3600), RULE)
    assert ended is not None
    assert ended.ended_at == after(200)


def test_only_cameras_with_sound_count_for_the_hall() -> None:
    silent = [microphone("digital_silence", 0, camera=camera) for camera in (K1, K2, K3)]
    known = hall_outage(*silent, watched=100_000)
    found = judge(known, after(120), RULE)
    assert found.cameras == (K1, K2, K3)
    assert found.reason.values["of"] == "3"
    assert all(judge(outage_of(known, camera), after(500), RULE).since is None for camera in SIX)
