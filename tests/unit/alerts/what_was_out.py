"""Which cameras were out in a true story, and who was to be told of it: a camera's alert, or its hall's.

A second opinion on the rules about cameras, as `what_there_was` is on all others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.unit.alerts.each_second import SECONDS, Cause, each_second, stretches
from tests.unit.alerts.true_story import BEGIN, CAMERAS, END, TOGETHER, TrueStory

FAULT, PICTURE, GAP = 25.5, 30.5, 20.5
"""The limits, in seconds."""


@dataclass(frozen=True)
class Out:
    """One camera is out. `reached`: when for as long as the limit, if that was before the end."""

    start: int
    end: int | None
    reached: float | None

    def at(self, moment: float) -> bool:
        """Whether it was out then."""
        return self.start <= moment and (self.end is None or moment < self.end)


def what_was_out(story: TrueStory) -> Iterator[Cause]:
    """Every cause that lasted for longer than its limit."""
    outages = {camera: list(_outages(story, camera)) for camera in CAMERAS}
    faults = {camera: _joined([*outages[camera], *_pictures(story, camera)]) for camera in CAMERAS}
    yield from _told("fault", faults, FAULT)
    yield from _told("gap", {camera: list(_gaps(story, camera, outages[camera])) for camera in CAMERAS}, GAP)


def _length(start: int, end: int | None) -> int:
    return (END if end is None else end) - start


def _outages(story: TrueStory, camera: str) -> Iterator[Out]:
    """From a fault to a recording, or to a restart that lasts.

    A short restart is part of it, but not counted.
    """
    recording = each_second(story.recording[camera])
    short = {
        second
        for start, end in stretches(lambda s: recording[s] == "process_restart")
        if _length(start, end) < FAULT
        for second in range(start, END + 1 if end is None else end)
    }
    start, failed, reached = BEGIN, 0.0, None
    lasts = False
    for second in SECONDS:
        fails = recording[second] not in ("good", "process_restart")
        if not lasts and fails:
            lasts, start, failed, reached = True, second, 0.0, None
        if lasts and not fails and second not in short:
            lasts = False
            yield Out(start, second, reached)
        elif lasts and fails and second < END:
            failed += 1
            reached = second + 1 - (failed - FAULT) if reached is None and failed > FAULT else reached
    if lasts:
        yield Out(start, None, reached)


def _pictures(story: TrueStory, camera: str) -> Iterator[Out]:
    """From a fault to a clear picture.

    One that could not be seen for as long as the limit is forgotten, unless it was found before.
    """
    picture = each_second(story.pictures[camera])
    start, seen, unseen = BEGIN, 0.0, 0
    reached: float | None = None
    lasts = False
    for second in SECONDS:
        state = picture[second]
        if state == "unknown":
            unseen += second < END
            if lasts and reached is None and unseen > PICTURE:
                lasts = False
                yield Out(start, second + 1 - unseen, None)
            continue
        unseen = 0
        if state == "clear":
            if lasts:
                yield Out(start, second, reached)
            lasts = False
            continue
        if not lasts:
            lasts, start, seen, reached = True, second, 0.0, None
        seen += second < END
        reached = second + 1 - (seen - PICTURE) if reached is None and seen > PICTURE else reached
    if lasts:
        yield Out(start, None, reached)


def _joined(parts: Sequence[Out]) -> list[Out]:
    """What touches is one, found when the first part of it is."""
    whole: list[Out] = []
    for part in sorted(parts, key=lambda part: part.start):
        before = whole[-1] if whole else None
        if before is None or (before.end is not None and before.end < part.start):
            whole.append(part)
            continue
        end = None if before.end is None or part.end is None else max(before.end, part.end)
        found = [reached for reached in (before.reached, part.reached) if reached is not None]
        whole[-1] = Out(before.start, end, min(found, default=None))
    return whole


def _gaps(story: TrueStory, camera: str, outages: Sequence[Out]) -> Iterator[Out]:
    """What was not recorded, and is not part of an outage that was found."""
    recording = each_second(story.recording[camera])
    told = {
        second for outage in outages if outage.reached is not None for second in SECONDS if outage.at(second)
    }
    for start, end in stretches(lambda s: recording[s] != "good" and s not in told):
        yield Out(start, end, start + GAP if _length(start, end) > GAP else None)


def _told(rule: str, out: Mapping[str, Sequence[Out]], limit: float) -> Iterator[Cause]:
    """Each camera's own findings, and those of the hall.

    In half seconds: limits are reached between two seconds.
    """
    halves = [half / 2 for half in range(2 * BEGIN, 2 * END + 1)]
    hall = dict.fromkeys(halves, False)
    start: float | None = None
    few_since: float | None = None
    gathering: float | None = None
    for half in halves:
        now = [one for each in out.values() for one in each if one.at(half)]
        if start is not None and few_since is not None and half >= few_since + limit:
            yield Cause(rule, "hall", start, half)
            start = gathering = few_since = None
        if start is not None and not now:
            yield Cause(rule, "hall", start, half)
            start = gathering = few_since = None
        if start is not None:
            few_since = None if 2 * len(now) >= TOGETHER else half if few_since is None else few_since
        elif len(now) < TOGETHER:
            gathering = None
        else:
            gathering = half if gathering is None else gathering
            if any(one.reached is not None and gathering <= one.reached <= half for one in now):
                start = sorted(one.start for one in now)[TOGETHER - 1]
        hall[half] = start is not None
    if start is not None:
        yield Cause(rule, "hall", start, None)
    for camera, each in out.items():
        for one in each:
            if one.reached is None:
                continue
            own = [half for half in halves if one.at(half) and half >= one.reached and not hall[half]]
            if own:
                end = own[-1] + 0.5
                yield Cause(rule, camera, one.start, None if own[-1] == END else end)
