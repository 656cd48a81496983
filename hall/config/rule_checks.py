"""What must hold of rules: limits that do not contradict each other, ladders that rise, known scopes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from hall.finding import Severity
from hall.place import Camera, ZoneRole
from hall.queueing import Step
from hall.rule import (
    CrowdingRule,
    GradedRule,
    OverdueStepRule,
    Raise,
    Rule,
    RuleBase,
    Scope,
    ScopeKey,
    UnattendedCustomerRule,
)
from hall.schedule import Schedule

if TYPE_CHECKING:
    from hall.config.settings import HallSettings

Path: TypeAlias = tuple[str | int, ...]
Fault: TypeAlias = tuple[Path, str]

SEVERITIES = tuple(Severity)


def rule_faults(rules: Sequence[Rule], path: Path) -> Iterator[Fault]:
    """What is wrong with rules by themselves, whatever hall they are for."""
    ids = [rule.id for rule in rules]
    for place, rule in enumerate(rules):
        where = (*path, place)
        if rule.id in ids[:place]:
            yield (*where, "id"), f"'{rule.id}' stands here for the second time"
        yield from _limit_faults(rule, where)
        if isinstance(rule, GradedRule):
            yield from _ladder_faults(rule, (*where, "raises"))
        if rule.schedule is not None:
            yield from schedule_faults(rule.schedule, (*where, "schedule"))
        for key, scope in _scopes(rule):
            yield from _key_faults(rule, scope, (*where, key))


def hall_rule_faults(hall: HallSettings, rules: Sequence[Rule], path: Path) -> Iterator[Fault]:
    """What rules name and a hall has not, and what leaves nothing there."""
    known: dict[ScopeKey, frozenset[str]] = {
        "units": frozenset(unit.id for unit in hall.units),
        "windows": frozenset(window.id for window in hall.windows),
        "items": frozenset(item.id for item in hall.items),
        "steps": frozenset(Step),
        "cameras": frozenset(camera.id for camera in hall.cameras),
    }
    counting = frozenset(camera.id for camera in hall.cameras if _counts(camera))
    for place, rule in enumerate(rules):
        where = (*path, place)
        unknown = [
            ((*where, member, key, number), f"there is no {key[:-1]} '{name}' in this hall")
            for member, scope in _scopes(rule)
            for key in scope.keys
            for number, name in enumerate(getattr(scope, key))
            if name not in known[key]
        ]
        yield from unknown
        if isinstance(rule, CrowdingRule):
            yield from _uncounted(rule, counting, where)
        if not unknown and not _leaves_something(rule, hall, counting):
            member = "scope" if rule.exempt is None else "exempt"
            yield (*where, member), "leaves nothing in this hall that the rule could be about"


def uncounted_faults(hall: HallSettings, path: Path) -> Iterator[Fault]:
    """Rules about crowds in a hall that counts nobody."""
    if any(_counts(camera) for camera in hall.cameras):
        return
    for place, rule in enumerate(hall.rules):
        if isinstance(rule, CrowdingRule):
            yield (*path, place, "kind"), "nobody is counted: no camera of this hall has a waiting zone"


def schedule_faults(schedule: Schedule, path: Path) -> Iterator[Fault]:
    """A schedule that never opens."""
    if schedule.ever_opens:
        return
    missing = "hours" if schedule.days else "days"
    yield (*path, missing), "it would never open: name days and hours, or exceptions with hours"


def _limit_faults(rule: Rule, path: Path) -> Iterator[Fault]:
    if isinstance(rule, UnattendedCustomerRule) and rule.gap_seconds >= rule.limit_seconds:
        yield (
            (*path, "gap_seconds"),
            f"is not below limit_seconds, which is {rule.limit_seconds:g}: nobody need stand there at all",
        )
    if isinstance(rule, CrowdingRule):
        if rule.calm_people is not None and rule.calm_people > rule.limit_people:
            yield (*path, "calm_people"), f"is above limit_people, which is {rule.limit_people}"
        if rule.cameras and rule.scope.cameras:
            yield (*path, "scope", "cameras"), "the cameras are named here or under cameras, not both"


def _ladder_faults(rule: GradedRule, path: Path) -> Iterator[Fault]:
    """Steps of time and of size each rise for themselves."""
    placed = list(enumerate(rule.raises))
    timed = [(place, each) for place, each in placed if each.after_seconds is not None]
    sized = [(place, each) for place, each in placed if each.people is not None]
    longest = _longest_limit(rule)
    if timed and (timed[0][1].after_seconds or 0) <= longest:
        yield (*path, timed[0][0], "after_seconds"), f"is not above the limit, which is {longest:g} s"
    if sized and not rule.counts_people:
        yield (*path, sized[0][0], "people"), "this kind of rule counts nobody: use after_seconds"
    elif sized and isinstance(rule, CrowdingRule) and (sized[0][1].people or 0) <= rule.limit_people:
        yield (*path, sized[0][0], "people"), f"is not above limit_people, which is {rule.limit_people}"
    for steps, measure in ((timed, "after_seconds"), (sized, "people")):
        if steps and not _is_above(steps[0][1].severity, rule.severity):
            yield (*path, steps[0][0], "severity"), f"is not above the rule's own, which is {rule.severity}"
        for (_, before), (place, each) in pairwise(steps):
            if _measure(each) <= _measure(before):
                yield (*path, place, measure), "is not above that of the step before: write them in order"
            if not _is_above(each.severity, before.severity):
                yield (*path, place, "severity"), f"is not above {before.severity}, that of the step before"


def _longest_limit(rule: GradedRule) -> float:
    """The longest of a rule's limits in seconds."""
    limits = [float(getattr(rule, "limit_seconds", 0))]
    if isinstance(rule, OverdueStepRule):
        limits += [*rule.steps.values(), *(each for steps in rule.items.values() for each in steps.values())]
    return max(limits)


