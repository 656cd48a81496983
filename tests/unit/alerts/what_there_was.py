"""Which causes a true story held, found by looking at each second of it: a second opinion on all the rules.

Nothing of `alerts` is used. The second `s` stands for the time from `s` to `s + 1`, in which nothing changes;
the last one, END, for that moment alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.unit.alerts.each_second import SECONDS, Cause, each_second, stretches
from tests.unit.alerts.true_story import (
    BEGIN,
    CLOSED,
    CUSTOMERS,
    END,
    STAFF,
    WAITING,
    Count,
    Happening,
    TrueStory,
)
from tests.unit.alerts.what_queued import long_queues, waits_and_calls
from tests.unit.alerts.what_was_out import what_was_out


def what_there_was(story: TrueStory) -> list[Cause]:
    """Every cause that lasted for longer than its limit."""
    found = [*_absences(story), *_unattended(story), *_crowds(story), *what_was_out(story)]
    found += [*_tickets(story), *long_queues(story)]
    return sorted(found, key=lambda cause: (cause.rule, cause.about, cause.start))


def _due(story: TrueStory, window: str, allowance: int) -> set[int]:
    """The seconds in which somebody had to be at a window: open, and no break within its allowance.

    Each reason has its allowance once in an unbroken pause, and uses none of it while the hall is closed.
    """
    events = {one.at: one for one in story.queue if one.window == window}
    state, pause, used, due = "open", None, dict[str, int](), set()
    for second in SECONDS:
        kind = events[second].kind if second in events else ""
        if kind == "window_closed":
            state = "closed"
        elif kind == "window_paused":
            used = used if state == "paused" else {}
            state, pause = "paused", str(events[second].reason)
        elif kind == "window_opened":
            state = "open" if state == "closed" else state
        elif kind in ("window_resumed", "ticket_called", "service_started"):
            state = "open"
        if second in CLOSED or state == "closed":
            continue
        if state == "paused" and pause is not None:
            used[pause] = used.get(pause, 0) + 1
            if pause == "break" and used[pause] <= allowance:
                continue
        due.add(second)
    return due


def _shown(story: TrueStory, window: str) -> dict[int, str]:
    """What all cameras together show in each second: `here`, `away`, `surely away` or `unseen`."""
    tracks = [each_second(story.staff[zone]) for zone, of in STAFF.items() if of == window]
    last_seen: list[int | None] = [None] * len(tracks)
    shown = {}
    for second in SECONDS:
        states = [track[second] for track in tracks]
        for place, track in enumerate(tracks):
            if second > BEGIN and track[second - 1] == "on_post":
                last_seen[place] = second
        blind = [last_seen[place] for place, state in enumerate(states) if state == "unknown"]
        trusted = [
            state
            for place, state in enumerate(states)
            if state != "unknown" and all(_saw_them_go(last_seen[place], other) for other in blind)
        ]
        if "on_post" in states:
            shown[second] = "here"
        elif not trusted:
            shown[second] = "unseen"
        else:
            shown[second] = "away" if "leaving" in trusted else "surely away"
    return shown


def _saw_them_go(mine: int | None, of_the_blind: int | None) -> bool:
    """Ten seconds between the last sights of two cameras are the same going."""
    return mine is not None and (of_the_blind is None or mine >= of_the_blind - 10)


def _absences(story: TrueStory) -> Iterator[Cause]:
    for window in ("w01", "w03"):
        due, shown = _due(story, window, 30), _shown(story, window)

        def empty(second: int, due: set[int] = due, shown: dict[int, str] = shown) -> bool:
            return second in due and shown[second] in ("away", "surely away")

        for start, end in stretches(empty):
            until = END if end is None else end
            sure = [s for s in range(start, until + (end is None)) if shown[s] == "surely away"]
            # The second before an end may still be the first that is sure; what is found only then, is found.
            if sure and start + 15.5 < until:
                yield Cause("absence", window, start, end)


def _unattended(story: TrueStory) -> Iterator[Cause]:
    for zone, window in CUSTOMERS.items():
        due, shown, front = (
            _due(story, window, 20),
            _shown(story, window),
            each_second(story.customers[zone]),
        )
        start: int | None = None
        gone: int | None = None
        sure, found = False, False
        for second in SECONDS:
            empty = second in due and shown[second] in ("away", "surely away")
            occupied = empty and front[second] == "on_post"
            over = None
            if start is not None:
                if gone is not None and second >= gone + 4.5:
                    over = gone
                elif not empty or front[second] == "unknown":
                    over = second if gone is None else gone
            if over is not None and start is not None:
                if found:
                    yield Cause("customer", window, start, over)
                start, gone, sure, found = None, None, False, False
            if occupied:
                start, gone = (second if start is None else start), None
            elif start is not None and gone is None:
                gone = second
            if start is not None:
                sure = sure or shown[second] == "surely away"
                lasts_until = second if second == END else second + 1
                found = found or (occupied and sure and start + 11.5 < lasts_until)
        if start is not None and found:
            yield Cause("customer", window, start, None)


def _sure_counts(track: Sequence[tuple[int, Count]]) -> dict[int, Count]:
    """Each second's count; one that stood for more than ten seconds (or stands since ten) is sure."""
    ends = [at for at, _ in track[1:]]
    settled = []
    for place, (at, count) in enumerate(track):
        stood = ends[place] - at > 10 if place < len(ends) else END - at >= 10
        settled.append((at, Count(count.people, count.sure or stood)))
    return each_second(settled)


def _crowds(story: TrueStory) -> Iterator[Cause]:
    zones = [_sure_counts(story.counts[zone]) for zone in WAITING]
    start: int | None = None
    found = False
    for second in SECONDS:
        counts = [zone[second] for zone in zones]
        people = sum(count.people or 0 for count in counts if count.sure)
        doubtful = any(count.people is not None and not count.sure for count in counts)
        if start is None and people >= 6:
            start, found = second, False
        if start is None:
            continue
        if people < 4 and not doubtful:
            if found:
                yield Cause("crowd", "hall", start, second)
            start = None
        elif people >= 4:
            found = found or start + 20.5 < (second if second == END else second + 1)
    if start is not None and found:
        yield Cause("crowd", "hall", start, None)


def _tickets(story: TrueStory) -> Iterator[Cause]:
    for name in sorted({one.ticket for one in story.queue if one.ticket is not None}):
        life = [one for one in story.queue if one.ticket == name]
        moments = {one.kind: one.at for one in reversed(life)}  # the first of each kind
        yield from _waits_and_calls(name, life)
        started, finished = moments.get("service_started"), moments.get("service_finished")
        if started is not None:
            changed = moments.get("step_changed")
            yield from _lasting("step", name, started, finished if changed is None else changed, 40.5)
            if changed is not None:
                yield from _lasting("step", name, changed, finished, 20.5)


def _waits_and_calls(name: str, life: Sequence[Happening]) -> Iterator[Cause]:
    """Each wait up to its call, and each call up to what ended it."""
    limits = {"wait": 60.5, "call": 25.5}
    for kind, start, end in waits_and_calls(life):
        yield from _lasting(kind, name, start, end, limits[kind])


def _lasting(rule: str, about: str, start: int, end: int | None, limit: float) -> Iterator[Cause]:
    if start + limit < (END if end is None else end):
        yield Cause(rule, about, start, end)
