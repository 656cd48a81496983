"""Which alerts a silence means, when it holds, and who may make it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hall.errors import NotPermitted, RequestRefused
from hall.finding import Alert, AlertKind, Severity
from hall.interval import Interval
from hall.names import CameraId, HallId, SilenceId, WindowId
from hall.roles import Role
from hall.silencing import LONGEST, Matcher, Silence, check, is_silenced, silence_of
from hall.testing_notifiers import a_flip

TEN = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
HALL, EAST, WEST = HallId("hall"), CameraId("east"), CameraId("west")
MILD = (Severity.ATTENTION, Severity.WARNING)


def an_alert(**members: object) -> Alert:
    return replace(a_flip()[0], cameras=(EAST, WEST), **members)  # type: ignore[arg-type]  # by name


def a_silence(hours: float = 1, matcher: Matcher | None = None, name: str = "s1") -> Silence:
    interval = Interval(TEN, TEN + hours * HOUR)
    return Silence(
        SilenceId(name), matcher or Matcher(HALL, severities=MILD), interval, "wang", "cleaning", TEN
    )


@pytest.mark.parametrize(
    ("matcher", "fits"),
    [
        (Matcher(HALL), True),
        (Matcher(HallId("other")), False),
        (Matcher(HALL, windows=(WindowId("w03"), WindowId("w04"))), True),
        (Matcher(HALL, windows=(WindowId("w04"),)), False),
        (Matcher(HALL, kinds=(AlertKind.ABSENCE,)), True),
        (Matcher(HALL, kinds=(AlertKind.DISK,)), False),
        (Matcher(HALL, severities=MILD), True),
        (Matcher(HALL, severities=(Severity.SERIOUS,)), False),
        (Matcher(HALL, windows=(WindowId("w03"),), kinds=(AlertKind.DISK,)), False),
    ],
)
def test_an_alert_is_meant_when_it_fits_every_member_that_is_given(matcher: Matcher, fits: bool) -> None:
    assert matcher.matches(an_alert()) is fits


def test_a_silenced_camera_hides_nothing_that_another_camera_sees_as_well() -> None:
    assert not Matcher(HALL, cameras=(EAST,)).matches(an_alert())
    assert Matcher(HALL, cameras=(EAST, WEST)).matches(an_alert())
    about_it = replace(an_alert().subject, window=None, camera=EAST)
    assert Matcher(HALL, cameras=(EAST,)).matches(an_alert(subject=about_it))
    assert not Matcher(HALL, cameras=(EAST,)).matches(replace(an_alert(), cameras=()))


def test_a_silence_ends_by_itself_or_before_its_time() -> None:
    silence = a_silence()
    assert is_silenced(an_alert(), [silence], TEN)
    assert not is_silenced(an_alert(), [silence], TEN + HOUR)
    early = replace(silence, ended_at=TEN + HOUR / 2, ended_by="li")
    assert not is_silenced(an_alert(), [early], TEN + HOUR / 2)
    never = replace(silence, ended_at=TEN - HOUR)
    assert not is_silenced(an_alert(), [never], TEN)


def test_of_several_silences_the_one_that_holds_longest_is_named() -> None:
    short, long = a_silence(1, name="short"), a_silence(2, name="long")
    assert silence_of(an_alert(), [long, short], TEN) == long


def test_an_officer_silences_mild_alerts_for_a_day_and_an_administrator_any_for_a_month() -> None:
    check(a_silence(24), Role.OFFICER, TEN)
    check(a_silence(25, Matcher(HALL)), Role.ADMINISTRATOR, TEN)
    for silence in (a_silence(25), a_silence(1, Matcher(HALL))):
        with pytest.raises(NotPermitted):
            check(silence, Role.OFFICER, TEN)
    with pytest.raises(NotPermitted):
        check(a_silence(), Role.INVESTIGATOR, TEN)


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        (TEN - HOUR, TEN + HOUR, "from"),
        (TEN, TEN, "to"),
        (TEN, TEN + LONGEST + HOUR, "to"),
    ],
)
def test_a_silence_begins_in_the_future_and_ends_in_sight(start: datetime, end: datetime, field: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        check(replace(a_silence(), interval=Interval(start, end)), Role.ADMINISTRATOR, TEN)
    assert refused.value.field == field