def _measure(step: Raise) -> float:
    return step.after_seconds if step.after_seconds is not None else float(step.people or 0)


def _is_above(severity: Severity, other: Severity) -> bool:
    return SEVERITIES.index(severity) > SEVERITIES.index(other)


def _scopes(rule: RuleBase) -> list[tuple[str, Scope]]:
    return [("scope", rule.scope), *([("exempt", rule.exempt)] if rule.exempt is not None else [])]


def _key_faults(rule: Rule, scope: Scope, path: Path) -> Iterator[Fault]:
    if path[-1] == "exempt" and not scope.keys:
        yield path, "exempts everything: name what is exempt, or leave it out"
    for key in scope.keys:
        names = getattr(scope, key)
        if key not in rule.scoped_by:
            about = f"knows {', '.join(rule.scoped_by)} only" if rule.scoped_by else "is about the whole hall"
            yield (*path, key), f"a rule of the kind {rule.kind} {about}"
        for number, name in enumerate(names):
            if name in names[:number]:
                yield (*path, key, number), f"'{name}' stands here for the second time"


def _uncounted(rule: CrowdingRule, counting: frozenset[str], path: Path) -> Iterator[Fault]:
    named = (((*path, "cameras"), rule.cameras), ((*path, "scope", "cameras"), rule.scope.cameras))
    for where, cameras in named:
        for number, camera in enumerate(cameras):
            if camera not in counting:
                yield (*where, number), f"no camera '{camera}' here has a waiting zone"


def _counts(camera: Camera) -> bool:
    return any(zone.role is ZoneRole.WAITING for zone in camera.zones)


def _leaves_something(rule: Rule, hall: HallSettings, counting: frozenset[str]) -> bool:
    """False when no place, item and step of the hall is in the rule's scope and not exempt.

    Items are open: queue systems name some that the hall does not list, so what exempts some never exempts
    all unless the scope names these alone.
    """
    exempt = rule.exempt
    places = _places(rule, hall, counting)
    place_keys: tuple[ScopeKey, ...] = ("units", "windows", "cameras")
    in_scope = [names for names in places if _covers(rule.scope, names, place_keys)]
    if places and not in_scope:
        return False
    if exempt is None or not exempt.keys:
        return True
    places_left = any(not _covers(exempt, names, place_keys) for names in in_scope)
    items_left = bool(exempt.items) and not (rule.scope.items and set(rule.scope.items) <= set(exempt.items))
    steps_left = bool(exempt.steps) and not set(rule.scope.steps or Step) <= set(exempt.steps)
    return places_left or items_left or steps_left


def _places(rule: Rule, hall: HallSettings, counting: frozenset[str]) -> list[dict[ScopeKey, frozenset[str]]]:
    """What a scope may call each window, or, of a rule about cameras, each camera of the hall."""
    if "windows" in rule.scoped_by:
        return [
            {
                "windows": frozenset({window.id}),
                "units": frozenset({window.unit}),
                "cameras": frozenset(hall.cameras_of(window.id)),
            }
            for window in hall.windows
        ]
    if "cameras" not in rule.scoped_by:
        return []
    cameras = [camera.id for camera in hall.cameras]
    counted = [camera for camera in cameras if camera in counting]
    return [
        {"cameras": frozenset({camera})}
        for camera in (counted if isinstance(rule, CrowdingRule) else cameras)
    ]


def _covers(scope: Scope, names: dict[ScopeKey, frozenset[str]], keys: tuple[ScopeKey, ...]) -> bool:
    """Whether a scope covers a place, as far as places go."""
    return all(scope.of(key) & names.get(key, frozenset()) for key in scope.keys if key in keys)
