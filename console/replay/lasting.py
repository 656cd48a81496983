"""How long states lasted within each hour or day of a timeline: pure, from sums and what goes on still."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from store.lasting import Part, parts_of

Key = tuple[str, str, str, str, str]
"""Kind, window, camera, zone and state; empty where it is of none."""


@dataclass(frozen=True, slots=True)
class Steps:
    """Hours or days in a row: the beginning of the first, the length of each in microseconds, how many."""

    first_us: int
    unit_us: int
    count: int

    @property
    def until_us(self) -> int:
        """The end of the last."""
        return self.first_us + self.unit_us * self.count


def steps_within(first_us: int, until_us: int, unit_us: int) -> Steps:
    """The whole hours or days that a time reaches into."""
    start = first_us // unit_us * unit_us
    return Steps(start, unit_us, max(1, -(-(until_us - start) // unit_us)))


@dataclass(slots=True)
class Series:
    """One state, step by step: how long it lasted, and of sound levels their power and the highest in dB."""

    lasting_us: list[int]
    energy: list[float]
    highest: list[float | None] = field(default_factory=list)

    def mean(self) -> list[float | None]:
        """The level of each step in dB: that of a steady sound of the same power (IEC 61672-1, LAeq)."""
        both = zip(self.energy, self.lasting_us, strict=True)
        return [10 * math.log10(power / lasts) if power > 0 and lasts > 0 else None for power, lasts in both]


def series_of(parts: Iterable[Part], steps: Steps) -> dict[Key, Series]:
    """The sums by what they are about, in order; parts of the same are added up."""
    found: dict[Key, Series] = {}
    for part in parts:
        place = (part.start_us - steps.first_us) // steps.unit_us
        if not 0 <= place < steps.count:
            continue
        key = part.kind, part.window, part.camera, part.zone, part.state
        series = found.get(key)
        if series is None:
            empty: list[float | None] = [None] * steps.count
            series = found[key] = Series([0] * steps.count, [0.0] * steps.count, empty)
        series.lasting_us[place] += part.lasting_us
        series.energy[place] += part.energy
        levels = [one for one in (series.highest[place], part.highest) if one is not None]
        series.highest[place] = max(levels, default=None)
    return dict(sorted(found.items()))


def going_on(of: Part, until_us: int, steps: Steps) -> list[Part]:
    """The parts of what has no end yet and began where `of` does, as far as it is known to have lasted."""
    first_us = max(of.start_us, steps.first_us)
    return [
        replace(of, start_us=start, lasting_us=lasts)
        for start, lasts in parts_of(first_us, min(until_us, steps.until_us), steps.unit_us)
    ]
