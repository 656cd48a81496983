"""What cameras add to the words about a long queue, and that they never say more than is sure."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from alerts.desks import Desk
from alerts.facts import HallQueue, Sight
from alerts.rules.long_queue import judge
from alerts.rules.openable import Opening, openable
from alerts.rules.queue_sights import people_beyond, people_surely, presence_at
from hall.interval import Interval
from hall.names import CameraId, RuleId, TicketId, ZoneId
from hall.observing import Observation, ObservationKind, Presence
from hall.queueing import PauseReason, Ticket, WindowState
from hall.rule import LongQueueRule
from tests.unit.alerts.small_hall import C1, C2, W1, W3, after, over, seen, settings, status, ticket

HALL = settings()
FIRST, THIRD = HALL.windows
RULE = LongQueueRule(id=RuleId("long-queue"), people_per_window=3, limit_wait_seconds=None, limit_seconds=60)


def counted(
    people: int, camera: CameraId = C1, zone: str = "waiting", confidence: float = 1.0, start: float = -60
) -> Sight:
    """A waiting zone in which so many are counted, and which is still looked at two minutes after ten."""
    observation = Observation(
        ObservationKind.PEOPLE,
        camera,
        ZoneId(zone),
        None,
        over(start),
        "counted",
        source="test@1",
        measure=float(people),
        confidence=confidence,
    )
    return Sight(camera, ZoneId(zone), (observation,), watched=after(120))


def staff(state: Presence, watched: float = 120) -> tuple[Sight, ...]:
    """The staff zone of window 3."""
    return (Sight(C1, ZoneId("s3"), (seen(state, -600),), watched=after(watched)),)


def waiting(number: int) -> Ticket:
    return replace(ticket(f"A{number:03}"), id=TicketId(f"gulou-20260302-A{number:03}"))


def test_a_closed_window_with_somebody_on_post_comes_before_one_where_nobody_was_seen() -> None:
    closed = (Desk(FIRST), Desk(THIRD))
    unseen = HallQueue(HALL, desks=closed)
    assert [(one.window.id, one.on_post) for one in openable(unseen, after(120))] == [
        (W1, False),
        (W3, False),
    ]
    staffed = HallQueue(HALL, desks=closed, staff=((W3, staff(Presence.ON_POST)),))
    assert [(one.window.id, one.on_post) for one in openable(staffed, after(120))] == [
        (W3, True),
        (W1, False),
    ]


def test_somebody_on_post_does_not_make_leave_or_a_permitted_break_a_window_to_open() -> None:
    for desk in (
        Desk(THIRD, (status(WindowState.PAUSED, 100, reason=PauseReason.BREAK),)),
        Desk(THIRD, leave=(Interval(after(-600), after(600)),)),
    ):
        assert (
            openable(HallQueue(HALL, desks=(desk,), staff=((W3, staff(Presence.ON_POST)),)), after(120)) == []
        )


def test_a_blind_camera_says_of_nobody_that_he_is_on_post() -> None:
    queue = HallQueue(HALL, desks=(Desk(THIRD),), staff=((W3, staff(Presence.ON_POST, watched=0)),))
    assert presence_at(queue, W3, after(120)) is Presence.UNKNOWN
    assert presence_at(queue, W1, after(120)) is Presence.UNKNOWN
    (one,) = openable(queue, after(120))
    assert (one.why, one.on_post) == (Opening.CLOSED, False)


def test_zones_of_one_camera_are_added_and_two_cameras_never_count_the_same_people_twice() -> None:
    one = HallQueue(HALL, people=(counted(6), counted(5, zone="stairs")))
    assert people_surely(one, after(120)) == 11
    both = HallQueue(HALL, people=(counted(6), counted(5, zone="stairs"), counted(9, C2)))
    assert people_surely(both, after(120)) == 11


def test_a_count_that_is_not_sure_or_of_a_blind_camera_is_no_count() -> None:
    unsure = counted(20, confidence=0.1, start=115)
    blind = replace(counted(20), watched=after(0))
    assert people_surely(HallQueue(HALL, people=(unsure,)), after(120)) is None
    assert people_surely(HallQueue(HALL, people=(blind,)), after(120)) is None
    assert people_surely(HallQueue(HALL), after(120)) is None


@given(st.integers(0, 200), st.integers(0, 200))
def test_people_without_tickets_are_spoken_of_only_when_far_more_are_seen_than_hold_tickets(
    people: int, tickets: int
) -> None:
    beyond = people_beyond(HallQueue(HALL, people=(counted(people),)), after(120), tickets)
    assert beyond in (None, people)
    assert (beyond is None) == (people < tickets + 5 or people < 1.5 * tickets)


def test_the_finding_says_that_some_may_wait_without_a_ticket_and_who_is_on_post() -> None:
    opened = Desk(FIRST, (status(WindowState.OPEN, -600, window=W1),))
    queue = HallQueue(
        HALL,
        tuple(waiting(number) for number in range(3)),
        (opened, Desk(THIRD)),
        (counted(30),),
        staff=((W3, staff(Presence.ON_POST)),),
    )
    reason = judge(queue, after(120), RULE).reason
    assert reason.en.endswith(
        "about 30 people are in the waiting zones, many more than tickets: some may wait without one; "
        "could be opened: window 3 (closed, somebody is on post)"
    )
    assert reason.zh.endswith(
        "等候区约有 30 人，明显多于候号人数，可能有人未取号等候；可考虑开放：3号窗口（关闭，有人在岗）"
    )
    assert reason.values["people"] == "30"
