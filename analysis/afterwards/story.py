"""Observations over a closed time as intervals: put together as the store does, cut, joined, and compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise

from hall.interval import Interval
from hall.names import CameraId, ZoneId
from hall.observing import UNKNOWN, Observation, ObservationKind

Subject = tuple[CameraId, ZoneId | None, ObservationKind]
"""What one story is about."""
LEVELS = (ObservationKind.LEVEL, ObservationKind.MINUTE_LEVEL)
LEVEL_TOLERANCE = 3.0
"""dB by which two statements of a level may differ and say the same: it is stated at such changes."""


def subject(observation: Observation) -> Subject:
    """What an observation is about."""
    return observation.camera, observation.zone, observation.kind


@dataclass(slots=True)
class Story:
    """Takes observations in the order in which they are made; each takes over from the one before."""

    _told: dict[Subject, list[Observation]] = field(default_factory=dict)

    def tell(self, observations: Iterable[Observation]) -> None:
        """As store.observing.change: a start before the one before is moved up to it."""
        for observation in observations:
            told = self._told.setdefault(subject(observation), [])
            start = observation.interval.start
            if told:
                start = max(start, told[-1].interval.start)
                told[-1] = replace(told[-1], interval=told[-1].interval.closed(start))
            told.append(replace(observation, interval=Interval(start)))

    def within(self, whole: Interval) -> list[Observation]:
        """What was told of a closed time; what is open ends with it, and what has no length is left out."""
        return [cut for told in self._told.values() for cut in cut_to(told, whole)]


def cut_to(observations: Iterable[Observation], whole: Interval) -> Iterator[Observation]:
    """The parts of observations that lie in a closed time."""
    for observation in observations:
        inside = observation.interval.intersection(whole)
        if inside is not None and inside.duration() > timedelta(0):
            yield replace(observation, interval=inside)


def joined(pieces: Iterable[Observation]) -> list[Observation]:
    """Observations of times that follow one another, equal neighbours as one; by subject, in order."""
    done: list[Observation] = []
    for observation in sorted(pieces, key=_order):
        last = done[-1] if done else None
        if last is not None and _continues(last, observation):
            done[-1] = replace(last, interval=Interval(last.interval.start, observation.interval.end))
        else:
            done.append(observation)
    return done


@dataclass(frozen=True, slots=True)
class Difference:
    """A time over which two accounts of a subject differ; None: nothing is told."""

    about: Subject
    interval: Interval
    stands: str | None
    afterwards: str | None


@dataclass(slots=True)
class Agreement:
    """Seconds of one subject: told alike, told differently, and known to one of the two accounts only."""

    about: Subject
    alike: float = 0.0
    different: float = 0.0
    only_stands: float = 0.0
    only_afterwards: float = 0.0
    unknown: float = 0.0
    differences: list[Difference] = field(default_factory=list)


def compare(
    stands: Iterable[Observation], afterwards: Iterable[Observation], whole: Interval
) -> list[Agreement]:
    """How two accounts of a closed time agree, by subject. Pure."""
    first, second = _by_subject(stands, whole), _by_subject(afterwards, whole)
    return [
        _agreement(about, first.get(about, []), second.get(about, []), whole)
        for about in sorted(first.keys() | second.keys(), key=_key)
    ]


def _agreement(
    about: Subject, stands: list[Observation], afterwards: list[Observation], whole: Interval
) -> Agreement:
    done = Agreement(about)
    edges = sorted(
        {
            edge
            for one in (*stands, *afterwards)
            for edge in (one.interval.start, one.interval.end)
            if edge is not None
        }
        | ({whole.start, whole.end} if whole.end is not None else set())
    )
    for start, end in pairwise(edges):
        one, other = _at(stands, start), _at(afterwards, start)
        seconds = (end - start).total_seconds()
        knows, knows_too = _known(one), _known(other)
        if not knows and not knows_too:
            done.unknown += seconds
            continue
        if knows and knows_too and one is not None and other is not None and _alike(one, other):
            done.alike += seconds
            continue
        if knows and knows_too:
            done.different += seconds
        elif knows:
            done.only_stands += seconds
        else:
            done.only_afterwards += seconds
        _differ(done, Difference(about, Interval(start, end), _words(one), _words(other)))
    return done


def _differ(done: Agreement, difference: Difference) -> None:
    last = done.differences[-1] if done.differences else None
    goes_on = (
        last is not None
        and last.interval.end == difference.interval.start
        and (last.stands, last.afterwards) == (difference.stands, difference.afterwards)
    )
    if last is not None and goes_on:
        done.differences[-1] = replace(last, interval=last.interval.closed(_end(difference)))
    else:
        done.differences.append(difference)


def _end(difference: Difference) -> datetime:
    return difference.interval.end or difference.interval.start


def _by_subject(observations: Iterable[Observation], whole: Interval) -> dict[Subject, list[Observation]]:
    found: dict[Subject, list[Observation]] = {}
    for observation in cut_to(observations, whole):
        found.setdefault(subject(observation), []).append(observation)
    return {about: sorted(told, key=_order) for about, told in found.items()}


def _at(told: list[Observation], moment: datetime) -> Observation | None:
    return next((one for one in told if one.interval.contains(moment)), None)


def _known(observation: Observation | None) -> bool:
    return observation is not None and observation.state != UNKNOWN


def _alike(one: Observation, other: Observation) -> bool:
    if one.state != other.state:
        return False
    if one.kind in LEVELS and one.measure is not None and other.measure is not None:
        return abs(one.measure - other.measure) <= LEVEL_TOLERANCE
    return one.kind is not ObservationKind.PEOPLE or one.measure == other.measure


def _words(observation: Observation | None) -> str | None:
    if observation is None:
        return None
    if observation.measure is None:
        return observation.state
    return f"{observation.state} {observation.measure:g}"


def _continues(last: Observation, observation: Observation) -> bool:
    """What is unknown is so whoever does not know it: a judge says its full name only once it has judged."""
    return (
        subject(last) == subject(observation)
        and last.interval.end == observation.interval.start
        and (last.state, last.measure) == (observation.state, observation.measure)
        and (last.source == observation.source or last.state == UNKNOWN)
    )


def _order(observation: Observation) -> tuple[tuple[str, str, str], datetime]:
    return _key(subject(observation)), observation.interval.start


def _key(about: Subject) -> tuple[str, str, str]:
    camera, zone, kind = about
    return camera, zone or "", kind.value
