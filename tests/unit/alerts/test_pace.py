"""No more messages in any minute than a notifier may send."""

from __future__ import annotations

from alerts.pace import Pace


def test_as_many_as_allowed_go_out_at_once_and_the_next_waits_for_the_first_to_be_a_minute_old() -> None:
    pace = Pace(2)
    assert pace.wait(0) == 0
    pace.sent(0)
    assert pace.wait(10) == 0
    pace.sent(10)
    assert pace.wait(15) == 45
    assert pace.wait(60) == 0
    pace.sent(60)
    assert pace.wait(61) == 9


def test_the_last_message_of_a_minute_is_known_before_it_goes_out() -> None:
    pace = Pace(2)
    assert not pace.is_last(0)
    pace.sent(0)
    assert pace.is_last(1)
    pace.sent(1)
    assert not pace.is_last(2)
    assert pace.is_last(60.5)
    assert not pace.is_last(200)


def test_without_a_limit_nobody_waits() -> None:
    pace = Pace(None)
    for _ in range(1000):
        pace.sent(0)
    assert pace.wait(0) == 0
    assert not pace.is_last(0)


def test_with_one_message_a_minute_each_is_the_last() -> None:
    assert Pace(1).is_last(0)
