"""The rules about cameras: each of them, or its hall where many are out together.

What is wrong with one camera, and since when, says the module of each kind as `causes`. Here it becomes
verdicts: a camera that is out for longer than its limit is told of by exactly one alert, its own or its
hall's. While the hall's stands, the camera's own is not opened, and one that stood ends; when it is over,
who is still out is told of again, with its true beginning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts import equipment_reasons as reasons
from alerts.facts import Facts, HallOutage, Outage
from alerts.rules import audio_fault, camera_fault, detector_stale, recording_gap
from alerts.rules.attendance import earliest
from alerts.rules.faults import named_fault
from alerts.rules.past import Finished
from alerts.rules.together import Cause, Stretches, Together, stretches
from hall.finding import Standing, Verdict
from hall.interval import Interval, uncovered
from hall.names import CameraId
from hall.rule import AudioFaultRule, CameraFaultRule, DetectorStaleRule, RecordingGapRule

RULES = (CameraFaultRule, AudioFaultRule, RecordingGapRule, DetectorStaleRule)
EquipmentKind = CameraFaultRule | AudioFaultRule | RecordingGapRule | DetectorStaleRule


def applies(facts: Facts) -> bool:
    """True when rules about cameras are about such a subject."""
    return isinstance(facts, Outage | HallOutage)


def judge(facts: Facts, at: datetime, rule: EquipmentKind) -> Verdict:
    """Judge one camera, or all cameras of a hall, at one moment. Raises TypeError for other subjects.

    FOUND while it is out for longer than the limit and nobody else tells of it.
    """
    if isinstance(facts, HallOutage):
        return _judge_hall(facts, at, rule)
    if not isinstance(facts, Outage):
        raise TypeError(f"{rule.kind} is no rule about a {type(facts).__name__}")
    if not facts.camera.record:
        return Verdict(Standing.CLEAR, reasons.not_recorded(facts, rule))
    cause = next((each for each in _causes(facts, at, rule) if each.interval.contains(at)), None)
    if cause is None:
        return Verdict(Standing.CLEAR, reasons.well(facts, rule))
    hall = _together(_among(facts), at, rule)
    due = _ahead(at, cause.turns, cause.reached, cause.counts_from, cause.interval.end, hall.due)
    if not _has_reached(cause, at):
        return Verdict(Standing.CLEAR, reasons.begins(facts, cause, at, rule), due=due)
    if hall.standing is not None and hall.standing.tells(at):
        return Verdict(Standing.CLEAR, reasons.told_with_hall(facts, rule), due=due)
    fault, changes = named_fault(cause, at, rule.limit_of)
    return Verdict(
        Standing.FOUND,
        reasons.found(facts, cause, fault, at, rule),
        since=cause.interval.start,
        due=_ahead(at, due, changes),
        reached_at=_told_from(cause, hall.found),
    )


def ending(facts: Facts, since: datetime, at: datetime, rule: EquipmentKind) -> Verdict | None:
    """How what was found to begin at `since` ended, or None while it lasts. Raises TypeError as `judge` does.

    A camera's own finding ends, too, when the hall's takes over, and goes on after that. It is taken back
    where facts that came late say that the hall's alert told of all of it.
    """
    if isinstance(facts, HallOutage):
        return _ending_of_hall(facts, since, at, rule)
    if not isinstance(facts, Outage):
        raise TypeError(f"{rule.kind} is no rule about a {type(facts).__name__}")
    cause = next((each for each in _causes(facts, at, rule) if _holds(each.interval, since)), None)
    if cause is None:
        is_stale = isinstance(rule, DetectorStaleRule)
        gone = detector_stale.ended_at(facts, since, at) if is_stale else since
        return Verdict(Standing.CLEAR, reasons.ended(facts, None, since, gone, rule), ended_at=gone)
    end = cause.interval.end if cause.interval.end is not None and cause.interval.end <= at else None
    halls = _together(_among(facts), at, rule)
    is_taken = halls.standing is not None and halls.standing.tells(at)
    if end is None and not is_taken:
        return None
    if not _has_reached(cause, at):
        over = end or (halls.standing.found if halls.standing is not None else since)
    elif (told := _told(cause, halls.found, at)) and (told[-1].end is None or told[-1].end > since):
        over = told[-1].end or at
    else:
        return Verdict(Standing.CLEAR, reasons.was_told_with_hall(facts, since, rule), ended_at=since)
    if over == end:
        return Verdict(Standing.CLEAR, reasons.ended(facts, cause, since, end, rule), ended_at=end)
    return Verdict(Standing.CLEAR, reasons.goes_on_with_hall(facts, since, rule), ended_at=max(since, over))


def finished(facts: Facts, after: datetime, at: datetime, rule: EquipmentKind) -> Iterator[Finished]:
    """What had reached its limit and ended after `after`, in order. Raises TypeError as `judge` does."""
    if isinstance(rule, DetectorStaleRule):
        return  # how far analysis was before is not kept
    if isinstance(facts, HallOutage):
        yield from _finished_of_hall(facts, after, at, rule)
        return
    if not isinstance(facts, Outage):
        raise TypeError(f"{rule.kind} is no rule about a {type(facts).__name__}")
    if not facts.camera.record:
        return
    hall: Stretches | None = None
    for cause in _causes(facts, at, rule):
        since, end = cause.interval.start, cause.interval.end
        if not _has_reached(cause, at) or (end is not None and end <= after):
            continue
        hall = hall or _together(_among(facts), at, rule)
        told = _told(cause, hall.found, at)
        if not told or told[-1].end is None or told[-1].end <= after:
            continue
        found_at, over = told[0].start, told[-1].end
        fault = named_fault(cause, over, rule.limit_of)[0]
        reason = reasons.found(facts, cause, fault, found_at, rule)
        ended = (
            reasons.ended(facts, cause, since, over, rule)
            if over == end
            else reasons.goes_on_with_hall(facts, since, rule)
        )
        yield Finished(
            Verdict(Standing.FOUND, reason, since=since, reached_at=found_at),
            Verdict(Standing.CLEAR, ended, ended_at=over),
        )


def _judge_hall(facts: HallOutage, at: datetime, rule: EquipmentKind) -> Verdict:
    hall = _together(facts, at, rule)
    due = hall.due
    if hall.standing is None:
        return Verdict(Standing.CLEAR, reasons.hall_well(facts, rule), due=due)
    return Verdict(
        Standing.FOUND,
        reasons.hall_found(facts, _taking_part(facts.all_cameras, at, rule), hall.standing, at, rule),
        since=hall.standing.start,
        due=due,
        reached_at=hall.standing.found,
        cameras=_in_order(facts, hall.standing),
    )


def _ending_of_hall(facts: HallOutage, since: datetime, at: datetime, rule: EquipmentKind) -> Verdict | None:
    hall = _together(facts, at, rule)
    stretch = next((each for each in hall.found if _holds(Interval(each.start, each.end), since)), None)
    if stretch is not None and stretch.end is None:
        return None
    end = stretch.end if stretch is not None else None
    if end is None:
        end = at if isinstance(rule, DetectorStaleRule) else since
    if stretch is None and not isinstance(rule, DetectorStaleRule):
        return Verdict(Standing.CLEAR, reasons.hall_never_was(facts, since, rule), ended_at=end)
    left = _out(facts.all_cameras, at, rule)
    return Verdict(Standing.CLEAR, reasons.hall_ended(facts, since, end, left, rule), ended_at=end)


def _finished_of_hall(
    facts: HallOutage, after: datetime, at: datetime, rule: EquipmentKind
) -> Iterator[Finished]:
    part = _taking_part(facts.all_cameras, at, rule)
    for stretch in _together(facts, at, rule).found:
        if stretch.end is None or stretch.end <= max(after, stretch.found):
            continue
        found = reasons.hall_found(facts, part, stretch, stretch.found, rule)
        ended = reasons.hall_ended(facts, stretch.start, stretch.end, (), rule)
        yield Finished(
            Verdict(
                Standing.FOUND,
                found,
                since=stretch.start,
                reached_at=stretch.found,
                cameras=_in_order(facts, stretch),
            ),
            Verdict(Standing.CLEAR, ended, ended_at=stretch.end),
        )


def _causes(outage: Outage, at: datetime, rule: EquipmentKind) -> list[Cause]:
    match rule:
        case CameraFaultRule():
            return camera_fault.causes(outage, at, rule)
        case AudioFaultRule():
            return audio_fault.causes(outage, at, rule)
        case RecordingGapRule():
            return recording_gap.causes(outage, at, rule)
        case DetectorStaleRule():
            return detector_stale.causes(outage, at, rule)


def _taking_part(cameras: Sequence[Outage], at: datetime, rule: EquipmentKind) -> list[Outage]:
    """The cameras that the rule is about at `at`."""
    recorded = [outage for outage in cameras if outage.camera.record]
    if isinstance(rule, AudioFaultRule):
        return [outage for outage in recorded if audio_fault.has_sound(outage)]
    if isinstance(rule, DetectorStaleRule):
        return [outage for outage in recorded if detector_stale.takes_part(outage, at)]
    return recorded


def _among(outage: Outage) -> HallOutage:
    """All cameras of a camera's hall."""
    return outage.among or HallOutage(outage.hall, (outage,))


