"""Permissions: what each role may do, and that limits only ever take away."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hall import alert_life, silencing
from hall.journal import FactKind
from hall.names import CameraId, HallId
from hall.permissions import FACTS, OF_NO_HALL, ROLES, Permission, rights_of
from hall.roles import Role

P = Permission


def test_every_role_has_its_permissions_and_its_acts_on_alerts() -> None:
    assert set(ROLES) == set(alert_life.MAY) == set(Role)
    for role in Role:
        assert bool(alert_life.MAY[role]) is (P.ALERTS_COMMENT in ROLES[role]), role
        settles = alert_life.Action.ACKNOWLEDGE in alert_life.MAY[role]
        assert settles is (P.ALERTS_ACT in ROLES[role]), role
        assert (role in silencing.MAY) is (P.SILENCE in ROLES[role]), role


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        (Role.OFFICER, {P.LIVE, P.SOUND, P.SILENCE, P.EXPORT}, {P.CONFIGURE, P.USERS, P.AUDIT}),
        (Role.INVESTIGATOR, {P.SEARCH, P.REPLAY, P.SOUND, P.EXPORT, P.LOCK}, {P.SILENCE, P.CONFIGURE}),
        (Role.MANAGER, {P.BOARD, P.REPLAY, P.ANNOUNCE}, {P.SOUND, P.SILENCE, P.EXPORT, P.USERS}),
        (Role.ADMINISTRATOR, {P.CONFIGURE, P.USERS, P.SOUND}, {P.AUDIT}),
        (Role.AUDITOR, {P.AUDIT, P.BOARD}, {P.LIVE, P.REPLAY, P.SOUND, P.SEARCH, P.EXPORT, P.USERS}),
    ],
)
def test_a_role_is_what_people_are_there_for(role: Role, may: set[P], may_not: set[P]) -> None:
    rights = rights_of(role)
    assert {one for one in may if not rights.may(one)} == set()
    assert {one for one in may_not if rights.may(one)} == set()


def test_only_auditors_read_the_audit_trail() -> None:
    assert [role for role in Role if P.AUDIT in ROLES[role]] == [Role.AUDITOR]


def test_every_fact_is_told_to_somebody_and_to_no_more_than_may_read_it() -> None:
    assert set(FACTS) == set(FactKind), "say in hall.permissions who is told of a new kind of fact"


names = st.sets(st.sampled_from(["a", "b"]))


@given(
    role=st.sampled_from(Role),
    withheld=st.sets(st.sampled_from(Permission)),
    halls=names,
    cameras=names,
    kind=st.sampled_from(FactKind),
    hall=st.sampled_from([None, "a", "b"]),
    about=st.lists(st.sampled_from(["a", "b"]), max_size=2),
)
def test_limits_take_away_and_never_give(
    role: Role,
    withheld: set[P],
    halls: set[str],
    cameras: set[str],
    kind: FactKind,
    hall: str | None,
    about: list[str],
) -> None:
    whole = rights_of(role)
    limited = rights_of(role, withheld, {HallId(one) for one in halls}, {CameraId(one) for one in cameras})
    assert limited.permissions == whole.permissions - withheld
    of = HallId(hall) if hall is not None else None
    is_told = limited.hears(kind, of, about)
    assert whole.hears(kind, of, about) or not is_told
    if is_told:
        assert FACTS[kind] not in withheld
        assert not halls or hall in halls or (hall is None and kind in OF_NO_HALL)
        assert not cameras or set(about) <= cameras
