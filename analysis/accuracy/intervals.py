"""Labels that are given as intervals only, told second by second, as the scores need them.

By the rule of those who label: the state of a second is that in its middle, and nobody is sure of a second in
which, or within `boundary_uncertainty_s` of which, something changes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from analysis.accuracy.labels import ABSENT, PRESENT, ClipLabels, During, SecondOf, ZoneState


def by_seconds(labels: ClipLabels) -> ClipLabels:
    """The labels, with what only their intervals tell entered into `per_second`."""
    told = labels.per_second
    count = (
        labels.person_visible_intervals_s
        if not labels.samples and all(second.persons is None for second in told)
        else None
    )
    named = {name for second in told for name in second.zones}
    zones = {
        box.name: box.present_intervals_s
        for box in labels.zones
        if box.present_intervals_s is not None and box.name not in named
    }
    if count is None and not zones:
        return labels
    length = _length(labels, [*(count or ()), *(during for each in zones.values() for during in each)])
    seconds = {second.t: second for second in told}
    for number in range(math.ceil(length)):
        second = seconds.get(float(number), SecondOf(t=float(number)))
        seconds[float(number)] = _filled(second, labels, count, zones, length)
    return labels.model_copy(update={"per_second": tuple(seconds[t] for t in sorted(seconds))})


def _filled(
    second: SecondOf,
    labels: ClipLabels,
    count: tuple[During, ...] | None,
    zones: dict[str, tuple[During, ...]],
    length: float,
) -> SecondOf:
    middle, slack = second.t + 0.5, labels.boundary_uncertainty_s
    states = dict(second.zones)
    for name, present in zones.items():
        is_there = any(during.holds(middle) for during in present)
        sure = not _changes(present, second.t, slack, length)
        states[name] = ZoneState(state=PRESENT if is_there else ABSENT, sure=sure)
    filled: dict[str, object] = {"zones": states}
    if count is not None:
        filled["persons"] = sum(during.holds(middle) for during in count)
        filled["sure"] = second.sure and not _changes(count, second.t, slack, length)
    return second.model_copy(update=filled)


def _changes(intervals: Iterable[During], t: float, slack: float, length: float) -> bool:
    edges = [edge for during in intervals for edge in (during.start, during.end) if edge is not None]
    return any(0 < edge < length and t - slack <= edge <= t + 1 + slack for edge in edges)


def _length(labels: ClipLabels, intervals: Iterable[During]) -> float:
    """How long the clip is, as far as the labels tell."""
    if labels.duration_s is not None:
        return labels.duration_s
    ends = [during.end if during.end is not None else during.start for during in intervals]
    return max([*ends, *(second.t + 1 for second in labels.per_second)], default=0.0)