def _together(facts: HallOutage, at: datetime, rule: EquipmentKind) -> Stretches:
    """What the cameras of a hall make together: worked out once, however many of them are judged."""
    known = facts.worked_out.get((id(rule), at))
    if isinstance(known, _WorkedOut) and known.rule is rule:
        return known.stretches
    worked_out = _WorkedOut(rule, _stretches(facts, at, rule))
    facts.worked_out[id(rule), at] = worked_out
    return worked_out.stretches


@dataclass(frozen=True, slots=True)
class _WorkedOut:
    """What follows for a hall under a rule, which is held so that no other takes its place."""

    rule: EquipmentKind
    stretches: Stretches


def _stretches(facts: HallOutage, at: datetime, rule: EquipmentKind) -> Stretches:
    carried = None
    cameras = facts.all_cameras
    if isinstance(rule, DetectorStaleRule) and cameras and (known := cameras[0].unexamined) is not None:
        carried = next((each for each in known.carried if each.rule == rule.id), None)
    causes: dict[CameraId, list[Cause]] = {
        outage.camera.id: _causes(outage, at, rule) for outage in _taking_part(cameras, at, rule)
    }
    return stretches(causes, at, rule, carried)


def _out(cameras: Sequence[Outage], at: datetime, rule: EquipmentKind) -> tuple[Outage, ...]:
    """The cameras that are out at `at` for longer than their limit."""
    return tuple(
        outage
        for outage in _taking_part(cameras, at, rule)
        if any(cause.interval.contains(at) and _has_reached(cause, at) for cause in _causes(outage, at, rule))
    )


