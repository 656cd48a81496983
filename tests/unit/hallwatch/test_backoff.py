"""How fast a process is started again."""

from __future__ import annotations

from hallwatch.backoff import RestartDelays


def test_the_first_restart_is_at_once() -> None:
    assert RestartDelays().after(lived=1.0) == 0.0


def test_a_process_that_keeps_ending_is_started_ever_more_slowly_up_to_a_limit() -> None:
    delays = RestartDelays(first=0.25, longest=2.0)
    assert [delays.after(lived=0.1) for _ in range(7)] == [0.0, 0.25, 0.5, 1.0, 2.0, 2.0, 2.0]


def test_a_thousand_ends_do_not_overflow() -> None:
    delays = RestartDelays()
    assert [delays.after(lived=0.1) for _ in range(2000)][-1] == delays.longest


def test_a_process_that_lived_long_is_forgiven_the_past() -> None:
    delays = RestartDelays()
    for _ in range(5):
        delays.after(lived=0.1)
    assert delays.after(lived=delays.settled) == 0.0
    assert delays.after(lived=0.1) == delays.first
