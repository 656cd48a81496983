"""The comparison of two accounts, as lines for people and as one JSON object for scripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from analysis.afterwards.piece import Done
from analysis.afterwards.story import Agreement, Difference
from hall.interval import Interval
from hall.journal import Json
from hall.names import CameraId
from hall.observing import Observation
from hall.wire import to_wire
from hallwatch.afterwards.plan import Stretch

HEADER = ("camera", "zone", "kind", "alike", "different", "only then", "only now")
MOST_DIFFERENCES = 20
"""So many are printed, the longest first; `--json` has them all."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was said of a closed time when it was recorded, beside what is said of it now."""

    whole: Interval
    observations: Sequence[Observation]
    agreements: Sequence[Agreement]
    recorded: dict[CameraId, float]
    """Seconds of recording that each camera has in that time."""
    pictures: int
    damaged: int
    unreadable: Sequence[str]


def comparison(
    whole: Interval,
    stretches: Sequence[Stretch],
    done: Iterable[Done],
    observations: Sequence[Observation],
    agreements: Sequence[Agreement],
) -> Comparison:
    """Put together from the stretches and what each gave."""
    results = list(done)
    return Comparison(
        whole,
        observations,
        agreements,
        recorded_seconds(stretches),
        sum(one.pictures for one in results),
        sum(one.damaged for one in results),
        sorted({why for one in results for why in one.unreadable}),
    )


def recorded_seconds(stretches: Iterable[Stretch]) -> dict[CameraId, float]:
    """How much of its time each camera was recorded; what is read around a stretch does not count."""
    found: dict[CameraId, float] = {}
    for stretch in stretches:
        inside = [segment.interval.intersection(stretch.whole) for segment in stretch.segments]
        seconds = sum(
            (part.end - part.start).total_seconds()
            for part in inside
            if part is not None and part.end is not None
        )
        found[stretch.camera.id] = found.get(stretch.camera.id, 0.0) + seconds
    return found


def lines(told: Comparison, zone: ZoneInfo) -> Iterator[str]:
    """For people: the seconds by camera, zone and kind, and where the two accounts contradict each other."""
    length = told.whole.duration(told.whole.start).total_seconds()
    for camera, seconds in told.recorded.items():
        yield f"{camera}: recorded for {seconds:.0f} of {length:.0f} s"
    yield f"{told.pictures} pictures examined, {told.damaged} pictures or batches of sound damaged"
    yield ""
    yield "Seconds told alike, told differently, and known then (when recorded) or now only:"
    yield from _table([HEADER, *(_row(one) for one in told.agreements)])
    differences = [(one, each) for one in told.agreements for each in one.differences if _contradicts(each)]
    if not differences:
        return
    differences.sort(key=lambda each: -_seconds(each[1]))
    yield ""
    yield "Told differently, the longest first:"
    yield from _table(
        [("camera", "zone", "kind", "from", "to", "then", "now")]
        + [_contradiction(one, each, zone) for one, each in differences[:MOST_DIFFERENCES]]
    )
    if len(differences) > MOST_DIFFERENCES:
        yield f"… and {len(differences) - MOST_DIFFERENCES} shorter ones: --json tells all"


def as_json(told: Comparison) -> dict[str, Json]:
    """For scripts: everything, times in UTC."""
    return {
        "start": told.whole.start.isoformat(),
        "end": _iso(told.whole.end),
        "recorded": {str(camera): round(seconds, 3) for camera, seconds in told.recorded.items()},
        "observations": [to_wire(one) for one in told.observations],
        "agreement": [_agreement(one) for one in told.agreements],
        "pictures": told.pictures,
        "damaged": told.damaged,
        "unreadable": list[Json](told.unreadable),
    }


def _row(one: Agreement) -> tuple[str, ...]:
    camera, zone, kind = one.about
    seconds = (one.alike, one.different, one.only_stands, one.only_afterwards)
    return (camera, zone or "–", kind.value, *(f"{each:.1f}" for each in seconds))


def _contradiction(one: Agreement, difference: Difference, zone: ZoneInfo) -> tuple[str, ...]:
    camera, place, kind = one.about
    start = difference.interval.start.astimezone(zone)
    end = (difference.interval.end or difference.interval.start).astimezone(zone)
    return (
        camera,
        place or "–",
        kind.value,
        f"{start:%Y-%m-%d %H:%M:%S}",
        f"{end:%H:%M:%S}" if end.date() == start.date() else f"{end:%Y-%m-%d %H:%M:%S}",
        difference.stands or "nothing",
        difference.afterwards or "nothing",
    )


def _contradicts(difference: Difference) -> bool:
    """True when both accounts know, and say something else."""
    return all(
        said is not None and said.split()[0] != "unknown"
        for said in (difference.stands, difference.afterwards)
    )


def _seconds(difference: Difference) -> float:
    return difference.interval.duration(difference.interval.start).total_seconds()


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(map(str.ljust, row, widths)).rstrip()


def _agreement(agreement: Agreement) -> dict[str, Json]:
    camera, zone, kind = agreement.about
    return {
        "camera": camera,
        "zone": zone,
        "kind": kind.value,
        "alike": round(agreement.alike, 3),
        "different": round(agreement.different, 3),
        "only_stands": round(agreement.only_stands, 3),
        "only_afterwards": round(agreement.only_afterwards, 3),
        "unknown": round(agreement.unknown, 3),
        "differences": [
            {
                "start": one.interval.start.isoformat(),
                "end": _iso(one.interval.end),
                "stands": one.stands,
                "afterwards": one.afterwards,
            }
            for one in agreement.differences
        ],
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
