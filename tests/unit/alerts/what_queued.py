"""When tickets truly waited and were called, and when too many waited for the windows at work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.unit.alerts.each_second import SECONDS, Cause
from tests.unit.alerts.true_story import CLOSED, END, Happening, TrueStory

TOO_MANY, CALM = 1.6, 1.44
"""People for each window at work; a queue that was too long is so until it is below nine tenths of that."""


def waits_and_calls(life: Sequence[Happening]) -> Iterator[tuple[str, int, int | None]]:
    """Each `wait` of one ticket up to its call, and each `call` up to what ended it; the last may last."""
    waits: int | None = None
    call: tuple[int, str | None] | None = None
    for one in life:
        if one.kind == "step_changed":
            continue
        is_repeated = one.kind == "ticket_called" and call is not None and call[1] == one.window
        if waits is not None and one.kind != "ticket_taken":
            yield "wait", waits, one.at
            waits = None
        if call is not None and not is_repeated:
            yield "call", call[0], one.at
            call = None
        if one.kind in ("ticket_taken", "ticket_transferred"):
            waits = one.at
        elif one.kind == "ticket_called" and not is_repeated:
            call = one.at, one.window
    if waits is not None:
        yield "wait", waits, None
    if call is not None:
        yield "call", call[0], None


def long_queues(story: TrueStory) -> Iterator[Cause]:
    """When more waited for longer than the limit than the windows at work are good for; not while closed."""
    waiting = _waiting(story)
    at_work = [_at_work(story, window) for window in ("w01", "w03")]
    start: int | None = None
    for second in SECONDS:
        share = waiting[second] / max(1, sum(second in own for own in at_work))
        if start is None and share >= TOO_MANY:
            start = second
        elif start is not None and share < CALM:
            if start + 15.5 < second:
                yield Cause("queue", "hall", start, second)
            start = None
    if start is not None and start + 15.5 < END:
        yield Cause("queue", "hall", start, None)


def _waiting(story: TrueStory) -> dict[int, int]:
    """How many wait in each second in which the hall is open."""
    waits = [
        (start, END + 1 if end is None else end)
        for name in {one.ticket for one in story.queue if one.ticket is not None}
        for kind, start, end in waits_and_calls([one for one in story.queue if one.ticket == name])
        if kind == "wait"
    ]
    return {
        second: 0 if second in CLOSED else sum(start <= second < end for start, end in waits)
        for second in SECONDS
    }


def _at_work(story: TrueStory, window: str) -> set[int]:
    """The seconds in which a window is open, or serves."""
    changes = {one.at: one.kind for one in story.queue if one.window == window}
    is_open, found = True, set()
    for second in SECONDS:
        kind = changes.get(second, "")
        if kind in ("window_closed", "window_paused"):
            is_open = False
        elif kind == "window_opened":
            is_open = is_open or not _is_paused(story, window, second)
        elif kind in ("window_resumed", "ticket_called", "service_started"):
            is_open = True
        if is_open:
            found.add(second)
    return found


def _is_paused(story: TrueStory, window: str, second: int) -> bool:
    """Whether the last word on a window before a second was that it is paused: opening ends no pause."""
    kinds = [one.kind for one in story.queue if one.window == window and one.at < second]
    told = [kind for kind in kinds if kind != "window_opened"]
    return bool(told) and told[-1] == "window_paused"