def _has_reached(cause: Cause, at: datetime) -> bool:
    """Whether a cause had reached its limit by `at`, and before it ended."""
    end = cause.interval.end
    return cause.reached is not None and cause.reached <= at and (end is None or cause.reached < end)


def _told(cause: Cause, halls: Sequence[Together], at: datetime) -> list[Interval]:
    """When a cause was told of as the camera's own, in order; open at the end where it still is at `at`."""
    assert cause.reached is not None
    end = cause.interval.end
    until = end if end is not None and end <= at else at
    by_hall = [Interval(each.found, each.end) for each in halls if each.found <= at]
    parts = uncovered(Interval(cause.reached, max(until, cause.reached)), by_hall)
    if until != end and parts and parts[-1].end == until:
        return [*parts[:-1], Interval(parts[-1].start)]
    return parts


def _told_from(cause: Cause, halls: Sequence[Together]) -> datetime | None:
    """Since when a cause that stands is told of as the camera's own: its limit, or the end of the hall's."""
    moments = [cause.reached, *(each.end for each in halls)]
    return max((moment for moment in moments if moment is not None), default=None)


def _holds(interval: Interval, since: datetime) -> bool:
    return interval.start <= since and (interval.end is None or since < interval.end)


def _in_order(facts: HallOutage, stretch: Together) -> tuple[CameraId, ...]:
    return tuple(outage.camera.id for outage in facts.all_cameras if outage.camera.id in stretch.named)


def _ahead(at: datetime, *moments: datetime | None) -> datetime | None:
    return earliest(*(moment for moment in moments if moment is not None and moment > at))
